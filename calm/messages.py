"""Messages by name: a key and the values for its places, worded in each language that is needed.

The wordings lie in `calm/data/messages`, one file a language, English among them: the command line
reads only that one, a page its reader's. An entry is a text with named places, or, where a number
decides its form, a text for each of the language's plural categories (CLDR); that number is the
value `count`. A value may be a message itself, or several things: these become a list.
"""

import dataclasses
import functools
import json
import math
import re
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from babel import Locale

ENGLISH = "en"
LANGUAGES = (ENGLISH, "fr", "de", "es", "it", "zh", "ja", "ar")
"""The languages that there is a catalogue of."""
CATALOGUES = Path(__file__).with_name("data") / "messages"
CODE = re.compile(r"`[^`]*`|--[a-z-]+(?: [A-Za-z]+)?")
"""A command or an option, which reads from left to right wherever it stands."""

Entry = str | Mapping[str, str]
"""A text, or a text for each plural category, `other` among them."""


@dataclass(frozen=True)
class LanguageName:
    """A language, by its code, as a value: each reader reads its name in their own."""

    language: str


@dataclass(frozen=True)
class Message:
    """Something to say: its key, what fills its places, and messages with a line each below it.

    `str` gives the English text. Raises ValueError for a key that is not in the catalogue, or
    where values and places are not the same.
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    lines: Sequence[Any] = ()

    def __post_init__(self) -> None:
        values = {name: _value(value) for name, value in self.values.items()}
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "lines", tuple(map(_value, self.lines)))
        if self.key not in catalogue(ENGLISH):
            raise ValueError(f"there is no message {self.key!r}")
        if set(values) != places_of(self.key):
            raise ValueError(f"the message {self.key!r} has other places than {sorted(values)}")
        if has_forms(self.key) and not isinstance(values["count"], int):
            raise ValueError(f"the message {self.key!r} needs a number as its count")

    def __str__(self) -> str:
        return self.in_language(ENGLISH)

    def in_language(self, code: str) -> str:
        """Return the text in a language of the catalogues."""
        said = entry_in_words(code, catalogue(code)[self.key], self.values)
        if is_from_right(code):
            said = CODE.sub(lambda found: f"\N{LEFT-TO-RIGHT ISOLATE}{found[0]}\u2069", said)
        return "\n".join([said, *(_shown(line, code) for line in self.lines)])

    def changed(self, change: Callable[[str], str]) -> "Message":
        """Return the message with a change applied to every text that is filled in."""

        def renewed(value: Any) -> Any:
            if isinstance(value, Message):
                return value.changed(change)
            if isinstance(value, tuple):
                return tuple(map(renewed, value))
            return change(value) if isinstance(value, str) else value

        values = {name: renewed(value) for name, value in self.values.items()}
        return Message(self.key, values, [renewed(line) for line in self.lines])

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Message":
        """Return a message of plain data, as `dataclasses.asdict` gives it, or raise ValueError."""
        key, values, lines = data.get("key"), data.get("values", {}), data.get("lines", [])
        if not (
            isinstance(key, str) and isinstance(values, Mapping) and isinstance(lines, list | tuple)
        ):
            raise ValueError("a message is a key and values by name")
        return cls(key, values, lines)


def message(key: str, *lines: object, **values: object) -> Message:
    """Return a message, its values by name."""
    return Message(key, values, lines)


def one_after_another(messages: Sequence[Message]) -> Message:
    """Return several messages as one, with a semicolon between them."""
    return functools.reduce(
        lambda first, more: message("list.further", first=first, more=more), messages
    )


def said_in(code: str, said: object) -> str:
    """Return a message in a language; any other text, such as one of an old file, as it is."""
    return str(_shown(_value(said), code))


def in_english(record: Any) -> Any:
    """Return a record as plain data for programs, the messages in it as English texts."""
    if isinstance(record, Message | LanguageName):
        return said_in(ENGLISH, record)
    if dataclasses.is_dataclass(record):
        record = vars(record)
    if isinstance(record, Mapping):
        return {name: in_english(part) for name, part in record.items()}
    return list(map(in_english, record)) if isinstance(record, list | tuple) else record


@functools.cache
def catalogue(code: str) -> Mapping[str, Entry]:
    """Return the wordings of one language, by key."""
    texts: dict[str, Entry] = json.loads((CATALOGUES / f"{code}.json").read_text(encoding="utf-8"))
    return texts


@functools.cache
def places_of(key: str) -> set[str]:
    """Return the names of the values that a message takes."""
    return places(catalogue(ENGLISH)[key])


def has_forms(key: str) -> bool:
    """Tell whether a number decides how a message is worded."""
    return not isinstance(catalogue(ENGLISH)[key], str)


def places(entry: Entry) -> set[str]:
    """Return the names of the places of an entry, the number that decides its form among them."""
    texts, decides = ([entry], set()) if isinstance(entry, str) else (entry.values(), {"count"})
    parsed = (part for text in texts for part in string.Formatter().parse(text))
    return decides | {name for _, name, _, _ in parsed if name}


def entry_in_words(code: str, entry: Entry, values: Mapping[str, Any]) -> str:
    """Return a text of a language, in the form that fits the count, with its places filled in.

    The form is chosen by the language's own plural rule; one that lacks is the form `other`.
    """
    if not isinstance(entry, str):
        entry = entry.get(locale(code).plural_form(values["count"])) or entry["other"]
    shown = {name: _shown(_value(value), code) for name, value in values.items()}
    return _wording(code).vformat(entry, (), shown)


def number(code: str, value: float, form: str) -> str:
    """Return a number as a language writes it; `form` is Python's, `.1f` or `.0%`."""
    if code == ENGLISH:
        return format(value, form)
    from babel.numbers import format_decimal, format_percent

    here, digits = locale(code), int(form[1:-1])
    shape = f"0.{'0' * digits}" if digits else "0"
    if form[-1] == "%":
        pattern = here.percent_formats[None].pattern.replace("##0", f"##{shape}")
        return str(format_percent(value, format=pattern, locale=here))
    return str(format_decimal(value, shape, locale=here))


