"""Voting rules, by counts worked by hand and by languages whose accuracy is known."""

import numpy as np
import numpy.typing as npt
import pytest

from calm.records import Rule
from calm.voting import rules
from calm.voting.rules import (
    RULE_NAMES,
    Counts,
    agreement_matrix,
    agreement_with_others,
    apply_rule,
    most_reliable,
    self_agreement,
)

TWO_LANGUAGES: Counts = np.array(
    [
        [[4, 0, 0], [2, 2, 0]],
        [[0, 3, 1], [0, 0, 4]],
    ],
    dtype=float,
)
"""Two questions, two languages, three choices, four samples."""
THREE = np.array([3, 3])


def simulated(
    accuracies: list[float], questions: int = 400, samples: int = 4, lure: float = 0.0
) -> tuple[Counts, npt.NDArray[np.int64]]:
    """Counts of languages that know an answer, and then repeat it, or guess at each sample.

    A guess falls for the same wrong answer in every language with probability `lure`.
    """
    chance = np.random.default_rng(0)
    gold = chance.integers(0, 4, questions)
    popular = (gold + chance.integers(1, 4, questions)) % 4
    counts = np.zeros((questions, len(accuracies), 4))
    for language, accuracy in enumerate(accuracies):
        knows = chance.random(questions) < accuracy
        for _ in range(samples):
            guess = chance.integers(0, 4, questions)
            guess = np.where(chance.random(questions) < lure, popular, guess)
            counts[np.arange(questions), language, np.where(knows, gold, guess)] += 1
    return counts, gold


def right(rule: Rule, counts: Counts, gold: npt.NDArray[np.int64]) -> float:
    support = apply_rule(rule, counts, np.full(len(counts), 4), None).support
    return float((support.argmax(1) == gold).mean())


def test_plurality_counts_every_sample_once() -> None:
    support = apply_rule("plurality", TWO_LANGUAGES, THREE, None).support
    assert support.tolist() == [[6 / 8, 2 / 8, 0], [0, 3 / 8, 5 / 8]]


def test_one_vote_counts_a_language_once_and_a_tie_of_its_own_not_at_all() -> None:
    support = apply_rule("one-vote", TWO_LANGUAGES, THREE, None).support
    assert support.tolist() == [[1, 0, 0], [0, 0.5, 0.5]]


def test_self_consistency_weighs_a_language_by_its_agreement_with_itself() -> None:
    result = apply_rule("self-consistency", TWO_LANGUAGES, THREE, None)
    english, other = (6 + 3) / 12, (2 + 6) / 12
    assert result.weights == pytest.approx([1, other / english])
    expected = (4 * english + 2 * other) / (4 * english + 4 * other)
    assert result.support[0, 0] == pytest.approx(expected)


def test_the_anchor_counts_six_times_and_is_the_language_that_was_named() -> None:
    result = apply_rule("anchor", TWO_LANGUAGES, THREE, 1)
    assert result.weights == pytest.approx([1 / 6, 1])
    assert result.support[1].tolist() == pytest.approx([0, 3 / 28, 25 / 28])


def test_an_anchor_that_nobody_named_is_the_most_reliable_language() -> None:
    counts, _ = simulated([0.3, 0.9, 0.4])
    assert apply_rule("anchor", counts, np.full(len(counts), 4), None).weights.argmax() == 1


@pytest.mark.parametrize("rule", RULE_NAMES)
def test_support_sums_to_one_and_to_none_where_nothing_was_read(rule: Rule) -> None:
    counts = np.concatenate([TWO_LANGUAGES, np.zeros((1, 2, 3))])
    support = apply_rule(rule, counts, np.array([3, 3, 3]), None).support
    assert support.sum(1) == pytest.approx([1, 1, 0])


