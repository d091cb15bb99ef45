"""Training: TRL's DPOTrainer on a LoRA adapter over a 4-bit base."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import trl.trainer.utils as trl_utils
from datasets import Dataset
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import Sampler
from transformers import PrinterCallback
from trl import DPOConfig, DPOTrainer

from calm.config import TrainConfig
from calm.messages import Message
from calm.models.adapters import begin_from
from calm.models.causal_lm import CausalLM
from calm.models.hardware import has_gpu
from calm.models.shared_prefixes import build_prefix_trees, shared_beginnings
from calm.models.trust import check_trainable
from calm.records import PreferencePair
from calm.training.adapter import (
    ACTIVATION_BYTES,
    adapter_settings,
    common_arguments,
    digest_of,
    memory_budget,
    router_at_rest,
    save_learned,
    train_in_fp32,
    training_mark,
)
from calm.training.checkpoint import Checkpoint
from calm.training.dpo_callbacks import OnLog, listeners
from calm.training.dpo_rows import QuestionSampler, TokenPair, fitting, preference_dataset
from calm.training.dpo_weights import WEIGHT, WeighedCollator, weighed
from calm.training.methods import pair_weights, trl_losses
from calm.training.schedule import Schedule, rate_at, schedule

CPU_VOCABULARY_BLOCK = 2048
"""Columns of the head that TRL's log-probabilities look at together; so few stay in the cache."""


def train_adapter(
    language_model: CausalLM,
    pairs: Sequence[PreferencePair],
    config: TrainConfig,
    folder: Path,
    on_log: OnLog,
    should_stop: Callable[[], bool] = lambda: False,
    report: Callable[[Message], None] = lambda said: None,
    kept: Path | None = None,
    on_begin: Callable[[int], None] = lambda step: None,
    shares: Sequence[float] = (),
    begin: Path | None = None,
) -> bool:
    """Train a LoRA adapter on `pairs` and save it to `folder`; return whether it was finished.

    `shares` are those of the pairs' votes, 1 for a pair of no vote; without them all are 1.
    `report` is told how many pairs are too long for the model or for `max_length`: they are left
    out. In the folder `kept`, where one is named, lies how far the training has come; it goes on
    from there, and `on_begin` is told behind which step, 0 for the beginning. `begin` is the folder
    of an adapter that is trained on; the reference is then the model with it, or without it where
    `config` keeps the first one.

    Raises CalmError where training changed no weight, or left weights that are no numbers. The
    base model of `language_model` is changed by the wrapping: load another one to answer with.
    """
    check_trainable(language_model)
    model = language_model.model
    merged = shared_beginnings(model) if language_model.trust.training == "fast" else nullcontext()
    with completion_only_log_probs(), merged, router_at_rest(model):
        trainer = make_trainer(
            language_model, pairs, config, folder, on_log, should_stop, report, kept, shares, begin
        )
        on_begin(trainer.begins_behind)
        trainer.train(resume_from_checkpoint=str(kept) if trainer.begins_behind else None)
    return save_learned(trainer, folder, should_stop, begin)


def make_trainer(
    language_model: CausalLM,
    pairs: Sequence[PreferencePair],
    config: TrainConfig,
    folder: Path,
    on_log: OnLog = lambda logs, step, total: None,
    should_stop: Callable[[], bool] = lambda: False,
    report: Callable[[Message], None] = lambda said: None,
    kept: Path | None = None,
    shares: Sequence[float] = (),
    begin: Path | None = None,
) -> "_QuestionByQuestion":
    """Return the trainer, ready to run, or to go on from what is `kept` in a folder.

    Raises CalmError where every pair is too long for the model or for `max_length`.
    """
    rows = fitting(language_model, pairs, config, report, shares)
    plan = schedule(len(rows), config)
    at_once = pairs_at_once(language_model, rows, config)
    mark = training_mark(language_model, rows, config, begin)
    checkpoint = Checkpoint(kept, mark) if kept else None
    trainer = _QuestionByQuestion(
        [row.question_id for row in rows],
        plan,
        checkpoint.step if checkpoint else 0,
        Beginning(begin, config.reference == "moved") if begin else None,
        model=language_model.model,
        args=_arguments(config, plan, folder, at_once, language_model, rows, begin),
        processing_class=language_model.tokenizer,
        train_dataset=preference_dataset(rows, _weights(rows, config)),
        peft_config=adapter_settings(config, language_model.model),
        callbacks=listeners(on_log, should_stop, checkpoint),
    )
    if begin is None:
        train_in_fp32(trainer.model)
    trainer.remove_callback(PrinterCallback)
    return trainer


def _weights(rows: Sequence[TokenPair], config: TrainConfig) -> list[float]:
    """Return what each pair's loss is multiplied by; nothing where all count alike."""
    weights = pair_weights(config, [row.share for row in rows])
    return [] if set(weights) == {1.0} else weights


@dataclass(frozen=True)
class Beginning:
    """What an adapter that was trained before begins from."""

    folder: Path
    is_reference: bool
    """Whether the reference has it, too; else it is the model without any adapter."""


