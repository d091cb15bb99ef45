"""Every setting of a run by its one name: what flags, endpoints and controls are made of.

A setting is a field of `RunConfig` or of a part of it that has a help. One name may stand for a
field of two parts: there is one seed. What a field calls `None` is 0, or nothing, here.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from calm.checked import Limits, limits_of
from calm.config import RunConfig
from calm.errors import CalmError

NAMED = {("train", "precision"): "train_precision", ("pairs", "source"): "pairs_source"}
"""The fields whose own name would not tell what they are of."""
LOCAL = ("context", "passages", "passage_length")
"""Settings about a folder of this machine: the command line and programs set them, no page does."""
Place = tuple[str, str]
"""A part of `RunConfig`, or nothing for its own fields, and a field."""


@dataclass(frozen=True)
class Setting:
    """One setting: where it is kept, what it may be, what it is without being set."""

    name: str
    places: tuple[Place, ...]
    limits: Limits
    default: Any
    """As it is given from outside: 0, or an empty text, stands for `None`."""
    help: str
    """A text that begins with a capital and has no full stop."""

    @property
    def part(self) -> str:
        """The part that it belongs to; empty for what is asked, and by which model."""
        return self.places[0][0]

    @property
    def kind(self) -> Any:
        """The type of what is given from outside."""
        return self.limits.kind

    def given(self, value: Any) -> Any:
        """Return what is kept for a value from outside."""
        return None if self.limits.is_optional and not value else value

    def shown(self, value: Any) -> Any:
        """Return what stands outside for what is kept: `given` turned round."""
        if value is None:
            return "" if self.kind is str else 0
        return value


def _fields() -> Iterator[tuple[Place, Any, Any]]:
    """Yield the place, the type and the default of every field, part by part."""
    default = RunConfig()
    parts = {"": default} | {
        row.name: part
        for row in dataclasses.fields(default)
        if dataclasses.is_dataclass(part := getattr(default, row.name))
    }
    for part, values in parts.items():
        hints = get_type_hints(type(values), include_extras=True)
        for row in dataclasses.fields(values):
            yield (part, row.name), hints[row.name], getattr(values, row.name)


def _table() -> dict[str, Setting]:
    table: dict[str, Setting] = {}
    for place, hint, default in _fields():
        notes = [note.description for note in getattr(hint, "__metadata__", ())]
        if not notes:
            continue
        name = NAMED.get(place, place[1])
        places = (*(table[name].places if name in table else ()), place)
        setting = Setting(name, places, limits_of(hint), default, notes[0] or "")
        table[name] = dataclasses.replace(setting, default=setting.shown(default))
    return table


SETTINGS: Mapping[str, Setting] = _table()
"""The settings by name, in their order: what is asked, sampling, voting, pairs, training."""

PRESETS: Mapping[str, Mapping[str, float]] = {
    "quick": {
        "max_train_questions": 24,
        "max_held_out_questions": 16,
        "num_samples": 2,
        "num_train_epochs": 2.0,
    },
    "balanced": {
        "max_train_questions": 0,
        "max_held_out_questions": 0,
        "num_samples": 4,
        "num_train_epochs": 2.0,
    },
    "thorough": {
        "max_train_questions": 0,
        "max_held_out_questions": 0,
        "num_samples": 8,
        "num_train_epochs": 3.0,
    },
}
"""How much is asked and learnt, in the settings' own names; 0 questions are all of them."""


def config_of(values: Mapping[str, Any], config: RunConfig | None = None) -> RunConfig:
    """Return the settings with these values in their place, by default over the defaults.

    Raises CalmError for a value that cannot be, KeyError for a name that is no setting.
    """
    kept = config or RunConfig()
    changes: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        for part, field in SETTINGS[name].places:
            changes.setdefault(part, {})[field] = SETTINGS[name].given(value)
    own = changes.pop("", {})
    parts = {
        part: dataclasses.replace(getattr(kept, part), **fields) for part, fields in changes.items()
    }
    return dataclasses.replace(kept, **own, **parts)


def preset(name: str) -> Mapping[str, float]:
    """Return the settings of a preset by their names; raises CalmError where there is none."""
    if name not in PRESETS:
        raise CalmError("preset.unknown", name=name[:40], presets=", ".join(PRESETS))
    return PRESETS[name]


def values_of(config: RunConfig) -> dict[str, Any]:
    """Return the value of every setting by its name: `config_of` turned round."""
    return {s.name: s.shown(value_at(config, s.places[0])) for s in SETTINGS.values()}


def value_at(config: RunConfig, place: Place) -> Any:
    """Return what the settings hold at a place."""
    part, field = place
    return getattr(getattr(config, part) if part else config, field)
