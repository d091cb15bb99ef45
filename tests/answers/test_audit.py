"""What a run's answers are like: coverage, reasons, letters, and whether a place wins too often."""

import dataclasses
import json
import math
import random

import pytest

from calm.answers.audit import audit, audit_json, audit_table, chi_square_test
from calm.records import HowRead, Response

PLAIN = (0, 1, 2, 3)


def responses(
    wins: tuple[int, ...],
    orders: tuple[tuple[int, ...], ...] = (PLAIN,),
    how: HowRead = "letter",
    language: str = "en",
) -> list[Response]:
    """Return as many responses a shown place as `wins` says, each to a question of its own."""
    places = [place for place, count in enumerate(wins) for _ in range(count)]
    return [
        Response(f"q{n}", language, 0, "fake", "", order, order[place], (0, 1), how)
        for n, place in enumerate(places)
        for order in [orders[n % len(orders)]]
    ]


@pytest.mark.parametrize(
    ("observed", "expected", "value", "p_value", "cramers_v"),
    [
        ((25, 25, 25, 25), (25, 25, 25, 25), 0.0, 1.0, 0.0),
        # (15² + 5² + 5² + 5²) / 25 = 12; three degrees of freedom.
        ((40, 20, 20, 20), (25, 25, 25, 25), 12.0, 0.007383160505, 0.2),
        # With two degrees of freedom the probability is exp(-x / 2).
        ((30, 20, 10), (20, 20, 20), 10.0, math.exp(-5), math.sqrt(10 / 120)),
        # Everything at one place is the largest difference that there can be.
        ((100, 0, 0, 0), (25, 25, 25, 25), 300.0, 0.0, 1.0),
        # Unequal expectations: 10² / 60 + 10² / 40.
        ((70, 30), (60, 40), 100 / 60 + 2.5, 0.041226833337, 1 / math.sqrt(36)),
    ],
)
def test_the_chi_square_test_agrees_with_examples_worked_by_hand(
    observed: tuple[int, ...],
    expected: tuple[int, ...],
    value: float,
    p_value: float,
    cramers_v: float,
) -> None:
    assert chi_square_test(observed, expected) == (
        pytest.approx(value),
        pytest.approx(p_value, abs=1e-9),
        pytest.approx(cramers_v),
    )


def test_the_chi_square_test_agrees_with_a_library() -> None:
    from scipy.stats import chisquare

    counts = (31, 18, 24, 12, 15)
    known = chisquare(counts)
    value, p_value, _ = chi_square_test(counts, [20] * 5)
    assert (value, p_value) == (pytest.approx(known.statistic), pytest.approx(known.pvalue))


def test_too_few_answers_are_not_tested() -> None:
    assert chi_square_test((9, 9), (14, 4)) == (None, None, None)


def test_every_language_and_model_is_audited_apart() -> None:
    rows = [*responses((2, 1)), *responses((1, 1), language="fr")]
    rows.append(dataclasses.replace(rows[0], model="other"))
    found = [(a.language, a.model, a.responses) for a in audit(rows, {})]
    assert found == [("en", "fake", 3), ("fr", "fake", 2), ("en", "other", 1)]


def test_what_was_not_read_is_counted_by_its_reason() -> None:
    rows = responses((3, 1), how="letter and text")
    for how in ("refusal", "refusal", "several", "contradiction"):
        rows.append(Response("u", "en", len(rows), "fake", "", PLAIN, how=how))  # type: ignore[arg-type]
    (found,) = audit(rows, {})
    assert (found.responses, found.read, found.coverage) == (8, 4, 0.5)
    assert found.how == {"letter and text": 4, "refusal": 2, "several": 1, "contradiction": 1}


def test_a_letter_is_the_place_where_a_choice_was_shown() -> None:
    (found,) = audit(responses((3, 1, 0, 0), orders=((2, 0, 1, 3), PLAIN)), {})
    assert found.letters == {"A": 0.75, "B": 0.25, "C": 0.0, "D": 0.0}


def test_shuffled_choices_should_win_equally_often_at_every_place() -> None:
    golds = {f"q{n}": 0 for n in range(100)}
    (found,) = audit(responses((40, 20, 20, 20), orders=(PLAIN, (3, 2, 1, 0))), golds)
    bias = found.position_bias
    assert (bias.shuffled, bias.expected_from) == (True, "shuffling")
    assert bias.wins == (40, 20, 20, 20)
    assert bias.expected == (25.0, 25.0, 25.0, 25.0)
    assert (bias.chi_square, bias.cramers_v) == (pytest.approx(12.0), pytest.approx(0.2))
    assert bias.p_value == pytest.approx(0.007383160505)
    assert bias.total_variation == pytest.approx(0.15)


