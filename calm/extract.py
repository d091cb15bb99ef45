"""Stage `extract`: read the answer out of a response, and where in the text it stands.

An answer is read only where it is stated: an announcement ("Answer:", "the correct answer is", in
any language of the table) is followed by a choice or its letter, or a line is nothing else. A
letter and a choice that contradict each other state nothing, nor do two answers in one statement.
Of several announcements the last counts: a model may correct itself. Anything else is `None`,
never a guess.
"""

import dataclasses
import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from calm.languages import LANGUAGES, Language, language
from calm.records import Question, Response

LATIN = "ABCDEFGH"
FULL_WIDTH = "ＡＢＣＤＥＦＧＨ"

WORD = r"[^\W_]|[\u0300-\u036f\u064b-\u0655\u0670\u0900-\u0903\u093a-\u094f]"
"""A letter, a digit, or a vowel sign that belongs to the letter before it."""
HAN, KANA, KATAKANA = r"\u3400-\u9fff", r"\u3040-\u30ff", r"\u30a0-\u30ff"
INVISIBLE = r"\u200b\u200e\u200f\u2060\u202a-\u202e\u2066-\u2069"
MARKS = rf"\s*_`#>$\"'“”‘’«»„「」『』【】\[\](){{}}（）<>{INVISIBLE}"
DECORATION = rf"(?:[{MARKS}]|\\(?:boxed|text)\b|[-–—•]\s)*"
COLON = r"[:：﹕꞉]"
AFTER_LETTER = rf"[{MARKS}.．。:：、，,\-–—]*"
PREFACE = re.compile(
    r"(?:(?:an?|the|le|la|les|un|une|der|die|das|ein|eine|el|los|las|una|il|lo|gli|uno|os?|as?|um|"
    r"uma|het|een|de)\s+|l['’])?"
    r"(?:(?:option|choice|letter|lettre|choix|buchstabe|opción|letra|opzione|lettera|opção|optie|"
    r"вариант|الخيار|الحرف)\s+|选项|選択肢)?"
    rf"{DECORATION}",
    re.IGNORECASE,
)
"""What may stand before an answer and does not belong to it: an article, the word "option"."""
REASON = r"because|since|weil|da|denn|car|parce|porque|ya|perché|poiché|لأن|omdat|потому"
RUNS_ON = re.compile(rf"[ \t]+(?!(?:{REASON})\b){WORD}", re.IGNORECASE)
"""What follows a capital that is a word of its sentence, not the letter of a choice."""
WRONG = ["wrong ", "incorrect ", "falsche ", "mauvaise ", "誤った"]
WRONG += ["不", "不正确", "不正确的", "错误", "错误的"]
"""What turns an announcement into its opposite when it stands before it."""
JOINER = re.compile(
    r"[ \t*_]*(?:[,、，،/&+\-–]|\b(?:and|or|und|oder|et|ou|y|o|e|ed|i|lub|en|of|и|или|و|أو|na|au|"
    r"và|hoặc|और|या|اور|یا)\b|和|或者?|与|と|または|か)?[ \t*_]*"
)
"""What stands between two answers that are given together."""
ENDING = re.compile(r"(?:です|だ|である)?[\s.。．!！\"'”’»」』】*_`)）\]}$>]*")
"""What may follow an answer on its line."""


@dataclass(frozen=True)
class Stated:
    """What a text states: a choice and where it stands, or that it contradicts itself."""

    answer: int | None
    span: tuple[int, int]


@dataclass(frozen=True)
class Named:
    """A choice's text found in a response; several choices where they have the same text."""

    choices: frozenset[int]
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
    stated = _last_announced(text, question, order) or _alone_on_a_line(text, question, order)
    if stated is None or stated.answer is None:
        return None, None
    return stated.answer, stated.span


def _last_announced(text: str, question: Question, order: Sequence[int]) -> Stated | None:
    found = None
    for match in _announcement(question.language).finditer(text):
        in_sentence = match["phrase"] is not None
        found = _statement(text, match.end(), question, order, in_sentence) or found
    return found


def _alone_on_a_line(text: str, question: Question, order: Sequence[int]) -> Stated | None:
    """Read the lines that are nothing but a choice, its letter, or both; they must agree."""
    found = []
    for line in re.finditer(r"[^\r\n]+", text):
        stated = _statement(text[: line.end()], line.start(), question, order, in_sentence=False)
        if stated and ENDING.fullmatch(text, stated.span[1], line.end()):
            found.append(stated)
    return found[-1] if len({stated.answer for stated in found}) == 1 else None


def _statement(
    text: str, start: int, question: Question, order: Sequence[int], in_sentence: bool
) -> Stated | None:
    """Read the letter, the choice, or the letter and the choice that begin at `start`.

    `in_sentence` tells that the place is in the middle of a sentence: a capital there is a letter
    of a choice even if words follow. At the beginning of one it may be a word ("A person who").
    """
    begin = _end(DECORATION, text, start)
    inner = _end(PREFACE, text, begin)
    places = (_end(r"\s*", text, start), begin, inner)
    named = next(filter(None, (_named(text, at, question) for at in places)), None)
    letter = _letter(question.language).match(text, begin)
    letter = letter or _letter(question.language).match(text, inner)
    place = _place(letter[0], language(question.language)) if letter else None
    stated = Stated(_only(named.choices), named.span) if named else None
    if letter and place is not None and place < len(order):
        if named is None or named.span[1] <= letter.end():
            stated = _lettered(text, letter, order[place], question, in_sentence)
        if named and stated and stated.span == named.span and stated.answer not in named.choices:
            return Stated(None, named.span)
    if stated and _goes_on(text, stated, question):
        return Stated(None, stated.span)
    return stated


