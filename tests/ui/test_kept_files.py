"""Uploaded files stay as long as a run names them, and new ones for a while."""

import os
import time
from pathlib import Path

import pytest

from calm.config import RunConfig
from calm.errors import CalmError
from calm.runs.folder import create_run, delete_run, open_run
from ui.align.kept import kept_file, kept_files
from ui.parts.temporary import KEPT_SECONDS


def uploaded(folder: Path, text: str) -> str:
    file = folder / "mine.CSV"
    file.write_text(text, encoding="utf-8")
    return kept_file(str(file))


def test_a_file_goes_once_it_is_old_and_no_run_names_it(calm_home: Path, tmp_path: Path) -> None:
    of_a_run, of_none = uploaded(tmp_path, "first"), uploaded(tmp_path, "second")
    create_run("mine", RunConfig(question_set=of_a_run))
    long_ago = time.time() - KEPT_SECONDS - 60
    for path in (of_a_run, of_none):
        os.utime(path, (long_ago, long_ago))
    new = uploaded(tmp_path, "third")
    assert sorted(map(str, kept_files().iterdir())) == sorted([of_a_run, new])
    delete_run(open_run("mine"))
    assert uploaded(tmp_path, "third") == new
    assert list(map(str, kept_files().iterdir())) == [new]


def test_the_same_file_again_is_kept_once_and_none_is_refused(
    calm_home: Path, tmp_path: Path
) -> None:
    assert uploaded(tmp_path, "same") == uploaded(tmp_path, "same")
    assert len(list(kept_files().iterdir())) == 1
    with pytest.raises(CalmError):
        kept_file(None)
