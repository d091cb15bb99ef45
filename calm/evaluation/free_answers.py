"""What can be told of an answer in free words, to a question whose choices were not shown."""

import re
from collections.abc import Sequence

from calm.answers.letters import word_goes_on
from calm.answers.patterns import choice_patterns, unspaced
from calm.answers.said import said
from calm.answers.short import read_short_answer
from calm.languages.identify import FOREIGN, script_of, told_by
from calm.languages.meaning import meaning
from calm.languages.table import LANGUAGES, language
from calm.records import Question

GRAM = 4
"""Words, or characters of a script without spaces, that make one piece of a text."""
LETTERS_TO_TELL = 20
"""From so many letters on, languages of one script are told apart."""
HAN_TO_TELL = 8
"""So many Chinese characters without any kana are no Japanese."""
PLAIN_WORD = re.compile(r"(?<!\w)[a-z]{4,}(?!\w)")
"""A word in Latin letters that is neither a name nor a formula."""


def free_answer(text: str, question: Question) -> int | None:
    """Return the choice that stands in a free answer; `None` where none does, or several do.

    Where no choice stands there as it is written, one that says the same counts: `eight` for 8.
    """
    part = said(text)
    if part is None:
        return None
    body = text[slice(*part)]
    named = choices_in(body, question)
    if named:
        return next(iter(named)) if len(named) == 1 else None
    short = read_short_answer(body, question.language)
    if short.how != "stated":
        return None
    says = meaning(short.text, question.language)
    alike = [n for n, c in enumerate(question.choices) if meaning(c, question.language) == says]
    return alike[0] if len(alike) == 1 else None


def choices_in(text: str, question: Question) -> set[int]:
    """Return the choices that stand in a text, as whole words; of two that overlap the longer."""
    code, found = question.language, []
    goes_on = word_goes_on(code)
    for index, pattern in enumerate(choice_patterns(question.choices, code)):
        for match in pattern.finditer(text):
            before = text[match.start() - 1 : match.start()] if match.start() else ""
            inside = before.isalnum() and not unspaced(before)
            if match.end() > match.start() and not inside and not goes_on.match(text, match.end()):
                found.append((match.start(), match.end(), index))
    return {
        index
        for start, end, index in found
        if not any(
            other[0] <= start and end <= other[1] and other[1] - other[0] > end - start
            for other in found
        )
    }


def is_in_language(text: str, question: Question, versions: Sequence[Question] = ()) -> bool:
    """Tell whether an answer is in the language of its question, as far as can be told.

    It is not where it is surely in another one: by its letters, by its words where it has enough of
    them, or because it names a choice as it is called in one of the other `versions` alone. An
    empty answer is in no other language.
    """
    part = said(text)
    body = text[slice(*part)].strip() if part else ""
    code, script = question.language, language(question.language).script
    if not body or choices_in(body, question):
        return _is_told(body, code, script)
    if any(choices_in(body, other) for other in versions if other.language != code):
        return False
    written = script_of(body)
    if written == "Latin" != script:
        return not any(word not in question.text for word in PLAIN_WORD.findall(body))
    return _is_told(body, code, script)


def _is_told(body: str, code: str, script: str) -> bool:
    """Tell whether a text's letters and words allow for a language; a repeated word counts once."""
    body = " ".join(dict.fromkeys(body.split()))
    told = told_by(body)
    if told in (None, code):
        return True
    if told == FOREIGN:
        return False
    letters = sum(map(str.isalpha, body))
    written = script_of(body)
    if script == "Hiragana" and written == "Han":
        return letters < HAN_TO_TELL
    if written == "Latin" != script:
        return letters < LETTERS_TO_TELL
    alike = told is not None and LANGUAGES[told].script == script
    return alike and letters < LETTERS_TO_TELL


def repetition(text: str, code: str) -> float:
    """Return which share of a text's pieces of four words are repeated ones; 0 for a short text.

    Of a language without spaces between words, pieces of four letters.
    """
    words = text.split() if language(code).spaced else [c for c in text if c.isalnum()]
    pieces = [tuple(words[n : n + GRAM]) for n in range(len(words) - GRAM + 1)]
    return 1 - len(set(pieces)) / len(pieces) if pieces else 0.0
