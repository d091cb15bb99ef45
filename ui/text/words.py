"""Every word of the interface, in the language of the person who reads it.

One flat file per language lies in `ui/text/locales`: a key, `page.what`, and its text. A label that
never changes is `word(key)`: the browser puts the text in (`gr.I18n`). What a handler composes is
`say(key, ...)`: it is said in the language that the request's browser asks for. They are plain
texts; the few that are markup are said by `say_markup` (see `ui.parts.html`).
"""

import functools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import cast

import gradio as gr
from gradio.context import LocalContext

from calm.languages.table import language
from calm.messages import ENGLISH, LANGUAGES, Entry, entry_in_words
from calm.messages import language_name as named

LOCALES = Path(__file__).with_name("locales")
INTERFACE_LANGUAGES = LANGUAGES
_READER: ContextVar[str | None] = ContextVar("reader", default=None)


@functools.cache
def words_of(code: str) -> Mapping[str, Entry]:
    """Return the texts of one language of the interface, by key."""
    texts: dict[str, Entry] = json.loads((LOCALES / f"{code}.json").read_text(encoding="utf-8"))
    return texts


@functools.cache
def interface() -> gr.I18n:
    """Return all texts that never change, as the page is launched with them."""
    return gr.I18n(**{code: _labels(code) for code in INTERFACE_LANGUAGES})


def _labels(code: str) -> dict[str, str]:
    return {key: entry for key, entry in words_of(code).items() if isinstance(entry, str)}


def word(key: str) -> str:
    """Return a label that the browser replaces by its own language's text.

    Raises KeyError for a key that the English file does not have.
    """
    _labels(ENGLISH)[key]
    return cast(str, interface()(key))  # an object that gradio sends like a text


def say(key: str, **values: object) -> str:
    """Return a text in the reader's language, its `{places}` filled in.

    Where a number decides the form of the text, it is the value `count`. Raises KeyError for a key
    that the file does not have, or for a place with no value.
    """
    code = reader_language()
    return entry_in_words(code, words_of(code)[key], values)


def language_name(code: str) -> str:
    """Return what the reader calls a language; what its file does, where Babel does not know it."""
    name = named(reader_language(), code)
    return language(code).name if name == code else name


@contextmanager
def read_in(code: str) -> Iterator[None]:
    """While the block runs, say everything in this language of the interface.

    That is for what no request of Gradio's asks for: plain pages beside its own, and files.
    """
    token = _READER.set(code)
    try:
        yield
    finally:
        _READER.reset(token)


def reader_language() -> str:
    """Return the interface language of the request that is being answered; English outside one."""
    chosen = _READER.get()
    if chosen is not None:
        return chosen
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
