"""The page `About`: the method in a picture, its source, its limits, the model's licence."""

import gradio as gr

from ui.parts.events import QUIET
from ui.parts.html import html_place
from ui.parts.picture import method_picture
from ui.text.words import word

SECTIONS = ("what", "paper", "limits", "model")


def about_page() -> None:
    """Lay the page out; the picture is drawn when the page opens, in its reader's language."""
    picture = html_place(elem_id="about-picture")
    gr.on(None, method_picture, None, picture, **QUIET)
    with gr.Column(elem_id="about-text"):
        for section in SECTIONS:
            gr.Markdown(word(f"about.{section}"))
