"""Records -> drawings, as inline SVG that takes its colours from the page. Pure."""

from collections.abc import Sequence

from markupsafe import Markup

from calm.languages.table import language
from calm.records import Score
from ui.parts.html import esc, listed
from ui.text.numbers import percent, signed_points
from ui.text.words import language_name, reader_language, say

TICKS = (0, 25, 50, 75, 100)
ROLES = ("base", "aligned")
"""The two that are compared: the base model before, the aligned one after."""


def interval(change: Score) -> str:
    """Return a change in points with its interval, such as `+7.1 (+3.0 to +11.2)`."""
    value = isolated(signed_points(change.value))
    if change.low is None or change.high is None:
        return value
    low, high = isolated(signed_points(change.low)), isolated(signed_points(change.high))
    return say("common.interval", value=value, low=low, high=high)


def isolated(number: str) -> str:
    """Return a number so that right-to-left words around it do not turn its sign about."""
    rtl = language(reader_language()).direction == "rtl"
    return f"\N{LEFT-TO-RIGHT ISOLATE}{number}\N{POP DIRECTIONAL ISOLATE}" if rtl else number


def change_plot(
    scores: Sequence[Score], reading: str, metric: str, languages: Sequence[str]
) -> Markup:
    """Return a dot plot of one metric before and after, a row a language, with 95% intervals."""
    found: dict[tuple[str, str], Score] = {
        (s.language, s.model): s for s in scores if (s.reading, s.metric) == (reading, metric)
    }
    codes = [code for code in ("all", *languages) if (code, "change") in found]
    rows = "".join(_plot_row(code, found) for code in codes)
    if not rows:
        return Markup()
    key = "".join(
        f'<span class="{role}"><i aria-hidden="true">●</i> {esc(say(f"compare.{role}"))}</span> '
        for role in ROLES
    )
    return (
        f'<figure class="dots"><figcaption><b>{esc(say(f"compare.{metric}"))}</b> {key}'
        f"<small>{esc(say('compare.lines'))}</small></figcaption>{rows}{axis()}</figure>"
    )


def axis() -> Markup:
    """Return the percents below rows of dots."""
    ticks = "".join(f'<span style="left:{tick}%">{tick}%</span>' for tick in TICKS)
    return (
        f'<div class="row axis" aria-hidden="true"><span></span><span class="ticks">{ticks}</span>'
        "<span></span></div>"
    )


def _plot_row(code: str, found: dict[tuple[str, str], Score]) -> Markup:
    base, aligned, change = (found[code, model] for model in (*ROLES, "change"))
    name = say("compare.all") if code == "all" else language_name(code)
    says = say(
        "compare.dots",
        name=name,
        before=isolated(percent(base.value)),
        after=isolated(percent(aligned.value)),
        change=interval(change),
    )
    grid = "".join(f'<line class="grid" x1="{t}%" x2="{t}%" y1="0" y2="30"/>' for t in TICKS)
    marks = _mark(base, "base", 10) + _mark(aligned, "aligned", 20)
    css = "row all" if code == "all" else "row"
    return (
        f'<div class="{css}"><span class="name">{esc(name)}</span>'
        f'<svg height="30" role="img" aria-label="{esc(says)}">{grid}{marks}</svg>'
        f'<span class="change">{points(change)}</span></div>'
    )


def points(change: Score) -> Markup:
    """Return a change with its interval as markup that is read from left to right."""
    return f'<bdi dir="ltr">{esc(interval(change))}</bdi>'


def _mark(score: Score, css: str, y: int) -> Markup:
    whisker = Markup()
    if score.low is not None and score.high is not None:
        low, high = f"{100 * score.low:.1f}%", f"{100 * score.high:.1f}%"
        whisker = f'<line class="{css}" x1="{low}" x2="{high}" y1="{y}" y2="{y}"/>'
    return f'{whisker}<circle class="{css}" cx="{100 * score.value:.1f}%" cy="{y}" r="5"/>'


STRONGEST = 50
"""Percent of colour that full agreement gets, so that the number on it can be read."""


