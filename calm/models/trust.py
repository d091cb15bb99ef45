"""Trust before speed: which of the fast paths give with a model what the model itself gives.

Every path is tried before the first question is asked: on a skeleton of the model, where all but
rounding must be equal, and on the model as it is, where rounding may move a number, but not as a
wrong mask or a wrong position does. What differs, breaks, or cannot be tried goes the plain way.
"""

import contextlib
import functools
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, Literal

import torch

from calm.errors import CalmError
from calm.models.decode import Decoder, Encoded
from calm.models.interface import Draw
from calm.models.plain import PlainDecoder, own_logits
from calm.models.scoring import score_choices
from calm.models.shared_prefixes import shared_beginnings
from calm.models.skeleton import skeleton
from calm.paths import keep, read_kept

Way = Literal["fast", "plain"]
Training = Literal["fast", "plain", "none"]
Apart = Sequence[float]
"""How far each of some rows is from the model's own numbers, as a share of their spread."""
Trial = Callable[[Any, int], Apart]
"""Tries a path on a model, with so many of the prompts."""

EXACT = 1e-4
"""How far numbers in fp32 may be from those of the plain way, as a share of their spread."""
ROUNDED = 0.15
"""The same for a model that rounds to 8 bits, where its own cache does not move them further."""
BEHIND = 0.03
"""How far rounding may move what a model says when the words behind are others."""
MORE_THAN_ROUNDING = 3
"""How many times as far as the model's own cache moves its numbers: less is rounding."""
ON_MODEL = 3
"""How many prompts are tried on the model itself, which may be large."""
NEW = 6
BEGINNING = tuple(range(7, 22))
"""The rows tried begin alike, in part; each has another length; some outgrow a short window."""
RESTS = ((30, 31, 32), (33,), tuple(range(40, 51)), (60, 61, 62, 63, 64, 65))
PROMPTS = (
    *((BEGINNING, rest) for rest in RESTS[:3]),
    (BEGINNING[:4], RESTS[3]),
    ((), tuple(range(70, 79))),
)
CHOICES = (((5, 6, 7), (8,), (9, 10)), ((5, 6), (11, 12, 13, 14)), ((15,), (16, 17)))
ONE_MORE = 80
SPREAD_OVER = 400
"""The rows' numbers are spread over this part of a vocabulary; its beginning is often unused."""


