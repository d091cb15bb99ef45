"""The objectives over all choices, by numbers worked out by hand."""

import math

import pytest
import torch

from calm.training.choice_objectives import agreeing_weights, consensus, dco, dpo, product

LOG2 = math.log(2)


def scores(*rows: list[float]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.double, requires_grad=True)


@pytest.mark.parametrize(("beta", "loss"), [(1.0, 1.0 + 3.0), (2.0, 0.5 + 6.0)])
def test_dco_of_two_languages_is_the_papers(beta: float, loss: float) -> None:
    """o = (3, 1); untouched, r = (0, 0): |0 - o2 / beta| + |0 - beta o1|."""
    reference = scores([0.0, -3.0, -9.0], [-1.0, -2.0, -9.0])
    found = dco(reference, reference.detach(), (0, 1), torch.tensor([beta, 1.0]))
    assert found.item() == pytest.approx(loss)
    found.backward()
    assert reference.grad is not None
    # Both languages are to prefer a to b more than they do; the third choice is not looked at.
    assert reference.grad.tolist() == [[-1.0, 1.0, 0.0], [-1.0, 1.0, 0.0]]


def test_dco_is_nothing_where_every_language_has_the_sum_of_what_both_preferred() -> None:
    reference = scores([0.0, -3.0], [-1.0, -2.0])
    agreed = scores([0.0, -4.0], [-1.0, -5.0])
    assert dco(agreed, reference, (0, 1), torch.ones(2)).item() == pytest.approx(0.0)
    assert dco(agreed, reference, (1, 0), torch.ones(2)).item() == pytest.approx(0.0)


def test_dco_of_three_languages_is_the_mean_over_their_pairs() -> None:
    """o = (1, 2, 4), r = 0. Pairs: 1 and 2 give 2 + 1, 1 and 3 give 4 + 1, 2 and 3 give 4 + 2."""
    reference = scores([1.0, 0.0], [2.0, 0.0], [4.0, 0.0])
    assert dco(reference, reference, (0, 1), torch.ones(3)).item() == pytest.approx(14 / 3)


def test_a_strong_language_moves_less_and_draws_the_others_more() -> None:
    """o = (2, -1). With twice the strength the first is to move by -1/2, the second by 4."""
    reference = scores([2.0, 0.0], [-1.0, 0.0])
    aligned = scores([2.0 - 0.5, 0.0], [-1.0 + 4.0, 0.0])
    strengths = torch.tensor([2.0, 1.0])
    assert dco(aligned, reference, (0, 1), strengths).item() == pytest.approx(0.0)


def test_dpo_is_the_papers() -> None:
    """Moved by 2 and by 0, beta 0.5: -log sigmoid(1), with gradient -0.5 (1 - sigmoid(1))."""
    policy, reference = scores([-1.0, -5.0]), scores([-3.0, -5.0])
    found = dpo(policy, reference.detach(), 0.5)
    assert found.item() == pytest.approx(math.log(1 + math.exp(-1)))
    found.backward()
    assert policy.grad is not None
    slope = 0.5 * (1 - 1 / (1 + math.exp(-1)))
    assert policy.grad.tolist() == [pytest.approx([-slope, slope])]


def test_consensus_of_two_choices_and_a_certain_target_is_dpo() -> None:
    policy, reference = scores([-1.0, -5.0], [-2.0, -2.0]), scores([-3.0, -5.0], [-2.5, -1.0])
    target = torch.tensor([1.0, 0.0], dtype=torch.double)
    found = consensus(policy, reference.detach(), torch.ones(2, 2), target, 0.5, 0.0)
    assert found.item() == pytest.approx(dpo(policy, reference, 0.5).item())


def test_consensus_is_the_divergence_from_the_target_and_a_likelihood() -> None:
    """Moved by log 2 and by 0, beta 1: 2/3 and 1/3; the second choice has two tokens."""
    policy, reference = scores([LOG2 - 4, -6.0]), scores([-4.0, -6.0])
    lengths, target = torch.tensor([[1, 2]]), torch.tensor([0.25, 0.75], dtype=torch.double)
    found = consensus(policy, reference.detach(), lengths, target, 1.0, 0.5)
    crossed = -(0.25 * math.log(2 / 3) + 0.75 * math.log(1 / 3))
    entropy = -(0.25 * math.log(0.25) + 0.75 * math.log(0.75))
    likelihood = -(0.25 * (LOG2 - 4) + 0.75 * -6.0 / 2)
    assert found.item() == pytest.approx(crossed - entropy + 0.5 * likelihood)


def test_consensus_draws_every_language_to_the_target_and_rests_there() -> None:
    target = torch.tensor([0.2, 0.8], dtype=torch.double)
    policy = scores([0.0, 0.0], [math.log(0.2) / 0.5, math.log(0.8) / 0.5])
    reference = torch.zeros(2, 2, dtype=torch.double)
    consensus(policy, reference, torch.ones(2, 2), target, 0.5, 0.0).backward()
    assert policy.grad is not None
    astray, there = policy.grad.tolist()
    assert astray[0] > 0 > astray[1]
    assert there == pytest.approx([0.0, 0.0])


def test_the_product_is_what_a_pool_of_judges_holds() -> None:
    """3:1 and 1:2 together 3:2; the first squared 9:2."""
    table = torch.log(torch.tensor([[3.0, 1.0], [1.0, 2.0]]))
    assert product(table, torch.ones(2)).tolist() == pytest.approx([3 / 5, 2 / 5])
    assert product(table, torch.tensor([2.0, 1.0])).tolist() == pytest.approx([9 / 11, 2 / 11])


def test_a_language_that_agrees_with_the_others_counts_more_and_one_that_guesses_less() -> None:
    chance = torch.Generator().manual_seed(0)
    tables = []
    for _ in range(40):
        right = int(torch.randint(4, (), generator=chance))
        sure = torch.zeros(4)
        sure[right] = 2.0
        guess = 2 * torch.randn(4, generator=chance)
        tables.append({"a": sure, "b": sure * 0.8, "c": guess})
    weights = agreeing_weights(tables)
    assert weights["a"] > weights["b"] > weights["c"] > 0
    assert sum(weights.values()) == pytest.approx(3)


def test_a_language_that_some_questions_lack_is_judged_on_the_others() -> None:
    sure = torch.tensor([3.0, 0.0])
    tables = [{"a": sure, "b": sure}, {"a": sure, "b": sure, "c": -sure}]
    weights = agreeing_weights(tables)
    assert weights["c"] < weights["a"] == pytest.approx(weights["b"])
