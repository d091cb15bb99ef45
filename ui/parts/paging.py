"""Tables too long for one page: which rows are shown, and how a table follows its controls."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import gradio as gr
from markupsafe import Markup

from ui.parts.events import QUIET

Row = TypeVar("Row")
LOOK: dict[str, Any] = {**QUIET, "concurrency_limit": 4}
"""Options of a handler that only reads what lies in a run."""


def pages_of(count: int, size: int) -> int:
    """Return how many pages so many rows fill; one for none."""
    return max(1, -(-count // size))


def page_of(rows: Sequence[Row], page: float | None, size: int) -> tuple[Sequence[Row], int]:
    """Return the rows of a page and its number; a page beyond the last one is the last one."""
    number = min(max(int(page or 1), 1), pages_of(len(rows), size))
    return rows[(number - 1) * size : number * size], number


def connect_pages(
    triggers: Sequence[Any],
    chosen: Sequence[gr.components.Component],
    page: gr.Number,
    table: gr.HTML,
    show: Callable[..., Markup],
) -> None:
    """Let a table follow what is chosen, which begins at its first page again, and its page.

    `show` gets what is chosen and the number of the page.
    """

    def show_first(*values: Any) -> tuple[int, Markup]:
        return 1, show(*values, 1)

    gr.on(
        list(triggers), show_first, list(chosen), [page, table], trigger_mode="always_last", **LOOK
    )
    page.input(show, [*chosen, page], table, trigger_mode="always_last", **LOOK)
