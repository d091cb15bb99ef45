"""Preference pairs in files: what other programs write, read as `PreferencePair`s.

Each row tells its own form, in a file with one JSON object a line, in one JSON list, or in Parquet:

- TRL, standard: `prompt`, `chosen` and `rejected` are texts;
- TRL, conversational: they are lists of `{role, content}`; without `prompt`, what both sides
  begin with is the prompt;
- LLaMA-Factory: `instruction` and `input` ask, or `conversations` (or `messages`), and each side
  is a text or one message;
- the authors' files, `DPO_<language>.json`: `instruction`, `input`, `chosen`, `rejected`.

A row that cannot be read is left out and told, never guessed: see `Rejected`.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from calm.errors import CalmError
from calm.identify import identified
from calm.languages import LANGUAGES, OTHER_CODES
from calm.records import PreferencePair

MAX_TEXT = 1_000_000
"""Characters of a prompt or a side; a longer one is no training example."""
MAX_LINE = 8 << 20
MAX_LIST = 256 << 20
"""Bytes of a line, and of a file that is one JSON list and must be read whole."""
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Control characters and halves of characters, which no tokenizer should see."""
SOURCES = ("vote", "ballot", "gold")


@dataclass(frozen=True)
class Rejected:
    """A row of a file that was left out."""

    row: int
    """Its number, from 1: its line, or its place in the list."""
    reason: str
    """What is wrong, the same words for the same thing, so that rows can be counted by it."""
    detail: str
    """What was seen there."""


class _UnreadableRowError(Exception):
    """A row is not a pair: the reason and what was seen."""


def read_pairs(path: Path) -> tuple[list[PreferencePair], list[Rejected]]:
    """Return the pairs of a file and the rows that were left out, both in the file's order.

    Raises CalmError where the file itself cannot be read.
    """
    pairs: list[PreferencePair] = []
    rejected: list[Rejected] = []
    for _, row in numbered_pairs(path):
        if isinstance(row, Rejected):
            rejected.append(row)
        else:
            pairs.append(row)
    return pairs, rejected


def numbered_pairs(path: Path) -> Iterator[tuple[int, PreferencePair | Rejected]]:
    """Yield every row of a file with its number, as a pair or with what is wrong with it.

    Rows with the same prompt and language are one question. A language that neither the row nor
    the file's name (`DPO_de.json`) gives is told from the prompt.
    """
    questions: dict[tuple[str, str], str] = {}
    for number, raw in raw_rows(path):
        if isinstance(raw, Rejected):
            yield number, raw
            continue
        try:
            yield number, _pair(raw, path.stem, questions)
        except _UnreadableRowError as error:
            yield number, Rejected(number, *error.args)


def raw_rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | Rejected]]:
    """Yield the JSON objects of a file with their numbers; lines are read one at a time."""
    try:
        with path.open("rb") as stream:
            begin = stream.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
        if begin.startswith(b"PAR1"):
            yield from _parquet(path)
        else:
            yield from _listed(path) if begin.startswith(b"[") else _lines(path)
    except OSError as error:
        raise CalmError(
            f"{path} cannot be read ({error.strerror}). Name a JSON or JSON Lines file of "
            "preference pairs."
        ) from None


def rewritten(
    raw: Mapping[str, Any], chosen: str, rejected: str, prompt: Callable[[str], str]
) -> dict[str, Any]:
    """Return a row in its own form and with all its columns, its texts replaced.

    `prompt` is applied to each text of the row that asks; a side's last message is the side.
    """
    row = dict(raw)
    for side, text in (("chosen", chosen), ("rejected", rejected)):
        row[side] = _with_text(row[side], text)
    for field in ("prompt", "instruction", "input", "conversations", "messages"):
        value = row.get(field)
        if isinstance(value, str):
            row[field] = prompt(value)
        elif isinstance(value, list):
            row[field] = [_with_text(m, prompt(_message(m, field))) for m in value]
    return row


def _with_text(value: Any, text: str) -> Any:
    if isinstance(value, list):
        return [*value[:-1], _with_text(value[-1], text)]
    if isinstance(value, dict):
        return {**value, "content" if "content" in value else "value": text}
    return text


def _parquet(path: Path) -> Iterator[tuple[int, dict[str, Any] | Rejected]]:
    from calm.backends.parquet import read_parquet

    yield from enumerate(read_parquet(path), start=1)


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any] | Rejected]]:
    with path.open("rb") as stream:
        number = 0
        while line := stream.readline(MAX_LINE):
            number += 1
            if len(line) == MAX_LINE and not line.endswith(b"\n"):
                while line and not line.endswith(b"\n"):
                    line = stream.readline(MAX_LINE)
                yield number, Rejected(number, "too long", f"a line of more than {MAX_LINE} bytes")
            elif line.strip(b"\xef\xbb\xbf \t\r\n"):
                yield number, _object(line, number)


