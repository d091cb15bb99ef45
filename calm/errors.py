"""Problems that the user can fix. Shown as they are, by the command line and by the page."""

from calm.messages import Message


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
