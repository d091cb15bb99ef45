"""A tiny alignment tells how fast the machine is, and leaves nothing but that."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calm.cli.parser import main
from calm.config import TrainConfig
from calm.pipeline.measure import measure_machine
from calm.records import PreferencePair
from calm.runs.rates import rate_of, yield_of
from calm.training.train import OnLog
from tests.fakes import FakeModel, make_adapter


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    def train(
        model_name: str,
        pairs: list[PreferencePair],
        config: TrainConfig,
        adapter: Path,
        on_log: OnLog,
        should_stop: Callable[[], bool],
        plain_prompts: bool,
        **options: Any,
    ) -> bool:
        for step in (1, 2, 3):
            on_log({"loss": 0.7}, step, 3)
        make_adapter(adapter)
        return True

    monkeypatch.setattr("calm.pipeline.stage_train.train", train)
    monkeypatch.setattr("calm.pipeline.context.Context.model", lambda context: FakeModel())


def test_every_stage_that_takes_time_is_measured_and_no_run_is_left(calm_home: Path) -> None:
    for stage, precision in measure_machine("fake"):
        rate = rate_of("fake", precision, stage)
        assert rate is not None and rate.a_second > 0
    assert not (calm_home / "runs").exists()


def test_the_first_step_of_training_is_not_counted_as_it_has_no_beginning(calm_home: Path) -> None:
    measure_machine("fake")
    rate = rate_of("fake", "nf4", "train")
    made = yield_of("fake", 0.0)
    assert rate is not None and made is not None
    assert rate.units == pytest.approx(made.pairs * 2 / 3)


def test_the_command_says_each_rate(calm_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measure", "--model", "fake"]) == 0
    assert "sample: " in capsys.readouterr().out
