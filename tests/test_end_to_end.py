"""The whole method on the model that ships, through the command line; killed and taken up again."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from calm.records import Score
from calm.runs.folder import Run, open_run

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = [
    *("--languages", "en,fr,ar", "--max-train-questions", "8", "--max-held-out-questions", "6"),
    *("--num-samples", "2", "--questions-per-batch", "2", "--min-vote-share", "0.3"),
    *("--sft-weight", "0", "--min-steps", "8", "--learning-rate", "5e-4"),
    *("--lora-r", "4", "--per-device-train-batch-size", "6"),
]
STAGES_TO_KILL = ("sample", "train", "evaluate")


def start(name: str, home: Path, settings: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "calm", "align", name, *settings],
        cwd=ROOT,
        env=os.environ | {"CALM_HOME": str(home), "HF_HUB_OFFLINE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_for(happened: Callable[[], bool], child: subprocess.Popen[bytes]) -> None:
    for _ in range(6000):
        if happened():
            return
        assert child.poll() is None, child.communicate()[1].decode()
        time.sleep(0.05)
    pytest.fail("it never happened")


def in_the_middle_of(stage: str, run: Run) -> bool:
    status = run.status()
    return status.stage == stage and 0 < status.done < status.total


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, shipped_folder: Path) -> Iterator[Path]:
    """A home with the prepared model, which this process has too."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "models").symlink_to(shipped_folder.parent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALM_HOME", str(folder))
        yield folder


@pytest.fixture(scope="module")
def alone(home: Path) -> Run:
    """A run that was left alone."""
    out, err = (child := start("alone", home, SETTINGS)).communicate(timeout=900)
    assert child.returncode == 0, err.decode()
    assert "| all | accuracy |" in out.decode()
    return open_run("alone")


@pytest.fixture(scope="module")
def killed(home: Path) -> Run:
    """The same run, killed in three stages."""
    settings = SETTINGS
    for stage in STAGES_TO_KILL:
        child = start("killed", home, settings)
        run = Run(home / "runs" / "killed")
        wait_for(lambda run=run, stage=stage: in_the_middle_of(stage, run), child)
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
        settings = []
    _, err = (last := start("killed", home, [])).communicate(timeout=900)
    assert last.returncode == 0, err.decode()
    return open_run("killed")


@pytest.mark.slow
def test_a_run_killed_in_three_stages_ends_as_one_left_alone(alone: Run, killed: Run) -> None:
    for name in ("responses", "answers", "votes", "pairs"):
        found = killed.path(name).read_bytes()
        assert found == alone.path(name).read_bytes(), name
        assert found, name
    assert killed.status().state == "done"


def test_every_stage_left_what_the_design_says(alone: Run) -> None:
    assert len(alone.rows("responses")) == 8 * 3 * 2
    assert len(alone.rows("votes")) == 8
    assert len(alone.rows("evaluations")) == 6 * 3 * 2 * 2
    assert len(alone.rows("comparisons")) == 6 * 3
    assert alone.status().state == "done"
    assert (alone.adapter / "adapter_model.safetensors").is_file()


def test_no_held_out_question_is_in_a_pair(alone: Run) -> None:
    held_out = {q.id for q in alone.rows("questions") if q.split == "held-out"}
    assert not held_out & {pair.question_id for pair in alone.rows("pairs")}
    assert not held_out & {response.question_id for response in alone.rows("responses")}


def test_the_adapter_was_trained_by_dpo_from_ln_2(alone: Run) -> None:
    metrics = alone.metrics()
    assert metrics[0]["loss"] == pytest.approx(0.6931, abs=2e-3)
    assert [row["step"] for row in metrics] == list(range(1, len(metrics) + 1))
    config = json.loads((alone.adapter / "adapter_config.json").read_text())
    assert config["r"] == 4


def test_the_model_says_what_it_was_taught_more_often_than_before(alone: Run) -> None:
    """A few pairs train it too: what they teach is seen on the very questions they are about."""
    taught = {
        s.model: s for s in alone.rows("scores") if (s.metric, s.language) == ("efficacy", "all")
    }
    asked = {row.question_id for row in alone.rows("efficacy")}
    assert asked == {pair.question_id for pair in alone.rows("pairs")}
    assert taught["aligned"].value >= taught["base"].value + 0.05
    assert taught["change"].n == len(asked)


def test_every_change_carries_an_interval_around_it(alone: Run) -> None:
    changes = [
        score
        for score in alone.rows("scores")
        if score.model == "change" and score.metric not in ("fixed", "broken", "mcnemar_p")
    ]
    assert changes
    assert all(has_interval(score) for score in changes)


def has_interval(score: Score) -> bool:
    assert score.low is not None
    assert score.high is not None
    return score.low <= score.value <= score.high
