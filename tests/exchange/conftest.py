"""A finished run, and the archive of it."""

import shutil
from pathlib import Path

import pytest

from calm.exchange.archive import (
    pack,
)
from calm.runs.folder import Run, open_run
from tests.recorded import asked_question, finished_run


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run's folder, made once and copied for every test."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALM_HOME", str(folder / "home"))
        return finished_run("mine", folder).folder


@pytest.fixture
def run(calm_home: Path, finished: Path) -> Run:
    shutil.copytree(finished, calm_home / "runs" / "mine")
    return open_run("mine")


@pytest.fixture
def packed(run: Run, tmp_path: Path) -> Path:
    path = tmp_path / "mine.zip"
    pack(run, path, [asked_question()])
    return path
