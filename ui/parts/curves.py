"""What training logs, as lines that grow while it runs. Pure."""

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from calm.intervals import LEAST_STEPS
from ui.parts.axes import across, labels, plot_frame
from ui.parts.html import concat, markup, note
from ui.text.numbers import decimal
from ui.text.words import say

PLOTS = {
    "loss": ("loss",),
    "rewards": ("rewards/margins", "rewards/chosen", "rewards/rejected"),
    "accuracies": ("rewards/accuracies",),
}
"""The plots, and what each draws: TRL's names."""
DRAWN = [name for names in PLOTS.values() for name in names]
TICKS = 5
"""About so many numbers on an axis."""
SAME = 1e-6
"""Numbers that are no farther apart are one to a reader."""
Line = list[tuple[int, float]]
"""Steps and values."""


def training_plots(metrics: Sequence[Mapping[str, float]]) -> Markup:
    """Return a plot of everything that was logged; nothing where nothing was.

    A few steps are no curve: they are told in words.
    """
    steps = {row["step"] for row in metrics if any(name in row for name in DRAWN)}
    if 0 < len(steps) < LEAST_STEPS:
        logged = [
            _in_words(say(f"align.plot.{what}"), lines)
            for what, names in PLOTS.items()
            if (lines := _lines(names, metrics))
        ]
        words = [say("align.plot.few", count=len(steps), least=LEAST_STEPS), *logged]
        return note("\n".join(words))
    plots = concat(_plot(what, names, metrics) for what, names in PLOTS.items())
    return markup('<div class="plots">{}</div>', plots) if plots else Markup()


def _plot(what: str, names: Sequence[str], metrics: Sequence[Mapping[str, float]]) -> Markup:
    lines = _lines(names, metrics)
    if not lines:
        return Markup()
    steps = ticks(*_ends([step for line in lines.values() for step, _ in line]), whole=True)
    upward = ticks(*_ends([value for line in lines.values() for _, value in line]))
    drawn = concat(
        _drawn(f"line{names.index(name)}", line, steps, upward) for name, line in lines.items()
    )
    key = concat(
        markup('<span class="line{}"><i></i>{}</span>', names.index(name), metric_name(name))
        for name in lines
    )
    title = say(f"align.plot.{what}")
    frame = plot_frame(
        markup("<b>{}</b>{}", title, key if len(names) > 1 else ""),
        _in_words(title, lines),
        across(100 - _share(value, upward) for value in upward) + drawn,
        _labels(upward, "top", turned=True),
        _labels(steps, "left"),
        say("align.plot.step"),
    )
    return markup('<figure class="gate curves" data-plot="{}">{}</figure>', what, frame)


def metric_name(name: str) -> str:
    """Return what the reader calls a metric of TRL's."""
    return say(f"align.metric.{name.rsplit('/', maxsplit=1)[-1]}")


def ticks(low: float, high: float, whole: bool = False) -> list[float]:
    """Return round numbers, evenly apart, the first not above `low`, the last not below `high`.

    Around a single number they reach half as far as 1 to either side.
    """
    if high - low < SAME:
        low, high = low - 0.5, high + 0.5
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    apart = next(power * n for n in (1, 2, 5, 10) if power * n >= rough * (1 - 1e-9))
    apart = max(apart, 1.0) if whole else apart
    first, last = math.floor(low / apart + 1e-9), math.ceil(high / apart - 1e-9)
    return [n * apart for n in range(first, last + 1)]


def _lines(names: Sequence[str], metrics: Sequence[Mapping[str, float]]) -> dict[str, Line]:
    return {name: line for name in names if (line := _logged(name, metrics))}


def _logged(name: str, metrics: Sequence[Mapping[str, float]]) -> Line:
    found = [(int(row["step"]), float(row[name])) for row in metrics if name in row]
    return [(step, value) for step, value in found if math.isfinite(value)]


def _ends(numbers: Sequence[float]) -> tuple[float, float]:
    return min(numbers), max(numbers)


def _share(number: float, axis: Sequence[float]) -> float:
    """Return how far along an axis a number lies, in percent."""
    return 100 * (number - axis[0]) / (axis[-1] - axis[0])


def _drawn(css: str, line: Line, across: Sequence[float], upward: Sequence[float]) -> Markup:
    """Return a line; one step alone is given twice, and seen as a dot."""
    points = [f"{_share(s, across):.2f},{100 - _share(v, upward):.2f}" for s, v in line]
    if len(points) == 1:
        css, points = f"{css} dot", points * 2
    return markup('<polyline class="{}" points="{}"/>', css, " ".join(points))


def _labels(axis: Sequence[float], side: str, turned: bool = False) -> Markup:
    """Return an axis's numbers where they belong; `turned` counts from the far end."""
    digits = max(0, -math.floor(math.log10(axis[1] - axis[0]) + 1e-9))
    at = [_share(value, axis) for value in axis]
    places = [100 - place for place in at] if turned else at
    texts = [decimal(value, digits) for value in axis]
    return labels(zip(places, texts, strict=True), side)


def _in_words(title: str, lines: Mapping[str, Line]) -> str:
    """Return where each line begins and ends."""
    ends = "; ".join(
        f"{metric_name(name)} {decimal(line[0][1], 3)} → {decimal(line[-1][1], 3)}"
        for name, line in lines.items()
    )
    return f"{title}: {ends}"
