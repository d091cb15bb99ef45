"""What a loaded model is and needs, in numbers: kind, precision, memory, tokens a character."""

from collections.abc import Mapping
from typing import Any

import torch

from calm.config import TrainConfig
from calm.models.causal_lm import CausalLM
from calm.training.adapter import ACTIVATION_BYTES, CPU_BUDGET_BYTES

PROGRAM_BYTES = 1 << 30
"""Python with its libraries, and the buffers of one batch: the measured peak of asking the shipped
model, less its weights."""
FOUR_BIT_BYTES = 0.53
"""A 4-bit weight with its share of the scales, in bytes."""
STEP_TOKENS = 2500
"""Tokens of one training step of 48 pairs, what they share counted once."""
ADAPTER_BYTES = 16
"""A trained weight in fp32, its gradient, and the optimiser's two means."""


def kind(model: CausalLM) -> str:
    """Return whether the model is asked as a `chat` model or as a `base` model."""
    return "chat" if model.is_chat else "base"


def thinking(model: CausalLM) -> str:
    """Return how the chat template treats thoughts: `none`, `switch` or `always`."""
    if not model.is_chat:
        return "none"
    prompt = model.chat_prompt("?")
    if prompt.rfind("<think>") > prompt.rfind("</think>"):
        return "always"
    return "switch" if "enable_thinking" in str(model.tokenizer.chat_template) else "none"


def parameters(model: CausalLM) -> int:
    return sum(weights.numel() for weights in model.model.parameters())


def bytes_to_ask(model: CausalLM) -> int:
    """Return an estimate of the memory that asking takes, the program included."""
    held: int = sum(
        weights.numel() * weights.element_size() for weights in model.model.parameters()
    )
    return held + PROGRAM_BYTES


def bytes_to_train(model: CausalLM, config: TrainConfig) -> int:
    """Return an estimate of the memory that training takes, the program included."""
    linear = _linear_layers(model)
    in_layers: int = sum(layer.weight.numel() for layer in linear)
    width = FOUR_BIT_BYTES if config.precision == "nf4" else model.model.dtype.itemsize
    others = (parameters(model) - in_layers) * model.model.dtype.itemsize
    adapter = sum(sum(layer.weight.shape) for layer in linear) * config.lora_r * ADAPTER_BYTES
    sizes = model.model.config.get_text_config()
    step = ACTIVATION_BYTES * sizes.num_hidden_layers * sizes.hidden_size * STEP_TOKENS
    parts = (in_layers * width, others, adapter, min(step, CPU_BUDGET_BYTES), PROGRAM_BYTES)
    return int(sum(parts))


def tokens_a_character(model: CausalLM, texts: Mapping[str, str]) -> dict[str, float]:
    """Return how many tokens a character of each text takes: the fewer, the better it is known."""
    return {
        name: len(model.tokenizer(text, add_special_tokens=False)["input_ids"]) / len(text)
        for name, text in texts.items()
    }


def _linear_layers(model: CausalLM) -> list[Any]:
    """Return the layers that `all-linear` adapts: all but the output head."""
    head = model.model.get_output_embeddings()
    return [m for m in model.model.modules() if isinstance(m, torch.nn.Linear) and m is not head]
