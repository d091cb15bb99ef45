"""Training on all choices of questions: no sampling, no vote (`calm.training.choice_objectives`).

What the reference, the model before training, makes of every choice is computed once, before the
first step. Then a step takes some questions, each in all languages that it has.
"""

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import get_peft_model
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import Sampler
from transformers import PrinterCallback, Trainer, TrainingArguments

from calm.config import PromptFormat, TrainConfig
from calm.messages import Message, message
from calm.models.adapters import begin_from
from calm.models.causal_lm import CausalLM
from calm.models.shared_prefixes import shared_beginnings
from calm.models.trust import check_trainable
from calm.records import PreferencePair, Question
from calm.training.adapter import (
    adapter_settings,
    common_arguments,
    router_at_rest,
    save_learned,
    train_in_fp32,
    training_mark,
)
from calm.training.checkpoint import Checkpoint
from calm.training.choice_lessons import (
    LANGUAGES_AT_ONCE,
    Lesson,
    lessons_of,
    questions_at_once,
    scored_at_once,
)
from calm.training.choice_objectives import agreeing_weights, consensus, dco, dpo, product
from calm.training.choice_rows import choice_log_probs
from calm.training.dpo_callbacks import OnLog, listeners
from calm.training.dpo_rows import QuestionSampler
from calm.training.schedule import Schedule, rate_at, schedule

ENGLISH = "en"
CERTAIN = 0.95
"""The consensus is learnt from where the languages together are so sure of a choice; where few are,
from the surer half. Measured on training questions (`docs/STUDY.md`)."""
TELL_EVERY_SECONDS = 15.0


def train_on_choices(
    language_model: CausalLM,
    questions: Sequence[Question],
    config: TrainConfig,
    folder: Path,
    on_log: OnLog,
    should_stop: Callable[[], bool] = lambda: False,
    report: Callable[[Message], None] = lambda said: None,
    kept: Path | None = None,
    on_begin: Callable[[int], None] = lambda step: None,
    pairs: Sequence[PreferencePair] = (),
    prompt_format: PromptFormat = "auto",
    begin: Path | None = None,
) -> bool:
    """Train a LoRA adapter on questions and save it to `folder`; return whether it was finished.

    Every question comes in all its languages, asked in `prompt_format`, with its choices in one
    order; with `dpo+dco` also with its `pairs`. The rest is as in
    `calm.training.dpo.train_adapter`.

    Raises CalmError where no question fits, or where training changed no weight, or left weights
    that are no numbers. The base model of `language_model` is changed by the wrapping: load another
    one to answer with.
    """
    check_trainable(language_model)
    model = language_model.model
    merged = shared_beginnings(model) if language_model.trust.training == "fast" else nullcontext()
    with merged, router_at_rest(model):
        lessons = lessons_of(language_model, questions, pairs, config, report, prompt_format)
        trainer = _make_trainer(
            language_model, lessons, config, folder, on_log, should_stop, report, kept, begin
        )
        on_begin(trainer.begins_behind)
        trainer.train(resume_from_checkpoint=str(kept) if trainer.begins_behind else None)
    return save_learned(trainer, folder, should_stop, begin)


