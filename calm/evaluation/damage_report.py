"""What was found of damage, to read: a verdict in words and a table."""

import math
from collections.abc import Iterable, Sequence

from calm.evaluation.damage_findings import verdict
from calm.evaluation.report import signed
from calm.languages.table import language
from calm.probes import ALL, MEASURES, Damage, Measure, Probe

PROBE_NAMES: dict[Probe, str] = {
    "free": "free answers",
    "reworded": "questions worded otherwise",
    "asked": "answers as measured",
    "english": "English alone",
    "languages": "languages not trained on",
    "domain": "topics not trained on",
    "texts": "a fixed text",
    "culture": "questions whose answer differs by language",
}
MEASURE_NAMES: dict[Measure, str] = {
    "right": "right",
    "in_language": "in the language asked",
    "length": "characters",
    "repetition": "repeated",
    "unread": "unreadable",
    "log_prob": "log-probability a token",
    "agreement": "languages agree",
    "kappa": "Fleiss' kappa",
}
NOTHING = "Damage was not looked for yet: `python -m calm damage RUN` does."


def damage_report(found: Sequence[Damage]) -> str:
    """Return the verdict and the table as Markdown; by language only what got worse there."""
    if not found:
        return NOTHING
    shown = [row for row in found if row.language == ALL or row.finding == "worse"]
    lines = [
        "### What the alignment may have harmed",
        "",
        verdict_in_words(found),
        "",
        "| looked at | measured | language | base | aligned | change (95% interval) | of | found |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in shown:
        name = "all" if row.language == ALL else language(row.language).name
        lines.append(
            f"| {PROBE_NAMES[row.probe]} | {MEASURE_NAMES[row.measure]} | {name} "
            f"| {value(row.measure, row.base)} | {value(row.measure, row.aligned)} "
            f"| {change(row)} | {row.n} | {row.finding} |"
        )
    return "\n".join(lines)


def verdict_in_words(found: Iterable[Damage]) -> str:
    """Return one sentence: what got worse, what cannot be told, and what is surely not worse."""
    told = verdict(found)
    fewest, most = told.n
    parts = []
    if told.worse:
        parts.append("worse than before, beyond chance: " + _listed(told.worse, with_change=True))
    else:
        parts.append("nothing is worse beyond chance")
    if told.unclear:
        parts.append("not clear: " + _listed(told.unclear))
    if told.ok:
        parts.append("no harm to speak of: " + _listed(told.ok))
    counted = str(most) if fewest == most else f"{fewest} to {most}"
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]} (from {counted} questions or sentences each)."


def change(row: Damage) -> str:
    """Return a change with its interval: in points, in times as long, or in nats a token."""
    if row.low is None or row.high is None:
        return f"{_difference(row.measure, row.change)} (too few to tell)"
    ends = " to ".join(_difference(row.measure, end) for end in (row.low, row.high))
    return f"{_difference(row.measure, row.change)} ({ends})"


def value(measure: Measure, number: float) -> str:
    """Return a number of one model: a share, characters, nats, or kappa."""
    return f"{number:.0f}" if measure == "length" else f"{number:.3f}"


def _difference(measure: Measure, number: float) -> str:
    if MEASURES[measure].is_share:
        return signed(number)
    if measure == "length":
        return f"x{math.exp(number):.2f}"
    return f"{number + 0.0:+.2f}"


def _listed(rows: Sequence[Damage], with_change: bool = False) -> str:
    def named(row: Damage) -> str:
        name = f"{PROBE_NAMES[row.probe]}, {MEASURE_NAMES[row.measure]}"
        return f"{name} {_difference(row.measure, row.change)}" if with_change else name

    return "; ".join(map(named, rows)) if with_change else " / ".join(map(named, rows))
