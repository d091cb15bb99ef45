"""A finished run, and the archive of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from calm.exchange.archive import pack
from calm.runs.folder import Run, open_run
from tests.hub import Hub, serving
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


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub that this process writes to as someone whose token may write."""
    from huggingface_hub import constants

    (tmp_path / "hub").mkdir()
    with serving(tmp_path / "hub") as found:
        monkeypatch.setattr(constants, "ENDPOINT", found.url)
        template = found.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
        monkeypatch.setenv("HF_TOKEN", found.writes.token)
        yield found
