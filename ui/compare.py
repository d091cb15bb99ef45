"""The page `Compare`: what an alignment changed, in numbers and answer by answer."""

import dataclasses
import functools
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import gradio as gr

from calm.ballots import BallotBox
from calm.compare import compare
from calm.errors import CalmError
from calm.pipeline import groups_of, split_of
from calm.records import Comparison, Evaluation, Question, Reading, Score
from calm.runs import Run
from ui.ask_views import reader_version
from ui.asking import ask
from ui.ballot_views import duel_cards, duel_waits
from ui.compare_views import (
    OUTCOMES,
    READINGS,
    agreement_table,
    both_models,
    comparison_list,
    outcome_counts,
    result_box,
    score_table,
)
from ui.duel import cast_on, new_duel
from ui.events import QUIET, TO_THE_VOTE, problems_shown
from ui.figures import agreement_matrices, change_plot, split_bars
from ui.models import Models
from ui.picking import question_form, read_form
from ui.records import Asked, Duel
from ui.replay import replayed_both
from ui.runs import finished_names, run_named
from ui.views import language_label, note
from ui.voters import SEND_BALLOT, checked_voter, pressed_on

ANY = "all"
BOTH_EMPTY = note(
    "The base model and the aligned one answer here, side by side: a held-out question as it was "
    "recorded, or one asked now, in random order. Of one asked now, say which answer is better; "
    "then you see which model gave it."
)
NOTHING_YET = note("No alignment has finished yet. Start one on the page Align.")


@dataclass(frozen=True)
class Finished:
    """A finished run, read once."""

    languages: tuple[str, ...]
    scores: Sequence[Score]
    comparisons: Mapping[str, Sequence[Comparison]]
    """By reading; `response` and `likelihood` are never mixed."""
    groups: Mapping[str, Mapping[str, Question]]
    model: str
    evaluations: Mapping[str, Sequence[Evaluation]]
    """By question: the held-out answers as they were recorded."""


def compare_page(models: Models, box: BallotBox, voter: gr.BrowserState) -> gr.Dropdown:
    """Lay the page out and connect it; return the component that says which run is shown.

    `voter` knows the browser, whose ballots between both models go into the box.
    """
    name = gr.Dropdown([], label="Finished run", elem_id="compare-run")
    reading = gr.Radio(
        [(text, value) for value, text in READINGS.items()],
        value="response",
        label="How an answer is read",
        elem_id="compare-reading",
    )
    numbers = gr.HTML(NOTHING_YET, elem_id="compare-numbers", apply_default_css=False)
    with gr.Row():
        outcome = gr.Dropdown(
            [("all", ANY), *((value, value) for value in OUTCOMES)],
            value="fixed",
            label="Answers that are",
            elem_id="compare-outcome",
        )
        code = gr.Dropdown([("all", ANY)], value=ANY, label="Language", elem_id="compare-language")
    answers = gr.HTML("", elem_id="compare-answers", apply_default_css=False)
    gr.HTML("<h2 class='section'>Ask both models</h2>", apply_default_css=False)
    _ask_both(models, name, reading, box, voter)

    def show(chosen: str | None, how: Reading, kind: str) -> tuple[Any, ...]:
        if not chosen:
            return NOTHING_YET, gr.Dropdown([("all", ANY)], value=ANY), ""
        with problems_shown():
            run = read_finished(chosen)
            return numbers_of(run, how), _languages_of(run), answers_of(run, how, kind, ANY)

    def show_answers(chosen: str | None, how: Reading, kind: str, only: str) -> str:
        with problems_shown():
            return answers_of(read_finished(chosen), how, kind, only) if chosen else ""

    gr.on(
        [name.change, reading.change],
        show,
        [name, reading, outcome],
        [numbers, code, answers],
        **QUIET,
    )
    gr.on(
        [outcome.input, code.input], show_answers, [name, reading, outcome, code], answers, **QUIET
    )
    return name


def finished_runs(name: str | None = None) -> gr.Dropdown:
    """Return the choice of finished runs, with `name` or else the newest in sight."""
    names = finished_names()
    return gr.Dropdown(names, value=name if name in names else next(iter(names), None))


