"""What an alignment may have harmed -> HTML: a verdict in sentences, and a table. Pure."""

import math
from collections.abc import Sequence

from markupsafe import Markup

from calm.evaluation.damage_findings import verdict
from calm.probes import ALL, MEASURES, Damage, Measure
from ui.parts.figures import isolated
from ui.parts.html import column_heads, concat, in_a_row, joined, markup, note, wide_table
from ui.text.numbers import decimal, percent, signed_points
from ui.text.words import language_name, say


def damage_section(found: Sequence[Damage]) -> Markup:
    """Return what was found of damage under its title; that it was not looked for, where it is."""
    return markup(
        '<section class="damage"><h2>{}</h2>{}</section>', say("damage.title"), damage_body(found)
    )


def damage_body(found: Sequence[Damage]) -> Markup:
    """Return the verdict and the table; of single languages what got worse there."""
    if not found:
        return note(say("damage.none"))
    shown = [row for row in found if row.language == ALL or row.finding == "worse"]
    columns = ("thing", "change", "count", "finding")
    first, *others = (say(f"damage.column.{name}") for name in columns)
    sides = (say("compare.base"), say("compare.aligned"))
    heads = markup("<tr>{}</tr>", column_heads((first, *sides, *others)))
    table = wide_table(
        say("damage.title"), "scores agreement", heads, concat(map(_table_row, shown))
    )
    return markup(
        "<p>{}</p>{}<small>{}</small>", verdict_in_words(found), table, say("damage.about")
    )


def verdict_in_words(found: Sequence[Damage]) -> str:
    """Return what got worse, what cannot be told, what is surely not much worse, and from what."""
    told = verdict(found)
    named = [_with_change(row) for row in told.worse]
    sentences = [say("damage.worse", what=joined(named)) if named else say("damage.worse.none")]
    for key, rows in (("damage.unclear", told.unclear), ("damage.ok", told.ok)):
        if rows:
            sentences.append(say(key, what=joined([thing(row) for row in rows])))
    fewest, most = told.n
    count = str(most) if fewest == most else say("votes.range", low=fewest, high=most)
    return in_a_row([*sentences, say("damage.counted", count=count)])


def thing(row: Damage) -> str:
    """Return what a finding is about: the probe, and what was measured."""
    probe, measure = say(f"damage.probe.{row.probe}"), say(f"damage.measure.{row.measure}")
    named = say("damage.thing", probe=probe, measure=measure)
    return named if row.language == ALL else f"{named} · {language_name(row.language)}"


def _with_change(row: Damage) -> str:
    change = isolated(_difference(row.measure, row.change))
    return say("damage.with-change", thing=thing(row), change=change)


def _table_row(row: Damage) -> Markup:
    return markup(
        '<tr><th scope="row">{}</th><td>{}</td><td>{}</td><td><bdi dir="ltr">{}</bdi></td>'
        "<td>{}</td><td>{}</td></tr>",
        thing(row),
        _value(row.measure, row.base),
        _value(row.measure, row.aligned),
        _change(row),
        row.n,
        _finding(row),
    )


def _finding(row: Damage) -> Markup | str:
    words = say(f"damage.finding.{row.finding}")
    return markup("<b>{}</b>", words) if row.finding == "worse" else words


def _change(row: Damage) -> str:
    change = isolated(_difference(row.measure, row.change))
    if row.low is None or row.high is None:
        return say("common.too-few", value=change)
    low, high = (isolated(_difference(row.measure, end)) for end in (row.low, row.high))
    return say("common.interval", value=change, low=low, high=high)


def _value(measure: Measure, number: float) -> str:
    if MEASURES[measure].is_share:
        return percent(number, 1)
    return decimal(number, 1 if measure == "length" else 2)


def _difference(measure: Measure, number: float) -> str:
    """Return a change: of a length how many times as long, of other measures with its sign."""
    if MEASURES[measure].is_share:
        return signed_points(number)
    if measure == "length":
        return f"×{decimal(math.exp(number), 2)}"
    sign = "-" if round(number, 2) < 0 else "+"
    return f"{sign}{decimal(abs(number), 2)}"
