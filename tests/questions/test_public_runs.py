"""A public set in a run: what is kept of it, and what cards and archives say."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from calm.config import RunConfig, SamplingConfig
from calm.errors import CalmError
from calm.exchange.adapter_base import adapter_base
from calm.exchange.adapter_card import adapter_card
from calm.exchange.archive import pack, unpack
from calm.exchange.card_words import own_name
from calm.exchange.dataset_card import dataset_card
from calm.pipeline.align import align
from calm.pipeline.context import Context
from calm.pipeline.costs import amount_of
from calm.questions.prompts import prompt_for
from calm.records import Question
from calm.runs.events import last_events
from calm.runs.folder import Run, create_run
from tests.fakes import FakeModel
from tests.questions.hub_sets import write_klar

pytestmark = pytest.mark.usefixtures("calm_home")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run on KLAR's facts, as far as its votes."""
    write_klar(tmp_path / "facts")
    config = RunConfig(
        model="fake",
        question_set=f"klar:{tmp_path / 'facts'}",
        languages=("en", "es"),
        sampling=SamplingConfig(num_samples=2),
    )
    made = create_run("facts", config)
    context = Context(made)
    context._model = FakeModel()
    align(context, "vote")
    return made


def test_a_run_keeps_what_its_set_is_and_under_which_licence(run: Run) -> None:
    record = json.loads((run.folder / "question_set.json").read_text(encoding="utf-8"))
    assert (record["set"], record["title"], record["licence"]) == ("klar", "KLAR", "none stated")
    assert record["languages"] == {"en": 4, "es": 4}
    said = [str(event.said) for event in last_events(run, 50) if event.stage == "questions"]
    assert any(
        text.startswith("4 questions of KLAR in English, Spanish; licence: none stated")
        for text in said
    )


def test_the_card_of_its_data_names_set_and_licence_and_no_folder(run: Run) -> None:
    card = dataset_card(run, {"questions": 8}, {"questions": "questions.jsonl"}, "me/mine")
    assert "[KLAR](https://huggingface.co/datasets/mingyang26/KLAR-CLC)" in card
    assert "Their licence: none stated." in card
    assert str(run.folder.parent) not in card
    assert own_name(run.config.question_set) == "klar:facts"
    of_adapter = adapter_card(run, adapter_base(run))
    assert "from the set `klar:facts` (licence: none stated), in English and Spanish" in of_adapter


def test_an_archive_takes_the_set_s_name_along_and_not_its_folder(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "facts.zip"
    pack(run, file)
    with zipfile.ZipFile(file) as archive:
        assert json.loads(archive.read("config.json"))["question_set"] == "klar:facts"
    assert unpack(file, "theirs").config.question_set == "klar:facts"


def test_ten_choices_pass_the_checks_of_an_archive(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "facts.zip"
    for name in ("responses", "answers", "votes"):
        run.path(name).unlink(missing_ok=True)
    choices = tuple(f"choice {number}" for number in range(10))
    run.write("questions", [replace(q, choices=choices) for q in run.rows("questions")])
    pack(run, file)
    assert len(unpack(file, "ten").rows("questions")[0].choices) == 10
    run.write("questions", [replace(q, choices=(*choices, "k")) for q in run.rows("questions")])
    pack(run, file)
    with pytest.raises(CalmError, match="11"):
        unpack(file, "eleven")


def test_a_public_set_is_not_fetched_to_say_what_it_costs() -> None:
    config = RunConfig(model="m", question_set="belebele")
    assert amount_of(config) is None
    limited = amount_of(replace(config, max_train_questions=4, max_held_out_questions=2))
    assert limited is not None and (limited.train, limited.held_out) == (4, 2)


def test_more_choices_than_letters_are_asked_in_cloze_form_alone() -> None:
    question = Question("q", "en", "Which?", tuple(f"choice {number}" for number in range(10)))
    order = tuple(range(10))
    with pytest.raises(CalmError, match="10 choices, more than there are letters"):
        prompt_for(FakeModel(is_chat=True), question, order, "auto")
    assert len(prompt_for(FakeModel(), question, order, "auto").choices) == 10
