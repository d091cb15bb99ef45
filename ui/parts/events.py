"""What handlers of every page use: problems shown in their place, parts brought into sight."""

import html
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import gradio as gr
from markupsafe import Markup

from calm.errors import CalmError, disk_problem
from ui.parts.html import html_place, warning
from ui.text.problems import worded

QUIET: dict[str, Any] = {
    "show_progress": "hidden",
    "show_progress_on": [],
    "api_visibility": "private",
}
"""Options of a handler that belongs to the page alone: no veil over it, no name for scripts.

Gradio tells every component that has ever shown the progress of a handler how far any of them is,
and copies all that is in it each time: on a busy machine that took seconds while a page opened.

Private is no access control: whoever can reach the page can call it. Handlers check what they get.
"""


TO_THE_VOTE = "() => document.getElementById('%s').scrollIntoView({block: 'nearest'})"
"""Brings a result into sight once it is whole: on a phone it grows below the edge."""
TO_THE_TOP_OF = (
    "problem => { if (!problem) document.getElementById('%s').scrollIntoView({block: 'start'}); }"
)
"""Goes to where something has begun, far from the button that began it, unless it did not."""
TO_THE_PROBLEM = (
    "problem => { if (problem) document.getElementById('%s').scrollIntoView({block: 'nearest'}); }"
)
"""Brings what went wrong into sight where it is said below something long."""


def presses(buttons: str, sent: str) -> str:
    """Return a script for a place of markup: a press of one of its buttons becomes an event.

    `sent` are the fields that the event tells of a `button`. What is shown instead keeps the
    keyboard's place: the button with the same id.
    """
    return f"""
let pressed = null;
element.addEventListener('click', event => {{
  const button = event.target.closest('{buttons}');
  if (!button) return;
  pressed = button.id;
  trigger('click', {{{sent}}});
}});
watch('value', () => {{
  if (pressed) document.getElementById(pressed)?.focus();
  pressed = null;
}});
"""


def sent_with(event: gr.EventData, names: Sequence[str], most: int = 80) -> list[str]:
    """Return what a script told of an event, by name: short texts, whatever was sent."""
    sent: Any = event._data if isinstance(event._data, dict) else {}
    return [str(sent.get(name))[:most] for name in names]


def visibility(is_seen: bool) -> Literal[True, "hidden"]:
    """Return how visible a part of the page is. Unseen, it stays on the page, out of sight.

    Taken off the page and put back, a part on a slow machine misses what is sent to it meanwhile.
    """
    return True if is_seen else "hidden"


@contextmanager
def problems_shown() -> Iterator[None]:
    """Show a CalmError, or what the disk refuses. Works around a handler's body, a generator's too.

    Anything else that goes wrong keeps its traceback, in the server's log.
    """
    try:
        yield
    except (CalmError, OSError, sqlite3.Error) as error:
        problem = error if isinstance(error, CalmError) else disk_problem(error)
        if problem is None:
            raise
        message = html.escape(worded(problem), quote=False)
        raise gr.Error(message, duration=30, print_exception=False) from error


def problem_place(elem_id: str) -> gr.HTML:
    """Return where a control says what went wrong, below itself; no room is taken before."""
    return html_place(elem_id=elem_id, elem_classes="problem")


def said_of(act: Callable[[], object]) -> Markup:
    """Do it, and return what went wrong for the place of problems; nothing where all went well."""
    try:
        act()
    except CalmError as problem:
        return warning(problem)
    except (OSError, sqlite3.Error) as error:
        refused = disk_problem(error)
        if refused is None:
            raise
        return warning(refused)
    return Markup()


def in_place(problem: CalmError, left_alone: int) -> tuple[Any, ...]:
    """Return the outputs of a handler that failed: so many stay, the last one says why."""
    return (*(gr.skip() for _ in range(left_alone)), warning(problem))
