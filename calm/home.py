"""Where CALM Studio keeps what it makes: model, runs, asked questions, ballots."""

import os
from pathlib import Path


def calm_home() -> Path:
    """Return the folder that holds everything we write: `$CALM_HOME`, else the user's cache folder.

    Read at every call, so that a test or a server can point elsewhere without reloading anything.
    """
    given = os.environ.get("CALM_HOME")
    if given:
        return Path(given).expanduser().absolute()
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser().absolute() / "calm-studio"
