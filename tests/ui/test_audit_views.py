"""How answers were read, as the page Votes shows it."""

from itertools import cycle, islice

import pytest

from calm.answers.audit import audit
from calm.records import HowRead, Response
from tests.ui.honey import EVIL
from ui.votes.audit_views import audit_section, place_in_words

TURNS = tuple(tuple((place + turn) % 4 for place in range(4)) for turn in range(4))


def responses(answers: list[int | None], how: HowRead = "letter", code: str = "en"):
    """Return one response a question, its four choices shown in turning orders."""
    return [
        Response(f"q{n}", code, 0, "m", "?", TURNS[n % 4], answer, None, how)
        for n, answer in enumerate(answers)
    ]


def at_place(place: int, count: int) -> list[int | None]:
    """Return answers that were all shown at one place."""
    return [TURNS[n % 4][place] for n in range(count)]


def test_a_place_that_wins_too_often_is_named():
    (row,) = audit(responses(at_place(0, 80)), {})
    assert place_in_words(row) == "A wins 100% where 25% was to be expected: a bias (p < 0.001)."


def test_chance_is_named_where_it_explains_the_places():
    answers = list(islice(cycle([0, 0, 0, 0, 1, 1, 1, 1]), 80))
    (row,) = audit(responses(answers), {})
    assert place_in_words(row).startswith("Chance explains the differences (p = ")


def test_few_answers_tell_nothing():
    (row,) = audit(responses(at_place(0, 4)), {})
    assert place_in_words(row) == "Too few answers to tell."


def test_coverage_and_the_reasons_for_none_stand_beside_each_other():
    rows = [*responses([0, 1, 2]), *responses([None], "refusal")]
    section = audit_section(audit(rows, {}), True)
    assert '<th scope="col">refusal</th>' in section
    assert "<td>4</td>" in section and "75.0%" in section


def test_questions_asked_without_choices_have_no_places():
    section = audit_section(audit(responses([0, 1]), {}), False)
    assert "no place in a list could win" in section
    assert "places" not in section.split("no place")[0]


def test_no_responses_is_said():
    assert "no responses" in audit_section([], True)


@pytest.mark.parametrize("shows_choices", [True, False])
def test_a_model_s_name_is_escaped(shows_choices: bool):
    rows = [Response("q", "en", n, f"{EVIL}{n}", "?", (0, 1), 0) for n in range(2)]
    assert "<img" not in audit_section(audit(rows, {}), shows_choices)
