"""A run's curves and scores come to the logger that it names, which never decides how it ends."""

import json
import sys
import types
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from calm.cli.parser import main
from calm.config import RunConfig
from calm.errors import CalmError
from calm.pipeline.align import align, redo
from calm.pipeline.context import Context
from calm.pipeline.enough import check_questions
from calm.pipeline.tracking import FILE, settings_of
from calm.runs.events import last_events
from calm.runs.folder import Run, create_run
from calm.settings import config_of
from calm.training.loggers import LOGGERS, PROJECT, check_logger
from tests.fakes import FakeModel
from tests.pipeline.small_runs import context
from tests.recorded import recorded_settings

pytestmark = pytest.mark.usefixtures("small_steps", "calm_home")
KINDS = ("tensorboard", "trackio", "wandb", "mlflow")


def run_with(kind: str, folder: Path) -> Run:
    config = recorded_settings(folder)
    train = replace(config.train, report_to=kind)
    return create_run("mine", replace(config, train=train))


class Trackio(types.ModuleType):
    """A package of the name, and what it was told."""

    def __init__(self, fails: bool = False) -> None:
        super().__init__("trackio")
        self.__spec__ = types.SimpleNamespace()  # type: ignore[assignment]
        self.fails = fails
        self.begun: list[dict[str, Any]] = []
        self.logged: list[tuple[int, dict[str, float]]] = []
        self.finished = 0

    def init(self, **given: Any) -> None:
        print("a line that nobody asked for")
        self.begun.append(given)

    def log(self, values: dict[str, float], step: int) -> None:
        if self.fails:
            raise ConnectionError("with the key hf_abc in it")
        self.logged.append((step, values))

    def finish(self) -> None:
        self.finished += 1


@pytest.fixture
def trackio(monkeypatch: pytest.MonkeyPatch) -> Trackio:
    made = Trackio()
    monkeypatch.setitem(sys.modules, "trackio", made)
    return made


def test_every_logger_of_the_setting_is_one_that_there_is() -> None:
    assert tuple(LOGGERS) == KINDS
    assert config_of({"report_to": "wandb"}).train.report_to == "wandb"
    assert RunConfig().train.report_to == "none"


def test_the_curves_come_as_they_are_and_the_scores_to_the_same_run(
    trackio: Trackio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = run_with("trackio", tmp_path)
    align(context(run, FakeModel()))
    steps = [(step, values) for step, values in trackio.logged if "train/loss" in values]
    assert steps == [
        (row["step"], {f"train/{k}": v for k, v in row.items() if k != "step"})
        for row in run.metrics()
    ]
    (step, scores) = trackio.logged[-1]
    assert step == 2
    (value,) = [
        row.value
        for row in run.rows("scores")
        if (row.model, row.reading, row.metric, row.language)
        == ("aligned", "likelihood", "accuracy", "all")
    ]
    assert scores["aligned/likelihood/accuracy/all"] == value
    assert not [name for name in scores if "en-fr" in name]
    curves, later = trackio.begun
    assert (curves["name"], curves["project"]) == (later["name"], PROJECT)
    assert trackio.finished == 2
    assert "nobody asked" not in capsys.readouterr().out


def test_a_new_training_is_another_run_of_the_logger(trackio: Trackio, tmp_path: Path) -> None:
    run = run_with("trackio", tmp_path)
    align(context(run, FakeModel()))
    redo("train", run)
    align(context(run, FakeModel()))
    names = [given["name"] for given in trackio.begun]
    assert names[0] == names[1] != names[2] == names[3]


def test_no_path_of_this_machine_is_sent_and_nothing_is_kept_but_an_id(
    trackio: Trackio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "a-key-of-somebody")
    run = run_with("trackio", tmp_path)
    align(context(run, FakeModel()))
    assert str(tmp_path) not in json.dumps(trackio.begun[0]["config"])
    assert trackio.begun[0]["config"]["question_set"] == "questions.jsonl"
    kept = json.loads((run.folder / FILE).read_text())
    assert kept == {"logger": "trackio", "id": trackio.begun[0]["name"]}
    assert all("a-key" not in f.read_text("utf-8") for f in run.folder.glob("*.json*"))


def test_a_logger_that_fails_is_told_of_once_and_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trackio", Trackio(fails=True))
    run = run_with("trackio", tmp_path)
    align(context(run, FakeModel()))
    assert run.has("comparisons")
    said = [str(event.said) for event in last_events(run, 50) if event.stage == "train"]
    assert len([text for text in said if "trackio takes no more (ConnectionError)" in text]) == 1
    assert "hf_abc" not in run.path("events").read_text("utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_a_logger_that_is_not_installed_is_refused_with_the_line_that_installs_it(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calm.training.loggers.importlib.util.find_spec", lambda name: None)
    with pytest.raises(CalmError, match=f"pip install {kind}"):
        check_logger(kind)
    with pytest.raises(CalmError, match=f"pip install {kind}"):
        check_questions(config_of({"report_to": kind}), [])


def test_nothing_is_made_of_a_run_whose_logger_is_not_installed(
    tmp_path: Path,
    calm_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("calm.training.loggers.importlib.util.find_spec", lambda name: None)
    words = ["align", "new", "--report-to", "mlflow", "--languages", "en,fr"]
    assert main(words) == 2
    assert "pip install mlflow" in capsys.readouterr().err
    assert not (calm_home / "runs").exists()
    run = run_with("wandb", tmp_path)
    with pytest.raises(CalmError, match="pip install wandb"):
        align(Context(run, _model=FakeModel()))
    assert not run.has("questions")


def test_without_a_logger_nothing_is_begun(trackio: Trackio, tmp_path: Path) -> None:
    run = run_with("none", tmp_path)
    align(context(run, FakeModel()))
    assert trackio.begun == []
    assert not (run.folder / FILE).exists()


def test_tensorboard_has_the_curves_and_the_scores(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="pip install tensorboard")
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    run = run_with("tensorboard", tmp_path)
    align(context(run, FakeModel()))
    (folder,) = (run.folder / "tensorboard").iterdir()
    numbers: dict[str, list[tuple[int, float]]] = {}
    texts = b""
    for file in sorted(folder.iterdir()):
        for event in EventFileLoader(str(file)).Load():
            for value in event.summary.value:
                if value.tag.startswith("settings"):
                    texts += value.tensor.string_val[0]
                else:
                    number = value.tensor.float_val[0]
                    numbers.setdefault(value.tag, []).append((event.step, number))
    assert numbers["train/loss"] == [
        (row["step"], pytest.approx(row["loss"])) for row in run.metrics()
    ]
    scores = {
        f"{row.model}/{row.reading}/{row.metric}/{row.language}": row.value
        for row in run.rows("scores")
    }
    for name in ("base/response/accuracy/all", "change/likelihood/consistency/fr"):
        assert numbers[name] == [(2, pytest.approx(scores[name]))]
    assert b"| learning_rate |" in texts
    assert str(tmp_path).encode() not in texts
    assert settings_of(run)["model"] == "fake"
