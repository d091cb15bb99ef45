"""A training that is cut off goes on behind the step that was kept last, to the same adapter."""

from pathlib import Path

import pytest

from calm.config import TrainConfig
from calm.models.loading import load_model
from calm.training.checkpoint import FILES, Checkpoint
from calm.training.dpo import train_adapter
from tests.training.test_dpo import PAIRS


def leased_training(model: Path, kept: Path, out: Path, steps: int) -> list[int]:
    """Train in leases of so many steps each, as a lent GPU does; return behind which each began."""
    begun: list[int] = []
    config = TrainConfig(per_device_train_batch_size=3, num_train_epochs=2, min_steps=1, lora_r=2)
    for _ in range(10):
        seen: list[int] = []
        finished = train_adapter(
            load_model(str(model), "fp32"),
            PAIRS,
            config,
            out,
            lambda row, step, total, seen=seen: seen.append(step),
            lambda seen=seen: len(seen) >= steps,
            kept=kept,
            on_begin=begun.append,
        )
        if finished:
            return begun
    raise AssertionError(f"never finished, begun behind {begun}")


def test_a_training_in_three_leases_is_to_the_byte_that_in_one(
    tiny_gemma: Path, tmp_path: Path
) -> None:
    """It is cut within both epochs: their order, the optimiser and the rate go on as they were."""
    assert leased_training(tiny_gemma, tmp_path / "k1", tmp_path / "whole", 99) == [0]
    begun = leased_training(tiny_gemma, tmp_path / "checkpoint", tmp_path / "cut", 1)
    assert begun == [0, 2, 4], "of 6 steps, 3 an epoch"
    for name in ("adapter_model.safetensors", "adapter_config.json"):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    kept = {path.name for path in (tmp_path / "checkpoint").iterdir()}
    assert kept == set(FILES), "no pickled settings, no card with paths of this machine"


def test_a_training_whose_machine_ends_without_a_word_goes_on_from_what_was_kept(
    tiny_gemma: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert leased_training(tiny_gemma, tmp_path / "k1", tmp_path / "whole", 99) == [0]
    monkeypatch.setattr("calm.training.dpo_callbacks.KEEP_EVERY_SECONDS", 0.0)
    real = Checkpoint.keep

    def ends(self: Checkpoint, saved: Path) -> None:
        real(self, saved)
        if self.step == 3:
            raise ConnectionError("the machine is gone")

    monkeypatch.setattr(Checkpoint, "keep", ends)
    with pytest.raises(ConnectionError):
        leased_training(tiny_gemma, tmp_path / "kept", tmp_path / "cut", 99)
    monkeypatch.setattr(Checkpoint, "keep", real)
    assert leased_training(tiny_gemma, tmp_path / "kept", tmp_path / "cut", 99) == [3]
    weights = "adapter_model.safetensors"
    assert (tmp_path / "cut" / weights).read_bytes() == (tmp_path / "whole" / weights).read_bytes()


def test_what_is_kept_of_another_training_is_not_gone_on_with(tmp_path: Path) -> None:
    folder, saved = tmp_path / "checkpoint", tmp_path / "saved"
    saved.mkdir()
    for name in (*FILES, "training_args.bin"):
        (saved / name).write_text('{"global_step": 7}')
    Checkpoint(folder, "mine").keep(saved)
    assert Checkpoint(folder, "mine").step == 7
    assert Checkpoint(folder, "another").step == 0
    (folder / "optimizer.pt").unlink()
    assert Checkpoint(folder, "mine").step == 0
