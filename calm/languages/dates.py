"""A date, however it is written, as `1914-07-28`: in any order, with the month's name or number.

The names of months come from CLDR (through Babel). A date of which the order cannot be told
(`03/04/2020` in English) is none.
"""

import functools
import re
from collections.abc import Sequence
from datetime import date

from calm.languages.answer_words import answer_words
from calm.languages.cldr import date_locales
from calm.languages.scripts import SIGNS
from calm.languages.spellings import ORDINAL, folded
from calm.languages.table import either, language

YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
IN_HAN = re.compile(
    r"(?:(?P<year>\d{3,4}|[〇零一二三四五六七八九]{4})年)?"
    r"(?P<month>\d{1,2}|[一二三四五六七八九十]{1,3})月"
    r"(?:(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})[日号])?"
)
YEAR_GLUED = re.compile(rf"(\d{{3}})(?=[^\W\d{ORDINAL}])")
DAY_OR_YEAR = re.compile(rf"(\d{{1,4}})[{ORDINAL}°]?")


def read_date(plain: str, words: str, code: str) -> str | None:
    """Return the date that a whole answer is: `1914-07-28`, `--07-28` or `1914-07`.

    `plain` and `words` are the answer as `calm.languages.spellings` gives it, without and with one
    spelling.
    """
    in_digits = plain.strip(" .")
    if first := YEAR_FIRST.fullmatch(in_digits):
        return _written(int(first[1]), int(first[3]), int(first[4]))
    if last := YEAR_LAST.fullmatch(in_digits):
        return _ordered(int(last[4]), int(last[1]), int(last[3]), last[2], code)
    return _in_han(words, code) if not language(code).spaced else _with_name(words, code)


def _ordered(year: int, one: int, other: int, mark: str, code: str) -> str | None:
    """Return a date whose year comes last; where both orders are used, only what fits one."""
    readings = {_written(year, other, one)}
    if language(code).dates.month_first and mark != ".":
        readings.add(_written(year, one, other))
    readings.discard(None)
    return readings.pop() if len(readings) == 1 else None


def _in_han(words: str, code: str) -> str | None:
    match = IN_HAN.fullmatch(words.replace(" ", ""))
    if match is None or not (match["year"] or match["day"]):
        return None
    year, month, day = (_han_number(match[part], code) for part in ("year", "month", "day"))
    return _written(year, month, day)


def _han_number(digits: str | None, code: str) -> int | None:
    if digits is None or digits.isdecimal():
        return None if digits is None else int(digits)
    values = answer_words(code).numbers.values
    if "十" not in digits:
        return int("".join(str(values[digit]) for digit in digits))
    tens, _, ones = digits.partition("十")
    return values.get(tens, 1) * 10 + values.get(ones, 0)


def _with_name(words: str, code: str) -> str | None:
    found = list(_months(code).finditer(words))
    if len(found) != 1:
        return None
    row, (month,) = answer_words(code), found
    other = YEAR_GLUED.sub(r"\1 ", words[: month.start()] + words[month.end() :])
    parts = (_without_sign(word, row.date_words) for word in other.split())
    said = [word for word in parts if word not in ("", *row.date_words, *row.leads)]
    rest = [word for word in said if word not in _weekdays(code)]
    numbers = [match for word in rest if (match := DAY_OR_YEAR.fullmatch(word))]
    if not numbers or len(numbers) < len(rest) or len(numbers) > 2:
        return None
    days = [int(m[1]) for m in numbers if int(m[1]) <= 31 and len(m[1]) <= 2]
    years = [int(m[1]) for m in numbers if int(m[1]) > 31 and m[0] == m[1]]
    if len(days) > 1 or len(years) > 1 or len(days) + len(years) < len(numbers):
        return None
    if len(rest) < len(said) and not (days and years):
        return None
    name = _names(code)[month[0]]
    return _written(years[0] if years else None, name, days[0] if days else None)


def _without_sign(word: str, signs: Sequence[str]) -> str:
    """Return a number without the word for a day or a year that is written as one with it."""
    bare = next((word.removesuffix(sign) for sign in signs if word.endswith(sign)), word)
    return bare if bare.isdecimal() else word


def _written(year: int | None, month: int | None, day: int | None) -> str | None:
    try:
        date(year or 2000, month or 0, day or 1)
    except ValueError:
        return None
    parts = [f"{year:04}" if year else "-", f"{month:02}", *([f"{day:02}"] if day else [])]
    return "-".join(parts)


@functools.cache
def _names(code: str) -> dict[str, int]:
    """Return the months by their names, long and short, in one spelling."""
    from babel.dates import get_month_names

    written = {
        folded(name, code): number
        for locale in date_locales(code)
        for context in ("format", "stand-alone")
        for width in ("abbreviated", "wide")
        for number, name in get_month_names(width, context, locale).items()
    }
    return written | language(code).dates.months


@functools.cache
def _weekdays(code: str) -> frozenset[str]:
    """Return the names of weekdays, which a whole date has no need of."""
    from babel.dates import get_day_names

    locales = date_locales(code)[:1]
    names = [get_day_names("abbreviated", locale=locale) for locale in locales]
    names += [get_day_names("wide", locale=locale) for locale in locales]
    return frozenset(folded(name, code) for row in names for name in row.values())


@functools.cache
def _months(code: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{either(_names(code))})(?!\w|{SIGNS})")
