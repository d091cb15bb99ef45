"""Log-probabilities of choices as continuations of a prompt.

Each prompt's shared beginning and each question are computed once; only the choices' own tokens
are computed a row a choice, and the output head is read only where one of them is predicted.
"""

from collections.abc import Sequence

import torch

from calm.backends.decode import NOWHERE, Decoder, Encoded
from calm.backends.head import head_at
from calm.backends.kv_cache import keep_rows

PROMPTS_AT_ONCE = 16
ROWS_AT_ONCE = 8

Tokens = tuple[int, ...]


@torch.inference_mode()
def score_choices(
    decoder: Decoder, prompts: Sequence[Encoded], choices: Sequence[Sequence[Tokens]]
) -> list[list[float]]:
    """Return the mean log-probability a token, in nats, of each choice after its prompt."""
    scores: list[list[float]] = []
    for start in range(0, len(prompts), PROMPTS_AT_ONCE):
        end = start + PROMPTS_AT_ONCE
        scores += _score_batch(decoder, list(prompts[start:end]), choices[start:end])
    return scores


def _score_batch(
    decoder: Decoder, prompts: list[Encoded], choices: Sequence[Sequence[Tokens]]
) -> list[list[float]]:
    longest = max(len(choice) for row in choices for choice in row)
    cache, key_positions = decoder.open_cache(prompts, longest - 1)
    first = decoder.read_rest(prompts, cache, key_positions).float().log_softmax(-1)
    rows = [(place, choice) for place, row in enumerate(choices) for choice in row]
    sums = [float(first[place, choice[0]]) for place, choice in rows]
    if longest > 1:
        copies = torch.tensor([place for place, _ in rows], device=first.device)
        keep_rows(cache, copies)
        starts = [len(prompts[place].shared) + len(prompts[place].rest) for place, _ in rows]
        ids, positions = _right_padded([choice for _, choice in rows], starts, longest - 1)
        ids, positions = ids.to(first.device), positions.to(first.device)
        read, columns = (positions != NOWHERE).nonzero(as_tuple=True)
        with head_at(decoder.model, read, columns):
            logits = decoder.forward(ids, positions, cache, key_positions[copies], longest - 1)[0]
        following = torch.tensor([token for _, choice in rows for token in choice[1:]])
        values = _log_probs(logits, following.to(first.device))
        for row, value in zip(read.tolist(), values, strict=True):
            sums[row] += value
    means = iter(total / len(choice) for total, (_, choice) in zip(sums, rows, strict=True))
    return [[next(means) for _ in row] for row in choices]


def _log_probs(logits: torch.Tensor, tokens: torch.Tensor) -> list[float]:
    """Return the log-probability of each row's token, a few rows in fp32 at once."""
    values: list[float] = []
    for few, ids in zip(logits.split(ROWS_AT_ONCE), tokens.split(ROWS_AT_ONCE), strict=True):
        scores = few.float()
        values += (scores.gather(1, ids[:, None])[:, 0] - scores.logsumexp(-1)).tolist()
    return values


def _right_padded(
    choices: list[Tokens], starts: list[int], width: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return ids and positions of all but each choice's last token, (rows, width)."""
    ids = torch.zeros((len(choices), width), dtype=torch.long)
    positions = torch.full((len(choices), width), NOWHERE, dtype=torch.long)
    for row, (choice, start) in enumerate(zip(choices, starts, strict=True)):
        given = len(choice) - 1
        ids[row, :given] = torch.tensor(choice[:-1], dtype=torch.long)
        positions[row, :given] = torch.arange(start, start + given)
    return ids, positions
