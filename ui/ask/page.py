"""The page `Ask`: one question, every language's answer, the vote across them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from calm.asking.asked import Asked
from calm.asking.store import AskedStore
from calm.ballots.box import BallotBox
from calm.errors import CalmError
from ui.ask.model_choice import model_panel
from ui.ask.opening import show_opening
from ui.ask.recorded import Recorded, asked_now, connect_recorded, kept_link
from ui.asking.before_after import BeforeAfter, connect_switch, filled, marks, switch_place
from ui.asking.cards import answer_cards
from ui.asking.form import Form, question_form, read_form
from ui.asking.links import LINK, Shown, link_field, linked
from ui.asking.pace import Paces, Stopwatch
from ui.asking.panel import vote_panel
from ui.asking.visits import Visits
from ui.asking.voters import (
    SEND_BALLOT,
    Marks,
    cards_of,
    checked_voter,
    judged_answers,
    judged_consensus,
    opinion_of,
    pressed_on,
    voter_id,
)
from ui.parts.events import QUIET, TO_THE_VOTE, problems_shown
from ui.parts.html import html_place, warning
from ui.parts.models import Models
from ui.stage.button import stage_button
from ui.text.words import word

MOST_AT_ONCE = 8
"""Visitors whose questions may be under way together; the model takes them in turns."""


@dataclass(frozen=True)
class AskPage:
    """The components that the rest of the page connects to."""

    voter: gr.BrowserState
    answerer: gr.Dropdown
    form: Form
    shown: Shown
    model: gr.Dropdown
    model_changed: Sequence[Any]
    """Each takes a handler that runs once another model answers, or none."""


def ask_page(models: Models, box: BallotBox, store: AskedStore) -> AskPage:
    """Lay the page out and connect it."""
    voter = voter_id()
    visits = Visits()
    paces: Paces = {}
    form = question_form("ask", word("ask.button"), is_seen=not models.is_absent)
    form.choices.info = word("pick.choices.free")
    with form.drawers:
        answerer, model, model_changed = model_panel(models)
    question = gr.Dropdown([], label=word("ask.recorded"), visible="hidden", elem_id="ask-recorded")
    switch = switch_place()
    vote = html_place(elem_id="vote")
    opinion = html_place(elem_id="opinion", js_on_load=SEND_BALLOT)
    gr.Checkbox(
        False,
        label=word("ask.mine"),
        info=word("ask.mine.info"),
        container=False,
        elem_id="ask-mine",
    )
    cards = html_place(elem_id="cards", js_on_load=SEND_BALLOT)
    link = link_field()
    stage_button(link)
    shown = Shown(vote, opinion, cards, gr.State(None), link, switch)
    connect_switch(box, switch, shown, voter)
    connect_recorded(models, box, Recorded(answerer, form.parts, question), shown, voter)

    def answer(
        request: gr.Request, voter_now: str, who: str | None, **values: Any
    ) -> Iterator[tuple[Any, ...]]:
        stop = visits.begin(request.session_hash)
        try:
            order = read_form(values)
            answers = asked_now(models, who, order, stop)
            watch = Stopwatch(order, paces)
            shown_now = as_it_grows(models, box, store, answers, watch, voter_now)
            yield from visits.while_latest(request.session_hash, stop, shown_now)
        except CalmError as problem:
            yield warning(problem), "", "", None, linked(""), *filled(None)

    def stop_asking(request: gr.Request) -> None:
        visits.stop(request.session_hash)

    def thumb(
        seen: Asked | None, both: BeforeAfter | None, voter_now: str, pressed: gr.EventData
    ) -> Markup:
        with problems_shown():
            voter_checked = checked_voter(voter_now)
            return cast_on(box, seen, voter_checked, *pressed_on(pressed), marks(both, seen))

    def judge(seen: Asked | None, voter_now: str, pressed: gr.EventData) -> Markup:
        with problems_shown():
            return judge_vote(box, seen, checked_voter(voter_now), pressed_on(pressed)[1])

    running: dict[str, Any] = {
        "inputs_kwargs": {"voter_now": voter, "who": answerer, **form.controls},
        "scroll_to_output": True,
        "concurrency_limit": MOST_AT_ONCE,
        **QUIET,
    }
    for asking in (
        gr.on([form.button.click, form.text.submit], answer, None, shown.outputs, **running),
        form.example_filled.success(answer, None, shown.outputs, **running),
    ):
        asking.success(None, js=TO_THE_VOTE % "vote", **QUIET)
        asking.success(None, link, link, js=LINK, **QUIET)
    form.stop.click(stop_asking, None, None, queue=False, **QUIET)
    gr.on(None, None, None, [vote, cards], js=show_opening(models), **QUIET)
    cards.click(thumb, [shown.asked, switch.both, voter], cards, **QUIET)
    opinion.click(judge, [shown.asked, voter], opinion, **QUIET)
    return AskPage(voter, answerer, form, shown, model, model_changed)


def as_it_grows(
    models: Models,
    box: BallotBox,
    store: AskedStore,
    answers: Iterator[tuple[Asked, BeforeAfter | None]],
    watch: Stopwatch,
    voter: str,
) -> Iterator[tuple[Any, ...]]:
    """Yield what is shown while a question is being answered; at last keep it, with its link."""
    last: tuple[Asked, BeforeAfter | None] | None = None
    for last in answers:
        vote = vote_panel(last[0], models.message(), watch.look(last[0]))
        yield vote, "", answer_cards(last[0]), None, linked(""), *filled(None)
    if last is None or last[0].vote is None:
        return
    seen, both = last
    link, cards = kept_link(store, seen, both), cards_of(box, seen, voter, marks(both, seen))
    yield gr.skip(), opinion_of(box, seen, voter), cards, seen, linked(link), *filled(both)


def cast_on(
    box: BallotBox,
    seen: Asked | None,
    voter: str,
    code: str,
    opinion: str,
    marks: Marks | None = None,
) -> Markup:
    """Keep a ballot on one language's answer and return the cards with the new tally.

    What was asked comes from the server's own memory: the browser only says which card.
    """
    if seen is None:
        raise CalmError("answer.gone")
    judged = judged_answers(seen).get(code)
    if judged is None:
        raise CalmError("answer.none-single")
    box.cast(judged, voter, opinion)
    return cards_of(box, seen, voter, marks)


def judge_vote(box: BallotBox, seen: Asked | None, voter: str, opinion: str) -> Markup:
    """Keep an opinion of the vote and return its buttons with all opinions counted."""
    judged = judged_consensus(seen) if seen else None
    if seen is None or judged is None:
        raise CalmError("answer.gone")
    box.cast(judged, voter, opinion)
    return opinion_of(box, seen, voter)
