"""What a page says that comes from no catalogue: words that no reader's language has replaced.

Every wording is taken out of the catalogues but its places. What can then still be read was written
in the code, or was filled in: a name of the program's own, or something of a person's or a model's.
"""

import inspect
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from gradio.context import LocalContext
from gradio.i18n import I18nData
from markupsafe import Markup

from calm import messages
from calm.errors import CalmError
from calm.messages import Entry
from tests.ui.english_left import NAMED, TAG
from ui.text import words
from ui.text.problems import worded

LANGUAGE = "de"
"""Whose numbers, dates and names of languages are shown."""
HIDDEN = "·"
"""Stands where a wording was."""
WORD = re.compile(r"[^\W\d_]{2,}(?:[-_.'’][^\W_]+)*")
TEXTS = ("label", "info", "placeholder", "title", "description", "alt_text")
"""What components show beside their value."""
TECHNICAL = {"align-log"}
"""The ids of components that show what the program said, in English, and say that they do."""
ALONE = {"br", "img", "input", "hr", "path", "circle", "line", "rect", "polyline", "use", "meta"}


@contextmanager
def unworded() -> Iterator[None]:
    """While the block runs, a reader of `LANGUAGE` asks, and no wording says anything."""
    real_words, real_messages = words.words_of, messages.catalogue
    asks = SimpleNamespace(headers={"accept-language": LANGUAGE}, query_params={})
    request = gr.Request(asks)  # type: ignore[arg-type]
    token = LocalContext.request.set(request)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words, "words_of", lambda code: _hidden(real_words(code), code))
        patch.setattr(messages, "catalogue", lambda code: _hidden(real_messages(code), code))
        try:
            yield
        finally:
            LocalContext.request.reset(token)


_KEPT: dict[int, Mapping[str, Entry]] = {}


def _hidden(entries: Mapping[str, Entry], code: str) -> Mapping[str, Entry]:
    if code != LANGUAGE:
        return entries
    if id(entries) not in _KEPT:
        _KEPT[id(entries)] = {
            key: _places_of(entry)
            if isinstance(entry, str)
            else {form: _places_of(text) for form, text in entry.items()}
            for key, entry in entries.items()
        }
    return _KEPT[id(entries)]


def _places_of(text: str) -> str:
    """Return a text of which the places are left, and the tags that stand around them."""
    left = ""
    for literal, name, form, _ in string.Formatter().parse(text):
        place = f"{{{name}{':' + form if form else ''}}}" if name else ""
        left += f"{HIDDEN}{''.join(TAG.findall(literal))}{place}"
    return left + HIDDEN


class _Read(HTMLParser):
    """Collects what of markup can be read in the page's own language."""

    def __init__(self, shown: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._foreign: list[str] = []
        """The open elements from the first one on that is in another language, or is a name."""
        self.feed(shown)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._foreign or "lang" in given or tag in ("bdi", "code", "pre", "style", "script"):
            if tag not in ALONE:
                self._foreign.append(tag)
            return
        self.texts += [given[name] or "" for name in (*NAMED, "data-label") if name in given]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self._foreign and tag not in ALONE:
            self._foreign.pop()

    def handle_endtag(self, tag: str) -> None:
        if self._foreign and tag not in ALONE:
            self._foreign.pop()

    def handle_data(self, data: str) -> None:
        if not self._foreign:
            self.texts.append(data)


def texts_of(value: Any) -> Iterator[str]:
    """Yield the texts that a reader meets in what a handler or a component gives."""
    if isinstance(value, I18nData) or (isinstance(value, str) and "__i18n__" in value):
        return
    if isinstance(value, Markup) or (isinstance(value, str) and value.startswith("<")):
        yield from _Read(str(value)).texts
    elif isinstance(value, str):
        yield value
    elif isinstance(value, gr.blocks.Block):
        yield from _texts_of_component(value)
    elif isinstance(value, Mapping):
        if value.get("__type__") == "update":
            yield from _texts_of_props(value)
        else:
            yield from texts_of([said for place, said in value.items() if not _is_technical(place)])
    elif isinstance(value, Iterable):
        for part in value:
            yield from texts_of(part)


def _is_technical(place: Any) -> bool:
    return getattr(place, "elem_id", None) in TECHNICAL


def _texts_of_component(component: Any) -> Iterator[str]:
    given = dict(getattr(component, "constructor_args", None) or vars(component))
    yield from _texts_of_props(given, component)


def _texts_of_props(props: Mapping[str, Any], component: Any = None) -> Iterator[str]:
    for name in TEXTS:
        yield from texts_of(props.get(name))
    for choice in props.get("choices") or ():
        yield from texts_of(choice[0] if isinstance(choice, tuple | list) else choice)
    if component is None or isinstance(component, gr.HTML | gr.Button | gr.Markdown | gr.Textbox):
        yield from texts_of(props.get("value"))


def words_left(texts: Iterable[str]) -> list[str]:
    """Return the words that can be read in texts, each once."""
    return list(dict.fromkeys(word for text in texts for word in WORD.findall(text)))


def answer_of(handler: Any, given: Mapping[str, Any]) -> Any:
    """Call a handler as the page does, each input filled by the elem_id of its component.

    A problem is returned as it is shown. What is not filled in has its component's own value. None
    is returned where that is no input that the handler can do with.
    """
    values = [_filled(component, given) for component in handler.inputs]
    by_name = len(values) - len(handler.input_keyword_names)
    named = dict(zip(handler.input_keyword_names, values[by_name:], strict=True))
    del values[by_name:]
    request = LocalContext.request.get(None)
    kinds = inspect.signature(handler.fn).parameters.values()
    if handler.inputs_as_dict:
        values = [dict(zip(handler.inputs, values, strict=True))]  # of one set, none by name
    taken: list[Any] = []
    for parameter in kinds:
        if "Request" in str(parameter.annotation):
            taken.append(request)
        elif parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            taken += values
            values = []
        elif values:
            taken.append(values.pop(0))
    try:
        said = handler.fn(*taken, **named)
        return list(said) if inspect.isgenerator(said) else said
    except CalmError as problem:
        return worded(problem)
    except gr.Error as problem:
        return str(problem.message)
    except (TypeError, KeyError, IndexError, AttributeError):
        return None


def _filled(component: Any, given: Mapping[str, Any]) -> Any:
    name = getattr(component, "elem_id", None)
    return given[name] if name in given else getattr(component, "value", None)
