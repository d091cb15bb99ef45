"""The trials: each fast path beside what the model itself says and holds of the same rows.

The model reads whole rows first, alone or all of one length: nothing is padded, cached or merged,
and no weight is packed. Those numbers are its own, and every fast path is compared with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch

from calm.models.decode import Decoder, Encoded, start_row
from calm.models.head import has_plain_head, head_for
from calm.models.interface import Draw
from calm.models.plain import few_logits, own_logits
from calm.models.scoring import score_choices
from calm.models.shared_prefixes import shared_beginnings

Apart = Sequence[float]
"""How far each of some rows is from the model's own numbers, as a share of their spread."""
Tokens = tuple[int, ...]

NEW = 6
BEGINNING = tuple(range(7, 22))
MANY = (
    (BEGINNING, (30, 31, 32)),
    (BEGINNING, (33,)),
    (BEGINNING, tuple(range(40, 51))),
    (BEGINNING[:4], (60, 61, 62, 63, 64, 65)),
    ((), tuple(range(70, 79))),
)
"""Prompts that begin alike, in part; each has another length; some outgrow a short window."""
FEW = tuple((BEGINNING[:8], rest[:5]) for _, rest in MANY[:3])
"""What is tried on the model itself, which may be large: enough to be padded and merged."""
CHOICES = (((5, 6, 7), (8,), (9, 10)), ((5, 6), (11, 12, 13, 14)), ((15,), (16, 17)))
FILLERS = range(81, 181)
SPREAD_OVER = 400
"""The rows' numbers are spread over this part of a vocabulary; its beginning is often unused."""


