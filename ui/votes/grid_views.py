"""The page `Votes`, vote by vote, records -> HTML: which are shown, and a row for each. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from calm.languages.table import language
from calm.records import Question, Response, Vote
from ui.asking.readers import reader_version
from ui.parts.html import (
    LETTERS,
    LONG_TEXT,
    chip,
    column_heads,
    concat,
    fold,
    in_language,
    listed,
    markup,
    note,
    wide_table,
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


def chosen(votes: Sequence[Vote], kind: str, share: float) -> list[Vote]:
    """Return the votes of one of `KINDS`, in their order."""
    return [vote for vote in votes if KINDS[kind](vote, share)]


def is_kept(vote: Vote, share: float) -> bool:
    """Tell whether a gate keeps the vote."""
    return vote.winner is not None and vote.share >= share


def disagrees(vote: Vote) -> bool:
    """Tell whether a language's own answer is another one than the winner."""
    own = [answer for answer in vote.by_language.values() if answer is not None]
    return vote.winner is not None and any(answer != vote.winner for answer in own)


KINDS: Mapping[str, Callable[[Vote, float], bool]] = {
    "all": lambda vote, share: True,
    KEPT: is_kept,
    DROPPED: lambda vote, share: vote.winner is not None and not is_kept(vote, share),
    UNDECIDED: lambda vote, share: vote.winner is None,
    DISAGREEING: lambda vote, share: disagrees(vote),
}


def votes_grid(
    rows: Sequence[Shown],
    languages: Sequence[str],
    share: float,
    page: int,
    pages: int,
    count: int,
    weights: Mapping[str, float] | None = None,
) -> Markup:
    """Return one page of votes: a row a question, a cell a language's own answer.

    `weights` are what one answer of each language counts, where a rule weighs them.
    """
    if not rows:
        return note(say("votes.grid.none"))
    judged = are_judged(rows)
    body = concat(grid_row(row, languages, share, judged) for row in rows)
    key = "votes.grid.page" if pages > 1 else "votes.grid.count"
    where = say(key, count=count, page=page, pages=pages)
    table = grid_table(languages, weights or {}, judged, body)
    letters = say("votes.grid.letters")
    return markup('{}<p class="below">{} {}</p>{}', grid_key(), where, letters, table)


def are_judged(rows: Sequence[Shown]) -> bool:
    """Tell whether anybody has said of any of these votes what is right."""
    return any(reader_version(list(row.versions.values())).gold is not None for row in rows)


def grid_table(
    languages: Sequence[str], weights: Mapping[str, float], judged: bool, body: Markup
) -> Markup:
    """Return the table of the votes around its rows; `judged` as `grid_row` was told."""
    heads = concat(_language_head(code, weights) for code in languages)
    columns = ["question", "vote", "share", *(["right"] if judged else [])]
    named = column_heads(say(f"votes.grid.{name}") for name in columns)
    return wide_table(
        say("votes.grid.label"),
        "scores votes-table",
        markup("<tr>{}{}</tr>", named, heads),
        body,
        "scroll tall",
    )


def grid_key() -> Markup:
    """Return the key to the marks of the grid."""
    marks = {"agrees": "A", "differs": "B", "tie": "=", "unread": "–"}
    items = concat(
        markup(
            '<span><b class="own-mark {}">{}</b> {}</span>', kind, mark, say(f"votes.key.{kind}")
        )
        for kind, mark in marks.items()
    )
    return markup('<p class="key grid-key">{}</p>', items)


def _language_head(code: str, weights: Mapping[str, float]) -> Markup:
    counts, name = Markup(), in_language(code, language(code).native_name)
    if code in weights and len(set(weights.values())) > 1:
        weight = decimal(weights[code], 2)
        counts = markup(
            ' <small class="below" title="{}">×{}</small>', say("votes.weights.weight"), weight
        )
    return markup('<th scope="col">{}{}</th>', name, counts)


def share_in_words(vote: Vote, choice: int) -> str:
    """Return how many answers a choice has, and what share that is, or a rule makes of it."""
    total = sum(vote.counts)
    if not total:
        return "–"
    weighs = "counted" if vote.rule == "plurality" else "weighted"
    return say(
        f"votes.share.{weighs}",
        given=vote.counts[choice] if choice < len(vote.counts) else 0,
        count=total,
        share=percent(vote.support[choice] if choice < len(vote.support) else 0.0),
    )


def grid_row(row: Shown, languages: Sequence[str], share: float, judged: bool) -> Markup:
    """Return a vote as a row, with a cell that says whether it is right where it is `judged`."""
    vote, reader = row.vote, reader_version(list(row.versions.values()))
    css = KEPT if is_kept(vote, share) else DROPPED
    cells = concat(_own_cell(row, code) for code in languages)
    right = markup("<td>{}</td>", _judged(vote, reader)) if judged else Markup()
    state = say(f"votes.grid.{css if vote.winner is not None else UNDECIDED}")
    return markup(
        '<tr class="{}"><th scope="row">{}</th><td>{}</td><td>{} <small>{}</small></td>{}{}</tr>',
        css,
        _question_details(reader, vote),
        chip(vote.winner),
        share_in_words(vote, _leading(vote)),
        state,
        right,
        cells,
    )


def _leading(vote: Vote) -> int:
    """Return the winner; of a tie the first of those with most support."""
    if vote.winner is not None:
        return vote.winner
    return max(range(len(vote.support)), key=vote.support.__getitem__, default=0)


def _question_details(reader: Question, vote: Vote) -> Markup:
    text = reader.text if len(reader.text) <= LONG_TEXT else f"{reader.text[:LONG_TEXT]}…"
    items = concat(
        markup("<li>{} {}{}</li>", chip(i), choice[:LONG_TEXT], _support(vote, i, reader))
        for i, choice in enumerate(reader.choices)
    )
    listed = in_language(reader.language, items, "ul", "choices")
    asked = in_language(reader.language, text)
    return fold(asked, listed)


def _support(vote: Vote, choice: int, reader: Question) -> Markup:
    gold = [say("votes.grid.gold")] if choice == reader.gold else []
    words = listed([share_in_words(vote, choice), *gold])
    return markup(' <small dir="auto">{}</small>', words)


def _judged(vote: Vote, reader: Question) -> Markup:
    if reader.gold is None:
        return Markup()
    if vote.winner == reader.gold:
        words = say("votes.grid.is_right")
        return markup('<span class="yes">✓<span class="unseen">{}</span></span>', words)
    words = say("votes.grid.is_wrong")
    return markup(
        '<span class="no">✗<span class="unseen">{}</span></span> {}', words, chip(reader.gold)
    )


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
    segments = concat(_sample(answer, winner) for answer in answers)
    return markup(
        '<td title="{}"><b class="own-mark {}">{}<span class="unseen">, {}</span></b>'
        '<span class="samples-bar" aria-hidden="true">{}</span></td>',
        title,
        kind,
        letter,
        words,
        segments,
    )


def _sample(answer: int | None, winner: int | None) -> Markup:
    letter = "–" if answer is None else LETTERS[answer]
    return markup('<i class="{}">{}</i>', _sample_kind(answer, winner), letter)


def _sample_kind(answer: int | None, winner: int | None) -> str:
    if answer is None:
        return "none"
    return "yes" if answer == winner else "no"
