"""What the lint found in a run's pairs, records -> HTML. Pure."""

from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from calm.messages import Message
from calm.pairs.lint.findings import RULES, Finding, Severity
from calm.pairs.lint.form import MIN_PAIRS, Surface
from calm.pairs.lint.report import LintReport, varied
from ui.parts.html import (
    LONG_TEXT,
    column_heads,
    concat,
    joined,
    listed,
    markup,
    note,
    wide_table,
)
from ui.text.numbers import percent
from ui.text.problems import say_message, worded
from ui.text.words import language_name, say

MOST_ABOUT_THE_SET = 12


def lint_section(report: LintReport) -> Markup:
    """Return the findings grouped by rule, each with its remedy, and how far form tells sides."""
    if not report.pairs:
        return note(say("lint.none"))
    by_rule: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    groups = concat(_group(rule, by_rule[rule]) for rule in RULES if rule in by_rule)
    found = markup('<ul class="findings">{}</ul>', groups) if groups else Markup()
    return markup(
        "{}{}{}", note(lint_in_words(report), _kind(report)), _surface_table(report.surfaces), found
    )


def lint_in_words(report: LintReport) -> str:
    """Return how many pairs were checked and how many findings there are."""
    counts = Counter(finding.severity for finding in report.findings)
    checked = say("lint.checked", count=report.pairs)
    if not report.findings:
        return say("lint.clean", checked=checked)
    kinds: dict[Severity, str] = {"error": "lint.errors", "warning": "lint.warnings"}
    about = [say(key, count=counts[kind]) for kind, key in kinds.items() if counts[kind]]
    return say("lint.found", checked=checked, found=joined(about))


def _kind(report: LintReport) -> str:
    return "warning" if report.findings else "info"


def _group(rule: str, findings: Sequence[Finding]) -> Markup:
    severity = findings[0].severity
    languages = Counter(finding.language for finding in findings)
    per_language = listed([f"{_name(code)} {count}" for code, count in languages.most_common()])
    about_set = [finding for finding in findings if finding.pair is None]
    about_pairs = [finding for finding in findings if finding.pair is not None]
    shown = [*about_set[:MOST_ABOUT_THE_SET], *varied(about_pairs)]
    items = concat(markup("<li>{} {}</li>", _where(f), _seen(f.message)) for f in shown)
    rest = len(findings) - len(shown)
    more = markup("<li>{}</li>", say("lint.more", count=rest)) if rest else Markup()
    times = say("lint.times", count=len(findings), languages=per_language)
    return markup(
        '<li class="{}"><h3><span class="severity">{}</span> {} <small>{}</small></h3>'
        '<p class="remedy">{}</p><ul class="seen">{}{}</ul></li>',
        severity,
        say(f"lint.{severity}"),
        say_message(f"lint.rule.{rule}"),
        times,
        say_message(f"lint.remedy.{rule}"),
        items,
        more,
    )


def _where(finding: Finding) -> Markup:
    place = worded(finding.place) if finding.place else _name(finding.language)
    return markup("<b>{}</b>", place)


def _seen(message: Message) -> Markup:
    """Return what the lint saw, cut where it is long."""
    text, most = worded(message), 4 * LONG_TEXT
    return markup('<span dir="auto">{}</span>', text if len(text) <= most else f"{text[:most]}…")


def _name(code: str) -> str:
    return say("lint.all") if code == "all" else language_name(code)


def _surface_table(surfaces: Sequence[Surface]) -> Markup:
    if not surfaces:
        return note(say("lint.few", needed=MIN_PAIRS))
    body = Markup()
    for surface in surfaces:
        top = surface.features[0]
        css = "beats" if surface.leaks else ""
        mark = markup(' <span class="differs-mark">{}</span>', say("lint.surface.leaks"))
        leaks = mark if surface.leaks else ""
        between = say("lint.surface.range", low=percent(surface.low), high=percent(surface.high))
        body += markup(
            '<tr class="{}"><th scope="row">{}{}</th><td>{}</td><td>{} <small>({})</small></td>'
            "<td>{} <small>{}</small></td></tr>",
            css,
            _name(surface.language),
            leaks,
            surface.pairs,
            percent(surface.accuracy),
            between,
            _seen(top.called),
            percent(top.accuracy),
        )
    columns = ("language", "pairs", "apart", "by")
    heads = markup("<tr>{}</tr>", column_heads(say(f"lint.surface.{name}") for name in columns))
    table = wide_table(say("lint.surface.label"), "scores", heads, body)
    return markup('<p class="below">{}</p>{}', say("lint.surface"), table)
