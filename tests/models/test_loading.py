"""What cannot be used is refused when it is loaded, in a sentence; one model has one name."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import (
    AutoModelForCausalLM,
    BertConfig,
    BertLMHeadModel,
    GPT2Config,
    GPT2LMHeadModel,
    T5Config,
    T5ForConditionalGeneration,
)

from calm.errors import CalmError
from calm.model_names import called, full_name
from calm.models.causal_lm import CausalLM
from calm.models.interface import Draw, Prompt
from calm.models.loading import load_model
from tests.models.test_row_adapters import random_adapter

WEIGHTS = "model.safetensors"
Change = Callable[[Path], None]
VOCABULARY = 300


def settings(name: str = "config.json", **changed: Any) -> Change:
    def change(folder: Path) -> None:
        file = folder / name
        file.write_text(json.dumps(json.loads(file.read_text()) | changed))

    return change


def weights(edit: Callable[[dict[str, torch.Tensor]], None]) -> Change:
    def change(folder: Path) -> None:
        held = load_file(folder / WEIGHTS)
        edit(held)
        save_file(held, folder / WEIGHTS, {"format": "pt"})

    return change


def _cut_off(folder: Path) -> None:
    os.truncate(folder / WEIGHTS, (folder / WEIGHTS).stat().st_size - 1000)


def _empty(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(b"")


def _pointer(name: str) -> Change:
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"
    return lambda folder: (folder / name).write_text(text) and None


def _without(name: str) -> Change:
    return lambda folder: (folder / name).unlink()


def _drop_norm(held: dict[str, torch.Tensor]) -> None:
    del held["model.norm.weight"]


def _add_layer(held: dict[str, torch.Tensor]) -> None:
    held["model.layers.7.mlp.up_proj.weight"] = torch.zeros(2, 2)


def _nan(held: dict[str, torch.Tensor]) -> None:
    held["model.norm.weight"].fill_(torch.nan)


def _another(make: Callable[[], Any]) -> Change:
    """Put another model's files into the folder, beside the tokenizer."""

    def change(folder: Path) -> None:
        torch.manual_seed(0)
        make().save_pretrained(folder)

    return change


def _bert() -> Any:
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    return BertLMHeadModel(BertConfig(**sizes, vocab_size=VOCABULARY, intermediate_size=64))


def _t5() -> Any:
    sizes = {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 1, "num_heads": 2}
    return T5ForConditionalGeneration(T5Config(**sizes, vocab_size=VOCABULARY))


def _template(text: str) -> Change:
    return lambda folder: (folder / "chat_template.jinja").write_text(text) and None


