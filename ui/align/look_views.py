"""The pairs of a run before training, records -> HTML: a row a pair, with its marks. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from calm.pairs.edits import swapped
from calm.pairs.lint.findings import RULES
from calm.records import EditAction, PairEdit, PreferencePair, Question
from ui.parts.html import LONG_TEXT, esc, in_a_row, in_language, note
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
    heads = "".join(f'<th scope="col">{esc(say(f"align.look.{name}"))}</th>' for name in names)
    body = "".join(_row(row, groups) for row in rows)
    return (
        f'<p class="below">{esc(where)}</p><div class="scroll" tabindex="0" role="region" '
        f'aria-label="{esc(say("align.look.label"))}"><table class="pairs"><thead><tr>{heads}'
        f"</tr></thead><tbody>{body}</tbody></table></div>"
    )


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
    return f'<p class="result" role="status">{esc(words)}</p>'


def with_count(what: str, count: int) -> str:
    """Return a choice with how many it stands for."""
    return say("align.look.with_count", what=what, count=count)


def _row(row: PairRow, groups: Mapping[str, Mapping[str, Question]]) -> Markup:
    pair = swapped(row.pair) if row.action == "swap" else row.pair
    question = groups.get(pair.question_id, {}).get(pair.language)
    asked = _text(pair.language, question.text if question else pair.prompt)
    state = STATES.get(row.action or "", "")
    said = f' <b class="changed">{esc(say(f"align.look.{state}"))}</b>' if state else ""
    people = f" · {esc(say('align.look.by_people'))}" if pair.source == "ballot" else ""
    return (
        f'<tr class="{state}"><th scope="row"><small>{row.number} · '
        f"{esc(language_name(pair.language))}{people}</small>{said}{asked}</th>"
        f'<td class="yes" data-label="{esc(say("align.look.chosen"))}">'
        f"{_text(pair.language, pair.chosen)}{_from(pair)}</td>"
        f'<td class="no" data-label="{esc(say("align.look.rejected"))}">'
        f"{_text(pair.language, pair.rejected)}</td>"
        f'<td data-label="{esc(say("align.look.marks"))}">{_marks(row.marks)}</td>'
        f'<td class="buttons">{_buttons(row)}</td></tr>'
    )


def _text(code: str, text: str) -> Markup:
    text = text.strip()
    if len(text) <= LONG_TEXT:
        return in_language(code, esc(text), "div")
    short = in_language(code, esc(text[:LONG_TEXT]) + "…")
    return f"<details><summary>{short}</summary>{in_language(code, esc(text), 'div')}</details>"


def _from(pair: PreferencePair) -> Markup:
    if pair.chosen_language == pair.language:
        return Markup()
    words = say("align.look.from_language", language=language_name(pair.chosen_language))
    return f"<small>{esc(words)}</small>"


def _marks(rules: Collection[str]) -> Markup:
    return "".join(
        f'<span class="severity {esc(RULES[rule])}" '
        f'title="{esc(say_message(f"lint.remedy.{rule}"))}">'
        f"{esc(say_message(f'lint.rule.{rule}'))}</span> "
        for rule in rules
    )


def _buttons(row: PairRow) -> Markup:
    places = {"exclude": 0, "swap": 1}
    if row.action:  # in the place of the button that was pressed, which the keyboard goes back to
        places = {"undo": places[row.action]}
    return "".join(
        f'<button type="button" id="pair-{esc(row.key)}-{place}" data-pair="{esc(row.key)}" '
        f'data-action="{action}" '
        f'aria-label="{esc(say(f"align.look.{action}_pair", number=row.number))}">'
        f"{esc(say(f'align.look.{action}'))}</button>"
        for action, place in places.items()
    )
