"""Stage `extract`: read the answer out of a response, and where in the text it stands.

An answer is read only where it is stated: the whole text is a choice (or its letter), or an
announcement ("Answer:", "the correct answer is", in any language of the table) is followed by
one. A letter and a choice that contradict each other state nothing. Of several statements the
last counts: a model may correct itself. Anything else is `None`, never a guess.
"""

import dataclasses
import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from calm.languages import LANGUAGES, Language, language
from calm.records import Question, Response

DECORATION = r"[\s*_`#>\"'“”«»„「」『』【】\[\](){}<>\u200e\u200f\u200b\u2060]*"
COLON = r"[:：﹕꞉]"
AFTER_LETTER = r"(?![^\W_])"
LATIN = "ABCDEFGH"


@dataclass(frozen=True)
class Stated:
    """What a text states: a choice and where it stands, or that it contradicts itself."""

    answer: int | None
    span: tuple[int, int]


def extract(
    responses: Iterable[Response], groups: Mapping[str, Mapping[str, Question]]
) -> Iterator[Response]:
    """Yield the responses with their answers read."""
    for response in responses:
        question = groups[response.question_id][response.language]
        answer, span = read_answer(response.text, question, response.choice_order)
        yield dataclasses.replace(response, answer=answer, answer_span=span)


def read_answer(
    text: str, question: Question, order: Sequence[int]
) -> tuple[int | None, tuple[int, int] | None]:
    """Return the stated choice and its span in `text`, or `(None, None)`.

    `order` is how the choices were shown: it turns a letter into a choice.
    """
    row = language(question.language)
    stated = _whole(text, question, order, row) or _last_announced(text, question, order, row)
    if stated is None or stated.answer is None:
        return None, None
    return stated.answer, stated.span


def _whole(text: str, question: Question, order: Sequence[int], row: Language) -> Stated | None:
    """Read a text that is nothing but a choice, its letter, or both."""
    stated = _statement(text, 0, question, order, row)
    if stated is None or text[stated.span[1] :].strip(" \t\r\n.。．!！\"'”*_)]】"):
        return None
    return stated


def _last_announced(
    text: str, question: Question, order: Sequence[int], row: Language
) -> Stated | None:
    found = None
    for match in _announcement(row.code).finditer(text):
        stated = _statement(text, match.end(), question, order, row)
        if stated is not None:
            found = stated
    return found


def _statement(
    text: str, start: int, question: Question, order: Sequence[int], row: Language
) -> Stated | None:
    """Read a letter, a choice, or a letter and a choice that begin at `start`."""
    begin = _skip(DECORATION, text, start)
    letter = _letter(row.code).match(text, begin)
    if letter is None:
        return _choice_at(text, begin, question)
    place = _place(letter[1], row)
    if place is None or place >= len(order):
        return _choice_at(text, begin, question)
    lettered = Stated(order[place], (begin, letter.end(1)))
    after = _skip(r"[\s.):：．、，,\-–—*_】\])）]*", text, letter.end(1))
    named = _choice_at(text, after, question)
    if named is None:
        whole_choice = _choice_at(text, begin, question)
        return whole_choice or lettered
    if named.answer != lettered.answer:
        return Stated(None, (begin, named.span[1]))
    return Stated(lettered.answer, (begin, named.span[1]))


def _choice_at(text: str, start: int, question: Question) -> Stated | None:
    """Return the longest choice that stands at `start`; none where two are the same text."""
    fits = []
    for index, choice in enumerate(question.choices):
        match = _choice_pattern(choice).match(text, start)
        if match:
            fits.append((match.end(), index))
    if not fits:
        return None
    end = max(fits)[0]
    longest = [index for stop, index in fits if stop == end]
    return Stated(longest[0] if len(longest) == 1 else None, (start, end))


def _place(letter: str, row: Language) -> int | None:
    for letters in (row.letters, LATIN):
        if letter in letters:
            return letters.index(letter)
    return None


def _skip(pattern: str, text: str, start: int) -> int:
    match = re.compile(pattern).match(text, start)
    return match.end() if match else start


@functools.lru_cache(maxsize=4096)
def _choice_pattern(choice: str) -> re.Pattern[str]:
    words = r"\s+".join(re.escape(word) for word in choice.split())
    spaced = choice[-1:].isascii() or unicode_words_end(choice)
    return re.compile(words + (r"(?!\w)" if spaced else ""), re.IGNORECASE)


def unicode_words_end(choice: str) -> bool:
    """Tell whether the script of a choice's last letter puts spaces between words."""
    return not "\u3040" <= choice[-1:] <= "\u9fff"


@functools.cache
def _letter(code: str) -> re.Pattern[str]:
    letters = re.escape(LATIN + language(code).letters)
    return re.compile(rf"(?:\(|（|\[|【)?([{letters}]){AFTER_LETTER}")


@functools.cache
def _announcement(code: str) -> re.Pattern[str]:
    """Match an announcement of an answer, in the language itself or in English.

    A single word announces only with a colon; a phrase such as "the answer is" also without.
    """
    words, phrases = [], []
    for row in {LANGUAGES[code].code: LANGUAGES[code], "en": LANGUAGES["en"]}.values():
        for label in (row.answer.lower(), *row.answer_labels):
            escaped = r"\s+".join(re.escape(part) for part in label.split()).replace("'", "['’]")
            words.append(escaped)
            if " " in label or label.endswith(("是", "为", "は", "选")):
                phrases.append(escaped)
    with_colon = rf"(?:{'|'.join(sorted(set(words), key=len, reverse=True))}){DECORATION}{COLON}"
    without = rf"(?:{'|'.join(sorted(set(phrases), key=len, reverse=True))})(?=\W)"
    return re.compile(rf"(?<![^\W_])(?:{with_colon}|{without})", re.IGNORECASE)