GPTQ = {"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": False}
AWQ = {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": True}
OWN_CODE = {"AutoConfig": "configuration_mine.MineConfig", "AutoModelForCausalLM": "mine.Mine"}

REFUSED: dict[str, tuple[Change, str]] = {
    "cut off": (_cut_off, "damaged or cut off"),
    "empty": (_empty, "damaged or cut off"),
    "a pointer for the weights": (_pointer(WEIGHTS), "git lfs pull"),
    "a pointer for the tokenizer": (_pointer("tokenizer.json"), "git lfs pull"),
    "no weights": (_without(WEIGHTS), "no weights in its folder"),
    "no tokenizer": (_without("tokenizer.json"), "tokenizer"),
    "broken settings": (lambda f: (f / "config.json").write_text("{") and None, "cannot be loaded"),
    "a weight is missing": (weights(_drop_norm), "1 are missing"),
    "a weight too many": (weights(_add_layer), "1 belong to no part"),
    "a layer more than the weights": (
        settings(num_hidden_layers=3, layer_types=["full_attention"] * 3),
        "are missing",
    ),
    "other sizes": (settings(intermediate_size=256), "other sizes"),
    "no numbers": (weights(_nan), "no numbers"),
    "GPTQ": (settings(quantization_config=GPTQ), "quantised already .gptq"),
    "AWQ": (settings(quantization_config=AWQ), "quantised already .awq"),
    "an encoder": (_another(_bert), "encoder"),
    "an encoder-decoder": (_another(_t5), "encoder-decoder"),
    "code of its own": (settings(model_type="mine", auto_map=OWN_CODE), "code of its own"),
    "an unknown kind": (settings(model_type="gpt9"), "does not know"),
    "no end of text": (settings("tokenizer_config.json", eos_token=None), "end-of-text"),
    "a vocabulary that is too small": (
        _another(lambda: GPT2LMHeadModel(GPT2Config(**GPT2 | {"vocab_size": 100}))),
        "belong together",
    ),
    "a template that raises": (_template("{{ raise_exception('no users') }}"), "no users"),
    "a template that is none": (_template("{% for %}"), "chat template"),
}
GPT2 = {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 64, "vocab_size": VOCABULARY}


@pytest.mark.parametrize(("change", "said"), REFUSED.values(), ids=REFUSED)
def test_a_model_that_cannot_be_used_is_refused_in_a_sentence(
    tiny_gemma: Path, change: Change, said: str
) -> None:
    change(tiny_gemma)
    with pytest.raises(CalmError, match=said) as caught:
        load_model(str(tiny_gemma), "fp32")
    assert str(tiny_gemma.parent) not in str(caught.value)


def test_a_missing_padding_token_is_the_end_of_text(tiny_gemma: Path) -> None:
    settings("tokenizer_config.json", pad_token=None)(tiny_gemma)
    tokenizer = load_model(str(tiny_gemma), "fp32").tokenizer
    assert tokenizer.pad_token == tokenizer.eos_token == "<eos>"


def test_learnt_positions_are_used_up_to_the_last_and_a_longer_text_is_told(
    tiny_gemma: Path,
) -> None:
    _another(lambda: GPT2LMHeadModel(GPT2Config(**GPT2)))(tiny_gemma)
    model = load_model(str(tiny_gemma), "fp32")
    assert model.generate([Prompt("x" * 60)], [Draw(4)])
    with pytest.raises(CalmError, match="64 positions"):
        model.generate([Prompt("x" * 80)], [Draw(4)])
    assert model.generate([Prompt("x" * 60)], [Draw(4)])


def logits(model: CausalLM) -> torch.Tensor:
    with torch.no_grad():
        return model.model(torch.arange(3, 40)[None]).logits


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_an_adapter_s_folder_is_its_base_with_the_adapter_in_it(
    tiny_gemma: Path, tmp_path: Path, precision: Any
) -> None:
    folder = random_adapter(tiny_gemma, tmp_path / "mine", 0)
    base = load_model(str(tiny_gemma), precision)
    with base.use(folder):
        expected = logits(base)
    model = load_model(str(folder), precision)
    assert model.name == "mine"
    assert not hasattr(model.model, "peft_config")
    near = {"fp32": 1e-4, "bf16": 0.2}[precision]
    torch.testing.assert_close(logits(model), expected, atol=near, rtol=near)
    assert not torch.allclose(logits(base), expected, atol=near, rtol=near)


def test_an_adapter_s_folder_in_4_bits_is_the_merged_model_in_4_bits(
    small_gemma: Callable[[], Path], tmp_path: Path, calm_home: Path, shipped_folder: Path
) -> None:
    base = small_gemma()
    folder = random_adapter(base, tmp_path / "mine", 0)
    merged = load_model(str(folder), "bf16")
    merged.model.save_pretrained(tmp_path / "merged")
    merged.tokenizer.save_pretrained(tmp_path / "merged")
    expected = logits(load_model(str(tmp_path / "merged"), "nf4", "bf16"))
    assert torch.equal(logits(load_model(str(folder), "nf4", "bf16")), expected)
    assert [file.name for file in calm_home.iterdir()] == ["trust.json"]


def test_what_is_trained_on_an_adapter_s_folder_belongs_to_it(
    tiny_gemma: Path, tmp_path: Path
) -> None:
    first = random_adapter(tiny_gemma, tmp_path / "mine", 0)
    model = load_model(str(first), "fp32")
    assert called(model.model.name_or_path) == "mine"
    second = random_adapter(tiny_gemma, tmp_path / "second", 1)
    settings("adapter_config.json", base_model_name_or_path=str(first))(second)
    with model.use(second):
        expected = logits(model)
    torch.testing.assert_close(
        logits(load_model(str(second), "fp32")), expected, atol=1e-4, rtol=1e-4
    )


BROKEN_ADAPTERS: dict[str, tuple[Change, str]] = {
    "another rank": (settings("adapter_config.json", r=8), "does not fit"),
    "no base": (settings("adapter_config.json", base_model_name_or_path=None), "is not here"),
    "a base that went": (
        settings("adapter_config.json", base_model_name_or_path="/no/such/base"),
        "base model base is not here",
    ),
    "no weights": (_without("adapter_model.safetensors"), "no adapter_model.safetensors"),
    "layers that the base lacks": (
        settings("adapter_config.json", target_modules=["c_attn"]),
        "does not fit",
    ),
}


@pytest.mark.parametrize(("change", "said"), BROKEN_ADAPTERS.values(), ids=BROKEN_ADAPTERS)
def test_an_adapter_s_folder_that_cannot_be_merged_is_refused(
    tiny_gemma: Path, tmp_path: Path, change: Change, said: str
) -> None:
    folder = random_adapter(tiny_gemma, tmp_path / "mine", 0)
    change(folder)
    with pytest.raises(CalmError, match=said):
        load_model(str(folder), "fp32")


def test_adapters_that_were_trained_on_each_other_have_no_base(
    tiny_gemma: Path, tmp_path: Path
) -> None:
    first = random_adapter(tiny_gemma, tmp_path / "first", 0)
    second = Path(shutil.copytree(first, tmp_path / "second"))
    settings("adapter_config.json", base_model_name_or_path=str(second))(first)
    settings("adapter_config.json", base_model_name_or_path=str(first))(second)
    with pytest.raises(CalmError, match="adapter of an adapter"):
        load_model(str(first), "fp32")


def test_however_a_folder_is_spelt_it_is_one_model(
    tiny_gemma: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(tiny_gemma)
    monkeypatch.chdir(tmp_path)
    spellings = [f"{tiny_gemma}", f"{tiny_gemma}/", "tiny", "./tiny/", "link", "tiny/../tiny"]
    assert {full_name(spelling) for spelling in spellings} == {str(tiny_gemma)}
    assert load_model("tiny/", "fp32").name == "tiny"


NAMES = {
    "gemma-3-270m": "gemma-3-270m",
    "google/gemma-3-270m": "google/gemma-3-270m",
    "google/gemma-3-270m/": "google/gemma-3-270m",
    "/models/mine": "mine",
    "/cache/hub/models--google--gemma-3-270m/snapshots/0a1b": "google/gemma-3-270m",
    "/cache/hub/models--gpt2/snapshots/0a1b": "gpt2",
    "/home/me/runs/first/adapter": "first/adapter",
}


@pytest.mark.parametrize(("given", "shown"), NAMES.items())
def test_records_show_a_folder_s_own_name_only(given: str, shown: str) -> None:
    assert called(full_name(given)) == shown


def test_a_packaged_name_is_the_packaged_model_whatever_lies_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gemma-3-270m").mkdir()
    assert full_name("gemma-3-270m") == "gemma-3-270m"


def test_tied_heads_are_not_missed(tiny_gemma: Path) -> None:
    assert "lm_head.weight" not in load_file(tiny_gemma / WEIGHTS)
    load_model(str(tiny_gemma), "fp32")
    model = AutoModelForCausalLM.from_pretrained(tiny_gemma)
    shutil.rmtree(tiny_gemma / "unused", ignore_errors=True)
    assert model.lm_head.weight is model.model.embed_tokens.weight
