"""Problems that the user can fix. Shown as they are, by the command line and by the page."""


class CalmError(Exception):
    """A problem that the reader of its message can fix.

    The message says what was given, what is wrong, and what to do next. Where several things are
    wrong, it says of what, and each of the problems that follow it has a line of its own.
    Anything else that goes wrong keeps its own type and its traceback.
    """

    def __str__(self) -> str:
        return "\n".join(map(str, self.args))
