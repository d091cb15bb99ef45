"""Training on a few edits: each language is taught one choice of a question, all else is kept.

A short loop of its own, on the copy of the model that answers: an adapter is trained beside it and
taken off again, so that the base weights stay as they are. A step takes some edits, in all their
languages, and some rehearsal rows: questions on which the languages agree already, whose
distribution over the choices is held to that of the base model. What the base makes of rehearsal
rows is computed once for a model and kept.
"""

import hashlib
import json
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from calm.config import PromptFormat, TrainConfig
from calm.errors import CalmError
from calm.models.adapters import TRAINED
from calm.models.causal_lm import CausalLM
from calm.models.identity import record_of
from calm.models.shared_prefixes import shared_beginnings
from calm.models.trust import check_trainable
from calm.paths import keep, read_kept
from calm.records import Question
from calm.training.adapter import (
    adapter_settings,
    check_learned,
    keep_the_adapter_alone,
    router_at_rest,
    train_in_fp32,
)
from calm.training.choice_rows import ChoiceRow, choice_log_probs, choice_row

MOST_KEPT = 4096
"""Rows whose reference is kept for one model."""
ROWS_AT_ONCE = 16
LARGEST_GRADIENT = 1.0


@dataclass(frozen=True)
class EditSettings:
    """How hard edits are taught, and how hard all else is held."""

    margin: float = 0.1
    """An edit is learnt where every language prefers its choice by so many nats a token."""
    most_passes: int = 12
    """All edits are gone through no more often than this."""
    edits_at_once: int = 2
    rehearsal_questions: int = 16
    """The pool that is rehearsed: questions on which the languages agree most."""
    rehearsal_rows: int = 8
    """Of these a step takes so many, each a question in one language."""
    rehearsal_weight: float = 4.0
    """What a nat of divergence on these counts beside a nat of the edits' loss."""


@dataclass(frozen=True)
class Trained:
    """How a training on edits ended."""

    steps: int
    held: bool
    """Whether every language prefers what it was taught by the margin."""


@dataclass(frozen=True)
class _Taught:
    """An edit as rows of token ids, one a language, and the choice that it teaches."""

    rows: tuple[ChoiceRow, ...]
    answer: int


OnStep = Callable[[int, int, float, float], None]
"""Told the step, the most there can be, its loss, and its smallest margin in nats a token."""


def train_edits(
    language_model: CausalLM,
    edits: Sequence[tuple[Sequence[Question], int]],
    rehearsal: Sequence[Sequence[Question]],
    config: TrainConfig,
    folder: Path,
    on_step: OnStep,
    should_stop: Callable[[], bool] = lambda: False,
    prompt_format: PromptFormat = "auto",
    settings: EditSettings | None = None,
) -> Trained | None:
    """Train an adapter on edits, each a question in its languages and a choice, into `folder`.

    `rehearsal` are questions to choose from of what is kept, each in its languages. Returns `None`
    where it was stopped. Of `config` count the adapter's form, the learning rate and the seed. The
    model answers nobody meanwhile, and is as it was afterwards. Raises CalmError where an edit is
    longer than the model has positions for, and as `calm.training.choice_trainer` does.
    """
    check_trainable(language_model)
    kept = settings or EditSettings()
    model = language_model.model

    def rows_of(questions: Sequence[Question]) -> tuple[ChoiceRow, ...]:
        rows = (choice_row(language_model, q, prompt_format, config.seed) for q in questions)
        most = language_model.most_tokens
        return tuple(row for row in rows if most is None or row.length <= most)

    taught = [_Taught(rows_of(questions), answer) for questions, answer in edits]
    if any(len(edit.rows) < 1 for edit in taught):
        raise CalmError("fix.too-long")
    merged = shared_beginnings(model) if language_model.trust.training == "fast" else nullcontext()
    torch.manual_seed(config.seed)
    with merged, router_at_rest(model):
        pool = agreeing(language_model, [rows_of(v) for v in rehearsal], kept.rehearsal_questions)
        with language_model.trained_beside(adapter_settings(config, model)) as peft:
            train_in_fp32(peft)
            loop = _Loop(peft, taught, pool, config, kept)
            found = loop.run(on_step, should_stop)
            if found is not None:
                check_learned(peft, found.steps)
                peft.save_pretrained(str(folder), selected_adapters=[TRAINED])
                keep_the_adapter_alone(folder)
    return found


Rehearsed = tuple[ChoiceRow, torch.Tensor]
"""A row, and what the base model makes of its choices: log-probabilities that sum to 1."""


