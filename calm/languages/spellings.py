"""One spelling for texts that differ only in letter case, accents, digits or empty marks.

Marks that tell two things apart stay: `C++` is not `C`, `-40` not `40`, `1/2` not `1-2`. What comes
out are keys, no words for people; `calm.languages.meaning` compares them.
"""

import re
import unicodedata

from calm.languages.scripts import INVISIBLE, SIGNS
from calm.languages.simplified import simplified
from calm.languages.table import either, language

LETTER = rf"[^\W\d_]{SIGNS}*"
ORDINAL = "º"
"""What stands behind the digits of an ordinal in every language: `3º`."""
KEPT_ORDINAL = "\ue000"
DASHES = "-−‒–"
SUPERSCRIPT = re.compile(r"(?<=\d)[⁰¹²³⁴-⁹⁺⁻]+")
FRACTION = re.compile(r"(?<=\d)(?=[¼½¾⅐-⅞])")
DEGREES = re.compile(r"[°º]\s*(?=[cf]\b)", re.IGNORECASE)
MINUS = re.compile(rf"(?:(?<!\S)|(?<=[(~≈<>=≤≥:]))(?:[{DASHES}]|−\s)(?=[$€£¥₹]?\s?[.,]?\d)")
MINUS_BEHIND = re.compile(r"(?<!\S)(\d[\d.,٫]*)-(?!\S)")
"""How Arabic and Urdu texts are often typed, from right to left."""
POINT_FIRST = re.compile(r"(?<![\w.,])\.(?=\d)")
HARAKAT = re.compile(r"[\u064b-\u0655\u0670\u0640]")
ARABIC = str.maketrans("أإآٱىةکیہ", "اااايهكيه")
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i"})
NUKTA, CANDRABINDU, ANUSVARA = "\u093c", "\u0901", "\u0902"
NASAL = re.compile("ङ्(?=[क-घ])|ञ्(?=[च-झ])|ण्(?=[ट-ढ])|न्(?=[त-ध])|म्(?=[प-भ])")
"""A Hindi nasal before a consonant of its own place, which may also be written as a dot."""
GLIDE = {"यी": "ई", "ये": "ए"}
AFTER_VOWEL = re.compile(r"(?<=[\u0904-\u0939\u093e-\u094c])(?:यी|ये)")
TONES = (
    "oà oá oả oã oạ oè oé oẻ oẽ oẹ uỳ uý uỷ uỹ uỵ",
    "òa óa ỏa õa ọa òe óe ỏe õe ọe ùy úy ủy ũy ụy",
)
TONE_PLACES = dict(zip(*(row.split() for row in TONES), strict=True))
TONE_LAST = re.compile(rf"(?<!q)(?:{'|'.join(TONE_PLACES)})(?!\w)")
"""Where Vietnamese may put the tone of `hoà`: also `hòa`."""
LONG_VOWEL = re.compile(r"(?<=[\u30a1-\u30ff]{3})ー(?![\u30a1-\u30ff])")
"""The last sign of a long Japanese loan word, which may be left out."""
INITIALS = re.compile(
    rf"(?<![\w.])(?:(?:{LETTER}){{1,3}}\.(?:(?:{LETTER}){{1,3}}\.)*(?:{LETTER}){{1,3}}\.?"
    rf"|{LETTER}\.(?:\s?{LETTER}\.)+|({LETTER})\1\.\s?({LETTER})\2\.)(?!{LETTER}|\d)"
)
"""Letters with dots: `U.S.`, `J. R. R.`, `EE. UU.`"""
HELD = re.compile(
    r"(?P<behind>(?<=\w)(?:\++|#)(?!\w)"
    rf"|(?:(?<=(?<!\w)[a-z])|(?<=(?<!\w)[a-z][a-z]))[{DASHES}](?![\w\s]\w))"
    r"|(?P<star>(?<=(?<![\w*])[a-z])\*(?![\w*])|(?<=\d)\*(?=\d))"
    r"|(?P<plus>(?<=\w)\+(?=\w)|(?<!\w)\+(?!\w))"
    rf"|(?P<range>(?<=\d)\s?[{DASHES}—]\s?(?=\d))"
    r"|(?P<mark>(?<!\S)-(?=\d)|(?<=\d)[/:](?=\d)|(?<!\S)\.(?=[a-z])|[√^∞‰])"
    r"|(?P<sign>[<>≤≥≠±×÷])"
)
"""Marks without which a text would say something else."""
HOLD = {mark: chr(0xE001 + n) for n, mark in enumerate("+#-/:.*")}
"""Characters of nobody's that stand for marks until all others are gone."""
RELEASE = str.maketrans({held: mark for mark, held in HOLD.items()})
SAYS = re.compile(rf"[\w\s%°√^∞‰♭<>≤≥≠±×÷'\ue001-\ue007]|{SIGNS}")
APOSTROPHE = re.compile(r"(?<=\w)['’ʼ](?=\w)")
IRREGULAR = {
    "men": "man",
    "women": "woman",
    "people": "person",
    "children": "child",
    "feet": "foot",
    "teeth": "tooth",
    "mice": "mouse",
    "geese": "goose",
    "leaves": "leaf",
    "wolves": "wolf",
    "knives": "knife",
    "lives": "life",
    "colour": "color",
    "grey": "gray",
    "litre": "liter",
    "metre": "meter",
    "centimetre": "centimeter",
    "kilometre": "kilometer",
}
"""English plurals and British spellings that no rule makes."""


