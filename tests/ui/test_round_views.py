"""The rounds of a run stand beside each other on Compare, in the reader's language."""

import pytest

from calm.records import Round, Score
from tests.ui.visitors import reader
from ui.asking.round_views import rounds_section

ROUNDS = [
    Round(1, 40, 20, 16, 12, 90, 0.8, 0.55, 0.5),
    Round(2, 40, 30, 0, 0, 120, None, None, 0.625),
]
SCORES = [
    Score("base", "response", "all", name, value, None, None, 10)
    for name, value in (("accuracy", 0.4), ("consistency", 0.35), ("efficacy", 0.6))
]


def test_each_round_is_a_row_behind_the_base_model() -> None:
    shown = rounds_section(ROUNDS, SCORES)
    assert shown.count('scope="row"') == 3
    base, first, second = shown.split('scope="row"')[1:]
    for cell in ("40.0%", "35.0%", "60.0%"):
        assert cell in base
    for cell in (">20<", "75.0%", ">90<", "80.0%", "55.0%", "50.0%"):
        assert cell in first
    assert ">30<" in second and "62.5%" in second
    assert second.count("<td></td>") == 3, "nothing is said where nothing is known"


def test_a_run_of_one_round_shows_none() -> None:
    assert rounds_section([], SCORES) == ""


@pytest.mark.parametrize("code", ["de", "ar", "ja"])
def test_it_is_told_in_the_reader_s_language(code: str) -> None:
    english = rounds_section(ROUNDS, SCORES)
    with reader(code):
        shown = rounds_section(ROUNDS, SCORES)
    assert shown != english and "Round by round" not in shown
