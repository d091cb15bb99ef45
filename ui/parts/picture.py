"""The method from the question to the adapter, as a row of small drawings. Pure."""

from markupsafe import Markup

from ui.parts.html import concat, markup
from ui.text.words import say

METHOD = ("question", "languages", "samples", "vote", "pairs", "dpo", "adapter")


def method_picture() -> Markup:
    """Return the method from the question to the adapter: a step each, its drawing and its words.

    The steps follow each other as the reader reads, on a narrow screen downwards.
    """
    steps = concat(
        markup("{}<span>{}</span></li>", _step(step), say(f"method.{step}.below"))
        for step in METHOD
    )
    return markup('<ol class="method" aria-label="{}">{}</ol>', say("method.in-words"), steps)


def small_picture() -> Markup:
    """Return the same in small: one row on every screen, its steps named and no more."""
    steps = concat(markup("{}</li>", _step(step)) for step in METHOD)
    return markup('<ol class="method small" aria-label="{}">{}</ol>', say("method.in-words"), steps)


def _step(step: str) -> Markup:
    """Return the beginning of a step: its drawing and its name."""
    return markup(
        '<li><svg viewBox="0 28 128 56" aria-hidden="true">{}</svg><b>{}</b>',
        DRAWINGS[step],
        say(f"method.{step}"),
    )


def _words(*placed: tuple[int, int, str]) -> Markup:
    return concat(
        markup('<text class="word" x="{}" y="{}">{}</text>', x, y, word) for x, y, word in placed
    )


def _dots(*rows: str) -> Markup:
    """Draw samples: one row a language, one dot a sample, a letter a colour."""
    return concat(
        markup('<circle class="fill-{}" cx="{}" cy="{}" r="6"/>', letter, 38 + 17 * i, 40 + 16 * j)
        for j, row in enumerate(rows)
        for i, letter in enumerate(row)
    )


DRAWINGS = {
    "question": markup('<text class="big" x="64" y="68">?</text>'),
    "languages": _words(
        (36, 48, "English"), (92, 48, "中文"), (38, 70, "Deutsch"), (92, 70, "عربي")
    ),
    "samples": _dots("aaab", "abaa", "bbab"),
    "vote": markup(
        '<rect class="fill-a" x="24" y="36" width="80" height="14" rx="3"/>'
        '<rect class="fill-b" x="24" y="56" width="48" height="14" rx="3"/>'
    ),
    "pairs": markup(
        '<circle class="fill-a" cx="42" cy="54" r="13"/><path class="sign" d="M36 54l4 5l8 -9"/>'
        '<circle class="fill-b" cx="86" cy="54" r="13"/>'
        '<path class="sign" d="M81 49l10 10m0 -10l-10 10"/>'
    ),
    "dpo": markup(
        '<path class="curve" d="M26 38c8 30 26 32 76 34"/><path class="axis" d="M24 34v40h82"/>'
    ),
    "adapter": markup(
        '<rect class="base" x="26" y="38" width="50" height="36" rx="4"/>'
        '<rect class="fill-a" x="82" y="38" width="16" height="36" rx="4"/>'
    ),
}