def test_choices_that_were_not_shuffled_are_expected_to_win_where_the_right_ones_stand() -> None:
    rows = responses((60, 20, 10, 10))
    golds = {f"q{n}": place for n, place in enumerate([0] * 40 + [1] * 20 + [2] * 20 + [3] * 20)}
    (found,) = audit(rows, golds)
    bias = found.position_bias
    assert (bias.shuffled, bias.expected_from) == (False, "gold")
    assert bias.expected == (40.0, 20.0, 20.0, 20.0)
    assert bias.chi_square == pytest.approx(20**2 / 40 + 0 + 5 + 5)
    assert bias.total_variation == pytest.approx(0.2)


def test_where_nothing_is_known_equal_chances_are_assumed_and_said_to_be() -> None:
    (found,) = audit(responses((10, 10, 10, 10)), {})
    assert (found.position_bias.shuffled, found.position_bias.expected_from) == (False, "uniform")
    assert found.position_bias.p_value == 1.0


def test_responses_to_one_question_in_one_order_count_as_one_in_the_test() -> None:
    rows = responses((40, 20, 20, 20))
    thrice = [dataclasses.replace(row, sample_index=n) for n in range(3) for row in rows]
    (once,), (three,) = audit(rows, {}), audit(thrice, {})
    assert sum(three.position_bias.wins) == 3 * sum(once.position_bias.wins)
    assert three.position_bias.chi_square == pytest.approx(once.position_bias.chi_square)


def test_questions_of_different_size_are_expected_at_their_own_places() -> None:
    rows = [*responses((10, 10)), *responses((10, 10, 10), orders=((0, 1, 2), (2, 1, 0)))]
    rows = [
        dataclasses.replace(row, choice_order=row.choice_order[:2]) if n < 20 else row
        for n, row in enumerate(rows)
    ]
    (found,) = audit(rows, {})
    assert found.position_bias.expected == (20.0, 20.0, 10.0)
    assert found.position_bias.chi_square == pytest.approx(0.0)


def test_a_reader_of_chance_is_seldom_called_biased_and_one_of_habit_always() -> None:
    draw = random.Random(0)
    orders = tuple(tuple(draw.sample(range(4), 4)) for _ in range(50))
    called = 0
    for _ in range(200):
        places = [draw.randrange(4) for _ in range(200)]
        wins = tuple(places.count(place) for place in range(4))
        (found,) = audit(responses(wins, orders), {})
        called += (found.position_bias.p_value or 0) < 0.05
    assert 2 <= called <= 20
    (habit,) = audit(responses((110, 30, 30, 30), orders), {})
    assert (habit.position_bias.p_value or 1) < 1e-10


def test_a_language_of_which_nothing_was_read_has_no_places() -> None:
    rows = [Response("q", "en", 0, "fake", "", PLAIN, how="empty")]
    (found,) = audit(rows, {})
    assert (found.read, found.coverage, found.position_bias.p_value) == (0, 0.0, None)
    assert found.letters == {"A": 0.0, "B": 0.0, "C": 0.0, "D": 0.0}
    assert "too few" in audit_table([found])


def test_the_table_names_every_reason_place_and_assumption() -> None:
    rows = responses((40, 20, 20, 20), orders=(PLAIN, (3, 2, 1, 0)))
    rows.append(Response("u", "en", 0, "fake", "", PLAIN, how="refusal"))
    shown = audit_table(audit(rows, {}))
    assert "| language | model | responses | read | letter | refusal |" in shown
    assert "| English | fake | 101 | 99.0% | 100 | 1 |" in shown
    assert "| English | fake | 40.0% (25.0%) | 20.0% (25.0%) |" in shown
    assert "| yes | 12.0 | 0.0074 * | 0.200 |" in shown
    assert "Shuffled choices: every place should win equally often." in shown


def test_a_model_name_cannot_break_the_table() -> None:
    rows = [dataclasses.replace(row, model="a|b") for row in responses((1, 1))]
    assert "| English | a/b | 2 |" in audit_table(audit(rows, {}))


def test_no_responses_are_no_error() -> None:
    assert audit_table([]) == "There are no responses to audit."
    assert audit_json([]) == {"languages": []}


def test_the_json_is_an_object_with_one_entry_a_language() -> None:
    shown = json.loads(json.dumps(audit_json(audit(responses((40, 20, 20, 20)), {}))))
    (row,) = shown["languages"]
    assert (row["language"], row["coverage"], row["how"]) == ("en", 1.0, {"letter": 100})
    assert row["position_bias"]["wins"] == [40, 20, 20, 20]
