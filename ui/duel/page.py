"""The page `Duel`: one question to two models, as it was recorded or asked now, and a blind ballot.

It begins with questions that the run in sight fixed.
"""

import dataclasses
import threading
from collections.abc import Iterator
from typing import Any

import gradio as gr
from markupsafe import Markup

from calm.asking.ask import Order
from calm.ballots.box import BallotBox
from calm.config import UNNAMED
from calm.errors import CalmError
from calm.model_names import called
from calm.runs.folder import Run
from ui.asking.answerers import BASE, answerers, is_of, two_answerers
from ui.asking.ballot_views import duel_cards
from ui.asking.compare_views import both_models
from ui.asking.duel import cast_on, drawn_sides, is_all_open
from ui.asking.finished import Finished, read_finished
from ui.asking.form import question_form, read_form, with_choices
from ui.asking.readers import reader_version
from ui.asking.records import Duel
from ui.asking.replay import replayed_both
from ui.asking.visits import Visits
from ui.asking.voters import SEND_BALLOT, checked_voter, pressed_on
from ui.asking.worker import ask_both
from ui.duel.examples import changed_most
from ui.parts.events import (
    QUIET,
    TO_THE_PROBLEM,
    TO_THE_VOTE,
    in_place,
    problem_place,
    problems_shown,
    visibility,
)
from ui.parts.html import html_place, note, note_word, warning
from ui.parts.models import Models
from ui.parts.runs import run_named
from ui.text.problems import say_message
from ui.text.words import say, word


def duel_page(models: Models, box: BallotBox, voter: gr.BrowserState, tab: gr.Tab) -> gr.Dropdown:
    """Lay the page out and connect it; return the component that says which run is in sight.

    `voter` knows the browser, whose ballots between two models go into the box; whoever comes to
    the `tab` sees who can be asked then.
    """
    duel, visits = gr.State(None), Visits()
    with gr.Row(elem_classes="page"):
        with gr.Column(scale=2, min_width=320):
            name = gr.Dropdown([], label=word("compare.run"), elem_id="duel-run")
            fixed = gr.Dataset(
                components=["textbox"],
                samples=[],
                label=word("duel.examples"),
                elem_id="duel-examples",
                elem_classes="samples",
            )
            recorded = gr.Dropdown([], label=word("duel.recorded"), elem_id="both-recorded")
            why_not = html_place(elem_id="both-why-not")
            with gr.Column(visible=visibility(not models.is_absent), elem_id="duel-live") as live:
                first, second = (
                    gr.Dropdown([], label=word(f"duel.{place}"), elem_id=f"both-{place}")
                    for place in ("first", "second")
                )
                form = question_form(
                    "both", word("duel.button"), choices_open=True, has_examples=False
                )
        with gr.Column(scale=5, min_width=320):
            answers = html_place(
                note_word("duel.empty"), elem_id="both-answers", js_on_load=SEND_BALLOT
            )
            not_cast = problem_place("both-not-cast")
            reveal = gr.Button(word("duel.reveal"), visible="hidden", elem_id="both-reveal")

    def offer(chosen: str | None) -> tuple[Any, ...]:
        return offered(models, chosen)

    def offer_two(chosen: str | None, one: str | None, other: str | None) -> tuple[Any, ...]:
        return offered_now(models, chosen, one, other)

    def fill(chosen: str | None, sample: list[str]) -> tuple[Any, ...]:
        with problems_shown():
            return filled(chosen, sample)

    def answer(
        request: gr.Request,
        chosen: str | None,
        one: str | None,
        other: str | None,
        **values: Any,
    ) -> Iterator[tuple[Any, ...]]:
        stop_it = visits.begin(request.session_hash)
        try:
            order = of_run(chosen, with_choices(read_form(values)))
            if chosen and len(answerers(models)) < 2:
                yield openly(recorded_both(read_finished(chosen), order.question.id))
            else:
                answers_now = asked_now(models, order, (one or "", other or ""), stop_it)
                yield from visits.while_latest(request.session_hash, stop_it, answers_now)
        except CalmError as problem:
            yield openly(warning(problem))

    def choose(seen: Duel | None, voter_now: str, pressed: gr.EventData) -> tuple[Any, ...]:
        return chosen_between(box, seen, voter_now, *pressed_on(pressed))

    def stop_asking(request: gr.Request) -> None:
        visits.stop(request.session_hash)

    outputs = [answers, duel, reveal]
    name.change(offer, name, [fixed, recorded, why_not, live, first, second, *outputs], **QUIET)
    tab.select(offer_two, [name, first, second], [why_not, live, first, second], **QUIET)
    recorded.input(show_recorded, [name, recorded], outputs, **QUIET)
    example = fixed.click(fill, [name, fixed], [*form.question, form.languages], **QUIET)
    asked_of = {"chosen": name, "one": first, "other": second}
    for event in (form.button.click, example.success):
        event(
            answer,
            None,
            outputs,
            inputs_kwargs={**asked_of, **form.controls},
            scroll_to_output=True,
            concurrency_limit=4,
            **QUIET,
        ).success(None, js=TO_THE_VOTE % "both-answers", **QUIET)
    form.stop.click(stop_asking, None, None, queue=False, **QUIET)
    answers.click(choose, [duel, voter], [*outputs, not_cast], **QUIET).success(
        None, not_cast, js=TO_THE_PROBLEM % "both-not-cast", **QUIET
    )
    gr.on([form.button.click, fixed.click, recorded.input], lambda: "", None, not_cast, **QUIET)
    reveal.click(show_all, duel, outputs, **QUIET)
    return name


