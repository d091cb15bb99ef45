"""Records -> drawings, as inline SVG that takes its colours from the page. Pure."""

from collections.abc import Sequence

from markupsafe import Markup

from calm.intervals import LEAST, can_tell
from calm.languages.table import language
from calm.records import Score
from ui.parts.axes import axis, upright
from ui.parts.html import column_heads, concat, listed, markup, wide_table
from ui.text.numbers import percent, signed_points
from ui.text.words import language_name, reader_language, say

ROLES = ("base", "aligned")
"""The two that are compared: the base model before, the aligned one after."""


def interval(change: Score) -> str:
    """Return a change in points with its interval, such as `+7.1 (+3.0 to +11.2)`.

    Of few questions, whose interval would look certain, that they are too few.
    """
    value = isolated(signed_points(change.value))
    if not can_tell(change.n):
        return say("common.too-few", value=value)
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
    rows = concat(_plot_row(code, found) for code in codes)
    if not rows:
        return Markup()
    key = concat(
        markup(
            '<span class="{}"><i aria-hidden="true">●</i> {}</span> ', role, say(f"compare.{role}")
        )
        for role in ROLES
    )
    return markup(
        '<figure class="dots"><figcaption><b>{}</b> {}<small>{}</small></figcaption>{}{}</figure>',
        say(f"compare.{metric}"),
        key,
        _lines_in_words([found[code, "change"] for code in codes]),
        rows,
        axis(),
    )


def _lines_in_words(changes: Sequence[Score]) -> str:
    """Return what the lines of a plot are, or why there are none."""
    if any(can_tell(change.n) for change in changes):
        return say("compare.lines")
    return say("compare.lines.few", least=LEAST)


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
    marks = _mark(base, "base", 10) + _mark(aligned, "aligned", 20)
    css = "row all" if code == "all" else "row"
    return markup(
        '<div class="{}"><span class="name">{}</span>'
        '<svg height="30" role="img" aria-label="{}">{}{}</svg>'
        '<span class="change">{}</span></div>',
        css,
        name,
        says,
        upright(30),
        marks,
        points(change),
    )


def points(change: Score) -> Markup:
    """Return a change with its interval as markup that is read from left to right."""
    return markup('<bdi dir="ltr">{}</bdi>', interval(change))


def _mark(score: Score, css: str, y: int) -> Markup:
    whisker = Markup()
    if can_tell(score.n) and score.low is not None and score.high is not None:
        low, high = f"{100 * score.low:.1f}%", f"{100 * score.high:.1f}%"
        whisker = markup('<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>', css, low, high, y, y)
    return markup(
        '{}<circle class="{}" cx="{:.1f}%" cy="{}" r="5"/>', whisker, css, 100 * score.value, y
    )


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
    maps = concat(_heatmap(found, role, languages) for role in ROLES)
    return markup('<div class="plots">{}</div>', maps)


def _heatmap(found: dict[tuple[str, str], Score], role: str, languages: Sequence[str]) -> Markup:
    heads = markup("<tr><td></td>{}</tr>", column_heads(map(_name_of, languages)))
    body = Markup()
    for row in languages:
        cells = concat(_heat(_of_two(found, role, row, other)) for other in languages)
        body += markup('<tr><th scope="row">{}</th>{}</tr>', _name_of(row), cells)
    title = say(f"compare.matrix.{role}")
    return markup(
        '<figure class="dots"><figcaption><b>{}</b> <small>{}</small></figcaption>{}</figure>',
        title,
        say("compare.matrix.unit"),
        wide_table(title, "heat", heads, body),
    )


def _of_two(found: dict[tuple[str, str], Score], role: str, one: str, other: str) -> float | None:
    score = found.get((f"{one}-{other}", role)) or found.get((f"{other}-{one}", role))
    return score.value if score else None


def _heat(value: float | None) -> Markup:
    if value is None:
        return markup('<td class="same"></td>')
    strength = f"{STRONGEST * value**2:.0f}%"  # squared, or all between 30% and 70% looks alike
    return markup(
        '<td style="background:color-mix(in srgb,var(--accent) {},transparent)">{:.0f}</td>',
        strength,
        100 * value,
    )


def _name_of(code: str) -> Markup:
    row = language(code)
    return markup('<abbr title="{}">{}</abbr>', language_name(row.code), row.code)


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
    rows = concat(_split_bar(found, role) for role in ROLES)
    changes = concat(
        markup(
            '<span><i class="{}"></i>{} <bdi dir="ltr">{} → {}</bdi> <small>{}</small></span>',
            metric,
            say(f"compare.{metric}"),
            percent(found[metric, "base"].value),
            percent(found[metric, "aligned"].value),
            points(found[metric, "change"]),
        )
        for metric in SPLIT
    )
    return markup(
        '<figure class="dots split-figure"><figcaption><b>{}</b> <small>{}</small></figcaption>{}'
        '<p class="key">{}</p></figure>',
        say("compare.split.title"),
        say("compare.split.unit"),
        rows,
        changes,
    )


def _split_bar(found: dict[tuple[str, str], Score], role: str) -> Markup:
    values = {metric: found[metric, role].value for metric in SPLIT}
    says = listed([f"{say(f'compare.{metric}')} {percent(values[metric])}" for metric in SPLIT])
    parts = concat(
        markup(
            '<span class="{}" style="width:{:.2f}%">{}</span>',
            metric,
            100 * value,
            _share_of(value),
        )
        for metric, value in values.items()
    )
    name = say(f"compare.{role}")
    return markup(
        '<div class="split-row"><span class="name">{}</span>'
        '<span class="stack" role="img" aria-label="{}: {}">{}</span></div>',
        name,
        name,
        says,
        parts,
    )


def _share_of(value: float) -> str:
    return percent(value) if value >= 0.08 else ""
