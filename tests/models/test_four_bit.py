"""4-bit weights stay what they are on every CPU: gradients flow, and adapters change nothing.

Without `keep_4bit_weights_as_they_are` these tests fail on CPUs with AVX512-BF16, where
bitsandbytes repacks the weights on the first forward in eval mode.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from bitsandbytes.nn import Linear4bit
from peft import LoraConfig, get_peft_model

from calm.models.causal_lm import CausalLM
from calm.models.loading import load_model

IDS = torch.arange(10, 42)[None]


@pytest.fixture
def four_bit(small_gemma: Callable[[], Path]) -> CausalLM:
    return load_model(str(small_gemma()), "nf4")


def lora() -> LoraConfig:
    return LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM")


def eval_forward(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        logits: torch.Tensor = model(input_ids=IDS).logits.float().clone()
    return logits


def gradients(model: Any) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    wrapped = get_peft_model(model, lora())
    wrapped.train()
    wrapped(input_ids=IDS, labels=IDS).loss.backward()
    return {n: p.grad.clone() for n, p in wrapped.named_parameters() if p.grad is not None}


def test_the_base_is_really_in_four_bits(four_bit: CausalLM) -> None:
    layers = [m for m in four_bit.model.modules() if isinstance(m, Linear4bit)]
    assert len(layers) == 14
    assert all(layer.weight.dtype == torch.uint8 for layer in layers)
    assert all(layer.weight.quant_state.nested for layer in layers)


def test_training_after_an_eval_forward_has_the_same_gradients(
    small_gemma: Callable[[], Path],
) -> None:
    folder = str(small_gemma())
    expected = gradients(load_model(folder, "nf4").model)
    used = load_model(folder, "nf4").model
    eval_forward(used)
    got = gradients(used)
    assert got.keys() == expected.keys()
    for name, gradient in expected.items():
        torch.testing.assert_close(got[name], gradient, msg=name)


def test_base_logits_are_unchanged_after_wrapping_saving_and_loading_an_adapter(
    small_gemma: Callable[[], Path], tmp_path: Path
) -> None:
    folder = str(small_gemma())
    wrapped = get_peft_model(load_model(folder, "nf4").model, lora())
    wrapped.save_pretrained(tmp_path / "adapter")
    model = load_model(folder, "nf4")
    before = eval_forward(model.model)
    model.model.state_dict()
    with model.use(tmp_path / "adapter"):
        eval_forward(model.model)
    torch.testing.assert_close(eval_forward(model.model), before, rtol=0, atol=0)