def asked_now(
    models: Models, order: Order, keys: tuple[str, str], stop: threading.Event
) -> Iterator[tuple[Any, ...]]:
    """Yield the duel as it grows: its cards, the record, and whether it can be revealed.

    `keys` name the two that are asked; raises CalmError where they cannot be.
    """
    two, turned = two_answerers(models, *keys), drawn_sides(order.languages)
    for seen in ask_both(models, order, two, stop):
        asked = Duel(*seen, turned)
        can_reveal = asked.is_ready and not is_all_open(asked)
        yield (
            duel_cards(asked, models.message()),
            asked,
            gr.Button(visible=visibility(can_reveal)),
        )


def show_recorded(chosen: str | None, identity: str | None) -> tuple[Any, ...]:
    """Return a held-out question of a run as both models answered it, or what is wrong."""
    if not chosen or not identity:
        return openly(note(say("duel.empty")))
    try:
        return openly(recorded_both(read_finished(chosen), identity))
    except CalmError as problem:
        return openly(warning(problem))


def show_all(seen: Duel | None) -> tuple[Any, ...]:
    """Return a duel with which is which shown everywhere; then no ballot is left to cast."""
    if seen is None or not seen.is_ready:
        return gr.skip(), None, gr.Button(visible="hidden")
    after = dataclasses.replace(seen, shown=True)
    return duel_cards(after), after, gr.Button(visible="hidden")


def offered(models: Models, chosen: str | None) -> tuple[Any, ...]:
    """Return the examples and recorded questions of a run and two models to ask, or what is wrong.

    The last three outputs are those of the answers, which are none yet.
    """
    nothing = gr.Dataset(samples=[]), gr.Dropdown([], value=None)
    empty = openly(note(say("duel.empty")))
    if not chosen:
        return *nothing, "", *two_of(models, BASE, None), *empty
    try:
        run, why = read_finished(chosen), why_not_asked(models, run_named(chosen))
    except CalmError as problem:
        return *nothing, warning(problem), *two_of(models, BASE, None), *empty
    listed = [(reader_version(list(v.values())).text, key) for key, v in run.groups.items()]
    return (
        examples_of(run),
        gr.Dropdown(listed, value=None),
        note(why),
        *two_of(models, BASE, chosen),
        *empty,
    )


def examples_of(run: Finished) -> gr.Dataset:
    """Return buttons with the questions that the run fixed most; none where it changed none."""
    found = changed_most(run.comparisons["response"])
    return gr.Dataset(
        samples=[[identity] for identity in found.questions],
        sample_labels=[
            reader_version(list(run.groups[identity].values())).text for identity in found.questions
        ],
        label=say("duel.examples" if found.are_fixed else "duel.examples.changed"),
    )


