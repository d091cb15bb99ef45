"""The page `Align`: the form of a new run, what it will cost, and its start."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from calm.config import RunConfig
from calm.errors import CalmError
from calm.pipeline.enough import check_questions
from calm.pipeline.given_pairs import given_pairs, run_with_pairs
from calm.pipeline.run_questions import chosen_questions
from calm.pipeline.stages import trains
from calm.questions.public_sets import is_public
from calm.questions.sets import read_question_file
from calm.runs import jobs
from calm.runs.folder import Run, create_run
from ui.align.estimate import connect_estimate, estimate_panel, preset_choice
from ui.align.form import OWN_FILE, Controls, asked_form, settings_form, settings_from
from ui.align.kept import kept_file
from ui.align.watch import Watch
from ui.ask.model_choice import checked_model
from ui.parts import lent_runs
from ui.parts.events import QUIET, TO_THE_TOP_OF, in_place, problem_place
from ui.parts.measuring import Measuring
from ui.parts.models import NO_MODEL, Models
from ui.parts.rights import check_rights
from ui.parts.runs import checked_name, current_name, run_names
from ui.text.words import word


@dataclass(frozen=True)
class AlignPage:
    """The components that the rest of the page connects to."""

    controls: Controls
    """Those of a new run, by name."""
    run: gr.Dropdown
    to_compare: gr.Button


def align_page(models: Models, measuring: Measuring) -> AlignPage:
    """Lay the page out and connect it."""
    with gr.Row(elem_classes="page"):
        with gr.Column(scale=2, min_width=320):
            controls, own = asked_form()
            preset = preset_choice()
            at_once = gr.Button(word("align.at_once"), variant="primary", elem_id="align-button")
            estimate = estimate_panel(preset, measuring)
            look_first = gr.Button(word("align.look_first"), elem_id="align-look-button")
            not_started = problem_place("align-not-started")
            controls |= settings_form(models, own)
        with gr.Column(scale=5, min_width=320):
            watch = Watch()

    def with_model(values: Mapping[str, Any]) -> dict[str, Any]:
        return {**values, "model": checked_model(models, values["model"])}

    def starting(until: str | None) -> Callable[..., tuple[Any, ...]]:
        def start(request: gr.Request, **values: Any) -> tuple[Any, ...]:
            try:
                check_rights(request)
                if values["question_set"] == OWN_FILE and values["file"]:
                    file = Path(values["file"])
                    read_question_file(file, values["columns"])  # a wrong one is not kept
                config = settings_from(with_model(values), kept_file)
                pairs = Path(values["pairs_file"]) if values["pairs_file"] else None
                run = start_alignment(checked_name(values["run"]), config, until, pairs)
            except CalmError as problem:
                return in_place(problem, 2)
            return gr.Dropdown(run_names(), value=run.name), new_name(), ""

        return start

    for button, until in ((look_first, "pairs"), (at_once, None)):
        filled = [watch.name, controls["run"], not_started]
        started = button.click(starting(until), None, filled, inputs_kwargs=controls, **QUIET)
        started.success(None, not_started, js=TO_THE_TOP_OF % "align-run", **QUIET)
        started.success(watch.look_again, watch.name, watch.outputs, **QUIET)
    connect_estimate(
        models,
        measuring,
        estimate,
        controls,
        lambda values: settings_from(with_model(values)),
        [watch.result.change],
    )
    return AlignPage(controls, watch.name, watch.compare)


def start_alignment(
    name: str, config: RunConfig, until: str | None = None, pairs: Path | None = None
) -> Run:
    """Make the run, or find it with the same settings, and start its alignment.

    It ends after the stage `until`, where one is given, and trains on the `pairs` of a file in
    place of votes, where there is one. Raises CalmError while another is being
    aligned, where the app has no model, and for a question file that is not right, before anything
    is made.
    """
    busy = jobs.running()
    if busy is not None:
        raise CalmError("run.one-at-a-time", run=busy.name)
    if config.model == NO_MODEL:
        raise CalmError("model.none-to-align")
    if pairs is not None:
        run = run_with_pairs(name, config, given_pairs(pairs, config))
        lent_runs.start(run, until)
        return run
    if not is_public(config.question_set):
        chosen = chosen_questions(config)
        if until is None or trains(until):
            check_questions(config, chosen)
    run = create_run(name, config)
    lent_runs.start(run, until)
    return run


def new_name() -> str:
    """Return a name for the next run, from the clock."""
    return time.strftime("align-%Y%m%d-%H%M%S")


def shown_run(chosen: str | None = None) -> gr.Dropdown:
    """Return the choice of runs with `chosen`, else the running one, else the newest in sight."""
    names = run_names()
    return gr.Dropdown(names, value=chosen if chosen in names else current_name())
