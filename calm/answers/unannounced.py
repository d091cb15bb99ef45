"""Answers that nothing announces: alone on a line, ticked, only pointed at, a bare yes or no."""

from calm.answers.patterns import (
    ASKED,
    CELL,
    CLAUSE_ENDS,
    DECORATION,
    ENDING,
    FINAL,
    GIVES_REASON,
    JUDGED,
    LINES,
    NO_WORDS,
    NUMBERING,
    SPACES,
    STRUCK,
    TICKED,
    YES_COMMA,
    YES_WORDS,
    explanation_label,
    refusal,
    stems,
)
from calm.answers.statement import (
    ShownQuestion,
    Stated,
    by_text,
    end_of,
    moved,
    named_at,
    statement,
)
from calm.answers.undone import (
    correction,
    turn,
)
from calm.languages.table import LANGUAGES

CORRECTION_REACH = 160
"""How far behind an answer its correction may stand, in characters."""


def languages_of(folded: str, code: str) -> tuple[str, ...]:
    """Return the question's language, English, and those whose announcements a text may hold."""
    return tuple(
        row.code
        for row in LANGUAGES.values()
        if row.code in (code, "en") or any(label in folded for label in stems(row.code))
    )


def is_asked(window: str, stated: Stated) -> bool:
    """Tell whether a question mark ends what is stated."""
    return stated.span is not None and ASKED.match(window, stated.span[1]) is not None


def corrected(
    text: str,
    at: int,
    stated: Stated | None,
    denied: bool,
    codes: tuple[str, ...],
    asked: ShownQuestion,
) -> Stated | None:
    """Read the answer that replaces one at `at`, behind "sorry, I meant" or "but"."""
    region = text[at : at + CORRECTION_REACH]
    announced = list(correction(codes, denied).finditer(region, 1))
    if announced and not denied:
        announced += turn(codes).finditer(region, announced[0].start())
    found = None
    for match in announced:
        window = text[at + match.end() : at + match.end() + asked.reach]
        other = statement(window, asked, in_sentence=True)
        if other and other.span and other.answer is not None and _is_all(window, other):
            found = moved(other, at + match.end())
    if found and stated and stated.answer == found.answer and not denied:
        return None
    return found


def _is_all(window: str, stated: Stated) -> bool:
    """Tell whether a statement ends its clause, so that it is no part of a longer sentence."""
    return stated.span is not None and CLAUSE_ENDS.match(window, stated.span[1]) is not None


def alone_on_a_line(text: str, begin: int, asked: ShownQuestion) -> Stated | None:
    """Read the lines that are nothing but a choice, its letter, or both; they must agree."""
    found = []
    for line in LINES.finditer(text, begin):
        if line.end() - line.start() > asked.reach:
            continue
        if STRUCK.fullmatch(line[0]):
            continue
        label = explanation_label(asked.question.language).match(line[0])
        at = label.end() if label else end_of(NUMBERING, line[0], 0)
        at = end_of(SPACES, line[0], at)
        stated = statement(line[0][at:], asked, in_sentence=False)
        if stated is None or stated.span is None:
            continue
        if label and stated.how not in ("letter and text", "several"):
            continue
        end = end_of(ENDING, line[0], at + stated.span[1])
        reasoned = stated.how == "letter and text" and GIVES_REASON.match(line[0], end)
        if end == len(line[0]) or reasoned or stated.how == "several":
            found.append(moved(stated, line.start() + at))
    if not found:
        return None
    answers = {stated.answer for stated in found}
    last = found[-1]
    if last.span is None or len(answers) > 1:
        return Stated(None, last.span, "several")
    codes = (asked.question.language, "en")
    return corrected(text, last.span[0], last, False, codes, asked) or last


def ticked(text: str, begin: int, asked: ShownQuestion) -> Stated | None:
    """Read the one line of a list or table of choices that has a tick."""
    found = []
    for line in LINES.finditer(text, begin):
        if len(line[0]) > asked.reach or not TICKED.search(line[0]):
            continue
        at = end_of(CELL, line[0], 0)
        stated = statement(line[0][at:], asked, in_sentence=False)
        if stated and stated.span and not JUDGED.fullmatch(line[0], at + stated.span[1]):
            return None
        found.append(moved(stated, line.start() + at) if stated else None)
    return found[0] if len(found) == 1 else None


def pointed_at(text: str, begin: int, asked: ShownQuestion) -> Stated | None:
    """Read sentences that only point at a letter: "It's B.", "So option B."; they must agree."""
    codes = languages_of(text[begin:].lower(), asked.question.language)
    found = []
    for match in turn(codes).finditer(text, begin):
        window = text[match.end() : match.end() + asked.reach]
        stated = statement(window, asked, in_sentence=True)
        if stated is None or stated.span is None or stated.how == "text":
            continue
        end = FINAL.match(window, stated.span[1])
        last = match["named"] is None or not text[match.end() + stated.span[1] :].strip(" .*_)\n")
        if end and last and not is_asked(window, stated):
            found.append(moved(stated, match.end()))
    if not found:
        return None
    answers = {stated.answer for stated in found}
    return found[-1] if len(answers) == 1 else Stated(None, found[-1].span, "several")


def said_yes_or_no(text: str, begin: int, asked: ShownQuestion) -> Stated | None:
    """Read the "yes" or "no" that a response begins with, where these are the choices."""
    choices, code = asked.question.choices, asked.question.language
    if not {choice.casefold() for choice in choices} <= YES_WORDS | NO_WORDS:
        return None
    if refusal(code).search(text, begin + 3):
        return None
    at = end_of(DECORATION, text, begin)
    named = named_at(text[: at + asked.reach], at, asked)
    if named is None or not YES_COMMA.match(text, named.span[1]):
        return None
    return by_text(text, named, asked)
