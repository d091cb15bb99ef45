"""A folder of texts, read as passages: what may be looked up for a question.

The texts are not trusted. Links and anything but plain files are passed over, there are limits to
how much is read, and what is not UTF-8 is told by its name.
"""

import json
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from calm.errors import CalmError
from calm.languages.table import LANGUAGES, code_of
from calm.messages import ENGLISH

SUFFIXES = (".txt", ".md", ".jsonl")
MOST_FILES = 20_000
MOST_BYTES = 64 << 20
"""Of all files together."""
SENTENCE_END = re.compile(r"(?<=[.!?؟])\s+|(?<=[。！？।۔])")
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Control characters, and marks that turn the direction of what follows."""
ENDS_IN_CODE = re.compile(r".+[._-]([A-Za-z]{2,3})")


@dataclass(frozen=True)
class Piece:
    """A passage of a text, on one line."""

    text: str
    language: str
    file: str
    """Within the folder, with `/` between the parts of its path."""


def pieces_of(folder: Path, most: int) -> list[Piece]:
    """Return the passages of a folder's texts, none longer than `most` characters.

    The language of a text is that of a row's `language`, else of its file's name (`de.txt`,
    `cells.de.md`), else of a folder that it lies in (`de/`), else the one that it is seen to be in;
    English where that is unclear. Raises CalmError where there is no such folder, nothing in it, or
    too much, and for a file that is not right.
    """
    if not folder.is_dir():
        raise CalmError("context.no-folder", folder=folder)
    found = [piece for path in _files(folder) for piece in _pieces(folder, path, most)]
    if not found:
        raise CalmError("context.empty", folder=folder, kinds=", ".join(SUFFIXES))
    return found


def state_of(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what tells whether the texts are the same: each file's name, bytes and time.

    Raises CalmError where there are too many.
    """
    found = ((path, path.lstat()) for path in _files(folder))
    return tuple((str(path), told.st_size, told.st_mtime_ns) for path, told in found)


def _files(folder: Path) -> list[Path]:
    """Return the files of texts in their order; links and hidden files are none."""
    found: list[Path] = []
    total = 0
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(where, name)
            if name.startswith(".") or path.suffix.lower() not in SUFFIXES:
                continue
            told = path.lstat()
            if not stat.S_ISREG(told.st_mode):
                continue
            found.append(path)
            total += told.st_size
            if len(found) > MOST_FILES or total > MOST_BYTES:
                most = MOST_BYTES >> 20
                raise CalmError("context.too-much", folder=folder, files=MOST_FILES, most=most)
    return found


def _pieces(folder: Path, path: Path, most: int) -> Iterator[Piece]:
    name = path.relative_to(folder).as_posix()
    code = _code_in(name)
    text = _read(path, name)
    rows = _rows(text, name) if path.suffix.lower() == ".jsonl" else [(text, None)]
    for said, of_row in rows:
        language = of_row or code or _seen(said)
        for passage in passages(said, most):
            yield Piece(passage, language, name)


def _read(path: Path, name: str) -> str:
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(handle, "rb") as stream:
            raw = stream.read(MOST_BYTES)
    except OSError as error:
        raise CalmError("file.unreadable", path=path, reason=error.strerror or error) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CalmError("context.not-utf8", file=name, byte=error.start) from None


def _rows(text: str, name: str) -> Iterator[tuple[str, str | None]]:
    """Yield the texts of a JSON Lines file, each with its language where it names one."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row: Any = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        said = row.get("text") if isinstance(row, dict) else None
        given = row.get("language", "") if isinstance(row, dict) else None
        code = code_of(given) if isinstance(given, str) and given else None
        if not isinstance(said, str) or (given and code is None):
            raise CalmError("context.bad-row", file=name, line=number)
        yield said, code


def _code_in(name: str) -> str | None:
    """Return the language that a file's name or one of its folders says, the nearest first."""
    path = PurePosixPath(name)
    ending = ENDS_IN_CODE.fullmatch(path.stem)
    said = [path.stem, *([ending[1]] if ending else []), *reversed(path.parent.parts)]
    return next((part.lower() for part in said if part.lower() in LANGUAGES), None)


def _seen(text: str) -> str:
    from calm.languages.identify import FOREIGN, told_by

    code = told_by(text)
    return ENGLISH if code in (None, FOREIGN) else str(code)


def passages(text: str, most: int) -> Iterator[str]:
    """Yield the paragraphs of a text, a heading with what it heads; long ones in several parts."""
    heading = ""
    for paragraph in re.split(r"\n\s*\n", UNSEEN.sub(" ", text.replace("\r\n", "\n"))):
        lines = [line.strip() for line in paragraph.split("\n")]
        while lines and lines[0].startswith("#"):
            heading = lines.pop(0).lstrip("# ")
        body = " ".join(" ".join(lines).split())
        if not any(map(str.isalnum, body)):
            continue
        headed = f"{heading}: {body}" if heading else body
        heading = ""
        yield from _parts(_plain(headed), most)


def _plain(text: str) -> str:
    """Return a text in the one way that Unicode writes it, without halves of characters."""
    return unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())


def _parts(text: str, most: int) -> Iterator[str]:
    """Yield a text sentence by sentence, as many together as fit."""
    part = ""
    for sentence in SENTENCE_END.split(text):
        left = sentence
        if part and len(part) + 1 + len(left) > most:
            yield part
            part = ""
        while len(left) > most:
            cut = left.rfind(" ", 1, most + 1)
            cut = cut if cut > 0 else most
            yield left[:cut].strip()
            left = left[cut:].strip()
        part = f"{part} {left}".strip()
    if part:
        yield part
