"""Settings of before are read: a loss by its name in TRL, and a weight beside it, are a method."""

import json
from pathlib import Path
from typing import Any

import pytest

from calm.config import RunConfig
from calm.errors import CalmError
from calm.exchange.archive import unpack
from calm.runs.folder import create_run, open_run, with_settings

ARCHIVE = Path(__file__).parent.parent / "data" / "before" / "run.zip"


def written_before(name: str, **train: Any) -> Path:
    """Make a run whose settings are those of before."""
    file = create_run(name, RunConfig()).folder / "config.json"
    raw = json.loads(file.read_text())
    for field in ("method", "pair_weights", "dco_weight", "anchor_gamma"):
        del raw["train"][field]
    raw["train"] |= {"loss_type": "sigmoid", "sft_weight": 0.3, **train}
    file.write_text(json.dumps(raw))
    return file


@pytest.mark.parametrize(
    ("train", "method"),
    [
        ({}, "dpo+sft"),
        ({"sft_weight": 0.0}, "dpo"),
        ({"loss_type": "robust"}, "robust"),
        ({"loss_type": "ipo", "sft_weight": 0.0}, "ipo"),
        ({"loss_type": "hinge"}, "hinge"),
    ],
)
def test_a_loss_of_before_is_a_method_now(
    train: dict[str, Any], method: str, calm_home: Path
) -> None:
    file = written_before("old", **train)
    run = open_run("old")
    assert run.config.train.method == method
    assert run.config.train.pair_weights == "none"
    with_settings(run, run.config)
    assert json.loads(file.read_text())["train"]["method"] == method
    assert open_run("old").config == run.config


def test_a_run_of_before_is_the_same_as_one_of_today_with_its_settings(calm_home: Path) -> None:
    written_before("old")
    assert create_run("old", RunConfig()).config == RunConfig()


def test_a_loss_that_never_was_is_refused(calm_home: Path) -> None:
    written_before("odd", loss_type="exo_pair")
    with pytest.raises(CalmError, match="method is exo_pair, but must be dpo"):
        open_run("odd")


@pytest.mark.parametrize("train", [[], "x", None])
def test_settings_without_any_for_training_are_told_as_such(train: Any, calm_home: Path) -> None:
    file = written_before("broken")
    file.write_text(json.dumps({**json.loads(file.read_text()), "train": train}))
    with pytest.raises(CalmError, match=r"config\.json"):
        open_run("broken")


def test_an_archive_of_before_opens(calm_home: Path) -> None:
    assert unpack(ARCHIVE, "old").config.train.method == "dpo+sft"
