"""A short answer in free words, read out of a response.

What is no short answer (nothing, a refusal, a whole explanation) is not forced into one.
`calm.meanings` then says which answers are the same.
"""

import re
from dataclasses import dataclass
from typing import Literal

from calm.answer_patterns import (
    AFTER_PHRASE,
    DECORATION,
    END_OF_THOUGHT,
    HAN,
    INVISIBLE,
    KANA,
    REASON,
    THOUGHT,
    announcement,
    refusal,
    unspaced,
)

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


ENDS = re.compile(
    rf"[\r\n。！？!?؟।;；]|(?<=\d)\.(?=\s|$)|(?<=[^\W\d_]{{3}})[.۔](?=\s|$)|(?<=[{HAN}{KANA}])\."
    rf"|\s[-–—=:]\s|\s*[(（\[]|[,，、،]\s*(?:{REASON}|which|that)\b|[,，،]\s*(?:因|なぜ|لأن)"
    r"|\s(?:because|weil|denn|parce que|porque|perché|omdat|ponieważ|потому что|kwa sababu)\s"
    r"|\sلأن",
    re.IGNORECASE,
)
"""Where a short answer is over and its explanation begins."""
COMMA = re.compile(r"[,，،]\s+")
AFTER = re.compile(rf"[\s{INVISIBLE}*_`~#>$\"'“”‘’«»„「」『』【】.,:،。]*$")


def read_short_answer(text: str, code: str) -> ShortAnswer:
    """Return what a response in language `code` states in a few words, up to its explanation.

    After an announcement ("Answer:", "the answer is") where there is one, else at the beginning.
    """
    thoughts = [match.end() for match in END_OF_THOUGHT.finditer(text)]
    begin = thoughts[-1] if thoughts else 0
    if THOUGHT.search(text, begin):
        return ShortAnswer("", None, "empty")
    codes = (code,) if code == "en" else (code, "en")
    for match in announcement(codes).finditer(text, begin):
        at = _end(AFTER_PHRASE, text, match.end())
        begin = at if text[at:].strip(" *_.") else begin
    start = _end(DECORATION, text, begin)
    over = ENDS.search(text, start)
    end = over.start() if over else len(text)
    comma = COMMA.search(text, start, end)
    if comma and len(text[comma.end() : end].split()) > MOST_AFTER_COMMA:
        end = comma.start()
    end = start + len(AFTER.sub("", text[start:end]))
    answer = text[start:end]
    if not answer:
        return ShortAnswer("", None, "empty")
    if refusal(code).match(answer):
        return ShortAnswer(answer, None, "refusal")
    long = len(answer) > MOST_CHARACTERS if unspaced(answer) else len(answer.split()) > MOST_WORDS
    return ShortAnswer(answer, None if long else (start, end), "long" if long else "stated")


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
