"""Trust before speed: which of the fast paths give with a model what the model itself gives.

Every path is tried before the first question is asked: on a skeleton of the model, where all but
rounding must be equal, and on the model as it is, where rounding may move a number, but not as a
wrong mask or a wrong position does. What differs, breaks, or cannot be tried goes the plain way.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Any

import torch
from torch.nn.functional import linear

from calm.errors import CalmError
from calm.models.skeleton import skeleton
from calm.models.trials import FEW, MANY, Apart, Own, Rows, Trials, apart, read_alone, read_at_once
from calm.models.trust_kept import Trust, identity, remember, remembered

EXACT = 1e-4
"""How far numbers in fp32 may be from those of the plain way, as a share of their spread."""
ROUNDED = 0.15
"""The same for a model that rounds to 8 bits, where its own cache does not move them further."""
BEHIND = 0.03
"""How far rounding may move what a model says when the words behind are others."""
MORE_THAN_ROUNDING = 3
"""How many times as far as the model's own cache moves its numbers: less is rounding."""
MORE_THAN_A_HEAD = (
    *("final_logit_softcapping", "logit_scale", "output_multiplier", "lm_head_multiplier"),
    "logits_scaling",
)
"""Settings by which TRL does more with the last states than multiply them."""


def check_trainable(language_model: Any) -> None:
    """Raise CalmError for a model that can answer, but whose answers training would misread."""
    if language_model.trust.training == "none":
        raise CalmError("model.not-trainable", model=language_model.name)


def examine(model: Any) -> Trust:
    """Return which paths `model` may go.

    What was found is remembered, here and in `trust.json` in CALM Studio's folder, for the same
    weights, settings and versions. Raises CalmError where the model cannot answer at all.
    """
    key = identity(model)
    if key not in remembered():
        remember(key, tried(model, refuse_what_cannot_answer(model)))
    return remembered()[key]


def tried(model: Any, own: Own | None = None) -> Trust:
    """Try every path on `model`, which says `own` of `FEW` rows; nothing is remembered."""
    with _one_thread():
        try:
            small = skeleton(model)
            rows = Rows.of(small, MANY)
            on_skeleton = Trials(small, rows, read_alone(small, rows))
        except Exception as error:  # a kind of model that we do not know may raise anything
            why = f"No small model of its kind could be made to try the fast way ({_kind(error)})."
            return Trust("plain", "plain", "plain", why)
        reasons = {path: _why_not_on_skeleton(on_skeleton, path) for path in TRIALS}
        untrainable = _why_untrainable(on_skeleton)
    with _answering(model):
        rows = Rows.of(model, FEW)
        on_model = Trials(model, rows, own or read_at_once(model, rows))
        for path, why in reasons.items():
            reasons[path] = why or _why_not_on_model(on_model, path)
    ways: dict[str, Any] = {path: "plain" if why else "fast" for path, why in reasons.items()}
    if untrainable:
        ways["training"], reasons["training"] = "none", untrainable
    return Trust(**ways, why=" ".join(filter(None, reasons.values())))


def refuse_what_cannot_answer(model: Any) -> Own:
    """Return what `model` says of `FEW` rows.

    Raises CalmError unless it continues a text from its beginning to its end.
    """
    name = type(model).__name__
    if getattr(model.config, "is_encoder_decoder", False):
        raise CalmError("model.turns-texts", model=name)
    try:
        rows = Rows.of(model, FEW)
        with _answering(model):
            own = read_at_once(model, rows)
    except (TypeError, ValueError, RuntimeError, AttributeError, KeyError, IndexError) as error:
        reason = (str(error).strip() or type(error).__name__).split("\n", 1)[0]
        raise CalmError("model.no-answer", model=name, reason=reason) from error
    if not all(bool(logits.isfinite().all()) for logits in own.logits):
        raise CalmError("model.no-first-numbers", model=name)
    start = len(rows.prompts[0].shared) + len(rows.prompts[0].rest)
    alike = start + rows.last - len(rows.whole[0])
    one, other = (logits[:alike] for logits in own.logits[:2])  # they go on in other ways
    if median(apart(one, other)) > (BEHIND if _rounds(model) else EXACT / 10):
        raise CalmError("model.looks-ahead", model=name)
    return own


