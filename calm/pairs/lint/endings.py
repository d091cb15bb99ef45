"""Whether a text breaks off: what it ends with cannot end a sentence.

Real answers end without a full stop for many reasons: a list item, a price, a link, a slogan, a
greeting, code. So a missing full stop alone says little. An article, a conjunction, a comma or an
open bracket at the end say much.
"""

import re
import unicodedata

from calm.languages.table import language
from calm.pairs.lint.sameness import prose

GOES_ON = ",，、،([{（「『【《„"
"""Marks that a sentence goes on after; quotes that open in one language close in another."""
SMILEY = re.compile(r"[:;=]['-]?\($")
LIST_ITEM = re.compile(r"\s*(?:[-*•·–—]|\(?\d{1,3}[.)、]|\(?[A-Za-z][.)])\s")
LINK = re.compile(r"://|www\.|@|#")
"""What the last word of a line has that is a link, an address or a hashtag."""
FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)


def unfinished(text: str, code: str) -> str:
    """Return the last line of a text that surely breaks off; empty where it may be whole."""
    if len(FENCE.findall(text)) % 2:
        return _last_line(text)
    line = _last_line(text)
    if len(line) < prose(code) or FENCE.match(line) or LINK.search(_last_word(line)):
        return ""
    bare = line.rstrip("*_` ")
    if bare[-1:] in GOES_ON:
        return line if _is_sentence(bare) and not SMILEY.search(bare) else ""
    return line if _goes_on_after(bare, code) else ""


def without_end(text: str, code: str) -> str:
    """Return the last line of a text where it is prose without an end; empty where it may be one.

    Many whole texts are like that: it says something only where an answer is missing too.
    """
    line = _last_line(text)
    end = line.rstrip("*_` ")[-1:] or "."
    if len(line) < prose(code) or not unicodedata.category(end).startswith(("L", "M")):
        return ""
    whole = line.startswith("|") or LIST_ITEM.match(line) or LINK.search(_last_word(line))
    return "" if whole else line


def _last_line(text: str) -> str:
    return text.rstrip().rpartition("\n")[2].strip()


def _is_sentence(line: str) -> bool:
    """Tell whether a line is made of words, not of code or signs."""
    return sum(c.isalpha() or c.isspace() for c in line) > 0.8 * len(line)


def _goes_on_after(line: str, code: str) -> bool:
    row = language(code)
    if not row.spaced:
        return line.endswith(row.turns.unfinished)
    return _last_word(line).lower().replace("’", "'") in row.turns.unfinished


def _last_word(line: str) -> str:
    return line.rsplit(maxsplit=1)[-1] if line else ""
