"""A dot with its interval for every arm, one below the other, on one axis of points. Pure."""

import math
from collections.abc import Sequence

from markupsafe import Markup

from calm.study.results import Arm, Effect
from ui.parts.axes import labels
from ui.parts.figures import isolated
from ui.parts.html import concat, markup
from ui.text.numbers import decimal, signed_points
from ui.text.words import say

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
MOST_TICKS = 7


def arm_plot(arms: Sequence[Arm], metric: str, of: str = "effects") -> Markup:
    """Return the changes of one number, an arm a row; nothing where no arm has it.

    `of` is where they stand: `effects`, or `ahead` of the arm that the others are held against.
    """
    rows = [(arm, getattr(arm, of)[metric]) for arm in arms if metric in getattr(arm, of)]
    if not rows:
        return Markup()
    ticks = ticks_for([effect for _, effect in rows])
    drawn = concat(_row(arm, effect, ticks) for arm, effect in rows)
    axis = labels(((_place(tick, ticks), _tick(tick)) for tick in ticks), "left")
    return markup(
        '<figure class="dots arms"><figcaption><b>{}</b> <small>{}</small></figcaption>{}'
        '<div class="row axis" aria-hidden="true"><span></span><span class="ticks">{}</span>'
        "<span></span></div></figure>",
        say(f"study.metric.{metric}"),
        say("study.in-points"),
        drawn,
        axis,
    )


def ticks_for(effects: Sequence[Effect]) -> list[float]:
    """Return the shares at which an axis is marked: zero is on it, and every interval."""
    ends = [0.0]
    for effect in effects:
        ends += [effect.change, effect.low or 0.0, effect.high or 0.0]
    low, high = min(ends), max(ends)
    step = next((s for s in STEPS if (high - low) / s <= MOST_TICKS - 1), STEPS[-1])
    first, last = math.floor(low / step), math.ceil(high / step)
    last = max(last, first + 1)
    return [number * step for number in range(first, last + 1)]


def _place(value: float, ticks: Sequence[float]) -> float:
    """Return where a share lies on the axis, in percent from its left."""
    return 100 * (value - ticks[0]) / (ticks[-1] - ticks[0])


def _tick(value: float) -> str:
    return isolated(decimal(100 * value + 0.0, 0))


def _row(arm: Arm, effect: Effect, ticks: Sequence[float]) -> Markup:
    lines = concat(
        markup(
            '<line class="{}" x1="{:.2f}%" x2="{:.2f}%" y1="0" y2="26"/>',
            "zero" if abs(tick) < 1e-9 else "grid",
            _place(tick, ticks),
            _place(tick, ticks),
        )
        for tick in ticks
    )
    if effect.low is not None and effect.high is not None:
        lines += markup(
            '<line class="aligned" x1="{:.2f}%" x2="{:.2f}%" y1="13" y2="13"/>',
            _place(effect.low, ticks),
            _place(effect.high, ticks),
        )
    css = "unsure" if effect.course == "unsure" else "sure"
    dot = markup(
        '<circle class="aligned" cx="{:.2f}%" cy="13" r="5"/>', _place(effect.change, ticks)
    )
    return markup(
        '<div class="row"><span class="name">{}</span>'
        '<svg class="{}" height="26" role="img" aria-label="{}: {}">{}{}</svg>'
        '<span class="change"><bdi dir="ltr">{}</bdi></span></div>',
        arm.name,
        css,
        arm.name,
        change(effect),
        lines,
        dot,
        change(effect),
    )


def change(effect: Effect) -> str:
    """Return a change in points with its interval, such as `+7.1 (+3.0 to +11.2)`."""
    value = isolated(signed_points(effect.change))
    if effect.low is None or effect.high is None:
        return value
    low, high = isolated(signed_points(effect.low)), isolated(signed_points(effect.high))
    return say("common.interval", value=value, low=low, high=high)