class _Loop:
    """The steps of one training."""

    def __init__(
        self,
        peft: Any,
        taught: Sequence[_Taught],
        pool: Sequence[Rehearsed],
        config: TrainConfig,
        settings: EditSettings,
    ) -> None:
        self._peft, self._taught, self._pool = peft, taught, pool
        self._seed, self._settings = config.seed, settings
        self._weights = [p for p in peft.parameters() if p.requires_grad]
        self._optimizer = torch.optim.AdamW(
            self._weights, lr=config.learning_rate, weight_decay=0.0
        )
        self._steps = 0

    def run(self, on_step: OnStep, should_stop: Callable[[], bool]) -> Trained | None:
        """Go through the edits until all hold; a pass in which nothing had to be taught ends it."""
        size = self._settings.edits_at_once
        batches = [self._taught[n : n + size] for n in range(0, len(self._taught), size)]
        most = len(batches) * self._settings.most_passes
        for number in range(self._settings.most_passes):
            before = self._steps
            for batch in batches:
                if should_stop():
                    return None
                loss, margin = self._losses(batch)
                if number == 0 or margin < self._settings.margin:
                    self._step(loss)
                    on_step(self._steps, most, loss.item(), margin)
            if self._steps == before:
                return Trained(self._steps, held=True)
        with torch.no_grad():
            least = min(self._losses(batch)[1] for batch in batches)
        return Trained(self._steps, held=least >= self._settings.margin)

    def _losses(self, batch: Sequence[_Taught]) -> tuple[torch.Tensor, float]:
        """Return the loss of a step, and the smallest margin of its edits."""
        chance = random.Random(f"{self._seed}/{self._steps}/rehearsal")
        count = min(len(self._pool), self._settings.rehearsal_rows)
        rehearsed = chance.sample(list(self._pool), count)
        rows = [row for edit in batch for row in edit.rows]
        device = next(self._peft.parameters()).device
        fast = self._peft.dtype == torch.bfloat16
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=fast):
            scores = choice_log_probs(self._peft, [*rows, *(row for row, _ in rehearsed)])
        told = [distribution(one, row) for one, row in zip(scores, rows, strict=False)]
        answers = [edit.answer for edit in batch for _ in edit.rows]
        loss = -torch.stack([one[n] for one, n in zip(told, answers, strict=True)]).mean()
        margin = min(_margin(one, n) for one, n in zip(told, answers, strict=True))
        if rehearsed:
            apart = [
                divergence(reference.to(device), distribution(one, row))
                for one, (row, reference) in zip(scores[len(rows) :], rehearsed, strict=True)
            ]
            loss = loss + self._settings.rehearsal_weight * torch.stack(apart).mean()
        return loss, margin

    def _step(self, loss: torch.Tensor) -> None:
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._weights, LARGEST_GRADIENT)
        self._optimizer.step()
        self._steps += 1


def distribution(scores: torch.Tensor, row: ChoiceRow) -> torch.Tensor:
    """Return the log-probabilities of a row's choices among themselves, (choices,).

    They follow from the mean log-probability a token, as answers by likelihood do.
    """
    lengths = torch.tensor([len(choice) for choice in row.choices], device=scores.device)
    return (scores / lengths).log_softmax(-1)


def divergence(reference: torch.Tensor, policy: torch.Tensor) -> torch.Tensor:
    """Return the Kullback-Leibler divergence of what is held from what was, in nats."""
    return (reference.exp() * (reference - policy)).sum()


def _margin(told: torch.Tensor, answer: int) -> float:
    """Return by how much a choice is preferred to the best other one, in nats a token."""
    others = torch.cat([told[:answer], told[answer + 1 :]])
    return float((told[answer] - others.max()).detach()) if len(others) else float("inf")


def agreeing(
    language_model: CausalLM, groups: Sequence[Sequence[ChoiceRow]], most: int
) -> list[Rehearsed]:
    """Return the rows of those questions on which most languages agree, at most so many questions.

    Where less than half of the languages give the same answer, a question is not one of them.
    """
    found = dict(zip(_flat(groups), references(language_model, _flat(groups)), strict=True))
    ranked: list[tuple[float, Sequence[ChoiceRow]]] = []
    for rows in groups:
        said = [int(found[row].argmax()) for row in rows]
        if len(said) > 1:
            ranked.append((max(map(said.count, said)) / len(said), rows))
    ranked.sort(key=lambda entry: -entry[0])
    kept = [rows for share, rows in ranked[:most] if share >= 0.5]
    return [(row, found[row]) for rows in kept for row in rows]


def references(language_model: CausalLM, rows: Sequence[ChoiceRow]) -> list[torch.Tensor]:
    """Return what the model as it is makes of rows: computed once for a model, and kept."""
    file = _file_of(language_model)
    known = _readable(read_kept(file)) if file else {}
    marks = [_mark(row) for row in rows]
    lacking = [
        (mark, row)
        for mark, row in zip(marks, rows, strict=True)
        if len(known.get(mark, ())) != len(row.choices)
    ]
    with torch.no_grad():
        for start in range(0, len(lacking), ROWS_AT_ONCE):
            part = lacking[start : start + ROWS_AT_ONCE]
            scores = choice_log_probs(language_model.model, [row for _, row in part])
            for (mark, row), one in zip(part, scores, strict=True):
                known[mark] = distribution(one, row).tolist()
    if file and lacking:
        used = {mark: known[mark] for mark in marks}
        keep(file, {**known} if len(known) <= MOST_KEPT else used)
    return [torch.tensor(known[mark]) for mark in marks]


def _file_of(language_model: CausalLM) -> str:
    """Return where a model's references are kept; empty for a model that was made in memory."""
    if language_model.origin is None:
        return ""
    text = json.dumps(asdict(record_of(language_model)), sort_keys=True)
    return f"rehearsal/{hashlib.sha256(text.encode()).hexdigest()[:32]}.json"


def _mark(row: ChoiceRow) -> str:
    return hashlib.sha256(json.dumps([row.prompt, row.choices]).encode()).hexdigest()[:32]


def _readable(kept: Any) -> dict[str, list[float]]:
    """Return what a file holds of references; a broken entry is as good as none."""
    if not isinstance(kept, Mapping):
        return {}
    return {
        str(mark): scores
        for mark, scores in kept.items()
        if isinstance(scores, list) and all(isinstance(value, float) for value in scores)
    }


def _flat(groups: Sequence[Sequence[ChoiceRow]]) -> list[ChoiceRow]:
    return [row for rows in groups for row in rows]
