"""The page `Ask`: one question, every language's answer, the vote across them."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from calm.asked import AskedStore
from calm.ballots import BallotBox
from calm.errors import CalmError
from ui.ask_recorded import Recorded, connect_recorded, empty_state
from ui.ask_views import answer_cards, vote_panel
from ui.asking import ask
from ui.events import QUIET, TO_THE_VOTE, problems_shown
from ui.links import LINK, Shown, link_field, linked
from ui.models import Models
from ui.picking import Form, question_form, read_form
from ui.records import Asked
from ui.replay import kept
from ui.views import note
from ui.voters import ballot_answers, tallies, voter_id

EMPTY = note(
    "Pick a question or type one, then press Ask. Every language answers for itself; "
    "the vote across them is shown above the answers."
)
MOST_AT_ONCE = 8
"""Visitors whose questions may be under way together; the model takes them in turns."""
SEND_BALLOT = """
let pressed = null;
element.addEventListener('click', event => {
  const button = event.target.closest('button[data-opinion]');
  if (!button) return;
  pressed = button.id;
  trigger('click', {language: button.dataset.language, opinion: button.dataset.opinion});
});
watch('value', () => {
  if (pressed) document.getElementById(pressed)?.focus();
  pressed = null;
});
"""
"""A press of a thumb becomes an event; the new tally keeps the keyboard's place."""


@dataclass
class Visits:
    """The questions being asked now, by browser session, so that each can be stopped."""

    stops: dict[str, threading.Event] = field(default_factory=dict)

    def begin(self, session: str | None) -> threading.Event:
        """Return the event that stops this session's question; an older question is stopped."""
        self.stop(session)
        stop = threading.Event()
        self.stops[session or ""] = stop
        return stop

    def stop(self, session: str | None) -> None:
        """Stop the session's question, if there is one."""
        stop = self.stops.pop(session or "", None)
        if stop is not None:
            stop.set()


@dataclass(frozen=True)
class AskPage:
    """The components that the rest of the page connects to."""

    voter: gr.BrowserState
    answerer: gr.Dropdown
    form: Form
    shown: Shown


def ask_page(models: Models, box: BallotBox, store: AskedStore) -> AskPage:
    """Lay the page out and connect it."""
    voter = voter_id()
    visits = Visits()
    with gr.Row(elem_classes="page"):
        with gr.Column(scale=2, min_width=320):
            answerer = gr.Dropdown([], label="Who answers", elem_id="ask-model")
            with gr.Column(visible=not models.is_absent) as live:
                form = question_form("ask")
                with gr.Row():
                    button = gr.Button("Ask", variant="primary", elem_id="ask-button")
                    stop = gr.Button("Stop", elem_id="ask-stop", min_width=80)
            with gr.Column(visible=False) as replay:
                question = gr.Dropdown([], label="Recorded question", elem_id="ask-recorded")
        with gr.Column(scale=5, min_width=320):
            vote = gr.HTML(empty_state(models, EMPTY), elem_id="vote", apply_default_css=False)
            cards = gr.HTML("", elem_id="cards", apply_default_css=False, js_on_load=SEND_BALLOT)
            link = link_field()
    shown = Shown(vote, cards, gr.State(None), link)
    connect_recorded(models, box, Recorded(answerer, live, replay, question), shown, voter)

    def answer(request: gr.Request, voter_now: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        event = visits.begin(request.session_hash)
        with problems_shown():
            order = read_form(*values)
            for seen in ask(models, order, event):
                yield vote_panel(seen), answer_cards(seen), None, linked("")
            if seen.phase == "done":
                ballots = answer_cards(seen, tallies(box, seen, voter_now))
                yield gr.skip(), ballots, seen, linked(kept(store, seen, order.sampling))

    def stop_asking(request: gr.Request) -> None:
        visits.stop(request.session_hash)

    def thumb(seen: Asked | None, voter_now: str, pressed: gr.EventData) -> str:
        with problems_shown():
            return cast_on(box, seen, voter_now, pressed.language, pressed.opinion)

    asking = gr.on(
        [button.click, form.text.submit],
        answer,
        [voter, *form.inputs],
        shown.outputs,
        scroll_to_output=True,
        concurrency_limit=MOST_AT_ONCE,
        **QUIET,
    )
    asking.success(None, js=TO_THE_VOTE % "vote", **QUIET)
    asking.success(None, link, link, js=LINK, **QUIET)
    stop.click(stop_asking, None, None, queue=False, **QUIET)
    cards.click(thumb, [shown.asked, voter], cards, **QUIET)
    return AskPage(voter, answerer, form, shown)


def cast_on(box: BallotBox, seen: Asked | None, voter: str, code: str, opinion: str) -> str:
    """Keep a ballot on one language's answer and return the cards with the new tally.

    What was asked comes from the server's own memory: the browser only says which card.
    """
    if seen is None or not voter:
        raise CalmError("This answer is no longer there. Ask again, then vote.")
    answers = ballot_answers(seen)
    if code not in answers:
        raise CalmError("This language gave no single answer to vote on.")
    question, answer = answers[code]
    box.cast(voter, question, code, seen.model, answer, opinion)  # type: ignore[arg-type]
    return answer_cards(seen, tallies(box, seen, voter))
