"""Shared beginnings computed once: the same hidden states and gradients as row by row."""

from typing import Any

import pytest
import torch

from calm.models import shared_prefixes as module
from calm.models.shared_prefixes import build_prefix_trees, shared_beginnings

PROMPT = list(range(10, 40))
ROWS = [
    [*PROMPT, 50, 51, 52],
    [*PROMPT, 50, 53],
    [*PROMPT, 60],
    [*PROMPT[:20], 70, 71, 72, 73],
    [5, 6, 7],
    [*PROMPT, 50, 51, 52],
]


def padded(rows: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(map(len, rows))
    ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    return ids, mask


def test_rows_become_trees_in_which_a_shared_token_stands_once() -> None:
    forest = build_prefix_trees(ROWS, 33)
    own = 30 + 3 + 1 + 1 + 4
    assert forest.tokens.shape == (2, own)
    assert sum(map(len, ROWS)) > 3 * own


def test_a_node_looks_at_its_own_row_alone() -> None:
    forest = build_prefix_trees([[*range(8), 20, 21], [*range(8), 30]], 10)
    sees = {
        int(forest.tokens[0, node]): forest.tokens[0][forest.ancestors[0, node]].tolist()
        for node in range(forest.tokens.shape[1])
    }
    assert sees[21] == [*range(8), 20, 21]
    assert sees[30] == [*range(8), 30]


def test_a_tree_is_closed_when_it_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TOKENS", 35)
    assert len(build_prefix_trees(ROWS, 33).tokens) > 2


@pytest.mark.parametrize("rows", [ROWS, ROWS[4:5], ROWS[:1] * 3], ids=["mixed", "one", "equal"])
def test_hidden_states_and_gradients_are_those_of_the_plain_way(
    tiny_model: Any, rows: list[list[int]]
) -> None:
    tiny_model.double()
    ids, mask = padded(rows)
    weights = torch.randn(*ids.shape, tiny_model.config.hidden_size).double() * mask[..., None]

    def states_and_gradients() -> tuple[torch.Tensor, list[torch.Tensor]]:
        tiny_model.zero_grad()
        states = tiny_model.base_model(input_ids=ids, attention_mask=mask).last_hidden_state
        (states * weights).sum().backward()
        gradients = [p.grad.clone() for p in tiny_model.base_model.parameters()]
        return states.detach() * mask[..., None], gradients

    plain, plain_gradients = states_and_gradients()
    with shared_beginnings(tiny_model):
        shared, gradients = states_and_gradients()
    torch.testing.assert_close(shared, plain, rtol=1e-4, atol=1e-5)
    for got, expected in zip(gradients, plain_gradients, strict=True):
        torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4)


def test_afterwards_the_model_is_as_it_was(tiny_model: Any) -> None:
    before = tiny_model.base_model.forward
    with pytest.raises(ZeroDivisionError), shared_beginnings(tiny_model):
        assert tiny_model.base_model.forward != before
        raise ZeroDivisionError
    assert tiny_model.base_model.forward == before
