"""Voting rules: how much the answers of each language count. None of them looks at a label.

A rule gets how often each language gave each answer and returns how much every choice is
supported. The share of the winner among all support tells how far to trust it.

- `plurality`: every sample counts once (Wang et al., Findings of NAACL 2025, section 3).
- `one-vote`: every language counts once, by its own plurality; a tie of its own abstains.
- `self-consistency`: a sample counts as much as its language agrees with itself (the idea of
  Wang et al., ICLR 2023, between languages).
- `dawid-skene`: a language counts by its accuracy, which is fitted together with the answers by
  expectation maximisation, one accuracy a language (Dawid and Skene, Applied Statistics, 1979).
- `anchor`: one language counts six times, the others once; unless named, it is the most reliable.
- `reliability`: a language counts by its agreement with itself and with the others, the most
  reliable one by how far it stands out (this project).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np
import numpy.typing as npt

from calm.records import Rule

Array = npt.NDArray[np.float64]
Counts = Array
"""How often a language gave a choice: (questions, languages, choices); 0 beyond a question's
own choices."""

ANCHOR_WEIGHT = 6.0
RELIABILITY_POWER = 4
LEAD_POWER = 24
MOST_OF_LEADER = 2.0
"""The leading language counts at most this many times what all others count together."""
EM_STEPS = 100


@dataclass(frozen=True)
class RuleResult:
    """What a rule makes of the counts."""

    support: Array
    """How much each choice is supported, (questions, choices); a row sums to 1, or to 0 where
    nothing could be read."""
    weights: Array
    """How much one answer of each language counts, (languages,), the largest 1."""


def apply_rule(
    rule: Rule, counts: Counts, choices: npt.NDArray[np.int64], anchor: int | None
) -> RuleResult:
    """Apply a rule to `counts`; `choices`, (questions,), is how many each question has.

    `anchor` is the language, by its place, that the rule `anchor` gives its weight to; `None`
    lets the rule find it.
    """
    if rule == "anchor":
        leader = most_reliable(counts) if anchor is None else anchor
        weights = np.ones(counts.shape[1])
        weights[leader] = ANCHOR_WEIGHT
        return _weighted(counts, weights)
    return RULES[rule](counts, choices)


def _plurality(counts: Counts, choices: npt.NDArray[np.int64]) -> RuleResult:
    return _weighted(counts, np.ones(counts.shape[1]))


def _one_vote(counts: Counts, choices: npt.NDArray[np.int64]) -> RuleResult:
    """A language whose own answers tie abstains."""
    leading = (counts == counts.max(2, keepdims=True)) & (counts > 0)
    own = leading & (leading.sum(2, keepdims=True) == 1)
    return _weighted(own.astype(float), np.ones(counts.shape[1]))


def _self_consistency(counts: Counts, choices: npt.NDArray[np.int64]) -> RuleResult:
    return _weighted(counts, self_agreement(counts))


def _reliability(counts: Counts, choices: npt.NDArray[np.int64]) -> RuleResult:
    """Weights fall with the fourth power of reliability, relative to the most reliable language.

    That language counts the more, the further it leads the second: agreement understates how much
    better it is, because weaker languages share their errors. A lead that chance alone would give
    is taken off first, so that equal languages stay equal. The powers were set on the Llama
    samples of X-CSQA and on the built-in training questions; where errors are independent of each
    other, `dawid-skene` is the better rule.
    """
    reliability = relative(reliabilities(counts))
    weights = reliability**RELIABILITY_POWER
    if len(weights) > 1:
        leader = int(reliability.argmax())
        others = float(np.delete(weights, leader).sum())
        led = float(np.exp(LEAD_POWER * _lead(counts, leader)))
        weights[leader] = max(1.0, min(led, MOST_OF_LEADER * others))
    return _weighted(counts, weights)


def _lead(counts: Counts, leader: int) -> float:
    """Return the log of how far a language's reliability lies above the second best.

    Half a standard error is taken off, about what the best of several equal ones leads by chance.
    """
    draws = np.random.default_rng(0).multinomial(len(counts), [1 / len(counts)] * len(counts), 200)
    values = _resampled_reliabilities(counts, np.vstack([np.ones(len(counts)), draws]))
    values = np.log(np.maximum(values, 1e-6))
    leads = values[:, leader] - np.delete(values, leader, 1).max(1)
    return max(0.0, float(leads[0] - leads[1:].std() / 2))


def _dawid_skene(counts: Counts, choices: npt.NDArray[np.int64]) -> RuleResult:
    """Every language is one voter, its samples averaged; support is the posterior probability."""
    shares = _shares(counts)
    answered = (counts.sum(2) > 0).sum(0)
    possible = np.arange(counts.shape[2]) < choices[:, None]
    wrong = np.maximum(choices - 1, 1)[:, None, None]
    accuracy = np.full(counts.shape[1], 0.6)
    posterior = np.zeros((counts.shape[0], counts.shape[2]))
    for _ in range(EM_STEPS):
        odds = np.log(accuracy[:, None] / (1 - accuracy[:, None]))
        logits = (shares * (odds + np.log(wrong))).sum(1)
        logits = np.where(possible, logits, -np.inf)
        posterior = np.exp(logits - logits.max(1, keepdims=True))
        posterior /= posterior.sum(1, keepdims=True)
        right = (posterior[:, None, :] * shares).sum((0, 2))
        accuracy = np.clip(right / np.maximum(answered, 1), 0.05, 0.97)
    posterior[counts.sum((1, 2)) == 0] = 0
    typical = np.log(accuracy / (1 - accuracy)) + np.log(np.median(wrong))
    return RuleResult(posterior, relative(np.maximum(typical, 0)))


RULES: Mapping[str, Callable[[Counts, npt.NDArray[np.int64]], RuleResult]] = {
    "plurality": _plurality,
    "one-vote": _one_vote,
    "self-consistency": _self_consistency,
    "dawid-skene": _dawid_skene,
    "reliability": _reliability,
}
"""Every rule but `anchor`, which takes a language."""
RULE_NAMES: tuple[str, ...] = get_args(Rule)


def self_agreement(counts: Counts) -> Array:
    """Return how often two samples of a language give the same answer, (languages,).

    It is 1 where no question has two readable samples.
    """
    values: Array = _resampled_self_agreement(counts, _once(counts))[0]
    return values


def agreement_matrix(counts: Counts) -> Array:
    """Return how often a sample of one language and one of another agree, (languages, languages).

    Questions that one of the two could not be read on are left out; 0 where none is left.
    """
    values: Array = _resampled_agreement(counts, _once(counts))[0]
    return values


def agreement_with_others(counts: Counts) -> Array:
    """Return each language's mean agreement with every other one, (languages,)."""
    values: Array = _mean_of_others(agreement_matrix(counts)[None])[0]
    return values


