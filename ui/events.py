"""What the pages' handlers have in common."""

import html
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr

from calm.errors import CalmError

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""Options of a handler that belongs to the page alone: no veil over it, no name for scripts.

Private is no access control: whoever can reach the page can call it. Handlers check what they get.
"""


TO_THE_VOTE = "() => document.getElementById('%s').scrollIntoView({block: 'nearest'})"
"""Brings a result into sight once it is whole: on a phone it grows below the edge."""


@contextmanager
def problems_shown() -> Iterator[None]:
    """Show a CalmError as it is. Works around a handler's body, a generator's too.

    Anything else that goes wrong keeps its traceback, in the server's log.
    """
    try:
        yield
    except CalmError as error:
        message = html.escape(str(error), quote=False)
        raise gr.Error(message, duration=30, print_exception=False) from error