def _object(line: bytes, number: int) -> dict[str, Any] | Rejected:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return Rejected(number, "not JSON", f"{error}"[:200])
    return _is_object(row, number)


def _is_object(row: Any, number: int) -> dict[str, Any] | Rejected:
    if isinstance(row, dict):
        return row
    return Rejected(number, "wrong type", f"a row is a JSON object, not {row!r:.60}")


def _listed(path: Path) -> Iterator[tuple[int, dict[str, Any] | Rejected]]:
    if path.stat().st_size > MAX_LIST:
        raise CalmError(
            f"{path} is one JSON list of more than {MAX_LIST >> 20} MB. Save it as JSON Lines, "
            "one object a line."
        )
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise CalmError(f"{path} is not JSON ({error}). Correct it or save it again.") from None
    for number, row in enumerate(rows, start=1):
        yield number, _is_object(row, number)


def _pair(row: dict[str, Any], name: str, questions: dict[tuple[str, str], str]) -> PreferencePair:
    prompt, chosen, rejected = _texts(row)
    for field, text in (("prompt", prompt), ("chosen", chosen), ("rejected", rejected)):
        if len(text) > MAX_TEXT:
            raise _UnreadableRowError("too long", f"{field} has {len(text)} characters")
        if found := UNWRITABLE.search(text):
            detail = f"{field} has {found[0]!a} at character {found.start()}"
            raise _UnreadableRowError("control characters", detail)
    code = _language(row, "language", name) or identified(prompt if prompt.strip() else chosen)[0]
    chosen_language = _language(row, "chosen_language", "") or code
    identity = row.get("question_id")
    if not isinstance(identity, str | int) or not str(identity).strip():
        identity = questions.setdefault((code, prompt), f"{name}-{len(questions) + 1:04d}")
    source = row.get("source")
    return PreferencePair(
        question_id=str(identity),
        language=code,
        prompt=prompt,
        chosen=chosen,
        rejected=rejected,
        chosen_language=chosen_language,
        source=source if source in SOURCES else "vote",
    )


def _texts(row: dict[str, Any]) -> tuple[str, str, str]:
    """Return what is asked, what is chosen and what is rejected, whatever form they have."""
    for field in ("chosen", "rejected"):
        if row.get(field) is None:
            raise _UnreadableRowError("missing field", f"there is no {field!r}")
    sides = row["chosen"], row["rejected"]
    if "prompt" in row:
        prompt = _joined(row["prompt"], "prompt")
    elif "conversations" in row or "messages" in row:
        field = "conversations" if "conversations" in row else "messages"
        prompt = _joined(row[field], field)
    elif "instruction" in row:
        parts = (_joined(row.get(field) or "", field) for field in ("instruction", "input"))
        prompt = "\n".join(part for part in parts if part)
    elif all(isinstance(side, list) for side in sides):
        same = [a for a, b in takewhile(lambda ab: ab[0] == ab[1], zip(*sides, strict=False))]
        same = same[: min(map(len, sides)) - 1]
        if not same:
            raise _UnreadableRowError("missing field", "there is no 'prompt'")
        prompt = _joined(same, "chosen")
    else:
        raise _UnreadableRowError("missing field", "there is no 'prompt' and no 'instruction'")
    return prompt, _side(row["chosen"], "chosen"), _side(row["rejected"], "rejected")


def _joined(value: Any, field: str) -> str:
    """Return a text, or the texts of the messages of a conversation with blank lines between."""
    if isinstance(value, list):
        return "\n\n".join(_message(message, field) for message in value)
    return _message(value, field)


def _side(value: Any, field: str) -> str:
    """Return a side's text; of a conversation its last message."""
    if isinstance(value, list):
        if not value:
            raise _UnreadableRowError("missing field", f"{field!r} is an empty list")
        value = value[-1]
    return _message(value, field)


def _message(value: Any, field: str) -> str:
    if isinstance(value, dict):
        value = value.get("content", value.get("value"))
    if not isinstance(value, str):
        raise _UnreadableRowError("wrong type", f"{field!r} is not a text but {value!r:.60}")
    return value


def _language(row: dict[str, Any], field: str, name: str) -> str | None:
    """Return the language that the row or the file's name gives; `None` where neither does."""
    given = row.get(field)
    if given is None:
        parts = [OTHER_CODES.get(part, part) for part in name.lower().replace(".", "_").split("_")]
        return next((part for part in parts[1:] if part in LANGUAGES), None)
    code = OTHER_CODES.get(given, given) if isinstance(given, str) else given
    if not isinstance(code, str) or code not in LANGUAGES:
        raise _UnreadableRowError("unknown language", f"{field!r} is {given!r:.60}")
    return code
