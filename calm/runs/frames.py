"""Tables of a run as pandas frames."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from calm.errors import CalmError

if TYPE_CHECKING:
    from pandas import DataFrame

NUMBERS = {frozenset({int, NoneType}): "Int64", frozenset({float, NoneType}): "float64"}
"""The column types of fields that may be `None`."""


def frame_of(
    name: str, kinds: Mapping[str, type[Any]], rows: Callable[[str], Sequence[Any]]
) -> "DataFrame":
    """Return the table of that name, of records of its kind; raises CalmError where it is none."""
    import pandas as pd

    if name not in kinds:
        raise CalmError("program.no-table", name=repr(name), known=(*kinds, "metrics"))
    fields = [field.name for field in dataclasses.fields(kinds[name])]
    values = [[getattr(row, field) for field in fields] for row in rows(name)]
    frame = pd.DataFrame(values, columns=fields)
    hints = get_type_hints(kinds[name])
    types = {field: NUMBERS.get(frozenset(get_args(hints[field]))) for field in fields}
    return frame.astype({field: kind for field, kind in types.items() if kind})


def frame_of_metrics(rows: Sequence[Mapping[str, float]]) -> "DataFrame":
    """Return what TRL logged, a row a step."""
    import pandas as pd

    return pd.DataFrame(rows)
