"""A small study with a fake model: two arms and two seeds on eleven questions."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from calm.pipeline.context import Context
from calm.pipeline.stage_damage import MOST
from calm.study.folder import Study, create_study
from calm.study.plan import plan_of
from tests.fakes import FakeModel, training_of_nothing
from tests.pipeline.small_runs import question_rows

PLAN = """
title: Two ways
settings:
  model: fake
  question_set: {file}
  languages: [en, fr, ja]
  num_samples: 3
  questions_per_batch: 2
  min_vote_share: 0.25
arms:
  dpo: {{method: dpo}}
  other: {{method: ipo}}
grid:
  seed: [0, 1]
"""


@pytest.fixture
def question_file(tmp_path: Path) -> Path:
    file = tmp_path / "questions.jsonl"
    rows = "".join(json.dumps(row) + "\n" for row in question_rows())
    file.write_text(rows, encoding="utf-8")
    return file


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch, calm_home: Path) -> list[FakeModel]:
    """The fake models that were loaded, one a run that needed one; training learns nothing."""
    loaded: list[FakeModel] = []

    def model(context: Context) -> FakeModel:
        if context.loaded is None:
            loaded.append(FakeModel())
            context._model = loaded[-1]
        return loaded[-1]

    monkeypatch.setattr(Context, "model", model)
    monkeypatch.setattr(Context, "lend", lambda context, lent: setattr(context, "_model", lent))
    monkeypatch.setattr("calm.pipeline.stage_train.train", training_of_nothing(2))
    monkeypatch.setattr("calm.pipeline.align.not_enough", lambda run: None)
    monkeypatch.setattr("calm.pipeline.stage_damage.MOST", dict.fromkeys(MOST, 1))  # to be quick
    return loaded


@pytest.fixture
def text(question_file: Path) -> str:
    return PLAN.format(file=question_file)


@pytest.fixture
def study(text: str, models: list[FakeModel]) -> Callable[[], Study]:
    """Make the study, or go on with it."""
    return lambda: create_study(plan_of(text, "small", "plan.yaml"))
