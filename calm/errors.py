"""Problems that the user can fix. Shown as they are, by the command line and by the page."""

import dataclasses
import errno
import json
import os
import sqlite3

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

    @classmethod
    def of(cls, said: Message) -> "CalmError":
        """Return the problem that a message tells, such as one of another process."""
        problem = cls.__new__(cls)
        problem.message = said
        problem.args = (said,)
        return problem


NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
NO_WRITING = (errno.EROFS, errno.EACCES, errno.EPERM)
DATABASE = {
    sqlite3.SQLITE_FULL: NO_ROOM[0],
    sqlite3.SQLITE_READONLY: NO_WRITING[0],
    sqlite3.SQLITE_CANTOPEN: NO_WRITING[1],
}
"""What SQLite says of the disk, in the system's numbers."""


def disk_problem(error: BaseException) -> CalmError | None:
    """Return what is to be said of a disk that is full or may not be written; None for all else."""
    number = getattr(error, "errno", None)
    if isinstance(error, sqlite3.Error):
        number = DATABASE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    if number in NO_ROOM:
        return CalmError("disk.full")
    if number in NO_WRITING:
        named = getattr(error, "filename", None)
        where = os.fspath(named) if isinstance(named, str | os.PathLike) else "CALM_HOME"
        return CalmError("disk.not-writable", path=where, reason=os.strerror(number))
    return None


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
