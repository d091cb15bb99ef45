"""Whether a translation is in the language that was asked for, by its scripts and its words."""

import functools
import unicodedata
from collections import Counter
from collections.abc import Mapping

from calm.languages.identify import can_be_told, identified, probability
from calm.languages.table import LANGUAGES, language
from calm.questions.translated_text import WORD, Pair, is_sentence, without_names

WORDS_TO_JUDGE, LETTERS_TO_JUDGE = 3, 12
"""Words and letters, names left out, that a language can be told from."""
SURE, FOREIGN = 0.85, 0.05
"""A probability from which a text is in another language, or below which it is not in its own; no
reviewed translation has either."""


def is_foreign(pair: Pair) -> bool:
    """Tell whether a text is not in the language that was asked for."""
    scripts = Counter(map(_script, filter(str.isalpha, pair.given)))
    if any(_is_stranger(script, pair) for script in scripts):
        return True
    if pair.text.casefold() == pair.given.casefold():
        return False
    own = _written(pair.to_code)
    mine = sum(scripts[script] for script in own)
    if not mine and "Latin" not in own and _has_plain_words(pair):
        return True
    if is_sentence(pair) and _is_another(pair.to_code, pair.given, scripts):
        return True
    if not (is_sentence(pair) or pair.text.islower()):
        return False  # a name may be in any language
    return is_told_apart(without_names(pair), pair.to_code)


def _has_plain_words(pair: Pair) -> bool:
    """Tell whether a text has words that are no name, or that a question does not have."""
    words = WORD.findall(pair.given)
    new = [word for word in without_names(pair).split() if not word.isupper()]
    if any(w.islower() and len(w) > 3 for w in words) or (
        len(new) > 1 and any(map(str.islower, new))
    ):
        return True
    return (is_sentence(pair) or pair.text.islower()) and any(len(w) > 2 for w in new)


def is_told_apart(text: str, code: str) -> bool:
    """Tell whether a text is surely in another language of the same script than `code`."""
    if len(text.split()) < WORDS_TO_JUDGE or sum(map(str.isalpha, text)) < LETTERS_TO_JUDGE:
        return False
    script = language(code).script
    alone = sum(row.script == script for row in LANGUAGES.values()) == 1
    if alone or not can_be_told(code):
        return False
    told, sure = identified(text)
    return told != code and (sure >= SURE or probability(text, code) < FOREIGN)


SCRIPTS = {"CJK": "Han", "IDEOGRAPHIC": "Han", "KATAKANA-HIRAGANA": "Katakana", "MODIFIER": ""}
"""Scripts by the first word of a letter's name, where that is not its name."""
OTHER_SCRIPTS = {"Hiragana": ("Katakana", "Han")}
"""Scripts that are written beside the one that a language names."""
SHORT_SENTENCE = 8


def _written(code: str) -> tuple[str, ...]:
    """Return the scripts that a language is written in."""
    script = language(code).script
    return (script, *OTHER_SCRIPTS.get(script, ()))


def _is_another(code: str, text: str, scripts: Mapping[str, int]) -> bool:
    """Tell whether a sentence is in another language that is written alike."""
    row = language(code)
    foreign = any(character in row.translation.lacks for character in text)
    if row.script == "Hiragana":
        kana = scripts["Hiragana"] + scripts["Katakana"]
        return not kana and (scripts["Han"] >= SHORT_SENTENCE or foreign)
    if foreign:
        return True
    if row.translation.needs_accents:
        return text.isascii() and sum(map(str.islower, WORD.findall(text))) > 4
    needed = row.translation.needs
    return bool(needed) and len(text.split()) > 2 and not set(needed) & set(text)


def _is_stranger(script: str, pair: Pair) -> bool:
    """Tell whether a letter's script belongs neither to the language nor to a name or formula."""
    if script in _written(pair.to_code) or script in ("Latin", "Greek", ""):
        return False
    return script not in map(_script, pair.text) or script in _written(pair.from_code)


@functools.lru_cache(maxsize=8192)
def _script(character: str) -> str:
    """Return the script of a letter; empty for what is no letter."""
    if not character.isalpha():
        return ""
    first = unicodedata.name(unicodedata.normalize("NFKC", character)[0], "").split(" ")[0]
    return SCRIPTS.get(first, first.capitalize())
