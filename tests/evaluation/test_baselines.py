"""Ways to an answer without training, on tables worked out by hand."""

from collections.abc import Sequence

import numpy as np
import pytest

from calm.evaluation.baselines import plurality_right, product_of, ways_to_answers
from calm.evaluation.metrics import UNREADABLE
from calm.records import Evaluation, LanguageWeight, ModelRole

LANGUAGES = ("en", "fr", "ar")
WEIGHTS = [
    LanguageWeight(code, weight, 0.5, 0.5, 0.5, 9)
    for code, weight in zip(LANGUAGES, (0.2, 1.0, 0.1), strict=True)
]


def answered(model: ModelRole, rows: Sequence[Sequence[int | None]]) -> list[Evaluation]:
    return [
        Evaluation(f"q{number}", code, model, "response", "", answer)
        for number, row in enumerate(rows)
        for code, answer in zip(LANGUAGES, row, strict=True)
    ]


def scored(model: ModelRole, rows: Sequence[Sequence[Sequence[float]]]) -> list[Evaluation]:
    return [
        Evaluation(
            *(f"q{number}", code, model, "likelihood", "", int(np.argmax(values)), None),
            tuple(map(float, np.log(values))),
        )
        for number, row in enumerate(rows)
        for code, values in zip(LANGUAGES, row, strict=True)
    ]


def test_the_plurality_of_a_tie_is_drawn_by_lot_and_of_nothing_is_wrong() -> None:
    given = np.array([[0, 0, 1], [0, 1, UNREADABLE], [UNREADABLE] * 3, [2, 1, 0]])
    right = plurality_right(given, np.array([0, 1, 0, 2]))
    assert right.tolist() == pytest.approx([1, 0.5, 0, 1 / 3])


def test_a_product_takes_weights_as_exponents_and_leaves_out_choices_that_are_none() -> None:
    tables = np.log(
        np.array([[[0.6, 0.4, 0.0], [0.3, 0.7, 0.0]], [[0.2, 0.2, 0.6], [0.5, 0.4, 0.1]]]) + 1e-300
    )
    tables[0, :, 2] = -np.inf
    assert product_of(tables, np.array([1.0, 1.0])).tolist() == [1, 0]
    assert product_of(tables, np.array([1.0, 0.0])).tolist() == [0, 2]
    assert product_of(tables + 5, np.array([1.0, 1.0])).tolist() == [1, 0]


def test_every_way_is_measured_on_the_same_questions() -> None:
    base: list[list[int | None]] = [[0, 0, 1], [1, 0, 0], [0, None, 1], [1, 1, 1]]
    aligned = [[0, 0, 0], [0, 0, 0], [0, 1, 1], [1, 1, 1]]
    golds = {"q0": 0, "q1": 0, "q2": 0, "q3": None}
    rows = [*answered("base", base), *answered("aligned", aligned)]
    found = {
        b.way: b for b in ways_to_answers(rows, golds, LANGUAGES, WEIGHTS, "response").baselines
    }
    assert list(found) == ["base", "aligned", "vote", "english", "surest"]
    rights = {way: round(b.accuracy.value * 9, 1) for way, b in found.items()}
    assert rights == {"base": 5, "aligned": 7, "vote": 7.5, "english": 6, "surest": 6}
    assert found["vote"].accuracy.value == pytest.approx(2.5 / 3)
    assert found["base"].consistency == pytest.approx(2 / 9)
    assert {b.accuracy.n for b in found.values()} == {3}
    assert [b.calls for b in found.values()] == [1, 1, 3, 1, 1]
    assert (found["surest"].language, found["english"].language) == ("fr", "en")
    assert found["vote"].ahead.value == pytest.approx(2.5 / 3 - 7 / 9, abs=1e-6)
    assert found["aligned"].ahead.value == 0


def test_scores_are_multiplied_where_there_are_any_with_what_languages_count_in_votes() -> None:
    sure, unsure, other = [0.9, 0.1], [0.45, 0.55], [0.2, 0.8]
    rows = [*scored("base", [[sure, unsure, other]]), *scored("aligned", [[sure, sure, sure]])]
    golds = {"q0": 0}
    by_weight = {
        b.way: b for b in ways_to_answers(rows, golds, LANGUAGES, WEIGHTS, "likelihood").baselines
    }
    alike = {b.way: b for b in ways_to_answers(rows, golds, LANGUAGES, [], "likelihood").baselines}
    assert (by_weight["scores"].accuracy.value, alike["scores"].accuracy.value) == (1, 1)
    assert (by_weight["vote"].accuracy.value, "surest" in alike) == (0, False)
    only_arabic = [LanguageWeight("ar", 1.0, 0.5, 0.5, 0.5, 9)]
    found = {
        b.way: b
        for b in ways_to_answers(rows, golds, LANGUAGES, only_arabic, "likelihood").baselines
    }
    assert found["scores"].accuracy.value == 0


def test_without_gold_or_with_one_language_there_is_none() -> None:
    rows = [*answered("base", [[0, 0, 1]]), *answered("aligned", [[0, 0, 0]])]
    assert ways_to_answers(rows, {"q0": None}, LANGUAGES, WEIGHTS, "response").baselines == []
    assert ways_to_answers(rows, {"q0": 0}, LANGUAGES, WEIGHTS, "likelihood").baselines == []
    alone = [row for row in rows if row.language == "en"]
    assert ways_to_answers(alone, {"q0": 0}, ("en",), WEIGHTS, "response").baselines == []
    assert ways_to_answers(rows, {"q0": None}, LANGUAGES, WEIGHTS, "response").learnt is None


def known(after: Sequence[Sequence[int]], before: Sequence[Sequence[int]]) -> list[Evaluation]:
    return [*answered("base", list(before) * 10), *answered("aligned", list(after) * 10)]


def test_what_was_learnt_is_the_part_of_the_votes_gain() -> None:
    golds = {f"q{n}": 0 for n in range(40)}
    before = [[0, 0, 1], [0, 1, 0], [1, 0, 0], [0, 0, 0]]  # the vote is right on all, 9 of 12 alone
    halfway = [[0, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 0]]  # one of the three is mended
    found = ways_to_answers(known(halfway, before), golds, LANGUAGES, [], "response").learnt
    assert found is not None and (found.way, found.n) == ("vote", 40)
    assert found.share == pytest.approx(1 / 3, abs=1e-6)
    assert 0 < found.low < found.share < found.high < 1
    whole = ways_to_answers(known([[0, 0, 0]] * 4, before), golds, LANGUAGES, [], "response").learnt
    assert whole is not None and whole.share == whole.low == whole.high == 1
    unchanged = ways_to_answers(known(before, before), golds, LANGUAGES, [], "response").learnt
    assert unchanged is not None and unchanged.share == 0


def test_where_the_vote_is_not_surely_better_nothing_can_be_told() -> None:
    golds = {f"q{n}": 0 for n in range(40)}
    level = [[0, 1, 1], [1, 0, 0], [1, 1, 0], [0, 0, 1]]
    assert (
        ways_to_answers(known([[0, 0, 0]] * 4, level), golds, LANGUAGES, [], "response").learnt
        is None
    )
    few = {"q0": 0, "q1": 0}
    rows = [*answered("base", [[0, 0, 1]] * 2), *answered("aligned", [[0, 0, 0]] * 2)]
    assert ways_to_answers(rows, few, LANGUAGES, [], "response").learnt is None
