"""On the page `Align`: presets, and what an alignment will cost in time, before it starts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from calm.config import RunConfig
from calm.errors import CalmError
from calm.pipeline.costs import amount_of, costs
from calm.pipeline.power import smallest_of
from calm.settings import PRESETS, config_of, preset
from ui.align.own_pairs import pairs_in
from ui.align.views import cost_box, preset_label, smallest_in_words
from ui.ask.model_choice import checked_model
from ui.parts import lent_runs
from ui.parts.events import QUIET, problem_place, visibility
from ui.parts.html import html_place, note, warning
from ui.parts.measuring import Measuring
from ui.parts.models import NO_MODEL, Models
from ui.parts.rights import check_rights
from ui.text.words import say, word

LOOK_EVERY_SECONDS = 2.0
ConfigOf = Callable[[Mapping[str, Any]], RunConfig]
"""Returns the settings that the values of the controls, by name, stand for."""


@dataclass(frozen=True)
class Estimate:
    """The components of the estimate."""

    preset: gr.Radio
    cost: gr.HTML
    measure: gr.Button
    not_measured: gr.HTML
    timer: gr.Timer
    """Looks while the machine is being measured by itself."""
    measured: gr.State
    """Changes when it has been."""

    @property
    def outputs(self) -> list[Any]:
        return [self.preset, self.cost, self.measure]


def preset_choice() -> gr.Radio:
    """Lay out the choice of a preset."""
    return gr.Radio(
        [(word(f"align.preset.{name}"), name) for name in PRESETS],
        value="balanced",
        label=word("align.preset"),
        info=word("align.preset.info"),
        elem_id="align-preset",
        elem_classes="stacked",
    )


def estimate_panel(preset: gr.Radio, measuring: Measuring) -> Estimate:
    """Lay out what the alignment costs, and the button that measures the machine.

    The machine is measured by itself when the page is opened.
    """
    timer, measured = gr.Timer(LOOK_EVERY_SECONDS, active=False), gr.State(None)

    def begin(request: gr.Request) -> tuple[gr.Timer, bool]:
        measuring.begin(request)
        return look()

    def look() -> tuple[gr.Timer, bool]:
        return gr.Timer(active=measuring.is_going), measuring.is_going

    gr.on(None, begin, None, [timer, measured], **QUIET)
    timer.tick(look, None, [timer, measured], **QUIET)
    cost = html_place(elem_id="align-cost")
    button = gr.Button(word("align.measure"), visible="hidden", elem_id="align-measure")
    not_measured = problem_place("align-not-measured")
    return Estimate(preset, cost, button, not_measured, timer, measured)


def connect_estimate(
    models: Models,
    measuring: Measuring,
    estimate: Estimate,
    controls: dict[str, Any],
    config_of_controls: ConfigOf,
    anew: Sequence[Any],
) -> None:
    """Tell what the controls cost whenever one of them changes, and on the events `anew`.

    A preset fills the controls of its settings.
    """

    def reckon(**values: Any) -> tuple[gr.Radio, Markup, gr.Button]:
        return reckoned(config_of_controls, values, measuring.is_going)

    def choose(name: str) -> dict[Any, Any]:
        return {controls[setting]: value for setting, value in PRESETS[name].items()}

    def measure(request: gr.Request, name: str) -> Any:
        try:
            check_rights(request)
            yield note(say("align.measuring"), "busy"), gr.Button(interactive=False), ""
            lent_runs.measure(checked_model(models, name))
        except CalmError as problem:
            yield gr.skip(), gr.Button(interactive=True), warning(problem)
            return
        gr.Info(say("align.measured"))
        yield "", gr.Button(interactive=True), ""

    filled = [controls[setting] for setting in PRESETS["balanced"]]
    estimate.preset.input(choose, estimate.preset, filled, **QUIET)
    gr.on(
        [*(control.change for control in controls.values()), estimate.measured.change, *anew],
        reckon,
        None,
        estimate.outputs,
        inputs_kwargs=controls,
        trigger_mode="always_last",
        **QUIET,
    )
    estimate.measure.click(
        measure,
        controls["model"],
        [estimate.cost, estimate.measure, estimate.not_measured],
        **QUIET,
    ).success(reckon, None, estimate.outputs, inputs_kwargs=controls, **QUIET)


def reckoned(
    config_of_controls: ConfigOf, values: Mapping[str, Any], is_measuring: bool = False
) -> tuple[gr.Radio, Markup, gr.Button]:
    """Return the presets with their times, the costs of the controls, and whether to measure.

    Nobody has to while the machine is being measured by itself.
    """
    try:
        config = config_of_controls(values)
    except CalmError as problem:
        return gr.Radio(), warning(problem), gr.Button(visible="hidden")
    try:
        pairs = pairs_in(values["pairs_file"]) if config.pairs_given else None
        costs_of = {name: _cost(preset_of(config, name), pairs) for name in PRESETS}
        labels = [(preset_label(name, *cost), name) for name, cost in costs_of.items()]
        amount, parts = _cost(config, pairs)
    except CalmError as problem:
        return gr.Radio(), warning(problem), gr.Button(visible="hidden")
    presets = gr.Radio(labels, value=matching(config))
    if amount is None:
        return presets, note(say("align.cost.unknown")), gr.Button(visible="hidden")
    unmeasured = any(part.seconds is None for part in parts)
    soon = unmeasured and is_measuring
    shows = smallest_in_words(smallest_of(config, amount.held_out), amount.held_out)
    many = len(config.languages)
    box = cost_box(amount, parts, many, config.sampling.num_samples, soon, shows)
    offers = unmeasured and not soon and config.model != NO_MODEL
    return presets, box, gr.Button(visible=visibility(offers))


def preset_of(config: RunConfig, name: str) -> RunConfig:
    """Return the settings with those of a preset in their place."""
    return config_of(preset(name), config)


def matching(config: RunConfig) -> str | None:
    """Return the preset that the settings are, if any."""
    return next((name for name in PRESETS if preset_of(config, name) == config), None)


def _cost(config: RunConfig, pairs: int | None) -> tuple[Any, Any]:
    amount = amount_of(config, pairs)
    return amount, costs(config, amount) if amount else []