def plain(text: str, code: str) -> str:
    """Return a text in lower case, with plain digits, signs and spaces; its words as they are."""
    said = re.sub(rf"[{INVISIBLE}™®©]", "", text).replace("♯", "#")
    said = SUPERSCRIPT.sub(lambda m: "^" + m[0], FRACTION.sub(" ", said))
    said = DEGREES.sub("°", said).replace(ORDINAL, KEPT_ORDINAL)
    said = unicodedata.normalize("NFKC", said).casefold().replace("i\u0307", "i")
    said = said.replace(KEPT_ORDINAL, ORDINAL)
    said = "".join(str(unicodedata.decimal(c, c)) for c in said)
    said = DEGREES.sub("°", said.replace("⁄", "/").replace("٪", "%")).strip()
    if "arabic" in language(code).spelling.rules:
        said = MINUS_BEHIND.sub(r"-\1", said)
    return POINT_FIRST.sub("0.", MINUS.sub("-", said))


def folded(text: str, code: str) -> str:
    """Return a text with nothing but its words and telling marks, in one spelling."""
    said = _one_spelling(simplified(plain(text, code)), code)
    said = INITIALS.sub(lambda m: re.sub(r"[.\s]", "", m[0]), said)
    said = HELD.sub(_held, APOSTROPHE.sub("' ", said))
    kept = "".join(c if SAYS.match(c) or unicodedata.category(c) == "Sc" else " " for c in said)
    words = [word.strip("'_") + "'" * word.endswith("'") for word in kept.split()]
    return " ".join(word for word in words if word.strip("'")).translate(RELEASE)


def singular(words: str, code: str) -> str:
    """Return English words without the endings of their plurals; other words as they are."""
    return (
        " ".join(map(_one, words.split())) if "plurals" in language(code).spelling.rules else words
    )


def _one_spelling(text: str, code: str) -> str:
    row = language(code).spelling
    text = text.translate(LIGATURES)
    if row.polite:
        text = re.sub(rf"(?:{either(row.polite)})$", "", text.rstrip("。."))
    if "arabic" in row.rules:
        text = HARAKAT.sub("", text).translate(ARABIC)
    if "devanagari" in row.rules:
        text = _hindi(text)
    if row.two_letters:
        text = "".join(row.two_letters.get(character, character) for character in text)
    if "kana" in row.rules:
        text = LONG_VOWEL.sub("", text)
    if "tones" in row.rules:
        return TONE_LAST.sub(lambda m: TONE_PLACES[m[0]], text)
    letters = unicodedata.normalize("NFC", text)
    return "".join(c if c in row.own_letters else _without_accents(c) for c in letters).replace(
        "ё", "е"
    )


def _hindi(text: str) -> str:
    text = unicodedata.normalize("NFD", text).replace(NUKTA, "").replace("॰", "")
    text = NASAL.sub(ANUSVARA, text.replace(CANDRABINDU, ANUSVARA))
    return AFTER_VOWEL.sub(lambda m: GLIDE[m[0]], text)


def _held(match: re.Match[str]) -> str:
    if match["sign"]:
        return f" {match[0]} "
    if match["range"]:
        return HOLD["-"]
    return "".join(HOLD.get("-" if c in DASHES else c, c) for c in match[0])


def _without_accents(character: str) -> str:
    """Return a Latin letter without its accents; other scripts need theirs."""
    letters = unicodedata.normalize("NFD", character.translate(STROKES))
    return letters[0] if "a" <= letters[:1] <= "z" else character


def _one(word: str) -> str:
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    singular = word[:-1] if len(word) > 3 and re.search("[^sui]s$", word) else word
    return IRREGULAR.get(singular, singular)
