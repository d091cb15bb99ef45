"""Controls of settings, made of their table: the same words, limits and defaults on every page."""

import contextlib
from typing import Any

import gradio as gr

from calm.config import BUILT_IN
from calm.errors import CalmError
from calm.questions.public_sets import is_public, named_set
from calm.settings import SETTINGS, Setting
from ui.text.words import is_word, say, word

STEPS = {"num_samples": 1, "temperature": 0.05, "min_vote_share": 0.05}
"""Settings that are set on a slider, from limit to limit, and how finely."""
WORDS = {
    "prompt_format": "setting.prompt_format",
    "pairs_source": "setting.pairs_source",
    "method": "setting.method",
    "pair_weights": "setting.pair_weights",
    "rule": "votes.rule",
    "precision": "setting.precision",
    "train_precision": "setting.precision",
    "reference": "setting.reference",
    "report_to": "setting.report_to",
}
"""Settings whose options have words, and where these stand. Other options go by their names."""
STACKED = 3
"""More options than these stand one below the other."""


def setting_control(name: str, prefix: str, **look: Any) -> Any:
    """Lay out the control of a setting; its element id is the prefix and the setting's name."""
    setting = SETTINGS[name]
    told: dict[str, Any] = {
        "value": setting.default,
        "label": word(f"setting.{name}"),
        "info": word(f"setting.{name}.help"),
        "elem_id": control_id(name, prefix),
        **look,
    }
    if setting.kind is bool:
        return gr.Checkbox(**told)
    if setting.limits.options:
        return _choice(setting, told)
    if name in STEPS:
        told |= {"minimum": setting.limits.lowest, "maximum": setting.limits.highest}
        return gr.Slider(step=STEPS[name], **told)
    if setting.kind in (int, float):
        return gr.Number(precision=0 if setting.kind is int else None, **told)
    raise KeyError(f"{name} is a text: its page lays it out")


def set_name(question_set: str) -> str:
    """Return what the reader calls a question set; a file is not named by where it lies."""
    if is_public(question_set):
        with contextlib.suppress(CalmError):  # a run of elsewhere may name anything
            named = named_set(question_set)
            return named.title if named else ""
    return say("history.set.built-in" if question_set == BUILT_IN else "history.set.own")


def control_id(name: str, prefix: str) -> str:
    return f"{prefix}-{name.replace('_', '-')}"


def _choice(setting: Setting, told: dict[str, Any]) -> gr.Radio:
    options = setting.limits.options
    keys = {option: f"{WORDS.get(setting.name)}.{option}" for option in options}
    choices = [(word(k) if is_word(k) else option, option) for option, k in keys.items()]
    stacked = " stacked" if sum(map(is_word, keys.values())) > STACKED else ""
    look = f"{told.pop('elem_classes', '')}{stacked}".strip()
    return gr.Radio(choices, elem_classes=look or None, **told)
