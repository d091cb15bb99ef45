"""Before training, every preference pair and the set as a whole are checked.

Nothing is needed but the pairs: a label word on one side only, a leftover label after the answer,
an explanation that argues for another choice are learnt by DPO as readily as the right answer.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from calm.errors import CalmError
from calm.messages import in_english
from calm.pairs.files import Rejected, numbered_pairs
from calm.pairs.lint.findings import RULES, Finding, Linted
from calm.pairs.lint.fix import Fixed
from calm.pairs.lint.form import Surface, surfaces
from calm.pairs.lint.pair_rules import pair_findings
from calm.pairs.lint.set_rules import Groups, set_findings
from calm.pairs.lint.side import asked
from calm.records import PreferencePair

HELD_OUT_NAME = re.compile(
    r"(?:^|[._-])(?:test|eval|valid|validation|dev|held[._-]?out)(?:[._-]|$)"
)
EXAMPLES = 3
"""Pairs that are shown for a rule."""


@dataclass(frozen=True)
class LintReport:
    """What the lint found."""

    pairs: int
    languages: dict[str, int]
    """Pairs of each language."""
    findings: tuple[Finding, ...]
    """About the set first, then by pair."""
    surfaces: tuple[Surface, ...]
    """How well form alone tells the sides apart, for all and by language; none with few pairs."""
    left_out: tuple[Rejected, ...] = ()
    """Rows that could not be read as pairs, where rows were checked and not pairs."""


def lint(items: Sequence[Linted], groups: Groups | None = None) -> LintReport:
    """Return what is wrong with the pairs; `groups` are their questions, where these are known."""
    forms = surfaces(items)
    about_set = set_findings(items, groups or {}, forms)
    return LintReport(
        pairs=len(items),
        languages=dict(Counter(item.pair.language for item in items)),
        findings=(*about_set, *pair_findings(items)),
        surfaces=tuple(forms),
    )


def linted(
    pairs: Iterable[PreferencePair], groups: Groups, name: str = "pairs.jsonl"
) -> list[Linted]:
    """Return the pairs of a run with their places and questions.

    The choices are those that the prompt lists; where it lists none, those of the question.
    """
    items = []
    for number, pair in enumerate(pairs, start=1):
        question = asked(pair.prompt, pair.language)
        known = groups.get(pair.question_id, {}).get(pair.language)
        if known and not question.choices:
            question = known
        items.append(Linted(name, number, pair, question))
    return items


def linted_file(path: Path) -> tuple[list[Linted], list[Rejected]]:
    """Return the pairs of a file with their places, and the rows that were left out.

    Raises CalmError where the file cannot be read or has no pair.
    """
    items: list[Linted] = []
    left_out: list[Rejected] = []
    held_out = bool(HELD_OUT_NAME.search(path.stem.lower()))
    for number, row in numbered_pairs(path):
        if isinstance(row, Rejected):
            left_out.append(row)
        else:
            question = asked(row.prompt, row.language)
            items.append(Linted(str(path), number, row, question, held_out))
    if not items:
        reasons, first = left_out_reasons(left_out)
        raise CalmError("pairs-file.no-pairs", path=path, reasons=reasons, first=first)
    return items, left_out


def left_out_reasons(left_out: Sequence[Rejected]) -> tuple[str, str]:
    """Return why rows were left out, counted by reason, and the first of them."""
    reasons = ", ".join(f"{n} {reason}" for reason, n in _reasons(left_out)) or "it is empty"
    first = f"; row {left_out[0].row}: {left_out[0].detail}" if left_out else ""
    return reasons, first


def as_json(report: LintReport) -> dict[str, Any]:
    """Return the report as plain data."""
    return {
        "pairs": report.pairs,
        "languages": report.languages,
        "findings": [in_english(finding) for finding in report.findings],
        "surface": {s.language: in_english(s) for s in report.surfaces},
    }


def as_text(report: LintReport) -> Iterator[str]:
    """Yield the lines of a summary: each rule once, with a few examples and the remedy."""
    counts = ", ".join(f"{code} {count}" for code, count in sorted(report.languages.items()))
    yield f"{report.pairs} pairs: {counts}"
    for surface in report.surfaces:
        top = surface.features[0]
        yield (
            f"  form alone tells {surface.accuracy:6.1%} of the sides apart "
            f"in {surface.language:<3} [{surface.low:.1%}, {surface.high:.1%}]; "
            f"most by: {top.called} ({top.accuracy:.0%})"
        )
    if not report.findings:
        yield "nothing found"
        return
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        by_rule[finding.rule].append(finding)
    for rule in RULES:
        if findings := by_rule.get(rule):
            yield ""
            yield from _about_rule(rule, findings)


def _about_rule(rule: str, findings: Sequence[Finding]) -> Iterator[str]:
    languages = Counter(finding.language for finding in findings)
    listed = ", ".join(f"{code} {count}" for code, count in languages.most_common())
    yield f"{RULES[rule]}: {rule}: {len(findings)} ({listed})"
    about_set = [finding for finding in findings if finding.pair is None]
    about_pairs = [finding for finding in findings if finding.pair is not None]
    for finding in about_set[: 10 * EXAMPLES]:
        yield f"  {finding.language}: {finding.message}"
    examples = varied(about_pairs)
    for finding in examples:
        yield f"  {finding.place}: {finding.message}"
    shown = min(len(about_set), 10 * EXAMPLES) + len(examples)
    if len(findings) > shown:
        yield f"  … and {len(findings) - shown} more (--json lists them all)"
    yield f"  {findings[0].remedy}"


def varied(findings: Sequence[Finding]) -> list[Finding]:
    """Return a few examples: one of each language that has most, then more of these."""
    by_language: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_language[finding.language].append(finding)
    most_first = sorted(by_language.values(), key=len, reverse=True)
    rounds = (
        own[turn] for turn in range(EXAMPLES) for own in most_first[:EXAMPLES] if turn < len(own)
    )
    return list(islice(rounds, EXAMPLES))


def fixed_text(mended: Fixed, written: Sequence[str]) -> Iterator[str]:
    """Yield the lines that tell what `--fix` did."""
    for what, count in Counter(change.what for change in mended.changes).most_common():
        yield f"{count} times {what}"
    yield f"{len(mended.items)} pairs written: {', '.join(written)}"
    yield "What is left:"


def left_out_text(name: str, left_out: Sequence[Rejected]) -> Iterator[str]:
    """Yield the lines that tell which rows of a file were left out, by reason."""
    for reason, count in _reasons(left_out):
        first = next(row for row in left_out if row.reason == reason)
        yield f"{name}: {count} rows left out: {reason} (first: row {first.row}, {first.detail})"


def _reasons(left_out: Sequence[Rejected]) -> list[tuple[str, int]]:
    return Counter(row.reason for row in left_out).most_common()
