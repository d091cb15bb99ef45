"""What a plan comes to before anything is done: its runs, what they share, and how long it takes.

The time is that of the machine's own rates (`calm.pipeline.costs`), where it is measured.
"""

from dataclasses import dataclass

from calm.pipeline.costs import amount_of, costs
from calm.pipeline.power import smallest_of
from calm.pipeline.stages import STAGES
from calm.study.grid import Cell, arms_of, cells
from calm.study.plan import Plan
from calm.study.share import base_key, stage_key

AFTER = ("evaluate", "compare")
SHARED = {"translate": "translate", "sample": "sample"}
"""The stages that take time and are shared, and the stage whose settings decide it."""


@dataclass(frozen=True)
class Foreseen:
    """One run, before it is done."""

    cell: Cell
    shares: tuple[str, ...]
    """What it takes over from a run before it: stages, and `base` for the base model's answers."""
    seconds: float | None
    """`None` where this machine is not measured, or the questions are not here yet."""
    held_out: int | None
    """Questions to measure with; `None` where they are not here yet."""


def foresee(plan: Plan) -> list[Foreseen]:
    """Return every run of a plan in its order; raises CalmError where one cannot be."""
    seen: set[object] = set()
    return [_foreseen(cell, seen, plan.until) for cell in cells(plan)]


def _foreseen(cell: Cell, seen: set[object], until: str) -> Foreseen:
    config, shares = cell.config, []
    for stage, decides in SHARED.items():
        key = (stage, stage_key(config, decides))
        shares += [stage] if key in seen else []
        seen.add(key)
    key = ("base", base_key(config))
    shares += ["base"] if key in seen else []
    seen.add(key)
    amount = amount_of(config)
    order = list(STAGES)
    parts = costs(config, amount) if amount else []
    parts = [part for part in parts if order.index(part.stage) <= order.index(until)]
    if amount:  # what is not done is not shared either
        done = {part.stage for part in parts} | ({"base"} if until in AFTER else set())
        shares = [name for name in shares if name in done]
    seconds: list[float | None] = [] if amount else [None]
    for part in parts:
        if part.stage in shares:
            continue
        half = 0.5 if part.stage == "evaluate" and "base" in shares else 1.0
        seconds.append(None if part.seconds is None else half * part.seconds)
    known = [value for value in seconds if value is not None]
    whole = sum(known) if len(known) == len(seconds) else None
    return Foreseen(cell, tuple(shares), whole, amount.held_out if amount else None)


def foreseen(plan: Plan) -> str:
    """Return it as a text."""
    rows = foresee(plan)
    arms = arms_of([row.cell for row in rows])
    lines = [f"{len(rows)} runs, {len(arms)} arms, until {plan.until}"]
    for row in rows:
        took = "" if row.seconds is None else f"  about {row.seconds / 60:.1f} min"
        shares = f"  shares {', '.join(row.shares)}" if row.shares else ""
        lines.append(f"{row.cell.name}  {' | '.join(row.cell.arms)}{shares}{took}")
    lines += _can_show(rows) if plan.until in AFTER else []
    whole = [row.seconds for row in rows if row.seconds is not None]
    if len(whole) == len(rows):
        lines.append(f"about {sum(whole) / 3600:.1f} hours in all")
    else:
        lines.append(
            "how long it takes is not known: `calm measure` tells how fast this machine is"
        )
    return "\n".join(lines)


def _can_show(rows: list[Foreseen]) -> list[str]:
    """Return the smallest change that the questions can show, before anything is measured."""
    told = {}
    for row in rows:
        least = smallest_of(row.cell.config, row.held_out or 0)
        if least is not None:
            told[least] = (
                f"{least.questions} held-out questions in {least.languages} languages show changes "
                f"of {100 * least.accuracy:.1f} points and more"
            )
    return list(told.values())
