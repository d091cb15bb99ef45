"""Runs of a fake model on eleven questions in three languages."""

from collections.abc import Callable
from typing import Any

from calm.pipeline.context import Context
from calm.runs.folder import Run
from tests.fakes import FakeModel

LANGUAGES = ("en", "fr", "ja")
CHOICES = {
    "en": ["ant", "bee", "cow", "dog"],
    "fr": ["fourmi", "abeille", "vache", "chien"],
    "ja": ["アリ", "ハチ", "ウシ", "イヌ"],
}
TRAIN, HELD_OUT = 7, 4
SAMPLED = ("responses.jsonl", "answers.jsonl", "votes.jsonl", "pairs.jsonl")
TRAINED = ("metrics.jsonl", "evaluations.jsonl", "scores.jsonl", "comparisons.jsonl")
FILES = (*SAMPLED, *TRAINED)


def question_rows(languages: tuple[str, ...] = LANGUAGES) -> list[dict[str, Any]]:
    return [
        {
            "id": f"q{n}",
            "split": "train" if n < TRAIN else "held-out",
            "language": code,
            "text": f"{code} {n}?",
            "choices": CHOICES[code],
            "gold": n % 4,
        }
        for n in range(TRAIN + HELD_OUT)
        for code in languages
    ]


def context(run: Run, model: FakeModel | None = None, **settings: Any) -> Context:
    return Context(run, _model=model or FakeModel(), **settings)


def contents(run: Run, names: tuple[str, ...] = FILES) -> dict[str, bytes]:
    return {name: (run.folder / name).read_bytes() for name in names}


def stop_at(moment: int) -> Callable[[], bool]:
    """Return a `should_stop` that says yes from its `moment`-th call on."""
    calls = iter(range(1, 10_000))
    return lambda: next(calls) >= moment
