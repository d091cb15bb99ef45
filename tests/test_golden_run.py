"""A small run with fixed seeds writes the very bytes that it wrote when its files were kept."""

from pathlib import Path

import pytest

from calm.config import PairsConfig, RunConfig, SamplingConfig
from calm.pipeline.align import align
from calm.pipeline.context import Context
from calm.runs.folder import Run, create_run
from tests.fakes import FakeModel, training_of_nothing

GOLDEN = Path(__file__).parent / "data" / "golden_run"
OF_THE_MOMENT = {"status.json", "events.jsonl"}
"""Files that hold the time."""


def small_run() -> Run:
    """Align on a few built-in questions: responses from a fake model, training by nobody."""
    config = RunConfig(
        model="fake",
        languages=("en", "fr", "ja", "ar"),
        max_train_questions=8,
        max_held_out_questions=3,
        sampling=SamplingConfig(num_samples=3, questions_per_batch=2),
        pairs=PairsConfig(min_vote_share=0.25),
    )
    run = create_run("golden", config)
    align(Context(run, _model=FakeModel()))
    return run


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name not in OF_THE_MOMENT
    }


@pytest.fixture(autouse=True)
def no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calm.pipeline.stage_train.train", training_of_nothing(1))


def test_a_run_of_fixed_seeds_is_byte_for_byte_what_it_was(calm_home: Path) -> None:
    kept = files_of(GOLDEN)
    assert {"votes.jsonl", "pairs.jsonl", "responses.jsonl", "scores.jsonl"} <= set(kept)
    now = files_of(small_run().folder)
    assert sorted(now) == sorted(kept)
    assert [name for name in kept if now[name] != kept[name]] == []
