"""Problems that the visitor can fix become a message on the page; anything else stays an error."""

import html
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from calm.errors import CalmError


@contextmanager
def problems_shown() -> Iterator[None]:
    """Show a CalmError as it is. Works around a handler's body, a generator's too."""
    try:
        yield
    except CalmError as error:
        raise gr.Error(html.escape(str(error)), title="That did not work", duration=30) from error
