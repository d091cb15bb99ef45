"""The folder of texts that whoever runs the app lets questions be looked up in (`CALM_CONTEXT`)."""

import os
from pathlib import Path

from calm.questions.passages import TextFolder

SETTING = "CALM_CONTEXT"


def text_folder() -> TextFolder | None:
    """Return the folder; `None` where the app has none, so that it asks without passages."""
    told = os.environ.get(SETTING, "").strip()
    return TextFolder(Path(told).expanduser().absolute()) if told else None


def check_texts() -> None:
    """Raise CalmError where there is to be a folder of texts and it cannot be read."""
    folder = text_folder()
    if folder is not None:
        folder.library()
