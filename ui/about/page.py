"""The page `About`: the method in a picture, its source, its limits, the model's licence."""

from functools import partial

import gradio as gr
from markupsafe import Markup

from calm.exchange.keep import Keeper
from ui.parts.events import QUIET
from ui.parts.html import concat, html_place, markup, warning
from ui.parts.picture import method_picture
from ui.text.numbers import moment
from ui.text.words import say, word

SECTIONS = ("what", "paper", "limits", "model")


def about_page(keeper: Keeper | None = None) -> None:
    """Lay the page out; the picture is drawn when the page opens, in its reader's language.

    So is what is kept elsewhere, where anything is.
    """
    picture = html_place(elem_id="about-picture")
    gr.on(None, method_picture, None, picture, **QUIET)
    with gr.Column(elem_id="about-text"):
        for section in SECTIONS:
            gr.Markdown(word(f"about.{section}"))
    if keeper:
        place = html_place(elem_id="about-kept")
        gr.on(None, partial(kept_in_words, keeper), None, place, **QUIET)


def kept_in_words(keeper: Keeper) -> Markup:
    """Return where all is kept beside this machine, since when, and what is wrong with that."""
    said = say("about.kept", place=keeper.place.name)
    at = keeper.kept_at
    when = say("about.kept.at", time=moment(at)) if at else say("about.kept.not-yet")
    problems = [problem for problem in (keeper.problem, keeper.left_out) if problem]
    return markup("<p>{} {}</p>{}", said, when, concat(map(warning, problems)))
