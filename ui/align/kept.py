"""Files that were uploaded to be aligned on: kept for their runs, and no longer than these need."""

import contextlib
import hashlib
import shutil
import time
from pathlib import Path

from calm.config import BUILT_IN
from calm.errors import CalmError
from calm.paths import calm_home
from calm.questions.public_sets import named_set
from calm.runs.folder import list_runs
from calm.study.folder import PLAN, list_studies
from ui.parts.temporary import KEPT_SECONDS


def kept_files() -> Path:
    """Return the folder of the files that were uploaded."""
    return calm_home() / "uploads"


def kept_file(file: str | None) -> str:
    """Copy an uploaded file to where it stays, so that its run can go on tomorrow; return its path.

    Files that no run names any more make room. Raises CalmError where there is no file.
    """
    if not file:
        raise CalmError("questions.no-file")
    source = Path(file)
    sum_of = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    kept = kept_files() / f"{sum_of}{source.suffix.lower()}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    forget_unused()
    shutil.copyfile(source, kept)
    return str(kept)


def has_name(question_set: str) -> bool:
    """Tell whether a set is built in or on the Hub: no folder of the server can be named."""
    named = named_set(question_set)
    return question_set == BUILT_IN or (named is not None and named.folder is None)


def forget_unused(oldest: float = KEPT_SECONDS) -> None:
    """Remove the files that no run's settings name, unless they came within `oldest` seconds.

    What has just come may be what somebody is about to align on.
    """
    named = {run.config.question_set for run in list_runs()}
    plans = [(study.folder / PLAN).read_text("utf-8", "replace") for study in list_studies()]
    for path in kept_files().glob("*"):
        with contextlib.suppress(OSError):
            if str(path) in named or any(str(path) in plan for plan in plans):
                continue
            if time.time() - path.stat().st_mtime > oldest:
                path.unlink()
