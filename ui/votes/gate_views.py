"""The page `Votes`, records -> HTML: gate, rules, weights. Pure.

The page never hides that a single language can beat the vote.
"""

from collections.abc import Sequence

from markupsafe import Markup

from calm.evaluation.common_ground import CommonGround, common_ground
from calm.intervals import can_tell, wilson
from calm.records import LanguageWeight, Vote
from calm.voting.gate import FRACTIONS, SHARES, Gate
from calm.voting.rules import RULE_NAMES
from ui.parts.html import (
    column_heads,
    concat,
    fold,
    in_a_row,
    joined,
    language_label,
    markup,
    note,
    say_markup,
    wide_table,
)
from ui.text.numbers import decimal, percent
from ui.text.words import language_name, say

# The gate


def head(languages: Sequence[str], rule: str, votes: Sequence[Vote]) -> Markup:
    """Return what was voted on, by which rule, and how many votes have no winner."""
    undecided = sum(vote.winner is None for vote in votes)
    words = say_markup(
        "votes.head.undecided" if undecided else "votes.head.decided",
        questions=len(votes),
        languages=len(languages),
        undecided=undecided,
        rule=rule_name(rule),
        meaning=rule_in_words(rule),
    )
    return markup('<p class="result">{}</p>{}', words, ground_note(common_ground(votes)))


def rule_name(rule: str) -> str:
    """Return what the reader calls a rule; one that is not known as it is."""
    return say(f"history.rule.{rule}") if rule in RULE_NAMES else rule


def rule_in_words(rule: str) -> str:
    """Return how a rule counts; nothing for one that is not known."""
    return say(f"votes.rule.{rule}") if rule in RULE_NAMES else ""


def gate_tiles(gate: Gate, pairs: tuple[int, int] | None) -> Markup:
    """Return what a gate keeps and what it is worth; `pairs` are counted still where `None`."""
    tiles = [
        (f"{gate.kept}", say("votes.tile.kept", of=gate.of)),
        (percent_or_dash(gate.precision), measured_in_words(gate)),
        (expected_in_words(gate), expected_title(gate)),
        (pairs_in_words(pairs), say("votes.tile.pairs")),
    ]
    items = concat(markup("<li><b>{}</b> {}</li>", number, words) for number, words in tiles)
    return markup('<ul class="tiles" aria-live="polite">{}</ul>', items)


def expected_title(gate: Gate) -> str:
    """Return what the estimate is, or that too few votes are kept for one."""
    return say("votes.tile.expected" if can_tell(gate.kept) else "votes.tile.few")


def expected_in_words(gate: Gate) -> str:
    """Return the range of the estimate without labels, a dash where too little is kept."""
    if not can_tell(gate.kept):
        return "–"
    if gate.expected_low is None or gate.expected_high is None:
        return "–"
    return _range(percent(gate.expected_low), percent(gate.expected_high))


def measured_in_words(gate: Gate) -> str:
    """Return what the measured precision rests on, with its interval; or why there is none."""
    if gate.precision is None:
        return say("votes.measured.none")
    low, high = wilson(round(gate.precision * gate.judged), gate.judged)
    key = "votes.measured.some" if gate.judged < gate.kept else "votes.measured.all"
    return say(key, low=percent(low), high=percent(high), judged=gate.judged)


def pairs_in_words(pairs: tuple[int, int] | None) -> str:
    """Return how many pairs there would be: a range where some need a translation service."""
    if pairs is None:
        return "…"
    least, most = pairs
    return f"{least}" if least == most else _range(least, most)


def pairs_note(pairs: tuple[int, int] | None) -> Markup:
    """Return what a range of pairs means, or none at all; nothing for a plain number."""
    if pairs is None:
        return Markup()
    if pairs[1] == 0:
        return note(say("votes.pairs.none"), "warning")
    return Markup() if pairs[0] == pairs[1] else note(say("votes.pairs.range"))


