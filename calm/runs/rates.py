"""How fast this machine is: kept when a stage ends, and what the next run's time is told from.

One small JSON file under CALM_HOME, by model, precision and stage. Nothing in it is assumed: what
was never measured is not there.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from calm.paths import calm_home, read_kept
from calm.runs.folder import write_whole

FILE = "rates.json"
SHORT_SECONDS = 5.0
"""A measurement shorter than this does not take the place of a longer one."""


@dataclass(frozen=True)
class Rate:
    """One stage of one run, as it was measured."""

    units: float
    """Responses, answers, translations; of training, pairs times epochs."""
    seconds: float
    """What they took."""
    around: float
    """Seconds of the stage beside them: the model is loaded, pairs are prepared, scores drawn."""
    measured_at: float
    """When, in seconds since the epoch."""

    @property
    def a_second(self) -> float:
        return self.units / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True)
class Yield:
    """How many pairs the votes of one run gave."""

    pairs: int
    of: int
    """Training questions, counted in every language."""


@dataclass(frozen=True)
class Spread:
    """How the base model's accuracy deviated over the questions of a set."""

    together: float
    """Of all languages together."""
    alone: float
    """Of one language."""


def rate_of(model: str, precision: str, stage: str) -> Rate | None:
    """Return how fast a stage was when it last ran; `None` where that was never measured."""
    found: dict[str, Any] = _model(_read(), model)
    try:
        rate = Rate(**found[precision][stage])
        return rate if rate.units > 0 and rate.seconds > 0 else None
    except (KeyError, TypeError):
        return None


def yield_of(model: str, min_vote_share: float) -> Yield | None:
    """Return how many pairs a run with this gate gave; `None` where there was none."""
    try:
        found = Yield(**_model(_read(), model)["yield"][_share(min_vote_share)])
        return found if found.of > 0 else None
    except (KeyError, TypeError):
        return None


def spread_of(model: str, asked: str) -> Spread | None:
    """Return how a model's accuracy deviated on `asked`; `None` where that was never measured."""
    try:
        found = Spread(**_model(_read(), model)["spread"][asked])
        return found if found.together > 0 and found.alone > 0 else None
    except (KeyError, TypeError):
        return None


def keep_rate(model: str, precision: str, stage: str, rate: Rate) -> None:
    """Remember a measurement, unless it is a short one and there is a longer one."""
    before = rate_of(model, precision, stage)
    if before and rate.seconds < SHORT_SECONDS and rate.seconds < before.seconds:
        return
    rates = _read()
    _model(rates, model).setdefault(precision, {})[stage] = asdict(rate)
    _write(rates)


def keep_yield(model: str, min_vote_share: float, made: Yield) -> None:
    """Remember how many pairs a run gave."""
    rates = _read()
    _model(rates, model).setdefault("yield", {})[_share(min_vote_share)] = asdict(made)
    _write(rates)


def keep_spread(model: str, asked: str, spread: Spread) -> None:
    """Remember how a model's accuracy deviated on `asked`, a set in some languages."""
    rates = _read()
    _model(rates, model).setdefault("spread", {})[asked] = asdict(spread)
    _write(rates)


def _path() -> Path:
    return calm_home() / FILE


def _read() -> dict[str, Any]:
    """Return all that is remembered; a broken file is as good as none, for it is measured again."""
    rates = read_kept(FILE)
    return rates if isinstance(rates, dict) else {}


def _model(rates: dict[str, Any], model: str) -> dict[str, Any]:
    own = rates.get(model)
    if not isinstance(own, dict):
        own = rates[model] = {}
    return own


def _write(rates: dict[str, Any]) -> None:
    _path().parent.mkdir(parents=True, exist_ok=True)
    write_whole(_path(), json.dumps(rates, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def _share(value: float) -> str:
    return f"{value:.2f}"