@pytest.mark.parametrize("rule", RULE_NAMES)
def test_a_choice_that_a_question_does_not_have_gets_no_support(rule: Rule) -> None:
    counts = np.array([[[1, 1, 0], [1, 0, 0]], [[0, 1, 1], [0, 0, 2]]], dtype=float)
    support = apply_rule(rule, counts, np.array([2, 3]), None).support
    assert support[0, 2] == 0


@pytest.mark.parametrize("rule", RULE_NAMES)
def test_one_sample_a_language_is_enough_for_every_rule(rule: Rule) -> None:
    counts, gold = simulated([0.7, 0.7, 0.7], samples=1)
    assert right(rule, counts, gold) > 0.75


@pytest.mark.parametrize("rule", RULE_NAMES)
def test_a_single_language_gets_its_own_answers(rule: Rule) -> None:
    counts, gold = simulated([0.7])
    alone = float((counts[:, 0].argmax(1) == gold).mean())
    assert right(rule, counts, gold) == pytest.approx(alone, abs=0.1)


def test_agreement_with_itself_is_that_of_two_different_samples() -> None:
    assert self_agreement(TWO_LANGUAGES) == pytest.approx([9 / 12, 8 / 12])


def test_agreement_between_languages_leaves_out_what_one_could_not_be_read_on() -> None:
    counts = np.concatenate([TWO_LANGUAGES, [[[4, 0, 0], [0, 0, 0]]]])
    assert agreement_matrix(counts)[0, 1] == pytest.approx((0.5 + 0.25) / 2)
    assert agreement_with_others(counts) == pytest.approx([0.375, 0.375])


@pytest.mark.parametrize("strong", [0, 1, 2, 3, 4])
def test_the_strongest_language_is_found_wherever_it_stands(strong: int) -> None:
    accuracies = [0.35] * 5
    accuracies[strong] = 0.8
    assert most_reliable(simulated(accuracies)[0]) == strong


def test_a_language_that_always_gives_the_same_answer_is_not_trusted() -> None:
    counts, _ = simulated([0.7, 0.5, 0.5])
    counts[:, 1] = [4, 0, 0, 0]
    assert self_agreement(counts)[1] == 1
    assert most_reliable(counts) == 0
    weights = apply_rule("reliability", counts, np.full(len(counts), 4), None).weights
    assert weights[1] < 0.5


def test_reliability_beats_plurality_where_weak_languages_share_their_errors() -> None:
    counts, gold = simulated([0.3, 0.3, 0.85, 0.3, 0.3, 0.3], questions=2000, lure=0.6)
    assert right("reliability", counts, gold) > right("plurality", counts, gold) + 0.03


def test_reliability_counts_equal_languages_nearly_alike() -> None:
    counts, gold = simulated([0.6] * 5, questions=2000)
    weights = apply_rule("reliability", counts, np.full(len(counts), 4), None).weights
    assert weights.min() > 0.5
    assert right("reliability", counts, gold) >= right("plurality", counts, gold) - 0.01


def test_with_two_languages_reliability_follows_the_better_one() -> None:
    counts, gold = simulated([0.4, 0.8], questions=2000)
    best_alone = float((counts[:, 1].argmax(1) == gold).mean())
    assert right("reliability", counts, gold) >= best_alone - 0.01


def test_the_leader_never_counts_more_than_its_bound() -> None:
    counts, _ = simulated([0.05, 0.95, 0.05, 0.05])
    weights = apply_rule("reliability", counts, np.full(len(counts), 4), None).weights
    others = np.delete(weights, 1).sum()
    assert weights[1] <= max(rules.MOST_OF_LEADER * others, 1) + 1e-9


def test_dawid_skene_finds_the_accuracy_of_independent_languages() -> None:
    counts, gold = simulated([0.9, 0.5, 0.2], questions=3000, samples=1)
    result = apply_rule("dawid-skene", counts, np.full(len(counts), 4), None)
    assert result.weights.argsort().tolist() == [2, 1, 0]
    confidence = result.support.max(1).mean()
    assert confidence == pytest.approx((result.support.argmax(1) == gold).mean(), abs=0.05)
