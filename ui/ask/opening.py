"""What the page Ask opens with: a question that languages answer differently, as it was recorded.

The answers are those of the model that ships, kept by `python -m benchmarks.opening --write`. They
are shown at once, while the model loads and where there is none.
"""

import functools
import json
from pathlib import Path

from markupsafe import Markup

from calm.asking.asked import Asked
from calm.asking.store import from_line
from calm.messages import ENGLISH
from ui.asking.cards import answer_cards
from ui.asking.panel import vote_panel
from ui.asking.readers import reader_version
from ui.asking.replay import recorded_runs
from ui.parts.html import in_language, markup, note
from ui.parts.models import Models
from ui.parts.picture import small_picture
from ui.text.words import INTERFACE_LANGUAGES, say, spoken_in

SHOW = """() => {
  if (new URLSearchParams(window.location.search).has('asked')) return ['', ''];
  const shown = %s, code = navigator.language.toLowerCase().split('-')[0];
  return shown[code] ?? shown['%s'];
}"""
RECORDED = Path(__file__).with_name("opening.json")


@functools.cache
def recorded_opening() -> Asked:
    """Return the recorded question with its answers."""
    return from_line(RECORDED.read_bytes())


def opening(models: Models) -> list[Markup]:
    """Return the vote, below what the method is and what to do, and the cards of the answers."""
    seen = recorded_opening()
    told, next_step = say("ask.opening", model=seen.model), Markup()
    if models.is_absent:
        told = say("ask.opening.recorded", model=seen.model)
        next_step = note(say("ask.choose-recorded" if recorded_runs() else "ask.nothing-recorded"))
    asked = reader_version(seen.versions)
    head = markup(
        '<div class="story"><p>{}</p>{}</div>{}<div class="recorded">{}<p>{}</p></div>',
        say("ask.story"),
        small_picture(),
        next_step,
        in_language(asked.language, asked.text, "strong"),
        told,
    )
    return [head + vote_panel(seen), answer_cards(seen)]


def show_opening(models: Models) -> str:
    """Return the program that shows it in the browser, in its reader's language.

    The server is not asked: while it loads the model it may take seconds to answer. Where a link is
    followed nothing is shown, for what it leads to is on its way.
    """
    shown = {}
    for code in INTERFACE_LANGUAGES:
        with spoken_in(code):
            shown[code] = opening(models)
    return SHOW % (json.dumps(shown, ensure_ascii=False), ENGLISH)
