"""The language table: everything that differs from one language to the next, one file each.

Adding a language is adding `data/languages/<code>.toml`, or such a file in a folder that
`CALM_LANGUAGES` names. The files are read and checked when they are first asked for. What their
keys mean stands in `rows.py`. Most languages are those of X-CSQA (Lin et al., ACL 2021).
"""

import functools
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from calm.errors import CalmError
from calm.languages.rows import Language
from calm.languages.scripts import SCRIPTS

FOLDER = Path(__file__).parents[1] / "data" / "languages"
FIRST = "en zh de es fr it ja nl pl pt ru ar vi hi sw ur"
"""The order of X-CSQA; further languages follow by their codes."""
CODE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})?")
LETTERS = 8


class _Table(Mapping[str, Language]):
    """The languages by their codes, each read from its file when it is first asked for."""

    def __getitem__(self, code: str) -> Language:
        return _row(_files()[code])

    def __iter__(self) -> Iterator[str]:
        return iter(_files())

    def __len__(self) -> int:
        return len(_files())

    def __contains__(self, code: object) -> bool:
        return code in _files()


LANGUAGES: Mapping[str, Language] = _Table()


def language(code: str) -> Language:
    """Return the row of `code`.

    Raises CalmError, naming the languages there are, where there is no such row.
    """
    try:
        return LANGUAGES[code]
    except KeyError:
        raise CalmError("language.unknown", code=repr(code), known=LANGUAGES) from None


def code_of(name: str) -> str | None:
    """Return the table's code for what a data set calls a language; `None` where it has none.

    `jap`, `JA`, `ja-JP`, `ja_JP` and `Japanese` are all `ja`.
    """
    called = name.strip().casefold()
    code = called.replace("_", "-").partition("-")[0]
    for known in (called, code):
        if known in LANGUAGES:
            return known
    for row in LANGUAGES.values():
        if called in (row.name.casefold(), row.native_name.casefold()) or code in row.codes.also:
            return row.code
    return None


def all_words(part: str, *keys: str) -> frozenset[str]:
    """Return the words that all languages have under some keys of one part of their files."""
    parts = [getattr(row, part) for row in LANGUAGES.values()]
    return frozenset(word for part in parts for key in keys for word in getattr(part, key))


def either(words: Iterable[str]) -> str:
    """Return a pattern of any of these words, the longest first, in any kind of apostrophe."""
    found = sorted(map(re.escape, {*words}), key=lambda word: (-len(word), word))
    return "|".join(found).replace("'", "['’]") or "(?!)"


def read_language(file: Path) -> Language:
    """Return the row that a file holds.

    Raises CalmError, naming the file and the key, where it is not one.
    """
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CalmError("file.unreadable", path=file, reason=error.strerror) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CalmError("language-file.no-toml", path=file, reason=error) from None
    if not CODE.fullmatch(file.stem):
        raise CalmError("language-file.bad-name", path=file, name=repr(file.stem))
    data.pop("spaced", None)  # files of before said it; the script decides
    row = _validated(file, {"code": file.stem, **data})
    for key, fault in _faults(row):
        raise CalmError("language-file.bad-key", path=file, key=repr(key), fault=fault)
    return row


def _validated(file: Path, data: Mapping[str, Any]) -> Language:
    from pydantic import ValidationError

    try:
        row: Language = _reader().validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
    else:
        return row
    key, fault = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")
    if first["type"] == "missing":
        raise CalmError("language-file.no-key", path=file, key=repr(key))
    if first["type"] == "unexpected_keyword_argument":
        raise CalmError("language-file.unknown-key", path=file, key=repr(key))
    raise CalmError("language-file.bad-key", path=file, key=repr(key), fault=fault)


@functools.cache
def _reader() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(Language)


def _faults(row: Language) -> Iterator[tuple[str, str]]:
    """Yield what no type tells: the keys that are wrong, and what is wrong with them."""
    if len(set(row.letters)) != LETTERS or len(row.letters) != LETTERS:
        yield "letters", f"it has to be {LETTERS} different letters, not {row.letters!r}"
    if [_digit(digit) for digit in row.digits] != list(range(10)):
        yield "digits", f"it has to be the ten digits from zero, not {row.digits!r}"
    if row.script not in SCRIPTS:
        yield "script", f"{row.script!r} is not one of {', '.join(SCRIPTS)}"
    if row.instruction.count("{answer}") != 1 or row.instruction.count("{") != 1:
        yield "instruction", "it needs one place for the answer label, written {answer}"
    labels = [row.question, row.choices, row.answer, row.explanation]
    if len({label.casefold() for label in labels}) < len(labels) or not all(labels):
        yield "question", "choices, answer and explanation have to be other words, and none empty"
    if any(label != label.lower() for label in row.answer_labels):
        yield "answer_labels", "they have to be in small letters"
    if not row.examples or any(not 0 <= e.gold < len(set(e.choices)) for e in row.examples):
        yield "examples", "gold has to be the place of a choice, counted from 0"
    wanted = 0 if row.code == "en" else len(LANGUAGES["en"].short.examples)
    if wanted and len(row.short.examples) != wanted:
        yield "short.examples", f"they have to be the {wanted} of en.toml, in their order"


def _digit(character: str) -> int | None:
    return int(character) if character.isdecimal() else None


@functools.cache
def _row(file: Path) -> Language:
    return read_language(file)


@functools.cache
def _files() -> dict[str, Path]:
    """Return the files by their codes; one in the folder of `CALM_LANGUAGES` replaces ours."""
    given = os.environ.get("CALM_LANGUAGES")
    if given and not Path(given).expanduser().is_dir():
        raise CalmError("language-files.no-folder", folder=given)
    folders = [FOLDER, *([Path(given).expanduser()] if given else [])]
    found = {file.stem: file for folder in folders for file in sorted(folder.glob("*.toml"))}
    first = [code for code in FIRST.split() if code in found]
    return {code: found[code] for code in [*first, *sorted(found.keys() - set(first))]}
