"""Which language a text is written in, among those of the language table.

py3langid (Barbaresi, after Lui and Baldwin, ACL 2012) names the language; only the beginning of a
text is looked at, so that a text of any length costs the same.
"""

import functools
from typing import Any

from calm.languages import LANGUAGES

LOOKED_AT = 300
"""Characters from the beginning that are enough to tell a language by."""


def identified(text: str) -> tuple[str, float]:
    """Return the likeliest language of the table and its probability (a sixteenth: no idea)."""
    code, probability = _identifier().classify(text[:LOOKED_AT])
    return code, float(probability)


def probability(text: str, code: str) -> float:
    """Return how likely a text is in one language of the table (a sixteenth: no idea)."""
    ranked: list[tuple[str, float]] = _identifier().rank(text[:LOOKED_AT])
    return float(dict(ranked)[code])


@functools.cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier
