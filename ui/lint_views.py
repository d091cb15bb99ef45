"""What the lint found in a run's pairs, records -> HTML. Pure."""

from collections import Counter
from collections.abc import Sequence

from calm.findings import RULES, Finding
from calm.languages import language
from calm.lint import LintReport, varied
from calm.surface import MIN_PAIRS, Surface
from ui.views import LONG_TEXT, esc, note

MOST_ABOUT_THE_SET = 12


def lint_section(report: LintReport) -> str:
    """Return the findings grouped by rule, each with its remedy, and how far form tells sides."""
    if not report.pairs:
        return note("There is no pair to check.")
    by_rule: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    groups = "".join(_group(rule, by_rule[rule]) for rule in RULES if rule in by_rule)
    found = f'<ul class="findings">{groups}</ul>' if groups else ""
    return f"{note(lint_in_words(report), _kind(report))}{_surface_table(report.surfaces)}{found}"


def lint_in_words(report: LintReport) -> str:
    """Return how many pairs were checked and how many findings there are."""
    counts = Counter(finding.severity for finding in report.findings)
    checked = f"{_count(report.pairs, 'pair')} checked"
    if not report.findings:
        return f"{checked}, nothing found."
    about = [_count(counts[kind], kind) for kind in ("error", "warning") if counts[kind]]
    return f"{checked}: {' and '.join(about)}."


def _kind(report: LintReport) -> str:
    return "warning" if report.findings else "info"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _group(rule: str, findings: Sequence[Finding]) -> str:
    severity, remedy = findings[0].severity, findings[0].remedy
    languages = Counter(finding.language for finding in findings)
    listed = ", ".join(f"{_name(code)} {count}" for code, count in languages.most_common())
    about_set = [finding for finding in findings if finding.pair is None]
    about_pairs = [finding for finding in findings if finding.pair is not None]
    shown = [*about_set[:MOST_ABOUT_THE_SET], *varied(about_pairs)]
    items = "".join(f"<li>{_where(f)} {esc(_short(f.message))}</li>" for f in shown)
    rest = len(findings) - len(shown)
    more = f"<li>and {rest} more</li>" if rest else ""
    return (
        f'<li class="{esc(severity)}"><h4><span class="severity">{esc(severity)}</span> '
        f"{esc(rule.replace('-', ' '))} <small>{len(findings)} times: {esc(listed)}</small></h4>"
        f'<p class="remedy">{esc(remedy)}</p><ul class="seen">{items}{more}</ul></li>'
    )


def _where(finding: Finding) -> str:
    place = finding.place or _name(finding.language)
    return f"<b>{esc(place)}</b>"


def _short(message: str) -> str:
    most = 4 * LONG_TEXT
    return message if len(message) <= most else f"{message[:most]}…"


def _name(code: str) -> str:
    return "all languages" if code == "all" else language(code).name


def _surface_table(surfaces: Sequence[Surface]) -> str:
    if not surfaces:
        return note(
            f"Too few pairs to say whether form alone tells chosen from rejected: {MIN_PAIRS} of a "
            "language are needed."
        )
    body = ""
    for surface in surfaces:
        top = surface.features[0]
        css = "beats" if surface.leaks else ""
        leaks = ' <span class="differs-mark">leaks</span>' if surface.leaks else ""
        body += (
            f'<tr class="{css}"><th scope="row">{esc(_name(surface.language))}{leaks}</th>'
            f"<td>{surface.pairs}</td><td>{surface.accuracy:.0%} "
            f"<small>({surface.low:.0%} to {surface.high:.0%})</small></td>"
            f"<td>{esc(top.feature)} <small>{top.accuracy:.0%}</small></td></tr>"
        )
    return (
        '<p class="below">How often a small classifier tells chosen from rejected by form alone '
        "(label words, length, blank lines, how the answer is written). Half right is chance; more "
        'teaches form.</p><div class="scroll" tabindex="0" role="region" '
        'aria-label="Sides told apart by form"><table class="scores"><thead><tr>'
        '<th scope="col">language</th><th scope="col">pairs</th><th scope="col">told apart</th>'
        '<th scope="col">most by</th></tr></thead><tbody>'
        f"{body}</tbody></table></div>"
    )
