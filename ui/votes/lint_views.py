"""What the lint found in a run's pairs, records -> HTML. Pure."""

from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from calm.messages import Message
from calm.pairs.lint.findings import RULES, Finding
from calm.pairs.lint.form import MIN_PAIRS, Surface
from calm.pairs.lint.report import LintReport, varied
from ui.parts.html import LONG_TEXT, esc, joined, listed, note
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
    groups = "".join(_group(rule, by_rule[rule]) for rule in RULES if rule in by_rule)
    found = f'<ul class="findings">{groups}</ul>' if groups else ""
    return f"{note(lint_in_words(report), _kind(report))}{_surface_table(report.surfaces)}{found}"


def lint_in_words(report: LintReport) -> str:
    """Return how many pairs were checked and how many findings there are."""
    counts = Counter(finding.severity for finding in report.findings)
    checked = say("lint.checked", count=report.pairs)
    if not report.findings:
        return say("lint.clean", checked=checked)
    kinds = {"error": "lint.errors", "warning": "lint.warnings"}
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
    items = "".join(f"<li>{_where(f)} {_seen(f.message)}</li>" for f in shown)
    rest = len(findings) - len(shown)
    more = f"<li>{esc(say('lint.more', count=rest))}</li>" if rest else ""
    times = say("lint.times", count=len(findings), languages=per_language)
    return (
        f'<li class="{esc(severity)}"><h3><span class="severity">{esc(say(f"lint.{severity}"))}'
        f"</span> {esc(say_message(f'lint.rule.{rule}'))} <small>{esc(times)}</small></h3>"
        f'<p class="remedy">{esc(say_message(f"lint.remedy.{rule}"))}</p>'
        f'<ul class="seen">{items}{more}</ul></li>'
    )


def _where(finding: Finding) -> Markup:
    place = worded(finding.place) if finding.place else _name(finding.language)
    return f"<b>{esc(place)}</b>"


def _seen(message: Message) -> Markup:
    """Return what the lint saw, cut where it is long."""
    text, most = worded(message), 4 * LONG_TEXT
    return f'<span dir="auto">{esc(text if len(text) <= most else f"{text[:most]}…")}</span>'


def _name(code: str) -> str:
    return say("lint.all") if code == "all" else language_name(code)


def _surface_table(surfaces: Sequence[Surface]) -> Markup:
    if not surfaces:
        return note(say("lint.few", needed=MIN_PAIRS))
    body = Markup()
    for surface in surfaces:
        top = surface.features[0]
        css = "beats" if surface.leaks else ""
        mark = f' <span class="differs-mark">{esc(say("lint.surface.leaks"))}</span>'
        leaks = mark if surface.leaks else ""
        between = say("lint.surface.range", low=percent(surface.low), high=percent(surface.high))
        body += (
            f'<tr class="{css}"><th scope="row">{esc(_name(surface.language))}{leaks}</th>'
            f"<td>{surface.pairs}</td><td>{percent(surface.accuracy)} "
            f"<small>({esc(between)})</small></td>"
            f"<td>{_seen(top.called)} <small>{percent(top.accuracy)}</small></td></tr>"
        )
    columns = ("language", "pairs", "apart", "by")
    heads = "".join(f'<th scope="col">{esc(say(f"lint.surface.{name}"))}</th>' for name in columns)
    return (
        f'<p class="below">{esc(say("lint.surface"))}</p><div class="scroll" tabindex="0" '
        f'role="region" aria-label="{esc(say("lint.surface.label"))}"><table class="scores">'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )
