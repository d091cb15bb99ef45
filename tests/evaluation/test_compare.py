"""What became of each answer."""

import pytest

from calm.evaluation.compare import compare_answers
from calm.records import Evaluation, ModelRole, Question, Reading, outcome


@pytest.mark.parametrize(
    ("gold", "base", "aligned", "expected"),
    [
        (1, 0, 1, "fixed"),
        (1, None, 1, "fixed"),
        (1, 1, 0, "broken"),
        (1, 1, None, "broken"),
        (1, 1, 1, "still right"),
        (1, 0, 2, "still wrong"),
        (1, None, None, "still wrong"),
        (0, 0, 0, "still right"),
        (None, 0, 1, None),
    ],
)
def test_an_answer_is_fixed_broken_or_as_it_was(
    gold: int | None, base: int | None, aligned: int | None, expected: str | None
) -> None:
    assert outcome(gold, base, aligned) == expected


def row(
    identity: str, code: str, role: ModelRole, answer: int | None, reading: Reading = "response"
) -> Evaluation:
    return Evaluation(identity, code, role, reading, f"{role} says {answer}", answer)


GROUPS = {
    i: {code: Question(i, code, "?", ("x", "y"), gold) for code in ("en", "fr")}
    for i, gold in (("b", 1), ("a", None))
}
ROWS = [
    row(identity, code, role, answer)
    for identity in ("a", "b")
    for code in ("en", "fr")
    for role, answer in (("base", 0), ("aligned", 1))
]


def test_there_is_one_row_a_question_and_language_in_the_order_of_the_questions() -> None:
    assert [(c.question_id, c.language) for c in compare_answers(ROWS, GROUPS)] == [
        ("b", "en"),
        ("b", "fr"),
        ("a", "en"),
        ("a", "fr"),
    ]


def test_a_row_has_both_answers_both_texts_and_the_outcome() -> None:
    first = next(iter(compare_answers(ROWS, GROUPS)))
    assert (first.gold, first.base_answer, first.aligned_answer) == (1, 0, 1)
    assert (first.base_text, first.aligned_text) == ("base says 0", "aligned says 1")
    assert first.outcome == "fixed"


def test_a_question_without_gold_has_no_outcome() -> None:
    assert [c.outcome for c in compare_answers(ROWS, GROUPS)] == ["fixed", "fixed", None, None]


def test_the_two_readings_are_never_mixed() -> None:
    scored = [
        row(e.question_id, e.language, e.model, 1 - (e.answer or 0), "likelihood") for e in ROWS
    ]
    by_reading = {
        reading: next(iter(compare_answers([*scored, *ROWS], GROUPS, reading))).outcome
        for reading in ("response", "likelihood")
    }
    assert by_reading == {"response": "fixed", "likelihood": "broken"}
