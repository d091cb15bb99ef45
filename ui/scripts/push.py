"""For scripts: a run put on the Hugging Face Hub, under a name of its own."""

from typing import Any

import gradio as gr
from gradio.events import api

from ui.parts.events import problems_shown
from ui.parts.push_it import offered, send, token_of
from ui.parts.runs import run_named


def add_push_api() -> None:
    """Add the named function to the page under construction."""
    api(push_run, api_name=push_run.__name__)


def push_run(
    run: str,
    repository: str,
    request: gr.Request,
    what: str = "adapter",
    public: bool = False,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Put a run's adapter, or its data set, into a repository of the Hugging Face Hub.

    Returns the repository, whether it is private, each file with its size in bytes, and where it
    is now: `url` and `commit` are null after a dry run, which sends nothing. It goes with the
    token of who is signed in on a Space; elsewhere with this machine's own, and only for a request
    of this machine. Refused where the app is read-only.

    Args:
        run: Name of a run, as `list_runs` gives it.
        repository: Where to, as `owner/name`; made where there is none.
        what: `adapter` or `dataset`.
        public: For everybody to see; private where left out.
        dry_run: Show all that would be sent, and send nothing.
    """
    with problems_shown():
        token_of(request)
        with offered(run_named(run), repository, what) as made:
            told = {"repository": made.name, "what": what, "files": made.sizes}
        if dry_run:
            return {**told, "private": not public, "url": None, "commit": None}
        done = send(run, repository, what, public, request)
        return {**told, "private": done.is_private, "url": done.url, "commit": done.commit}
