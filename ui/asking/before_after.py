"""One question answered before and after an alignment: a switch between the two on the same cards.

Both were asked together, so that turning asks nothing again. What a language says otherwise since
then is marked on its card, whichever side is shown.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from calm.asking.asked import Asked
from calm.ballots.box import BallotBox
from ui.asking.panel import in_words
from ui.asking.voters import Marks, answered
from ui.parts.events import QUIET, visibility
from ui.parts.html import html_place, in_a_row, joined, note, say_markup
from ui.text.words import language_name, say, word

BEFORE, AFTER = "before", "after"


@dataclass(frozen=True)
class BeforeAfter:
    """A question's answers of the model as it was, and of it with a run's adapter."""

    before: Asked
    after: Asked

    def side(self, name: str | None) -> Asked:
        """Return the answers of one side."""
        return self.before if name == BEFORE else self.after


def together(before: Asked, after: Asked) -> BeforeAfter | None:
    """Return both where they are answers to one question in the same languages, else `None`."""
    same = before.versions == after.versions and before.model != after.model
    return BeforeAfter(before, after) if same and before.vote and after.vote else None


def changed(both: BeforeAfter) -> list[str]:
    """Return the languages whose own answer is another one, or is one no longer."""
    codes = [question.language for question in both.after.versions]
    return [code for code in codes if not _same(both, code)]


def _same(both: BeforeAfter, code: str) -> bool:
    """Tell whether a language says the same; groups of free answers have the same words then."""
    old, new = both.before.own(code), both.after.own(code)
    if old is None or new is None or both.after.has_choices:
        return old == new
    one, other = both.before.options[old], both.after.options[new]
    words = one.words_in(code).casefold()
    same_words = bool(words) and words == other.words_in(code).casefold()
    return same_words or one.label.casefold() == other.label.casefold()


def marks(both: BeforeAfter | None, shown: Asked | None) -> Marks:
    """Return, for each language that changed, what it says on the side that is not shown."""
    if both is None or shown is None:
        return {}
    is_before = shown == both.before
    other, key = (both.after, "turn.after-says") if is_before else (both.before, "turn.before-said")
    return {code: say_markup(key, answer=_own_words(other, code)) for code in changed(both)}


def _own_words(asked: Asked, code: str) -> Markup | str:
    own = asked.own(code)
    return say("ask.no-single-answer") if own is None else in_words(asked, own, code)


def what_changed(both: BeforeAfter) -> str:
    """Return how many languages answer otherwise, which, and how many say the same as others."""
    codes = [question.language for question in both.after.versions]
    others = changed(both)
    names = joined([language_name(code) for code in others])
    said = [
        say("turn.changed", count=len(others), total=len(codes), names=names)
        if others
        else say("turn.same")
    ]
    if len(codes) > 1:
        agree = {side: _most_alike(both.side(side)) for side in (BEFORE, AFTER)}
        said.append(say("turn.agree", total=len(codes), **agree))
    return in_a_row(said)


def _most_alike(asked: Asked) -> int:
    """Return how many languages give the answer that most of them give."""
    own = (asked.own(question.language) for question in asked.versions)
    return max(Counter(answer for answer in own if answer is not None).values(), default=0)


@dataclass(frozen=True)
class Switch:
    """The components of the switch; unseen where there is only one side."""

    said: gr.HTML
    side: gr.Radio
    both: gr.State

    @property
    def outputs(self) -> list[Any]:
        """What `filled` returns, in its order."""
        return [self.said, self.side, self.both]


def switch_place() -> Switch:
    """Lay the switch out."""
    side = gr.Radio(
        [(word(f"turn.{name}"), name) for name in (BEFORE, AFTER)],
        value=AFTER,
        label=word("turn.label"),
        visible="hidden",
        elem_id="ask-turn",
    )
    return Switch(html_place(elem_id="ask-changed"), side, gr.State(None))


def filled(both: BeforeAfter | None) -> tuple[Markup, gr.Radio, BeforeAfter | None]:
    """Return what the switch shows: the side after the alignment first; nothing for no two."""
    said = note(what_changed(both)) if both else Markup()
    return said, gr.Radio(value=AFTER, visible=visibility(both is not None)), both


def connect_switch(box: BallotBox, switch: Switch, shown: Any, voter: gr.BrowserState) -> None:
    """Turn vote, opinions and cards to the side that is chosen."""

    def turn(side: str | None, both: BeforeAfter | None, voter_now: str) -> tuple[Any, ...]:
        if both is None:
            return gr.skip(), gr.skip(), gr.skip(), gr.skip()
        seen = both.side(side)
        return (*answered(box, seen, voter_now, marks(both, seen)), seen)

    switch.side.input(
        turn,
        [switch.side, switch.both, voter],
        [shown.vote, shown.opinion, shown.cards, shown.asked],
        **QUIET,
    )
