"""Training is TRL's DPO: its first loss, its numbers, its log; and the adapter it leaves."""

import json
import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import trl.trainer.utils as trl_utils
from datasets import load_dataset
from safetensors.torch import load_file
from trl import DPOConfig, DPOTrainer

from calm.config import TrainConfig
from calm.errors import CalmError
from calm.exchange.export import write_pairs
from calm.messages import Message
from calm.models.loading import load_model
from calm.records import PreferencePair
from calm.training import adapter, dpo
from calm.training.dpo import completion_only_log_probs, make_trainer, train_adapter
from calm.training.dpo_rows import QuestionSampler, token_pairs
from calm.training.schedule import schedule

PAIRS = [
    PreferencePair(
        f"q{n}", "en", f"Question: What is {n} plus one?\nAnswer:", f" {n + 1}", f" {n + 2}", "en"
    )
    for n in range(8)
]
SETTINGS = TrainConfig(
    num_train_epochs=1.0,
    per_device_train_batch_size=4,
    min_steps=1,
    learning_rate=1e-3,
    lora_r=4,
    method="dpo",
)


def losses(
    folder: Path,
    out: Path,
    config: TrainConfig,
    pairs: Sequence[PreferencePair] = PAIRS,
) -> list[dict[str, float]]:
    logs: list[dict[str, float]] = []
    model = load_model(str(folder), config.precision)
    torch.manual_seed(0)
    train_adapter(model, pairs, config, out, lambda row, step, total: logs.append(row))
    return logs


@pytest.mark.parametrize("number", [1, 5, 11, 18, 48, 80, 500])
def test_however_few_pairs_there_are_every_step_of_their_training_changes_the_adapter(
    number: int, tiny_gemma: Path, tmp_path: Path
) -> None:
    pairs = [replace(PAIRS[n % len(PAIRS)], question_id=f"q{n}") for n in range(number)]
    config = TrainConfig(precision="fp32", lora_r=4)
    logs = losses(tiny_gemma, tmp_path / "adapter", config, pairs)
    plan = schedule(number, config)
    assert len(logs) == plan.steps >= min(10, number * 10)
    assert all(row["learning_rate"] > 0 and row["grad_norm"] > 0 for row in logs)
    weights = load_file(tmp_path / "adapter" / "adapter_model.safetensors")
    grown = [tensor for name, tensor in weights.items() if "lora_B" in name]
    assert grown and all(tensor.abs().max() > 0 for tensor in grown)


@pytest.mark.parametrize(
    ("rate", "message"), [(0.0, "changed no weight"), (math.inf, "no numbers any more")]
)
def test_a_training_that_learnt_nothing_or_went_astray_leaves_no_adapter(
    rate: float, message: str, tiny_gemma: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dpo, "rate_at", lambda step, plan: rate)
    with pytest.raises(CalmError, match=message):
        losses(tiny_gemma, tmp_path / "adapter", SETTINGS)
    assert not (tmp_path / "adapter" / "adapter_model.safetensors").exists()


def test_the_first_loss_of_plain_dpo_is_ln_2_and_the_names_are_those_of_trl(
    tiny_gemma: Path, tmp_path: Path
) -> None:
    logs = losses(tiny_gemma, tmp_path / "adapter", SETTINGS)
    assert logs[0]["loss"] == pytest.approx(math.log(2), abs=1e-4)
    assert logs[0]["rewards/margins"] == 0
    assert len(logs) == 2
    names = {"grad_norm", "learning_rate", "rewards/chosen", "rewards/rejected"}
    assert names <= logs[0].keys()


def test_reading_the_head_at_completion_tokens_only_changes_no_loss_and_no_gradient(
    tiny_gemma: Path, tmp_path: Path
) -> None:
    config = TrainConfig(precision="fp32", per_device_train_batch_size=4, lora_r=4, min_steps=1)
    results = []
    for compact in (False, True):
        torch.manual_seed(0)
        trainer = make_trainer(load_model(str(tiny_gemma), "fp32"), PAIRS, config, tmp_path / "out")
        results.append(first_step(trainer, compact))
    (plain_loss, plain_gradients), (loss, gradients) = results
    assert loss == pytest.approx(plain_loss, abs=1e-6)
    assert any(gradient.abs().max() > 0 for gradient in gradients)
    for got, expected in zip(gradients, plain_gradients, strict=True):
        torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-6)


def first_step(trainer: Any, compact: bool) -> tuple[float, list[torch.Tensor]]:
    """Loss and gradients of the first batch after moving the adapter off zero."""
    torch.manual_seed(1)
    trained = [p for p in trainer.model.parameters() if p.requires_grad]
    with torch.no_grad():
        for parameter in trained:
            parameter.add_(0.02 * torch.randn_like(parameter))
    batch = next(iter(trainer.get_train_dataloader()))
    calls = []
    if compact:
        with completion_only_log_probs():
            calls.append(trl_utils._use_triton(torch.device("cpu")))
            loss = trainer.compute_loss(trainer.model, batch)
        assert calls == [True]
    else:
        loss = trainer.compute_loss(trainer.model, batch)
    loss.backward()
    return loss.item(), [p.grad.clone() for p in trained]