def read_finished(name: str) -> Finished:
    """Return what a finished run found; raises CalmError where it is not finished."""
    run = run_named(name)
    if not run.has("comparisons"):
        raise CalmError(f"The run {name} has not finished. Let it finish on the page Align.")
    return _read(run, run.path("comparisons").stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _read(run: Run, changed_at: int) -> Finished:
    groups = split_of(groups_of(run), "held-out")
    evaluations = run.rows("evaluations")
    by_question: dict[str, list[Evaluation]] = {}
    for row in evaluations:
        by_question.setdefault(row.question_id, []).append(row)
    return Finished(
        run.config.languages,
        run.rows("scores"),
        {how: tuple(compare(evaluations, groups, how)) for how in get_args(Reading)},
        groups,
        run.config.model,
        by_question,
    )


def numbers_of(run: Finished, reading: Reading) -> str:
    """Return the run's numbers in one reading: plots, tables, counts."""
    words = result_box(run.scores) if reading == "response" else ""
    plots = "".join(
        change_plot(run.scores, reading, metric, run.languages)
        for metric in ("accuracy", "consistency")
    )
    return (
        f'<section class="numbers">{words}<div class="plots">{plots}</div>'
        f"{score_table(run.scores, reading, run.languages)}"
        f"{split_bars(run.scores, reading)}"
        f"{agreement_matrices(run.scores, reading, run.languages)}"
        f"{agreement_table(run.scores, reading)}"
        f"{outcome_counts(run.comparisons[reading])}</section>"
    )


def answers_of(run: Finished, reading: Reading, outcome: str, code: str) -> str:
    """Return the held-out answers of one outcome and language, before and after."""
    return comparison_list(run.comparisons[reading], run.groups, outcome, code)


def _languages_of(run: Finished) -> gr.Dropdown:
    labels = [(language_label(code), code) for code in run.languages]
    return gr.Dropdown([("all", ANY), *labels], value=ANY)


def _ask_both(
    models: Models,
    name: gr.Dropdown,
    reading: gr.Radio,
    box: BallotBox,
    voter: gr.BrowserState,
) -> None:
    duel = gr.State(None)
    with gr.Row(elem_classes="page"):
        with gr.Column(scale=2, min_width=320):
            recorded = gr.Dropdown(
                [], label="Held-out question, as it was answered", elem_id="both-recorded"
            )
            why_not = gr.HTML("", elem_id="both-why-not", apply_default_css=False)
            with gr.Column(visible=not models.is_absent) as live:
                form = question_form("both")
                button = gr.Button("Ask both", variant="primary", elem_id="both-button")
        with gr.Column(scale=5, min_width=320):
            answers = gr.HTML(
                BOTH_EMPTY, elem_id="both-answers", apply_default_css=False, js_on_load=SEND_BALLOT
            )
            reveal = gr.Button("Show which is which", visible=False, elem_id="both-reveal")

    def offer(chosen: str | None) -> tuple[Any, ...]:
        if not chosen:
            return gr.Dropdown([], value=None), "", gr.skip(), *openly(BOTH_EMPTY)
        with problems_shown():
            run, why = read_finished(chosen), why_not_asked(models, run_named(chosen))
        listed = [(reader_version(list(v.values())).text, key) for key, v in run.groups.items()]
        return (
            gr.Dropdown(listed, value=None),
            note(why),
            gr.Column(visible=not why),
            *openly(BOTH_EMPTY),
        )

    def show_recorded(chosen: str | None, identity: str | None, how: Reading) -> tuple[Any, ...]:
        if not chosen or not identity:
            return openly(BOTH_EMPTY)
        with problems_shown():
            return openly(recorded_both(read_finished(chosen), identity, how))

    def answer(chosen: str | None, *values: Any) -> Iterator[tuple[Any, ...]]:
        with problems_shown():
            for base, aligned in ask_both(models, chosen, *values):
                yield duel_waits(base, aligned), None, gr.Button(visible=False)
            if base.phase == "done" and aligned is not None and aligned.phase == "done":
                drawn = new_duel(base, aligned, (base.model, f"{base.model} + {chosen}"))
                yield duel_cards(drawn), drawn, gr.Button(visible=True)

    def choose(
        seen: Duel | None, voter_now: str, pressed: gr.EventData
    ) -> tuple[str, Duel, gr.Button]:
        with problems_shown():
            after = cast_on(box, seen, checked_voter(voter_now), *pressed_on(pressed))
            return duel_cards(after), after, gr.Button(visible=not after.all_open)

    def show_all(seen: Duel | None) -> tuple[Any, ...]:
        if seen is None:
            return gr.skip(), None, gr.Button(visible=False)
        after = dataclasses.replace(seen, shown=True)
        return duel_cards(after), after, gr.Button(visible=False)

    outputs = [answers, duel, reveal]
    name.change(offer, name, [recorded, why_not, live, *outputs], **QUIET)
    recorded.input(show_recorded, [name, recorded, reading], outputs, **QUIET)
    button.click(
        answer,
        [name, *form.inputs],
        outputs,
        scroll_to_output=True,
        concurrency_limit=4,
        **QUIET,
    ).success(None, js=TO_THE_VOTE % "both-answers", **QUIET)
    answers.click(choose, [duel, voter], outputs, **QUIET)
    reveal.click(show_all, duel, outputs, **QUIET)


def openly(shown: str) -> tuple[Any, ...]:
    """Return what is shown with no duel to vote in and nothing left to reveal."""
    return shown, None, gr.Button(visible=False)


def recorded_both(run: Finished, identity: str, reading: Reading) -> str:
    """Return a held-out question as both models answered it; raises CalmError for no such one."""
    versions = run.groups.get(identity)
    if versions is None:
        raise CalmError("The run has no such held-out question. Choose one of the list.")
    rows = run.evaluations[identity]
    base, aligned = replayed_both(rows, list(versions.values()), run.model, reading)
    return note("As recorded when the run was measured.") + both_models(base, aligned)


def why_not_asked(models: Models, run: Run) -> str:
    """Return why a run's models cannot be asked anew; nothing where they can."""
    if models.is_absent:
        return (
            "These answers are as they were recorded. Asking anew needs the model "
            f"{run.config.model}: start the app with it."
        )
    if run.config.model != models.name:
        return (
            f"The run {run.name} aligned {run.config.model}, but the model here is {models.name}. "
            "Start the app with CALM_MODEL set to that model to ask anew."
        )
    if not run.adapter.is_dir():
        return (
            f"The run {run.name} came without its adapter: its answers can be replayed, but "
            "nothing can be asked anew."
        )
    return ""


def ask_both(
    models: Models, name: str | None, *values: Any
) -> Iterator[tuple[Asked, Asked | None]]:
    """Ask the base model, then the same model with the run's adapter; yield both as they grow."""
    run = run_named(name or "")
    if why := why_not_asked(models, run):
        raise CalmError(why)
    order = read_form(*values)
    base = None
    for base in ask(models, order, threading.Event()):
        yield base, None
    aligned_order = dataclasses.replace(order, adapter=run.adapter)
    for aligned in ask(models, aligned_order, threading.Event()):
        yield base, aligned  # type: ignore[misc]
