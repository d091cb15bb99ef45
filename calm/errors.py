"""Problems that the user can fix. Shown as they are, by the command line and by the page."""


class CalmError(Exception):
    """A problem that the reader of its message can fix.

    The message says what was given, what is wrong with it, and what to do next.
    Anything else that goes wrong keeps its own type and its traceback.
    """
