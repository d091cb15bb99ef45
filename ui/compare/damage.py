"""The button that has all questions looked at for what an alignment may have harmed."""

import gradio as gr
from markupsafe import Markup

from calm.errors import CalmError
from calm.pipeline.stage_damage import Wanted, want
from calm.runs import jobs
from calm.runs.folder import Run
from ui.parts import lent_runs
from ui.parts.events import QUIET
from ui.parts.html import html_place, note, warning
from ui.parts.rights import check_rights
from ui.parts.runs import run_named
from ui.text.words import say, word


def damage_button(name: gr.Dropdown) -> None:
    """Add the button, and below it a place for what it did, for the run that is chosen."""
    button = gr.Button(word("damage.whole"), elem_id="damage-whole")
    said = html_place(elem_id="damage-said")

    button.click(asked_for, name, said, **QUIET)
    name.change(lambda: "", None, said, **QUIET)


def asked_for(name: str | None, request: gr.Request) -> Markup:
    """Start it for the run of that name and return what to say; a problem where it was met."""
    try:
        check_rights(request)
        if not name:
            return note(say("compare.nothing"))
        look_at_all(run_named(name))
    except CalmError as problem:
        return warning(problem)
    return note(say("damage.started"), "busy")


def look_at_all(run: Run) -> None:
    """Start to look at all questions of a run for damage.

    Raises CalmError for a run that is not measured or was opened, and while one is being aligned.
    """
    jobs.check_start(run)
    want(run, Wanted(whole=True))
    lent_runs.start(run)
