"""What the page Ask opens with: a question that languages answer differently, as it was recorded.

The answers are those of the model that ships, kept by `python -m benchmarks.opening --write`. They
are shown at once, while the model loads and where there is none.
"""

import functools
from pathlib import Path

import gradio as gr
from markupsafe import Markup

from calm.asking.asked import Asked
from calm.asking.store import from_line
from calm.messages import ENGLISH
from ui.asking.cards import answer_cards
from ui.asking.panel import vote_panel
from ui.asking.replay import recorded_runs
from ui.parts.html import markup, note
from ui.parts.models import Models
from ui.parts.picture import small_picture
from ui.text.words import reader_language, say

RECORDED = Path(__file__).with_name("opening.json")


@functools.cache
def recorded_opening() -> Asked:
    """Return the recorded question with its answers."""
    return from_line(RECORDED.read_bytes())


def opening(models: Models) -> tuple[Markup, Markup]:
    """Return the vote, below what the method is and what to do, and the cards of the answers.

    Both are marked as what is shown first, in the language of the reader: in a page that is in
    another one they are not seen.
    """
    seen = recorded_opening()
    said = [note(say("ask.opening", model=seen.model))]
    if models.is_absent:
        key = "ask.choose-recorded" if recorded_runs() else "ask.nothing-recorded"
        said = [note(say("ask.opening.recorded", model=seen.model)), note(say(key))]
    story = markup('<div class="story"><p>{}</p>{}</div>', say("ask.story"), small_picture())
    return (
        _first(story + Markup().join(said) + vote_panel(seen)),
        _first(answer_cards(seen)),
    )


def opened_in_reader_language(
    models: Models, request: gr.Request
) -> tuple[Markup | gr.HTML, Markup | gr.HTML]:
    """Return the same for who opens the page; nothing for who reads English, or follows a link."""
    if reader_language() == ENGLISH or "asked" in request.query_params:
        return gr.skip(), gr.skip()
    return opening(models)


def _first(shown: Markup) -> Markup:
    return markup('<div class="opening" lang="{}">{}</div>', reader_language(), shown)