Trial = Callable[[Trials], Apart]
TRIALS: dict[str, tuple[Sequence[Trial], Trial, str]] = {
    "decode": (
        (Trials.decoding, Trials.narrowing, Trials.continuing),
        Trials.decoding,
        "Texts are continued one by one",
    ),
    "scores": ((Trials.scoring,), Trials.scoring, "Choices are scored one by one"),
    "training": (
        (Trials.training, Trials.learning),
        Trials.training,
        "Pairs are trained on without merging them",
    ),
}
"""For every path: what is tried on the skeleton, what on the model itself, and what is done
where one of them fails."""


def _why_not_on_skeleton(small: Trials, path: str) -> str:
    """Return "" where `path` gives all but the same with the skeleton, else a sentence."""
    trials, _, instead = TRIALS[path]
    try:
        if all(max(trial(small)) <= EXACT for trial in trials):
            return ""
    except Exception as error:  # as above: whatever it is, the plain way does without
        return _unknown(instead, error)
    return f"{instead}: the fast way gives other numbers with this kind of layers."


def _why_not_on_model(given: Trials, path: str) -> str:
    """Return "" where `path` is no further from the model than rounding, else a sentence."""
    _, trial, instead = TRIALS[path]
    try:
        usual = median(trial(given))
        if usual <= _tolerance(given.model):
            return ""
        rounded = _rounds(given.model) and usual <= MORE_THAN_ROUNDING * median(given.caching())
    except Exception as error:  # as above
        return _unknown(instead, error)
    return "" if rounded else f"{instead}: the fast way gives other numbers with these weights."


def _unknown(instead: str, error: Exception) -> str:
    return f"{instead}: the fast way does not know this kind of layers ({_kind(error)})."


def _why_untrainable(small: Trials) -> str:
    """Return "" where training reads of a model what the model says, else a sentence.

    TRL multiplies the last states by the head's weights itself; a family that does more between
    the two would be trained on other numbers than it answers with.
    """
    if _is_head_alone(small):
        return ""
    from trl.trainer.utils import add_fused_lm_head  # slow to import, and seldom needed

    model, prompt, choice = small.model, small.rows.prompts[0], small.rows.choices[0][0]
    start = (*prompt.shared, *prompt.rest)
    plain = model.forward
    try:
        add_fused_lm_head(model)
        ids = torch.tensor([[*start, *choice]])
        labels = ids.masked_fill(torch.arange(ids.shape[1]) < len(start), -100)
        with torch.inference_mode():
            read = model(input_ids=ids, labels=labels, fused_lm_head=True).log_probs
    except Exception as error:  # a kind of model that we do not know may raise anything
        return f"It cannot be trained here: its output head is not found ({_kind(error)})."
    finally:
        model.forward = plain
    own = small.own_score(start, choice)
    if abs(float(read.sum()) / len(choice) - own) > EXACT * max(1.0, abs(own)):
        return "It cannot be trained here: more lies between its layers and its answer than a head."
    return ""


def _is_head_alone(small: Trials) -> bool:
    """Tell whether a model's numbers are its last states times its head, and TRL knows no more."""
    config, head = small.model.config.get_text_config(), small.model.get_output_embeddings()
    if any(getattr(config, name, None) is not None for name in MORE_THAN_A_HEAD):
        return False
    if not small.own.states or type(head) is not torch.nn.Linear:
        return False
    states, logits = small.own.states[0], small.own.logits[0]
    times_head = linear(states[-len(logits) :], head.weight, head.bias)
    return times_head.shape == logits.shape and max(apart(times_head, logits)) <= EXACT


def _tolerance(model: Any) -> float:
    return ROUNDED if _rounds(model) else 10 * EXACT


def _rounds(model: Any) -> bool:
    """Tell whether `model` computes with fewer bits than fp32 has."""
    return model.dtype != torch.float32 or bool(getattr(model, "is_quantized", False))


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


@contextmanager
def _one_thread() -> Iterator[None]:
    """While the block runs, torch computes in one thread: a skeleton's are soon waiting."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