def listed(code: str, items: Sequence[str], is_sentence: bool = False) -> str:
    """Return texts with the language's commas between them, in a sentence with an *and* as well."""
    if len(items) < 2:
        return "".join(items)
    from babel.lists import format_list

    if is_sentence:
        return str(format_list(items, locale=locale(code)))
    between = locale(code).list_patterns["standard"]["middle"]
    return functools.reduce(between.format, items)


def language_name(code: str, named: str) -> str:
    """Return what a language calls another one, its code where it has no name for it."""
    return str(locale(code).languages.get(named, named))


@functools.cache
def locale(code: str) -> "Locale":
    """Return what Babel knows of a language; our English is that of Britain."""
    from babel import Locale

    return Locale.parse("en_GB" if code == ENGLISH else code)


def is_from_right(code: str) -> bool:
    """Tell whether a language of the catalogues is written from right to left."""
    return code != ENGLISH and locale(code).character_order == "right-to-left"


def _value(value: object) -> Any:
    """Return a value as it is kept: a number, a text, a message, or several of them."""
    said = getattr(value, "message", None)
    if isinstance(said, Message):
        return said
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping) and set(value) == {"language"}:
        return LanguageName(str(value["language"]))
    if isinstance(value, Message | LanguageName | str | int | float):
        return value
    if isinstance(value, Mapping) and "key" in value:
        return Message.from_json(value)
    return tuple(map(_value, value)) if isinstance(value, Iterable) else str(value)


def _shown(value: Any, code: str) -> Any:
    if isinstance(value, tuple):
        return listed(code, [str(_shown(part, code)) for part in value])
    if isinstance(value, LanguageName):
        return language_name(code, value.language)
    return value.in_language(code) if isinstance(value, Message) else value


@functools.cache
def _wording(code: str) -> "_Wording":
    return (_WordingFromRight if is_from_right(code) else _Wording)(code)


class _Wording(string.Formatter):
    """Fills in what a language's texts leave open; numbers with a format are written its way."""

    def __init__(self, code: str) -> None:
        self._code = code

    def format_field(self, value: object, format_spec: str) -> str:
        if format_spec and isinstance(value, int | float):
            return number(self._code, value, format_spec)
        return str(super().format_field(value, ""))


class _WordingFromRight(_Wording):
    """Sets what is filled in apart, so that a number keeps its sign and a name its order.

    The marks are Unicode's first strong isolate: what stands between them goes its own direction.
    A text without a letter of its own would have none, and gets a right-to-left mark to begin with.
    """

    def vformat(self, format_string: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
        own = "".join(literal for literal, *_ in self.parse(format_string))
        mark = "" if any(letter.isalpha() for letter in own) else "\N{RIGHT-TO-LEFT MARK}"
        return mark + super().vformat(format_string, args, kwargs)

    def format_field(self, value: object, format_spec: str) -> str:
        shown = super().format_field(value, format_spec)
        is_below = isinstance(value, int | float) and value < 0  # its sign stands on its left
        mark = "\N{LEFT-TO-RIGHT ISOLATE}" if is_below else "\u2068"
        return f"{mark}{shown}\u2069"
