"""The whole method on the model that ships, through the command line, killed three times."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
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
def runs(tmp_path_factory: pytest.TempPathFactory, shipped_folder: Path) -> dict[str, Run]:
    """One run that was killed in three stages and one that was left alone."""
    home = tmp_path_factory.mktemp("home")
    (home / "models").symlink_to(shipped_folder.parent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALM_HOME", str(home))
        alone = start("alone", home, SETTINGS)
        out, err = alone.communicate(timeout=900)
        assert alone.returncode == 0, err.decode()
        assert "| all | accuracy |" in out.decode()
        settings = SETTINGS
        for stage in STAGES_TO_KILL:
            child = start("killed", home, settings)
            run = Run(home / "runs" / "killed")
            wait_for(lambda run=run, stage=stage: in_the_middle_of(stage, run), child)
            os.kill(child.pid, signal.SIGKILL)
            child.communicate()
            settings = []
        last = start("killed", home, [])
        _, err = last.communicate(timeout=900)
        assert last.returncode == 0, err.decode()
        return {name: open_run(name) for name in ("alone", "killed")}


@pytest.mark.parametrize("name", ["responses", "answers", "votes", "pairs"])
def test_a_run_killed_in_three_stages_ends_as_one_left_alone(
    runs: dict[str, Run], name: str
) -> None:
    killed = runs["killed"].path(name).read_bytes()
    assert killed == runs["alone"].path(name).read_bytes()
    assert killed


def test_every_stage_left_what_the_design_says(runs: dict[str, Run]) -> None:
    run = runs["killed"]
    assert len(run.rows("responses")) == 8 * 3 * 2
    assert len(run.rows("votes")) == 8
    assert len(run.rows("evaluations")) == 6 * 3 * 2 * 2
    assert len(run.rows("comparisons")) == 6 * 3
    assert run.status().state == "done"
    assert (run.adapter / "adapter_model.safetensors").is_file()


def test_no_held_out_question_is_in_a_pair(runs: dict[str, Run]) -> None:
    run = runs["killed"]
    held_out = {q.id for q in run.rows("questions") if q.split == "held-out"}
    assert not held_out & {pair.question_id for pair in run.rows("pairs")}
    assert not held_out & {response.question_id for response in run.rows("responses")}


def test_the_adapter_was_trained_by_dpo_from_ln_2(runs: dict[str, Run]) -> None:
    metrics = runs["killed"].metrics()
    assert metrics[0]["loss"] == pytest.approx(0.6931, abs=2e-3)
    assert [row["step"] for row in metrics] == list(range(1, len(metrics) + 1))
    config = json.loads((runs["killed"].adapter / "adapter_config.json").read_text())
    assert config["r"] == 4


def test_the_model_says_what_it_was_taught_more_often_than_before(runs: dict[str, Run]) -> None:
    """A few pairs train it too: what they teach is seen on the very questions they are about."""
    run = runs["alone"]
    taught = {
        s.model: s for s in run.rows("scores") if (s.metric, s.language) == ("efficacy", "all")
    }
    asked = {row.question_id for row in run.rows("efficacy")}
    assert asked == {pair.question_id for pair in run.rows("pairs")}
    assert taught["aligned"].value >= taught["base"].value + 0.05
    assert taught["change"].n == len(asked)


def test_every_change_carries_an_interval_around_it(runs: dict[str, Run]) -> None:
    changes = [
        score
        for score in runs["killed"].rows("scores")
        if score.model == "change" and score.metric not in ("fixed", "broken", "mcnemar_p")
    ]
    assert changes
    assert all(has_interval(score) for score in changes)


def has_interval(score: Score) -> bool:
    assert score.low is not None
    assert score.high is not None
    return score.low <= score.value <= score.high
