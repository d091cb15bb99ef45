"""What the page Compare shows, from records alone."""

import pytest

from calm.records import Comparison, Score
from tests.ui.honey import EVIL, HONEY, question
from ui.compare_views import certainty, comparison_list, result_in_words, score_table
from ui.figures import change_plot


def score(model: str, metric: str, value: float, low: float | None, high: float | None) -> Score:
    return Score(model, "response", "all", metric, value, low, high, 8)  # type: ignore[arg-type]


CHANGE = [
    score("base", "accuracy", 0.5, 0.4, 0.6),
    score("aligned", "accuracy", 0.7, 0.6, 0.8),
    score("change", "accuracy", 0.2, 0.1, 0.3),
    score("base", "consistency", 0.5, 0.4, 0.6),
    score("aligned", "consistency", 0.6, 0.5, 0.7),
    score("change", "consistency", 0.1, -0.1, 0.3),
    score("change", "fixed", 3, None, None),
    score("change", "broken", 1, None, None),
]


def test_a_result_says_whether_chance_explains_it():
    assert result_in_words(CHANGE) == (
        "On 8 held-out questions: Accuracy went from 50.0% to 70.0%: +20.0 (+10.0 to +30.0) "
        "points, more than chance explains. Consistency went from 50.0% to 60.0%: +10.0 (-10.0 to "
        "+30.0) points, which chance alone could explain. 3 answers were fixed and 1 broken."
    )


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.1, 0.3, "more than chance explains"),
        (-0.3, -0.1, "more than chance explains"),
        (0.0, 0.2, "which chance alone could explain"),
        (0.0, 0.0, "no change in any question"),
        (None, None, "without an interval"),
    ],
)
def test_a_change_is_as_certain_as_its_interval(low: float | None, high: float | None, words: str):
    assert certainty(score("change", "accuracy", 0.0, low, high)) == words


def test_no_scores_is_said():
    assert result_in_words([]) == "There are no scores yet."


def test_the_plot_draws_both_models_and_their_intervals():
    plot = change_plot(CHANGE, "response", "accuracy", [])
    assert 'circle class="base" cx="50.0%"' in plot
    assert 'line class="aligned" x1="60.0%" x2="80.0%"' in plot


def test_readings_are_never_mixed():
    assert change_plot(CHANGE, "likelihood", "accuracy", []) == ""
    assert "70.0%" not in score_table(CHANGE, "likelihood", [])


COMPARED = [
    Comparison("honey", "en", 0, 1, 0, "milk", "honey", "fixed"),
    Comparison("honey", "fr", 0, 0, None, "du miel", EVIL, "broken"),
]
GROUPS = {"honey": {code: question(code) for code in HONEY}}


def test_compared_answers_are_chosen_by_outcome_and_language():
    assert HONEY["fr"][0] not in comparison_list(COMPARED, GROUPS, "fixed", "all")
    assert HONEY["fr"][0] in comparison_list(COMPARED, GROUPS, "all", "fr")
    assert "No answer of this kind." in comparison_list(COMPARED, GROUPS, "fixed", "fr")


def test_an_unreadable_answer_is_shown_escaped_as_it_was_written():
    shown = comparison_list(COMPARED, GROUPS, "broken", "all")
    assert "no answer stated" in shown
    assert "<img" not in shown
