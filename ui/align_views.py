"""The page `Align`, records -> HTML: how far a run is, and what its training logs. Pure."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from calm.records import Status
from ui.views import esc, note

METRICS = {
    "loss": "loss",
    "rewards/margins": "margin",
    "rewards/chosen": "chosen",
    "rewards/rejected": "rejected",
}


def stage_list(stages: Iterable[str], status: Status) -> str:
    """Return the stages in their order: those done, the current one, those to come."""
    order = list(stages)
    current = order.index(status.stage) if status.stage in order else 0
    items = []
    for place, name in enumerate(order):
        css = "done" if place < current or status.state == "done" else "todo"
        if place == current and status.state != "done":
            css = "current"
        step = ' aria-current="step"' if css == "current" else ""
        items.append(f'<li class="{css}"{step}>{esc(name)}</li>')
    return f'<ol class="stages" aria-label="Stages">{"".join(items)}</ol>'


def progress(name: str, stages: Iterable[str], status: Status) -> str:
    """Return how far a run is: its stages, a bar, how fast, how long still."""
    share = status.done / status.total if status.total else 0.0
    bar = (
        f'<div class="progress" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{100 * share:.0f}" aria-label="{esc(status.stage)}">'
        f'<span style="width:{100 * share:.1f}%"></span></div>'
    )
    state = f'<small class="state {esc(status.state)}">{esc(status.state)}</small>'
    head = f"<h2>{esc(name)} {state}</h2>"
    words = f'<p class="progress-words">{esc(progress_in_words(status))}</p>'
    kind = {"failed": "warning", "stopped": "warning"}.get(status.state)
    detail = note(status.message, kind) if kind else words
    body = "" if status.state == "done" else bar + detail
    return f'<section class="run">{head}{stage_list(stages, status)}{body}</section>'


def progress_in_words(status: Status) -> str:
    """Return the stage's own words, the rate and the time left, as far as they are known."""
    parts = [f"{status.stage}: {status.message}" if status.message else status.stage]
    if status.rate > 0 and status.state == "running":
        parts.append(f"{status.rate:.3g} a second")
        parts.append(f"{duration((status.total - status.done) / status.rate)} left in this stage")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Return a length of time to read: `45 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def metric_rows(metrics: Sequence[Mapping[str, float]], names: Sequence[str]) -> pd.DataFrame:
    """Return what TRL logged as (step, value, name), for a plot; empty where nothing is there."""
    rows = [
        (int(row["step"]), float(row[name]), METRICS[name])
        for row in metrics
        for name in names
        if name in row
    ]
    return pd.DataFrame(rows, columns=["step", "value", "name"])


def color_key(colors: Mapping[str, str]) -> str:
    """Return the key to a plot's lines."""
    items = "".join(
        f'<span><i style="background:{esc(color)}"></i>{esc(name)}</span>'
        for name, color in colors.items()
    )
    return f'<p class="key">{items}</p>'
