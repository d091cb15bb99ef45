"""What `calm` says, in the reader's language.

`calm` knows nothing of pages: its problems, and how a run is doing, are messages by name (see
`calm.messages`), worded here for whoever reads. A text that is none, such as one of a library or of
an old file, stays as it is.
"""

import re
from pathlib import Path

from gradio.utils import get_upload_folder

from calm.messages import message, said_in
from calm.paths import calm_home
from ui.text.words import reader_language


def worded(problem: object) -> str:
    """Return a problem, or another message of `calm`, in the reader's language.

    A file or folder of the app's own is named without where it lies on the server.
    """
    text = said_in(reader_language(), problem)
    for folder in (calm_home(), Path(get_upload_folder())):
        text = re.sub(rf"{re.escape(str(folder))}/(?:[^/\s]+/)*", "", text)
    return text


def say_message(key: str, **values: object) -> str:
    """Return one of the messages of `calm` in the reader's language."""
    return worded(message(key, **values))