class _QuestionByQuestion(DPOTrainer):
    """TRL's trainer, which goes through the pairs question by question, in a shuffled order.

    A batch then holds few questions with all their languages and pairs: much of it is the same
    text, which `shared_beginnings` computes once, and every step hears every language.

    The pairs come as token ids (see `calm.models.encoding`): TRL tokenises nothing. An adapter that
    is trained on is put in place of the new one before the reference is computed.
    """

    data_collator: Any

    def __init__(
        self,
        question_ids: Sequence[str],
        plan: Schedule,
        begins_behind: int,
        beginning: Beginning | None,
        **options: Any,
    ) -> None:
        self._question_ids = question_ids
        self._plan = plan
        self.begins_behind = begins_behind
        """The last step that was trained before."""
        self._beginning = beginning
        super().__init__(**options)
        if WEIGHT in self.train_dataset.column_names:
            self.data_collator = WeighedCollator(self.data_collator)
            self.args.remove_unused_columns = False

    def _prepare_dataset(self, dataset: Dataset, *args: Any, **options: Any) -> Dataset:
        return dataset

    def _precompute_ref_logps(self, dataset: Dataset, *args: Any) -> Dataset:
        """Let an adapter begin, and take TRL's reference with it where that has moved, too.

        TRL computes it with all adapters off, unless there is a reference model: that is named.
        """
        if self._beginning is not None:
            train_in_fp32(self.model)
            begin_from(self.model, self._beginning.folder)
            self._precompute_model_hash = f"{digest_of(self._beginning.folder)} {self._beginning}"
            self.ref_model = self.model if self._beginning.is_reference else None
        try:
            return super()._precompute_ref_logps(dataset, *args)
        finally:
            self.ref_model = None

    def create_scheduler(
        self, num_training_steps: int, optimizer: torch.optim.Optimizer | None = None
    ) -> LambdaLR:
        """Return `rate_at`: transformers' own warm-up begins with a step that learns nothing."""
        self.lr_scheduler = LambdaLR(
            optimizer or self.optimizer, lambda step: rate_at(step, self._plan)
        )
        return self.lr_scheduler

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], *args: Any, **options: Any
    ) -> torch.Tensor:
        """Return TRL's loss, through which pairs that have weights are learnt from by them."""
        rest = {name: value for name, value in inputs.items() if name != WEIGHT}
        if WEIGHT in inputs:
            model = weighed(model, inputs[WEIGHT])
        loss: torch.Tensor = super().compute_loss(model, rest, *args, **options)
        return loss

    def _get_train_sampler(self, train_dataset: Dataset | None = None) -> Sampler[int]:
        epochs = self.begins_behind // math.ceil(len(self._question_ids) / self._plan.batch)
        return QuestionSampler(self._question_ids, self.args.seed, epochs)


@contextmanager
def completion_only_log_probs() -> Iterator[None]:
    """Have TRL read the output head only at completion tokens on the CPU too, as it does on CUDA.

    TRL 1.16 decides by whether Triton kernels run; the compact path itself needs none. Without
    this every prompt and padding position goes through the whole vocabulary. On a CPU the
    vocabulary's blocks are made small, too.
    """
    ours: dict[str, Any] = {"_use_triton": lambda device: True}
    if not has_gpu():
        ours["_CHUNKED_LOGPROB_CHUNK_SIZE"] = CPU_VOCABULARY_BLOCK
    theirs = {name: getattr(trl_utils, name, None) for name in ours}
    if None in theirs.values():
        yield  # another TRL: slower, the same numbers
        return
    try:
        vars(trl_utils).update(ours)
        yield
    finally:
        vars(trl_utils).update(theirs)


def pairs_at_once(language_model: CausalLM, rows: Sequence[TokenPair], config: TrainConfig) -> int:
    """Return how many of a step's pairs go through the model together.

    It is the largest divisor of the step whose activations fit into memory; the rest of a step is
    accumulated. Gradients are the same, time is less with more at once.
    """
    model = language_model.model.config.get_text_config()
    per_token = ACTIVATION_BYTES * model.num_hidden_layers * model.hidden_size
    budget = memory_budget()
    order = [rows[place] for place in QuestionSampler([r.question_id for r in rows], config.seed)]
    step = schedule(len(rows), config).batch
    for size in (size for size in range(step, 1, -1) if step % size == 0):
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        merged = language_model.trust.training == "fast"
        largest = max(_tokens_of(batch, merged) for batch in batches)
        if largest * per_token <= budget:
            return size
    return 1


def reference_once(plan: Schedule) -> bool:
    """Tell whether the reference is computed once, before the training.

    In a single epoch every pair is seen once anyway; beside the policy its reference has the same
    rounding, so that the first loss is that of an untouched model.
    """
    return plan.epochs > 1


def _tokens_of(batch: Sequence[TokenPair], merged: bool) -> int:
    """Return how many tokens a batch is; `merged` where what its rows share is computed once."""
    own = [list(tokens) for row in batch for tokens in row.rows]
    if not merged:
        return len(own) * max(map(len, own))
    return build_prefix_trees(own, max(map(len, own))).tokens.numel()


def _arguments(
    config: TrainConfig,
    plan: Schedule,
    folder: Path,
    at_once: int,
    language_model: CausalLM,
    rows: Sequence[TokenPair],
    begin: Path | None,
) -> DPOConfig:
    return DPOConfig(
        **trl_losses(config, [row.share for row in rows]),
        **common_arguments(config, plan, folder, at_once, language_model.model.dtype),
        beta=config.beta,
        max_length=max(row.length for row in rows),
        router_aux_loss_coef=0.0,
        precompute_ref_log_probs=reference_once(plan) or begin is not None,
    )
