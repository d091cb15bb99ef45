"""Programs that draw what a training logs: TensorBoard, Trackio, Weights & Biases, MLflow.

Nothing of ours needs their packages: each is imported by its name when a run asks for it, and a run
that asks for one that is not installed is refused before it starts. Where they send to, under which
project and with which key is said by their own environment variables (`WANDB_MODE`, `TRACKIO_DIR`,
`MLFLOW_TRACKING_URI`, ...); a run keeps nothing of it.
"""

import importlib
import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from calm.config import ReportTo
from calm.errors import CalmError
from calm.paths import calm_home

PROJECT = "calm-studio"
"""What the runs stand under, where the logger's own variable names nothing else."""


class Logger(Protocol):
    """One run as a logger has it."""

    id: str
    """By which it is found again."""

    def log(self, values: Mapping[str, float], step: int) -> None: ...

    def close(self) -> None: ...


def check_logger(name: ReportTo) -> None:
    """Raise CalmError, with the line that installs it, where a logger's package is missing."""
    if name != "none" and importlib.util.find_spec(name) is None:
        raise CalmError("logger.missing", logger=name)


def open_logger(
    kind: ReportTo, id: str, name: str, settings: Mapping[str, Any], folder: Path
) -> Logger:
    """Begin a run of a logger, or go on with the one that has this id.

    `name` is what people call it, `settings` are shown beside it, and `folder` takes files where
    the logger writes some. Raises whatever the logger does.
    """
    return LOGGERS[kind](id, name, settings, folder)


class _TensorBoard:
    def __init__(self, id: str, name: str, settings: Mapping[str, Any], folder: Path) -> None:
        self.id = id
        files = folder / "tensorboard" / id
        is_new = not files.exists()
        self._writer = importlib.import_module("torch.utils.tensorboard").SummaryWriter(str(files))
        if is_new:
            lines = "".join(f"| {key} | {value} |\n" for key, value in settings.items())
            self._writer.add_text("settings", f"| setting | value |\n| --- | --- |\n{lines}")

    def log(self, values: Mapping[str, float], step: int) -> None:
        for key, value in values.items():
            self._writer.add_scalar(key, value, step)

    def close(self) -> None:
        self._writer.close()


class _Trackio:
    def __init__(self, id: str, name: str, settings: Mapping[str, Any], folder: Path) -> None:
        self.id = id
        self._trackio = importlib.import_module("trackio")
        project = os.environ.get("TRACKIO_PROJECT") or PROJECT
        self._trackio.init(project=project, name=id, config=dict(settings), resume="allow")

    def log(self, values: Mapping[str, float], step: int) -> None:
        self._trackio.log(dict(values), step=step)

    def close(self) -> None:
        self._trackio.finish()


class _WeightsAndBiases:
    def __init__(self, id: str, name: str, settings: Mapping[str, Any], folder: Path) -> None:
        self.id = id
        wandb = importlib.import_module("wandb")
        self._run = wandb.init(
            project=os.environ.get("WANDB_PROJECT") or PROJECT,
            id=id,
            name=name,
            config=dict(settings),
            dir=os.environ.get("WANDB_DIR") or str(folder),
            resume="allow",
            settings=wandb.Settings(
                console="off",
                disable_git=True,
                disable_code=True,
                x_disable_meta=True,
                x_disable_machine_info=True,
                x_disable_stats=True,
            ),
        )

    def log(self, values: Mapping[str, float], step: int) -> None:
        self._run.log(dict(values), step=step)

    def close(self) -> None:
        self._run.finish()


class _MLflow:
    def __init__(self, id: str, name: str, settings: Mapping[str, Any], folder: Path) -> None:
        self._mlflow = importlib.import_module("mlflow")
        if not os.environ.get("MLFLOW_TRACKING_URI"):
            self._mlflow.set_tracking_uri(f"sqlite:///{calm_home() / 'mlflow.db'}")
        self._mlflow.set_experiment(os.environ.get("MLFLOW_EXPERIMENT_NAME") or PROJECT)
        known = self._mlflow.search_runs(
            filter_string=f"tags.calm = '{id}'", output_format="list", max_results=1
        )
        if known:
            self._mlflow.start_run(run_id=known[0].info.run_id)
        else:
            self._mlflow.start_run(run_name=name, tags={"calm": id})
            self._mlflow.log_params(dict(settings))
        self.id = id

    def log(self, values: Mapping[str, float], step: int) -> None:
        self._mlflow.log_metrics(dict(values), step=step)

    def close(self) -> None:
        self._mlflow.end_run()


LOGGERS: Mapping[str, type[_TensorBoard | _Trackio | _WeightsAndBiases | _MLflow]] = {
    "tensorboard": _TensorBoard,
    "trackio": _Trackio,
    "wandb": _WeightsAndBiases,
    "mlflow": _MLflow,
}
