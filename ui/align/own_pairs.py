"""On the page `Align`: a file of preference pairs of one's own, checked as soon as it is there."""

import functools
from collections.abc import Sequence
from pathlib import Path

import gradio as gr
from markupsafe import Markup

from calm.errors import CalmError
from calm.pairs.files import SUFFIXES, Rejected, numbered_pairs
from calm.pairs.lint.report import lint, linted_file
from ui.parts.events import QUIET
from ui.parts.html import html_place, markup, note, warning, word_markup
from ui.text.words import say, word
from ui.votes.lint_views import lint_section


def own_pairs_area() -> gr.File:
    """Lay out the upload and what was found in it; return the control of the file."""
    with gr.Accordion(word("align.own_pairs"), open=False, elem_id="align-own-pairs"):
        html_place(markup('<p class="source">{}</p>', word_markup("align.own_pairs.about")))
        file = gr.File(
            label=word("align.own_pairs.file"),
            file_types=list(SUFFIXES),
            height=150,
            elem_id="align-pairs-file",
        )
        found = html_place(elem_id="align-pairs-found")
    file.change(looked_at, file, found, **QUIET)
    return file


def looked_at(file: str | None) -> Markup:
    """Return what the lint finds in a file, and what of it cannot be read; nothing without one."""
    if not file:
        return Markup()
    try:
        items, left_out = linted_file(Path(file))
    except CalmError as problem:
        return warning(problem)
    return markup("{}{}", _left_out(left_out), lint_section(lint(items)))


def _left_out(rows: Sequence[Rejected]) -> Markup:
    if not rows:
        return Markup()
    first = f"{rows[0].reason}: {rows[0].detail}"
    said = say("align.own_pairs.left_out", count=len(rows), row=rows[0].row, reason=first)
    return note(said, "warning")


@functools.lru_cache(maxsize=4)
def pairs_in(file: str) -> int:
    """Return how many pairs an uploaded file has; 0 where it cannot be read."""
    try:
        return sum(not isinstance(row, Rejected) for _, row in numbered_pairs(Path(file)))
    except CalmError:
        return 0
