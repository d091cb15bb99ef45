"""The page `Votes`, records -> HTML: gate, rules, weights, vote by vote. Pure.

The page never hides that a single language can beat the vote.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from calm.evaluation.common_ground import CommonGround, common_ground
from calm.intervals import wilson
from calm.languages.table import language
from calm.records import LanguageWeight, Question, Response, Vote
from calm.voting.gate import FRACTIONS, SHARES, Gate
from calm.voting.rules import RULE_NAMES
from ui.asking.readers import reader_version
from ui.parts.html import (
    LETTERS,
    LONG_TEXT,
    chip,
    esc,
    in_a_row,
    in_language,
    joined,
    language_label,
    listed,
    note,
)
from ui.text.numbers import decimal, percent
from ui.text.words import language_name, say

ROWS_A_PAGE = 60
KEPT, DROPPED, UNDECIDED, DISAGREEING = "kept", "dropped", "undecided", "disagreeing"


@dataclass(frozen=True)
class Shown:
    """A vote with what it was made of."""

    vote: Vote
    versions: Mapping[str, Question]
    """The question by language."""
    responses: Mapping[str, Sequence[Response]]
    """What each language answered."""


# The gate


def head(languages: Sequence[str], rule: str, votes: Sequence[Vote]) -> Markup:
    """Return what was voted on, by which rule, and how many votes have no winner."""
    undecided = sum(vote.winner is None for vote in votes)
    words = say(
        "votes.head.undecided" if undecided else "votes.head.decided",
        questions=len(votes),
        languages=len(languages),
        undecided=undecided,
        rule=esc(rule_name(rule)),
        meaning=esc(rule_in_words(rule)),
    )
    return f'<p class="result">{words}</p>{ground_note(common_ground(votes))}'


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
        (expected_in_words(gate), say("votes.tile.expected")),
        (pairs_in_words(pairs), say("votes.tile.pairs")),
    ]
    items = "".join(f"<li><b>{esc(number)}</b> {esc(words)}</li>" for number, words in tiles)
    return f'<ul class="tiles" aria-live="polite">{items}</ul>'


def expected_in_words(gate: Gate) -> str:
    """Return the range of the estimate without labels, a dash where nothing is kept."""
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
    return "" if pairs[0] == pairs[1] else note(say("votes.pairs.range"))


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
    return f"{note(words, kind)}{_fraction_table(rows, rule)}{_share_table(rows, rule)}"


def verdict(rows: Sequence[Gate], rule: str) -> tuple[str, str]:
    """Return whether a single language beats the vote, in a sentence, and its kind of note."""
    vote = next((row for row in rows if (row.rule, row.fraction) == (rule, 1.0)), None)
    alone = {row.language: row.precision for row in rows if row.language and row.precision}
    if vote is None or vote.precision is None or not alone:
        return say("votes.verdict.unknown"), "info"
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
    heads = "".join(f'<th scope="col">{percent(fraction)}</th>' for fraction in FRACTIONS)
    body = Markup()
    for name in _rules(rows):
        cells = "".join(f"<td>{_right(at[name, fraction])}</td>" for fraction in FRACTIONS)
        body += f"{_rule_row(name, rule)}{cells}</tr>"
    vote = at.get((rule, 1.0))
    for row in sorted((r for r in rows if r.language), key=lambda r: -(r.precision or 0)):
        beats = vote and row.precision and vote.precision and row.precision > vote.precision
        mark = f' <span class="differs-mark">{say("votes.rules.beats")}</span>' if beats else ""
        label = say("votes.rules.alone", language=language_label(row.language or ""))
        name = f"{esc(label)}{mark}"
        body += (
            f'<tr class="{"alone-row beats" if beats else "alone-row"}"><th scope="row">{name}</th>'
            f"<td>{_right(row)}</td>{'<td></td>' * (len(FRACTIONS) - 1)}</tr>"
        )
    return _scrolled(
        say("votes.rules.label"),
        f'<tr><th rowspan="2" scope="col">{say("votes.rules.rule")}</th>'
        f'<th colspan="{len(FRACTIONS)}" scope="colgroup">{say("votes.rules.fractions")}</th></tr>'
        f"<tr>{heads}</tr>",
        body,
    )


def _share_table(rows: Sequence[Gate], rule: str) -> Markup:
    at = {(r.rule, r.minimum_share): r for r in rows if r.fraction is None and not r.language}
    heads = "".join(f'<th scope="col">{percent(share)}</th>' for share in SHARES)
    body = Markup()
    for name in _rules(rows):
        cells = "".join(
            f"<td>{_right(at[name, share])} "
            f"<small>{say('votes.rules.of', kept=at[name, share].kept)}</small></td>"
            for share in SHARES
        )
        body += f"{_rule_row(name, rule)}{cells}</tr>"
    table = _scrolled(
        say("votes.rules.shares_label"),
        f'<tr><th rowspan="2" scope="col">{say("votes.rules.rule")}</th>'
        f'<th colspan="{len(SHARES)}" scope="colgroup">{say("votes.rules.shares")}</th></tr>'
        f"<tr>{heads}</tr>",
        body,
    )
    return f"<details><summary>{say('votes.rules.by_share')}</summary>{table}</details>"


def _rules(rows: Sequence[Gate]) -> list[str]:
    return list(dict.fromkeys(row.rule for row in rows if row.language is None))


def _rule_row(name: str, rule: str) -> Markup:
    mine = name == rule
    run = f" <small>{say('votes.rules.mine')}</small>"
    title = f"<b>{esc(rule_name(name))}</b>{run}" if mine else esc(rule_name(name))
    words = f'<small class="below">{esc(rule_in_words(name))}</small>'
    return f'<tr class="{"of-run" if mine else ""}"><th scope="row">{title}{words}</th>'


def _right(row: Gate) -> str:
    if row.precision is not None:
        return percent(row.precision, 1)
    estimate = expected_in_words(row)
    return estimate if row.expected_low is None else f"~{estimate}"


def _scrolled(label: str, heads: str, body: str) -> Markup:
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{esc(label)}">'
        f'<table class="scores"><thead>{heads}</thead><tbody>{body}</tbody></table></div>'
    )


# What each language counts


def weights_section(weights: Sequence[LanguageWeight], rule: str) -> Markup:
    """Return what one answer of each language counts, and the agreement that this rests on."""
    if not weights:
        return note(say("votes.weights.none"))
    body = "".join(_weight_row(row) for row in sorted(weights, key=lambda row: -row.weight))
    heads = ("language", "weight", "self", "others", "reliability", "answers")
    columns = "".join(f'<th scope="col">{say(f"votes.weights.{name}")}</th>' for name in heads)
    table = _scrolled(say("votes.title.weights"), f"<tr>{columns}</tr>", body)
    return f'<p class="below">{esc(why_in_words(weights, rule))}</p>{table}'


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
    bar = f'<span class="track"><span class="fill even" style="width:{100 * row.weight:.1f}%">'
    return (
        f'<tr><th scope="row">{esc(language_label(row.language))}</th>'
        f'<td><span class="measure">{bar}</span></span>'
        f"<span>{decimal(row.weight, 2)}</span></span></td>"
        f"<td>{percent(row.self_agreement, 1)}</td><td>{percent(row.agreement, 1)}</td>"
        f"<td>{decimal(row.reliability, 2)}</td><td>{row.answers}</td></tr>"
    )


# Vote by vote


def chosen(votes: Sequence[Vote], kind: str, share: float) -> list[Vote]:
    """Return the votes of one kind of `FILTERS`, in their order."""
    return [vote for vote in votes if KINDS[kind](vote, share)]


def is_kept(vote: Vote, share: float) -> bool:
    """Tell whether a gate keeps the vote."""
    return vote.winner is not None and vote.share >= share


def _disagrees(vote: Vote) -> bool:
    own = [answer for answer in vote.by_language.values() if answer is not None]
    return vote.winner is not None and any(answer != vote.winner for answer in own)


KINDS: Mapping[str, Callable[[Vote, float], bool]] = {
    "all": lambda vote, share: True,
    KEPT: is_kept,
    DROPPED: lambda vote, share: vote.winner is not None and not is_kept(vote, share),
    UNDECIDED: lambda vote, share: vote.winner is None,
    DISAGREEING: lambda vote, share: _disagrees(vote),
}


def pages_of(count: int) -> int:
    """Return how many pages so many votes fill; one for none."""
    return max(1, -(-count // ROWS_A_PAGE))


def votes_grid(
    rows: Sequence[Shown], languages: Sequence[str], share: float, page: int, pages: int, count: int
) -> Markup:
    """Return one page of votes: a row a question, a cell a language's own answer."""
    if not rows:
        return note(say("votes.grid.none"))
    heads = "".join(f'<th scope="col">{_short_name(code)}</th>' for code in languages)
    judged = any(reader_version(list(row.versions.values())).gold is not None for row in rows)
    columns = ["question", "vote", "share", *(["right"] if judged else [])]
    named = "".join(f'<th scope="col">{say(f"votes.grid.{name}")}</th>' for name in columns)
    body = "".join(_grid_row(row, languages, share, judged) for row in rows)
    key = "votes.grid.page" if pages > 1 else "votes.grid.count"
    where = say(key, count=count, page=page, pages=pages)
    return (
        f'{grid_key()}<p class="below">{where} {esc(say("votes.grid.letters"))}</p>'
        f'<div class="scroll tall" tabindex="0" role="region" '
        f'aria-label="{esc(say("votes.grid.label"))}"><table class="scores votes-table"><thead><tr>'
        f"{named}{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def grid_key() -> Markup:
    """Return the key to the marks of the grid."""
    marks = {"agrees": "A", "differs": "B", "tie": "=", "unread": "–"}
    items = "".join(
        f'<span><b class="own-mark {kind}">{mark}</b> {esc(say(f"votes.key.{kind}"))}</span>'
        for kind, mark in marks.items()
    )
    return f'<p class="key grid-key">{items}</p>'


def _short_name(code: str) -> Markup:
    return in_language(code, esc(language(code).native_name))


def _grid_row(row: Shown, languages: Sequence[str], share: float, judged: bool) -> Markup:
    vote, reader = row.vote, reader_version(list(row.versions.values()))
    css = KEPT if is_kept(vote, share) else DROPPED
    cells = "".join(_own_cell(row, code) for code in languages)
    right = f"<td>{_judged(vote, reader)}</td>" if judged else ""
    state = say(f"votes.grid.{css if vote.winner is not None else UNDECIDED}")
    return (
        f'<tr class="{css}"><th scope="row">{_question_details(reader, vote)}</th>'
        f"<td>{chip(vote.winner)}</td>"
        f"<td>{percent(vote.share)} <small>{state}</small></td>{right}{cells}</tr>"
    )


def _question_details(reader: Question, vote: Vote) -> Markup:
    text = reader.text if len(reader.text) <= LONG_TEXT else f"{reader.text[:LONG_TEXT]}…"
    items = "".join(
        f"<li>{chip(i)} {esc(choice[:LONG_TEXT])}{_support(vote, i, reader)}</li>"
        for i, choice in enumerate(reader.choices)
    )
    listed = in_language(reader.language, items, "ul", "choices")
    asked = in_language(reader.language, esc(text))
    return f"<details><summary>{asked}</summary>{listed}</details>"


def _support(vote: Vote, choice: int, reader: Question) -> Markup:
    gold = [say("votes.grid.gold")] if choice == reader.gold else []
    count = vote.counts[choice] if choice < len(vote.counts) else 0
    support = vote.support[choice] if choice < len(vote.support) else 0.0
    words = say("votes.grid.support", count=count, support=percent(support))
    return f' <small dir="auto">{esc(listed([words, *gold]))}</small>'


def _judged(vote: Vote, reader: Question) -> Markup:
    if reader.gold is None:
        return Markup()
    if vote.winner == reader.gold:
        words = esc(say("votes.grid.is_right"))
        return f'<span class="yes">✓<span class="unseen">{words}</span></span>'
    words = esc(say("votes.grid.is_wrong"))
    return f'<span class="no">✗<span class="unseen">{words}</span></span> {chip(reader.gold)}'


def _own_cell(row: Shown, code: str) -> Markup:
    responses = row.responses.get(code, ())
    winner, own = row.vote.winner, row.vote.by_language.get(code)
    answers = sorted((r.answer for r in responses), key=lambda a: (a != winner, a is None, a))
    if own is not None:
        letter = LETTERS[own]
        kind = "agrees" if own == winner else "differs"
    elif any(answer is not None for answer in answers):
        letter, kind = "=", "tie"
    else:
        letter, kind = "–", "unread"
    words = say(f"votes.own.{kind}")
    none = say("votes.own.none")
    said = listed([none if a is None else LETTERS[a] for a in answers])
    title = say(
        "votes.own.samples",
        language=language_name(code),
        state=words,
        samples=said or say("votes.own.not_asked"),
    )
    segments = "".join(_sample(answer, winner) for answer in answers)
    return (
        f'<td title="{esc(title)}">'
        f'<b class="own-mark {kind}">{letter}<span class="unseen">, {esc(words)}</span></b>'
        f'<span class="samples-bar" aria-hidden="true">{segments}</span></td>'
    )


def _sample(answer: int | None, winner: int | None) -> Markup:
    letter = "–" if answer is None else LETTERS[answer]
    return f'<i class="{_sample_kind(answer, winner)}">{letter}</i>'


def _sample_kind(answer: int | None, winner: int | None) -> str:
    if answer is None:
        return "none"
    return "yes" if answer == winner else "no"
