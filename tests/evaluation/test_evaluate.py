"""Accuracy and consistency, by examples worked by hand."""

import math

import numpy as np
import pytest

from calm.config import SamplingConfig
from calm.evaluation.evaluate import READINGS, ROLES, evaluate, resample_weights, scores
from calm.evaluation.measured import of_right_answers
from calm.evaluation.metrics import rank_chance, rank_floor
from calm.intervals import wilson
from calm.questions.prompts import choice_order
from calm.records import Evaluation, ModelRole, Question, Reading, Score
from tests.fakes import FakeModel

Table = dict[str, list[int | None]]
"""Answers by language, one a question."""
GOLDS: dict[str, int | None] = {"q0": 0, "q1": 1, "q2": 2, "q3": 0}


def evaluations(role: ModelRole, table: Table, reading: Reading = "response") -> list[Evaluation]:
    return [
        Evaluation(f"q{n}", code, role, reading, "", answer)
        for code, answers in table.items()
        for n, answer in enumerate(answers)
    ]


def scored(
    base: Table, aligned: Table, golds: dict[str, int | None] = GOLDS
) -> dict[tuple[str, str, str], Score]:
    """Return the scores of the greedy responses: (model, language, metric) -> score."""
    rows = [*evaluations("base", base), *evaluations("aligned", aligned)]
    return {
        (s.model, s.language, s.metric): s
        for s in scores(rows, golds, list(base))
        if s.reading == "response"
    }


BASE: Table = {"en": [0, 1, 2, 1], "fr": [0, 2, None, 1], "de": [0, 1, None, 2]}
ALIGNED: Table = {"en": [0, 1, 2, 0], "fr": [0, 1, 2, 1], "de": [1, 1, 2, 0]}


@pytest.mark.parametrize(
    ("model", "language", "value"),
    [
        ("base", "en", 3 / 4),
        ("base", "fr", 1 / 4),
        ("base", "de", 2 / 4),
        ("base", "all", 6 / 12),
        ("aligned", "en", 4 / 4),
        ("aligned", "fr", 3 / 4),
        ("aligned", "all", 10 / 12),
        ("change", "en", 1 / 4),
        ("change", "fr", 2 / 4),
        ("change", "all", 4 / 12),
    ],
)
def test_accuracy_is_the_share_of_right_answers(model: str, language: str, value: float) -> None:
    assert scored(BASE, ALIGNED)[model, language, "accuracy"].value == pytest.approx(
        value, abs=1e-6
    )


@pytest.mark.parametrize(
    ("model", "language", "value"),
    [
        # en-fr agree on q0 and q3, en-de on q0 and q1, fr-de on q0 alone: neither reads q2.
        ("base", "all", 5 / 12),
        ("base", "en", 4 / 8),
        ("base", "fr", 3 / 8),
        ("base", "de", 3 / 8),
        # en-fr agree on q0, q1 and q2, en-de on q1, q2 and q3, fr-de on q1 and q2.
        ("aligned", "all", 8 / 12),
        ("change", "all", 3 / 12),
    ],
)
def test_consistency_is_the_share_of_language_pairs_that_agree(
    model: str, language: str, value: float
) -> None:
    found = scored(BASE, ALIGNED)[model, language, "consistency"].value
    assert found == pytest.approx(value, abs=1e-6)


def test_two_unreadable_answers_do_not_agree() -> None:
    nothing: Table = {"en": [None] * 4, "fr": [None] * 4}
    assert scored(nothing, nothing)["base", "all", "consistency"].value == 0


def test_consistency_does_not_ask_whether_the_answers_are_right() -> None:
    wrong: Table = {"en": [2, 2, 0, 2], "fr": [2, 2, 0, 2]}
    found = scored(wrong, wrong)
    assert found["base", "all", "consistency"].value == 1
    assert found["base", "all", "accuracy"].value == 0


@pytest.mark.parametrize(
    ("model", "language", "value"),
    [("base", "fr", 0.25), ("base", "en", 0), ("base", "all", 2 / 12), ("aligned", "all", 0)],
)
def test_the_share_of_unreadable_answers_is_counted(
    model: str, language: str, value: float
) -> None:
    found = scored(BASE, ALIGNED)[model, language, "unreadable"].value
    assert found == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize(
    ("language", "fixed", "broken"), [("en", 1, 0), ("fr", 2, 0), ("de", 2, 1), ("all", 5, 1)]
)
def test_fixed_and_broken_answers_are_counted(language: str, fixed: int, broken: int) -> None:
    found = scored(BASE, ALIGNED)
    assert found["change", language, "fixed"].value == fixed
    assert found["change", language, "broken"].value == broken


