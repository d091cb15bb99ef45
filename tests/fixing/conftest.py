"""A patch of a fake model, whose training learns nothing and writes an adapter."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from calm.config import RunConfig
from calm.fixing import patch, probe
from calm.fixing.patch import Taught, open_patch
from calm.pipeline.context import Context
from calm.records import Question
from calm.runs.folder import Run
from calm.training.choice_edits import Trained
from tests.fakes import FakeModel

LANGUAGES = ("en", "de")


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch, calm_home: Path) -> list[list[Any]]:
    """What was trained on, training by training: each edit as its first text and its answer."""
    done: list[list[Any]] = []

    def train(
        model: Any,
        edits: Sequence[tuple[Sequence[Question], int]],
        rehearsal: Sequence[Sequence[Question]],
        config: Any,
        folder: Path,
        on_step: Any,
        should_stop: Any,
        *rest: Any,
    ) -> Trained | None:
        ids = {questions[0].id for questions, _ in edits}
        assert rehearsal and not ids & {versions[0].id for versions in rehearsal}
        for step in (1, 2):
            on_step(step, 24, 0.5 / step, 0.1 * step)
        if should_stop():
            return None
        done.append([(questions[0].text, answer) for questions, answer in edits])
        (folder / "adapter_config.json").write_text("{}", encoding="utf-8")
        return Trained(2, held=True)

    model = FakeModel()
    monkeypatch.setattr("calm.fixing.fix.trained", train)
    monkeypatch.setattr(Context, "model", lambda context: model)
    monkeypatch.setattr(probe, "PROBE_QUESTIONS", 6)
    monkeypatch.setattr(patch.probe_questions, "__defaults__", (6,))
    monkeypatch.setattr(probe, "CANDIDATES", 4)
    return done


@pytest.fixture
def made(trainings: list[list[Any]]) -> Run:
    """A patch without edits."""
    return open_patch(
        "mine", RunConfig(model="fake", languages=LANGUAGES, measure_languages=("fr",))
    )


def taught(name: str, answer: int, by: Any = "vote") -> Taught:
    choices = {"en": ("ant", "bee"), "de": ("Ameise", "Biene"), "fr": ("fourmi", "abeille")}
    versions = tuple(
        Question(name, code, f"{code} {name}?", choices[code]) for code in ("en", "de", "fr")
    )
    other = tuple(
        Question(name, code, f"{code} {name} said otherwise?", choices[code]) for code in LANGUAGES
    )
    return Taught(patch.Edit(name, answer, by, 0.75, 1.0), versions, other)
