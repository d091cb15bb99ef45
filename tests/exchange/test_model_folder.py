"""A run's model leaves without PEFT: merged into its base, and as GGUF, with the same answers."""

import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

from calm.cli.parser import main
from calm.errors import CalmError
from calm.exchange.model_folder import write_model
from calm.exchange.push import parcel
from calm.models import gguf_files
from calm.models.gguf_files import read_layers, write_lora
from calm.models.shipped import MODELS
from calm.runs.folder import Run, with_settings
from tests.models.conftest import SIZES, make_tiny_gemma
from tests.recorded import MODEL_RECORD

SHIPPED, TEXT = "gemma-3-270m", "The capital of France is the city of"
IDS = torch.tensor([[2, 40, 41, 42, 43, 44]])
EVERY_LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def adapter_on(base: Path, folder: Path, **settings: Any) -> Any:
    """Train nothing, but write an adapter with numbers in it; return the model with it."""
    torch.manual_seed(1)
    config = LoraConfig(
        **{"r": 4, "lora_alpha": 8, "target_modules": EVERY_LINEAR, "init_lora_weights": False}
        | settings
    )
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), config)
    model.save_pretrained(folder)
    return model.eval()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_gemma(tmp_path_factory.mktemp("bases") / "tiny")


@pytest.fixture
def trained(run: Run, tiny: Path) -> tuple[Run, Any]:
    """A finished run on a small model, and that model with the run's adapter."""
    for file in run.adapter.iterdir():
        file.unlink()
    model = adapter_on(tiny, run.adapter)
    run.write_model_record(replace(MODEL_RECORD, name=str(tiny), files={}))
    return with_settings(run, replace(run.config, model=str(tiny))), model


def logits(model: Any) -> torch.Tensor:
    with torch.no_grad():
        return model(IDS).logits.float()


def test_the_merged_model_answers_as_base_and_adapter_do(
    trained: tuple[Run, Any], tiny: Path, tmp_path: Path
) -> None:
    _, model = trained
    folder = tmp_path / "out" / "merged"
    assert main(["export", "mine", "--format", "merged", "-o", str(folder)]) == 0
    merged = AutoModelForCausalLM.from_pretrained(folder).eval()
    assert not isinstance(merged, PeftModel)
    assert torch.allclose(logits(merged), logits(model), atol=1e-4)
    assert not torch.allclose(logits(merged), logits(AutoModelForCausalLM.from_pretrained(tiny)))
    asked = "Which?"
    same = AutoTokenizer.from_pretrained(tiny)(asked)["input_ids"]
    assert AutoTokenizer.from_pretrained(folder)(asked)["input_ids"] == same
    names = {file.name for file in folder.iterdir()}
    assert {"model.safetensors", "config.json", "README.md", "prompt.txt"} <= names
    texts = [file.read_text("utf-8") for file in folder.iterdir() if file.suffix != ".safetensors"]
    here = (str(tmp_path), str(tiny.parent), "/root")
    assert [text for text in texts if any(path in text for path in here)] == []
    assert [file.name for file in folder.parent.iterdir()] == ["merged"]


def test_the_card_of_a_merged_model_loads_it_without_peft(
    trained: tuple[Run, Any], tmp_path: Path
) -> None:
    run, _ = trained
    write_model(run, "merged", tmp_path / "mine")
    card = (tmp_path / "mine" / "README.md").read_text("utf-8")
    code = card.split("```python\n")[1].split("```")[0]
    assert "peft" not in code and 'base = "mine"' in code
    assert "merged into its weights, so as to give the same answer" in card
    assert "This merged model is made of its base" in card
    assert 'library_name: "transformers"' in card