class Objective:
    """The loss of a method, question by question; knows what the reference makes of each."""

    def __init__(
        self,
        lessons: Sequence[Lesson],
        references: Sequence[Sequence[torch.Tensor]],
        config: TrainConfig,
        begun: Sequence[Sequence[torch.Tensor]] | None = None,
    ) -> None:
        """`references` are the scores of the rows of each lesson by the reference.

        `begun` are those by the model that is trained, where that is another one before training.
        """
        self._lessons, self._references, self._config = lessons, references, config
        self._targets = (
            targets(lessons, begun or references) if config.method == "consensus" else []
        )

    @property
    def learnt_from(self) -> list[int]:
        """The places of the lessons that are learnt from: with the consensus not all of them."""
        if not self._targets:
            return list(range(len(self._lessons)))
        sure = [float(target.max()) for target in self._targets]
        least = min(CERTAIN, sorted(sure)[len(sure) // 2])
        return [place for place, value in enumerate(sure) if value >= least]

    def heard(self, place: int, epoch: int) -> list[int]:
        """Return which rows of a lesson are looked at: some of its languages, and its pairs."""
        lesson = self._lessons[place]
        many = len(lesson.choices)
        chance = random.Random(f"{self._config.seed}/{lesson.question_id}/{epoch}/languages")
        drawn = sorted(chance.sample(range(many), min(many, LANGUAGES_AT_ONCE)))
        return [*drawn, *range(many, len(lesson.rows))]

    def loss(self, place: int, scores: Sequence[torch.Tensor], epoch: int) -> torch.Tensor:
        """Return the loss of a question, from the scores of the rows that are `heard`."""
        lesson, config = self._lessons[place], self._config
        rows = self.heard(place, epoch)
        before = [self._references[place][row].to(scores[0].device) for row in rows]
        heard = [row for row in rows if row < len(lesson.choices)]
        many = len(heard)
        policy, reference = torch.stack(list(scores[:many])), torch.stack(before[:many])
        if config.method == "consensus":
            target = self._targets[place].to(policy.device)
            lengths = lesson.lengths[heard].to(policy.device)
            return consensus(policy, reference, lengths, target, config.beta, config.sft_weight)
        drawn = drawn_choices(f"{config.seed}/{lesson.question_id}/{epoch}", policy.shape[1])
        strengths = [
            config.anchor_gamma if row.language == ENGLISH else 1.0 for row in lesson.choices
        ]
        agreed = dco(policy, reference, drawn, torch.tensor(strengths, device=policy.device))
        if config.method == "dco":
            return agreed
        if not lesson.pairs:
            return config.dco_weight * agreed
        preferred = dpo(torch.stack(list(scores[many:])), torch.stack(before[many:]), config.beta)
        return preferred + config.dco_weight * agreed


def drawn_choices(seed: str, count: int) -> tuple[int, int]:
    """Return two of `count` choices, drawn by chance: the same ones for the same seed."""
    first, second = random.Random(seed).sample(range(count), 2)
    return first, second


def targets(
    lessons: Sequence[Lesson], references: Sequence[Sequence[torch.Tensor]]
) -> list[torch.Tensor]:
    """Return the distribution over each question's choices that all languages are pulled to.

    It is the product of what they hold before training, by the probability a token, each language
    with the weight that follows from how it agrees with the others.
    """
    tables = [
        {
            row.language: scores / lengths
            for row, scores, lengths in zip(lesson.choices, before, lesson.lengths, strict=False)
        }
        for lesson, before in zip(lessons, references, strict=True)
    ]
    weights = agreeing_weights(tables)
    return [
        product(torch.stack(list(table.values())), torch.tensor([weights[code] for code in table]))
        for table in tables
    ]


class _ChoiceTrainer(Trainer):
    """transformers' trainer, whose rows are questions and whose loss is that of an `Objective`."""

    def __init__(
        self,
        lessons: Sequence[Lesson],
        objective: Objective,
        plan: Schedule,
        begins_behind: int,
        **options: Any,
    ) -> None:
        self._lessons, self._objective, self._plan = lessons, objective, plan
        self.begins_behind = begins_behind
        """The last step that was trained before."""
        super().__init__(**options)
        self.model_accepts_loss_kwargs = False

    def compute_loss(
        self, model: Any, inputs: Mapping[str, torch.Tensor], *args: Any, **options: Any
    ) -> torch.Tensor:
        """Return the mean loss of the questions in a batch."""
        places = inputs["place"].tolist()
        epoch = int(self.state.epoch or 0)
        heard = {place: self._objective.heard(place, epoch) for place in places}
        rows = [self._lessons[place].rows[row] for place in places for row in heard[place]]
        scores = iter(choice_log_probs(model, rows))
        losses = [
            self._objective.loss(place, [next(scores) for _ in heard[place]], epoch)
            for place in places
        ]
        return torch.stack(losses).mean()

    def create_scheduler(
        self, num_training_steps: int, optimizer: torch.optim.Optimizer | None = None
    ) -> LambdaLR:
        """Return `rate_at`, as for pairs."""
        self.lr_scheduler = LambdaLR(
            optimizer or self.optimizer, lambda step: rate_at(step, self._plan)
        )
        return self.lr_scheduler

    def _get_train_sampler(self, train_dataset: Dataset | None = None) -> Sampler[int]:
        names = [self._lessons[place].question_id for place in self._objective.learnt_from]
        epochs = self.begins_behind // math.ceil(len(names) / self._plan.batch)
        return QuestionSampler(names, self.args.seed, epochs)


def _make_trainer(
    language_model: CausalLM,
    lessons: Sequence[Lesson],
    config: TrainConfig,
    folder: Path,
    on_log: OnLog,
    should_stop: Callable[[], bool],
    report: Callable[[Message], None],
    kept: Path | None,
    begin: Path | None,
) -> _ChoiceTrainer:
    """Return the trainer, ready to run, or to go on from what is `kept` in a folder."""
    model = language_model.model
    scored = scored_at_once(language_model, lessons)
    wrapped = _with_adapter(model, config, begin) if begin else None
    before = references(wrapped or model, lessons, scored, report)
    if wrapped is None or config.reference == "moved":
        objective = Objective(lessons, before, config)
    else:
        with wrapped.disable_adapter():
            first = references(wrapped, lessons, scored, report)
        objective = Objective(lessons, first, config, before)
    places = objective.learnt_from
    if len(places) < len(lessons):
        report(message("log.consensus", count=len(places), total=len(lessons)))
    plan = schedule(len(places), config)
    at_once = questions_at_once(language_model, lessons, plan.batch)
    mark = training_mark(language_model, lessons, config, begin)
    checkpoint = Checkpoint(kept, mark) if kept else None
    wrapped = wrapped or _with_adapter(model, config)
    trainer = _ChoiceTrainer(
        lessons,
        objective,
        plan,
        checkpoint.step if checkpoint else 0,
        model=wrapped,
        args=TrainingArguments(
            **common_arguments(config, plan, folder, at_once, model.dtype),
            remove_unused_columns=False,
        ),
        train_dataset=Dataset.from_dict({"place": places}).with_format("torch"),
        callbacks=listeners(on_log, should_stop, checkpoint),
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _with_adapter(model: Any, config: TrainConfig, begin: Path | None = None) -> Any:
    """Return the model with a new adapter, or with the one in a folder, to train that on."""
    wrapped = get_peft_model(model, adapter_settings(config, model))
    train_in_fp32(wrapped)
    if begin:
        begin_from(wrapped, begin)
    return wrapped


def references(
    model: Any,
    lessons: Sequence[Lesson],
    at_once: int,
    report: Callable[[Message], None] = lambda said: None,
) -> list[list[torch.Tensor]]:
    """Return the scores of all rows of each lesson as the model is now, without gradients.

    Every now and then it is reported how far this is, and how long it will take.
    """
    found: list[list[torch.Tensor]] = []
    begun = told = time.monotonic()
    with torch.no_grad():
        for start in range(0, len(lessons), at_once):
            batch = lessons[start : start + at_once]
            scores = iter(choice_log_probs(model, [row for lesson in batch for row in lesson.rows]))
            found += [[next(scores).cpu() for _ in lesson.rows] for lesson in batch]
            now = time.monotonic()
            if now - told >= TELL_EVERY_SECONDS:
                told, left = now, (now - begun) / len(found) * (len(lessons) - len(found))
                done, total = len(found), len(lessons)
                report(message("log.choices-scored", done=done, total=total, seconds=round(left)))
    return found
