"""An adapter is loaded beside its model, or refused and the model left as it was."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from calm.errors import CalmError
from calm.model_names import SETTINGS, WEIGHTS
from calm.models.causal_lm import CausalLM
from calm.models.loading import load_model
from tests.models.test_row_adapters import random_adapter

IDS = torch.arange(3, 40)[None]
Damage = Callable[[Path], None]


@pytest.fixture
def model(tiny_gemma: Path) -> CausalLM:
    return load_model(str(tiny_gemma), "fp32")


def logits(model: CausalLM) -> torch.Tensor:
    with torch.no_grad():
        return model.model(IDS).logits


def _weights(change: Callable[[dict[str, torch.Tensor]], None]) -> Damage:
    def damage(folder: Path) -> None:
        weights = load_file(folder / WEIGHTS)
        change(weights)
        save_file(weights, folder / WEIGHTS)

    return damage


def _fill_with_nan(weights: dict[str, torch.Tensor]) -> None:
    next(iter(weights.values())).fill_(torch.nan)


def _drop_one(weights: dict[str, torch.Tensor]) -> None:
    del weights[next(iter(weights))]


def _add_one(weights: dict[str, torch.Tensor]) -> None:
    weights["base_model.model.model.norm.weight"] = torch.zeros(64)


def _pointer(folder: Path) -> None:
    (folder / WEIGHTS).write_text("version https://git-lfs.github.com/spec/v1\n")


def _settings(**changed: object) -> Damage:
    def damage(folder: Path) -> None:
        file = folder / SETTINGS
        file.write_text(json.dumps(json.loads(file.read_text()) | changed))

    return damage


def _torn(folder: Path) -> None:
    file = folder / WEIGHTS
    file.write_bytes(file.read_bytes()[:-100])


DAMAGES: dict[str, tuple[Damage, str]] = {
    "a file cut off": (_torn, "damaged"),
    "a Git LFS pointer": (_pointer, "damaged"),
    "another rank": (_settings(r=8), "does not fit"),
    "a layer that the model lacks": (_settings(target_modules=["no_such_layer"]), "does not fit"),
    "fewer layers than it has weights for": (_settings(target_modules=["q_proj"]), "unknown"),
    "a weight that is missing": (_weights(_drop_one), "missing"),
    "all weights missing": (_weights(dict.clear), "missing"),
    "weights of the base": (_weights(_add_one), "unknown"),
    "no numbers": (_weights(_fill_with_nan), "numbers"),
    "biases of the base": (_settings(bias="all"), "switched off"),
    "a beginning that changes the base": (_settings(init_lora_weights="pissa"), "switched off"),
    "another kind": (_settings(peft_type="IA3"), "not LoRA"),
    "another model": (_settings(base_model_name_or_path="/x/other"), "was trained for other"),
    "an unknown option": (_settings(lora_alpha="much"), "does not fit"),
}


@pytest.mark.parametrize(("damage", "said"), DAMAGES.values(), ids=DAMAGES)
def test_an_adapter_that_cannot_be_loaded_is_told_and_changes_nothing(
    model: CausalLM, tiny_gemma: Path, tmp_path: Path, damage: Damage, said: str
) -> None:
    good = random_adapter(tiny_gemma, tmp_path / "good", 0)
    bad = random_adapter(tiny_gemma, tmp_path / "bad", 1)
    damage(bad)
    before = logits(model)
    with pytest.raises(CalmError, match=said), model.use(bad):
        pass
    assert torch.equal(logits(model), before)
    with model.use(good):
        aligned = logits(model)
    assert not torch.equal(aligned, before)
    with pytest.raises(CalmError, match=said), model.use(bad):
        pass
    assert torch.equal(logits(model), before)
    with model.use(good):
        assert torch.equal(logits(model), aligned)
    assert torch.equal(logits(model), before)


def test_an_adapter_is_found_whatever_the_spelling_of_its_base(
    model: CausalLM, tiny_gemma: Path, tmp_path: Path
) -> None:
    wrapped = get_peft_model(
        AutoModelForCausalLM.from_pretrained(tiny_gemma), LoraConfig(target_modules=["q_proj"])
    )
    wrapped.save_pretrained(tmp_path / "good")
    _settings(base_model_name_or_path=f"{tiny_gemma}/")(tmp_path / "good")
    with model.use(tmp_path / "good"):
        pass