@dataclass(frozen=True)
class Rows:
    """What is tried with a model: prompts, choices behind each, and both filled to one length."""

    prompts: list[Encoded]
    choices: list[list[Tokens]]
    begun: list[Tokens]
    """Each prompt with each of its choices of several tokens."""
    whole: list[Tokens]
    """The same rows, filled up to one length; each goes on in another way."""

    @classmethod
    def of(cls, model: Any, prompts: Sequence[tuple[Tokens, Tokens]]) -> "Rows":
        """Return rows of tokens that `model` knows, begun as its texts begin."""
        config = model.config.get_text_config()
        step = max(1, config.vocab_size // SPREAD_OVER)
        bos = getattr(config, "bos_token_id", None)
        begin = (bos,) if isinstance(bos, int) and 0 <= bos < config.vocab_size else ()

        def ids(numbers: Sequence[int]) -> Tokens:
            return tuple(number * step for number in numbers)

        given = [
            Encoded((*begin, *ids(shared)), ids(rest))
            if shared
            else Encoded((), (*begin, *ids(rest)))
            for shared, rest in prompts
        ]
        choices = [
            [ids(choice) for choice in CHOICES[place % len(CHOICES)]] for place in range(len(given))
        ]
        begun = [
            (*prompt.shared, *prompt.rest, *choice)
            for prompt, of_prompt in zip(given, choices, strict=True)
            for choice in of_prompt
            if len(choice) > 1
        ]
        length = max(map(len, begun))
        whole = [
            (*row, *ids([FILLERS[(11 * n + i) % len(FILLERS)] for i in range(length - len(row))]))
            for n, row in enumerate(begun)
        ]
        return cls(given, choices, begun, whole)

    @property
    def last(self) -> int:
        """How many places there are at most from the end of a prompt to the end of a row."""
        shortest = min(len(prompt.shared) + len(prompt.rest) for prompt in self.prompts)
        return len(self.whole[0]) + 1 - shortest


@dataclass(frozen=True)
class Own:
    """What a model itself says and holds of some rows."""

    rows: list[Tokens]
    logits: list[torch.Tensor]
    """Of every row, behind its last places, among them all from the end of its prompt."""
    states: list[torch.Tensor]
    """The last states that its head is given, (length, size) a row; none where it has no body."""

    def said_behind(self, ids: Tokens) -> torch.Tensor:
        """Return the logits behind `ids`, with which one of the rows begins."""
        row = next(n for n, own in enumerate(self.rows) if own[: len(ids)] == ids)
        return self.logits[row][len(ids) - len(self.rows[row]) - 1]


def read_alone(model: Any, rows: Rows) -> Own:
    """Have `model` read the rows one after the other, each at its own length."""
    given = [_read(model, [row], rows.last) for row in rows.begun]
    return Own(
        rows.begun,
        [logits for own in given for logits in own.logits],
        [states for own in given for states in own.states],
    )


def read_at_once(model: Any, rows: Rows) -> Own:
    """Have `model` read the rows in one batch, filled up to one length."""
    return _read(model, rows.whole, rows.last)


@torch.no_grad()
def _read(model: Any, rows: list[Tokens], last: int) -> Own:
    """Have `model` read rows of one length."""
    bodies: list[Any] = []
    hook = model.base_model.register_forward_hook(lambda *given: bodies.append(given[-1]))
    ids = torch.tensor(rows, device=model.device)
    try:
        out = model(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            use_cache=False,
            **few_logits(model, last),
        )
    finally:
        hook.remove()
    states = getattr(bodies[-1], "last_hidden_state", None) if bodies else None
    return Own(rows, [*out.logits[:, -last:]], [] if states is None else [*states])


@dataclass(frozen=True)
class Trials:
    """Every trial of one model on one set of rows; each tells how far its numbers are apart."""

    model: Any
    rows: Rows
    own: Own

    @cached_property
    def _decoder(self) -> Decoder:
        return Decoder(self.model)

    @torch.inference_mode()
    def decoding(self) -> Apart:
        """Compare what is said behind the prompts and behind a token more, rows padded together."""
        prompts, device = self.rows.prompts, self.model.device
        longer = [self._one_more(prompt) for prompt in prompts]
        cache, key_positions = self._decoder.open_cache(prompts, 2)
        first = self._decoder.read_rest(prompts, cache, key_positions)
        positions = torch.tensor([[len(ids) - 1] for ids in longer], device=device)
        token = torch.tensor([[ids[-1]] for ids in longer], device=device)
        second = self._decoder.forward(token, positions, cache, key_positions)[:, -1]
        return [
            max(
                apart(first[row], self.own.said_behind(ids[:-1]))
                + apart(second[row], self.own.said_behind(ids))
            )
            for row, ids in enumerate(longer)
        ]

    def _one_more(self, prompt: Encoded) -> Tokens:
        """Return the prompt with the first token of its first choice of several."""
        start = (*prompt.shared, *prompt.rest)
        return next(row[: len(start) + 1] for row in self.rows.begun if row[: len(start)] == start)

    @torch.inference_mode()
    def narrowing(self) -> Apart:
        """Compare what is said behind the prompts of a few tokens only, others in each row."""
        if not has_plain_head(self.model):
            return [0.0]
        prompts = self.rows.prompts
        few = torch.tensor([row[-NEW:] for row in self.rows.whole[: len(prompts)]])
        cache, key_positions = self._decoder.open_cache(prompts, 1)
        with head_for(self.model, few):
            got = self._decoder.read_rest(prompts, cache, key_positions)
        own = [self.own.said_behind((*prompt.shared, *prompt.rest)) for prompt in prompts]
        return apart(got, torch.stack(own).gather(1, few))

    @torch.inference_mode()
    def continuing(self) -> Apart:
        """Compare greedy texts and chosen choices, ended at different lengths, with the model's.

        Each is 0 where it is what the model itself would take, else infinite.
        """
        free = self.rows.prompts
        bound = [
            replace(prompt, choices=tuple(choices))
            for prompt, choices in zip(free, self.rows.choices, strict=True)
        ]
        draws = [Draw(NEW - place % 3) for place in range(len(free))]
        found: list[float] = []
        for prompts in (free, bound):
            texts = Decoder(self.model).run(prompts, draws, _never_ends, _never_stops)
            own = map(self._own_text, prompts, draws, texts)
            found += [
                0.0 if text == taken else float("inf")
                for text, taken in zip(texts, own, strict=True)
            ]
        return found

    def _own_text(self, prompt: Encoded, draw: Draw, tokens: list[int]) -> list[int] | None:
        """Return what the model itself takes at each place of `tokens`; `None` where they lack."""
        whole = (
            tuple(tokens) in prompt.choices
            if prompt.choices
            else len(tokens) == draw.max_new_tokens
        )
        if not whole:
            return None
        row = start_row(0, prompt, draw)
        ids = (*prompt.shared, *prompt.rest, *tokens)
        for logits in own_logits(self.model, ids, len(tokens) + 1)[:-1]:
            allowed = row.allowed() or list(range(len(logits)))
            if row.take(allowed[int(logits[allowed].argmax())]):
                break
        return row.tokens

    @torch.inference_mode()
    def scoring(self) -> Apart:
        """Compare the scores of choices as branches of a tree with the model's own."""
        fast = score_choices(self._decoder, self.rows.prompts, self.rows.choices)
        plain = [
            self.own_score((*prompt.shared, *prompt.rest), choice)
            for prompt, choices in zip(self.rows.prompts, self.rows.choices, strict=True)
            for choice in choices
        ]
        return apart(torch.tensor([s for row in fast for s in row]), torch.tensor(plain))

    @torch.no_grad()
    def own_score(self, start: Tokens, choice: Tokens) -> float:
        """Return the mean log-probability a token that the model itself gives `choice`."""
        log_probs = [
            self.own.said_behind((*start, *choice[:place])).float().log_softmax(-1)[token]
            for place, token in enumerate(choice)
        ]
        return float(torch.stack(log_probs).mean())

    @torch.inference_mode()
    def training(self) -> Apart:
        """Compare the states that training reads, rows merged and padded, with the model's own."""
        if not self.own.states:
            raise AttributeError("last_hidden_state")
        ids, mask = self._padded()
        with shared_beginnings(self.model):
            merged = self.model.base_model(input_ids=ids, attention_mask=mask, use_cache=False)
        return [
            max(apart(merged.last_hidden_state[row, :length], self.own.states[row][:length]))
            for row, length in enumerate(mask.sum(1).tolist())
        ]

    @torch.enable_grad()
    def learning(self) -> Apart:
        """Compare the gradients of rows merged with those of the rows as they are."""
        ids, mask = self._padded()
        body = self.model.base_model

        def gradients() -> list[torch.Tensor]:
            self.model.zero_grad()
            states = body(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
            towards = torch.linspace(-1, 1, states.shape[-1]).sin()
            ((states * towards).sum(-1).tanh() * mask).sum().backward()
            return [p.grad for p in body.parameters() if p.grad is not None]

        with shared_beginnings(self.model):
            merged = gradients()
        return _apart_whole(merged, gradients())

    @torch.no_grad()
    def caching(self) -> Apart:
        """Compare the numbers behind the rows with those that the model's own cache gives."""
        found: list[float] = []
        for row, logits in zip(self.own.rows, self.own.logits, strict=True):
            ids = torch.tensor([row], device=self.model.device)
            begun = self.model(input_ids=ids[:, :-2], use_cache=True)
            cache = begun.past_key_values
            ended = self.model(input_ids=ids[:, -2:], past_key_values=cache, use_cache=True)
            found.append(max(apart(ended.logits[0], logits[-2:])))
        return found

    def _padded(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the rows with their choices as a training batch: (ids, mask)."""
        width = max(map(len, self.rows.begun))
        ids = [[*row, *[0] * (width - len(row))] for row in self.rows.begun]
        mask = [[1] * len(row) + [0] * (width - len(row)) for row in self.rows.begun]
        device = self.model.device
        return torch.tensor(ids, device=device), torch.tensor(mask, device=device)


def _never_ends(row: int, tokens: list[int]) -> bool:
    return False


def _never_stops() -> bool:
    return False


def apart(got: torch.Tensor, own: torch.Tensor) -> list[float]:
    """Return each row's typical difference as a share of the row's spread; rows are (n, size)."""
    got, own = got.float(), own.float()
    difference = (got - own).square().mean(-1).sqrt()
    spread = (own - own.mean(-1, keepdim=True)).square().mean(-1).sqrt()
    found: list[float] = (difference / spread.clamp(min=1e-6)).reshape(-1).tolist()
    return found


def _apart_whole(got: Sequence[torch.Tensor], own: Sequence[torch.Tensor]) -> Apart:
    """Return each gradient's difference as a share of it.

    Gradients that are nothing but rounding beside the largest are measured against that.
    """
    if len(got) != len(own):
        return [float("inf")]
    least = 0.01 * max(float(gradient.norm()) for gradient in own)
    return [
        float((one - other).norm()) / max(float(other.norm()), least)
        for one, other in zip(got, own, strict=True)
    ]
