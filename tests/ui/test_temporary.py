"""What visitors upload and download lies below the home, goes with time, and has a limit."""

import os
import time
from pathlib import Path

import pytest

from ui.__main__ import set_environment
from ui.parts.temporary import IN_USE_SECONDS, KEPT_SECONDS, make_room


def file(folder: Path, name: str, size: int, age: float) -> Path:
    path = folder / name / "upload.zip"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (time.time() - age,) * 2)
    return path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_it_lies_below_the_home(calm_home: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("GRADIO_TEMP_DIR", "NO_PROXY", "no_proxy", "GRADIO_ANALYTICS_ENABLED"):
        monkeypatch.setenv(name, "")
    monkeypatch.delenv("GRADIO_TEMP_DIR")
    set_environment()
    assert Path(os.environ["GRADIO_TEMP_DIR"]).parent == calm_home


def test_a_folder_of_the_user_s_own_is_kept_to(calm_home: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("NO_PROXY", "no_proxy", "GRADIO_ANALYTICS_ENABLED"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("GRADIO_TEMP_DIR", "/elsewhere")
    set_environment()
    assert os.environ["GRADIO_TEMP_DIR"] == "/elsewhere"


def test_what_is_too_old_goes_and_its_folder_with_it(tmp_path: Path):
    file(tmp_path, "old", 10, KEPT_SECONDS + 60)
    file(tmp_path, "new", 10, KEPT_SECONDS - 60)
    make_room(tmp_path)
    assert names(tmp_path) == {"new"}


def test_the_oldest_make_room_where_all_are_too_much(tmp_path: Path):
    for hours in (1, 2, 3, 4):
        file(tmp_path, f"{hours}h", 100, hours * 3600)
    make_room(tmp_path, most=250)
    assert names(tmp_path) == {"1h", "2h"}


def test_what_may_be_in_use_stays(tmp_path: Path):
    file(tmp_path, "now", 100, IN_USE_SECONDS / 2)
    make_room(tmp_path, most=10)
    assert names(tmp_path) == {"now"}


def test_no_folder_yet_is_no_problem(tmp_path: Path):
    make_room(tmp_path / "none")
