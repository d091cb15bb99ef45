"""Log-probabilities of choices as continuations of a prompt.

Each prompt's shared beginning is computed once; the output head is read only where a choice's
tokens are predicted.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from calm.backends.decode import Decoder, Encoded

ROWS_AT_ONCE = 64


@torch.inference_mode()
def score_choices(
    decoder: "Decoder", prompts: Sequence["Encoded"], choices: Sequence[Sequence[tuple[int, ...]]]
) -> list[list[float]]:
    """Return the mean log-probability a token, in nats, of each choice after its prompt."""
    from calm.backends.decode import Encoded

    rows = [
        (place, Encoded(prompt.shared, prompt.rest + choice[:-1]), choice)
        for place, prompt in enumerate(prompts)
        for choice in choices[place]
    ]
    scores: list[list[float]] = [[] for _ in prompts]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        batch = rows[start : start + ROWS_AT_ONCE]
        for (place, _, _), value in zip(batch, _score_rows(decoder, batch), strict=True):
            scores[place].append(value)
    return scores


def _score_rows(
    decoder: "Decoder", rows: "list[tuple[int, Encoded, tuple[int, ...]]]"
) -> list[float]:
    encoded = [row for _, row, _ in rows]
    longest = max(len(choice) for _, _, choice in rows)
    cache, key_positions = decoder.open_cache(encoded, 0)
    logits = decoder.read_rest(encoded, cache, key_positions, longest).float()
    log_probs = logits.log_softmax(-1)
    values = []
    for row, (_, _, choice) in enumerate(rows):
        ids = torch.tensor(choice, device=logits.device)
        values.append(log_probs[row, -len(choice) :].gather(1, ids[:, None]).mean().item())
    return values