def agreement_matrices(scores: Sequence[Score], reading: str, languages: Sequence[str]) -> Markup:
    """Return how often any two languages agree as two heatmaps, before and after."""
    found: dict[tuple[str, str], Score] = {
        (s.language, s.model): s
        for s in scores
        if (s.reading, s.metric) == (reading, "consistency")
    }
    if not any((f"{languages[0]}-{code}", "base") in found for code in languages[1:]):
        return Markup()
    maps = "".join(_heatmap(found, role, languages) for role in ROLES)
    return f'<div class="plots">{maps}</div>'


def _heatmap(found: dict[tuple[str, str], Score], role: str, languages: Sequence[str]) -> Markup:
    heads = "".join(f'<th scope="col">{_name_of(code)}</th>' for code in languages)
    body = Markup()
    for row in languages:
        cells = "".join(_heat(_of_two(found, role, row, other)) for other in languages)
        body += f'<tr><th scope="row">{_name_of(row)}</th>{cells}</tr>'
    title = esc(say(f"compare.matrix.{role}"))
    return (
        f'<figure class="dots"><figcaption><b>{title}</b> '
        f"<small>{esc(say('compare.matrix.unit'))}</small></figcaption>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="{title}">'
        f'<table class="heat"><thead><tr><td></td>{heads}</tr></thead><tbody>{body}</tbody>'
        "</table></div></figure>"
    )


def _of_two(found: dict[tuple[str, str], Score], role: str, one: str, other: str) -> float | None:
    score = found.get((f"{one}-{other}", role)) or found.get((f"{other}-{one}", role))
    return score.value if score else None


def _heat(value: float | None) -> Markup:
    if value is None:
        return '<td class="same"></td>'
    strength = f"{STRONGEST * value**2:.0f}%"  # squared, or all between 30% and 70% looks alike
    return (
        f'<td style="background:color-mix(in srgb,var(--accent) {strength},transparent)">'
        f"{100 * value:.0f}</td>"
    )


def _name_of(code: str) -> Markup:
    row = language(code)
    return f'<abbr title="{esc(language_name(row.code))}">{esc(row.code)}</abbr>'


SPLIT = ("consistently_right", "split", "consistently_wrong")


def split_bars(scores: Sequence[Score], reading: str) -> Markup:
    """Return the questions that all languages get right, split on, or get wrong alike, as bars.

    Nothing where no question has a gold answer.
    """
    found: dict[tuple[str, str], Score] = {
        (s.metric, s.model): s
        for s in scores
        if (s.reading, s.language) == (reading, "all") and s.metric in SPLIT
    }
    if len(found) < len(SPLIT) * 3:
        return Markup()
    rows = "".join(_split_bar(found, role) for role in ROLES)
    changes = "".join(
        f'<span><i class="{metric}"></i>{esc(say(f"compare.{metric}"))} '
        f'<bdi dir="ltr">{percent(found[metric, "base"].value)} → '
        f"{percent(found[metric, 'aligned'].value)}</bdi> "
        f"<small>{points(found[metric, 'change'])}</small></span>"
        for metric in SPLIT
    )
    return (
        '<figure class="dots split-figure"><figcaption>'
        f"<b>{esc(say('compare.split.title'))}</b> "
        f"<small>{esc(say('compare.split.unit'))}</small></figcaption>{rows}"
        f'<p class="key">{changes}</p></figure>'
    )


def _split_bar(found: dict[tuple[str, str], Score], role: str) -> Markup:
    values = {metric: found[metric, role].value for metric in SPLIT}
    says = listed([f"{say(f'compare.{metric}')} {percent(values[metric])}" for metric in SPLIT])
    parts = "".join(
        f'<span class="{metric}" style="width:{100 * value:.2f}%">{_share_of(value)}</span>'
        for metric, value in values.items()
    )
    name = esc(say(f"compare.{role}"))
    return (
        f'<div class="split-row"><span class="name">{name}</span>'
        f'<span class="stack" role="img" aria-label="{name}: {esc(says)}">{parts}</span>'
        "</div>"
    )


def _share_of(value: float) -> str:
    return percent(value) if value >= 0.08 else ""
