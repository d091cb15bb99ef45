"""Signing in on a Hugging Face Space: who the visitor is, at the top of the page."""

from urllib.parse import quote, urlencode

import gradio as gr
from markupsafe import Markup

from ui.parts.events import QUIET
from ui.parts.html import html_place, markup
from ui.parts.rights import can_sign_in, may_change, signed_in
from ui.text.words import say


def sign_in_place(demo: gr.Blocks) -> None:
    """Build where a visitor signs in and out, on a Space that has it; nothing elsewhere.

    Gradio serves the sign-in where there is a button of its own. That one stays out of sight: it
    speaks English only, and it stays within the Space's frame, where browsers keep no cookie.
    """
    if not can_sign_in():
        return
    gr.LoginButton(visible=False)
    place = html_place(elem_id="signed-in")
    demo.load(who, None, place, **QUIET)


def who(request: gr.Request) -> Markup:
    """Return who is signed in and what that allows, with the way out; or the way in."""
    visitor = signed_in(request)
    if visitor is None:
        return _line("", _link("login/huggingface", say("sign-in.in"), request))
    key = "sign-in.owner" if may_change(request) else "sign-in.visitor"
    leave = _link("logout", say("sign-in.out"), request)
    return _line(say(key, name=visitor.username), leave)


def _line(text: str, link: Markup) -> Markup:
    said = markup("<span>{}</span> ", text) if text else ""
    return markup('<p class="signed-in">{}{}</p>', said, link)


def _link(to: str, text: str, request: gr.Request) -> Markup:
    """Return a link that comes back to the same address; out of the frame, in a tab of its own."""
    here = "/?" + urlencode(dict(request.query_params))
    return markup(
        '<a href="/{}?_target_url={}" target="_blank" rel="noopener">{}</a>',
        to,
        quote(here.removesuffix("?"), safe="/"),
        text,
    )
