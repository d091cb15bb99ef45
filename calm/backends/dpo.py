"""Training: TRL's DPOTrainer on a LoRA adapter over a 4-bit base."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import trl.trainer.utils as trl_utils
from datasets import Dataset, disable_progress_bars
from peft import LoraConfig
from transformers import (
    PrinterCallback,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from trl import DPOConfig, DPOTrainer

from calm.backends.causal_lm import CausalLM, native_precision
from calm.config import TrainConfig
from calm.errors import CalmError
from calm.records import PreferencePair

OnLog = Callable[[dict[str, float], int, int], None]
"""Called with what TRL logs for a step, the step, and the number of all steps."""


def train_adapter(
    language_model: CausalLM,
    pairs: Sequence[PreferencePair],
    config: TrainConfig,
    folder: Path,
    on_log: OnLog,
    should_stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Train a LoRA adapter on `pairs` and save it to `folder`; return whether it was finished.

    The base model of `language_model` is changed by the wrapping: load another one to answer with.
    """
    with completion_only_log_probs():
        trainer = make_trainer(language_model, pairs, config, folder, on_log, should_stop)
        trainer.train()
    if should_stop():
        return False
    trainer.save_model(str(folder))
    return True


def make_trainer(
    language_model: CausalLM,
    pairs: Sequence[PreferencePair],
    config: TrainConfig,
    folder: Path,
    on_log: OnLog = lambda logs, step, total: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> DPOTrainer:
    """Return the trainer, ready to run.

    Raises CalmError where a pair is too long for `max_length`: TRL would drop it without a word.
    """
    trainer = DPOTrainer(
        model=language_model.model,
        args=_arguments(config, folder),
        processing_class=language_model.tokenizer,
        train_dataset=preference_dataset(pairs, config.seed),
        peft_config=LoraConfig(
            r=config.lora_r,
            lora_alpha=config.lora_alpha,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
        callbacks=[_Reporter(on_log, should_stop)],
    )
    _train_in_fp32(trainer.model)
    trainer.remove_callback(PrinterCallback)
    kept = len(trainer.train_dataset)
    if kept < len(pairs):
        raise CalmError(
            f"{len(pairs) - kept} of {len(pairs)} pairs have prompts longer than max_length "
            f"{config.max_length}. Raise max_length, or leave these questions out."
        )
    return trainer


def preference_dataset(pairs: Sequence[PreferencePair], seed: int) -> Dataset:
    """Return the pairs as TRL's standard preference data, in an order that depends on `seed`."""
    disable_progress_bars()
    rows = [{"prompt": p.prompt, "chosen": p.chosen, "rejected": p.rejected} for p in pairs]
    random.Random(seed).shuffle(rows)
    return Dataset.from_list(rows)


def _train_in_fp32(model: torch.nn.Module) -> None:
    """Keep the adapter's own weights in fp32 while it is trained.

    TRL casts them to bf16 over a 4-bit base. A bf16 weight has 8 significant bits, so
    small updates are lost to rounding. The computation stays in bf16, by autocast.
    """
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()


@contextmanager
def completion_only_log_probs() -> Iterator[None]:
    """Have TRL read the output head only at completion tokens on the CPU too, as it does on CUDA.

    TRL 1.16 decides by whether Triton kernels run; the compact path itself needs none. Without
    this every prompt and padding position goes through the whole vocabulary.
    """
    decide = getattr(trl_utils, "_use_triton", None)
    if decide is None:
        yield  # another TRL: slower, the same numbers
        return
    trl_utils._use_triton = lambda device: True
    try:
        yield
    finally:
        trl_utils._use_triton = decide


def _arguments(config: TrainConfig, folder: Path) -> DPOConfig:
    bf16 = native_precision() == "bf16" and config.precision != "fp32"
    losses: dict[str, Any] = {"loss_type": [config.loss_type]}
    if config.sft_weight:
        losses = {
            "loss_type": [config.loss_type, "sft"],
            "loss_weights": [1.0, config.sft_weight],
        }
    return DPOConfig(
        output_dir=str(folder),
        **losses,
        beta=config.beta,
        label_smoothing=0.1 if config.loss_type == "robust" else 0.0,
        learning_rate=config.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=config.warmup_ratio,
        num_train_epochs=config.num_train_epochs,
        per_device_train_batch_size=config.per_device_train_batch_size,
        max_length=config.max_length,
        gradient_checkpointing=False,
        bf16=bf16,
        use_cpu=not torch.cuda.is_available(),
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
        seed=config.seed,
    )


class _Reporter(TrainerCallback):
    """Passes on what is logged and stops the training when asked to."""

    def __init__(self, report: OnLog, should_stop: Callable[[], bool]) -> None:
        self._report = report
        self._should_stop = should_stop

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> None:
        logs = kwargs.get("logs") or {}
        if "loss" in logs:
            self._report({k: float(v) for k, v in logs.items()}, state.global_step, state.max_steps)

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> None:
        if self._should_stop():
            control.should_training_stop = True
