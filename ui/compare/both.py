"""On the page `Compare`: one question to two models, as it was recorded or asked now."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import gradio as gr
from markupsafe import Markup

from calm.ballots.box import BallotBox
from calm.errors import CalmError
from calm.model_names import called
from calm.records import Reading
from calm.runs.folder import Run
from ui.ask.page import Visits
from ui.asking.answerers import BASE, answerers, is_of, two_answerers
from ui.asking.ballot_views import duel_cards
from ui.asking.compare_views import both_models
from ui.asking.duel import cast_on, drawn_sides
from ui.asking.finished import Finished, read_finished
from ui.asking.form import question_form, read_form, with_choices
from ui.asking.readers import reader_version
from ui.asking.records import Duel
from ui.asking.replay import replayed_both
from ui.asking.voters import SEND_BALLOT, checked_voter, pressed_on
from ui.asking.worker import ask_both
from ui.parts.events import QUIET, TO_THE_PROBLEM, TO_THE_VOTE, in_place, problem_place, visibility
from ui.parts.html import html_place, note, note_word, warning
from ui.parts.models import Models
from ui.parts.runs import run_named
from ui.text.words import say, word


def both_section(
    models: Models,
    name: gr.Dropdown,
    reading: gr.Radio,
    box: BallotBox,
    voter: gr.BrowserState,
    tab: gr.Tab,
) -> None:
    """Lay the section out and connect it; `name` and `reading` say which run is shown, and how."""
    duel, visits = gr.State(None), Visits()
    with gr.Row(elem_classes="page"):
        with gr.Column(scale=2, min_width=320):
            recorded = gr.Dropdown([], label=word("compare.both.recorded"), elem_id="both-recorded")
            why_not = html_place(elem_id="both-why-not")
            with gr.Column(visible=visibility(not models.is_absent)) as live:
                first, second = (
                    gr.Dropdown([], label=word(f"compare.both.{place}"), elem_id=f"both-{place}")
                    for place in ("first", "second")
                )
                form = question_form("both", word("compare.both.button"), choices_open=True)
        with gr.Column(scale=5, min_width=320):
            answers = html_place(
                note_word("compare.both.empty"),
                elem_id="both-answers",
                js_on_load=SEND_BALLOT,
            )
            not_cast = problem_place("both-not-cast")
            reveal = gr.Button(word("duel.reveal"), visible="hidden", elem_id="both-reveal")

    def offer(chosen: str | None) -> tuple[Any, ...]:
        return offered(models, chosen)

    def offer_two(chosen: str | None, one: str | None, other: str | None) -> tuple[Any, ...]:
        return offered_now(models, chosen, one, other)

    def show_recorded(chosen: str | None, identity: str | None, how: Reading) -> tuple[Any, ...]:
        if not chosen or not identity:
            return openly(note(say("compare.both.empty")))
        try:
            return openly(recorded_both(read_finished(chosen), identity, how))
        except CalmError as problem:
            return openly(warning(problem))

    def answer(
        request: gr.Request, one: str | None, other: str | None, **values: Any
    ) -> Iterator[tuple[Any, ...]]:
        stop_it = visits.begin(request.session_hash)
        try:
            two = two_answerers(models, one or "", other or "")
            order = with_choices(read_form(values))
            turned = drawn_sides(order.languages)
            for seen in ask_both(models, order, two, stop_it):
                asked = Duel(*seen, turned)
                shown = duel_cards(asked, models.message())
                yield shown, asked, gr.Button(visible=visibility(asked.is_ready))
        except CalmError as problem:
            yield openly(warning(problem))

    def choose(seen: Duel | None, voter_now: str, pressed: gr.EventData) -> tuple[Any, ...]:
        return chosen_between(box, seen, voter_now, *pressed_on(pressed))

    def show_all(seen: Duel | None) -> tuple[Any, ...]:
        if seen is None or not seen.is_ready:
            return gr.skip(), None, gr.Button(visible="hidden")
        after = dataclasses.replace(seen, shown=True)
        return duel_cards(after), after, gr.Button(visible="hidden")

    def stop_asking(request: gr.Request) -> None:
        visits.stop(request.session_hash)

    outputs = [answers, duel, reveal]
    name.change(offer, name, [recorded, why_not, live, first, second, *outputs], **QUIET)
    tab.select(offer_two, [name, first, second], [why_not, live, first, second], **QUIET)
    recorded.input(show_recorded, [name, recorded, reading], outputs, **QUIET)
    form.button.click(
        answer,
        None,
        outputs,
        inputs_kwargs={"one": first, "other": second, **form.controls},
        scroll_to_output=True,
        concurrency_limit=4,
        **QUIET,
    ).success(None, js=TO_THE_VOTE % "both-answers", **QUIET)
    form.stop.click(stop_asking, None, None, queue=False, **QUIET)
    answers.click(choose, [duel, voter], [*outputs, not_cast], **QUIET).success(
        None, not_cast, js=TO_THE_PROBLEM % "both-not-cast", **QUIET
    )
    gr.on([form.button.click, recorded.input], lambda: "", None, not_cast, **QUIET)
    reveal.click(show_all, duel, outputs, **QUIET)


def offered(models: Models, chosen: str | None) -> tuple[Any, ...]:
    """Return the recorded questions of a run and the two models to ask, or what is wrong.

    The last three outputs are those of the answers, which are none yet.
    """
    empty = openly(note(say("compare.both.empty")))
    if not chosen:
        return gr.Dropdown([], value=None), "", *two_of(models, BASE, None), *empty
    try:
        run, why = read_finished(chosen), why_not_asked(models, run_named(chosen))
    except CalmError as problem:
        said = warning(problem)
        return gr.Dropdown([], value=None), said, *two_of(models, BASE, None), *empty
    listed = [(reader_version(list(v.values())).text, key) for key, v in run.groups.items()]
    return (
        gr.Dropdown(listed, value=None),
        note(why),
        *two_of(models, BASE, chosen),
        *empty,
    )


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
    return duel_cards(after), after, gr.Button(visible=visibility(not after.all_open)), ""


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
        (say("compare.both.base-model", model=who.name) if who.key == BASE else who.name, who.key)
        for who in found
    ]
    fallback = dict(enumerate(keys))
    return (
        gr.Column(visible=visibility(len(found) > 1)),
        gr.Dropdown(choices, value=one if one in keys else fallback.get(0)),
        gr.Dropdown(choices, value=other if other in keys else fallback.get(1)),
    )


def recorded_both(run: Finished, identity: str, reading: Reading) -> Markup:
    """Return a held-out question as both models answered it; raises CalmError for no such one."""
    versions = run.groups.get(identity)
    if versions is None:
        raise CalmError("question.not-held-out")
    rows = run.evaluations[identity]
    base, aligned = replayed_both(rows, list(versions.values()), run.model, reading)
    sides = ((say("compare.both.base"), base), (say("compare.both.aligned"), aligned))
    return note(say("compare.both.as-recorded")) + both_models(sides)


def why_not_asked(models: Models, run: Run) -> str:
    """Return why a run's models cannot be asked anew; nothing where they can."""
    if models.is_absent:
        return say("compare.both.needs", model=called(run.config.model))
    if not is_of(run, models):
        return say(
            "compare.both.other-model",
            run=run.name,
            model=called(run.config.model),
            here=models.called,
        )
    if not run.adapter.is_dir():
        return say("compare.both.no-adapter", run=run.name)
    return ""
