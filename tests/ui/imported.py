"""A small run whose responses were written by hand and brought in: votes without any model."""

import json
from collections.abc import Sequence
from pathlib import Path

from calm.exchange.import_samples import import_responses
from calm.pipeline.align import run_stage
from calm.pipeline.context import Context
from calm.runs.folder import Run
from tests.ui.honey import EVIL

ANIMALS = {
    "en": ("Which one flies? ({n})", ("ant", "bee", f"cow {EVIL}")),
    "fr": ("Lequel vole ? ({n})", ("fourmi", "abeille", "vache")),
    "ar": ("أيها يطير؟ ({n})", ("نملة", "نحلة", "بقرة")),
}
SAID = {
    "en": "Explanation: It has wings, you see.\nAnswer: {}",
    "fr": "Explication : Elle a des ailes.\nRéponse : {}",
    "ar": "الشرح: لها أجنحة.\nالإجابة: {}",
}
ANSWERS = {"en": ("BB", "BB", "BA", "BB"), "fr": ("BB", "AA", "AB", "CC"), "ar": ("BB", "BC", "A?")}
"""By language, the letters of two samples for each question in turn; ? states none."""


def imported_run(name: str, where: Path, questions: int = 12, gold: str = "B") -> Run:
    """Import hand-written responses under CALM_HOME and do everything up to the vote."""
    folder = where / f"{name}-samples"
    folder.mkdir()
    for code in ANIMALS:
        text = json.dumps(_rows(code, questions, gold), ensure_ascii=False)
        (folder / f"x_csqa_{code}_train_sampled.json").write_text(text, encoding="utf-8")
    run, _ = import_responses(folder, name)
    do(run, ("extract", "vote"))
    return run


def do(run: Run, stages: Sequence[str]) -> None:
    for stage in stages:
        run_stage(stage, Context(run))


def _rows(code: str, questions: int, gold: str) -> list[dict[str, object]]:
    text, choices = ANIMALS[code]
    listed = "\n".join(f"{letter}. {choice}" for letter, choice in zip("ABC", choices, strict=True))
    given = ANSWERS[code]
    return [
        {
            "input": f"{text.format(n=n)}\n{listed}",
            "output": gold,
            "pred": [_said(code, letter) for letter in given[n % len(given)]],
        }
        for n in range(questions)
    ]


def _said(code: str, letter: str) -> str:
    return f"I cannot say. {EVIL}" if letter == "?" else SAID[code].format(letter)