def _range(low: object, high: object) -> str:
    return say("votes.range", low=low, high=high)


def percent_or_dash(value: float | None) -> str:
    """Return a share as `84.6%`, a dash for none."""
    return "–" if value is None else percent(value, 1)


# The rules


def ground_note(found: CommonGround | None) -> Markup:
    """Return what to do where languages hardly agree beyond chance; nothing where they do."""
    if found is None or not (found.is_slight or found.alone):
        return Markup()
    if not found.is_slight:
        return note(
            say("votes.ground.alone", languages=joined([language_name(c) for c in found.alone])),
            "warning",
        )
    numbers = {name: decimal(getattr(found, name), 2) for name in ("value", "low", "high")}
    return note(say("votes.ground.slight", questions=found.questions, **numbers), "warning")


def rules_section(rows: Sequence[Gate], rule: str) -> Markup:
    """Return the rules beside each other and every language alone, first of all in a sentence."""
    words, kind = verdict(rows, rule)
    return markup(
        "{}{}{}", note(words, kind), _fraction_table(rows, rule), _share_table(rows, rule)
    )


def verdict(rows: Sequence[Gate], rule: str) -> tuple[str, str]:
    """Return whether a single language beats the vote, in a sentence, and its kind of note."""
    vote = next((row for row in rows if (row.rule, row.fraction) == (rule, 1.0)), None)
    alone = {row.language: row.precision for row in rows if row.language and row.precision}
    if vote is None or vote.precision is None or not alone:
        return say("votes.verdict.unknown"), "info"
    if not can_tell(vote.judged):
        return say("votes.verdict.few", count=vote.judged), "info"
    codes = sorted(alone, key=lambda code: -(alone[code] or 0))
    named = [
        say(
            "votes.verdict.alone",
            language=language_name(code or ""),
            right=percent_or_dash(alone[code]),
        )
        for code in codes
    ]
    right = percent_or_dash(vote.precision)
    of = say("votes.verdict.of", rule=rule_name(rule), right=right, questions=vote.judged)
    ahead = [name for name, code in zip(named, codes, strict=True) if alone[code] > vote.precision]
    if ahead:
        return say("votes.verdict.beaten", languages=joined(ahead), vote=of), "warning"
    words = say("votes.verdict.unbeaten", best=named[0], vote=of)
    behind = [
        f"{rule_name(row.rule)} ({percent(row.precision, 1)})"
        for row in rows
        if row.fraction == 1.0 and row.precision is not None
        if row.precision < (alone[codes[0]] or 0)
    ]
    if behind:
        best = language_name(codes[0] or "")
        more = say("votes.verdict.beats_rules", language=best, rules=joined(behind))
        words = in_a_row([words, more])
    return words, "info"


def _fraction_table(rows: Sequence[Gate], rule: str) -> Markup:
    at = {(row.rule, row.fraction): row for row in rows if row.fraction is not None}
    heads = column_heads(percent(fraction) for fraction in FRACTIONS)
    body = Markup()
    for name in _rules(rows):
        cells = concat(markup("<td>{}</td>", _right(at[name, fraction])) for fraction in FRACTIONS)
        body += markup("{}{}</tr>", _rule_row(name, rule), cells)
    vote = at.get((rule, 1.0))
    for row in sorted((r for r in rows if r.language), key=lambda r: -(r.precision or 0)):
        beats = (
            vote
            and can_tell(vote.judged)
            and row.precision
            and vote.precision
            and row.precision > vote.precision
        )
        mark = (
            markup(' <span class="differs-mark">{}</span>', say("votes.rules.beats"))
            if beats
            else Markup()
        )
        label = say("votes.rules.alone", language=language_label(row.language or ""))
        name = markup("{}{}", label, mark)
        body += markup(
            '<tr class="{}"><th scope="row">{}</th><td>{}</td>{}</tr>',
            "alone-row beats" if beats else "alone-row",
            name,
            _right(row),
            markup("<td></td>") * (len(FRACTIONS) - 1),
        )
    return wide_table(
        say("votes.rules.label"),
        "scores",
        markup(
            '<tr><th rowspan="2" scope="col">{}</th><th colspan="{}" scope="colgroup">{}</th></tr>'
            "<tr>{}</tr>",
            say("votes.rules.rule"),
            len(FRACTIONS),
            say("votes.rules.fractions"),
            heads,
        ),
        body,
    )


