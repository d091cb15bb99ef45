"""What every page's views share: markup as a type, languages named, notes, letters.

`gr.HTML` is not sanitised. So a view returns `Markup`, never `str`, and makes it with `markup`
alone: whatever fills its places is text, escaped there, unless it is `Markup` itself.
"""

import functools
import html
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from calm.languages.table import language
from calm.messages import listed as list_of
from ui.text.problems import worded
from ui.text.words import language_name, reader_language, say, word

HOUSE = Path(__file__).resolve().parents[1]
LETTERS = "ABCDEFGHIJ"
LONG_TEXT = 160


def markup(template: str, *values: object) -> Markup:
    """Return a literal of the house with its places, `{}` or `{:.1f}`, filled in as text.

    A value that is markup stays as it is; any other, numbers apart, is escaped.
    """
    return Markup(template.format(*map(_filling, values)))


def _filling(value: object) -> object:
    return value if isinstance(value, int | float) else esc(value)


def esc(text: object) -> Markup:
    """Return a text so that it can only be read, never run; markup as it is."""
    return text if isinstance(text, Markup) else Markup(html.escape(str(text), quote=True))


def concat(parts: Iterable[Markup], between: str = "") -> Markup:
    """Return pieces of markup one behind the other, with a text between them."""
    return esc(between).join(parts)


def say_markup(key: str, **values: object) -> Markup:
    """Return a text of the locale files that is markup, or whose places take markup (`say`)."""
    return Markup(say(key, **{name: _filling(value) for name, value in values.items()}))


def word_markup(key: str) -> Markup:
    """Return a label that the browser replaces by its own language's text (`word`) as markup."""
    return Markup(str(word(key)))


@functools.cache
def own_file(name: str) -> Markup:
    """Return a style or a script of the house, by its path in `ui`, as what stands in its tag."""
    return Markup((HOUSE / name).read_text(encoding="utf-8"))


def html_place(value: Markup | None = None, **options: Any) -> gr.HTML:
    """Return a place for markup on a page, empty for none, with no style but the page's own."""
    return gr.HTML(value or "", apply_default_css=False, **options)


def language_label(code: str) -> str:
    """Return a language in its own name and in the reader's language: `Français · French`."""
    native, name = language(code).native_name, language_name(code)
    return native if same_name(native, name) else f"{native} · {name}"


def same_name(one: str, other: str) -> bool:
    """Tell whether two names differ in their capital letters at most: `Français`, `français`."""
    return one.casefold() == other.casefold()


def in_language(code: str, inner: str, tag: str = "span", name: str = "") -> Markup:
    """Wrap a text, or markup, in an element that says its language and its direction."""
    row = language(code)
    css = markup(' class="{}"', name) if name else ""
    return markup('<{}{} lang="{}" dir="{}">{}</{}>', tag, css, row.code, row.direction, inner, tag)


def note(text: str, kind: str = "info") -> Markup:
    """Return a sentence in a box; nothing for no text. `kind` is info, busy or warning."""
    return _box(text, kind) if text else Markup()


def note_word(key: str, kind: str = "info") -> Markup:
    """Return a box whose text never changes: the browser puts in its own language's (`word`)."""
    return _box(word_markup(key), kind)


def warning(problem: object) -> Markup:
    """Return a problem in a box, for the place where it was met."""
    return note(worded(problem), "warning")


def _box(inner: str, kind: str) -> Markup:
    return markup('<p class="note {}" role="status">{}</p>', kind, inner)


def with_code(text: str) -> Markup:
    """Return a text as markup; what it has between backticks, such as a command, as code."""
    parts = enumerate(text.split("`"))
    return concat(
        markup('<code dir="ltr">{}</code>', part) if n % 2 else esc(part) for n, part in parts
    )


def fold(summary: object, inside: object) -> Markup:
    """Return something that opens when its summary is pressed."""
    return markup("<details><summary>{}</summary>{}</details>", summary, inside)


def column_heads(names: Iterable[object]) -> Markup:
    """Return the heads of a table's columns."""
    return concat(markup('<th scope="col">{}</th>', name) for name in names)


def wide_table(label: str, css: str, heads: Markup, body: Markup, place: str = "scroll") -> Markup:
    """Return a table that scrolls sideways where it is too wide, also by keyboard."""
    return markup(
        '<div class="{}" tabindex="0" role="region" aria-label="{}"><table class="{}">'
        "<thead>{}</thead><tbody>{}</tbody></table></div>",
        place,
        label,
        css,
        heads,
        body,
    )


def joined(names: Sequence[str]) -> str:
    """Return names as a list in a sentence: `a, b and c`."""
    return list_of(reader_language(), names, is_sentence=True)


def listed(names: Sequence[str]) -> str:
    """Return names with the reader's commas between them: `a, b, c`."""
    return list_of(reader_language(), names)


def in_a_row(texts: Sequence[str]) -> str:
    """Return sentences one behind the other; some languages leave no space between them."""
    return functools.reduce(
        lambda first, second: say("common.sentences", first=first, second=second), texts or ("",)
    )


def short(text: str, most: int = 48) -> Markup:
    """Return a text of at most so many characters: a longer one lacks its middle.

    It is whole where the mouse rests on it.
    """
    if len(text) <= most:
        return esc(text)
    return markup('<span class="short" title="{}">{}</span>', text, shortened(text, most))


def shortened(text: str, most: int = 48) -> str:
    """Return a text without its middle where it has more characters than that."""
    if len(text) <= most:
        return text
    behind = most // 3
    return f"{text[: most - behind - 1].rstrip()}…{text[-behind:].lstrip()}"


def chip(choice: int | None) -> Markup:
    """Return the letter of a choice in its colour; a dash where there is none."""
    if choice is None:
        return markup('<span class="chip none" aria-hidden="true">–</span>')
    return markup('<span class="chip c{}">{}</span>', choice, LETTERS[choice])
