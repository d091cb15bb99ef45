"""Whether an announced answer is the model's own: not denied, supposed, or somebody else's.

`extract` asks this of every announcement that it finds, and where the right answer may follow.
"""

import functools
import re
from collections.abc import Iterable

from calm.answers.patterns import LEAD, OPTION, WORD, unspaced, words_pattern
from calm.languages.scripts import GLUED
from calm.languages.table import LANGUAGES, all_words, either

BEFORE_NOUNS = all_words("sentences", "articles", "possessives")
ARTICLE = re.compile(
    rf"(?:{either(word for word in BEFORE_NOUNS if word[-1].isalpha())})\s", re.IGNORECASE
)
"""How an announcement begins that no adjective can stand before."""


def called_wrong(before: str, announced: str, codes: tuple[str, ...]) -> bool:
    """Tell whether an announcement calls its answer wrong, or less likely, or another one."""
    if _within(codes).search(announced):
        return True
    return not ARTICLE.match(announced) and _right_before(codes).search(before) is not None


def denied_before(before: str, codes: tuple[str, ...]) -> bool:
    """Tell whether a denial stands right before an announcement: "no elijo"."""
    return _denial(codes).search(before) is not None


def not_owned(clause: str, behind: str, chooses: bool, codes: tuple[str, ...]) -> bool:
    """Tell whether a clause lends what it announces to others, or to a case that is none.

    `chooses` tells that the announcement itself is a bare verb, of which they are the subject.
    """
    if _anywhere("unowned", codes).search(IDIOM.sub("", clause)):
        return True
    turned = any(LANGUAGES[code].doubts.beliefs_behind for code in codes)
    held = clause + behind if turned else clause
    if not _anywhere("others", codes).search(clause):
        return False
    return chooses or _anywhere("beliefs", codes).search(held) is not None


HEARSAY = re.compile("|".join(sorted(all_words("doubts", "hearsay"))), re.IGNORECASE)
"""What lends a whole sentence to a person; a text or a table that is named so is no other."""
IDIOM = re.compile("|".join(sorted(all_words("doubts", "idioms"))), re.IGNORECASE)
"""Suppositions that suppose nothing."""


def from_others(sentence: str) -> bool:
    """Tell whether a sentence says from the beginning that somebody else thinks it."""
    return HEARSAY.search(sentence) is not None


def conditional(announced: str, sentence: str, codes: tuple[str, ...]) -> bool:
    """Tell whether an answer "would be" one in a case that its sentence supposes."""
    return bool(
        _anywhere("conditionals", codes).search(announced)
        and _anywhere("unowned", codes).search(IDIOM.sub("", sentence))
    )


@functools.cache
def undone_behind(codes: tuple[str, ...]) -> re.Pattern[str]:
    """Match what undoes an answer right behind it."""
    return re.compile(rf"[\s*_\"”»）)\]】」』]*(?:{_alternatives('behind', codes)})", re.IGNORECASE)


@functools.cache
def negation(codes: tuple[str, ...]) -> re.Pattern[str]:
    """Match a denial between an announcement and its answer: "Die Antwort ist nicht"."""
    return re.compile(rf"\s*(?:{_alternatives('negations', codes)})\s*", re.IGNORECASE)


@functools.cache
def correction(codes: tuple[str, ...], denied: bool) -> re.Pattern[str]:
    """Match what announces another answer than the one before; more does after a denied one."""
    strong = _alternatives("corrections", codes)
    weak = _alternatives("instead", codes)
    run = rf"(?:(?:{weak}|{strong})[\s,，、،:：;؛—–\-.!۔।*_]*)"
    needed = run if denied else rf"(?:{strong})[\s,，、،:：;؛—–\-.!۔।*_]*"
    return re.compile(
        rf"(?:(?<![^\W_])|(?<=[{GLUED}])){run}{{0,3}}?{needed}{run}{{0,3}}", re.IGNORECASE
    )


