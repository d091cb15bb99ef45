"""Who may change what lies on the server: start, rename, delete, open an archive.

Ballots and asked questions are open to every visitor, also where `CALM_READ_ONLY` is 1: an app for
looking only is what an audience has before it, whose questions and opinions it is there for. They
touch no run, a person has one ballot on a thing, old questions make room for new ones, and a run
takes ballots in only when somebody with rights starts it with them.
"""

import os

import gradio as gr

from calm.errors import CalmError


def may_change(request: gr.Request | None) -> bool:
    """Tell whether this visitor may change anything.

    On one's own machine, yes. Nobody may where `CALM_READ_ONLY` is 1; on a Hugging Face Space
    (`SPACE_ID` is set) only its owner, who is signed in under the name before the slash.
    """
    if os.environ.get("CALM_READ_ONLY") == "1":
        return False
    space = os.environ.get("SPACE_ID", "")
    if not space:
        return True
    visitor = getattr(request, "username", None)
    return bool(visitor) and visitor == space.partition("/")[0]


def check_rights(request: gr.Request | None) -> None:
    """Raise CalmError unless this visitor may change something."""
    if not may_change(request):
        raise CalmError("page.looking-only")
