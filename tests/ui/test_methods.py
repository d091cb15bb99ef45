"""What pages say of runs of another method: what it costs, what was done, and what with."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from calm.config import Method, RunConfig, TrainConfig
from calm.errors import CalmError
from calm.pipeline.align import align
from calm.pipeline.context import Context
from calm.runs.folder import Run, create_run
from calm.settings import config_of
from tests.fakes import FakeModel
from tests.recorded import recorded_settings, write_adapter
from ui.align.estimate import reckoned
from ui.align.form import form_values, settings_from
from ui.asking.finished import read_finished
from ui.parts.runs import run_named
from ui.report.facts import facts_of
from ui.report.views import report
from ui.runs.views import settings_in_words
from ui.static.content import content_of
from ui.text.words import words_of
from ui.votes.page import voted_of


def of_method(folder: Path, **settings: Any) -> Run:
    """Return a finished run with these settings, its adapter made by nobody."""
    run = create_run("mine", config_of(settings, recorded_settings(folder)))
    write_adapter(run.adapter)
    align(Context(run, _model=FakeModel()))
    run.append_json("metrics", {"step": 3, "loss": 0.7})
    return run


def section(shown: str, name: str) -> str:
    """Return one part of a report, as text."""
    (found,) = re.findall(rf'<section id="{name}">(.*?)</section>', shown, re.S)
    return re.sub(r"<[^>]*>", " ", found)


def test_every_method_has_a_name_on_the_page() -> None:
    assert {f"setting.method.{name}" for name in get_args(Method)} <= words_of("en").keys()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "Votes by reliability"),
        ({}, "Method: DPO, and the chosen becomes likelier."),
        ({"method": "dco"}, "built-in set, neither sampled nor voted on. Rank 16,"),
        ({"method": "dco"}, "Method: DCO: the choices themselves, no vote."),
        ({"pairs_source": "gold"}, "Pairs of right answers, not of votes."),
    ],
)
def test_the_history_says_what_was_trained_by(settings: dict[str, Any], says: str) -> None:
    said = settings_in_words(config_of(settings))
    assert says in said
    assert ("right answers" in said) == ("pairs_source" in settings)
    assert ("Votes by" in said) == ("method" not in settings)


def test_what_a_method_of_choices_costs_has_no_sampling_in_it(calm_home: Path) -> None:
    config = RunConfig(model="fake", languages=("en", "fr"), max_train_questions=10)
    values = form_values(replace(config, train=TrainConfig(method="consensus")))
    _, box, _ = reckoned(settings_from, values)
    assert "Responses to sample" not in box and "samples" not in box
    assert "Questions to train on, in all languages, every time: 160" in box
    assert "Pairs to train on" not in box
    _, voted, _ = reckoned(settings_from, values | {"method": "sft"})
    assert "Responses to sample" in voted and "Pairs to train on" in voted


def test_a_method_of_choices_and_a_file_of_pairs_are_refused_in_words(
    calm_home: Path, tmp_path: Path
) -> None:
    values = form_values(RunConfig(model="fake")) | {"method": "dco", "pairs_file": "any.jsonl"}
    with pytest.raises(CalmError, match="trains on no pairs"):
        settings_from(values)
    _, box, _ = reckoned(settings_from, values)
    assert "trains on no pairs" in box


def test_a_run_without_votes_is_shown_and_reported_as_such(calm_home: Path, tmp_path: Path) -> None:
    run = of_method(tmp_path, method="dco")
    assert read_finished("mine").scores == run.rows("scores")
    how = section(report(facts_of(run_named("mine"))), "how")
    assert "No vote was taken" in how and "No responses were sampled to vote on" in how
    assert "trained on the choices of the training questions: 3 steps. Method: DCO" in how
    assert "Votes with a share" not in how and "preference pair" not in how
    data, _ = content_of(run, ())
    assert data["votes"] == [] and data["questions"]
    with pytest.raises(CalmError, match="has no votes"):
        voted_of(run)


def test_a_report_says_that_right_answers_made_the_pairs(calm_home: Path, tmp_path: Path) -> None:
    run = of_method(tmp_path, method="sft", pairs_source="gold")
    how = section(report(facts_of(run)), "how")
    assert "What they rest on: The set’s right answers: it learns from labels" in how
    assert "3 steps. Method: Fine-tuning on the chosen alone." in how
