"""What the page Compare says of ways to an answer without training."""

import pytest

from calm.evaluation.baselines import Baseline, Learnt, Way
from calm.records import ModelRole, Score
from tests.ui.visitors import reader
from ui.asking.baseline_views import baseline_table, sentences

LANGUAGES = ("en", "fr", "ar")


def way(
    name: Way, right: float, ahead: tuple[float, float, float], n: int = 40, language: str = ""
) -> Baseline:
    role: ModelRole = "aligned" if name == "aligned" else "base"
    found = Score(role, "response", "all", "accuracy", right, right - 0.1, right + 0.1, n)
    change = Score("change", "response", "all", "accuracy", *ahead, n)
    calls = 3 if name in ("vote", "scores") else 1
    return Baseline(name, language, found, 0.5 if calls == 1 else 1.0, calls, change)


WAYS = [
    way("base", 0.5, (-0.1, -0.2, -0.05)),
    way("aligned", 0.6, (0.0, 0.0, 0.0)),
    way("vote", 0.75, (0.15, 0.05, 0.25)),
    way("english", 0.65, (0.05, -0.02, 0.12), language="en"),
    way("surest", 0.8, (0.2, 0.1, 0.3), language="fr"),
]


def test_it_says_how_much_is_learnt_and_what_is_better_without_training() -> None:
    told = sentences(WAYS, Learnt("vote", 0.4, 0.2, 0.6, 40))
    assert len(told) == 3
    assert "40% is in the weights now (20% to 60%)" in told[0]
    assert "the vote itself, by" in told[1] and "3 answers" in told[1]
    assert "one language alone (French)" in told[2]


def test_it_says_so_where_nothing_is_better_or_the_vote_is_no_better() -> None:
    told = sentences([*WAYS[:2], WAYS[3]], None)
    assert ["not surely better" in told[0], "surely better" in told[1]] == [True, True]


def test_of_few_questions_it_says_nothing_that_could_not_be_told() -> None:
    few = [way("base", 0.5, (0, -1, 1), 3), way("vote", 1.0, (0.5, 0.2, 0.8), 3)]
    assert sentences(few, None) == []
    shown = baseline_table(few, None, LANGUAGES)
    assert "too few to tell" in shown and "100.0%" in shown


def test_the_table_has_a_row_a_way_and_nothing_where_nothing_is_known() -> None:
    shown = baseline_table(WAYS, None, LANGUAGES)
    assert shown.count("<tr>") == 6
    assert "3 languages asked" in shown and "counts most: French" in shown
    assert baseline_table([], None, LANGUAGES) == ""


@pytest.mark.parametrize("code", ["de", "ar", "ja"])
def test_it_is_told_in_the_reader_s_language(code: str) -> None:
    english = baseline_table(WAYS, None, LANGUAGES)
    with reader(code):
        shown = baseline_table(WAYS, None, LANGUAGES)
    assert shown != english and "without training" not in shown
