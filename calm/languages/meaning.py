"""What a short answer says, however it is written: the form in which answers are compared.

Two wordings that differ in letter case, accents, articles, punctuation, plural, in simplified or
traditional characters, or in how a number, a unit, an ordinal or a date is written have the same
`Meaning`. `calm.voting.groups` compares meanings across languages.
"""

import math
import re
from dataclasses import dataclass

from calm.languages.answer_words import AnswerWords, answer_words
from calm.languages.dates import read_date
from calm.languages.measures import CURRENCIES, SHARED, measures
from calm.languages.number_words import Read, read_after_noun, read_beside, read_number
from calm.languages.ordinals import in_digits, in_words
from calm.languages.scripts import HAN, KANA
from calm.languages.spellings import ORDINAL, folded, plain, singular
from calm.languages.table import language

UNDERSTOOD = ("", "yes", "no")
"""Words that a meaning has in every language: none beside a number, and these two."""
EXACT_DIGITS = 15
"""Digits, zeros around them left out, up to which a float tells any two numbers apart."""
DATE = re.compile(r"(?:\d{4}|-)-\d{2}(?:-\d{2})?")


@dataclass(frozen=True, eq=False)
class Meaning:
    """What an answer says, however it is written; equal to another one that says the same."""

    words: str
    """Its words in lower case, without articles; the number among them left out."""
    number: float | None = None
    """The one number that it states; `None` where there is none, or several."""
    measure: str | None = None
    """The name of the unit or currency that its words are, where they are one."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Meaning) and self._said == other._said

    def __hash__(self) -> int:
        return hash(self._said)

    @property
    def in_every_language(self) -> bool:
        """Tell whether it has these words in all languages: a number alone, yes, a date, km."""
        if self.measure is not None:
            return self.measure in SHARED or self.measure in CURRENCIES
        return self.words in UNDERSTOOD or DATE.fullmatch(self.words) is not None

    @property
    def _said(self) -> tuple[str, float | None]:
        return (self.measure or self.words, self.number)


NUMBER = re.compile(
    rf"(?<![^\W{HAN}{KANA}])(?<![.,])"
    r"(?P<sign>-?)(?P<digits>\d{1,3}(?:[ ']\d{3})+(?!\d)|\d(?:[\d.,٫٬']*\d)?)"
    rf"(?![^\W{HAN}{KANA}])"
)
GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{2,3})*[.,]\d{3}|\d{1,4}(?:,\d{4})+")
HYPHEN = re.compile(r"(?<=[^\W\d])-$")
SIGN_STANDS = re.compile(r"(?:^|[\s(~≈<>=≤≥:$€£¥₹])$")
SIGN_BEFORE_CURRENCY = re.compile(r"(?:^|\s)-(?=[$€£¥₹]\s?$)")
UNIT_GLUED = re.compile(rf"(?<![\w.,])(\d[\d.,]*)(?=[^\W\d_{ORDINAL}])")
HAN_DIGITS = "〇零一二三四五六七八九"
HAN_YEAR = re.compile(rf"[{HAN_DIGITS}]{{3,}}|[{HAN_DIGITS[1:]}]〇")
"""Chinese digits that stand for digits; fewer are "three or four"."""
HAN_POINT = re.compile(rf"点([{HAN_DIGITS}]+)(?![分十百])")
COUNTED = r"\d[\d,]*(?:\.\d+)?"
MIXED = re.compile(rf"(?<![\d.,])(?:{COUNTED}[十百千万亿萬億])+{COUNTED}[十百千万亿萬億]*")
"""A number of which digits count parts: 1亿2000万."""
PART = re.compile(r"(\d+(?:\.\d+)?)([十百千万亿萬億]*)")
CLASSIFIERS = tuple("个個只隻颗顆位名匹枚台张張辆輛座")
"""Chinese counters that nothing but a number stands before, whatever is counted."""
MYRIADS = "万萬亿億"
SCALES = {"十": 10, "百": 100, "千": 10**3, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}


def meaning(text: str, code: str) -> Meaning:
    """Return what a short answer in language `code` says, however it is written.

    Empty words and no number where nothing is left, as of a text of marks alone.
    """
    row = answer_words(code)
    lower = plain(in_digits(text, row, code), code)
    written = folded(lower, code)
    words = " ".join(in_words(written.split(), row, code))
    if words in row.yes or words in row.no:
        return Meaning("yes" if words in row.yes else "no")
    if date := read_date(lower, written, code) or read_date(lower, words, code):
        return Meaning(date)
    found = _number(lower, words, row, code)
    if found is None:
        return Meaning(singular(_without_leads(words, row, code), code))
    if found.number is None:
        return Meaning(singular(words, code))
    unit = _joined(found.rest, code)
    if unit in row.counters:
        return Meaning("", found.number)
    known = measures(code)
    return Meaning(
        singular(_without_leads(unit, row, code, least=0), code),
        found.number,
        known.get(unit) or known.get(singular(unit, code)),
    )


def without_asked_unit(said: Meaning, question: str, code: str) -> Meaning:
    """Return a number without its unit where the question asks for that unit.

    To "how many days has one week", `7` and `7 days` say the same; `3 weeks` keeps its unit,
    because the question names that one with a number of its own.
    """
    asked = singular(folded(question, code), code)
    if said.number is None:
        return said
    named = all(_asks_for(_named(word, code), asked, code) for word in said.words.split())
    if _asks_for_measure(said.measure, asked, code) or (named and said.words):
        return Meaning("", said.number)
    return said


def _named(word: str, code: str) -> str:
    """Return a pattern of a word within the words of a question; of a sign only by itself."""
    anywhere = not language(code).spaced or len(word) > 2
    return re.escape(word) if anywhere else rf"(?<!\w){re.escape(word)}(?!\w)"


def _asks_for_measure(measure: str | None, asked: str, code: str) -> bool:
    """Tell whether a question asks for a unit in any of the words for it."""
    words = [word for word, name in measures(code).items() if name == measure]
    if not language(code).spaced:
        whole = "|".join(re.escape(word) for word in words if not word.isascii())
    else:
        whole = rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)"
    return bool(words and whole) and _asks_for(whole, asked, code)


def _asks_for(unit: str, asked: str, code: str) -> bool:
    """Tell whether a question names what the pattern matches, and does not count it."""
    found = re.search(unit, asked)
    before = asked[: found.start()].split() if found else []
    last = before[-1] if before else ""
    values = answer_words(code).numbers.values
    counted = last in values or last[-1:] in values or last[-1:].isdecimal()
    return found is not None and not counted


def _joined(words: list[str], code: str) -> str:
    return (" " if language(code).spaced else "").join(words)


def _without_leads(words: str, row: AnswerWords, code: str, least: int = 1) -> str:
    """Return the words behind articles and prepositions, though at least so many."""
    left = words.split()
    while len(left) > least and (left[0] in row.leads or " ".join(left[:2]) in row.leads):
        left = left[1:]
    known = language(code)
    glued = not known.spaced and len(left) == 1 and len(left[0]) > 1
    if glued and left[0][:1] in row.leads:
        left = [left[0][1:]]
    if article := known.sentences.joined_article:
        left = [
            w.removeprefix(article) if len(w) > 4 and w not in row.numbers.all else w for w in left
        ]
    return " ".join(left)


def _number(lower: str, words: str, row: AnswerWords, code: str) -> Read | None:
    """Return the number that an answer states, in digits or in words, and its other words."""
    in_digits = _in_digits(lower if language(code).spaced else _unmixed(lower), code)
    if in_digits:
        value, before, after = in_digits
        front = _words(_without_leads(folded(before, code), row, code, least=0), code)
        front, sign = _without_minus(front, row, code)
        behind = _words(folded(after, code), code)
        unit = behind if _joined(behind, code) in measures(code) else []
        found = read_beside(sign * value, front, [] if unit else behind, row.numbers, code)
        return found if found.number is None else Read(found.number, [*found.rest, *unit])
    if not language(code).spaced:
        return _in_han(words.replace(" ", ""), row, code)
    said = words.split()
    if said[:1] and said[0] in row.minus:
        below = _in_words(said[1:], row, code)
        return below and Read(below.number and -below.number, below.rest)
    return _in_words(said, row, code)


def _in_words(said: list[str], row: AnswerWords, code: str) -> Read | None:
    """Return the number in words, of which a unit behind it is no part: "per cent"."""
    for at in range(1, len(said)):
        if " ".join(said[at:]) in measures(code):
            found = read_number(said[:at], row.numbers, code)
            if found and found.number is not None and not found.rest:
                return Read(found.number, said[at:])
    return read_number(said, row.numbers, code) or read_after_noun(said, row.numbers, code)


def _without_minus(front: list[str], row: AnswerWords, code: str) -> tuple[list[str], int]:
    """Return the words before a number without the last one that puts it below zero; its sign."""
    text = _joined(front, code)
    for word in row.minus:
        if text == word or text.endswith(f" {word}" if language(code).spaced else word):
            return _words(text.removesuffix(word), code), -1
    return front, 1


def _in_han(text: str, row: AnswerWords, code: str) -> Read | None:
    """Return the number that a Chinese or Japanese answer states, with its unit or what it counts.

    What else follows a number may make a word with it: a triangle is not three.
    """
    known = measures(code)
    sign = next((word for word in row.minus if text.startswith(word)), "")
    text = text.removeprefix(sign)
    counts = row.numbers.all
    fronts = [w for w in known if text.startswith(w) and text[len(w) : len(w) + 1] in counts]
    front = max(fronts, key=len, default="")
    found = _han_number(text.removeprefix(front), row, code)
    if found is None or found.number is None:
        return None
    unit = front + "".join(found.rest)
    if unit not in ("", *row.counters, *known) and unit[:1] not in CLASSIFIERS:
        return None
    return Read(-found.number if sign else found.number, list(unit))


def _han_number(text: str, row: AnswerWords, code: str) -> Read | None:
    if year := HAN_YEAR.match(text):
        return Read(float(_han_digits(year[0], row)), list(text[year.end() :]))
    if point := HAN_POINT.search(text):
        whole = read_number(list(text[: point.start()]), row.numbers, code)
        if whole is None or whole.number is None or whole.rest:
            return None
        value = float(f"{whole.number:.0f}.{_han_digits(point[1], row)}")
        return Read(value, list(text[point.end() :]))
    return read_number(list(text), row.numbers, code)


def _han_digits(digits: str, row: AnswerWords) -> str:
    return "".join(str(row.numbers.values[digit]) for digit in digits)


def _unmixed(text: str) -> str:
    """Return a Chinese or Japanese text with its number in digits and scales in digits alone."""
    return MIXED.sub(lambda match: _added(match[0]) or match[0], text)


def _added(number: str) -> str | None:
    """Return the sum of parts that get smaller; `None` for others, and for an open 2万5."""
    total, above, place = 0.0, 0.0, math.inf
    for digits, scales in PART.findall(number.replace(",", "")):
        value, size = float(digits), math.prod(SCALES[scale] for scale in scales)
        if value * size >= place or (not scales and len(digits) == 1):
            return None
        if scales and scales[-1] in MYRIADS and len(scales) == 1:
            total, above = total + (above + value) * size, 0.0
        else:
            above += value * size
        place = size
    return f"{total + above:.15g}"


def _words(text: str, code: str) -> list[str]:
    """Return the words of a text; of Chinese and Japanese, which have no spaces, the characters."""
    return text.split() if language(code).spaced else list(text.replace(" ", ""))


def _in_digits(lower: str, code: str) -> tuple[float, str, str] | None:
    """Return the one number in digits, and the texts before and after it."""
    text = UNIT_GLUED.sub(r"\1 ", lower)
    found = list(NUMBER.finditer(text))
    if len(found) != 1:
        return None
    (match,) = found
    value = _value(match["digits"], code)
    if value is None:
        return None
    before, after = HYPHEN.sub("", text[: match.start()]), text[match.end() :]
    if match["sign"] and SIGN_STANDS.search(before):
        value = -value
    elif SIGN_BEFORE_CURRENCY.search(before):
        value, before = -value, SIGN_BEFORE_CURRENCY.sub("", before)
    return value, before, after


def _value(digits: str, code: str) -> float | None:
    """Return the number that digits with their marks stand for: `1.000` is not one in German."""
    plain = re.sub("[ '٬]", "", digits).replace("٫", ".")
    marks = [c for c in plain if c in ".,"]
    point = "," if language(code).numbers.decimal_comma else "."
    if len(set(marks)) == 2:
        point = marks[-1]
    elif len(marks) > 1:
        if not GROUPED.fullmatch(plain):  # a version, an address
            return None
        point = ""
    elif marks and not re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", plain):
        point = marks[0]
    plain = "".join("." if c == point else c for c in plain if c == point or c not in ".,")
    if len(plain.replace(".", "").strip("0")) > EXACT_DIGITS:  # others would count as the same
        return None
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
