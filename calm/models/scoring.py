"""Log-probabilities of choices as continuations of a prompt.

A prompt and its choices are a tree: each prompt's shared beginning is computed once for all
prompts, each question once for all its choices, and the choices are branches of one row that do
not see each other. The output head is read only where a token of a choice is predicted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from calm.models.decode import NOWHERE, Decoder, Encoded
from calm.models.head import head_at

PROMPTS_AT_ONCE = 16
PLACES_AT_ONCE = 8

Tokens = tuple[int, ...]


@torch.inference_mode()
def score_choices(
    decoder: Decoder, prompts: Sequence[Encoded], choices: Sequence[Sequence[Tokens]]
) -> list[list[float]]:
    """Return the mean log-probability a token, in nats, of each choice after its prompt."""
    scores: list[list[float]] = [[] for _ in prompts]
    rows = [_Row.of(*given) for given in zip(prompts, choices, strict=True)]
    alike = sorted(range(len(rows)), key=lambda place: len(rows[place].ids))
    for start in range(0, len(rows), PROMPTS_AT_ONCE):
        batch = alike[start : start + PROMPTS_AT_ONCE]
        sums = _score_batch(decoder, [prompts[i] for i in batch], [rows[i] for i in batch])
        for place, found in zip(batch, sums, strict=True):
            scores[place] = [
                total / len(choice) for total, choice in zip(found, choices[place], strict=True)
            ]
    return scores


@dataclass
class _Row:
    """What follows a prompt's shared beginning, and all choices but for their last tokens."""

    ids: list[int]
    positions: list[int]
    branches: list[int]
    predicted: list[tuple[int, int, int]] = field(default_factory=list)
    """Which column predicts which token of which choice: (column, token, choice)."""

    @classmethod
    def of(cls, prompt: Encoded, choices: Sequence[Tokens]) -> "_Row":
        rest, start = len(prompt.rest), len(prompt.shared)
        row = cls([*prompt.rest], [*range(start, start + rest)], [0] * rest)
        for number, choice in enumerate(choices):
            columns = [rest - 1, *range(len(row.ids), len(row.ids) + len(choice) - 1)]
            row.predicted += [
                (column, token, number) for column, token in zip(columns, choice, strict=True)
            ]
            row.ids += choice[:-1]
            row.positions += range(start + rest, start + rest + len(choice) - 1)
            row.branches += [number + 1] * (len(choice) - 1)
        return row


def _score_batch(
    decoder: Decoder, prompts: list[Encoded], rows: Sequence[_Row]
) -> list[list[float]]:
    """Return the sum of the log-probabilities of each choice's tokens, by row and choice."""
    width = max(len(row.ids) for row in rows)
    longest_rest = max(len(prompt.rest) for prompt in prompts)
    cache, key_positions = decoder.open_cache(prompts, width - longest_rest)
    device = key_positions.device
    read = sorted(
        {(place, column) for place, row in enumerate(rows) for column, *_ in row.predicted}
    )
    index = {place: number for number, place in enumerate(read)}
    with head_at(decoder.model, *torch.tensor(read, device=device).T):
        logits = decoder.forward(
            _right_padded([row.ids for row in rows], 0, width).to(device),
            _right_padded([row.positions for row in rows], NOWHERE, width).to(device),
            cache,
            key_positions,
            logits_to_keep=0,
            branches=_right_padded([row.branches for row in rows], 0, width).to(device),
        )[0]
    few = logits.split(PLACES_AT_ONCE)  # in fp32 all of them would take much memory
    totals = torch.cat([scores.float().logsumexp(-1) for scores in few])
    sums = [[0.0] * len({choice for *_, choice in row.predicted}) for row in rows]
    wanted = [
        (index[place, column], token, place, choice)
        for place, row in enumerate(rows)
        for column, token, choice in row.predicted
    ]
    at, tokens, *_ = torch.tensor(wanted, device=device).T
    values = logits[at, tokens].float() - totals[at]
    for (_, _, place, choice), value in zip(wanted, values.tolist(), strict=True):
        sums[place][choice] += value
    return sums


def _right_padded(rows: Sequence[Sequence[int]], padding: int, width: int) -> torch.Tensor:
    return torch.tensor([[*row, *[padding] * (width - len(row))] for row in rows])
