"""The runs of a plan: every combination of its settings, equal ones once."""

import dataclasses
import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from calm.config import RunConfig
from calm.errors import CalmError
from calm.settings import config_of
from calm.study.plan import Plan

SEED = "seed"
"""The setting whose values are no arms of their own: they are repeated draws of one."""
DIGITS = 8
LONGEST = 40


@dataclass(frozen=True)
class Cell:
    """One run of a study."""

    name: str
    """Of its run folder; it tells the settings apart, so that a changed plan finds what is done."""
    arms: tuple[str, ...]
    """The arms that it is a draw of: several where they come to the same settings."""
    config: RunConfig

    @property
    def seed(self) -> int:
        return self.config.train.seed


def cells(plan: Plan) -> list[Cell]:
    """Return the runs of a plan, those of one seed together, so that they share their samples.

    Raises CalmError for more than the plan allows, for settings that cannot go together, and for
    an arm to hold the others against that is none.
    """
    count = len(plan.arms)
    for values in plan.grid.values():
        count *= len(values)
    if count > plan.most_runs:
        raise CalmError("study.too-many", runs=count, most=plan.most_runs)
    found: dict[RunConfig, list[str]] = {}
    for arm, chosen in _combinations(plan):
        config = _config(plan, arm, chosen)
        named = found.setdefault(config, [])
        if arm not in named:
            named.append(arm)
    arms = list(dict.fromkeys(arm for named in found.values() for arm in named))
    if plan.against and plan.against not in arms:
        raise CalmError("study.no-arm", name=repr(plan.against), arms=", ".join(arms))
    return [Cell(_name(named[0], config), tuple(named), config) for config, named in found.items()]


def arms_of(found: Sequence[Cell]) -> list[str]:
    """Return the arms of these runs, in their order."""
    return list(dict.fromkeys(arm for cell in found for arm in cell.arms))


def _combinations(plan: Plan) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the arm and the settings of every run; the seed goes round last."""
    axes = {name: values for name, values in plan.grid.items() if name != SEED}
    seeds: Sequence[Any] = plan.grid.get(SEED, (None,))
    for seed in seeds:
        for name, own in plan.arms.items():
            for chosen in itertools.product(*axes.values()):
                values = dict(zip(axes, chosen, strict=True))
                repeated = {} if seed is None else {SEED: seed}
                label = _label(plan, name, {k: v for k, v in values.items() if len(axes[k]) > 1})
                yield label, {**values, **own, **repeated}


def _label(plan: Plan, arm: str, values: Mapping[str, Any]) -> str:
    """Return what an arm is called: its name, and the values that tell it from others."""
    alone = len(values) == 1 and not arm
    parts = [arm] if arm else []
    parts += [
        _shown(value) if alone or name == "method" else f"{name} {_shown(value)}"
        for name, value in values.items()
    ]
    return ", ".join(parts) or plan.name


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "+".join(value) or "all" if isinstance(value, tuple) else f"{value}"


def _config(plan: Plan, arm: str, values: Mapping[str, Any]) -> RunConfig:
    try:
        return config_of({**plan.settings, **values})
    except CalmError as problem:
        raise CalmError("study.in-arm", arm=repr(arm), problem=problem.message) from None


def _name(arm: str, config: RunConfig) -> str:
    said = json.dumps(dataclasses.asdict(config), sort_keys=True, ensure_ascii=False)
    mark = hashlib.sha256(said.encode()).hexdigest()[:DIGITS]
    plain = re.sub(r"[^A-Za-z0-9]+", "-", arm).strip("-")[:LONGEST] or "run"
    return f"{plain}-{config.train.seed}-{mark}"
