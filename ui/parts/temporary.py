"""What visitors upload and download: where it lies, how much of it, and how long.

It lies in `GRADIO_TEMP_DIR`, which is a folder below `calm_home()` unless the user says otherwise:
not in the one that all users of the machine share.
"""

import contextlib
import time
from pathlib import Path

from calm.exchange.archive import MOST_BYTES

LOOK_EVERY_SECONDS, KEPT_SECONDS = 15 * 60, 6 * 60 * 60
"""How often Gradio looks for what is to go, and how old that is."""
MOST_TEMPORARY = 3 * MOST_BYTES
"""Behind so many bytes the oldest files make room."""
IN_USE_SECONDS = 10 * 60
"""A file younger than this may still be written or read."""


def make_room(folder: Path, most: int = MOST_TEMPORARY, oldest: float = KEPT_SECONDS) -> None:
    """Remove files that are too old, and the oldest where all are too many bytes together.

    A program that was ended from outside leaves its files there. Those in use stay.
    """
    now, left = time.time(), most
    files = [(path.stat(), path) for path in folder.rglob("*") if path.is_file()]
    for found, path in sorted(files, key=lambda pair: pair[0].st_mtime, reverse=True):
        left -= found.st_size
        age = now - found.st_mtime
        if age > IN_USE_SECONDS and (left < 0 or age > oldest):
            with contextlib.suppress(OSError):
                path.unlink()
                path.parent.rmdir()  # kept where it holds more
