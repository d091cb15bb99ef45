"""A tiny alignment tells how fast the machine is, and leaves nothing but that."""

from pathlib import Path

import pytest

from calm.cli.parser import main
from calm.pipeline.measure import measure_machine
from calm.runs.rates import rate_of, yield_of
from tests.fakes import FakeModel, training_of_nothing


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calm.pipeline.stage_train.train", training_of_nothing(3))
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
