"""What every method does with an adapter: its form, its precision, its trainer's settings."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig
from transformers import Trainer

from calm.config import TrainConfig
from calm.errors import CalmError
from calm.model_names import SETTINGS, WEIGHTS
from calm.models.adapters import is_still
from calm.models.causal_lm import CausalLM
from calm.models.hardware import has_gpu
from calm.training.schedule import Schedule

ACTIVATION_BYTES = 100
"""What a token keeps for the backward pass, for each layer and hidden unit."""
CPU_BUDGET_BYTES = 6 << 30


def adapter_settings(config: TrainConfig, model: Any) -> LoraConfig:
    """Return the form of an adapter over the linear layers of a model's text decoder."""
    return LoraConfig(
        r=config.lora_r,
        lora_alpha=config.lora_alpha,
        target_modules="all-linear",
        exclude_modules=other_towers(model),
        task_type="CAUSAL_LM",
    )


def common_arguments(
    config: TrainConfig, plan: Schedule, folder: Path, at_once: int, dtype: torch.dtype
) -> dict[str, Any]:
    """Return what transformers' trainer is told, whatever it trains on.

    `at_once` rows go through the model together, and gradients are gathered over a step.
    """
    return {
        "output_dir": str(folder),
        "learning_rate": config.learning_rate,
        "num_train_epochs": plan.epochs,
        "per_device_train_batch_size": at_once,
        "gradient_accumulation_steps": plan.batch // at_once,
        "gradient_checkpointing": False,
        "bf16": dtype == torch.bfloat16,
        "use_cpu": not has_gpu(),
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": False,
        "seed": config.seed,
    }


def training_mark(
    language_model: CausalLM, rows: Sequence[Any], config: TrainConfig, begin: Path | None = None
) -> str:
    """Return a name for a training: another one of its rows, settings or weights has another.

    `rows` are dataclasses: pairs, or lessons. `begin` is the folder of the adapter that is trained
    on, if one is.
    """
    model = language_model.model
    parts = [asdict(config), [asdict(row) for row in rows], str(model.dtype)]
    parts += [model.config.get_text_config().to_json_string(), *digest_of(begin)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def memory_budget() -> int:
    """Return how many bytes a step may keep: half of a GPU's free memory, or a part of a host's."""
    free = torch.cuda.mem_get_info()[0] if has_gpu() else 0
    return free // 2 or CPU_BUDGET_BYTES


def other_towers(model: Any) -> list[str] | None:
    """Return the linear layers that do not belong to the text decoder, `None` where there are none.

    A model that also sees or hears has encoders for it: they have no part in what is said.
    """
    decoder = model.get_decoder()
    own = {id(module) for module in decoder.modules()}
    head = model.get_output_embeddings()
    named = model.named_modules()
    linear = [(name, m) for name, m in named if isinstance(m, torch.nn.Linear) and m is not head]
    return [name for name, module in linear if id(module) not in own] or None


def train_in_fp32(model: torch.nn.Module) -> None:
    """Keep the adapter's own weights in fp32 while it is trained.

    TRL casts them to bf16 over a 4-bit base. A bf16 weight has 8 significant bits, so
    small updates are lost to rounding. The computation stays in bf16, by autocast.
    """
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()


def check_learned(model: torch.nn.Module, steps: int, begin: Path | None = None) -> None:
    """Raise CalmError unless the adapter differs from what it was and is made of numbers.

    LoRA begins with `lora_B` all 0: until one of them is not, the adapter changes nothing. One that
    was trained before began as it lies in the folder `begin`.
    """
    trained = {n: p for n, p in model.named_parameters() if p.requires_grad}
    if not all(bool(p.isfinite().all()) for p in trained.values()):
        raise CalmError("training.no-numbers", steps=steps)
    grown = any(bool(p.count_nonzero()) for name, p in trained.items() if "lora_B" in name)
    if not grown or (begin is not None and is_still(model, begin)):
        raise CalmError("training.no-change", steps=steps)


@contextmanager
def router_at_rest(model: Any) -> Iterator[None]:
    """While the block runs, a model of experts adds no loss for how evenly they are used.

    A few pairs must not teach it to spread its tokens anew, and that loss counts tokens in rows as
    they are given, not as they are merged.
    """
    config = model.config.get_text_config()
    if not hasattr(config, "output_router_logits"):
        yield
        return
    before = config.output_router_logits
    config.output_router_logits = False
    try:
        yield
    finally:
        config.output_router_logits = before


def digest_of(begin: Path | None) -> list[str]:
    """Return what tells one adapter to begin from apart from others; nothing without one."""
    if begin is None:
        return []
    return [hashlib.sha256((begin / WEIGHTS).read_bytes()).hexdigest()]


def keep_the_adapter_alone(folder: Path) -> None:
    """Remove what the libraries save beside an adapter's settings and weights.

    That is a pickled file, a card with this machine's paths in it, and the base's tokenizer.
    """
    for file in folder.iterdir():
        if file.name not in (SETTINGS, WEIGHTS):
            file.unlink()


def save_learned(
    trainer: Trainer, folder: Path, should_stop: Callable[[], bool], begin: Path | None = None
) -> bool:
    """Save the adapter of a trainer that has run to `folder`; return whether it was finished.

    What was stopped before its end is not saved. Raises CalmError as `check_learned`.
    """
    if should_stop() and trainer.state.global_step < trainer.state.max_steps:
        return False
    check_learned(trainer.model, trainer.state.global_step, begin)
    trainer.save_model(str(folder))
    keep_the_adapter_alone(folder)
    return True
