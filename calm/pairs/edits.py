"""What a person changes about a run's pairs before training: leave one out, or swap its sides.

The pairs stay in their file as they were made. What was changed lies beside them, one row a pair,
known by what the pair says, so that it still holds where the pairs are made again.
"""

import hashlib
import time
from collections.abc import Iterable
from dataclasses import replace

from calm.errors import CalmError
from calm.records import EditAction, PairEdit, PreferencePair
from calm.runs.folder import Run

FILE = "pair_edits"


def pair_key(pair: PreferencePair) -> str:
    """Return what a pair is known by: the same for the same question, language and texts."""
    parts = (pair.question_id, pair.language, pair.prompt, pair.chosen, pair.rejected)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def edited(pairs: Iterable[PreferencePair], edits: Iterable[PairEdit]) -> list[PreferencePair]:
    """Return the pairs without those that are excluded, and with the sides of others swapped."""
    actions = {edit.pair: edit.action for edit in edits}
    kept = []
    for pair in pairs:
        action = actions.get(pair_key(pair)) if actions else None
        if action != "exclude":
            kept.append(swapped(pair) if action == "swap" else pair)
    return kept


def swapped(pair: PreferencePair) -> PreferencePair:
    """Return the pair the other way round; what was rejected is always of the pair's language."""
    return replace(pair, chosen=pair.rejected, rejected=pair.chosen, chosen_language=pair.language)


def training_pairs(run: Run) -> list[PreferencePair]:
    """Return the pairs that a run trains on: those that were made, as a person changed them.

    Raises CalmError where every one of them is excluded.
    """
    made = run.rows("pairs")
    kept = edited(made, run.rows(FILE))
    if made and not kept:
        raise CalmError("pairs.all-excluded", count=len(made), folder=run.folder)
    return kept


def with_edit(
    edits: Iterable[PairEdit], pair: PreferencePair, action: EditAction | None
) -> list[PairEdit]:
    """Return the changes with this one of a pair in the place of any before; `None` undoes it."""
    key = pair_key(pair)
    others = [edit for edit in edits if edit.pair != key]
    if action is None:
        return others
    return [*others, PairEdit(pair.question_id, pair.language, key, action, time.time())]
