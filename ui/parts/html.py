"""What every page's views share: text made safe, languages named, notes, letters.

`gr.HTML` is not sanitised: every word of a person or a model that goes into markup passes `esc`.
"""

import functools
import html
from collections.abc import Sequence

from calm.languages.table import language
from calm.messages import listed as list_of
from ui.text.problems import worded
from ui.text.words import language_name, reader_language, say, word

LETTERS = "ABCDEFGH"
LONG_TEXT = 160


def esc(text: object) -> str:
    """Return a text so that it can only be read, never run."""
    return html.escape(str(text), quote=True)


def language_label(code: str) -> str:
    """Return a language in its own name and in the reader's language: `Français · French`."""
    native, name = language(code).native_name, language_name(code)
    return native if same_name(native, name) else f"{native} · {name}"


def same_name(one: str, other: str) -> bool:
    """Tell whether two names differ in their capital letters at most: `Français`, `français`."""
    return one.casefold() == other.casefold()


def in_language(code: str, inner: str, tag: str = "span", name: str = "") -> str:
    """Wrap markup in an element that says its language and its direction."""
    row = language(code)
    css = f' class="{name}"' if name else ""
    return f'<{tag}{css} lang="{row.code}" dir="{row.direction}">{inner}</{tag}>'


def note(text: str, kind: str = "info") -> str:
    """Return a sentence in a box; nothing for no text. `kind` is info, busy or warning."""
    return _box(esc(text), kind) if text else ""


def note_word(key: str, kind: str = "info") -> str:
    """Return a box whose text never changes: the browser puts in its own language's (`word`)."""
    return _box(str(word(key)), kind)


def warning(problem: object) -> str:
    """Return a problem in a box, for the place where it was met."""
    return note(worded(problem), "warning")


def _box(inner: str, kind: str) -> str:
    return f'<p class="note {esc(kind)}" role="status">{inner}</p>'


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


def chip(choice: int | None) -> str:
    """Return the letter of a choice in its colour; a dash where there is none."""
    if choice is None:
        return '<span class="chip none" aria-hidden="true">–</span>'
    return f'<span class="chip c{choice}">{LETTERS[choice]}</span>'
