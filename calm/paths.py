"""Where CALM Studio keeps what it makes: model, runs, asked questions, ballots."""

import contextlib
import json
import os
from pathlib import Path
from typing import Any


def calm_home() -> Path:
    """Return the folder that holds everything we write: `$CALM_HOME`, else the user's cache folder.

    Read at every call, so that a test or a server can point elsewhere without reloading anything.
    """
    given = os.environ.get("CALM_HOME")
    if given:
        return Path(given).expanduser().absolute()
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser().absolute() / "calm-studio"


def models_folder() -> Path:
    """Return the folder of the prepared models: `$CALM_MODELS`, else one in `calm_home()`.

    Named apart, they may lie where nothing is written later, such as in an image.
    """
    given = os.environ.get("CALM_MODELS")
    return Path(given).expanduser().absolute() if given else calm_home() / "models"


def studies_folder() -> Path:
    """Return where studies lie: folders with a plan and, below `runs`, their own runs."""
    return calm_home() / "studies"


def read_kept(name: str) -> Any:
    """Return what `keep` kept under this file name; `None` where the file lacks or is broken."""
    try:
        return json.loads((calm_home() / name).read_bytes())
    except (OSError, ValueError):
        return None


def keep(name: str, value: Any) -> None:
    """Keep what can be found out again; where the folder cannot be written, it will be."""
    file = calm_home() / name
    work = file.with_suffix(f".{os.getpid()}.new")
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        work.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
        work.replace(file)
