"""A fast path that is made wrong is not taken, whichever way it is wrong."""

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch

from calm.models import attention, decode, head, packed_weights, scoring, shared_prefixes, trials
from calm.models.decode import Decoder
from calm.models.packed_weights import pack_weights
from calm.models.trials import FEW, MANY, Rows, read_alone, read_at_once
from calm.models.trust import tried
from tests.models.conftest import FAMILIES

Patch = pytest.MonkeyPatch


def later_by_one(patch: Patch) -> None:
    """What follows the cache is one position further from it."""
    right = Decoder.forward

    def wrong(self: Any, ids: Any, positions: Any, cache: Any, *rest: Any, **more: Any) -> Any:
        shift = int(cache.get_seq_length() > 0)
        return right(self, ids, positions + shift, cache, *rest, **more)

    patch.setattr(Decoder, "forward", wrong)


def masks(patch: Patch, change: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> None:
    for module in (decode, shared_prefixes):
        patch.setattr(
            module,
            "layer_masks",
            lambda config, visible, distance, dtype: attention.layer_masks(
                config, change(visible, distance), distance, dtype
            ),
        )


def sees_the_next(patch: Patch) -> None:
    masks(patch, lambda visible, distance: visible | (distance == -1))


def sees_all_but_itself(patch: Patch) -> None:
    masks(
        patch,
        lambda visible, distance: visible & (distance > 0) | (visible.sum(-1) == 1)[..., None],
    )


def sees_padding(patch: Patch) -> None:
    masks(patch, lambda visible, distance: visible | (distance < -(decode.NOWHERE // 2)))


def adds_truths(patch: Patch) -> None:
    """The masks that attention in plain torch adds are ones and zeros."""
    patch.setattr(attention, "_additive", lambda visible, dtype: visible.to(dtype))


def cache_of_another_layer(patch: Patch) -> None:
    right = Decoder._prefix
    patch.setattr(Decoder, "_prefix", lambda self, *prefix: right(self, *prefix)[::-1])


def cache_aligned_wrongly(patch: Patch) -> None:
    right = decode._left_padded
    patch.setattr(
        decode,
        "_left_padded",
        lambda parts, lengths, width: right(parts, lengths, width).roll(1, 2),
    )


def cache_of_another_row(patch: Patch) -> None:
    right = decode.keep_rows
    patch.setattr(decode, "keep_rows", lambda cache, rows: right(cache, rows.flip(0)))


def few_scores_doubled(patch: Patch) -> None:
    @contextmanager
    def wrong(model: Any, ids: torch.Tensor) -> Any:
        with head.head_for(model, ids):
            right = model.get_output_embeddings().forward
            with head._forward(model.get_output_embeddings(), lambda states: 2 * right(states)):
                yield

    patch.setattr(decode, "head_for", wrong)
    patch.setattr(trials, "head_for", wrong)


def branches_that_see_each_other(patch: Patch) -> None:
    right = Decoder.attention_mask
    patch.setattr(
        Decoder, "attention_mask", lambda self, queries, keys, _: right(self, queries, keys, None)
    )


def a_part_of_the_head_left_out(patch: Patch) -> None:
    @contextmanager
    def wrong(model: Any, rows: torch.Tensor, columns: torch.Tensor) -> Any:
        with head.head_at(model, rows, columns):
            right = model.get_output_embeddings().forward

            def shorter(states: torch.Tensor) -> torch.Tensor:
                logits: torch.Tensor = right(states)
                logits[..., -logits.shape[-1] // 4 :] = -torch.inf
                return logits

            with head._forward(model.get_output_embeddings(), shorter):
                yield

    patch.setattr(scoring, "head_at", wrong)


def scores_summed(patch: Patch) -> None:
    """What is to be the mean over a choice's tokens is off where a choice has several."""
    right = scoring._score_batch
    patch.setattr(
        scoring,
        "_score_batch",
        lambda decoder, prompts, rows: [
            [total * (1 + 0.1 * n) for n, total in enumerate(row)]
            for row in right(decoder, prompts, rows)
        ],
    )


def planted(patch: Patch, change: Callable[[Any], Any]) -> None:
    right = shared_prefixes.build_prefix_trees
    patch.setattr(
        shared_prefixes, "build_prefix_trees", lambda rows, width: change(right(rows, width))
    )


def rows_that_see_each_other(patch: Patch) -> None:
    def change(forest: Any) -> Any:
        size = forest.ancestors.shape[1]
        forest.ancestors[:] = torch.from_numpy(np.tri(size, dtype=bool))
        return forest

    planted(patch, change)


def branches_counted_on(patch: Patch) -> None:
    """A branch's positions go on where the branch before it ended."""

    def change(forest: Any) -> Any:
        forest.positions[:] = torch.arange(forest.positions.shape[1])
        return forest

    planted(patch, change)


def states_of_another_row(patch: Patch) -> None:
    def change(forest: Any) -> Any:
        forest.places[:] = forest.places.roll(1, 0)
        return forest

    planted(patch, change)


def half_the_gradient(patch: Patch) -> None:
    """The states are right, but teach half of what they should."""
    right = trials.shared_beginnings

    @contextmanager
    def wrong(model: Any) -> Any:
        with right(model):
            merged = model.base_model.forward

            def forward(**given: Any) -> Any:
                output = merged(**given)
                states = output.last_hidden_state
                output.last_hidden_state = states / 2 + states.detach() / 2
                return output

            model.base_model.forward = forward
            yield

    patch.setattr(trials, "shared_beginnings", wrong)


DECODE, SCORES, TRAINING = {"decode"}, {"scores"}, {"training"}
WRONG: tuple[tuple[Callable[[Patch], None], set[str]], ...] = (
    (later_by_one, DECODE | SCORES),
    (sees_the_next, DECODE | SCORES | TRAINING),
    (sees_all_but_itself, DECODE | SCORES | TRAINING),
    (sees_padding, DECODE),
    (cache_of_another_layer, DECODE | SCORES),
    (cache_aligned_wrongly, DECODE | SCORES),
    (cache_of_another_row, DECODE),
    (few_scores_doubled, DECODE),
    (branches_that_see_each_other, SCORES),
    (a_part_of_the_head_left_out, SCORES),
    (scores_summed, SCORES),
    (rows_that_see_each_other, TRAINING),
    (branches_counted_on, TRAINING),
    (states_of_another_row, TRAINING),
    (half_the_gradient, TRAINING),
)
"""What is made wrong, and which paths it must close."""


@pytest.fixture(params=["llama-eager", "gemma3"])
def model(request: pytest.FixtureRequest) -> Any:
    torch.manual_seed(0)
    return FAMILIES[request.param]().eval()


@pytest.mark.parametrize(("spoil", "closed"), WRONG, ids=[spoil.__name__ for spoil, _ in WRONG])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_a_path_made_wrong_is_closed(
    model: Any,
    dtype: torch.dtype,
    spoil: Callable[[Patch], None],
    closed: set[str],
    monkeypatch: Patch,
) -> None:
    spoil(monkeypatch)
    found = tried(model.to(dtype))
    ways = {"decode": found.decode, "scores": found.scores, "training": found.training}
    assert {path for path, way in ways.items() if way != "fast"} >= closed
    assert "other numbers" in found.why


def test_truths_for_masks_are_seen_where_attention_adds_them(monkeypatch: Patch) -> None:
    torch.manual_seed(0)
    adds_truths(monkeypatch)
    found = tried(FAMILIES["llama-eager"]().eval())
    assert (found.decode, found.scores, found.training) == ("plain", "plain", "plain")


def test_packed_weights_that_lose_a_part_are_seen(monkeypatch: Patch) -> None:
    if not packed_weights.can_pack():
        pytest.skip("this processor packs no weights")
    torch.manual_seed(0)
    model = FAMILIES["gemma3"]().eval().to(torch.bfloat16)
    pack_weights(model)
    assert tried(model).path == "fast"
    right = packed_weights._Packed.__call__

    def wrong(self: Any, rows: torch.Tensor) -> torch.Tensor:
        products = right(self, rows)
        if torch.is_inference_mode_enabled() and products.shape[-1] == 1000:
            products[..., -200:] = 0
        return products

    monkeypatch.setattr(packed_weights._Packed, "__call__", wrong)
    assert tried(model).decode == "plain"


def test_the_rows_are_of_one_length_and_the_first_two_go_on_in_other_ways() -> None:
    for prompts in (FEW, MANY):
        rows = Rows.of(FAMILIES["llama"](), prompts)
        assert len({len(row) for row in rows.whole}) == 1
        start = (*rows.prompts[0].shared, *rows.prompts[0].rest)
        first, second = rows.whole[:2]
        assert first[: len(start)] == second[: len(start)] == start
        assert all(a != b for a, b in zip(first[len(start) :], second[len(start) :], strict=True))


def test_rows_read_at_once_are_as_rows_read_alone(model: Any) -> None:
    rows = Rows.of(model, FEW)
    alone, together = read_alone(model, rows), read_at_once(model, rows)
    for own in (alone, together):
        assert len(own.states) == len(own.logits) == len(rows.begun)
    for row in rows.begun:
        said = (own.said_behind(row) for own in (together, alone))
        torch.testing.assert_close(*said, rtol=1e-4, atol=1e-4)
    for got, one in zip(together.states, alone.states, strict=True):
        torch.testing.assert_close(got[: len(one)], one, rtol=1e-4, atol=1e-4)
