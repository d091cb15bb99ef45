"""The form of a new run on the page `Align`: its controls by name, and the settings they stand for.

A control has the name of its setting. Beside them stand `run`, the name of the run, `public_set`,
the public set that is asked, `file`, the questions of an own set, and `pairs_file`, pairs that it
is to train on in place of votes.
"""

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from calm.config import BUILT_IN, RunConfig
from calm.errors import CalmError
from calm.pipeline.given_pairs import with_given_pairs
from calm.questions.public_sets import OF_HUB
from calm.questions.sets import load_questions
from calm.settings import LOCAL, SETTINGS, config_of, values_of
from ui.align.own_file import OwnFile, connect_own_file, own_file_area
from ui.align.own_pairs import own_pairs_area
from ui.align.public_set import FIRST, PUBLIC, known_set, public_set_area
from ui.ask.model_choice import model_field
from ui.asking.form import native_names
from ui.parts.events import QUIET
from ui.parts.models import Models
from ui.parts.settings import control_id, setting_control
from ui.text.words import word

PREFIX = "align"
OWN_FILE = "file"
SETS = {BUILT_IN: "built_in", OWN_FILE: "file", PUBLIC: "public"}
"""Question sets, and their keys among the words."""
ALWAYS_SEEN = (
    *("model", "question_set", "columns", "languages", "translate_online"),
    *("rule", "anchor", "max_train_questions"),
    *("max_held_out_questions", "num_samples", "pairs_source"),
    *("measure_languages", "train_topics", "measure_topics"),
)
"""The settings in the order of the path; all others but those of `LOCAL` are under *How it is
sampled and trained*."""
Controls = dict[str, Any]


def asked_form() -> tuple[Controls, OwnFile]:
    """Lay out what is asked; return its controls by name, and those of an own file."""
    question_set = gr.Radio(
        [(word(f"align.set.{key}"), value) for value, key in SETS.items()],
        value=SETTINGS["question_set"].default,
        label=word("setting.question_set"),
        info=word("setting.question_set.help"),
        elem_id=control_id("question_set", PREFIX),
        elem_classes="stacked",
    )
    public_set = public_set_area()
    own = own_file_area(control_id("columns", PREFIX))
    controls = {"question_set": question_set, "public_set": public_set}
    return controls | {"file": own.file, "columns": own.columns}, own


def settings_form(models: Models, own: OwnFile) -> Controls:
    """Lay out all other settings, in drawers, and return their controls by name."""
    controls: Controls = {}
    with gr.Accordion(word("align.settings"), elem_id="align-settings"):
        controls["languages"] = _language_control()
        controls["translate_online"] = setting_control("translate_online", PREFIX)
        controls["model"] = model_field(models, "setting.model", control_id("model", PREFIX))
        with gr.Row():
            for name in ("max_train_questions", "max_held_out_questions"):
                controls[name] = setting_control(name, PREFIX, min_width=120)
        for name in ("num_samples", "rule", "pairs_source"):
            controls[name] = setting_control(name, PREFIX, elem_classes="step")
        controls["pairs_file"] = own_pairs_area()
        controls["anchor"] = _anchor_control()
        controls["run"] = gr.Textbox(label=word("align.name"), max_length=64, elem_id="align-name")
    connect_own_file(own, controls["languages"])
    with gr.Accordion(word("align.how"), open=False, elem_id="align-how"):
        for part in ("sampling", "pairs", "train"):
            with gr.Accordion(word(f"align.how.{part}"), open=False, elem_id=f"align-how-{part}"):
                controls |= _part_controls(part)
        with gr.Accordion(word("align.how.elsewhere"), open=False, elem_id="align-how-elsewhere"):
            controls |= _elsewhere_controls()
    _show_anchor_with_its_rule(controls)
    return controls


def _part_controls(part: str) -> Controls:
    """Lay out the settings of a part that are not always seen; the model's precision samples."""
    names = [s.name for s in SETTINGS.values() if s.name not in (*ALWAYS_SEEN, *LOCAL)]
    of_part = [name for name in names if (SETTINGS[name].part or "sampling") == part]
    return {name: setting_control(name, PREFIX) for name in of_part}


def _language_control() -> gr.CheckboxGroup:
    return gr.CheckboxGroup(
        native_names(),
        value=list(SETTINGS["languages"].default),
        label=word("setting.languages"),
        info=word("setting.languages.help"),
        elem_classes="compact step",
        elem_id=control_id("languages", PREFIX),
    )


def _elsewhere_controls() -> Controls:
    """Lay out what is measured on that is not what is trained on."""
    named = sorted({question.topic for question in load_questions(BUILT_IN, ("en",))})
    topics = [(word(f"topic.{topic}"), topic) for topic in named]
    offered: dict[str, list[Any]] = {"measure_languages": native_names()}
    offered |= {"train_topics": topics, "measure_topics": topics}
    return {
        name: gr.Dropdown(
            choices,
            value=list(SETTINGS[name].default),
            label=word(f"setting.{name}"),
            info=word(f"setting.{name}.help"),
            multiselect=True,
            allow_custom_value=name != "measure_languages",
            elem_id=control_id(name, PREFIX),
        )
        for name, choices in offered.items()
    }


def _anchor_control() -> gr.Dropdown:
    return gr.Dropdown(
        [(word("setting.anchor.none"), ""), *native_names()],
        value=SETTINGS["anchor"].default,
        label=word("setting.anchor"),
        info=word("setting.anchor.help"),
        elem_id=control_id("anchor", PREFIX),
        visible="hidden",
    )


def _show_anchor_with_its_rule(controls: Controls) -> None:
    """Show the choice of an anchor where the rule builds on one; else there is none."""

    def show(rule: str) -> gr.Dropdown:
        return gr.Dropdown(visible=True) if rule == "anchor" else gr.Dropdown("", visible="hidden")

    controls["rule"].change(show, controls["rule"], controls["anchor"], **QUIET)


def settings_from(values: Mapping[str, Any], keep: Callable[[str], str] = str) -> RunConfig:
    """Return the settings that values by name stand for; those that are left out are the defaults.

    What `keep` makes of an own question file is its name: `kept_file` keeps it for a run.
    Raises CalmError where a number is empty, there is no file, or a value cannot be.
    """
    given = {name: values[name] for name in SETTINGS if name in values and name not in LOCAL}
    if any(given[name] is None for name in given if SETTINGS[name].kind in (int, float)):
        raise CalmError("estimate.fill")
    if given.get("question_set") == OWN_FILE:
        file = values.get("file")
        if not file:
            raise CalmError("questions.no-file")
        given["question_set"] = keep(file)
    elif given.get("question_set") == PUBLIC:
        given["question_set"] = known_set(values.get("public_set"))
    lists = [name for name in given if SETTINGS[name].kind == tuple[str, ...]]
    given |= {name: tuple(given[name] or ()) for name in lists}
    config = config_of(given)
    return with_given_pairs(config) if values.get("pairs_file") else config


def form_values(config: RunConfig) -> dict[str, Any]:
    """Return what the controls show for these settings: `settings_from` turned round.

    Files stay where they were uploaded and have to be chosen again.
    """
    files = {"file": None, "pairs_file": None}
    values = {k: list(v) if isinstance(v, tuple) else v for k, v in values_of(config).items()}
    values = {name: value for name, value in values.items() if name not in LOCAL}
    values |= files | {"public_set": FIRST}
    if config.question_set in OF_HUB:
        values |= {"question_set": PUBLIC, "public_set": config.question_set}
    elif config.question_set != BUILT_IN:
        values["question_set"] = OWN_FILE
    return values
