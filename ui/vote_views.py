"""The page `Votes`, records -> HTML: gate, rules, weights, vote by vote. Pure.

The page never hides that a single language can beat the vote.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from calm.gate import FRACTIONS, SHARES, Gate
from calm.languages import language
from calm.metrics import wilson
from calm.records import LanguageWeight, Question, Response, Vote
from ui.ask_views import reader_version
from ui.views import LETTERS, LONG_TEXT, chip, esc, in_language, joined, language_label, note

ROWS_A_PAGE = 60
RULE_WORDS = {
    "plurality": "every sample counts once",
    "one-vote": "every language counts once",
    "self-consistency": "by how far a language agrees with itself",
    "dawid-skene": "by accuracies fitted together with the answers",
    "anchor": "one language counts six times",
    "reliability": "by agreement with itself and the others",
}
ALONE = "language alone"
KEPT, DROPPED, UNDECIDED, DISAGREEING = "kept", "dropped", "undecided", "disagreeing"
FILTERS = {
    "all": "all",
    KEPT: "kept by the gate",
    DROPPED: "dropped by the gate",
    UNDECIDED: "without a winner",
    DISAGREEING: "in which a language disagrees",
}


@dataclass(frozen=True)
class Shown:
    """A vote with what it was made of."""

    vote: Vote
    versions: Mapping[str, Question]
    """The question by language."""
    responses: Mapping[str, Sequence[Response]]
    """What each language answered."""


# The gate


def head(languages: Sequence[str], rule: str, votes: Sequence[Vote]) -> str:
    """Return what was voted on, by which rule, and how many votes have no winner."""
    undecided = sum(vote.winner is None for vote in votes)
    without = f", {undecided} of them without a winner" if undecided else ", each with a winner"
    words = RULE_WORDS.get(rule, "")
    return (
        f'<p class="result">{len(votes)} questions in {len(languages)} languages{without}. '
        f"The rule is <b>{esc(rule)}</b>: {esc(words)}.</p>"
    )


def gate_tiles(gate: Gate, pairs: tuple[int, int] | None) -> str:
    """Return what a gate keeps and what it is worth; `pairs` are counted still where `None`."""
    tiles = [
        (f"{gate.kept}", f"of {gate.of} questions kept"),
        (percent(gate.precision), measured_in_words(gate)),
        (expected_in_words(gate), "expected right, without labels"),
        (pairs_in_words(pairs), "preference pairs at this gate"),
    ]
    items = "".join(f"<li><b>{esc(number)}</b> {esc(words)}</li>" for number, words in tiles)
    return f'<ul class="tiles" aria-live="polite">{items}</ul>'


def expected_in_words(gate: Gate) -> str:
    """Return the range of the estimate without labels, a dash where nothing is kept."""
    if gate.expected_low is None or gate.expected_high is None:
        return "–"
    return f"{gate.expected_low:.0%} to {gate.expected_high:.0%}"


def measured_in_words(gate: Gate) -> str:
    """Return what the measured precision rests on, with its interval; or why there is none."""
    if gate.precision is None:
        return "measured: no kept question has a gold answer"
    low, high = wilson(round(gate.precision * gate.judged), gate.judged)
    rests = f"{gate.judged} with a gold answer" if gate.judged < gate.kept else f"{gate.judged}"
    return f"measured right ({low:.0%} to {high:.0%}, of {rests})"


def pairs_in_words(pairs: tuple[int, int] | None) -> str:
    """Return how many pairs there would be: a range where some need a translation service."""
    if pairs is None:
        return "…"
    least, most = pairs
    return f"{least}" if least == most else f"{least} to {most}"


def pairs_note(pairs: tuple[int, int] | None) -> str:
    """Return what a range of pairs means, or none at all; nothing for a plain number."""
    if pairs is None:
        return ""
    if pairs[1] == 0:
        return note(
            "No pair can be made at this gate: every language needs a question that it keeps and "
            "that the language answered wrong at least once. Choose a smaller share.",
            "warning",
        )
    if pairs[0] == pairs[1]:
        return ""
    return note(
        "The larger number needs a translation service: where no response of a language agrees "
        "with the vote, the explanation of another language is translated."
    )


def percent(value: float | None) -> str:
    """Return a share as `84.6%`, a dash for none."""
    return "–" if value is None else f"{value:.1%}"


# The rules


def rules_section(rows: Sequence[Gate], rule: str) -> str:
    """Return the rules beside each other and every language alone, first of all in a sentence."""
    words, kind = verdict(rows, rule)
    return f"{note(words, kind)}{_fraction_table(rows, rule)}{_share_table(rows, rule)}"


def verdict(rows: Sequence[Gate], rule: str) -> tuple[str, str]:
    """Return whether a single language beats the vote, in a sentence, and its kind of note."""
    vote = next((row for row in rows if (row.rule, row.fraction) == (rule, 1.0)), None)
    alone = {row.language: row.precision for row in rows if row.language and row.precision}
    if vote is None or vote.precision is None or not alone:
        return (
            "Nobody has said which answers are right here, so nobody can say whether a single "
            "language is right more often than the vote. It may be. The numbers with ~ are "
            "estimates without labels.",
            "info",
        )
    codes = sorted(alone, key=lambda code: -(alone[code] or 0))
    named = [f"{language(code or '').name} alone is right on {alone[code]:.1%}" for code in codes]
    of = f"the vote by {rule} on {vote.precision:.1%} of {vote.judged} questions"
    ahead = [name for name, code in zip(named, codes, strict=True) if alone[code] > vote.precision]
    if ahead:
        return (
            f"A single language beats the vote: {joined(ahead)}, {of}. The other languages still "
            "learn from it, but the vote can pull that language down.",
            "warning",
        )
    words = f"No single language beats the vote: {named[0]}, {of}."
    behind = [
        f"{row.rule} ({row.precision:.1%})"
        for row in rows
        if row.fraction == 1.0 and row.precision is not None
        if row.precision < (alone[codes[0]] or 0)
    ]
    if behind:
        words += f" {language(codes[0] or '').name} alone does beat {joined(behind)}."
    return words, "info"


def _fraction_table(rows: Sequence[Gate], rule: str) -> str:
    at = {(row.rule, row.fraction): row for row in rows if row.fraction is not None}
    heads = "".join(f'<th scope="col">{fraction:.0%}</th>' for fraction in FRACTIONS)
    body = ""
    for name in _rules(rows):
        cells = "".join(f"<td>{_right(at[name, fraction])}</td>" for fraction in FRACTIONS)
        body += f"{_rule_row(name, rule)}{cells}</tr>"
    vote = at.get((rule, 1.0))
    for row in sorted((r for r in rows if r.language), key=lambda r: -(r.precision or 0)):
        beats = vote and row.precision and vote.precision and row.precision > vote.precision
        mark = ' <span class="differs-mark">beats the vote</span>' if beats else ""
        name = f"{esc(language_label(row.language or ''))} alone{mark}"
        body += (
            f'<tr class="{"alone-row beats" if beats else "alone-row"}"><th scope="row">{name}</th>'
            f"<td>{_right(row)}</td>{'<td></td>' * (len(FRACTIONS) - 1)}</tr>"
        )
    return _scrolled(
        "Voting rules and languages alone",
        f'<tr><th rowspan="2" scope="col">rule</th><th colspan="{len(FRACTIONS)}" scope="colgroup">'
        "right when this part of the questions is kept, largest share first</th></tr>"
        f"<tr>{heads}</tr>",
        body,
    )


def _share_table(rows: Sequence[Gate], rule: str) -> str:
    at = {(r.rule, r.minimum_share): r for r in rows if r.fraction is None and not r.language}
    heads = "".join(f'<th scope="col">{share:.0%}</th>' for share in SHARES)
    body = ""
    for name in _rules(rows):
        cells = "".join(
            f"<td>{_right(at[name, share])} <small>of {at[name, share].kept}</small></td>"
            for share in SHARES
        )
        body += f"{_rule_row(name, rule)}{cells}</tr>"
    table = _scrolled(
        "Voting rules by smallest share",
        f'<tr><th rowspan="2" scope="col">rule</th><th colspan="{len(SHARES)}" scope="colgroup">'
        f"right at this smallest vote share, and questions kept</th></tr><tr>{heads}</tr>",
        body,
    )
    return f"<details><summary>By smallest vote share</summary>{table}</details>"


def _rules(rows: Sequence[Gate]) -> list[str]:
    return list(dict.fromkeys(row.rule for row in rows if row.language is None))


def _rule_row(name: str, rule: str) -> str:
    mine = name == rule
    title = f"<b>{esc(name)}</b> <small>this run</small>" if mine else esc(name)
    words = f'<small class="below">{esc(RULE_WORDS.get(name, ""))}</small>'
    return f'<tr class="{"mine" if mine else ""}"><th scope="row">{title}{words}</th>'


def _right(row: Gate) -> str:
    if row.precision is not None:
        return f"{row.precision:.1%}"
    estimate = expected_in_words(row)
    return estimate if row.expected_low is None else f"~{estimate}"


def _scrolled(label: str, heads: str, body: str) -> str:
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{esc(label)}">'
        f'<table class="scores"><thead>{heads}</thead><tbody>{body}</tbody></table></div>'
    )


# What each language counts


def weights_section(weights: Sequence[LanguageWeight], rule: str) -> str:
    """Return what one answer of each language counts, and the agreement that this rests on."""
    if not weights:
        return note("Nothing could be weighed: no response states an answer.")
    body = "".join(_weight_row(row) for row in sorted(weights, key=lambda row: -row.weight))
    heads = (
        "language",
        "one answer counts",
        "agrees with itself",
        "agrees with the others",
        "reliability",
        "answers read",
    )
    columns = "".join(f'<th scope="col">{name}</th>' for name in heads)
    table = _scrolled("What each language counts", f"<tr>{columns}</tr>", body)
    return f'<p class="below">{esc(why_in_words(weights, rule))}</p>{table}'


def why_in_words(weights: Sequence[LanguageWeight], rule: str) -> str:
    """Return why the language that counts most does."""
    if rule in ("plurality", "one-vote"):
        return f"The rule {rule} counts all languages alike, whatever they agree on."
    most = max(weights, key=lambda row: row.weight)
    name = language(most.language).name
    if rule == "dawid-skene":
        return (
            f"{name} counts most: fitted together with the answers, its accuracy is the highest. "
            "No label was looked at."
        )
    same = (
        f"two of its samples agree {most.self_agreement:.0%} of the time, and one agrees with one "
        f"of another language {most.agreement:.0%} of the time"
    )
    return f"{name} counts most: {same}. No label was looked at."


def _weight_row(row: LanguageWeight) -> str:
    bar = f'<span class="track"><span class="fill even" style="width:{100 * row.weight:.1f}%">'
    return (
        f'<tr><th scope="row">{esc(language_label(row.language))}</th>'
        f'<td><span class="measure">{bar}</span></span><span>{row.weight:.2f}</span></span></td>'
        f"<td>{row.self_agreement:.1%}</td><td>{row.agreement:.1%}</td>"
        f"<td>{row.reliability:.2f}</td><td>{row.answers}</td></tr>"
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
) -> str:
    """Return one page of votes: a row a question, a cell a language's own answer."""
    if not rows:
        return note("No vote of this kind. Choose another kind, or another smallest share.")
    heads = "".join(f'<th scope="col">{_short_name(code)}</th>' for code in languages)
    judged = any(reader_version(list(row.versions.values())).gold is not None for row in rows)
    right = '<th scope="col">right?</th>' if judged else ""
    body = "".join(_grid_row(row, languages, share, judged) for row in rows)
    where = f"{count} votes, page {page} of {pages}" if pages > 1 else f"{count} votes"
    return (
        f'{GRID_KEY}<p class="below">{where}. Letters stand for the question\'s own choices, in '
        "the order in which they unfold; thin bars are single samples.</p>"
        '<div class="scroll tall" tabindex="0" role="region" aria-label="Votes by question and '
        'language"><table class="scores grid"><thead><tr><th scope="col">question</th>'
        f'<th scope="col">vote</th><th scope="col">share</th>{right}{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


GRID_KEY = (
    '<p class="key grid-key"><span><b class="own-mark agrees">A</b> agrees with the vote</span>'
    '<span><b class="own-mark differs">B</b> disagrees</span>'
    '<span><b class="own-mark tie">=</b> its own samples tie</span>'
    '<span><b class="own-mark unread">–</b> states no answer</span></p>'
)


def _short_name(code: str) -> str:
    return in_language(code, esc(language(code).native_name))


def _grid_row(row: Shown, languages: Sequence[str], share: float, judged: bool) -> str:
    vote, reader = row.vote, reader_version(list(row.versions.values()))
    css = KEPT if is_kept(vote, share) else DROPPED
    cells = "".join(_own_cell(row, code) for code in languages)
    right = f"<td>{_judged(vote, reader)}</td>" if judged else ""
    state = {KEPT: "kept", DROPPED: "dropped"}[css] if vote.winner is not None else "no winner"
    return (
        f'<tr class="{css}"><th scope="row">{_question_details(reader, vote)}</th>'
        f"<td>{chip(vote.winner)}</td>"
        f"<td>{vote.share:.0%} <small>{state}</small></td>{right}{cells}</tr>"
    )


def _question_details(reader: Question, vote: Vote) -> str:
    text = reader.text if len(reader.text) <= LONG_TEXT else f"{reader.text[:LONG_TEXT]}…"
    items = "".join(
        f"<li>{chip(i)} {esc(choice[:LONG_TEXT])}{_support(vote, i, reader)}</li>"
        for i, choice in enumerate(reader.choices)
    )
    listed = in_language(reader.language, items, "ul", "choices")
    asked = in_language(reader.language, esc(text))
    return f"<details><summary>{asked}</summary>{listed}</details>"


def _support(vote: Vote, choice: int, reader: Question) -> str:
    gold = ", the right answer" if choice == reader.gold else ""
    count = vote.counts[choice] if choice < len(vote.counts) else 0
    support = vote.support[choice] if choice < len(vote.support) else 0.0
    said = "1 answer" if count == 1 else f"{count} answers"
    return f' <small dir="ltr">{support:.0%} of the support, {said}{gold}</small>'


def _judged(vote: Vote, reader: Question) -> str:
    if reader.gold is None:
        return ""
    if vote.winner == reader.gold:
        return '<span class="yes">✓<span class="unseen">right</span></span>'
    return f'<span class="no">✗<span class="unseen">wrong</span></span> {chip(reader.gold)}'


def _own_cell(row: Shown, code: str) -> str:
    responses = row.responses.get(code, ())
    winner, own = row.vote.winner, row.vote.by_language.get(code)
    answers = sorted((r.answer for r in responses), key=lambda a: (a != winner, a is None, a))
    if own is not None:
        letter = LETTERS[own]
        kind, words = ("agrees", "agrees") if own == winner else ("differs", "disagrees")
    elif any(answer is not None for answer in answers):
        letter, kind, words = "=", "tie", "its own samples tie"
    else:
        letter, kind, words = "–", "unread", "states no answer"
    said = ", ".join("none" if a is None else LETTERS[a] for a in answers) or "not asked"
    segments = "".join(f'<i class="{_sample_kind(answer, winner)}"></i>' for answer in answers)
    return (
        f'<td title="{esc(language(code).name)}: {words}; samples: {said}">'
        f'<b class="own-mark {kind}">{letter}<span class="unseen">, {words}</span></b>'
        f'<span class="samples-bar" aria-hidden="true">{segments}</span></td>'
    )


def _sample_kind(answer: int | None, winner: int | None) -> str:
    if answer is None:
        return "none"
    return "yes" if answer == winner else "no"
