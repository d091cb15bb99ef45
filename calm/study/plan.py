"""The plan of a study: a YAML file that says which settings are tried against each other.

`settings` hold for all, `grid` gives several values to a setting and is gone through in every
combination, `arms` are settings under a name of their own. What is wrong is said with its line.
Any setting of `calm.settings` may stand in each of them.
"""

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from calm.config import BUILT_IN
from calm.errors import CalmError
from calm.model_names import full_name
from calm.pipeline.stages import LAST, STAGES
from calm.questions.public_sets import full_set_name, is_public
from calm.records import Reading
from calm.runs.folder import NAME
from calm.settings import SETTINGS, Setting, config_of, preset
from calm.study.yaml_lines import Lines, parsed

FIELDS = (
    *("name", "title", "preset", "settings", "grid", "arms"),
    *("until", "against", "reading", "limits"),
)
MOST_CHARACTERS = 100_000
MOST_RUNS = 500
"""A plan of more alignments is taken for a mistake."""
LONGEST = 80
"""Of a title, or of the name of an arm."""


@dataclass(frozen=True)
class Plan:
    """What a study tries."""

    name: str
    title: str
    settings: Mapping[str, Any]
    """What holds for every run."""
    grid: Mapping[str, tuple[Any, ...]]
    """Settings and the values that each is tried with."""
    arms: Mapping[str, Mapping[str, Any]]
    """Settings under a name, each tried with the whole grid; one without a name where none is."""
    until: str
    """The stage that each run ends after."""
    against: str
    """The arm that the others are held against, beside the base model; empty for none."""
    reading: Reading
    """How the answers that are compared are read."""
    most_runs: int
    most_hours: float | None
    """No run begins after so many hours; `None` for no end."""
    text: str = field(repr=False)
    """As it was written."""


def read_plan(file: Path, name: str = "") -> Plan:
    """Return the plan of a file; `name` takes the place of its own name.

    Raises CalmError where it cannot be read, and as `plan_of` does.
    """
    try:
        if file.stat().st_size > MOST_CHARACTERS:
            raise CalmError("study.too-long", path=file, most=MOST_CHARACTERS)
        text = file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise CalmError("file.unreadable", path=file, reason=error) from None
    return plan_of(text, name or file.stem, str(file), is_named=bool(name))


def plan_of(text: str, name: str, path: str, is_named: bool = True) -> Plan:
    """Return the plan that a text says.

    `name` is that of the study, where the text has no `name` or `is_named`. Raises CalmError, with
    the line of `path`, for what is no plan.
    """
    if len(text) > MOST_CHARACTERS:
        raise CalmError("study.too-long", path=path, most=MOST_CHARACTERS)
    data, lines = parsed(text, path)
    if not isinstance(data, dict):
        raise CalmError("study.no-plan", path=path, fields=", ".join(FIELDS))
    return _Reader(data, lines, path).plan(text, name, is_named)


