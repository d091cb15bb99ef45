"""The plain path: each row alone, by the model's own `generate` and its own forward.

Slower than `decode.py` and `choice_scores.py`, and right for whatever transformers can answer with.
The same prompt and draw mean the same on both paths: choices, chance by seed, stops, streaming.
"""

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from transformers import GenerationConfig, LogitsProcessor, StoppingCriteria

from calm.models.decode import Encoded, Growing, OnToken, most_new, start_row
from calm.models.interface import Draw
from calm.models.sampler import pick, uniforms

Tokens = tuple[int, ...]
OnRows = Callable[[Sequence[str]], None]


class PlainDecoder:
    """Continues encoded prompts one after the other with one model."""

    def __init__(self, model: Any, on_rows: OnRows = lambda weights: None) -> None:
        """`on_rows` is told which weights answer the row that is computed next."""
        self.model = model
        self._on_rows = on_rows

    @torch.inference_mode()
    def run(
        self,
        prompts: Sequence[Encoded],
        draws: Sequence[Draw],
        on_token: OnToken,
        should_stop: Callable[[], bool],
    ) -> list[list[int]]:
        """Return the new tokens of every prompt, in the order given.

        Rows that were not begun when it was told to stop have none.
        """
        rows = [
            start_row(number, *given)
            for number, given in enumerate(zip(prompts, draws, strict=True))
        ]
        with _own_settings_aside(self.model):
            for row, prompt in zip(rows, prompts, strict=True):
                if should_stop():
                    break
                self._on_rows([prompt.weights])
                self._continue(row, prompt, on_token, should_stop)
        return [row.tokens for row in rows]

    def _continue(
        self, row: Growing, prompt: Encoded, on_token: OnToken, should_stop: Callable[[], bool]
    ) -> None:
        ids = torch.tensor([[*prompt.shared, *prompt.rest]], device=self.model.device)
        new = most_new(prompt, row.draw)
        self.model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=new,
            logits_processor=[_Picks(row, new)],
            stopping_criteria=[_Stops(row, on_token, should_stop)],
        )

    @torch.inference_mode()
    def score(
        self, prompts: Sequence[Encoded], choices: Sequence[Sequence[Tokens]]
    ) -> list[list[float]]:
        """Return the mean log-probability a token, in nats, of each choice after its prompt."""
        return [
            [self._score(prompt, choice) for choice in row]
            for prompt, row in zip(prompts, choices, strict=True)
        ]

    def _score(self, prompt: Encoded, choice: Tokens) -> float:
        self._on_rows([prompt.weights])
        ids = (*prompt.shared, *prompt.rest, *choice)
        logits = own_logits(self.model, ids, len(choice) + 1)[:-1].float()
        wanted = torch.tensor(choice, device=logits.device)[:, None]
        return float(logits.log_softmax(-1).gather(1, wanted).mean())


def own_logits(model: Any, ids: Sequence[int], last: int) -> torch.Tensor:
    """Return what the model itself says behind the `last` tokens of one row: (last, vocabulary)."""
    given = torch.tensor([ids], device=model.device)
    few = few_logits(model, last)
    logits: torch.Tensor = model(
        input_ids=given, attention_mask=torch.ones_like(given), use_cache=False, **few
    ).logits[0]
    return logits[-last:]


def few_logits(model: Any, last: int) -> dict[str, int]:
    """Return what tells `model` to read its head behind the `last` places only, where it can."""
    known = inspect.signature(type(model).forward).parameters
    return {"logits_to_keep": last} if "logits_to_keep" in known else {}


class _Picks(LogitsProcessor):  # type: ignore[misc]
    """Leaves `generate` no token but the one that the row's own draw picks."""

    def __init__(self, row: Growing, new: int) -> None:
        self._row = row
        self._chance = torch.from_numpy(uniforms(row.draw.seed, new))
        self._step = 0

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        draw, place = self._row.draw, scores.device
        chance = self._chance[self._step : self._step + 1].to(place)
        temperature = torch.tensor([draw.temperature], device=place)
        top_p = torch.tensor([draw.top_p], device=place)
        token = pick(scores, temperature, top_p, chance, [self._row.allowed()])
        self._step += 1
        return torch.full_like(scores, -torch.inf).index_fill(1, token.long(), 0.0)


class _Stops(StoppingCriteria):  # type: ignore[misc]
    """Hands each new token on and ends the row where it is finished, decided, or told to stop."""

    def __init__(self, row: Growing, on_token: OnToken, should_stop: Callable[[], bool]) -> None:
        self._row = row
        self._on_token = on_token
        self._should_stop = should_stop

    def __call__(
        self, input_ids: torch.Tensor, scores: torch.Tensor, **kwargs: Any
    ) -> torch.Tensor:
        decided = self._row.take(int(input_ids[0, -1]))
        finished = self._on_token(self._row.index, self._row.tokens) or decided
        ends = finished or self._should_stop()
        return torch.tensor([ends], device=input_ids.device)


@contextmanager
def _own_settings_aside(model: Any) -> Iterator[None]:
    """While the block runs, `generate` follows the draw alone, not what comes with the model.

    A model's own penalties, forced tokens and end tokens are no part of a draw; which tokens end a
    row, the caller tells.
    """
    before = model.generation_config
    model.generation_config = GenerationConfig(
        do_sample=False, pad_token_id=0, bos_token_id=before.bos_token_id
    )
    try:
        yield
    finally:
        model.generation_config = before
