"""Words and metadata of the cards that go to the Hub: nothing in them can become markup.

A run may have come from elsewhere: what it says about itself is put in as quoted text.
"""

import json
import re
from collections.abc import Iterable, Mapping

from calm.languages.table import language
from calm.questions.public_sets import is_public, set_called

SHORT = 400


def front_matter(rows: Mapping[str, object]) -> str:
    """Return the metadata as YAML, in which every value is one of JSON."""
    return "\n".join(f"{key}: {json.dumps(value)}" for key, value in rows.items())


def names_of(codes: Iterable[str]) -> str:
    """Return languages by their names, in a row."""
    names = [language(code).name for code in codes]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def own_name(question_set: str) -> str:
    """Return what a set of questions is called, without its folder here."""
    if is_public(question_set):
        return set_called(question_set)
    return re.split(r"[/\\]", question_set.rstrip("/\\"))[-1]


def plain_name(text: str, most: int = 96) -> str:
    """Return a name for metadata: ASCII letters, digits and what stands in file names."""
    return re.sub(r"[^\w.+-]+", "-", text, flags=re.ASCII).strip("-")[:most] or "unnamed"


def code_of(value: object) -> str:
    """Return a value as code within a line: nothing in it can end the line or the code."""
    text = re.sub(r"[`|\s]+", " ", str(value)).strip()[:SHORT]
    return f"`{text or '-'}`"
