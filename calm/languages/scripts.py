"""Scripts: which letters belong to which, and the marks in texts that nobody sees."""

SCRIPTS = {
    "Latin": r"[A-Za-z\u00aa-\u024f\u1e00-\u1eff]",
    "Cyrillic": r"[\u0400-\u052f]",
    "Devanagari": r"[\u0900-\u097f]",
    "Arabic": r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]",
    "Han": r"[\u3400-\u9fff\uf900-\ufaff]",
    "Hiragana": r"[\u3041-\u30ff\uff66-\uff9f]",
    "Hangul": r"[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]",
    "Bengali": r"[\u0980-\u09ff]",
    "Greek": r"[\u0370-\u03ff\u1f00-\u1fff]",
    "Hebrew": r"[\u0590-\u05ff]",
    "Thai": r"[\u0e00-\u0e7f]",
    "Tamil": r"[\u0b80-\u0bff]",
    "Telugu": r"[\u0c00-\u0c7f]",
    "Gujarati": r"[\u0a80-\u0aff]",
    "Gurmukhi": r"[\u0a00-\u0a7f]",
    "Kannada": r"[\u0c80-\u0cff]",
    "Malayalam": r"[\u0d00-\u0d7f]",
    "Sinhala": r"[\u0d80-\u0dff]",
    "Khmer": r"[\u1780-\u17ff]",
    "Lao": r"[\u0e80-\u0eff]",
    "Myanmar": r"[\u1000-\u109f]",
    "Ethiopic": r"[\u1200-\u139f]",
    "Georgian": r"[\u10a0-\u10ff\u1c90-\u1cbf]",
    "Armenian": r"[\u0530-\u058f]",
}
"""The letters of each script that a language may name; kana of both kinds are `Hiragana`."""
HAN, KANA, KATAKANA = r"\u3400-\u9fff", r"\u3040-\u30ff", r"\u30a0-\u30ff"
UNSPACED = ("Han", "Hiragana", "Thai", "Lao", "Myanmar", "Khmer")
"""The scripts whose words stand without spaces between them, and with them their languages."""
GLUED = "".join(SCRIPTS[name][1:-1] for name in UNSPACED)
"""The letters of these scripts, as the inside of a set of characters."""
INVISIBLE = r"\u061c\u200b-\u200f\u2060\u202a-\u202e\u2066-\u2069\ufeff"
"""Marks of direction and joiners, as the inside of a set of characters."""
SIGNS = (
    r"[\u0300-\u036f\u064b-\u0655\u0670\u0900-\u0903\u093a-\u094f\u0981-\u0983\u09bc-\u09cd\u09d7"
    r"\u0a01-\u0a03\u0a3c-\u0a4d\u0a81-\u0a83\u0abc-\u0acd\u0b82\u0bbe-\u0bcd\u0c00-\u0c04\u0c3e-\u0c4d"
    r"\u0c81-\u0c83\u0cbc-\u0ccd\u0d00-\u0d03\u0d3e-\u0d4d\u0d82-\u0d83\u0dca-\u0ddf"
    r"\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u17b4-\u17d3]"
)
"""Vowel signs and accents that belong to the letter before them."""
