"""Pieces of markup in every language of the interface, kept small: a tag or a text is kept once.

A piece is a row of numbers of its tags and texts. The same piece in eight languages shares most of
them, and a response stands once in all that shows it.
"""

import re
from collections.abc import Callable

import numpy as np
from markupsafe import Markup

from ui.text.words import INTERFACE_LANGUAGES, spoken_in

TOKEN = re.compile(r"<[^>]*>|[^<]+")


class Fragments:
    """The pieces of a page, by their numbers from 0."""

    def __init__(self) -> None:
        self._tokens: dict[str, int] = {}
        self._numbers: list[int] = []
        self._ends: list[int] = []

    def add(self, made: Callable[[], Markup]) -> int:
        """Have a piece made in each language and return its number."""
        for code in INTERFACE_LANGUAGES:
            with spoken_in(code):
                found = TOKEN.findall(made())
            self._numbers += [self._tokens.setdefault(text, len(self._tokens)) for text in found]
            self._ends.append(len(self._numbers))
        return len(self._ends) // len(INTERFACE_LANGUAGES) - 1

    @property
    def tokens(self) -> list[str]:
        """The tags and texts, by their numbers."""
        return list(self._tokens)

    @property
    def ends(self) -> list[int]:
        """Where each piece ends among the numbers, language by language."""
        return self._ends

    def numbers(self) -> bytes:
        """Return the numbers of all pieces, each in four bytes, the lowest one first."""
        return np.array(self._numbers, np.dtype("uint32").newbyteorder("little")).tobytes()
