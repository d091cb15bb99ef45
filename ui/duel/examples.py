"""Which questions show best what an alignment changed. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from calm.records import Comparison

MOST_EXAMPLES = 6


@dataclass(frozen=True)
class Examples:
    """Held-out questions of a run to begin with."""

    questions: tuple[str, ...]
    """Ids, those that changed in most languages first."""
    are_fixed: bool
    """Whether answers became right; without gold answers it can only be said that they changed."""


def changed_most(rows: Sequence[Comparison], most: int = MOST_EXAMPLES) -> Examples:
    """Return the questions in which most answers were fixed, and least broken.

    Where no answer has a gold one to be judged by, those in which most answers changed.
    """
    are_judged = any(row.outcome is not None for row in rows)
    worth: Counter[str] = Counter()
    for row in rows:
        if are_judged:
            worth[row.question_id] += {"fixed": 1, "broken": -1}.get(row.outcome or "", 0)
        else:
            worth[row.question_id] += row.base_answer != row.aligned_answer
    found = [identity for identity, value in worth.most_common(most) if value > 0]
    return Examples(tuple(found), are_judged)
