"""The page `Ask`: one question, every language's answer, the vote across them."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from calm.asked import AskedStore
from calm.ballots import BallotBox
from calm.errors import CalmError
from ui.asking import ask
from ui.events import QUIET, TO_THE_VOTE, problems_shown
from ui.models import Models
from ui.picking import Form, question_form, read_form
from ui.records import Asked
from ui.replay import find_asked, kept, recorded_questions, recorded_runs, replayed, restored
from ui.runs import run_named
from ui.views import answer_cards, note, vote_panel
from ui.voters import ballot_answers, known_voter, tallies, voter_id

EMPTY = note(
    "Pick a question or type one, then press Ask. Every language answers for itself; "
    "the vote across them is shown above the answers."
)
NOTHING_RECORDED = note(
    "This app was started without a model, and no run with answers lies here yet. Open an archive "
    "on the page Runs to replay it."
)
LIVE = ":live"
"""The choice of who answers that stands for the model itself; no run can have this name."""
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


LINK = """
id => {
  if (!/^[0-9a-f]{16}$/.test(id)) return id;
  const url = new URL(window.location.href);
  url.searchParams.set('asked', id);
  window.history.replaceState(null, '', url);
  return url.href;
}
"""
"""Turns the id of an asked question into a link, in the field and in the address bar."""


@dataclass(frozen=True)
class AskPage:
    """What the rest of the page connects to."""

    voter: gr.BrowserState
    answerer: gr.Dropdown
    shown: "_Shown"
    form: Form


@dataclass(frozen=True)
class _Shown:
    """The half of the page that shows answers."""

    vote: gr.HTML
    cards: gr.HTML
    asked: gr.State
    link: gr.Textbox

    @property
    def outputs(self) -> list[Any]:
        return list(vars(self).values())


def ask_page(models: Models, box: BallotBox, store: AskedStore) -> AskPage:
    """Lay the page out and connect it; return what knows the browser and what a link fills."""
    voter = voter_id()
    with gr.Row(elem_classes="page"):
        with gr.Column(scale=2, min_width=320):
            answerer = gr.Dropdown([], label="Who answers", elem_id="ask-model")
            with gr.Column(visible=not models.is_absent) as live:
                form = question_form("ask")
                with gr.Row():
                    button = gr.Button("Ask", variant="primary", elem_id="ask-button")
                    stop = gr.Button("Stop", elem_id="ask-stop", min_width=80)
            with gr.Column(visible=False) as replay:
                recorded = gr.Dropdown([], label="Recorded question", elem_id="ask-recorded")
        with gr.Column(scale=5, min_width=320):
            shown = _shown(models)

    _ask_live(models, box, store, voter, form, (button, stop), shown)

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

    def show_recorded(name: str | None, key: str | None, voter_now: str) -> tuple[Any, ...]:
        if not name or not key:
            return gr.skip(), gr.skip(), gr.skip(), gr.skip()
        with problems_shown():
            run = run_named(name)
            seen = replayed(run, key)
            said = note(f"As recorded in the run {run.name}, answered by {seen.model}.")
            cards = answer_cards(seen, tallies(box, seen, voter_now))
            return said + vote_panel(seen), cards, seen, gr.Textbox(value="", visible=False)

    answerer.change(choose, answerer, [live, replay, recorded], **QUIET)
    recorded.input(show_recorded, [answerer, recorded, voter], shown.outputs, **QUIET).success(
        None, js=TO_THE_VOTE % "vote", **QUIET
    )
    return AskPage(voter, answerer, shown, form)


def _shown(models: Models) -> _Shown:
    empty = NOTHING_RECORDED if models.is_absent and not recorded_runs() else EMPTY
    return _Shown(
        gr.HTML(empty, elem_id="vote", apply_default_css=False),
        gr.HTML("", elem_id="cards", apply_default_css=False, js_on_load=SEND_BALLOT),
        gr.State(None),
        gr.Textbox(
            label="Link to these answers",
            info="It shows them again, without asking anew",
            visible=False,
            interactive=False,
            buttons=["copy"],
            elem_id="ask-link",
        ),
    )


def _ask_live(
    models: Models,
    box: BallotBox,
    store: AskedStore,
    voter: gr.BrowserState,
    form: Form,
    buttons: tuple[gr.Button, gr.Button],
    shown: _Shown,
) -> None:
    visits = Visits()
    button, stop = buttons

    def answer(request: gr.Request, voter_now: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        event = visits.begin(request.session_hash)
        with problems_shown():
            order = read_form(*values)
            hidden = gr.Textbox(value="", visible=False)
            for seen in ask(models, order, event):
                yield vote_panel(seen), answer_cards(seen), None, hidden
            if seen.phase == "done":
                cards = answer_cards(seen, tallies(box, seen, voter_now))
                link = gr.Textbox(value=kept(store, seen, order.sampling), visible=True)
                yield gr.skip(), cards, seen, link

    def stop_asking(request: gr.Request) -> None:
        visits.stop(request.session_hash)

    def thumb(seen: Asked | None, voter_now: str, pressed: gr.EventData) -> str:
        with problems_shown():
            return cast_on(box, seen, voter_now, pressed.language, pressed.opinion)

    gr.on(
        [button.click, form.text.submit],
        answer,
        [voter, *form.inputs],
        shown.outputs,
        scroll_to_output=True,
        concurrency_limit=MOST_AT_ONCE,
        **QUIET,
    ).success(None, js=TO_THE_VOTE % "vote", **QUIET).then(
        None, shown.link, shown.link, js=LINK, **QUIET
    )
    stop.click(stop_asking, None, None, queue=False, **QUIET)
    shown.cards.click(thumb, [shown.asked, voter], shown.cards, **QUIET)


def who_answers(models: Models, chosen: str | None) -> gr.Dropdown:
    """Return the choice of who answers: the model, where there is one, and every recorded run.

    What was `chosen` stays chosen while it is there.
    """
    live = [] if models.is_absent else [(f"{models.name}, now", LIVE)]
    choices = live + [(f"recorded: {run.name}", run.name) for run in recorded_runs()]
    values = [value for _, value in choices]
    return gr.Dropdown(choices, value=chosen if chosen in values else next(iter(values), None))


def restore_link(store: AskedStore, page: AskPage, demo: gr.Blocks, box: BallotBox) -> None:
    """Show the answers of a link when the page is opened by one."""
    form, shown = page.form, page.shown

    def restore(request: gr.Request, voter_now: str) -> dict[Any, Any]:
        identity = request.query_params.get("asked", "")
        if not identity:
            return {}
        try:
            row = find_asked(store, identity)
        except CalmError as problem:
            return {shown.vote: note(str(problem), "warning")}
        seen = restored(row)
        question = row.versions[0]
        when = time.strftime("%d %B %Y", time.gmtime(row.asked_at))
        return {
            shown.vote: note(f"As answered by {row.model} on {when}.") + vote_panel(seen),
            shown.cards: answer_cards(seen, tallies(box, seen, voter_now)),
            shown.asked: seen,
            shown.link: gr.Textbox(value=row.id, visible=True),
            form.text: question.text,
            form.choices: "\n".join(question.choices),
            form.language: question.language,
            form.languages: [version.language for version in row.versions],
        }

    filled = [form.text, form.choices, form.language, form.languages]
    demo.load(known_voter, page.voter, page.voter, **QUIET).then(
        restore, page.voter, [*shown.outputs, *filled], **QUIET
    ).then(None, shown.link, shown.link, js=LINK, **QUIET)


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