def test_twenty_steps_with_every_saving_are_those_of_trls_own_way(
    tiny_gemma: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TrainConfig(
        precision="fp32",
        per_device_train_batch_size=4,
        num_train_epochs=10,
        min_steps=1,
        learning_rate=1e-3,
        sft_weight=0.3,
    )
    shared = losses(tiny_gemma, tmp_path / "shared", config)
    monkeypatch.setattr(dpo, "shared_beginnings", lambda model: nullcontext())
    monkeypatch.setattr(dpo, "completion_only_log_probs", nullcontext)
    monkeypatch.setattr(dpo, "reference_once", lambda plan: False)
    plain = losses(tiny_gemma, tmp_path / "plain", config)
    assert len(plain) == len(shared) == 20
    assert plain[0]["loss"] > plain[-1]["loss"] + 0.1
    for mine, theirs in zip(shared, plain, strict=True):
        for name in ("loss", "grad_norm", "rewards/margins", "logps/chosen"):
            assert mine[name] == pytest.approx(theirs[name], rel=1e-4, abs=1e-4)


def test_a_step_that_does_not_fit_into_memory_is_accumulated_and_ends_alike(
    tiny_gemma: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TrainConfig(
        precision="fp32",
        num_train_epochs=1.0,
        per_device_train_batch_size=4,
        lora_r=4,
        method="dpo",
        min_steps=1,
    )
    model = load_model(str(tiny_gemma), "fp32")
    rows = token_pairs(model.encoding, PAIRS)
    assert dpo.pairs_at_once(model, rows, config) == 4
    whole = losses(tiny_gemma, tmp_path / "whole", config)
    monkeypatch.setattr(adapter, "CPU_BUDGET_BYTES", 500_000)
    assert dpo.pairs_at_once(model, rows, config) < 4
    parts = losses(tiny_gemma, tmp_path / "parts", config)
    assert [row["loss"] for row in parts] == pytest.approx([row["loss"] for row in whole], abs=1e-4)


def test_a_base_model_learns_to_end_its_line_and_not_its_text(
    tiny_gemma: Path, tmp_path: Path
) -> None:
    model = load_model(str(tiny_gemma), "bf16")
    (row, *_) = make_trainer(model, PAIRS, SETTINGS, tmp_path / "out").train_dataset
    assert model.tokenizer.decode(row["chosen_ids"]) == " 1\n"
    assert model.tokenizer.decode(row["rejected_ids"]) == " 2\n"


def test_the_pairs_of_a_question_come_together_in_an_order_that_the_seed_shuffles() -> None:
    ids = ["a", "b", "c", "a", "b", "c", "d"]
    sampler = QuestionSampler(ids, 0)
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(len(ids))) and len(sampler) == len(ids)
    named = [ids[place] for place in first]
    assert named == sorted(named, key=named.index)
    assert first != second
    assert list(QuestionSampler(ids, 0)) == first


def test_the_adapter_is_safetensors_and_fits_the_base_it_was_trained_on(
    tiny_gemma: Path, tmp_path: Path
) -> None:
    losses(tiny_gemma, tmp_path / "adapter", SETTINGS)
    left = sorted(file.name for file in (tmp_path / "adapter").iterdir())
    assert left == ["adapter_config.json", "adapter_model.safetensors"]
    model = load_model(str(tiny_gemma), "bf16")
    ids = torch.arange(10, 40)[None]

    def logits() -> torch.Tensor:
        with torch.inference_mode():
            return model.model(input_ids=ids).logits.float().clone()

    base = logits()
    with model.use(tmp_path / "adapter"):
        assert not torch.equal(logits(), base)
    assert torch.equal(logits(), base)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"peft_type": "IA3"}, "not LoRA"),
        ({"base_model_name_or_path": "someone/else"}, "trained for else"),
    ],
)
def test_an_adapter_that_does_not_fit_is_refused(
    tiny_gemma: Path, tmp_path: Path, change: dict[str, str], message: str
) -> None:
    losses(tiny_gemma, tmp_path / "adapter", SETTINGS)
    path = tmp_path / "adapter" / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    model = load_model(str(tiny_gemma), "bf16")
    with pytest.raises(CalmError, match=message), model.use(tmp_path / "adapter"):
        pass


def test_a_pickled_adapter_is_refused(tiny_gemma: Path, tmp_path: Path) -> None:
    losses(tiny_gemma, tmp_path / "adapter", SETTINGS)
    weights = tmp_path / "adapter" / "adapter_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    with (
        pytest.raises(CalmError, match="safetensors"),
        load_model(str(tiny_gemma), "bf16").use(tmp_path / "adapter"),
    ):
        pass


