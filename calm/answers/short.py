"""A short answer in free words, read out of a response.

What is no short answer (nothing, a refusal, a denial, a whole explanation) is not forced into one.
`calm.languages.meaning` then says which answers are the same.
"""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from calm.answers.patterns import (
    AFTER_PHRASE,
    DECORATION,
    LEAD,
    REASON,
    TAG,
    announcement,
    refusal,
    unspaced,
)
from calm.answers.said import said
from calm.languages.answer_words import answer_words
from calm.languages.scripts import HAN, INVISIBLE, KANA, SIGNS
from calm.languages.spellings import folded
from calm.languages.table import all_words, either, language

MOST_WORDS = 8
MOST_CHARACTERS = 24
"""What a short answer may hold: words, or characters of Chinese and Japanese."""
MOST_AFTER_COMMA = 3
"""Words after a comma that may belong to the answer ("red, white and blue"); more explain it."""

HowShort = Literal["stated", "empty", "refusal", "long"]


@dataclass(frozen=True)
class ShortAnswer:
    """What a response states in a few words, or why it states nothing short."""

    text: str
    span: tuple[int, int] | None
    """Where it stands in the response; `None` unless it is `stated`."""
    how: HowShort


NOTHING = ShortAnswer("", None, "empty")
INLINE = "b|i|em|strong|u|sub|sup|span|code|mark|small"
ASIDES = either(all_words("sentences", "asides"))
STEMS = either(all_words("sentences", "reason_stems"))
EXPLAINS = all_words("sentences", "explains")
ENDS = re.compile(
    rf"[\r\n。！？!?؟।;；]|(?<=\d)\.(?=\s|$)|(?<=[^\W\d_]{{3}})[.۔](?=\s|$)|(?<=[{HAN}{KANA}])\."
    rf"|</?(?!(?:{INLINE})\b)[a-zA-Z][^<>\n]{{0,40}}>"
    rf"|\s[-–—=:]\s|\s*[(（\[]|[,，、،]\s*(?:{REASON}|{ASIDES})\b|[,，،]\s*(?:{STEMS})"
    rf"|\s(?:{either(w for w in EXPLAINS if w[-1] != '*')})\s"
    rf"|\s(?:{either(w[:-1] for w in EXPLAINS if w[-1] == '*')})",
    re.IGNORECASE,
)
"""Where a short answer is over and its explanation begins."""
COMMA = re.compile(r"[,，،]\s+")
AFTER = re.compile(rf"(?:{TAG}|\\[)\]]|[\s{INVISIBLE}*_`~#>$\"'“”‘’«»„「」『』【】.,:،。।۔}}])*$")
NAME_GOES_ON = re.compile(
    r"(?<=[^\W\d_])\#(?!\#)|(?<=\b[A-Za-z])\*(?!\*)|(?<=\d)\s?\$|(?<=\b\w\.\w)\."
)
"""What belongs to an answer though it also stands around answers: `C#`, `5 $`, `U.S.`"""
OPENING_TAG = re.compile(rf"<(?!(?:{INLINE})\b)[a-zA-Z][\w-]{{0,30}}>\s*")
MATHS_BEGIN = re.compile(r"\\[(\[]\s*")
TAG_ALONE = re.compile(r"\s*`?(<(?!s>|pad>|unk>|bos>|eos>)[a-z][a-z0-9]{0,9}>)`?[\s.]*")
"""A tag of HTML that is the answer itself."""
SIGN_BEFORE = re.compile(r"(?:[$<>]|-\$)(?=\s?[\d.])")
IN_DOLLARS = re.compile(r"\$[^$\n]+\$")
SHORT_NAME = r"[^\W\d_]\w{0,2}(?:\([a-z]\))?"
MATHS = r"(?:[\d\s+\-−–*×·÷/^().%√a-z]|,(?=\d)){0,60}"
EQUATION = re.compile(
    rf"(?:[^\W\d_]+[,:：]?\s+){{0,4}}(?:{SHORT_NAME}|[^\W\d_]{{3,20}}|{MATHS}\d{MATHS})"
    r"\s*[=≈]\s*(?=[-−+]?[$€£]?[\d√π.])"
)
"""The side of an equation that asks: `x =`, `2 + 2 =`."""
CONCLUSION = re.compile(rf"(?<!\w)(?:{LEAD.pattern})", re.IGNORECASE)
ONE_VALUE = re.compile(r"(?:(?!\s[-−–]\s)[^=≈+×÷*^\n])*(?:$|[\n;]|\.(?!\d))")
FORMULA = re.compile(rf"{SHORT_NAME}|.*[\d²³+*×·÷^].*")
TITLE = re.compile(r"an?(?: [A-Z]\w+){2,}\s*$")
"""What goes on after "it's" in a title: "It's a Wonderful Life"."""
PHRASE_BEFORE = re.compile(rf"[^\W\d_][{INVISIBLE}\s*_\"“「]*\Z")
"""An announcement that is a sentence ("the answer is") and not a label with a colon."""
MOST_LINKS = 2
"""Links one behind the other: "I think", "it's"."""
MOST_DENIED = 60
"""Characters that an answer which is denied may have."""
ENDS_DENIED = re.compile(rf"(?:{'|'.join(sorted(all_words('short', 'ends_denied')))})$")
"""How an answer ends that is denied, where the denial comes last."""
IS_NOT = re.compile(
    rf"[^।۔。\n]+(?:{'|'.join(sorted(all_words('short', 'is_not'), key=len, reverse=True))})"
    r"\s*(?:[।۔。.\n]|\Z)"
)
"""A sentence that denies by itself, where the denial comes last."""


