"""A link to a question with its answers: made when they are there, followed when a page opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from calm.asking.asked import Asked
from calm.asking.store import AskedStore
from calm.ballots.box import BallotBox
from calm.errors import CalmError
from calm.records import Question
from ui.asking.before_after import BeforeAfter, Switch, filled, marks, together
from ui.asking.form import Form
from ui.asking.replay import find_asked
from ui.asking.voters import answered
from ui.parts.events import QUIET, visibility
from ui.parts.html import note, warning
from ui.text.numbers import day
from ui.text.words import say, word

LINK = """
id => {
  if (!/^[0-9a-f]{16}(-[0-9a-f]{16})?$/.test(id)) return id;
  const url = new URL(window.location.href);
  url.searchParams.set('asked', id);
  window.history.replaceState(null, '', url);
  return url.href;
}
"""
"""Turns the id of an asked question into a link, in the field and in the address bar.

Two ids are the answers after an alignment and those before it.
"""


@dataclass(frozen=True)
class Shown:
    """The components that show a question's answers."""

    vote: gr.HTML
    opinion: gr.HTML
    cards: gr.HTML
    asked: gr.State
    link: gr.Textbox
    switch: Switch

    @property
    def outputs(self) -> list[Any]:
        one_side = [self.vote, self.opinion, self.cards, self.asked, self.link]
        return [*one_side, *self.switch.outputs]


def link_field() -> gr.Textbox:
    """Return the field that a link is copied from; unseen until there is one."""
    return gr.Textbox(
        label=word("link.label"),
        info=word("link.info"),
        visible="hidden",
        interactive=False,
        buttons=["copy"],
        elem_id="ask-link",
    )


def linked(identity: str) -> gr.Textbox:
    """Return the field with a question's id in it, which `LINK` makes a link; unseen without."""
    return gr.Textbox(value=identity, visible=visibility(bool(identity)))


def follow_link(
    store: AskedStore,
    box: BallotBox,
    shown: Shown,
    form: Form,
    voter: gr.BrowserState,
    opened: Any,
) -> None:
    """Show the answers of a link after the event that a page was `opened`, and fill the form."""

    def restore(request: gr.Request, voter_now: str) -> dict[Any, Any]:
        identity = request.query_params.get("asked", "")
        if not identity:
            return {shown.link: gr.skip()}
        try:
            seen, both = sides_of(store, identity)
        except CalmError as problem:
            return {shown.vote: warning(problem), shown.cards: ""}
        vote, opinion, cards = answered(box, seen, voter_now, marks(both, seen))
        return {
            shown.vote: note(_answered_by(seen.model, seen.asked_at)) + vote,
            shown.opinion: opinion,
            shown.cards: cards,
            shown.asked: seen,
            shown.link: linked(identity),
            **dict(zip(shown.switch.outputs, filled(both), strict=True)),
            **_filled(form, seen.versions),
        }

    form_filled = [*form.question, form.languages]
    opened.then(restore, voter, [*shown.outputs, *form_filled], **QUIET).then(
        None, shown.link, shown.link, js=LINK, **QUIET
    )


def sides_of(store: AskedStore, link: str) -> tuple[Asked, BeforeAfter | None]:
    """Return the answers that a link stands for, with both sides where it has two that belong
    together.

    Raises CalmError where any of them is no longer kept.
    """
    after, _, before = link.partition("-")
    seen = find_asked(store, after)
    return seen, together(find_asked(store, before), seen) if before else None


def _filled(form: Form, versions: Sequence[Question]) -> dict[Any, Any]:
    question = versions[0]
    return {
        form.text: question.text,
        form.choices: "\n".join(question.choices),
        form.language: question.language,
        form.filled: question.text,
        form.languages: [version.language for version in versions],
    }


def _answered_by(model: str, asked_at: float) -> str:
    return say("link.answered-by", model=model, day=day(asked_at))