@functools.cache
def turn(codes: tuple[str, ...]) -> re.Pattern[str]:
    """Match what points at an answer from the beginning of a clause: "so it is", "option"."""
    words = f"{_alternatives('instead', codes)}|{_alternatives('corrections', codes)}"
    return re.compile(
        rf"(?:\A|[.!?。！？,，、،;；:：।۔\n]|\s[-–—])[\s*_\"]*"
        rf"(?:(?:(?:{words})[\s,，、:：—–\-.!*_]*|{LEAD.pattern}){{1,4}}|(?P<named>(?=(?:{OPTION})\s+[\[(*\"]*\w\W)))",
        re.IGNORECASE,
    )


GOES_ON = "".join(
    f"[{row.doubts.negation_goes_on}]*" for row in LANGUAGES.values() if row.doubts.negation_goes_on
)
"""What may stand between a denial without spaces and its verb."""
VERB_FIRST = re.compile(rf"\s*(?:{either(all_words('doubts', 'verbs_first'))})\s", re.IGNORECASE)


def leads_on(before: str, behind: str, announced: str, codes: tuple[str, ...]) -> bool:
    """Tell whether a comma stands between a belief and what is believed: "Viele glauben, die"."""
    if behind.strip() or VERB_FIRST.match(announced):
        return False
    return _believed(codes).search(before) is not None


@functools.cache
def _believed(codes: tuple[str, ...]) -> re.Pattern[str]:
    words = f"{_alternatives('beliefs', codes)}|{_alternatives('unowned', codes)}"
    return re.compile(rf"(?<![^\W_])(?:{words})\s*\Z", re.IGNORECASE)


@functools.cache
def _within(codes: tuple[str, ...]) -> re.Pattern[str]:
    words = f"{_alternatives('wrong', codes)}|{_alternatives('negations', codes)}"
    return re.compile(rf"(?<![^\W_])(?:{words})", re.IGNORECASE)


@functools.cache
def _right_before(codes: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![^\W_])(?:{_alternatives('wrong', codes)})"
        rf"(?:[ \t]+(?!{ARTICLE.pattern})[^\W\d_]+){{0,2}}[\s\"*_]*\Z"
        rf"|(?:{_unspaced('wrong', codes)})\Z",
        re.IGNORECASE,
    )


@functools.cache
def _denial(codes: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![^\W_])(?:{_alternatives('negations', codes)})(?:[ \t]+[^\W\d_]+)?\s*\Z"
        rf"|(?:{_unspaced('negations', codes)}){GOES_ON}\Z",
        re.IGNORECASE,
    )


@functools.cache
def _anywhere(field: str, codes: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![^\W_])(?<!\w[-‐])(?:{_alternatives(field, codes)})|{_unspaced(field, codes)}",
        re.IGNORECASE,
    )


def _alternatives(field: str, codes: Iterable[str]) -> str:
    """Return the words of a field in these languages, the longest first, as one pattern."""
    words = {(word, code) for code in codes for word in getattr(LANGUAGES[code].doubts, field)}
    patterns = [_word(word, code) for word, code in words]
    return "|".join(sorted(patterns, key=lambda pattern: (-len(pattern), pattern))) or "(?!)"


def _word(word: str, code: str) -> str:
    pattern = words_pattern(word.removesuffix("*"), code)
    if word.endswith("*"):
        return rf"{pattern}(?:{WORD}|[^\W_])*"
    return pattern if unspaced(word) or not word[-1].isalpha() else rf"{pattern}(?!{WORD})"


def _unspaced(field: str, codes: Iterable[str]) -> str:
    """Return the same of the words that are written without spaces around them."""
    words = {
        word for code in codes for word in getattr(LANGUAGES[code].doubts, field) if unspaced(word)
    }
    return "|".join(sorted(map(re.escape, words), key=lambda word: (-len(word), word))) or "(?!)"