def read_short_answer(text: str, code: str) -> ShortAnswer:
    """Return what a response in language `code` states in a few words, up to its explanation.

    After an announcement ("Answer:", "the answer is") where there is one, else at the beginning.
    Of "not this but that" it is that; an answer that is only denied is a refusal.
    """
    part = said(text)
    if part is None:
        return NOTHING
    begin = _announced(text, code, *part)
    start = _undecorated(text, begin, part[1])
    corrected = _corrected(text, code, start, part[1])
    linked = _linked(text, code, corrected, part[1])
    at = _solved(text, linked, part[1])
    end = _end(text, code, part[0], at, part[1])
    if at > _undecorated(text, *part):
        end = at + len(_polite(code).sub("", text[at:end]))
    answer = text[at:end]
    if not answer:
        alone = TAG_ALONE.fullmatch(text, *part)
        return ShortAnswer(alone[1], alone.span(1), "stated") if alone else NOTHING
    asserted = linked > corrected or PHRASE_BEFORE.search(text, part[0], start) is not None
    denied = IS_NOT.match(text, at, part[1]) or _denied(answer, asserted, code)
    if _refuses(answer, code) or (corrected == start and denied):
        return ShortAnswer(answer, None, "refusal")
    if _is_long(answer):
        return ShortAnswer(answer, None, "long")
    if _knows_none(answer, code):
        return ShortAnswer(answer, None, "refusal")
    return ShortAnswer(answer, (at, end), "stated")


def _announced(text: str, code: str, begin: int, stop: int) -> int:
    """Return where the last announcement of an answer ends; `begin` where there is none."""
    codes = (code,) if code == "en" else (code, "en")
    for match in announcement(codes).finditer(text, begin, stop):
        if match["denied"] or _denial(code).search(match[0]):  # "the answer is not"
            continue
        phrase = AFTER_PHRASE.match(text, match.end(), stop)
        at = phrase.end() if phrase else match.end()
        begin = at if text[at:stop].strip(" *_.") else begin
    return begin


def _undecorated(text: str, begin: int, stop: int) -> int:
    """Return where an answer begins behind marks and tags around it; its own sign is none."""
    at = begin
    for pattern in (OPENING_TAG, DECORATION, MATHS_BEGIN):
        match = pattern.match(text, at, stop)
        at = match.end() if match else at
    for sign in SIGN_BEFORE.finditer(text, begin, stop):
        if sign.end() == at and not (sign[0] == "$" and IN_DOLLARS.match(text, sign.start())):
            return sign.start()
    return at


