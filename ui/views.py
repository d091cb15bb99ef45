"""What every page's views share: text made safe, languages named, notes, letters.

`gr.HTML` is not sanitised: every word of a person or a model that goes into markup passes `esc`.
"""

import html
from collections.abc import Sequence

from calm.languages import language
from ui.words import word

LETTERS = "ABCDEFGH"
LONG_TEXT = 160


def esc(text: object) -> str:
    """Return a text so that it can only be read, never run."""
    return html.escape(str(text), quote=True)


def language_label(code: str) -> str:
    """Return a language in its own name and in English: `Français · French`."""
    row = language(code)
    same = row.native_name == row.name
    return row.name if same else f"{row.native_name} · {row.name}"


def in_language(code: str, inner: str, tag: str = "span", name: str = "") -> str:
    """Wrap markup in an element that says its language and its direction."""
    row = language(code)
    css = f' class="{name}"' if name else ""
    return f'<{tag}{css} lang="{row.code}" dir="{row.direction}">{inner}</{tag}>'


def note(text: str, kind: str = "info") -> str:
    """Return a sentence in a box; nothing for no text. `kind` is info, busy or warning."""
    return f'<p class="note {esc(kind)}" role="status">{esc(text)}</p>' if text else ""


def note_label(key: str) -> str:
    """Return a box whose sentence the browser puts in, for what a page shows at first."""
    return f'<p class="note info" role="status">{word(key)}</p>'


def joined(names: Sequence[str]) -> str:
    """Return names as a list in a sentence: `a, b and c`."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def chip(choice: int | None) -> str:
    """Return the letter of a choice in its colour; a dash where there is none."""
    if choice is None:
        return '<span class="chip none" aria-hidden="true">–</span>'
    return f'<span class="chip c{choice}">{LETTERS[choice]}</span>'
