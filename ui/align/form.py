"""The form of a new run on the page `Align`: its controls by name, and the settings they stand for.

A control has the name of its setting. Beside them stand `run`, the name of the run, and `file`,
the questions of its own set.
"""

import hashlib
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from calm.config import BUILT_IN, RunConfig
from calm.errors import CalmError
from calm.paths import calm_home
from calm.questions.files import SUFFIXES
from calm.questions.sets import XCSQA
from calm.settings import SETTINGS, config_of, values_of
from ui.ask.model_choice import model_field
from ui.asking.form import native_names
from ui.parts.events import QUIET, visibility
from ui.parts.models import Models
from ui.parts.settings import control_id, setting_control
from ui.text.words import word

PREFIX = "align"
OWN_FILE = "file"
SETS = {BUILT_IN: "built_in", OWN_FILE: "file", XCSQA: "xcsqa"}
"""Question sets, and their keys among the words."""
ALWAYS_SEEN = (
    *("model", "question_set", "languages", "translate_online", "max_train_questions"),
    *("max_held_out_questions", "num_samples", "pairs_source"),
)
"""The settings in the order of the path; all others are under *How it is sampled, voted ...*."""
Controls = dict[str, Any]


def new_run_form(models: Models) -> Controls:
    """Lay the form out and return its controls by name."""
    controls: Controls = {
        "model": model_field(models, "setting.model", control_id("model", PREFIX))
    }
    controls |= _question_controls()
    with gr.Row():
        for name in ("max_train_questions", "max_held_out_questions"):
            controls[name] = setting_control(name, PREFIX, min_width=120)
    controls["languages"] = _language_control()
    controls["translate_online"] = setting_control("translate_online", PREFIX)
    for name in ("num_samples", "pairs_source"):
        controls[name] = setting_control(name, PREFIX, elem_classes="step")
    controls["run"] = gr.Textbox(label=word("align.name"), max_length=64, elem_id="align-name")
    with gr.Accordion(word("align.how"), open=False, elem_id="align-how"):
        for part in ("sampling", "voting", "pairs", "train"):
            with gr.Accordion(word(f"align.how.{part}"), open=False, elem_id=f"align-how-{part}"):
                controls |= _part_controls(part)
    _show_anchor_with_its_rule(controls)
    return controls


def _part_controls(part: str) -> Controls:
    """Lay out the settings of a part that are not always seen; the model's precision samples."""
    names = [s.name for s in SETTINGS.values() if s.name not in ALWAYS_SEEN]
    of_part = [name for name in names if (SETTINGS[name].part or "sampling") == part]
    return {
        name: _anchor_control() if name == "anchor" else setting_control(name, PREFIX)
        for name in of_part
    }


def _question_controls() -> Controls:
    question_set = gr.Radio(
        [(word(f"align.set.{key}"), value) for value, key in SETS.items()],
        value=SETTINGS["question_set"].default,
        label=word("setting.question_set"),
        info=word("setting.question_set.help"),
        elem_id=control_id("question_set", PREFIX),
        elem_classes="step",
    )
    file = gr.File(
        label=word("align.file"),
        file_types=list(SUFFIXES),
        visible="hidden",
        elem_id="align-file",
    )
    question_set.change(
        lambda chosen: gr.File(visible=visibility(chosen == OWN_FILE)), question_set, file, **QUIET
    )
    return {"question_set": question_set, "file": file}


def _language_control() -> gr.CheckboxGroup:
    return gr.CheckboxGroup(
        native_names(),
        value=list(SETTINGS["languages"].default),
        label=word("setting.languages"),
        info=word("setting.languages.help"),
        elem_classes="compact step",
        elem_id=control_id("languages", PREFIX),
    )


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
    given = {name: values[name] for name in SETTINGS if name in values}
    if any(given[name] is None for name in given if SETTINGS[name].kind in (int, float)):
        raise CalmError("estimate.fill")
    if given.get("question_set") == OWN_FILE:
        file = values.get("file")
        if not file:
            raise CalmError("questions.no-file")
        given["question_set"] = keep(file)
    if "languages" in given:
        given["languages"] = tuple(given["languages"])
    return config_of(given)


def form_values(config: RunConfig) -> dict[str, Any]:
    """Return what the controls show for these settings: `settings_from` turned round.

    A question file stays where it was uploaded and has to be chosen again.
    """
    values = values_of(config) | {"file": None, "languages": list(config.languages)}
    if config.question_set not in (BUILT_IN, XCSQA):
        values["question_set"] = OWN_FILE
    return values


def kept_file(file: str | None) -> str:
    """Copy an uploaded question file to where it stays, so that its run can go on tomorrow."""
    if not file:
        raise CalmError("questions.no-file")
    source = Path(file)
    sum_of = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    kept = kept_files() / f"{sum_of}{source.suffix.lower()}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, kept)
    return str(kept)


def kept_files() -> Path:
    """Return the folder of the question files that were uploaded."""
    return calm_home() / "uploads"
