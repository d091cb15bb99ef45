"""Rows of one batch that are answered by the base model and by adapters, each by its own."""

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from calm.models.causal_lm import CausalLM
from calm.models.interface import Draw, Prompt
from calm.models.loading import load_model

PROMPTS = [Prompt(f"{'Shared text. ' * 3}Number {n} is", 13 * 3) for n in range(4)]
DRAWS = [Draw(12)] * len(PROMPTS)


def random_adapter(base: Path, folder: Path, seed: int, **more: Any) -> Path:
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_pretrained(base)
    wrapped = get_peft_model(model, LoraConfig(r=4, target_modules="all-linear", **more))
    for name, parameter in wrapped.named_parameters():
        if "lora_B" in name:
            parameter.data.normal_(std=0.5)
    wrapped.save_pretrained(folder)
    return folder


@pytest.fixture
def model(tiny_gemma: Path) -> CausalLM:
    return load_model(str(tiny_gemma), "fp32")


@pytest.fixture
def adapters(tiny_gemma: Path, tmp_path: Path) -> list[Path]:
    return [random_adapter(tiny_gemma, tmp_path / f"adapter-{n}", n) for n in range(2)]


def answers(model: CausalLM, adapter: Path | None) -> list[str]:
    with model.use(adapter):
        return model.generate(PROMPTS, DRAWS)


def test_every_row_is_answered_as_its_own_adapter_answers_alone(
    model: CausalLM, adapters: list[Path]
) -> None:
    choices = [None, *adapters]
    alone = {adapter: answers(model, adapter) for adapter in choices}
    assert len({tuple(texts) for texts in alone.values()}) == 3
    rows = [(place, adapter) for place in range(len(PROMPTS)) for adapter in choices]
    together = model.generate(
        [PROMPTS[place] for place, _ in rows],
        [DRAWS[place] for place, _ in rows],
        adapters=[adapter for _, adapter in rows],
    )
    assert together == [alone[adapter][place] for place, adapter in rows]


def test_afterwards_the_model_is_as_it_was(model: CausalLM, adapters: list[Path]) -> None:
    base, aligned = answers(model, None), answers(model, adapters[0])

    def broken(row: int, text: str) -> None:
        raise ZeroDivisionError

    mixed = [None, adapters[0], adapters[1], None]
    model.generate(PROMPTS, DRAWS, adapters=mixed)
    with pytest.raises(ZeroDivisionError):
        model.generate(PROMPTS, DRAWS, broken, adapters=mixed)
    assert answers(model, None) == base
    assert answers(model, adapters[0]) == aligned


def test_adapters_are_not_named_row_by_row_while_one_is_in_use_for_all(
    model: CausalLM, adapters: list[Path]
) -> None:
    with model.use(adapters[0]), pytest.raises(RuntimeError, match="in use for all rows"):
        model.generate(PROMPTS[:1], DRAWS[:1], adapters=[None])


@pytest.mark.parametrize(
    "more", [{"use_dora": True}, {"modules_to_save": ["embed_tokens"]}], ids=["dora", "saved whole"]
)
def test_adapters_that_do_more_than_add_answer_one_after_the_other(
    more: dict[str, Any], model: CausalLM, tiny_gemma: Path, tmp_path: Path
) -> None:
    adapter = random_adapter(tiny_gemma, tmp_path / "more", 3, **more)
    told: dict[int, str] = {}
    alone = {None: answers(model, None), adapter: answers(model, adapter)}
    got = model.generate(PROMPTS, DRAWS, told.__setitem__, adapters=[None, adapter, adapter, None])
    assert got == [
        alone[None][0],
        alone[adapter][1],
        alone[adapter][2],
        alone[None][3],
    ]
    assert sorted(told) == [0, 1, 2, 3]
    assert answers(model, None) == alone[None]