def _corrected(text: str, code: str, start: int, stop: int) -> int:
    """Return where the answer begins that corrects another one: behind "not X but"."""
    line = text.find("\n", start, stop)
    match = _correction(code).search(text, start, stop if line < 0 else line)
    return match.end() if match and match.end() < stop else start


def _linked(text: str, code: str, start: int, stop: int) -> int:
    """Return where the answer begins behind what links to it: "it's"; of a title, all is answer."""
    at = start
    for _ in range(MOST_LINKS):
        match = _link_before(code).match(text, at, stop)
        at = match.end() if match and not TITLE.match(text, match.end(), stop) else at
    return at


def _solved(text: str, start: int, stop: int) -> int:
    """Return where the value begins that an equation gives; `start` where there is none.

    Of several equations it is the one that is concluded: "5x = 20, so x = 4".
    """
    line = text.find("\n", start, stop)
    end = stop if line < 0 else line
    concluded = [match.end() for match in CONCLUSION.finditer(text, start, end)]
    for begin in (*reversed(concluded), start):
        at = begin
        while match := EQUATION.match(text, at, end):
            at = match.end()
        if at > begin and ONE_VALUE.match(text, at, end):
            return at
    return start


def _end(text: str, code: str, begin: int, start: int, stop: int) -> int:
    """Return where the answer ends: before its explanation, and before an answer it denies."""
    ends = (over for over in ENDS.finditer(text, start, stop) if not _in_formula(text, start, over))
    over = next(ends, None)
    end = over.start() if over else stop
    if denied := _denied_behind(code).search(text, start + 1, end):
        end = denied.start()
    comma = COMMA.search(text, start, end)
    if comma and len(text[comma.end() : end].split()) > MOST_AFTER_COMMA:
        end = comma.start()
    last = start + len(AFTER.sub("", text[start:end]))
    goes_on = NAME_GOES_ON.match(text, last, end)
    if goes_on and goes_on[0].strip() not in text[begin:start]:
        last = goes_on.end()
    behind = _link_behind(code).search(text, start, last)
    return behind.start() if behind and behind.start() > start else last


def _in_formula(text: str, start: int, over: re.Match[str]) -> bool:
    left = text[start : over.start()]
    glued = over[0] == "(" and re.fullmatch(SHORT_NAME, left) is not None
    return glued or (over[0].strip() == "=" and FORMULA.fullmatch(left) is not None)


def _refuses(answer: str, code: str) -> bool:
    known = _is_title(answer) or folded(answer, code) in _none(code)
    return not known and refusal(code).match(answer) is not None


def _none(code: str) -> tuple[str, ...]:
    return answer_words(code).none + answer_words("en").none


def _knows_none(answer: str, code: str) -> bool:
    """Tell whether a short text says that it knows no answer."""
    says = folded(answer, code)
    known = _is_title(answer) or says in _none(code)
    return not known and _no_answer(code).search(says) is not None


def _is_title(answer: str) -> bool:
    """Tell whether a text has the capitals of a title, which may say what a refusal says."""
    long = [word for word in answer.split()[1:] if len(word) > 3]
    return len(long) > 1 and all(word[0].isupper() for word in long)


def _denied(answer: str, asserted: bool, code: str) -> bool:
    """Tell whether what should be an answer is denied: "The answer is not London."."""
    if folded(answer, code) in _none(code):
        return False
    label = re.compile(rf".{{0,20}}{re.escape(language(code).answer.lower())}", re.IGNORECASE)
    named = label.match(answer)
    denial = _denial(code).search(answer, named.end() if named else 0)
    if denial and (named or (asserted and denial.start() == 0)):
        return answer[denial.end() :].strip() != ""
    if is_not := _is_not(code).match(answer):
        return answer[is_not.end() :].strip() != ""
    return (asserted or named is not None) and ENDS_DENIED.search(answer) is not None


@functools.cache
def _polite(code: str) -> re.Pattern[str]:
    """Match what ends a sentence and is no part of the answer that it is glued to."""
    return re.compile(rf"(?:{either(language(code).short.polite)})$")


