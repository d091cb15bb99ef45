"""The table of a run's translations: what it shows, what a person keeps in it, and who may."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from calm.config import RunConfig
from calm.errors import CalmError
from calm.messages import LanguageName, Message, message
from calm.records import Question, Untranslated
from calm.runs import jobs
from calm.runs.folder import Run, create_run
from tests.fakes import make_adapter
from tests.ui.honey import EVIL
from tests.ui.visitors import reader
from ui.align.translation_views import count_in_words
from ui.align.translations import ROWS_A_PAGE, keep, rows_sent, table_of

GAS = Question("q1", "en", "Which gas?", ("helium", "oxygen"), 1)
FRENCH = Question("q1", "fr", "Quel gaz ?", ("hélium", "oxygène"), 1, source="model")


@pytest.fixture
def run(calm_home: Path) -> Run:
    run = create_run("mine", RunConfig(languages=("en", "fr", "ar")))
    run.write("questions", [GAS])
    run.write("translations", [FRENCH])
    why = message("translation.repeated")
    named = {"question": "'Which gas?'", "language": LanguageName("ar"), "reasons": why}
    reason = Message("question.untranslated", named)
    run.write("untranslated", [Untranslated("q1", "ar", reason)])
    return run


def event(*rows: Any) -> gr.EventData:
    return SimpleNamespace(_data={"rows": list(rows)})  # type: ignore[return-value]


def row(code: str = "ar", text: str = "أي غاز؟", **more: Any) -> dict[str, Any]:
    choices = ["هيليوم", "أكسجين"]
    return {"place": 1, "id": "q1", "language": code, "text": text, "choices": choices, **more}


def test_what_is_left_out_has_its_reason_and_empty_fields(run: Run):
    table = table_of("mine", "left_out", "all", 1)
    assert "</span> it repeats itself</td>" in table and "left out</span>" in table
    assert table.count("<textarea") == 3
    assert 'lang="ar" dir="rtl" aria-label="Version 1, the question in Arabic"' in table
    assert "Which gas?" in table and "<li>helium</li>" in table


def test_a_translation_is_in_fields_and_tells_whose_it_is(run: Run):
    table = table_of("mine", "machine", "fr", 1)
    assert ">Quel gaz ?</textarea>" in table and ">oxygène</textarea>" in table
    assert "the model itself" in table and "data-keep" in table
    assert "No version of this kind" in table_of("mine", "human", "all", 1)


def test_texts_of_a_model_or_a_file_are_never_markup(run: Run):
    run.write("questions", [Question(EVIL, "en", EVIL, (EVIL, "x"))])
    run.write("translations", [Question(EVIL, "fr", EVIL, (EVIL, "x"), source="model")])
    run.write("untranslated", [Untranslated(EVIL, "ar", EVIL)])
    table = table_of("mine", "all", "all", 1)
    assert "<img" not in table and "</textarea><" not in table.replace(
        "</textarea></td>", ""
    ).replace("</textarea><textarea", "")


def test_the_drawer_says_how_many_lack_in_every_language(run: Run):
    assert count_in_words(7, 53).startswith("Versions left out: 7; translations made: 53")
    assert "left out" not in count_in_words(0, 53)
    with reader("de"):
        assert count_in_words(7, 53).startswith("Weggelassene Fassungen: 7")


def test_what_a_person_writes_is_kept_and_shown_as_theirs(run: Run):
    table, problem = keep(gr.Request(), event(row()), "mine", "all", "all", 1)
    assert problem == ""
    assert "a person</td>" in table and "left out</span>" not in table
    (made,) = [q for q in run.rows("translations") if q.language == "ar"]
    assert (made.text, made.source, made.gold) == ("أي غاز؟", "human", 1)


def test_what_is_wrong_is_said_and_what_was_written_stays_on_the_page(run: Run):
    table, problem = keep(gr.Request(), event(row(choices=["هيليوم"])), "mine", "all", "all", 1)
    assert not isinstance(table, str)
    assert "Translations of this run, row 1" in problem
    assert run.rows("untranslated")


@pytest.mark.parametrize(
    "sent", [None, "x", {"rows": "x"}, {"rows": ["x", 3, None]}, {"rows": [{"place": "x"}]}, {}]
)
def test_whatever_a_browser_sends_is_read_with_care(run: Run, sent: Any):
    request: Any = SimpleNamespace(_data=sent)
    assert all(isinstance(number, int) for number, _ in rows_sent(request))
    keep(gr.Request(), request, "mine", "all", "all", 1)
    assert [q.source for q in run.rows("translations")] == ["model"]


def test_no_more_rows_are_read_than_a_page_has():
    assert len(rows_sent(event(*({"place": n} for n in range(1000))))) == ROWS_A_PAGE


def test_who_may_only_look_corrects_nothing(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CALM_READ_ONLY", "1")
    _, problem = keep(gr.Request(), event(row()), "mine", "all", "all", 1)
    assert "for looking only" in problem
    assert run.rows("untranslated")


def test_a_run_that_waits_makes_its_pairs_anew_and_waits_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
):
    started: list[str | None] = []
    monkeypatch.setattr(jobs, "start", lambda run, until=None: started.append(until))
    keep(gr.Request(), event(row()), "mine", "all", "all", 1)
    assert started == []
    run.write("pairs", [])
    keep(gr.Request(), event(row("fr", "Quel gaz est-ce ?")), "mine", "all", "all", 1)
    assert started == ["pairs"]


def test_once_training_has_begun_the_table_is_to_read(run: Run):
    make_adapter(run.adapter)
    table = table_of("mine", "all", "all", 1)
    assert "has begun" in table and "Quel gaz ?" in table
    assert "<textarea" not in table and "data-keep" not in table
    _, problem = keep(gr.Request(), event(row()), "mine", "all", "all", 1)
    assert "has begun" in problem


def test_translations_come_in_pages(run: Run):
    questions = [Question(f"q{n}", "en", f"{n}?", ("x", "y")) for n in range(ROWS_A_PAGE + 1)]
    run.write("questions", questions)
    run.write("untranslated", [])
    run.write("translations", [replace(q, language="fr", source="google") for q in questions])
    assert f"{ROWS_A_PAGE + 1} versions, page 2 of 2" in table_of("mine", "all", "all", 9)
    assert table_of("nowhere", "all", "all", 1).count("note warning") == 1


def test_a_script_reads_and_corrects_translations(run: Run, monkeypatch: pytest.MonkeyPatch):
    from ui.scripts.align import correct_translation, run_translations

    first, second = run_translations("mine")
    assert (first["id"], first["language"], first["source"]) == ("q1", "ar", "")
    assert (second["text"], second["source"]) == ("Quel gaz ?", "model")
    told = correct_translation("mine", "q1", "ar", "أي غاز؟", ["هيليوم", "أكسجين"], gr.Request())
    assert (told["state"], told["stage"]) == ("stopped", "translate")
    assert {row["source"] for row in run_translations("mine")} == {"human", "model"}
    monkeypatch.setenv("CALM_READ_ONLY", "1")
    with pytest.raises((CalmError, gr.Error), match="for looking only"):
        correct_translation("mine", "q1", "fr", "x", ["y", "z"], gr.Request())
