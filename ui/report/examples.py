"""Which held-out answers a report shows: a few of each kind, of as many languages as there are."""

from collections.abc import Sequence

from calm.records import Comparison

MOST = 4
"""Examples of each kind."""
KINDS = ("fixed", "broken")
CHANGED = "changed"
"""Of answers that nobody has judged: those that differ."""


def examples(comparisons: Sequence[Comparison]) -> dict[str, list[Comparison]]:
    """Return examples by kind: `fixed` and `broken`, or `changed` where nothing is judged.

    The languages take turns, and no question stands twice in a kind while there are others. They
    are the first ones of the run's own order: none is picked for what it says.
    """
    if all(row.outcome is None for row in comparisons):
        changed = [row for row in comparisons if row.base_answer != row.aligned_answer]
        return {CHANGED: _spread(changed)}
    return {kind: _spread([row for row in comparisons if row.outcome == kind]) for kind in KINDS}


def _spread(rows: Sequence[Comparison]) -> list[Comparison]:
    left, chosen = list(rows), list[Comparison]()
    while left and len(chosen) < MOST:
        languages = [row.language for row in chosen]
        questions = {row.question_id for row in chosen}
        best = min(
            left, key=lambda row: (languages.count(row.language), row.question_id in questions)
        )
        chosen.append(best)
        left.remove(best)
    return chosen
