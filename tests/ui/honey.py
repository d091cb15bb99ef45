"""One question in three languages, and what is shown once it has been answered."""

from typing import Any

from calm.asking.asked import Asked, voted
from calm.records import Question, Response

HONEY = {
    "en": ("What do bees make?", ("honey", "milk", "bread")),
    "fr": ("Que produisent les abeilles ?", ("du miel", "du lait", "du pain")),
    "ar": ("ماذا تصنع النحل؟", ("العسل", "الحليب", "الخبز")),
}
EVIL = "<img src=x onerror=alert(1)>"


def question(code: str, source: str = "original", gold: int | None = 0) -> Question:
    text, choices = HONEY[code]
    return Question("honey", code, text, choices, gold, source=source)  # type: ignore[arg-type]


def asked(answers: dict[str, list[int | None]], **changes: Any) -> Asked:
    """Return what is shown when each language has given these answers."""
    rows = [
        Response("honey", code, n, "m", "?" if a is None else HONEY[code][1][a], (0, 1, 2), a)
        for code, given in answers.items()
        for n, a in enumerate(given)
    ]
    fields: dict[str, Any] = {
        "versions": tuple(question(code) for code in answers),
        "responses": tuple(rows),
    }
    seen = Asked(**({"step": "done", "model": "m"} | fields | changes))
    return voted(seen) if seen.step == "done" else seen
