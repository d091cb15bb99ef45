"""Below `Use it`: a run's adapter, or its data, put on the Hugging Face Hub.

All that would be sent is shown first. It goes with the token of who is signed in on the Space, or,
elsewhere, with this machine's own for whoever sits at it. No token is kept, shown or logged.
"""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import gradio as gr
from markupsafe import Markup

from calm.errors import CalmError
from calm.exchange.push import Parcel, What, parcel, push
from calm.runs.folder import Run
from ui.parts.events import QUIET, problem_place, visibility
from ui.parts.html import concat, html_place, markup, say_markup, warning
from ui.parts.machine import is_this_machine
from ui.parts.rights import can_sign_in, session_of, signed_in
from ui.parts.runs import run_named
from ui.text.numbers import decimal
from ui.text.words import say, word

if TYPE_CHECKING:
    from calm.models.hub_repositories import Sent

SCOPES = {"contribute-repos", "write-repos", "manage-repos"}
"""What a visitor may have allowed at sign-in; the README's front matter asks for the first."""
SHARED = ("CALM_AUTH", "CALM_AUTH_HEADER", "CALM_OPEN")
"""With one of these others are let in, by way of a proxy on this machine, too, it may be."""
OFFERED: tuple[What, ...] = ("adapter", "dataset")
"""A merged model is sent from the command line: making it takes time and memory of this machine."""
CARD_LINES = 12
SHOWN = QUIET | {"show_progress": "minimal"}


class PushIt:
    """The controls on one page; element ids begin with `prefix`."""

    def __init__(self, prefix: str) -> None:
        with gr.Accordion(word("push.title"), open=False, elem_id=f"{prefix}-push"):
            self.who = html_place(elem_id=f"{prefix}-push-who")
            self.name = gr.Textbox(
                label=word("push.repository"),
                placeholder=word("push.repository.placeholder"),
                max_length=128,
                elem_id=f"{prefix}-push-name",
            )
            self.what = gr.Radio(
                [(word(f"push.what.{what}"), what) for what in OFFERED],
                value=OFFERED[0],
                label=word("push.what"),
                elem_id=f"{prefix}-push-what",
                elem_classes="stacked",
            )
            self.public = gr.Checkbox(
                False, label=word("push.public"), elem_id=f"{prefix}-push-public"
            )
            self.look = gr.Button(word("push.look"), elem_id=f"{prefix}-push-look")
            self.seen = html_place(elem_id=f"{prefix}-push-seen")
            self.send = gr.Button(
                word("push.send"),
                variant="primary",
                visible="hidden",
                elem_id=f"{prefix}-push-send",
            )
            self.problem = problem_place(f"{prefix}-push-problem")

    def connect(self, run: gr.Dropdown, *changed: Any) -> None:
        """Show what a press of the first button finds; the second is there once that was seen."""
        told = [self.seen, self.send, self.problem]
        given = [run, self.name, self.what, self.public]
        edited = [self.name.change, self.what.change, self.public.change]
        gr.on([run.change, *changed], opened, run, [self.who, self.name, *told], **QUIET)
        gr.on(edited, nothing_seen, None, told, trigger_mode="always_last", **QUIET)
        self.look.click(looked, given, told, **SHOWN)
        self.send.click(sent, given, told, **SHOWN)


def nothing_seen() -> tuple[Markup, gr.Button, str]:
    """Return what stands there before anything was looked at."""
    return Markup(), gr.Button(visible="hidden"), ""


def opened(run: str | None, request: gr.Request) -> tuple[Any, ...]:
    """Return whose token it would be, or why it would be none, and a name to begin with."""
    visitor = signed_in(request) if os.environ.get("SPACE_ID") else None
    named = gr.skip() if visitor is None or not run else f"{visitor.username}/{run}"
    try:
        token_of(request)
        if visitor is None:
            who = say_markup("push.own-token")
        else:
            who = say_markup("push.as", name=visitor.username)
        return (markup("<p>{}</p>", who), named, *nothing_seen())
    except CalmError as problem:
        return (warning(problem), named, *nothing_seen())