def reliabilities(counts: Counts) -> Array:
    """Return agreement with itself times agreement with the others, (languages,).

    The first alone would trust a language that always gives the same wrong answer, the second
    alone one that errs as most others do.
    """
    values: Array = _resampled_reliabilities(counts, _once(counts))[0]
    return values


def _resampled_reliabilities(counts: Counts, times: Array) -> Array:
    """Return reliabilities with each question counted `times`, (resamples, questions)."""
    others = _mean_of_others(_resampled_agreement(counts, times))
    values: Array = _resampled_self_agreement(counts, times) * others
    return values


def _resampled_self_agreement(counts: Counts, times: Array) -> Array:
    n = counts.sum(2)
    pairs = times @ (n * (n - 1))
    same = times @ (counts * (counts - 1)).sum(2)
    agreement: Array = np.divide(same, pairs, out=np.ones(pairs.shape), where=pairs > 0)
    return agreement


def _resampled_agreement(counts: Counts, times: Array) -> Array:
    shares = _shares(counts)
    read = (counts.sum(2) > 0).astype(float)
    languages = counts.shape[1]
    same = times @ (shares @ shares.transpose(0, 2, 1)).reshape(len(counts), -1)
    both = times @ (read[:, :, None] * read[:, None, :]).reshape(len(counts), -1)
    agreement: Array = np.divide(same, both, out=np.zeros(same.shape), where=both > 0)
    return agreement.reshape(-1, languages, languages)


def _mean_of_others(matrices: Array) -> Array:
    """Return row means without the diagonal, (resamples, languages)."""
    diagonals = matrices.diagonal(axis1=1, axis2=2)
    values: Array = (matrices.sum(2) - diagonals) / max(matrices.shape[1] - 1, 1)
    return values


def _once(counts: Counts) -> Array:
    """Return the one resample that is the questions themselves, (1, questions)."""
    return np.ones((1, len(counts)))


def most_reliable(counts: Counts) -> int:
    """Return the place of the most reliable language."""
    return int(reliabilities(counts).argmax())


def relative(values: Array) -> Array:
    """Return the values divided by their largest; ones where all are 0."""
    largest = float(values.max(initial=0))
    return values / largest if largest > 0 else np.ones_like(values)


def _weighted(counts: Counts, weights: Array) -> RuleResult:
    support = (counts * weights[None, :, None]).sum(1)
    total = support.sum(1, keepdims=True)
    support = np.divide(support, total, out=np.zeros_like(support), where=total > 0)
    return RuleResult(support, relative(weights))


def _shares(counts: Counts) -> Array:
    """Return each language's answers as shares that sum to 1, or 0 where none was read."""
    shares: Array = counts / np.maximum(counts.sum(2, keepdims=True), 1)
    return shares
