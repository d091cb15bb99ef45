"""The page Duel begins with what a run fixed, and asks it in the run's own words."""

from pathlib import Path

import pytest

from calm.config import SamplingConfig
from calm.errors import CalmError
from calm.records import Comparison, outcome
from tests.recorded import CHOICES, finished_run
from ui.asking.finished import read_finished
from ui.asking.form import order_for
from ui.duel.examples import changed_most
from ui.duel.page import examples_of, filled, of_run, offered
from ui.parts.models import Models


def compared(question: str, code: str, gold: int | None, base: int, aligned: int) -> Comparison:
    became = outcome(gold, base, aligned)
    return Comparison(question, code, gold, base, aligned, "", "", became)


def test_examples_are_the_questions_with_most_answers_fixed_and_least_broken() -> None:
    rows = [
        *(compared("one", code, 0, 1, 0) for code in ("en", "fr")),
        *(compared("two", code, 0, 1, 0) for code in ("en", "fr", "ar")),
        compared("undone", "en", 0, 1, 0),
        compared("undone", "fr", 0, 0, 1),
        compared("still", "en", 0, 1, 2),
    ]
    found = changed_most(rows)
    assert (found.questions, found.are_fixed) == (("two", "one"), True)
    assert changed_most(rows, most=1).questions == ("two",)


def test_without_gold_answers_examples_are_what_changed() -> None:
    rows = [compared("same", "en", None, 1, 1), compared("other", "en", None, 1, 0)]
    found = changed_most(rows)
    assert (found.questions, found.are_fixed) == (("other",), False)


@pytest.fixture
def run(calm_home: Path, tmp_path: Path) -> str:
    return finished_run("mine", tmp_path).name


def test_the_run_s_examples_are_offered_by_their_words(run: str) -> None:
    found = read_finished(run)
    shown = examples_of(found).constructor_args
    ids = [identity for (identity,) in shown["samples"]]
    assert ids == list(changed_most(found.comparisons["response"]).questions) != []
    assert shown["sample_labels"] == [f"en: which animal is number {i[1:]}?" for i in ids]
    nothing, *_ = offered(Models("fake"), None)
    assert nothing.constructor_args == {"samples": []}


def test_an_example_is_asked_in_all_the_words_that_the_run_has(run: str) -> None:
    text, choices, code, mark, languages = filled(run, ["q5"])
    assert mark == text
    assert (text, code, languages) == ("en: which animal is number 5?", "en", ["en", "fr", "ar"])
    order = order_for(text, choices.splitlines(), code, languages, SamplingConfig())
    assert set(order.known) == {"en"}
    asked = of_run(run, order)
    assert asked.question.id == "q5"
    assert asked.known["ar"].choices == tuple(CHOICES["ar"])
    other = order_for("Which barks?", choices.splitlines(), code, languages, SamplingConfig())
    assert of_run(run, other) == other


@pytest.mark.parametrize("sample", [["q1"], ["gone"], []])
def test_a_press_that_no_example_can_send_is_refused(run: str, sample: list[str]) -> None:
    with pytest.raises(CalmError, match="held-out question"):
        filled(run, sample)