def test_every_number_lies_in_its_interval_and_says_how_many_questions_it_rests_on() -> None:
    for score in scored(BASE, ALIGNED).values():
        assert score.n == 4
        if score.metric not in ("fixed", "broken", "mcnemar_p"):
            assert score.low is not None
            assert score.high is not None
            assert score.low <= score.value <= score.high


def test_the_interval_of_a_change_is_paired() -> None:
    """Right and wrong in turn, before and after alike: accuracy is unsure, its change is not."""
    golds: dict[str, int | None] = {f"q{n}": 0 for n in range(20)}
    same: Table = {"en": [n % 2 for n in range(20)], "fr": [n % 2 for n in range(20)]}
    found = scored(same, same, golds)
    accuracy, change = found["base", "en", "accuracy"], found["change", "en", "accuracy"]
    assert accuracy.low is not None
    assert accuracy.high is not None
    assert accuracy.high - accuracy.low > 0.3
    assert (change.value, change.low, change.high) == (0, 0, 0)


@pytest.mark.parametrize("n", [3, 7])
def test_a_few_questions_that_say_the_same_do_not_look_certain(n: int) -> None:
    golds: dict[str, int | None] = {f"q{i}": 0 for i in range(n)}
    wrong: Table = {"en": [1] * n, "fr": [1] * n}
    right: Table = {"en": [0] * n, "fr": [0] * n}
    found = scored(wrong, right, golds)
    accuracy, change = found["aligned", "all", "accuracy"], found["change", "all", "accuracy"]
    assert (accuracy.low, accuracy.high) == pytest.approx(wilson(n, n), abs=1e-6)
    assert (change.value, change.high) == (1, 1)
    assert change.low is not None and change.low < (0.3 if n == 7 else -0.1)
    same = scored(right, right, golds)["change", "all", "accuracy"]
    assert same.low is not None and same.low < -0.5


def test_many_questions_that_say_the_same_are_a_share_of_all_others() -> None:
    golds: dict[str, int | None] = {f"q{i}": 0 for i in range(40)}
    right: Table = {"en": [0] * 40, "fr": [0] * 40}
    score = scored(right, right, golds)["base", "en", "accuracy"]
    assert (score.low, score.high) == pytest.approx(wilson(40, 40), abs=1e-6)


def test_an_interval_draws_all_languages_of_a_question_together() -> None:
    """Two languages that always answer alike tell no more than one of them."""
    golds: dict[str, int | None] = {f"q{n}": 0 for n in range(20)}
    answers: list[int | None] = [n % 2 for n in range(20)]
    found = scored({"en": answers, "fr": answers}, {"en": answers, "fr": answers}, golds)
    one, both = found["base", "en", "accuracy"], found["base", "all", "accuracy"]
    assert (both.low, both.high) == (one.low, one.high)


def test_the_interval_of_half_of_a_hundred_is_about_ten_points_to_either_side() -> None:
    golds: dict[str, int | None] = {f"q{n}": 0 for n in range(100)}
    half: list[int | None] = [n % 2 for n in range(100)]
    score = scored({"en": half, "fr": half}, {"en": half, "fr": half}, golds)[
        "base", "en", "accuracy"
    ]
    assert score.low == pytest.approx(0.40, abs=0.02)
    assert score.high == pytest.approx(0.60, abs=0.02)


def test_the_same_answers_give_the_same_intervals() -> None:
    assert scored(BASE, ALIGNED) == scored(BASE, ALIGNED)


def test_without_gold_answers_there_is_consistency_but_no_accuracy() -> None:
    found = scored(BASE, ALIGNED, dict.fromkeys(GOLDS))
    metrics = {metric for _, _, metric in found}
    assert metrics == {"consistency", "unreadable", "fleiss_kappa"}
    assert found["base", "all", "consistency"].value == pytest.approx(5 / 12, abs=1e-6)


def test_accuracy_rests_on_the_questions_that_have_a_gold_answer() -> None:
    found = scored(BASE, ALIGNED, {**GOLDS, "q3": None})
    assert found["base", "en", "accuracy"].value == 1
    assert found["base", "en", "accuracy"].n == 3
    assert found["change", "en", "fixed"].n == 3
    assert found["base", "all", "consistency"].n == 4


