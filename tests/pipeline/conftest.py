"""A run of a fake model, new or whole."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from calm.config import PairsConfig, RunConfig, SamplingConfig
from calm.pipeline.align import align
from calm.runs.folder import Run, create_run
from tests.fakes import training_of_nothing
from tests.pipeline.small_runs import LANGUAGES, context, question_rows


@pytest.fixture
def question_file(tmp_path: Path) -> Path:
    file = tmp_path / "questions.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in question_rows()), encoding="utf-8")
    return file


@pytest.fixture
def new_run(question_file: Path, calm_home: Path) -> Callable[[str], Run]:
    config = RunConfig(
        model="fake",
        question_set=str(question_file),
        languages=LANGUAGES,
        translate_online=True,
        sampling=SamplingConfig(num_samples=3, questions_per_batch=2),
        pairs=PairsConfig(min_vote_share=0.25),
    )
    return lambda name: create_run(name, config)


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training in two steps that writes a folder and learns nothing; evaluation by twos."""
    monkeypatch.setattr("calm.pipeline.stage_train.train", training_of_nothing(2))
    monkeypatch.setattr("calm.pipeline.stage_evaluate.EVALUATE_IDS_AT_ONCE", 2)


@pytest.fixture
def whole(new_run: Callable[[str], Run]) -> Run:
    """A run that nothing interrupted."""
    run = new_run("whole")
    align(context(run))
    return run
