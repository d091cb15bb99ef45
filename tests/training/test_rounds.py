"""A round after the first trains an adapter on, beside a reference that has moved or has not."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from calm.config import TrainConfig
from calm.errors import CalmError
from calm.models.loading import load_model
from calm.training import dpo
from calm.training.choice_lessons import lessons_of
from calm.training.choice_trainer import references, train_on_choices
from calm.training.dpo import train_adapter
from tests.training.test_choice_training import QUESTIONS
from tests.training.test_dpo import PAIRS, SETTINGS

WEIGHTS = "adapter_model.safetensors"
FP32 = replace(SETTINGS, precision="fp32", rounds=2)


def trained(
    model: Path, config: TrainConfig, out: Path, begin: Path | None = None, **told: Any
) -> list[dict[str, float]]:
    logs: list[dict[str, float]] = []

    def log(row: dict[str, float], step: int, total: int) -> None:
        logs.append(row)

    train_adapter(
        load_model(str(model), config.precision), PAIRS, config, out, log, begin=begin, **told
    )
    return logs


@pytest.fixture
def first(tiny_gemma: Path, tmp_path: Path) -> Path:
    """The adapter of a first round, far enough from the base to tell them apart."""
    out = tmp_path / "first" / "adapter"
    trained(tiny_gemma, replace(FP32, num_train_epochs=6, learning_rate=1e-2), out)
    return out


def margin(model: Path, adapter: Path | None) -> torch.Tensor:
    """Return log p(chosen) - log p(rejected) of each pair, worked out with transformers alone."""
    loaded = load_model(str(model), "fp32")
    found = []
    with loaded.use(adapter), torch.no_grad():
        for pair in PAIRS:
            prompt, *sides = loaded.encoding.row(pair.prompt, pair.chosen, pair.rejected)
            said = []
            for side in sides:
                ids = torch.tensor([[*prompt, *side]])
                logits = loaded.model(ids).logits[0].log_softmax(-1)
                said.append(sum(logits[len(prompt) + n - 1, t] for n, t in enumerate(side)))
            found.append(said[0] - said[1])
    return torch.stack(found)


@pytest.mark.parametrize("epochs", [1.0, 2.0])
def test_the_first_loss_of_a_round_tells_which_model_the_reference_is(
    epochs: float, tiny_gemma: Path, first: Path, tmp_path: Path
) -> None:
    """Moved, nothing has changed yet: ln 2. Kept, it is that of what the first round taught."""
    config = replace(FP32, num_train_epochs=epochs, per_device_train_batch_size=8)
    moved = trained(tiny_gemma, config, tmp_path / "moved", first)
    assert moved[0]["loss"] == pytest.approx(math.log(2), abs=1e-4)
    kept = trained(tiny_gemma, replace(config, reference="kept"), tmp_path / "kept", first)
    learnt = margin(tiny_gemma, first) - margin(tiny_gemma, None)
    by_hand = -torch.nn.functional.logsigmoid(config.beta * learnt).mean()
    assert abs(by_hand - math.log(2)) > 1e-3
    assert kept[0]["loss"] == pytest.approx(float(by_hand), abs=1e-4)


def test_one_adapter_is_trained_on_and_loads_on_the_base(
    tiny_gemma: Path, first: Path, tmp_path: Path
) -> None:
    """With hardly any learning rate the second round's adapter is the first one's, nearly."""
    trained(tiny_gemma, replace(FP32, learning_rate=1e-6), tmp_path / "second", first)
    before, after = load_file(first / WEIGHTS), load_file(tmp_path / "second" / WEIGHTS)
    assert before.keys() == after.keys()
    for name, tensor in before.items():
        torch.testing.assert_close(after[name], tensor, rtol=0, atol=1e-5)
    assert sorted(p.name for p in (tmp_path / "second").iterdir()) == [
        "adapter_config.json",
        WEIGHTS,
    ]
    assert margin(tiny_gemma, tmp_path / "second") == pytest.approx(
        margin(tiny_gemma, first), abs=1e-2
    )


def test_over_four_bit_weights_it_begins_with_every_bit_of_the_adapter(
    tiny_gemma: Path, first: Path, tmp_path: Path
) -> None:
    """TRL rounds new adapters to bf16 there; one that is trained on keeps what it learnt."""
    config = replace(FP32, precision="nf4")
    trainer = dpo.make_trainer(
        load_model(str(tiny_gemma), "nf4"), PAIRS, config, tmp_path / "out", begin=first
    )
    begun = {
        name.replace(".default", ""): p.detach().cpu()
        for name, p in trainer.model.named_parameters()
        if p.requires_grad
    }
    for name, tensor in load_file(first / WEIGHTS).items():
        assert torch.equal(begun[name], tensor), name
    assert list(trainer.model.peft_config) == ["default"]


def test_a_second_round_that_is_cut_off_goes_on_to_the_same_adapter(
    tiny_gemma: Path, first: Path, tmp_path: Path
) -> None:
    config = replace(FP32, num_train_epochs=2)
    trained(tiny_gemma, config, tmp_path / "whole", first)
    begun: list[int] = []
    for _ in range(8):
        steps: list[int] = []

        def log(row: dict[str, float], step: int, total: int, seen: list[int] = steps) -> None:
            seen.append(step)

        finished = train_adapter(
            load_model(str(tiny_gemma), "fp32"),
            PAIRS,
            config,
            tmp_path / "cut",
            log,
            lambda seen=steps: len(seen) >= 2,
            kept=tmp_path / "checkpoint",
            on_begin=begun.append,
            begin=first,
        )
        if finished:
            break
    assert begun == [0, 3]
    assert (tmp_path / "cut" / WEIGHTS).read_bytes() == (tmp_path / "whole" / WEIGHTS).read_bytes()


def test_a_round_that_learns_nothing_or_begins_from_what_does_not_fit_is_an_error(
    tiny_gemma: Path, first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CalmError, match="weights"):
        trained(tiny_gemma, replace(FP32, lora_r=8), tmp_path / "other", first)
    monkeypatch.setattr(dpo, "rate_at", lambda step, plan: 0.0)
    with pytest.raises(CalmError, match="changed no weight"):
        trained(tiny_gemma, FP32, tmp_path / "same", first)


@pytest.mark.parametrize("method", ["dco", "consensus"])
def test_choices_are_compared_with_the_moved_or_the_kept_reference(
    method: Any, tiny_gemma: Path, first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[Any, Any]] = []

    def objective(lessons: Any, reference: Any, config: TrainConfig, begun: Any = None) -> Any:
        seen.append((reference, begun))
        raise InterruptedError

    monkeypatch.setattr("calm.training.choice_trainer.Objective", objective)
    config = replace(FP32, method=method)
    for reference in ("moved", "kept"):
        with pytest.raises(InterruptedError):
            train_on_choices(
                load_model(str(tiny_gemma), "fp32"),
                QUESTIONS,
                replace(config, reference=reference),
                tmp_path / "out",
                lambda row, step, total: None,
                begin=first,
            )
    model = load_model(str(tiny_gemma), "fp32")
    lessons = lessons_of(model, QUESTIONS, [], config)
    base = references(model.model, lessons, 4)
    with model.use(first):
        now = references(model.model, lessons, 4)
    assert not close(base, now)
    (moved, nothing), (kept, begun) = seen
    assert close(moved, now) and nothing is None
    assert close(kept, base) and close(begun, now)


def test_choices_are_trained_on_with_the_adapter(
    tiny_gemma: Path, first: Path, tmp_path: Path
) -> None:
    config = replace(FP32, method="dco", per_device_train_batch_size=2, num_train_epochs=2)
    model = load_model(str(tiny_gemma), "fp32")
    out = tmp_path / "second"
    assert train_on_choices(model, QUESTIONS, config, out, lambda *told: None, begin=first)
    before, after = load_file(first / WEIGHTS), load_file(out / WEIGHTS)
    far = max(float((after[name] - tensor).abs().max()) for name, tensor in before.items())
    assert 0 < far < 0.05


def close(one: Any, other: Any) -> bool:
    """Tell whether the scores of two models are the same, row by row."""
    pairs = (
        (a, b)
        for rows, others in zip(one, other, strict=True)
        for a, b in zip(rows, others, strict=True)
    )
    return all(torch.allclose(a, b, atol=1e-4) for a, b in pairs)