def test_the_two_readings_are_reported_side_by_side_and_never_mixed() -> None:
    rows = [
        *evaluations("base", {"en": [0, 0, 0, 0], "fr": [0, 0, 0, 0]}, "response"),
        *evaluations("base", {"en": [0, 1, 2, 0], "fr": [0, 1, 2, 0]}, "likelihood"),
    ]
    found = {
        s.reading: s.value
        for s in scores(rows, GOLDS, ["en", "fr"])
        if (s.model, s.language, s.metric) == ("base", "all", "accuracy")
    }
    assert found == {"response": 0.5, "likelihood": 1.0}


def test_an_answer_that_was_not_given_counts_as_unreadable() -> None:
    rows = evaluations("base", {"en": [0, 1]})
    found = {
        (s.model, s.language, s.metric): s.value
        for s in scores(rows, GOLDS, ["en", "fr"])
        if s.reading == "response"
    }
    assert found["base", "en", "unreadable"] == 0.5
    assert found["base", "fr", "unreadable"] == 1


@pytest.mark.parametrize(("language", "p"), [("en", 1.0), ("fr", 0.5), ("de", 1.0)])
def test_one_languages_flips_are_put_to_mcnemars_test(language: str, p: float) -> None:
    assert scored(BASE, ALIGNED)["change", language, "mcnemar_p"].value == pytest.approx(p)


def test_answers_in_several_languages_are_not_put_to_a_test_that_takes_them_for_independent() -> (
    None
):
    assert ("change", "all", "mcnemar_p") not in scored(BASE, ALIGNED)


@pytest.mark.parametrize(("pair", "value"), [("en-fr", 0.5), ("en-de", 0.5), ("fr-de", 0.25)])
def test_the_agreement_of_every_two_languages_is_reported(pair: str, value: float) -> None:
    assert scored(BASE, ALIGNED)["base", pair, "consistency"].value == value


@pytest.mark.parametrize(
    ("metric", "base", "aligned"),
    [("consistently_right", 0.25, 0.5), ("consistently_wrong", 0, 0), ("split", 0.75, 0.5)],
)
def test_questions_are_consistently_right_consistently_wrong_or_split(
    metric: str, base: float, aligned: float
) -> None:
    found = scored(BASE, ALIGNED)
    assert found["base", "all", metric].value == base
    assert found["aligned", "all", metric].value == aligned


def test_rank_consistency_needs_the_log_probabilities_of_both_models() -> None:
    def likelihood(role: ModelRole, french: tuple[float, ...]) -> list[Evaluation]:
        ranked = {"en": (-1.0, -2.0, -3.0), "fr": french}
        return [
            Evaluation("q0", code, role, "likelihood", "", 0, None, log_probs)
            for code, log_probs in ranked.items()
        ]

    base, aligned = (
        likelihood("base", (-1.0, -3.0, -2.0)),
        likelihood("aligned", (-1.0, -2.0, -4.0)),
    )
    found = {
        s.model: s.value
        for s in scores([*base, *aligned], {"q0": 0}, ["en", "fr"])
        if s.metric == "rank_consistency"
    }
    weights = [math.exp(-j) for j in range(3)]
    expected = (weights[0] + weights[1] / 2 + weights[2]) / sum(weights)
    assert found["base"] == pytest.approx(expected, abs=1e-6)
    assert found["aligned"] == 1
    alone = scores(base, {"q0": 0}, ["en", "fr"])
    assert not any(s.metric == "rank_consistency" for s in alone)


QUESTIONS = [
    Question(f"q{n}", code, f"{code} {n}?", ("ant", "bee", "cow"), 1)
    for n in range(6)
    for code in ("en", "fr")
]


def test_a_model_answers_each_question_in_both_readings() -> None:
    rows = evaluate(FakeModel(), QUESTIONS, "base", SamplingConfig())
    keys = [(r.question_id, r.language, r.model, r.reading) for r in rows]
    assert keys == [(q.id, q.language, "base", r) for q in QUESTIONS for r in READINGS]


def test_a_greedy_response_is_read_in_the_order_that_its_prompt_showed() -> None:
    rows = evaluate(FakeModel(is_chat=True), QUESTIONS, "base", SamplingConfig())
    lettered = 0
    for question, row in zip(QUESTIONS, rows[::2], strict=True):
        place = "ABC".find(row.text[-1])
        order = choice_order(0, question, 0)
        assert row.answer == (order[place] if place >= 0 else None)
        lettered += place >= 0
    assert 0 < lettered < len(QUESTIONS)


def test_the_likelihood_answer_is_the_choice_with_the_highest_log_probability() -> None:
    for row in evaluate(FakeModel(), QUESTIONS, "base", SamplingConfig())[1::2]:
        assert len(row.log_probs) == 3
        assert row.answer is not None
        assert row.log_probs[row.answer] == max(row.log_probs)
        assert row.text == ("ant", "bee", "cow")[row.answer]
        assert not any(math.isnan(value) for value in row.log_probs)


