"""What damage is looked for with: second wordings, questions of culture, and fixed texts.

All ship with the package, by language; there is nothing for a language whose file is not there.
"""

import dataclasses
import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any

from calm.languages.table import language
from calm.models.interface import Prompt
from calm.records import Question

Groups = dict[str, dict[str, Question]]


def reworded(groups: Mapping[str, Mapping[str, Question]]) -> Groups:
    """Return those of the built-in questions that have a second wording, worded so."""
    found: Groups = {}
    for identity, versions in groups.items():
        for code, question in versions.items():
            text = _wordings(code).get(identity)
            if text:
                found.setdefault(identity, {})[code] = dataclasses.replace(question, text=text)
    return found


def culture(languages: Iterable[str]) -> Groups:
    """Return the questions whose right answer differs by language; `gold` is each language's own.

    Only those that there are in every language that has any.
    """
    by_language = {code: own for code in languages if (own := _culture(code))}
    ids = next(iter(by_language.values()), {})
    return {
        identity: {code: own[identity] for code, own in by_language.items()}
        for identity in ids
        if all(identity in own for own in by_language.values())
    }


def sentences(code: str) -> list[tuple[Prompt, str]]:
    """Return the sentences of a language's fixed text, each with all that stands before it."""
    lines = _lines(f"data/texts/{code}.txt")
    space = " " if language(code).spaced else ""
    return [
        (Prompt(f"{lines[0]}\n{space.join(lines[1:number])}"), (space if number > 1 else "") + line)
        for number, line in enumerate(lines[1:], start=1)
    ]


def spread(ids: Sequence[str], most: int | None) -> list[str]:
    """Return at most so many, spread evenly over all."""
    if most is None or most >= len(ids):
        return list(ids)
    return [ids[n * len(ids) // most] for n in range(most)]


@functools.cache
def _wordings(code: str) -> dict[str, str]:
    return {row["id"]: row["text"] for row in _rows(f"data/rewordings/{code}.jsonl")}


@functools.cache
def _culture(code: str) -> dict[str, Question]:
    return {row["id"]: _question(row) for row in _rows(f"data/culture/{code}.jsonl")}


def _question(row: Mapping[str, Any]) -> Question:
    return Question(
        row["id"],
        row["language"],
        row["text"],
        tuple(row["choices"]),
        row["gold"],
        row.get("topic", ""),
        "held-out",
    )


def _rows(name: str) -> list[Any]:
    return [json.loads(line) for line in _lines(name)]


def _lines(name: str) -> list[str]:
    file = resources.files("calm").joinpath(name)
    return file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
