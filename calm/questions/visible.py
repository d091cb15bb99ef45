"""What of a text is seen: marks without width make two texts look the same."""

import unicodedata
from collections.abc import Sequence


def is_seen(text: str) -> bool:
    """Tell whether anything of a text is seen: not only spaces and marks without width."""
    return bool(seen(text).strip())


def seen(text: str) -> str:
    """Return a text without its marks that have no width."""
    if text.isprintable():  # as most are: none of them is
        return text
    return "".join(c for c in text if unicodedata.category(c) != "Cf")


def same_choices(choices: Sequence[str]) -> str:
    """Return a choice that looks like one before it; empty where all differ."""
    looks = [seen(choice) for choice in choices]
    return next((choice for n, choice in enumerate(choices) if looks[n] in looks[:n]), "")