@functools.cache
def _is_not(code: str) -> re.Pattern[str]:
    """Match what denies by itself at the beginning of a sentence: "it isn't", "no es"."""
    words = answer_words(code).denies
    row = language(code)
    if row.spaced and not row.short.denies_in_a_word:
        words = tuple(word for word in words if {" ", "'"} & set(word))
    subject = r"(?:\w+['’\s]\s*){0,2}?" if row.spaced else ""
    pattern = rf"{subject}(?:{_either(words)}){_word_ends(code)}" if words else "(?!)"
    return re.compile(pattern, re.IGNORECASE)


def _is_long(answer: str) -> bool:
    if unspaced(answer):
        return len(answer) > MOST_CHARACTERS
    return len(answer.split()) > MOST_WORDS


def _either(phrases: Iterable[str]) -> str:
    """Return a pattern of any of these phrases, in any kind of apostrophe."""
    longest = sorted(phrases, key=len, reverse=True)
    found = (re.escape(p).replace(r"\ ", r"\s+").replace("'", "['’]") for p in longest)
    return "|".join(found) or "(?!)"


def _word_begins(code: str) -> str:
    return r"(?<!\w)" if language(code).spaced else ""


def _word_ends(code: str) -> str:
    return rf"(?![\w-]|{SIGNS})" if language(code).spaced else ""


@functools.cache
def _denial(code: str) -> re.Pattern[str]:
    words = _either(answer_words(code).denies)
    pattern = rf"{_word_begins(code)}(?:{words}){_word_ends(code)}" if words else "(?!)"
    return re.compile(pattern, re.IGNORECASE)


@functools.cache
def _link_before(code: str) -> re.Pattern[str]:
    words, row = answer_words(code).it_is, language(code)
    labels = row.short.label_first or "(?!)"
    gap = r"(?:(?<=['’])|[\s,،]+)" if row.spaced else r"[\s,、，:：]*"
    return re.compile(rf"(?:(?:{_either(words)}){gap}(?=[^\s.。!?的否非])|{labels})", re.IGNORECASE)


@functools.cache
def _link_behind(code: str) -> re.Pattern[str]:
    words = answer_words(code).is_behind
    return re.compile(rf"\s+(?:{_either(words)})$" if words else "(?!)")


@functools.cache
def _correction(code: str) -> re.Pattern[str]:
    if first := language(code).short.denied_first:
        return re.compile(rf"(?:{first})(?=\S)")
    row, begins, ends = answer_words(code), _word_begins(code), _word_ends(code)
    corrects = rf"[,，،;]?\s*{begins}(?:{_either(row.corrects)}){ends}\s*"
    restarts = rf"[;；]\s*|[,，،.]\s*(?=(?:{_either(row.it_is)}){ends})"
    return re.compile(
        rf"{begins}(?:{_either(row.denies)}){ends}(?!\s*(?:{_either(row.only)}){ends})"
        rf"\s*[^.!?。！？\n]{{1,{MOST_DENIED}}}?(?:{corrects}|{restarts})(?=\S)",
        re.IGNORECASE,
    )


@functools.cache
def _denied_behind(code: str) -> re.Pattern[str]:
    row, known, ends = answer_words(code), language(code).short, _word_ends(code)
    clear = [phrase for phrase in row.not_that if phrase not in row.denies]
    phrases = [phrase for phrase in clear if " " in phrase or phrase.startswith(known.and_not)]
    found = [known.denied_last] if known.denied_last else []
    if row.not_that:
        found.append(rf"\s*[,，،;]\s*(?:{_either(row.not_that)}){ends}\s*\S")
    if phrases:
        gap = r"\s+" if language(code).spaced else r"[,，]?\s*"
        found.append(rf"{gap}(?:{_either(phrases)}){ends}\s*\S")
    return re.compile("|".join(found) or "(?!)", re.IGNORECASE)


@functools.cache
def _no_answer(code: str) -> re.Pattern[str]:
    phrases = answer_words(code).no_answer + answer_words("en").no_answer
    return re.compile(rf"{_word_begins(code)}(?:{_either(phrases)}){_word_ends(code)}")
