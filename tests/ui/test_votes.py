"""The page Votes reads a run folder, and nothing else."""

import math
from pathlib import Path

import pytest

from calm.errors import CalmError
from calm.exchange.import_samples import import_responses
from calm.pipeline.align import redo
from calm.runs.folder import Run
from tests.ui.imported import do, imported_run
from ui.votes.page import gate_of, grid_of, lint_of, pairs_of, read_voted, voted_runs

pytestmark = pytest.mark.usefixtures("calm_home")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return imported_run("bees", tmp_path)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the translation service alone."""
    monkeypatch.setattr("calm.questions.translators.GOOGLE._resting_until", math.inf)


def test_a_run_with_votes_can_be_chosen_and_one_without_cannot(run: Run, tmp_path: Path):
    import_responses(tmp_path / "bees-samples", "not-voted")
    chosen = voted_runs()
    assert [name for name, _ in chosen.choices] == ["bees"]
    assert chosen.value == "bees"


def test_a_run_without_votes_says_what_to_do(run: Run, tmp_path: Path):
    import_responses(tmp_path / "bees-samples", "not-voted")
    with pytest.raises(CalmError, match="python -m calm vote not-voted"):
        read_voted("not-voted")


def test_imported_responses_are_shown_without_a_model(run: Run):
    voted = read_voted("bees")
    assert voted.languages == ("en", "fr", "ar")
    assert len(voted.votes) == 12
    assert len(voted.curve) == 101
    assert {row.language for row in voted.rules if row.language} == {"en", "fr", "ar"}
    assert voted.shows_choices


def test_a_larger_share_keeps_fewer_questions_and_gives_fewer_pairs(run: Run):
    voted = read_voted("bees")
    kept = [gate_of(voted, share, pairs_of(voted)) for share in (0.0, 1.0)]
    assert "<b>12</b> of 12 questions kept" in kept[0]
    assert "<b>1</b> of 12 questions kept" in kept[1]
    assert "No pair can be made at this gate" in kept[1]


@pytest.mark.usefixtures("offline")
def test_what_the_gate_counts_is_what_the_stage_makes(run: Run):
    do(run, ("pairs",))
    voted = read_voted("bees")
    least = run.config.pairs.min_vote_share
    kept = {v.question_id for v in voted.votes if v.winner is not None and v.share >= least}
    own, translated = pairs_of(voted).count(kept)
    assert own <= len(run.rows("pairs")) <= translated


def test_votes_that_were_counted_again_are_read_again(run: Run):
    before = read_voted("bees")
    redo("vote", run)
    do(run, ("vote",))
    assert read_voted("bees") is not before
    assert read_voted("bees") is read_voted("bees")


def test_a_page_beyond_the_last_one_is_the_last_one(tmp_path: Path):
    imported_run("many", tmp_path, questions=61)
    voted = read_voted("many")
    assert "page 2 of 2" in grid_of(voted, "all", 0.6, 99)
    assert grid_of(voted, "all", 0.6, 2).count('<th scope="row">') == 1
    assert "page 1 of 2" in grid_of(voted, "all", 0.6, 0)


def test_what_a_model_or_a_file_says_is_never_markup(run: Run):
    voted = read_voted("bees")
    assert "<img" not in grid_of(voted, "all", 0.6, 1)


def test_pairs_that_are_not_made_yet_cannot_be_checked(run: Run):
    assert "python -m calm pairs bees" in lint_of(run)


@pytest.mark.usefixtures("offline")
def test_the_pairs_of_a_run_are_checked(run: Run):
    do(run, ("pairs",))
    assert f"{len(run.rows('pairs'))} pair" in lint_of(run)
    assert "checked" in lint_of(run)
