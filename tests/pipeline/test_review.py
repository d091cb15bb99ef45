"""Before its training a run waits for a look: pairs are changed, the gate is set, or it goes on."""

import json
from pathlib import Path

import pytest

from calm.errors import CalmError
from calm.exchange.archive import pack, unpack
from calm.pairs.edits import FILE, pair_key
from calm.pipeline.align import align
from calm.pipeline.context import Context
from calm.pipeline.review import can_be_looked_at, edit_pair, set_gate
from calm.pipeline.stages import STAGES
from calm.runs import jobs
from calm.runs.folder import Run, create_run, open_run
from tests.fakes import FakeModel, make_adapter
from tests.recorded import recorded_settings
from tests.ui.imported import do, imported_run


@pytest.fixture
def run(calm_home: Path, tmp_path: Path) -> Run:
    """A run that stopped before its training."""
    run = create_run("mine", recorded_settings(tmp_path))
    align(Context(run, _model=FakeModel()), until="pairs")
    return run


def test_a_run_that_stopped_before_training_can_be_looked_at(run: Run) -> None:
    status = run.status()
    assert (status.stage, status.state) == ("pairs", "stopped")
    assert "stopped after pairs, as asked" in str(status.message)
    assert can_be_looked_at(run)
    assert not STAGES["train"].is_done(run)


def test_a_pair_is_excluded_swapped_and_taken_back_in(run: Run) -> None:
    key = pair_key(run.rows("pairs")[0])
    for action in ("exclude", "swap"):
        edit_pair(run, key, action)
        assert [(edit.pair, edit.action) for edit in run.rows(FILE)] == [(key, action)]
    edit_pair(run, key, None)
    assert run.rows(FILE) == []


def test_a_pair_that_is_not_there_is_said(run: Run) -> None:
    with pytest.raises(CalmError, match="has no pair 'nonsense'"):
        edit_pair(run, "nonsense", "exclude")


def test_changes_survive_going_on_and_an_archive(run: Run, tmp_path: Path) -> None:
    edit_pair(run, pair_key(run.rows("pairs")[0]), "exclude")
    before = run.path(FILE).read_bytes()
    make_adapter(run.adapter)
    align(Context(run, _model=FakeModel()))
    assert run.status().state == "done"
    assert run.path(FILE).read_bytes() == before
    (run.adapter / "adapter_config.json").unlink()
    pack(run, tmp_path / "a.zip", with_adapter=False)
    assert unpack(tmp_path / "a.zip", "again").path(FILE).read_bytes() == before


def test_training_learns_the_pairs_as_they_were_changed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, *others = run.rows("pairs")
    edit_pair(run, pair_key(first), "exclude")
    edit_pair(run, pair_key(second), "swap")
    learnt = []

    def train(model_name: str, pairs: list, *rest: object, **options: object) -> bool:  # type: ignore[type-arg]
        learnt.extend(pairs)
        make_adapter(run.adapter)
        return True

    monkeypatch.setattr("calm.pipeline.stage_train.train", train)
    align(Context(run, _model=FakeModel()), until="train")
    assert [pair.chosen for pair in learnt] == [second.rejected, *(p.chosen for p in others)]


@pytest.mark.parametrize("begun", ["metrics", "adapter"])
def test_once_training_has_begun_nothing_can_be_changed(run: Run, begun: str) -> None:
    if begun == "metrics":
        run.append_json("metrics", {"step": 1})
    else:
        make_adapter(run.adapter)
    key = pair_key(run.rows("pairs")[0])
    with pytest.raises(CalmError, match="training of the run mine has begun"):
        edit_pair(run, key, "exclude")
    with pytest.raises(CalmError, match="training of the run mine has begun"):
        set_gate(run, 0.9)
    assert not can_be_looked_at(run)
    assert not run.has(FILE)


def test_while_a_process_works_on_the_run_nothing_can_be_changed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "is_running", lambda run: True)
    with pytest.raises(CalmError, match="is being aligned"):
        edit_pair(run, pair_key(run.rows("pairs")[0]), "exclude")


def test_another_gate_makes_the_pairs_again_and_keeps_what_was_changed(run: Run) -> None:
    key = pair_key(run.rows("pairs")[0])
    edit_pair(run, key, "swap")
    votes = run.path("votes").read_bytes()
    again = set_gate(run, 0.3)
    assert again.config.pairs.min_vote_share == 0.3
    assert open_run("mine").config == again.config
    assert not run.has("pairs") and run.path("votes").read_bytes() == votes
    align(Context(again, _model=FakeModel()), until="pairs")
    assert can_be_looked_at(again)
    assert [edit.pair for edit in again.rows(FILE)] == [key]


def test_a_gate_that_cannot_be_changes_nothing(run: Run) -> None:
    with pytest.raises(CalmError, match="min_vote_share is 2"):
        set_gate(run, 2)
    assert run.has("pairs")
    settings = json.loads((run.folder / "config.json").read_text())
    assert settings["pairs"]["min_vote_share"] == 0.25


def test_a_run_from_an_archive_is_a_record(run: Run, tmp_path: Path) -> None:
    pack(run, tmp_path / "a.zip", with_adapter=False)
    opened = unpack(tmp_path / "a.zip", "talk")
    with pytest.raises(CalmError, match="opened from an archive"):
        edit_pair(opened, pair_key(opened.rows("pairs")[0]), "exclude")
    assert not can_be_looked_at(opened)


def test_the_gate_of_imported_responses_is_set_on_the_command_line(
    calm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calm.questions.translators.GOOGLE._resting_until", float("inf"))
    imported = imported_run("bees", tmp_path)
    do(imported, ("pairs",))
    with pytest.raises(CalmError, match="python -m calm pairs bees"):
        set_gate(imported, 0.9)
    assert not can_be_looked_at(imported)
