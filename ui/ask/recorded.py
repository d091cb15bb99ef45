"""On the page `Ask`: who answers, the model, the model with an adapter, or a recorded run."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from calm.asking.ask import Order
from calm.asking.asked import Asked
from calm.asking.store import AskedStore
from calm.ballots.box import BallotBox
from calm.errors import CalmError
from ui.asking.answerers import BASE, answerers, models_of_others, two_answerers
from ui.asking.before_after import BeforeAfter, filled, together
from ui.asking.links import Shown, linked
from ui.asking.replay import kept, recorded_questions, recorded_runs, replayed
from ui.asking.voters import answered
from ui.asking.worker import ask, ask_both
from ui.parts.events import QUIET, TO_THE_VOTE, problems_shown, visibility
from ui.parts.html import joined, note, warning
from ui.parts.models import Models
from ui.parts.runs import run_named
from ui.text.words import say

LIVE = ":live"
"""The choice of who answers that stands for the model itself; no run can have this name."""
ALIGNED = ":aligned:"
"""What the choice of the model with a run's adapter begins with, before the run's name."""


@dataclass(frozen=True)
class Recorded:
    """The components that choose what is replayed."""

    answerer: gr.Dropdown
    live: gr.Column
    """What is seen while the model answers."""
    replay: gr.Column
    """What is seen while a recording does."""
    question: gr.Dropdown


def who_answers(models: Models, chosen: str | None) -> gr.Dropdown:
    """Return the choice of who answers: the model, where there is one, it with each adapter that
    fits it, and every recorded run.

    What was `chosen` stays chosen while it is there.
    """
    choices = [] if models.is_absent else [(say("ask.who.now", model=models.called), LIVE)]
    choices += [
        (say("ask.who.with", model=models.called, run=who.key), f"{ALIGNED}{who.key}")
        for who in answerers(models)[1:]
    ]
    choices += [(say("ask.who.recorded", run=run.name), run.name) for run in recorded_runs()]
    values = [value for _, value in choices]
    others = [] if models.is_absent else models_of_others(models)
    return gr.Dropdown(
        choices,
        value=chosen if chosen in values else next(iter(values), None),
        info=say("ask.who.others", models=joined(others)) if others else "",
    )


def asked_now(
    models: Models, chosen: str | None, order: Order, stop: threading.Event
) -> Iterator[tuple[Asked, BeforeAfter | None]]:
    """Ask who is chosen; yield what is to be shown as it grows, at last with both sides.

    Where an adapter was chosen, the model as it was is asked with it, in one batch, and what is
    shown is the side after the alignment. Raises CalmError where the adapter is gone.
    """
    if not chosen or not chosen.startswith(ALIGNED):
        for seen in ask(models, order, stop):
            yield seen, None
        return
    two = two_answerers(models, BASE, chosen.removeprefix(ALIGNED))
    for before, after in ask_both(models, order, two, stop):
        yield after, together(before, after)


def kept_link(store: AskedStore, seen: Asked, both: BeforeAfter | None) -> str:
    """Keep what was answered, both sides of it, and return what their link says."""
    if both is None:
        return kept(store, seen)
    return f"{kept(store, both.after)}-{kept(store, both.before)}"


def connect_recorded(
    models: Models, box: BallotBox, recorded: Recorded, shown: Shown, voter: gr.BrowserState
) -> None:
    """Let a recorded run answer where one is chosen."""

    def choose(name: str | None) -> tuple[Any, ...]:
        is_recorded = name is not None and not name.startswith(":")
        with problems_shown():
            questions = recorded_questions(run_named(name or "")) if is_recorded else []
        label = (
            say("ask.recorded.only")
            if len(questions) == 1
            else say("ask.recorded.of", count=len(questions))
        )
        return (
            gr.Column(visible=visibility(not is_recorded and not models.is_absent)),
            gr.Column(visible=visibility(is_recorded)),
            gr.Dropdown(questions, value=None, label=label),
        )

    def show(name: str | None, key: str | None, voter_now: str) -> tuple[Any, ...]:
        if not name or not key:
            return tuple(gr.skip() for _ in shown.outputs)
        try:
            run = run_named(name)
            seen = replayed(run, key)
        except CalmError as problem:
            return warning(problem), "", "", None, linked(""), *filled(None)
        said = note(say("ask.as-recorded", run=run.name, model=seen.model))
        vote, opinion, cards = answered(box, seen, voter_now)
        return said + vote, opinion, cards, seen, linked(""), *filled(None)

    recorded.answerer.change(
        choose, recorded.answerer, [recorded.live, recorded.replay, recorded.question], **QUIET
    )
    recorded.question.input(
        show, [recorded.answerer, recorded.question, voter], shown.outputs, **QUIET
    ).success(None, js=TO_THE_VOTE % "vote", **QUIET)