def test_training_stops_when_asked_to_and_leaves_no_adapter(
    tiny_gemma: Path, tmp_path: Path
) -> None:
    seen: list[int] = []
    finished = train_adapter(
        load_model(str(tiny_gemma), "bf16"),
        PAIRS,
        TrainConfig(per_device_train_batch_size=4, num_train_epochs=5, min_steps=1),
        tmp_path / "adapter",
        lambda row, step, total: seen.append(step),
        lambda: bool(seen),
    )
    assert not finished
    assert seen == [1, 2], "a stop asked for while a step is logged takes effect after the next"
    assert not (tmp_path / "adapter" / "adapter_model.safetensors").exists()


LONG = replace(PAIRS[0], prompt="Question: What is one? " * 30 + "\nAnswer:")


@pytest.mark.parametrize(
    ("max_length", "longest", "said"),
    [
        (None, 512, "1 of 9 pairs is longer than 512 tokens and is left out"),
        (100, 100, "1 of 9 pairs is longer than 100 tokens and is left out"),
        (600, 512, "1 of 9 pairs is longer than 512 tokens and is left out"),
    ],
)
def test_a_pair_that_is_too_long_is_left_out_and_told_and_no_other_is_cut(
    max_length: int | None, longest: int, said: str, tiny_gemma: Path, tmp_path: Path
) -> None:
    told: list[Message] = []
    model = load_model(str(tiny_gemma), "fp32")
    assert model.most_tokens == 512
    pairs = [LONG, *PAIRS]
    config = TrainConfig(precision="fp32", max_length=max_length, min_steps=1, lora_r=2)
    trainer = make_trainer(model, pairs, config, tmp_path / "out", report=told.append)
    assert list(map(str, told)) == [said]
    assert len(trainer.train_dataset) == len(PAIRS)
    rows = token_pairs(model.encoding, PAIRS)
    assert trainer.args.max_length == max(row.length for row in rows) <= longest


def test_a_pair_longer_than_a_fixed_length_of_before_is_learnt_from_whole(
    small_gemma: Callable[[], Path], tmp_path: Path
) -> None:
    folder = small_gemma()
    model = load_model(str(folder), "fp32")
    model.model.config.max_position_embeddings = 4096
    long = replace(PAIRS[0], prompt=LONG.prompt * 8)
    trainer = make_trainer(model, [long], SETTINGS, tmp_path / "out")
    (row,) = trainer.train_dataset
    assert len(row["prompt_ids"]) > 1024
    batch = next(iter(trainer.get_train_dataloader()))
    assert int(batch["completion_mask"].sum()) == len(row["chosen_ids"]) + len(row["rejected_ids"])


class SeesToo(torch.nn.Module):
    """A model of texts beside an encoder of images, as Gemma 3 4B is built."""

    def __init__(self, text: Any) -> None:
        super().__init__()
        self.vision_tower = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Linear(4, 4))
        self.projector = torch.nn.Linear(4, 4)
        self.language_model = text

    def get_decoder(self) -> Any:
        return self.language_model.get_decoder()

    def get_output_embeddings(self) -> Any:
        return self.language_model.get_output_embeddings()


def test_only_the_decoder_of_texts_gets_an_adapter(tiny_gemma: Path) -> None:
    text = load_model(str(tiny_gemma), "fp32").model
    assert adapter.other_towers(text) is None
    assert adapter.other_towers(SeesToo(text)) == ["vision_tower.0", "vision_tower.1", "projector"]


def test_pairs_too_long_for_the_model_are_not_dropped_without_a_word(
    tiny_gemma: Path, tmp_path: Path
) -> None:
    config = TrainConfig(max_length=8)
    with pytest.raises(CalmError, match="--max-length"):
        make_trainer(load_model(str(tiny_gemma), "bf16"), PAIRS, config, tmp_path)


TURNS = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
SHOWN = "{% if add_generation_prompt %}<assistant>{% endif %}"


@pytest.mark.parametrize(("form", "begin"), [("trl", ""), ("trl-conversational", "<user>")])
def test_trl_trains_on_exported_pairs_as_they_are(
    form: str, begin: str, tiny_gemma: Path, tmp_path: Path
) -> None:
    write_pairs(PAIRS, form, tmp_path / "pairs.jsonl")
    rows = load_dataset(
        "json", data_files=str(tmp_path / "pairs.jsonl"), split="train", cache_dir=str(tmp_path)
    )
    model = load_model(str(tiny_gemma), "fp32")
    model.tokenizer.chat_template = TURNS + SHOWN
    settings = DPOConfig(
        str(tmp_path / "out"), max_steps=1, logging_steps=1, use_cpu=True, bf16=False
    )
    trainer = DPOTrainer(
        model.model, args=settings, processing_class=model.tokenizer, train_dataset=rows
    )
    assert len(trainer.train_dataset) == len(PAIRS)
    asked = model.tokenizer.decode(trainer.train_dataset[0]["prompt_ids"], skip_special_tokens=True)
    assert asked.startswith(f"{begin}Question: What is 0 plus one?")
    trainer.train()
    assert trainer.state.log_history[0]["loss"] == pytest.approx(math.log(2), abs=1e-3)