def test_a_place_that_is_taken_and_a_run_without_adapter_are_refused(
    trained: tuple[Run, Any], tmp_path: Path
) -> None:
    run, _ = trained
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").touch()
    with pytest.raises(CalmError, match="something at"):
        write_model(run, "merged", tmp_path / "there")
    (run.adapter / "adapter_model.safetensors").unlink()
    with pytest.raises(CalmError, match="adapter"):
        write_model(run, "merged", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_an_adapter_in_gguf_has_its_layers_under_their_names_there(
    trained: tuple[Run, Any], tmp_path: Path
) -> None:
    _, model = trained
    assert main(["export", "mine", "--format", "gguf-lora", "-o", str(tmp_path / "out")]) == 0
    reader = gguf.GGUFReader(tmp_path / "out" / "mine-lora.gguf")
    said = {name: reader.get_field(name).contents() for name in ("general.type", "adapter.type")}
    assert said == {"general.type": "adapter", "adapter.type": "lora"}
    assert reader.get_field("general.architecture").contents() == "gemma3"
    assert reader.get_field("adapter.lora.alpha").contents() == 8.0
    found = {tensor.name: tensor.data for tensor in reader.tensors}
    assert len(found) == 2 * 2 * len(EVERY_LINEAR)
    layer = model.base_model.model.model.layers[1].mlp.down_proj
    added = found["blk.1.ffn_down.weight.lora_b"] @ found["blk.1.ffn_down.weight.lora_a"]
    given = layer.lora_B["default"].weight @ layer.lora_A["default"].weight
    assert np.allclose(added, given.detach().numpy(), atol=1e-6)
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "-m BASE.gguf --lora mine/mine-lora.gguf" in card


def test_the_heads_of_a_llama_lie_interleaved_in_gguf(tmp_path: Path) -> None:
    """Rows are where llama.cpp's own conversion (`LlamaModel.permute`) puts those of the base."""
    base, adapter = tmp_path / "llama", tmp_path / "adapter"
    LlamaForCausalLM(LlamaConfig(**SIZES)).save_pretrained(base)
    model = adapter_on(base, adapter)
    layers = read_layers(str(base), {}, adapter)
    own = model.base_model.model.model.layers[0].self_attn
    for name, part, heads in (("attn_q", own.q_proj, 4), ("attn_k", own.k_proj, 2)):
        b = part.lora_B["default"].weight.detach().numpy()
        size = b.shape[0] // heads
        rows = [
            head * size + half * (size // 2) + n
            for head in range(heads)
            for n in range(size // 2)
            for half in range(2)
        ]
        assert np.array_equal(layers.parts[f"blk.0.{name}.weight"][1], b[rows])
    v = own.v_proj.lora_B["default"].weight.detach().numpy()
    assert np.array_equal(layers.parts["blk.0.attn_v.weight"][1], v)


@pytest.mark.parametrize(
    ("settings", "config", "says"),
    [
        ({"use_dora": True}, {}, "more than a plain LoRA"),
        ({"rank_pattern": {"q_proj": 8}}, {}, "more than a plain LoRA"),
        ({}, {"model_type": "gpt2"}, "of the kind gpt2"),
    ],
)
def test_what_gguf_cannot_hold_is_said(
    settings: dict[str, Any], config: dict[str, Any], says: str, tiny: Path, tmp_path: Path
) -> None:
    adapter_on(tiny, tmp_path / "adapter", **settings)
    base = tmp_path / "base"
    base.mkdir()
    told = json.loads((tiny / "config.json").read_text("utf-8")) | config
    (base / "config.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(CalmError, match=says):
        read_layers(str(base), {}, tmp_path / "adapter")


def test_a_rank_stabilised_adapter_keeps_its_scale(tiny: Path, tmp_path: Path) -> None:
    adapter_on(tiny, tmp_path / "adapter", use_rslora=True)
    layers = read_layers(str(tiny), {}, tmp_path / "adapter")
    assert layers.alpha / 4 == pytest.approx(8 / 4**0.5)


def test_a_whole_gguf_is_the_packages_with_the_adapter_added(
    trained: tuple[Run, Any], tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = trained
    packaged = tmp_path / "package.gguf"
    layers = read_layers(str(tiny), {}, run.adapter)
    random = np.random.default_rng(0)
    shapes = {name: (b.shape[0], a.shape[1]) for name, (a, b) in layers.parts.items()}
    weights = {name: random.normal(size=shape) for name, shape in shapes.items()}
    writer = gguf.GGUFWriter(packaged, "gemma3")
    writer.add_tokenizer_model("llama")
    writer.add_token_list(["<a>", "b"])
    for name, given in weights.items():
        quantised = gguf.quants.quantize(given.astype(np.float32), gguf.GGMLQuantizationType.Q8_0)
        writer.add_tensor(name, quantised, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.add_tensor("output_norm.weight", np.ones(64, np.float32))
    gguf_files._finish(writer)
    monkeypatch.setattr(gguf_files, "take_out", lambda *_: packaged)
    gguf_files.write_whole_model(Any, layers, "mine", tmp_path / "whole.gguf")  # type: ignore[arg-type]
    reader = gguf.GGUFReader(tmp_path / "whole.gguf")
    assert reader.get_field("general.name").contents() == "mine"
    assert reader.get_field("tokenizer.ggml.tokens").contents() == ["<a>", "b"]
    found = {tensor.name: tensor for tensor in reader.tensors}
    assert np.array_equal(found.pop("output_norm.weight").data, np.ones(64))
    for name, tensor in found.items():
        a, b = layers.parts[name]
        assert tensor.tensor_type == gguf.GGMLQuantizationType.F16
        assert np.allclose(tensor.data, weights[name] + 2 * (b @ a), atol=0.05)


def test_a_whole_gguf_of_another_base_says_which_command_makes_it(
    trained: tuple[Run, Any], tmp_path: Path
) -> None:
    with pytest.raises(CalmError, match=r"--format merged.*convert_hf_to_gguf\.py"):
        write_model(trained[0], "gguf", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(not importlib.util.find_spec("xllamacpp"), reason="no llama.cpp")
@pytest.mark.slow
@pytest.mark.parametrize("form", ["gguf", "gguf-lora"])
def test_llama_cpp_gives_the_tokens_that_base_and_adapter_do(
    form: Any, run: Run, shipped_folder: Path, tmp_path: Path
) -> None:
    """Of an adapter that changes much: what it adds, and where, can be told from the numbers."""
    for file in run.adapter.iterdir():
        file.unlink()
    model = adapter_on(shipped_folder, run.adapter, init_lora_weights=True).float()
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if "lora_B" in name:
                weights.normal_(std=0.06)
    model.save_pretrained(run.adapter)
    run.write_model_record(replace(MODEL_RECORD, name=SHIPPED, files={}))
    run = with_settings(run, replace(run.config, model=SHIPPED))
    write_model(run, form, tmp_path / "out")
    assert (tmp_path / "out" / "NOTICE").is_file()
    base, lora = tmp_path / "out" / "mine.gguf", None
    if form == "gguf-lora":
        # The package's own file has llama.cpp compute in 8 bits, which such an adapter amplifies.
        base, lora = tmp_path / "base.gguf", tmp_path / "out" / "mine-lora.gguf"
        layers = read_layers(SHIPPED, {}, run.adapter)
        nothing = {name: (a, 0 * b) for name, (a, b) in layers.parts.items()}
        gguf_files.write_whole_model(MODELS[SHIPPED], replace(layers, parts=nothing), "base", base)
    tokenizer = AutoTokenizer.from_pretrained(shipped_folder)
    with torch.no_grad():
        logits = model(**tokenizer(TEXT, return_tensors="pt")).logits[0, -1]
    likeliest = logits.log_softmax(-1).topk(2)
    told = llama_says(base, lora)
    for number, logprob in zip(likeliest.indices, likeliest.values, strict=True):
        assert told[tokenizer.decode([number])] == pytest.approx(float(logprob), abs=0.1)


def llama_says(base: Path, lora: Path | None) -> dict[str, float]:
    """Return the logarithms of the probabilities of llama.cpp's likeliest next tokens."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path, params.n_ctx, params.cpuparams.n_threads = str(base), 256, 2
    if lora is not None:
        added = xllamacpp.CommonAdapterLoraInfo()
        added.path, added.scale = str(lora), 1.0
        params.lora_adapters = [added]
    asked = {"prompt": TEXT, "max_tokens": 1, "temperature": 0, "logprobs": 4}
    answer = xllamacpp.Server(params).handle_completions(asked)
    (first,) = answer["choices"][0]["logprobs"]["content"]
    return {row["token"]: row["logprob"] for row in first["top_logprobs"]}


def test_a_merged_model_is_pushed_with_its_card(trained: tuple[Run, Any]) -> None:
    with parcel(trained[0], "someone/x", "merged") as made:
        assert {"model.safetensors", "config.json", "README.md"} <= set(made.content)
        assert "hf download someone/x" in made.text("README.md")
    assert [path.name for path in trained[0].folder.parent.iterdir()] == ["mine"]


def test_an_adapter_is_written_by_its_layers(tiny: Path, tmp_path: Path) -> None:
    adapter_on(tiny, tmp_path / "adapter")
    layers = read_layers(str(tiny), {}, tmp_path / "adapter")
    write_lora(layers, "a", tmp_path / "a.gguf")
    again = {tensor.name for tensor in gguf.GGUFReader(tmp_path / "a.gguf").tensors}
    assert again == {f"{name}.lora_{part}" for name in layers.parts for part in "ab"}
