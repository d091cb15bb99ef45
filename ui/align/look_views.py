"""The pairs of a run before training, records -> HTML: a row a pair, with its marks. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from calm.pairs.edits import swapped
from calm.pairs.lint.findings import RULES
from calm.records import EditAction, PairEdit, PreferencePair, Question
from ui.parts.html import (
    LONG_TEXT,
    column_heads,
    concat,
    fold,
    in_a_row,
    in_language,
    markup,
    note,
    wide_table,
)
from ui.text.problems import say_message
from ui.text.words import language_name, say

EVERY, MARKED, UNMARKED, CHANGED = "all", "marked", "unmarked", "changed"
STATES = {"exclude": "excluded", "swap": "swapped"}


@dataclass(frozen=True)
class PairRow:
    """A pair as the table shows it."""

    number: int
    """Its place in the pairs file, from 1."""
    key: str
    pair: PreferencePair
    marks: tuple[str, ...]
    """Rules of the lint that found something."""
    action: EditAction | None
    """What a person changed about it."""


def pair_table(
    rows: Sequence[PairRow],
    groups: Mapping[str, Mapping[str, Question]],
    page: int,
    pages: int,
    count: int,
) -> Markup:
    """Return one page of pairs, each with its question, its sides, its marks and its buttons."""
    if not rows:
        return note(say("align.look.none"))
    where = say("align.look.where", count=count, page=page, pages=pages)
    names = ("pair", "chosen", "rejected", "marks", "change")
    heads = markup("<tr>{}</tr>", column_heads(say(f"align.look.{name}") for name in names))
    body = concat(_row(row, groups) for row in rows)
    table = wide_table(say("align.look.label"), "pairs", heads, body)
    return markup('<p class="below">{}</p>{}', where, table)


def changes_in_words(edits: Sequence[PairEdit], keys: Sequence[str]) -> Markup:
    """Return how many pairs are learnt, and what was changed."""
    here = {edit.pair: edit.action for edit in edits if edit.pair in set(keys)}
    excluded = sum(here.get(key) == "exclude" for key in keys)
    turned = sum(here.get(key) == "swap" for key in keys)
    words = say(
        "align.look.changes",
        learnt=len(keys) - excluded,
        pairs=len(keys),
        excluded=excluded,
        swapped=turned,
    )
    gone = len(edits) - len(here)
    if gone:
        words = in_a_row([words, say("align.look.gone", count=gone)])
    return markup('<p class="result" role="status">{}</p>', words)


def with_count(what: str, count: int) -> str:
    """Return a choice with how many it stands for."""
    return say("align.look.with_count", what=what, count=count)


def _row(row: PairRow, groups: Mapping[str, Mapping[str, Question]]) -> Markup:
    pair = swapped(row.pair) if row.action == "swap" else row.pair
    question = groups.get(pair.question_id, {}).get(pair.language)
    asked = _text(pair.language, question.text if question else pair.prompt)
    state = STATES.get(row.action or "", "")
    said = markup(' <b class="changed">{}</b>', say(f"align.look.{state}")) if state else Markup()
    people = markup(" · {}", say("align.look.by_people")) if pair.source == "ballot" else Markup()
    return markup(
        '<tr class="{}"><th scope="row"><small>{} · {}{}</small>{}{}</th>'
        '<td class="yes" data-label="{}">{}{}</td><td class="no" data-label="{}">{}</td>'
        '<td data-label="{}">{}</td><td class="buttons">{}</td></tr>',
        state,
        row.number,
        language_name(pair.language),
        people,
        said,
        asked,
        say("align.look.chosen"),
        _text(pair.language, pair.chosen),
        _from(pair),
        say("align.look.rejected"),
        _text(pair.language, pair.rejected),
        say("align.look.marks"),
        _marks(row.marks),
        _buttons(row),
    )


def _text(code: str, text: str) -> Markup:
    text = text.strip()
    if len(text) <= LONG_TEXT:
        return in_language(code, text, "div")
    short = in_language(code, text[:LONG_TEXT] + "…")
    return fold(short, in_language(code, text, "div"))


def _from(pair: PreferencePair) -> Markup:
    if pair.chosen_language == pair.language:
        return Markup()
    words = say("align.look.from_language", language=language_name(pair.chosen_language))
    return markup("<small>{}</small>", words)


def _marks(rules: Collection[str]) -> Markup:
    return concat(
        markup(
            '<span class="severity {}" title="{}">{}</span> ',
            RULES[rule],
            say_message(f"lint.remedy.{rule}"),
            say_message(f"lint.rule.{rule}"),
        )
        for rule in rules
    )


def _buttons(row: PairRow) -> Markup:
    places = {"exclude": 0, "swap": 1}
    if row.action:  # in the place of the button that was pressed, which the keyboard goes back to
        places = {"undo": places[row.action]}
    return concat(
        markup(
            '<button type="button" id="pair-{}-{}" data-pair="{}" data-action="{}" '
            'aria-label="{}">{}</button>',
            row.key,
            place,
            row.key,
            action,
            say(f"align.look.{action}_pair", number=row.number),
            say(f"align.look.{action}"),
        )
        for action, place in places.items()
    )
