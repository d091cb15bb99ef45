"""What damage is looked for with: other wordings, questions of culture, and fixed texts.

The last two ship with the package, by language; there is nothing for one whose file is not there.
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


def reworded(
    groups: Mapping[str, Mapping[str, Question]],
    wordings: Mapping[str, Mapping[str, Sequence[str]]],
) -> Groups:
    """Return those of the questions that have another wording, worded so.

    `wordings` are by id and language. Where there are several, questions take turns among them.
    """
    found: Groups = {}
    for turn, (identity, versions) in enumerate(groups.items()):
        for code, question in versions.items():
            if texts := wordings.get(identity, {}).get(code):
                other = dataclasses.replace(question, text=texts[turn % len(texts)])
                found.setdefault(identity, {})[code] = other
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
