"""Ranges of characters, as they stand between the brackets of a regular expression."""

HAN, KANA, KATAKANA = r"\u3400-\u9fff", r"\u3040-\u30ff", r"\u30a0-\u30ff"
INVISIBLE = r"\u061c\u200b-\u200f\u2060\u202a-\u202e\u2066-\u2069\ufeff"
"""Marks that direct text or join it, and are not seen."""