def _share_table(rows: Sequence[Gate], rule: str) -> Markup:
    at = {(r.rule, r.minimum_share): r for r in rows if r.fraction is None and not r.language}
    heads = column_heads(percent(share) for share in SHARES)
    body = Markup()
    for name in _rules(rows):
        cells = concat(
            markup(
                "<td>{} <small>{}</small></td>",
                _right(at[name, share]),
                say("votes.rules.of", kept=at[name, share].kept),
            )
            for share in SHARES
        )
        body += markup("{}{}</tr>", _rule_row(name, rule), cells)
    table = wide_table(
        say("votes.rules.shares_label"),
        "scores",
        markup(
            '<tr><th rowspan="2" scope="col">{}</th><th colspan="{}" scope="colgroup">{}</th></tr>'
            "<tr>{}</tr>",
            say("votes.rules.rule"),
            len(SHARES),
            say("votes.rules.shares"),
            heads,
        ),
        body,
    )
    return fold(say("votes.rules.by_share"), table)


def _rules(rows: Sequence[Gate]) -> list[str]:
    return list(dict.fromkeys(row.rule for row in rows if row.language is None))


def _rule_row(name: str, rule: str) -> Markup:
    mine = name == rule
    run = markup(" <small>{}</small>", say("votes.rules.mine"))
    title = markup("<b>{}</b>{}", rule_name(name), run) if mine else rule_name(name)
    words = markup('<small class="below">{}</small>', rule_in_words(name))
    return markup(
        '<tr class="{}"><th scope="row">{}{}</th>', "of-run" if mine else "", title, words
    )


def _right(row: Gate) -> str:
    if row.precision is not None:
        return percent(row.precision, 1)
    estimate = expected_in_words(row)
    return estimate if row.expected_low is None else f"~{estimate}"


# What each language counts


def weights_section(weights: Sequence[LanguageWeight], rule: str) -> Markup:
    """Return what one answer of each language counts, and the agreement that this rests on."""
    if not weights:
        return note(say("votes.weights.none"))
    body = concat(_weight_row(row) for row in sorted(weights, key=lambda row: -row.weight))
    heads = ("language", "weight", "self", "others", "reliability", "answers")
    columns = markup("<tr>{}</tr>", column_heads(say(f"votes.weights.{name}") for name in heads))
    table = wide_table(say("votes.title.weights"), "scores", columns, body)
    return markup('<p class="below">{}</p>{}', why_in_words(weights, rule), table)


def why_in_words(weights: Sequence[LanguageWeight], rule: str) -> str:
    """Return why the language that counts most does."""
    if rule in ("plurality", "one-vote"):
        return say("votes.why.alike", rule=rule_name(rule))
    most = max(weights, key=lambda row: row.weight)
    name = language_name(most.language)
    if rule == "dawid-skene":
        return say("votes.why.fitted", language=name)
    return say(
        "votes.why.agreeing",
        language=name,
        itself=percent(most.self_agreement),
        others=percent(most.agreement),
    )


def _weight_row(row: LanguageWeight) -> Markup:
    bar = markup(
        '<span class="track"><span class="fill even" style="width:{:.1f}%">', 100 * row.weight
    )
    return markup(
        '<tr><th scope="row">{}</th><td><span class="measure">{}</span></span>'
        "<span>{}</span></span></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
        language_label(row.language),
        bar,
        decimal(row.weight, 2),
        percent(row.self_agreement, 1),
        percent(row.agreement, 1),
        decimal(row.reliability, 2),
        row.answers,
    )
