r"""Characters that are written out where they should stand: `&quot;`, `\n`, `\u00fc`.

They come from a page that was scraped or from a text that was encoded twice. In code and formulas,
and where they are what is spoken of, they are meant and stay.
"""

import functools
import html
import json
import re
import unicodedata
from collections.abc import Callable
from html.entities import html5

CODE = (
    r"```(?s:.*?)(?:```|\Z)|`[^`\n]+`|\$\$[^$]+\$\$|\$[^$\n]+\$|<code>[^<]*</code>"
    r"|^(?: {4}|\t)[^\n]*$"
)
IN_CODE = re.compile(CODE, re.MULTILINE)
IN_CODE_OR_STRING = re.compile(
    CODE + r"|[(=\[{+:]\s?(?P<quote>[\"'])[^\"'\n]*(?P=quote)|(?<![^\W_])[A-Za-z]:\\[^\s\"']*",
    re.MULTILINE,
)
"""Code and formulas; and texts in code, and paths of Windows."""
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|(?P<name>[A-Za-z][A-Za-z0-9]{1,31}));")
OF_MARKUP = re.compile(r"\b(?:x?html\d?|xml|svg|css|ampersand)\b", re.IGNORECASE | re.ASCII)
"""Words, the same in all languages of the table, of a prompt that asks about markup."""
ENCODED_TWICE = 3
"""How often entities are resolved: `&amp;quot;` takes two times."""
LATEX = r"(?:u|eq?|eg|abla|ot(?:in)?|i|mid|geq|leq|exists|atural|ewline|ewcommand|oindent|onumber)"
"""What follows `\\n` in names of LaTeX."""
BREAK = re.compile(
    r"[ \t]?(?<![\w.\])]\*)(?<![+^])(?:(?:\\r)?\\n){2,}[ \t]?"
    r"|[ \t]?(?<![\w.\])]\*)(?<![+^])(?:\\r\\n|\\n(?![a-z]))[ \t]?"
    rf"|(?<=[.!?:;,。！？：；।۔؟…])[ \t]?\\n(?=[a-z])(?!\\n{LATEX}(?![a-z]))"
)
r"""Line breaks that are written out. Before a small letter (`\nu` is a Greek one) a single one
counts after a mark alone. After a quantifier it belongs to a regular expression."""
ALONE = re.compile(
    r"(?<=[\s\"'“‘«„(\[/])(?:(?:\\r\\n|\\[nrt])+|\\u[0-9a-fA-F]{4})"
    r"(?=[\"'”’»“)\],.?!/]|\s+[^\W\dA-ZÀ-ÞА-Я]|\s*$)"
)
"""A sign that stands alone in a sentence: what is spoken of."""
CODE_POINT = re.compile(r"(?<![\[\\-])(?:\\u[0-9a-fA-F]{4})+(?![\]-])")
BEFORE = 80
"""Characters before such a sign that are looked at."""
ENDS_SENTENCE = ".!?:;。！？：；।۔؟…"


def entities(text: str) -> list[str]:
    """Return the HTML entities of a text outside code, as they are written."""
    plain = IN_CODE.sub("·", text)
    return [m[0] for m in ENTITY.finditer(plain) if m["name"] is None or f"{m['name']};" in html5]


def escapes(text: str) -> list[str]:
    r"""Return the line breaks and characters that a text writes as `\n` or `\u00fc`."""
    plain = IN_CODE_OR_STRING.sub("·", text)
    return [m[0].strip() for pattern in (BREAK, CODE_POINT) for m in pattern.finditer(plain)]


def asks_about_markup(prompt: str) -> bool:
    """Tell whether a prompt asks about HTML or the like, so that entities are meant."""
    return bool(OF_MARKUP.search(prompt))


def speaks_of_escapes(text: str) -> bool:
    r"""Tell whether a text speaks of `\n` itself: it stands alone in a sentence there."""
    befores = (text[max(0, m.start() - BEFORE) : m.start()] for m in ALONE.finditer(text))
    return any(before.rstrip()[-1:] not in ENDS_SENTENCE for before in befores)


def as_characters(prompt: str, *sides: str) -> Callable[[str], str]:
    """Return the change that puts characters where texts of a pair write them out."""
    meant = asks_about_markup(prompt), any(map(speaks_of_escapes, (prompt, *sides)))
    changes = (without_entities, without_escapes)
    wanted = [change for change, leave in zip(changes, meant, strict=True) if not leave]
    return lambda text: functools.reduce(lambda said, change: change(said), wanted, text)


def without_entities(text: str) -> str:
    """Return a text with the characters that its entities stand for."""
    for _ in range(ENCODED_TWICE):
        if entities(text):
            text = _outside(IN_CODE, text, lambda part: ENTITY.sub(_character, part))
    return text


def without_escapes(text: str) -> str:
    """Return a text with the line breaks and characters that it writes out."""
    if not escapes(text):
        return text
    return _outside(IN_CODE_OR_STRING, text, _unescaped)


def _outside(meant: re.Pattern[str], text: str, change: Callable[[str], str]) -> str:
    """Return a text with a change applied to all parts but those that are meant as they are."""
    pieces, end = [], 0
    for match in meant.finditer(text):
        pieces += [change(text[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*pieces, change(text[end:])])


def _character(entity: re.Match[str]) -> str:
    character = html.unescape(entity[0])
    return " " if character == "\u00a0" else character


def _unescaped(text: str) -> str:
    return CODE_POINT.sub(_decoded, BREAK.sub(lambda m: "\n" * m[0].count("\\n"), text))


def _decoded(points: re.Match[str]) -> str:
    """Return the characters of code points; those that are no text stay as they are."""
    characters = str(json.loads(f'"{points[0]}"'))
    no_text = any(unicodedata.category(character) in ("Cs", "Cc") for character in characters)
    return points[0] if no_text else characters