def _lettered(
    text: str, letter: re.Match[str], answer: int, question: Question, in_sentence: bool
) -> Stated | None:
    """Read a letter with the choice behind it, if there is one: the two must agree."""
    named = _named(text, _end(AFTER_LETTER, text, letter.end()), question)
    if named:
        agree = answer in named.choices
        return Stated(answer if agree else None, (letter.start(), named.span[1]))
    if RUNS_ON.match(text, letter.end()) and (not in_sentence or letter[0].islower()):
        return None
    return Stated(answer, letter.span())


def _goes_on(text: str, stated: Stated, question: Question) -> bool:
    """Tell whether another answer follows in the same statement, as in "A or C"."""
    place = _end(JOINER, text, stated.span[1])
    if place == stated.span[1]:
        return False
    named = _named(text, place, question)
    if named and stated.answer not in named.choices:
        return True
    letter = _letter(question.language).match(text, place)
    bare = stated.span[1] - stated.span[0] == 1
    return bool(letter and (bare or re.match(r"[.):：]\s*\w", text[letter.end() :])))


def _named(text: str, start: int, question: Question) -> Named | None:
    """Return the longest choice that stands at `start`."""
    ends = {}
    for index, choice in enumerate(question.choices):
        match = _choice(choice, question.language).match(text, start)
        if match and not WORD_GOES_ON.match(text, match.end()):
            ends[index] = match.end()
    if not ends:
        return None
    longest = max(ends.values())
    same = frozenset(index for index, end in ends.items() if end == longest)
    return Named(same, (start, longest))


def _only(choices: frozenset[int]) -> int | None:
    return next(iter(choices)) if len(choices) == 1 else None


def _place(letter: str, row: Language) -> int | None:
    for letters in (row.letters, LATIN, FULL_WIDTH):
        if letter.upper() in letters:
            return letters.index(letter.upper())
    return None


def _end(pattern: str | re.Pattern[str], text: str, start: int) -> int:
    match = re.compile(pattern).match(text, start)
    return match.end() if match else start


@functools.lru_cache(maxsize=4096)
def _choice(choice: str, code: str) -> re.Pattern[str]:
    """Match a choice's words, in either kind of apostrophe, digit and letter case."""
    either = {"'": "['’]", "’": "['’]"}
    either |= {d: f"[{d}{own}]" for d, own in zip("0123456789", language(code).digits, strict=True)}
    words = [
        "".join(either.get(character, re.escape(character)) for character in word)
        for word in (choice.rstrip(".") or choice).split()
    ]
    return re.compile(r"\s+".join(words), re.IGNORECASE)


WORD_GOES_ON = re.compile(
    rf"(?<=[{KATAKANA}])[{KATAKANA}]|(?<=[{HAN}])[{HAN}{KATAKANA}]"
    rf"|(?<![{HAN}{KANA}])(?![{HAN}{KANA}])(?:{WORD})|(?<=\d)[.,]\d"
)
"""What makes a choice's text the beginning of a longer word or number."""


@functools.cache
def _letter(code: str) -> re.Pattern[str]:
    """Match a letter that is no part of a word; Chinese and Japanese words follow without a gap."""
    own = re.escape(language(code).letters)
    kana = rf"[{own}](?!(?![でだのがと])(?:{WORD}))" if code == "ja" else rf"[{own}](?!{WORD})"
    latin = rf"[{LATIN}{FULL_WIDTH}](?!(?![{HAN}{KANA}])(?:{WORD}))"
    small = rf"[{LATIN.lower()}{own.lower()}](?=\s*(?:[.):）]|$))"
    return re.compile(rf"{kana}|{latin}|{small}")


@functools.cache
def _announcement(code: str) -> re.Pattern[str]:
    """Match an announcement of an answer, in the language itself or in English.

    A single word announces only with a colon; a phrase such as "the answer is" also without.
    """
    words, phrases = set(), set()
    for row in (LANGUAGES[code], LANGUAGES["en"]):
        for label in (row.answer.lower(), *row.answer_labels):
            pattern = r"\s+".join(re.escape(part) for part in label.split())
            pattern = re.sub("[اأإآ]", "[اأإآ]", pattern.replace("'", "['’]"))
            words.add(pattern)
            if " " in label or label.endswith(("是", "为", "は", "选")):
                phrases.add(pattern)
    no_denial = "".join(f"(?<!{word})" for word in WRONG)
    begins = rf"{no_denial}(?:(?<![^\W_])|(?<=[{HAN}{KANA}]))"
    ends = rf"(?![^\W_])|(?<=[{HAN}{KANA}])"
    return re.compile(
        rf"{begins}(?:(?:{_longest_first(words)}){DECORATION}{COLON}"
        rf"|(?P<phrase>(?:{_longest_first(phrases)})(?:{ends})))",
        re.IGNORECASE,
    )


def _longest_first(patterns: Iterable[str]) -> str:
    return "|".join(sorted(patterns, key=len, reverse=True))
