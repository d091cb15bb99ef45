"""Whether a text breaks off: what it ends with cannot end a sentence.

Real answers end without a full stop for many reasons: a list item, a price, a link, a slogan, a
greeting, code. So a missing full stop alone says little. An article, a conjunction, a comma or an
open bracket at the end say much.
"""

import functools
import re
import unicodedata

from calm.pairs.lint.sameness import prose

UNFINISHED = {
    "en": "the a an and or of because if than my your our their its which whose",
    "de": "der den dem des eine einen einem einer eines und oder dass weil wenn sowie sondern "
    "deren dessen seine ihren ihrem im am zum zur vom beim als für die",
    "fr": "le la les un une des du de d' l' qu' et ou que qui dont parce car au aux cette ces dans "
    "à en",
    "es": "el la los las un una unos unas de del y e o que porque al su sus con en por para cuyo",
    "it": "il lo la i gli le un uno una di del della dei degli delle e o che perché al alla nel "
    "nella dal dalla con per l' un' dell' all' nell'",
    "pt": "o a os as um uma de do da dos das e ou que porque ao à no na nos nas com por para cujo",
    "nl": "de het een en of omdat dat die van met wiens",
    "pl": "i oraz lub że w z na do od o przez dla który która które którzy ponieważ bo",
    "ru": "и или что в с на к от о из для под который которая которое которые потому а но",
    "ar": "في من إلى على عن أن التي الذي الذين أو و ثم لأن إن",
    "hi": "का की के को से और या कि ने क्योंकि लेकिन जो",
    "ur": "کا کی کے کو سے اور یا کہ نے کیونکہ لیکن جو",
    "vi": "của và là các những hoặc vì thì bị",
    "sw": "na ya wa kwa la za cha vya katika au kwamba kwani kama ni",
}
"""Words, lower case, that a sentence goes on after, of languages with spaces. Left out are those
that end one now and then: separable prefixes, stranded prepositions, pronouns."""
UNFINISHED_DENSE = {
    "zh": ("或者", "而且", "并且", "但是", "因为", "所以", "如果", "以及", "由于", "虽然", "例如"),
    "ja": ("を", "そして", "しかし", "なぜなら", "および", "または"),
}
"""The same of languages without spaces; Chinese words of one character end others (埃及, 总和)."""
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
    if dense := UNFINISHED_DENSE.get(code):
        return line.endswith(dense)
    return _last_word(line).lower().replace("’", "'") in _words(code)


def _last_word(line: str) -> str:
    return line.rsplit(maxsplit=1)[-1] if line else ""


@functools.cache
def _words(code: str) -> frozenset[str]:
    return frozenset(UNFINISHED.get(code, "").split())
