"""A run writes down exactly which model it uses, and goes on with no other."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from calm.config import RunConfig
from calm.errors import CalmError
from calm.messages import Message
from calm.models.causal_lm import CausalLM
from calm.models.identity import record_of
from calm.models.loading import load_model
from calm.pipeline.context import Context, faster_of, keep_model
from calm.runs.folder import Run, create_run
from tests.models.test_row_adapters import random_adapter


@pytest.fixture
def run(calm_home: Path, tiny_gemma: Path) -> Run:
    return create_run("mine", RunConfig(model=str(tiny_gemma)))


def change_weights(folder: Path) -> None:
    file = folder / "model.safetensors"
    weights = load_file(file)
    weights["model.norm.weight"] += 1
    save_file(weights, file, {"format": "pt"})


def test_the_record_says_what_decides_the_answers(run: Run, tiny_gemma: Path) -> None:
    Context(run).model()
    record = run.model_record()
    assert record is not None
    assert record.name == "tiny"
    assert set(record.files) >= {"config.json", "model.safetensors", "tokenizer.json"}
    assert record.precision == "auto"
    assert record.dtype == {"bf16": "bfloat16", "fp32": "float32"}[record.faster]
    assert record.reason.startswith("a product takes")
    assert record.attention == "sdpa"
    assert record.chat_template == ""
    assert record.versions["torch"] == torch.__version__
    assert record.prompts is not None and record.prompts.format == "cloze"
    assert str(tiny_gemma.parent) not in (run.folder / "model.json").read_text()


def test_a_run_goes_on_with_its_model_only(run: Run, tiny_gemma: Path) -> None:
    Context(run).model()
    first = (run.folder / "model.json").read_bytes()
    Context(run).model()
    change_weights(tiny_gemma)
    with pytest.raises(CalmError, match="began with another tiny: files"):
        Context(run).model()
    assert (run.folder / "model.json").read_bytes() == first


def test_a_run_that_goes_on_elsewhere_keeps_its_precision(run: Run) -> None:
    Context(run).model()
    file = run.folder / "model.json"
    kept = json.loads(file.read_text())
    other = {"bf16": "fp32", "fp32": "bf16"}[kept["faster"]]
    file.write_text(json.dumps(kept | {"faster": other}))
    dtype = {"bf16": torch.bfloat16, "fp32": torch.float32}[other]
    assert faster_of(run) == other
    assert Context(run).model().model.dtype == dtype


def test_other_libraries_are_told_and_no_hindrance(run: Run) -> None:
    model = Context(run).model()
    file = run.folder / "model.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"versions": {"torch": "1"}}))
    said: list[Message] = []
    keep_model(run, model, said.append)
    assert "other versions" in str(said[0])


def test_an_adapter_s_folder_is_recorded_with_its_base(
    calm_home: Path, tiny_gemma: Path, tmp_path: Path
) -> None:
    folder = random_adapter(tiny_gemma, tmp_path / "mine", 0)
    record = record_of(load_model(str(folder), "fp32"))
    assert (record.name, record.base) == ("mine", "tiny")
    assert {"adapter_model.safetensors", "base/model.safetensors"} <= set(record.files)


def test_a_chat_template_is_recorded(calm_home: Path, tiny_gemma: Path) -> None:
    model: CausalLM = load_model(str(tiny_gemma), "fp32")
    model.tokenizer.chat_template = "{{ messages[0]['content'] }}"
    assert len(record_of(model).chat_template) == 64


def test_a_run_of_before_says_how_it_asks_when_it_loads_its_model_again(run: Run) -> None:
    Context(run).model()
    whole = (run.folder / "model.json").read_bytes()
    old = json.loads(whole)
    del old["prompts"]
    (run.folder / "model.json").write_text(json.dumps(old))
    kept = run.model_record()
    assert kept is not None and kept.prompts is None
    Context(run).model()
    assert (run.folder / "model.json").read_bytes() == whole
