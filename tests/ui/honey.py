"""One question in three languages, and what is shown once it has been answered."""

from calm.records import Question, Response
from ui.asking.records import Asked

HONEY = {
    "en": ("What do bees make?", ("honey", "milk", "bread")),
    "fr": ("Que produisent les abeilles ?", ("du miel", "du lait", "du pain")),
    "ar": ("ماذا تصنع النحل؟", ("العسل", "الحليب", "الخبز")),
}
EVIL = "<img src=x onerror=alert(1)>"


def question(code: str, source: str = "original", gold: int | None = 0) -> Question:
    text, choices = HONEY[code]
    return Question("honey", code, text, choices, gold, source=source)  # type: ignore[arg-type]


def asked(answers: dict[str, list[int | None]], **changes: object) -> Asked:
    """Return what is shown when each language has given these answers."""
    rows = [
        Response("honey", code, n, "m", "?" if a is None else HONEY[code][1][a], (0, 1, 2), a)
        for code, given in answers.items()
        for n, a in enumerate(given)
    ]
    fields: dict[str, object] = {
        "phase": "done",
        "message": "",
        "model": "m",
        "versions": tuple(question(code) for code in answers),
        "responses": tuple(rows),
    }
    return Asked(**(fields | changes))  # type: ignore[arg-type]
