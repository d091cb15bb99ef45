"""On the page `Align`: the choice of a public set, and what is to be known of the chosen one."""

from typing import Any

import gradio as gr
from markupsafe import Markup

from calm.config import BUILT_IN
from calm.errors import CalmError
from calm.questions.public_sets import OF_HUB, XCSQA
from ui.parts.events import QUIET
from ui.parts.html import concat, html_place, listed, note
from ui.text.words import language_name, say, word

PUBLIC = "public"
"""What stands for a public set where the kind of set is chosen."""
FIRST = XCSQA


def public_set_area() -> gr.Dropdown:
    """Lay out the choice of a set, with its licence and languages below it.

    The style sheet shows it where a public set is the question set.
    """
    with gr.Column(elem_id="align-public"):
        chosen = gr.Dropdown(
            [(named.title, name) for name, named in OF_HUB.items()],
            value=FIRST,
            label=word("align.public"),
            info=word("align.public.help"),
            elem_id="align-public-set",
        )
        told = html_place(elem_id="align-public-note")
    gr.on([chosen.change], about_set, chosen, told, **QUIET)
    gr.on(None, about_set, chosen, told, **QUIET)
    return chosen


def about_set(name: str | None) -> Markup:
    """Return what there is to know of a set: licence, source, languages, whether it fits."""
    named = OF_HUB[known_set(name)]
    made = named.set
    languages = listed([language_name(code) for code in made.configs])
    said = say("align.public.note", licence=made.licence, source=made.source, languages=languages)
    if named.culture == "no":
        return note(said)
    which = "all" if named.culture == "yes" else "part"
    return concat([note(said), note(say(f"align.public.culture.{which}"), "warning")])


def known_set(name: Any) -> str:
    """Return the name of a set of the Hub; raises CalmError for any other."""
    if name not in OF_HUB:
        sets = ", ".join((BUILT_IN, *OF_HUB))
        raise CalmError("questions.unknown", name=str(name)[:40], sets=sets)
    return str(name)
