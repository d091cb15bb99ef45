"""Values for settings, made from what the table allows."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from calm.config import RunConfig
from calm.settings import SETTINGS, Setting

TEXTS: dict[str, Any] = {
    "model": "another/model",
    "question_set": "xcsqa",
    "anchor": "fr",
    "columns": "text=Frage,choices=A|B",
    "context": "/texts",
    "languages": ("en", "fr"),
    "measure_languages": ("ko", "tr"),
    "train_topics": ("nature",),
    "measure_topics": ("body", "science"),
}
"""Other values of settings that are texts: no type tells what they may be."""
NUMBERS = tuple(s.name for s in SETTINGS.values() if s.kind in (int, float))


def another(setting: Setting) -> Any:
    """Return a value that is allowed and not the default."""
    if setting.name in TEXTS:
        return TEXTS[setting.name]
    if setting.kind is bool:
        return not setting.default
    if setting.limits.options:
        return next(o for o in reversed(setting.limits.options) if o != setting.default)
    if setting.kind is int:
        return max(setting.default, setting.limits.lowest) + 1
    if setting.default == setting.limits.lowest:
        return setting.default + 0.5
    return (setting.default + (setting.limits.lowest or 0)) / 2


def with_what_it_needs(name: str) -> dict[str, Any]:
    """Return another value of a setting by its name, and those without which it cannot be."""
    needed = {"rule": "anchor"} if name == "anchor" else {}
    return {**needed, name: another(SETTINGS[name])}


def beyond(setting: Setting) -> list[float]:
    """Return numbers that are not allowed, one beyond each limit."""
    limits = dict(setting.limits.bounds)
    off = {"ge": -1, "gt": 0, "le": 1, "lt": 0}
    return [value + off[name] for name, value in limits.items() if value + off[name] != 0] or [-1]


def refusal(setting: Setting, value: float) -> str:
    """Return what is said of a value that is not allowed."""
    field = setting.places[0][1]
    return f"{field} is {setting.kind(value)}, but must be {setting.limits}."


def places() -> Iterator[tuple[str, str]]:
    """Yield the part and the name of every field of a run's settings."""
    config = RunConfig()
    for row in dataclasses.fields(config):
        part = getattr(config, row.name)
        if dataclasses.is_dataclass(part):
            yield from ((row.name, inner.name) for inner in dataclasses.fields(part))
        else:
            yield "", row.name