def filled(chosen: str | None, sample: list[str]) -> tuple[str, str, str, str, list[str]]:
    """Return what fills the form with a held-out question of a run, in the run's languages.

    Raises CalmError for a question that the run does not have.
    """
    versions = read_finished(chosen or "").groups.get(next(iter(sample), ""))
    if versions is None:
        raise CalmError("question.not-held-out")
    known = list(versions.values())
    mine = reader_version(known)
    question = mine if mine.language in versions else known[0]
    choices = "\n".join(question.choices)
    return question.text, choices, question.language, question.text, list(versions)


def of_run(chosen: str | None, order: Order) -> Order:
    """Return what is asked with all versions of it that the run has, if it is one of its questions.

    So a question of somebody's own file is asked in the words that the run asked it in.
    """
    asked = order.question
    groups = read_finished(chosen).groups if chosen else {}
    for versions in groups.values():
        mine = versions.get(asked.language)
        if mine is not None and (mine.text, mine.choices) == (asked.text, asked.choices):
            return dataclasses.replace(order, question=mine, known={**order.known, **versions})
    return order


def offered_now(
    models: Models, chosen: str | None, one: str | None, other: str | None
) -> tuple[Any, ...]:
    """Return why the models of the run in sight cannot be asked, and the two that can be.

    Another model may have been loaded since the run was chosen.
    """
    try:
        why = note(why_not_asked(models, run_named(chosen))) if chosen else ""
    except CalmError as problem:
        why = warning(problem)
    return why, *two_of(models, one, other)


def chosen_between(
    box: BallotBox, seen: Duel | None, voter: str, code: str, opinion: str
) -> tuple[Any, ...]:
    """Keep a ballot between two models; return the answers with it, at last what is wrong."""
    try:
        after = cast_on(box, seen, checked_voter(voter), code, opinion)
    except CalmError as problem:
        return in_place(problem, 3)
    return duel_cards(after), after, gr.Button(visible=visibility(not is_all_open(after))), ""


def openly(shown: Markup) -> tuple[Any, ...]:
    """Return what is shown with no duel to vote in and nothing left to reveal."""
    return shown, None, gr.Button(visible="hidden")


def two_of(models: Models, one: str | None, other: str | None) -> tuple[gr.Column, Any, Any]:
    """Return whether two models can be asked, and the choices of the first and of the second.

    What was chosen stays so while it is there; else the base model and the newest adapter are.
    """
    found = answerers(models)
    keys = [who.key for who in found]
    choices = [
        (say("duel.base-model", model=who.name) if who.key == BASE else who.name, who.key)
        for who in found
    ]
    fallback = dict(enumerate(keys))
    return (
        gr.Column(visible=visibility(len(found) > 1)),
        gr.Dropdown(choices, value=one if one in keys else fallback.get(0)),
        gr.Dropdown(choices, value=other if other in keys else fallback.get(1)),
    )


def recorded_both(run: Finished, identity: str) -> Markup:
    """Return a held-out question as both models answered it; raises CalmError for no such one."""
    versions = run.groups.get(identity)
    if versions is None:
        raise CalmError("question.not-held-out")
    rows = run.evaluations[identity]
    base, aligned = replayed_both(rows, list(versions.values()), run.model, "response")
    sides = ((say("duel.base"), base), (say("duel.aligned"), aligned))
    return note(say("duel.as-recorded")) + both_models(sides)


def why_not_asked(models: Models, run: Run) -> str:
    """Return why a run's models cannot be asked anew; nothing where they can."""
    if run.config.model == UNNAMED:
        return say_message("run.imported-unnamed", folder=run.name)
    if models.is_absent:
        return say("duel.needs", model=called(run.config.model))
    if not is_of(run, models):
        return say(
            "duel.other-model",
            run=run.name,
            model=called(run.config.model),
            here=models.called,
        )
    if not run.adapter.is_dir():
        return say("duel.no-adapter", run=run.name)
    return ""