def token_of(request: gr.Request | None) -> str:
    """Return the token that goes with what this visitor sends.

    On a Space, the one that the visitor got at sign-in, and no other: never the Space's own.
    Elsewhere, this machine's own, for a request of this machine itself to an app that answers no
    other. Raises CalmError for everybody else, where nobody may change anything, and where there
    is no token.
    """
    if os.environ.get("CALM_READ_ONLY") == "1":
        raise CalmError("page.looking-only")
    if not os.environ.get("SPACE_ID"):
        asked = getattr(request, "request", None)
        is_shared = any(os.environ.get(name) for name in SHARED)
        if is_shared or asked is None or not is_this_machine(asked):
            raise CalmError("push.elsewhere")
        from calm.models.hub_repositories import own_token

        return own_token("OWNER/NAME")
    if not can_sign_in():
        raise CalmError("page.looking-only")
    if signed_in(request) is None:
        raise CalmError("push.not-signed-in")
    found: Mapping[str, Any] = session_of(request)["oauth_info"]
    if not found.get("access_token") or not SCOPES & set(str(found.get("scope", "")).split()):
        raise CalmError("push.not-allowed")
    return str(found["access_token"])


def offered(run: Run, name: str, what: str) -> AbstractContextManager[Parcel]:
    """Give what would be sent, of what pages and scripts may send; raises CalmError as `parcel`."""
    if what not in OFFERED:
        raise CalmError("hub.bad-what", what=f"{what!r:.40}", choices=", ".join(OFFERED))
    return parcel(run, name.strip(), what)


def looked(
    run: str | None, name: str, what: str, is_public: bool, request: gr.Request
) -> tuple[Any, ...]:
    """Return all that would be sent, and the button that sends it; or what stands in the way."""
    try:
        token_of(request)
        with offered(run_named(run or ""), name, what) as made:
            return would_send(made, is_public), gr.Button(visible=visibility(True)), ""
    except CalmError as problem:
        return Markup(), gr.Button(visible="hidden"), warning(problem)


def would_send(made: Parcel, is_public: bool) -> Markup:
    """Return where a parcel would go, each of its files with its size, and how its card begins."""
    megabytes = decimal(sum(made.sizes.values()) / 1e6, 2)
    told = say_markup(
        f"push.would.{'public' if is_public else 'private'}",
        name=made.name,
        files=len(made.sizes),
        megabytes=megabytes,
    )
    rows = concat(
        markup("<li><code>{}</code> {}</li>", path, say("push.bytes", bytes=decimal(size, 0)))
        for path, size in made.sizes.items()
    )
    card = made.text("README.md").splitlines()[:CARD_LINES]
    return markup(
        '<p>{}</p><ul>{}</ul><p>{}</p><pre dir="ltr" tabindex="0">{}</pre>',
        *(told, rows, say("push.card"), "\n".join(card)),
    )


def sent(
    run: str | None, name: str, what: str, is_public: bool, request: gr.Request
) -> tuple[Any, ...]:
    """Send it, and return where it is; or what stood in the way, with the button still there."""
    try:
        done = send(run or "", name, what, is_public, request)
    except CalmError as problem:
        return gr.skip(), gr.skip(), warning(problem)
    told = say_markup(f"push.done.{'private' if done.is_private else 'public'}", name=name.strip())
    link = markup('<a href="{}" target="_blank" rel="noopener">{}</a>', done.url, done.url)
    return markup("<p>{}<br>{}</p>", told, link), gr.Button(visible="hidden"), ""


def send(run: str, name: str, what: str, is_public: bool, request: gr.Request) -> "Sent":
    """Put what a run has on the Hub, as the visitor; raises CalmError where that cannot be."""
    token = token_of(request)
    found = run_named(run)
    with offered(found, name, what) as made:
        return push(found, made, is_public, token=token)
