"""English texts of the interface that stand on a page in another language.

A text that the reader's language says in the same words is theirs. What people and models said has
its own `lang` and is not looked at.
"""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from calm.messages import ENGLISH, Entry, catalogue
from ui.text.words import words_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

WORDS_TO_JUDGE = 3
"""Words from which a text is looked for within others; a shorter one must stand alone."""
TAG = re.compile(r"<[^>]*>")
PLACE = re.compile(r"\{[^}]*\}")
NAMED = ("aria-label", "title", "placeholder", "alt")

SEEN = """names => {
  const here = document.documentElement.lang || 'en', found = [];
  const own = element => {
    const marked = element.closest('[lang]');
    return !marked || marked === document.documentElement;
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT);
  for (let element = walk.currentNode; element; element = walk.nextNode()) {
    if (['SCRIPT', 'STYLE', 'CODE', 'TEXTAREA'].includes(element.tagName)) continue;
    if (!own(element)) continue;
    for (const node of element.childNodes)
      if (node.nodeType === Node.TEXT_NODE) found.push(node.textContent);
    for (const name of names)
      if (element.hasAttribute(name)) found.push(element.getAttribute(name));
  }
  return found.map(text => text.replace(/\\s+/g, ' ').trim()).filter(text => text);
}"""
"""What a page shows and says in its own name: texts, and the attributes that people meet."""


def english_left(page: "Page", code: str) -> list[str]:
    """Return the texts of a page in a language that are English ones of the interface."""
    seen: list[str] = page.evaluate(SEEN, list(NAMED))
    return english_in(seen, code)


def texts_left(shown: str, code: str) -> list[str]:
    """Return the same of a page that needs no browser to be read: of its markup."""
    reader = _Read()
    reader.feed(shown)
    return english_in(reader.seen, code)


class _Read(HTMLParser):
    """Collects what a page says in its own name, element by element."""

    EMPTY = ("meta", "input", "br", "img", "link", "path", "rect", "line", "circle")

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self._within: list[bool] = []
        """For each element that is open, whether its texts are the page's own."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        own = all(self._within) and tag not in ("title", "script", "style", "code")
        own = own and (tag == "html" or "lang" not in named)
        if own:
            self.seen += [named[name] or "" for name in NAMED if name in named]
        if tag not in self.EMPTY:
            self._within.append(own)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        self._within.pop()

    def handle_data(self, data: str) -> None:
        if all(self._within) and data.strip():
            self.seen.append(" ".join(data.split()))


def english_in(seen: list[str], code: str) -> list[str]:
    """Return the texts that are, or have in them, English ones with another wording in `code`."""
    own = set(_texts(words_of(code), code)) | set(_texts(catalogue(code), code))
    alone, within = set(), []
    for text in {*_texts(words_of(ENGLISH), ENGLISH), *_texts(catalogue(ENGLISH), ENGLISH)} - own:
        parts = [part.strip() for part in PLACE.split(text)]
        if PLACE.search(text) is None:
            alone.add(text)
        within += [part for part in parts if len(part.split()) >= WORDS_TO_JUDGE]
    pattern = re.compile("|".join(map(re.escape, sorted(within, key=len, reverse=True))))
    mine = "\n".join(own)
    return [
        text
        for text in dict.fromkeys(seen)
        if text in alone or ((hit := pattern.search(text)) and hit[0] not in mine)
    ]


def _texts(entries: Mapping[str, Entry], code: str) -> list[str]:
    """Return the texts of a catalogue as a page shows them, without markup."""
    texts = [t for e in entries.values() for t in ([e] if isinstance(e, str) else e.values())]
    return [" ".join(part.split()) for text in texts for part in TAG.split(text) if part.strip()]
