"""Archives for tests: what they hold, and some that are made by hand."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

from calm.asking.store import FILES
from calm.exchange.archive import (
    ADAPTER,
    LIMITS,
    MANIFEST,
)

BEFORE = Path(__file__).parents[1] / "data" / "before"
"""Where an archive lies that was made when asked questions were of two kinds."""
OF_OTHER_RUNS = {
    f"{name}.jsonl"
    for name in (
        *("passages", "without_passages"),
        *("rounds", "gauges", "edits", "generality", "reworded"),
    )
}
"""What only a run with passages has, one in several rounds, and one that was patched."""
RECORDS = sorted(set(LIMITS) - {*FILES, *ADAPTER, *OF_OTHER_RUNS})


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def made(path: Path, files: dict[str, bytes], **manifest: Any) -> Path:
    """Write an archive of these files whose manifest is right, but for what is given."""
    noted = {
        name: {"size": len(text), "sha256": hashlib.sha256(text).hexdigest()}
        for name, text in files.items()
        if name != MANIFEST
    }
    says = {"format": "calm-archive", "version": 2, "created_by": "x", "name": "mine"}
    says |= {"model": "fake", "members": noted} | manifest
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in {**files, MANIFEST: json.dumps(says).encode()}.items():
            out.writestr(name, text)
    return path


def nothing_is_left(home: Path) -> bool:
    return [path.name for path in (home / "runs").iterdir()] == ["mine"]
