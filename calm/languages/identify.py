"""Which language a text is written in, among those of the language table.

Letters tell it where one language of the table alone is written with them. For the rest py3langid
(Barbaresi, after Lui and Baldwin, ACL 2012) names the language; only the beginning of a text is
looked at, so that a text of any length costs the same.
"""

import functools
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from calm.languages.scripts import SCRIPTS
from calm.languages.table import LANGUAGES, all_words, either, language

LOOKED_AT = 300
"""Characters from the beginning that are enough to tell a language by."""
LETTERS_TO_TELL = 30
"""Latin letters from which a language is told: fewer are a word or two."""
LIKELY = 0.9
"""Probability from which a language is told."""
DENSE = ("Han", "Hiragana", "Thai", "Lao", "Myanmar", "Khmer")
"""Scripts that say more with each letter."""
FOREIGN = "?"
"""Said of a text in letters of no language of the table."""
NO_PROSE = re.compile(
    r"```(?s:.*?)(?:```|\Z)|`[^`\n]+`|\$\$[^$]+\$\$|\$[^$\n]+\$|https?://\S+|www\.\S+|</?\w[^>\n]*>"
    r"|^(?: {4}|\t)[^\n]*$",
    re.MULTILINE,
)
"""What no language is told by: code, formulas, links, marks."""
CODE_LINE = re.compile(
    r"[^\n]*[(=][^\n]*[;{}]|[^\n]*\w\([^()\n]*\):?|[\w.\[\]]+ [-+*/]?= [^\n]*|[{}]"
)
"""A line that is code though nothing sets it apart."""


def identified(text: str) -> tuple[str, float]:
    """Return the likeliest language of the table and its probability (one in all: no idea)."""
    script = script_of(text[:LOOKED_AT])
    mine = [row.code for row in LANGUAGES.values() if row.script == script] or list(LANGUAGES)
    if len(mine) == 1:
        return mine[0], 1.0
    ranked = [(code, float(p)) for code, p in _identifier().rank(text[:LOOKED_AT]) if code in mine]
    if not ranked:
        return mine[0], 0.0
    total = sum(probability for _, probability in ranked) or 1.0
    return ranked[0][0], ranked[0][1] / total


def told_by(text: str) -> str | None:
    """Return the language that a text surely is in; `None` where it is too short or unclear.

    Returns `FOREIGN` where it is written in letters that no language of the table has.
    """
    prose = prose_of(text)[:LOOKED_AT]
    script = script_of(prose)
    if script in ("", FOREIGN):
        return script or None
    mine = [row for row in LANGUAGES.values() if row.script == script]
    if len(mine) == 1:
        return mine[0].code
    telling = {row.code: sum(c in row.spelling.telling for c in prose) for row in mine}
    told = [code for code, count in telling.items() if count == max(telling.values())]
    if len(told) == 1:
        return told[0]
    if script == "Latin" and sum(map(str.isalpha, prose)) < LETTERS_TO_TELL:
        return None
    code, probability = identified(prose)
    return code if probability >= LIKELY else None


def is_of_the_table(text: str) -> bool:
    """Tell whether the likeliest of all languages that can be told is one of the table."""
    return _any_identifier().classify(text[:LOOKED_AT])[0] in LANGUAGES


def prose_of(text: str) -> str:
    """Return a text without its code, formulas and links."""
    begin = NO_PROSE.sub(" ", text[: 10 * LOOKED_AT])
    lines = [line for line in begin.split("\n") if not CODE_LINE.fullmatch(line.strip())]
    return "\n".join(lines).strip()


def script_of(text: str) -> str:
    """Return the script of most letters, as the table names it; empty where there is no letter.

    A text with kana in it is Japanese, however many Chinese characters it has. Returns `FOREIGN`
    where most letters are of another script.
    """
    counts = Counter({name: len(_letters(name).findall(text)) for name in _scripts()})
    counts[FOREIGN] = sum(map(str.isalpha, text)) - counts.total()
    if counts["Hiragana"] and counts["Han"] and counts["Hiragana"] * 20 > counts["Han"]:
        counts["Hiragana"] += counts.pop("Han")
    script, most = counts.most_common(1)[0]
    return script if most > 0 else ""


def names_language(prompt: str, code: str) -> bool:
    """Tell whether a prompt asks for a translation, or names the language."""
    row, folded = language(code), prompt.casefold()
    names: Sequence[str] = (row.name, row.native_name)
    return any(name.casefold() in folded for name in names) or bool(TRANSLATES.search(folded))


TRANSLATES = re.compile(either(all_words("spelling", "translate")))
"""Words of all languages of the table that ask for a translation, case folded."""


@functools.cache
def _scripts() -> tuple[str, ...]:
    """Return the scripts of the table's languages, in the order of all scripts."""
    used = {row.script for row in LANGUAGES.values()}
    return tuple(script for script in SCRIPTS if script in used)


@functools.cache
def _letters(script: str) -> re.Pattern[str]:
    return re.compile(SCRIPTS[script])


def can_be_told(code: str) -> bool:
    """Tell whether a language is one that a text can be told to be in."""
    return code in _identifier().nb_classes


def probability(text: str, code: str) -> float:
    """Return how likely a text is in one language that can be told (one in all: no idea)."""
    ranked: list[tuple[str, float]] = _identifier().rank(text[:LOOKED_AT])
    return float(dict(ranked)[code])


@functools.cache
def _identifier() -> Any:
    identifier = _loaded()
    identifier.set_languages([code for code in LANGUAGES if code in identifier.nb_classes])
    return identifier


@functools.cache
def _any_identifier() -> Any:
    return _loaded()


def _loaded() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
