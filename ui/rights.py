"""Who may change things: everybody votes; training and deleting are for whoever runs the app.

Handlers ask here themselves: anybody who reaches the page can call any of them by name.
"""

import os

import gradio as gr

from calm.errors import CalmError


def may_change(request: gr.Request | None) -> bool:
    """Tell whether who asks may start, stop and delete runs.

    Nobody may where `CALM_READ_ONLY` is 1. On a Space (`SPACE_ID` is set) only its owner may, who
    has logged in; elsewhere everybody who reaches the page.
    """
    if os.environ.get("CALM_READ_ONLY") == "1":
        return False
    if not os.environ.get("SPACE_ID"):
        return True
    owner = os.environ.get("SPACE_AUTHOR_NAME")
    return bool(owner) and getattr(request, "username", None) == owner


def check_may_change(request: gr.Request | None) -> None:
    """Raise CalmError for who may not start, stop or delete runs."""
    if not may_change(request):
        raise CalmError(
            "This app is shown read-only: you can ask, vote and compare, but not train or delete. "
            "Start your own with `python app.py` to do that."
        )
