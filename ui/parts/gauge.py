"""How far the languages agree with each other, drawn as half a dial. Pure."""

from collections.abc import Mapping
from itertools import combinations

from markupsafe import Markup

from ui.parts.html import markup
from ui.text.words import say

ARC = "M 10 60 A 50 50 0 0 1 110 60"


def agreeing_pairs(own: Mapping[str, int | None]) -> tuple[int, int]:
    """Return how many pairs of languages give the same answer, and how many pairs there are.

    A language with no single answer agrees with none, as in the consistency of a whole run.
    """
    pairs = list(combinations(own.values(), 2))
    return sum(left is not None and left == right for left, right in pairs), len(pairs)


def consistency_gauge(own: Mapping[str, int | None]) -> Markup:
    """Return the consistency of one question's answers as a figure; nothing for one language."""
    agreeing, pairs = agreeing_pairs(own)
    if not pairs:
        return Markup()
    percent = round(100 * agreeing / pairs)
    says = say("ask.gauge.pairs", agreeing=agreeing, pairs=pairs)
    value = markup(
        '<path class="value" pathLength="100" d="{}" stroke-dasharray="{} 200"/>', ARC, percent
    )
    return markup(
        '<figure class="gauge"><svg viewBox="0 0 120 66" aria-hidden="true" direction="ltr">'
        '<path class="scale" d="{}"/>{}<text x="60" y="58">{}</text></svg><figcaption><b>{}</b>'
        '<span class="unseen"> {}. </span><small>{}</small></figcaption></figure>',
        ARC,
        value if percent else "",
        say("ask.gauge.percent", percent=percent),
        say("ask.gauge"),
        say("ask.gauge.percent", percent=percent),
        says,
    )
