"""Every word of the interface, in the language of the person who reads it.

One flat file per language lies in `ui/text/locales`: a key, `page.what`, and its text. A label that
never changes is `word(key)`: the browser puts the text in (`gr.I18n`). What a handler composes is
`say(key, ...)`: it is said in the language that the request's browser asks for. Texts of the files
are markup of the house; what is filled into them has passed `esc` where it came from outside.
"""

import functools
import json
import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import LocalContext

from calm.languages.table import language

LOCALES = Path(__file__).with_name("locales")
ENGLISH = "en"
INTERFACE_LANGUAGES = (ENGLISH, "fr", "de", "es", "it", "zh", "ja", "ar")


@functools.cache
def words_of(code: str) -> Mapping[str, str]:
    """Return the texts of one language of the interface, by key."""
    texts: dict[str, str] = json.loads((LOCALES / f"{code}.json").read_text(encoding="utf-8"))
    return texts


@functools.cache
def interface() -> gr.I18n:
    """Return all texts, as the page is launched with them."""
    return gr.I18n(**{code: dict(words_of(code)) for code in INTERFACE_LANGUAGES})


def word(key: str) -> str:
    """Return a label that the browser replaces by its own language's text.

    Raises KeyError for a key that the English file does not have.
    """
    words_of(ENGLISH)[key]
    label: str = interface()(key)
    return label


def say(key: str, **values: object) -> str:
    """Return a text in the reader's language, its `{places}` filled in.

    Raises KeyError for a key that the file does not have, or for a place with no value.
    """
    code = reader_language()
    return filled_in(code, words_of(code)[key], **values)


def filled_in(code: str, text: str, *listed: object, **named: object) -> str:
    """Return a text of a language with its places filled in."""
    formatter = _isolating if language(code).direction == "rtl" else _plainly
    return formatter.format(text, *listed, **named)


class _Isolating(string.Formatter):
    """Sets what is filled in apart, so that a number keeps its sign and a name its order.

    The marks are Unicode's first strong isolate: what stands between them goes its own direction.
    A text without a letter of its own would have none, and gets a right-to-left mark to begin with.
    """

    def vformat(self, format_string: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
        own = "".join(literal for literal, *_ in self.parse(format_string))
        mark = "" if any(letter.isalpha() for letter in own) else "\N{RIGHT-TO-LEFT MARK}"
        return mark + super().vformat(format_string, args, kwargs)

    def format_field(self, value: object, format_spec: str) -> str:
        return f"\u2068{super().format_field(value, format_spec)}\u2069"


_plainly, _isolating = string.Formatter(), _Isolating()


def counted(key: str, count: int, **values: object) -> str:
    """Return `key.one` or `key.many`, whichever fits the count, with `{count}` filled in."""
    return say(f"{key}.{'one' if count == 1 else 'many'}", count=count, **values)


def language_name(code: str) -> str:
    """Return what the reader calls a language."""
    reader = reader_language()
    return words_of(reader).get(f"language.{code}") or _known_name(reader, code)


@functools.cache
def _known_name(reader: str, code: str) -> str:
    """Return a language's name as CLDR has it, or as its file has it."""
    from babel import Locale

    return Locale.parse(reader).languages.get(code) or language(code).name


def reader_language() -> str:
    """Return the interface language of the request that is being answered; English outside one."""
    request = LocalContext.request.get(None)
    return preferred(request.headers.get("accept-language", "")) if request else ENGLISH


def preferred(accepted: str) -> str:
    """Return the interface language of an `Accept-Language` header: its first one, or English.

    The browser looks at its owner's first language alone when it puts labels in (`gr.I18n`), so
    that a page in two languages could come of looking further here.
    """
    first = accepted.replace(";", ",").split(",", maxsplit=1)[0]
    code = first.strip().lower().split("-")[0]
    return code if code in INTERFACE_LANGUAGES else ENGLISH
