"""Frozen dataclasses that check their fields, and what is said of a value that cannot be."""

import dataclasses
import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, Literal, TypeVar, dataclass_transform, get_args, get_origin, get_type_hints

from pydantic import ValidationError
from pydantic.dataclasses import dataclass as validated

from calm.errors import CalmError

Part = TypeVar("Part")
SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
"""Pydantic's names of limits."""
BEYOND = frozenset(
    {"greater_than_equal", "greater_than", "less_than_equal", "less_than"}
    | {"literal_error", "finite_number"}
)
"""Pydantic's names of what is wrong with a value that is beyond its limits."""


@dataclass(frozen=True)
class Limits:
    """What a setting's type allows."""

    kind: Any
    """The type without its notes, and without the `None` that it may be."""
    is_optional: bool
    options: tuple[str, ...]
    """What it may be, where its type lists it."""
    bounds: tuple[tuple[str, float], ...]
    """Pydantic's name of each limit and its value, the lower one first."""

    @property
    def lowest(self) -> float | None:
        """The lower limit, whether or not it is allowed itself."""
        return next((value for name, value in self.bounds if name.startswith("g")), None)

    @property
    def highest(self) -> float | None:
        """The upper limit, whether or not it is allowed itself."""
        return next((value for name, value in self.bounds if name.startswith("l")), None)

    def __str__(self) -> str:
        """Return what is allowed: `0 … 5`, `> 0, ≤ 1`, `votes | ballots`."""
        if self.options:
            return " | ".join(self.options)
        if [name for name, _ in self.bounds] == ["ge", "le"]:
            return f"{self.lowest} … {self.highest}"
        if self.bounds:
            return ", ".join(f"{SIGNS[name]} {value}" for name, value in self.bounds)
        return "true | false" if self.kind is bool else getattr(self.kind, "__name__", "")


def limits_of(hint: Any) -> Limits:
    """Return what a type with pydantic's notes allows."""
    notes = [limit for note in getattr(hint, "__metadata__", ()) for limit in note.metadata]
    kind = get_args(hint)[0] if notes or hasattr(hint, "__metadata__") else hint
    optional = NoneType in get_args(kind)
    if optional:
        kind = next(inner for inner in get_args(kind) if inner is not NoneType)
    bounds = [
        (name, getattr(limit, name)) for limit in notes for name in SIGNS if hasattr(limit, name)
    ]
    options = get_args(kind) if get_origin(kind) is Literal else ()
    return Limits(kind, optional, options, tuple(sorted(bounds)))


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def checked(part: type[Part]) -> type[Part]:
    """Make a frozen dataclass that checks its fields. Raises CalmError for one that cannot be."""
    made: Any = validated(frozen=True)(part)
    construct: Callable[..., None] = made.__init__

    @functools.wraps(construct)
    def construct_or_tell(self: Any, *given: Any, **named: Any) -> None:
        unknown = named.keys() - {row.name for row in dataclasses.fields(made)}
        if unknown:
            raise TypeError(f"{made.__name__} has no setting {', '.join(sorted(unknown))}")
        try:
            construct(self, *given, **named)
        except ValidationError as error:
            raise problem_of(error, made) from None

    made.__init__ = construct_or_tell
    return made  # type: ignore[no-any-return]


def is_beyond(error: ValidationError) -> bool:
    """Tell whether a value is of its type, and not allowed."""
    return error.errors(include_url=False)[0]["type"] in BEYOND


def problem_of(error: ValidationError, part: type[Any]) -> CalmError:
    """Return what is wrong with a setting of a part, or of a part in it, in our words."""
    first = error.errors(include_url=False)[0]
    at, *inside = first["loc"]
    begins = dataclasses.fields(part)[at].name if isinstance(at, int) else at
    *path, name = [begins, *(step for step in inside if isinstance(step, str))]
    for inner in path:
        part = get_type_hints(part)[inner]
    limits = limits_of(get_type_hints(part, include_extras=True).get(name))
    called = "pairs_source" if name == "source" else name
    value = first["input"]
    return CalmError("setting.out-of-range", name=called, value=value, allowed=str(limits))
