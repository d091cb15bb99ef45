"""Problems that the user can fix. Shown as they are, by the command line and by the page."""

import dataclasses
import json
import os

from calm.messages import Message

AS_JSON = "CALM_PROBLEMS_AS_JSON"
"""The environment variable that has a child process tell its problem as a message, not in words."""


class CalmError(Exception):
    """A problem that the reader of its message can fix.

    The message is one of the catalogue (see `calm.messages`), its values by name. It says what was
    given, what is wrong, and what to do next. Where several things are wrong, it says of what, and
    each of the problems that follow the key has a line of its own. `str` gives it in English.
    Anything else that goes wrong keeps its own type and its traceback.
    """

    def __init__(self, key: str, /, *lines: "CalmError | Message", **values: object) -> None:
        self.message = Message(key, values, lines)
        super().__init__(self.message)


def as_line(error: CalmError) -> str:
    """Return a problem as the command line tells it: in English, or as JSON where that is asked."""
    if os.environ.get(AS_JSON):
        return json.dumps(dataclasses.asdict(error.message))
    return str(error)


def from_line(line: str) -> Message | str:
    """Return the message of a child process that was to tell it as JSON; any other line itself."""
    try:
        return Message.from_json(dict(json.loads(line)))
    except (ValueError, TypeError):
        return line
