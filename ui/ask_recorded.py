"""On the page `Ask`: who answers, the model now or a run as it was recorded."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from calm.ballots import BallotBox
from ui.ask_views import answer_cards, vote_panel
from ui.events import QUIET, TO_THE_VOTE, problems_shown
from ui.links import Shown, linked
from ui.models import Models
from ui.replay import recorded_questions, recorded_runs, replayed
from ui.runs import run_named
from ui.views import note
from ui.voters import opinion_of, tallies

LIVE = ":live"
"""The choice of who answers that stands for the model itself; no run can have this name."""
NOTHING_RECORDED = note(
    "This app was started without a model, and no run with answers lies here yet. Open an archive "
    "on the page Runs to replay it."
)
CHOOSE_ONE = note("Choose a question that was recorded. Its answers are shown as they were given.")


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
    live = [] if models.is_absent else [(f"{models.name}, now", LIVE)]
    choices = live + [(f"recorded: {run.name}", run.name) for run in recorded_runs()]
    values = [value for _, value in choices]
    return gr.Dropdown(choices, value=chosen if chosen in values else next(iter(values), None))


def empty_state(models: Models, asking: str) -> str:
    """Return what to do first: `asking` says it where there is a model."""
    if not models.is_absent:
        return asking
    return CHOOSE_ONE if recorded_runs() else NOTHING_RECORDED


def connect_recorded(
    models: Models, box: BallotBox, recorded: Recorded, shown: Shown, voter: gr.BrowserState
) -> None:
    """Let a recorded run answer where one is chosen."""

    def choose(name: str | None) -> tuple[Any, ...]:
        is_recorded = name not in (None, LIVE)
        with problems_shown():
            questions = recorded_questions(run_named(name or "")) if is_recorded else []
        label = f"One of {len(questions)} questions, as they were answered"
        return (
            gr.Column(visible=not is_recorded and not models.is_absent),
            gr.Column(visible=is_recorded),
            gr.Dropdown(questions, value=None, label=label),
        )

    def show(name: str | None, key: str | None, voter_now: str) -> tuple[Any, ...]:
        if not name or not key:
            return tuple(gr.skip() for _ in shown.outputs)
        with problems_shown():
            run = run_named(name)
            seen = replayed(run, key)
            said = note(f"As recorded in the run {run.name}, answered by {seen.model}.")
            cards = answer_cards(seen, tallies(box, seen, voter_now))
            opinion = opinion_of(box, seen, voter_now)
            return said + vote_panel(seen), opinion, cards, seen, linked("")

    recorded.answerer.change(
        choose, recorded.answerer, [recorded.live, recorded.replay, recorded.question], **QUIET
    )
    recorded.question.input(
        show, [recorded.answerer, recorded.question, voter], shown.outputs, **QUIET
    ).success(None, js=TO_THE_VOTE % "vote", **QUIET)
