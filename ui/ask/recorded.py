"""On the page `Ask`: who answers, the model now or a run as it was recorded."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from calm.ballots.box import BallotBox
from calm.errors import CalmError
from ui.asking.links import Shown, linked
from ui.asking.replay import recorded_questions, recorded_runs, replayed
from ui.asking.voters import answered
from ui.parts.events import QUIET, TO_THE_VOTE, problems_shown, visibility
from ui.parts.html import note, note_word, warning
from ui.parts.models import Models
from ui.parts.runs import run_named
from ui.text.words import model_name, say

LIVE = ":live"
"""The choice of who answers that stands for the model itself; no run can have this name."""


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
    """Return the choice of who answers: the model, where there is one, and every recorded run.

    What was `chosen` stays chosen while it is there.
    """
    live = [] if models.is_absent else [(say("ask.who.now", model=models.called), LIVE)]
    choices = live + [(say("ask.who.recorded", run=run.name), run.name) for run in recorded_runs()]
    values = [value for _, value in choices]
    return gr.Dropdown(choices, value=chosen if chosen in values else next(iter(values), None))


def empty_state(models: Models) -> Markup:
    """Return what to do first."""
    if not models.is_absent:
        return note_word("ask.empty")
    return note_word("ask.choose-recorded" if recorded_runs() else "ask.nothing-recorded")


def connect_recorded(
    models: Models, box: BallotBox, recorded: Recorded, shown: Shown, voter: gr.BrowserState
) -> None:
    """Let a recorded run answer where one is chosen."""

    def choose(name: str | None) -> tuple[Any, ...]:
        is_recorded = name not in (None, LIVE)
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
            return warning(problem), "", "", None, linked("")
        said = note(say("ask.as-recorded", run=run.name, model=model_name(seen.model)))
        vote, opinion, cards = answered(box, seen, voter_now)
        return said + vote, opinion, cards, seen, linked("")

    recorded.answerer.change(
        choose, recorded.answerer, [recorded.live, recorded.replay, recorded.question], **QUIET
    )
    recorded.question.input(
        show, [recorded.answerer, recorded.question, voter], shown.outputs, **QUIET
    ).success(None, js=TO_THE_VOTE % "vote", **QUIET)