@pytest.mark.parametrize(
    ("model", "language", "metric", "value"),
    [
        # en is right on q0, q1, q2, fr on q0, de on q0 and q1: both of one or more.
        ("base", "en-fr", "known_consistency", 1 / 3),
        ("base", "en-de", "known_consistency", 2 / 3),
        ("base", "fr-de", "known_consistency", 1 / 2),
        ("base", "all", "known_consistency", (1 / 3 + 2 / 3 + 1 / 2) / 3),
        # After it en is right everywhere, fr but on q3, de but on q0.
        ("aligned", "all", "known_consistency", (3 / 4 + 3 / 4 + 2 / 4) / 3),
        ("change", "all", "known_consistency", 2 / 3 - 1 / 2),
        ("base", "all", "language_gap", 3 / 4 - 1 / 4),
        ("aligned", "all", "language_gap", 4 / 4 - 3 / 4),
        ("change", "all", "language_gap", -1 / 4),
        ("base", "all", "english_gap", 3 / 4 - 1 / 4),
    ],
)
def test_numbers_that_are_no_means_of_questions(
    model: str, language: str, metric: str, value: float
) -> None:
    found = scored(BASE, ALIGNED)[model, language, metric]
    assert found.value == pytest.approx(value, abs=1e-6)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high


def test_english_behind_another_language_has_a_gap_below_zero() -> None:
    table: Table = {"en": [1, 2, 2, 1], "fr": [0, 1, 2, 0]}
    found = scored(table, table)
    assert found["base", "all", "english_gap"].value == -0.75
    assert found["base", "all", "language_gap"].value == 0.75


def test_where_nothing_is_right_no_consistency_of_what_is_known_is_told() -> None:
    wrong: Table = {"en": [3, 3, 3, 3], "fr": [3, 3, 3, 3]}
    assert ("base", "all", "known_consistency") not in scored(wrong, wrong)


def test_rank_consistency_comes_with_its_chance_and_floor_for_the_choices_there_are() -> None:
    sizes = {"q0": 2, "q1": 3, "q2": 4, "q3": 4}
    rows = [
        Evaluation(i, code, role, "likelihood", "", 0, None, tuple(-1.0 * n for n in range(size)))
        for role in ROLES
        for code in ("en", "fr")
        for i, size in sizes.items()
    ]
    found = {s.metric: s for s in scores(rows, GOLDS, ["en", "fr"]) if s.reading == "likelihood"}
    for name, mark in (("chance", rank_chance), ("floor", rank_floor)):
        row = found[f"rank_consistency_{name}"]
        assert (row.model, row.low, row.high, row.n) == ("base", None, None, 4)
        assert row.value == pytest.approx((mark(2) + mark(3) + 2 * mark(4)) / 4, abs=1e-6)


def test_the_gap_of_languages_that_are_alike_may_be_none() -> None:
    """Two of forty questions differ: in most draws one language is ahead, which is no gap."""
    count = 40
    table: Table = {"en": [0] * 20 + [1] * 20, "fr": [0] * 19 + [1, 0] + [1] * 19}
    golds: dict[str, int | None] = {f"q{n}": 0 for n in range(count)}
    found = scored(table, table, golds)
    gap, ahead = (found["base", "all", f"{name}_gap"] for name in ("language", "english"))
    assert (gap.value, gap.low) == (0, 0)
    assert gap.high is not None and 0 < gap.high < 0.1
    assert ahead.low is not None and ahead.high is not None
    assert ahead.low < ahead.value == 0 < ahead.high


def test_the_interval_of_a_gap_holds_the_true_one() -> None:
    """The best of four languages is ahead of the worst by .3 in truth."""
    random, held, tries, count = np.random.default_rng(6), 0, 80, 120
    golds = np.zeros(count, dtype=np.int64)
    for _ in range(tries):
        chances = np.array([0.7, 0.6, 0.5, 0.4])
        answers = (random.random((count, 4)) > chances).astype(np.int64)
        (gap, *_) = [
            found
            for found in of_right_answers(
                "response", [answers] * 2, golds, ["en", "fr", "de", "it"]
            )
            if found.metric == "language_gap"
        ]
        draws = gap.of(resample_weights(count) @ gap.parts[0])
        value = float(gap.of(gap.parts[0].mean(0)))
        ends = np.percentile(gap.draws("base", value, draws), [2.5, 97.5])
        held += ends[0] <= 0.3 <= ends[1]
    assert held / tries >= 0.88