@dataclass(frozen=True)
class Rows:
    """What is tried with a model: prompts, choices behind each, and prompts with one token more."""

    prompts: list[Encoded]
    choices: list[list[tuple[int, ...]]]
    longer: list[tuple[int, ...]]

    @classmethod
    def of(cls, model: Any, count: int) -> "Rows":
        """Return `count` rows of tokens that `model` knows, begun as its texts begin."""
        config = model.config.get_text_config()
        step = max(1, config.vocab_size // SPREAD_OVER)
        bos = getattr(config, "bos_token_id", None)
        begin = (bos,) if isinstance(bos, int) and 0 <= bos < config.vocab_size else ()

        def ids(numbers: Sequence[int]) -> tuple[int, ...]:
            return tuple(number * step for number in numbers)

        prompts = [
            Encoded((*begin, *ids(shared)), ids(rest))
            if shared
            else Encoded((), (*begin, *ids(rest)))
            for shared, rest in PROMPTS[:count]
        ]
        choices = [
            [ids(choice) for choice in CHOICES[place % len(CHOICES)]] for place in range(count)
        ]
        longer = [(*prompt.shared, *prompt.rest, ONE_MORE * step) for prompt in prompts]
        return cls(prompts, choices, longer)


@dataclass(frozen=True)
class Trust:
    """Which way a model goes in decoding, in scoring choices and in training, and why."""

    decode: Way = "fast"
    scores: Way = "fast"
    training: Training = "fast"
    """ "none" where this model can answer, but cannot be trained here."""
    why: str = ""
    """A sentence for each plain way; empty where all are fast."""

    @property
    def path(self) -> Way:
        """Return "fast" where everything is, else "plain"."""
        return "fast" if {self.decode, self.scores, self.training} == {"fast"} else "plain"


def check_trainable(language_model: Any) -> None:
    """Raise CalmError for a model that can answer, but whose answers training would misread."""
    if language_model.trust.training == "none":
        raise CalmError(
            f"The model {language_model.name} can answer, but cannot be trained here: training "
            "would not read its answers as it gives them. Choose another model to align."
        )


def examine(model: Any) -> Trust:
    """Return which paths `model` may go.

    What was found is remembered, here and in `trust.json` in CALM Studio's folder, for the same
    weights, settings and versions. Raises CalmError where the model cannot answer at all.
    """
    refuse_what_cannot_answer(model)
    key = _identity(model)
    known = _remembered()
    if key not in known:
        known[key] = tried(model)
        _remember(known)
    return known[key]


def tried(model: Any) -> Trust:
    """Try every path on `model`; nothing is remembered."""
    try:
        small = skeleton(model)
    except Exception as error:  # a kind of model that we do not know may raise anything
        why = f"No small model of its kind could be made to try the fast way ({_kind(error)})."
        return Trust("plain", "plain", "plain", why)
    with _answering(model):
        reasons = {path: _reason(model, small, path) for path in TRIALS}
    ways: dict[str, Any] = {path: "plain" if why else "fast" for path, why in reasons.items()}
    untrainable = _why_untrainable(small)
    if untrainable:
        ways["training"], reasons["training"] = "none", untrainable
    return Trust(**ways, why=" ".join(filter(None, reasons.values())))


def refuse_what_cannot_answer(model: Any) -> None:
    """Raise CalmError unless `model` continues a text from its beginning to its end."""
    name = type(model).__name__
    if getattr(model.config, "is_encoder_decoder", False):
        raise CalmError(
            f"This model ({name}) has an encoder and a decoder: it turns one text into another and "
            "does not continue a text. Choose a causal language model."
        )
    try:
        with _answering(model), torch.inference_mode():
            ids = Rows.of(model, ON_MODEL).longer[-1]
            half = len(ids) // 2
            one = own_logits(model, ids, len(ids))[:half]
            other = own_logits(model, (*ids[:half], *reversed(ids[half:])), len(ids))[:half]
    except (TypeError, ValueError, RuntimeError, AttributeError, KeyError, IndexError) as error:
        reason = (str(error).strip() or type(error).__name__).split("\n", 1)[0]
        raise CalmError(
            f"This model ({name}) cannot answer here: a first short text failed. "
            f"Choose another model. (The reason given was: {reason})"
        ) from error
    if not bool(one.isfinite().all()):
        raise CalmError(
            f"This model ({name}) gives no numbers for a first short text. Its weights are broken, "
            "or they need another precision: try --precision fp32, or choose another model."
        )
    if median(_apart(one, other)) > (BEHIND if _rounds(model) else EXACT / 10):
        raise CalmError(
            f"This model ({name}) looks ahead: what it says of a word hangs on the words behind "
            "it. It is an encoder and cannot continue a text. Choose a causal language model."
        )


def _decoding(model: Any, count: int) -> Apart:
    """Compare the numbers behind the prompts and behind one more token, rows padded together."""
    rows = Rows.of(model, count)
    decoder = Decoder(model)
    cache, key_positions = decoder.open_cache(rows.prompts, 2)
    first = decoder.read_rest(rows.prompts, cache, key_positions)
    positions = torch.tensor([[len(ids) - 1] for ids in rows.longer], device=model.device)
    token = torch.tensor([[ids[-1]] for ids in rows.longer], device=model.device)
    second = decoder.forward(token, positions, cache, key_positions)[:, -1]
    return [
        max(_apart(torch.stack([first[row], second[row]]), own_logits(model, ids, 2)))
        for row, ids in enumerate(rows.longer)
    ]


def _caching(model: Any, count: int) -> Apart:
    """Compare the numbers behind the prompts with those that the model's own cache gives."""
    apart: list[float] = []
    for longer in Rows.of(model, count).longer:
        ids = torch.tensor([longer], device=model.device)
        begun = model(input_ids=ids[:, :-2], use_cache=True)
        ended = model(input_ids=ids[:, -2:], past_key_values=begun.past_key_values, use_cache=True)
        apart.append(max(_apart(ended.logits[0], own_logits(model, longer, 2))))
    return apart


def _continuing(model: Any, count: int) -> Apart:
    """Compare greedy continuations, ended at different lengths: 0 where equal, else infinite."""
    prompts = Rows.of(model, count).prompts
    draws = [Draw(NEW - place % 3) for place in range(count)]
    fast = Decoder(model).run(prompts, draws, _never_ends, _never_stops)
    plain = PlainDecoder(model).run(prompts, draws, _never_ends, _never_stops)
    return [0.0 if got == own else float("inf") for got, own in zip(fast, plain, strict=True)]


def _never_ends(row: int, tokens: list[int]) -> bool:
    return False


def _never_stops() -> bool:
    return False


def _scoring(model: Any, count: int) -> Apart:
    """Compare the scores of choices as branches of a tree with those of a row a choice."""
    rows = Rows.of(model, count)
    fast = score_choices(Decoder(model), rows.prompts, rows.choices)
    plain = PlainDecoder(model).score(rows.prompts, rows.choices)
    flat = [torch.tensor([[s for row in scores for s in row]]) for scores in (fast, plain)]
    return _apart(*flat)


def _training_rows(model: Any, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    tried = Rows.of(model, count)
    given = zip(tried.prompts, tried.choices, strict=True)
    rows = [[*p.shared, *p.rest, *choice] for p, choices in given for choice in choices[:2]]
    width = max(map(len, rows))
    ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    return ids, mask


def _training(model: Any, count: int) -> Apart:
    """Compare the states that training reads, rows merged, with those of each row alone."""
    ids, mask = (given.to(model.device) for given in _training_rows(model, count))
    with shared_beginnings(model):
        merged = model.base_model(input_ids=ids, attention_mask=mask, use_cache=False)
    apart: list[float] = []
    for row, length in enumerate(mask.sum(1).tolist()):
        own = model.base_model(
            input_ids=ids[row : row + 1, :length],
            attention_mask=mask[row : row + 1, :length],
            use_cache=False,
        )
        states = merged.last_hidden_state[row, :length]
        apart.append(max(_apart(states, own.last_hidden_state[0])))
    return apart


def _learning(model: Any, count: int) -> Apart:
    """Compare the gradients of rows merged with those of the rows as they are."""
    ids, mask = _training_rows(model, count)

    def gradients() -> list[torch.Tensor]:
        model.zero_grad()
        states = model.base_model(
            input_ids=ids, attention_mask=mask, use_cache=False
        ).last_hidden_state
        towards = torch.linspace(-1, 1, states.shape[-1]).sin()
        ((states * towards).sum(-1).tanh() * mask).sum().backward()
        return [p.grad for p in model.base_model.parameters() if p.grad is not None]

    with shared_beginnings(model):
        merged = gradients()
    return _apart_whole(merged, gradients())


TRIALS: dict[str, tuple[Sequence[Trial], Trial, str]] = {
    "decode": ((_decoding, _continuing), _decoding, "Texts are continued one by one"),
    "scores": ((_scoring,), _scoring, "Choices are scored one by one"),
    "training": ((_training, _learning), _training, "Pairs are trained on without merging them"),
}
"""For every path: what is tried on the skeleton, what on the model itself, and what is done
where one of them fails."""


def _why_untrainable(small: Any) -> str:
    """Return "" where training reads of a model what the model says, else a sentence.

    TRL multiplies the last states by the head's weights itself; a family that does more between
    the two would be trained on other numbers than it answers with.
    """
    from trl.trainer.utils import add_fused_lm_head  # slow to import, and seldom needed

    rows = Rows.of(small, 1)
    start, choice = rows.longer[0][:-1], rows.choices[0][0]
    own = PlainDecoder(small).score(rows.prompts, [[choice]])[0][0]
    plain = small.forward
    try:
        add_fused_lm_head(small)
        ids = torch.tensor([[*start, *choice]])
        labels = ids.masked_fill(torch.arange(ids.shape[1]) < len(start), -100)
        with torch.inference_mode():
            read = small(input_ids=ids, labels=labels, fused_lm_head=True).log_probs
    except Exception as error:  # a kind of model that we do not know may raise anything
        return f"It cannot be trained here: its output head is not found ({_kind(error)})."
    finally:
        small.forward = plain
    if abs(float(read.sum()) / len(choice) - own) > EXACT * max(1.0, abs(own)):
        return "It cannot be trained here: more lies between its layers and its answer than a head."
    return ""


def _reason(model: Any, small: Any, path: str) -> str:
    """Return "" where `path` may go fast with `model`, else a sentence that says why not."""
    on_skeleton, on_model, instead = TRIALS[path]
    try:
        for trial in on_skeleton:
            with torch.enable_grad() if trial is _learning else torch.inference_mode():
                apart = trial(small, len(PROMPTS))
            if not max(apart) <= EXACT:
                return f"{instead}: the fast way gives other numbers with this kind of layers."
        with torch.inference_mode():
            usual = median(on_model(model, ON_MODEL))
            if usual <= _tolerance(model):
                return ""
            rounded = usual <= MORE_THAN_ROUNDING * median(_caching(model, ON_MODEL))
    except Exception as error:  # as above: whatever it is, the plain way does without
        return f"{instead}: the fast way does not know this kind of layers ({_kind(error)})."
    other = f"{instead}: the fast way gives other numbers with these weights."
    return "" if rounded and _rounds(model) else other


def _tolerance(model: Any) -> float:
    return ROUNDED if _rounds(model) else 10 * EXACT


def _rounds(model: Any) -> bool:
    """Tell whether `model` computes with fewer bits than fp32 has."""
    return model.dtype != torch.float32 or bool(getattr(model, "is_quantized", False))


def _apart(got: torch.Tensor, own: torch.Tensor) -> Apart:
    """Return each row's typical difference as a share of the row's spread; rows are (n, size)."""
    got, own = got.float(), own.float()
    difference = (got - own).square().mean(-1).sqrt()
    spread = (own - own.mean(-1, keepdim=True)).square().mean(-1).sqrt()
    found: list[float] = (difference / spread.clamp(min=1e-6)).tolist()
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


def _kind(error: Exception) -> str:
    return type(error).__name__


@contextmanager
def _answering(model: Any) -> Iterator[None]:
    """While the block runs, `model` is in eval mode."""
    before = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(before)


def _identity(model: Any) -> str:
    """Return a name for the model as it is: weights, settings, precision, and what computes it."""
    config = model.config.get_text_config()
    parts = [
        type(model).__name__,
        config.to_json_string(use_diff=False),
        str(config._attn_implementation),
        *(f"{name} {version(name)}" for name in ("torch", "transformers")),
        _our_code(),
        str(model.device.type),
    ]
    for name, weights in model.named_parameters():
        start = weights.detach().flatten()[:4].float().tolist()
        parts.append(f"{name} {tuple(weights.shape)} {weights.dtype} {start}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@functools.cache
def _our_code() -> str:
    """Return a name for the code of the paths, so that a change in it is tried anew."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


_KNOWN: dict[str, Trust] = {}
FILE = "trust.json"


def _remembered() -> dict[str, Trust]:
    """Return what was found before; a file that cannot be read is as none."""
    if not _KNOWN:
        with contextlib.suppress(TypeError, AttributeError):
            _KNOWN.update({key: Trust(**row) for key, row in read_kept(FILE).items()})
    return _KNOWN


def _remember(known: dict[str, Trust]) -> None:
    keep(FILE, {key: asdict(row) for key, row in known.items()})