class _Reader:
    """Checks a plan field by field, and tells the line of what is wrong."""

    def __init__(self, data: dict[str, Any], lines: Lines, path: str) -> None:
        self._data, self._lines, self._path = data, lines, path

    def plan(self, text: str, name: str, is_named: bool) -> Plan:
        for key in self._data:
            self._at((key,), _known, key, FIELDS)
        settings = {**self._preset(), **self._settings(("settings",))}
        grid, arms = self._grid(), self._arms()
        if not grid and not arms:
            raise CalmError("study.nothing-to-try", path=self._path)
        given = self._text("name", NAME.pattern, NAME.fullmatch) or name
        limits = self._limits()
        return Plan(
            name=name if is_named else given,
            title=self._text("title", f"1 … {LONGEST}", lambda text: len(text) <= LONGEST),
            settings=settings,
            grid=grid,
            arms=arms or {"": {}},
            until=self._one_of("until", tuple(STAGES), LAST),
            against=self._text("against", f"1 … {LONGEST}", lambda text: len(text) <= LONGEST),
            reading=self._one_of("reading", get_args(Reading), "response"),
            most_runs=int(limits.get("runs", MOST_RUNS)),
            most_hours=limits.get("hours"),
            text=text,
        )

    def _at(self, path: tuple[Any, ...], do: Callable[..., Any], *given: Any) -> Any:
        """Do it, and tell a problem with the line of what stands at `path`."""
        try:
            return do(*given)
        except CalmError as problem:
            line = self._lines.get(path, 1)
            raise CalmError(
                "study.in-line", path=self._path, line=line, problem=problem.message
            ) from None

    def _mapping(self, path: tuple[Any, ...], value: Any) -> dict[str, Any]:
        def check() -> dict[str, Any]:
            if not isinstance(value, dict):
                raise CalmError("study.no-mapping", field=".".join(map(str, path)))
            return value

        found: dict[str, Any] = self._at(path, check)
        return found

    def _text(self, name: str, allowed: str, fits: Callable[[str], Any]) -> str:
        def check() -> str:
            value = self._data.get(name, "")
            if not isinstance(value, str) or (value and not fits(value)):
                raise _cannot_be(name, value, allowed)
            return value

        found: str = self._at((name,), check)
        return found

    def _one_of(self, name: str, allowed: tuple[str, ...], default: str) -> Any:
        def check() -> str:
            value = self._data.get(name, default)
            if value not in allowed:
                raise _cannot_be(name, value, " | ".join(allowed))
            return str(value)

        return self._at((name,), check)

    def _preset(self) -> Mapping[str, Any]:
        name = self._data.get("preset")
        found: Mapping[str, Any] = {}
        if name is not None:
            found = self._at(("preset",), preset, str(name))
        return found

    def _settings(self, path: tuple[Any, ...]) -> dict[str, Any]:
        """Return the settings that stand at a place, by name; none where there is nothing."""
        value: Any = self._data
        for step in path:
            value = value.get(step)
        given = {} if value is None else self._mapping(path, value)
        return {name: self._at((*path, name), setting_value, name, given[name]) for name in given}

    def _grid(self) -> dict[str, tuple[Any, ...]]:
        if self._data.get("grid") is None:
            return {}
        given = self._mapping(("grid",), self._data["grid"])
        return {name: tuple(self._values(name, given[name])) for name in given}

    def _values(self, name: str, values: Any) -> Iterator[Any]:
        path = ("grid", name)

        def check() -> list[Any]:
            _known(name, SETTINGS)
            if not isinstance(values, list) or not values:
                raise CalmError("study.no-list", field=f"grid.{name}")
            return values

        seen: list[Any] = []
        for place, value in enumerate(self._at(path, check)):
            found = self._at((*path, place), setting_value, name, value)
            if found not in seen:
                seen.append(found)
                yield found

    def _arms(self) -> dict[str, dict[str, Any]]:
        if self._data.get("arms") is None:
            return {}
        given = self._mapping(("arms",), self._data["arms"])
        for name in given:
            self._at(("arms", name), _check_arm, name)
        return {name: self._settings(("arms", name)) for name in given}

    def _limits(self) -> dict[str, float]:
        if self._data.get("limits") is None:
            return {}
        given = self._mapping(("limits",), self._data["limits"])
        most = {"runs": float(MOST_RUNS), "hours": 10_000.0}

        def check(name: str) -> float:
            _known(name, most)
            value = given[name]
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise _cannot_be(f"limits.{name}", value, f"> 0, ≤ {most[name]:g}")
            if not 0 < value <= most[name]:
                raise _cannot_be(f"limits.{name}", value, f"> 0, ≤ {most[name]:g}")
            return value

        return {name: self._at(("limits", name), check, name) for name in given}


def setting_value(name: object, value: Any) -> Any:
    """Return a setting's value as `config_of` takes it.

    Raises CalmError for a name that is no setting, and for a value that it cannot have.
    """
    _known(name, SETTINGS)
    setting = SETTINGS[str(name)]
    if setting.kind == tuple[str, ...]:
        value = _texts(setting, value)
    elif (
        isinstance(value, bool) != (setting.kind is bool)
        or not isinstance(value, str | int | float)
        or (isinstance(value, str) and setting.kind in (int, float))
    ):
        raise _cannot_be(setting.name, value, str(setting.limits))
    elif not isinstance(value, str) and setting.kind not in (int, float, bool):
        raise _cannot_be(setting.name, value, str(setting.limits) or "text")
    if setting.name == "model":
        value = full_name(value)
    if setting.name == "question_set":
        value = _whole_name(value)
    if setting.name == "context" and value:
        value = str(Path(value).expanduser().absolute())
    if setting.name != "anchor":  # which is none by itself: it goes with its rule
        config_of({setting.name: value})
    return value


def _whole_name(question_set: str) -> str:
    """Return what names a set wherever a study goes on: a file or a folder by its whole path."""
    if question_set == BUILT_IN or is_public(question_set):
        return full_set_name(question_set)
    file = Path(question_set).expanduser()
    return str(file.resolve()) if file.exists() else question_set


def _texts(setting: Setting, value: Any) -> tuple[str, ...]:
    """Return several texts, which may be given as one with commas between them."""
    rows = value.split(",") if isinstance(value, str) else value
    if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
        raise _cannot_be(setting.name, value, "en, fr, …")
    return tuple(row.strip() for row in rows if row.strip())


def _known(name: object, names: Any) -> None:
    if name not in names:
        near = difflib.get_close_matches(str(name), list(names), 3, 0.5)
        raise CalmError("study.unknown", name=repr(name)[:LONGEST], known=", ".join(near or names))


def _check_arm(name: object) -> None:
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST or "|" in name:
        raise _cannot_be("arms", name, f"1 … {LONGEST}")


def _cannot_be(name: str, value: Any, allowed: str) -> CalmError:
    shown = repr(value) if isinstance(value, str) else str(value)
    return CalmError("setting.out-of-range", name=name, value=shown[:LONGEST], allowed=allowed)
