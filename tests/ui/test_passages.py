"""What the model read is shown under its card; whoever runs the app names the folder of texts."""

import dataclasses
import os
from pathlib import Path

import gradio as gr
import pytest

from calm.asking.ask import ask
from calm.asking.asked import Asked
from calm.asking.store import asked_id, from_line, to_line
from calm.config import SamplingConfig
from calm.errors import CalmError
from calm.exchange.check import check_asked
from calm.questions.passages import TextFolder
from calm.reading import Passage
from tests.fakes import FakeModel
from ui.asking.cards import answer_cards
from ui.asking.form import order_for, question_form, read_form
from ui.asking.texts import check_texts
from ui.study.given import given_plan

VALUES = {
    "text": "What is a spider?",
    "choices": "a\nb",
    "language": "en",
    "languages": ["en"],
    "num_samples": 1,
    "temperature": 0.0,
    "max_new_tokens": 8,
    "seed": 0,
    "translate_online": False,
    "filled": "",
}


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "spiders.en.txt").write_text("A spider is <b>no</b> insect.", encoding="utf-8")
    monkeypatch.setenv("CALM_CONTEXT", str(tmp_path))
    return tmp_path


def asked(passages: bool = True) -> Asked:
    order = read_form({**VALUES, "with_passages": passages})
    return ask(FakeModel(), order, translators=[])


def test_a_question_is_asked_behind_its_passage_which_its_card_folds_away(
    texts: Path, calm_home: Path
) -> None:
    seen = asked()
    assert "Passage: A spider is <b>no</b> insect.\nQuestion: What" in seen.prompts[0]
    card = str(answer_cards(seen))
    assert '<details class="passages"><summary>What the model read before answering' in card
    assert "&lt;b&gt;no&lt;/b&gt;" in card and "<b>no" not in card
    assert "spiders.en.txt" in card and str(texts) not in card


def test_it_is_asked_without_where_nobody_wants_it_or_there_is_no_folder(
    texts: Path, calm_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = asked(passages=False)
    assert without.passages == () and "Passage:" not in without.prompts[0]
    assert "passages" not in str(answer_cards(without))
    monkeypatch.delenv("CALM_CONTEXT")
    assert asked() == without


@pytest.mark.parametrize("told", ["", "folder"])
def test_the_box_is_seen_where_the_app_has_texts(
    told: str, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALM_CONTEXT", str(texts) if told else "")
    with gr.Blocks():
        assert question_form("ask", "Ask").with_passages.visible == bool(told)


def test_what_was_read_is_kept_and_old_links_stay(texts: Path, calm_home: Path) -> None:
    seen = asked()
    again = from_line(to_line(seen))
    assert (again, asked_id(again)) == (seen, asked_id(seen))
    assert asked_id(dataclasses.replace(seen, passages=())) != asked_id(seen)
    check_asked(seen)
    with pytest.raises(CalmError):
        check_asked(
            dataclasses.replace(seen, passages=(Passage("q", "xx", 1, "a", "en", "f", 1.0),))
        )


def test_every_version_of_a_known_question_is_looked_up(texts: Path, calm_home: Path) -> None:
    (texts / "de").mkdir()
    (texts / "de" / "a.txt").write_text("Der Fluss Nil fließt durch Afrika.", encoding="utf-8")
    order = order_for("Fluss?", ("Nil", "Rhein"), "de", ["de"], SamplingConfig(num_samples=1))
    assert order.texts == TextFolder(texts)
    (row,) = ask(FakeModel(), order, translators=[]).passages
    assert (row.language, row.file) == ("de", "de/a.txt")


def test_an_app_with_a_folder_that_is_none_does_not_start(
    texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_texts()
    monkeypatch.setenv("CALM_CONTEXT", os.devnull)
    with pytest.raises(CalmError) as refused:
        check_texts()
    assert refused.value.message.key == "context.no-folder"


def test_a_plan_that_somebody_gives_the_app_names_no_folder(calm_home: Path) -> None:
    text = "settings:\n  question_set: built-in\n  context: /etc\ngrid:\n  seed: [0, 1]\n"
    with pytest.raises(CalmError) as refused:
        given_plan(text, "mine")
    assert refused.value.message.key == "context.not-here"
