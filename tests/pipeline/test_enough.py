"""Too little to learn from is said before a run starts, and again once it has voted."""

import json
from pathlib import Path
from typing import Any

import pytest

from calm.api.calls import align as align_program
from calm.cli.parser import main
from calm.config import PairsConfig, RunConfig
from calm.errors import CalmError
from calm.pipeline.align import align
from calm.pipeline.context import Context, NotEnough
from calm.pipeline.enough import check_questions, lower_gate, not_enough
from calm.pipeline.review import can_be_looked_at, set_gate
from calm.pipeline.supervise import supervised
from calm.records import PreferencePair, Question, Vote
from calm.runs import jobs
from calm.runs.folder import Run, create_run, list_runs, open_run
from calm.settings import PRESETS, SETTINGS, config_of
from tests.fakes import FakeModel, training_of_nothing
from tests.recorded import recorded_settings


@pytest.fixture
def run(calm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run whose gate nothing passes."""
    monkeypatch.setattr("calm.pipeline.stage_train.train", training_of_nothing(2))
    return set_gate(create_run("strict", recorded_settings(tmp_path)), 1.0)


def aligned(run: Run) -> None:
    try:
        with supervised(run):
            align(Context(run, _model=FakeModel()))
    finally:
        jobs.release(run)


def test_a_run_with_too_few_trusted_votes_stops_before_training_and_says_what_to_do(run: Run):
    with pytest.raises(NotEnough, match=r"Only 0 of 4 questions.*100% or more.*Lower the gate"):
        aligned(run)
    status = run.status()
    assert (status.stage, status.state) == ("pairs", "stopped")
    assert str(status.message).startswith("Only 0 of 4 questions had a trusted vote")
    assert not run.adapter.exists() and run.has("votes")
    assert can_be_looked_at(run)


def test_with_the_gate_that_was_proposed_the_run_goes_on_to_its_end(run: Run):
    with pytest.raises(NotEnough):
        aligned(run)
    lower = lower_gate(run.rows("votes"))
    assert lower is not None
    responses = run.path("responses").read_bytes()
    run = set_gate(run, lower)
    aligned(run)
    assert run.status().state == "done"
    assert run.path("responses").read_bytes() == responses


def test_a_run_that_only_makes_pairs_ends_as_asked(run: Run):
    align(Context(run, _model=FakeModel()), until="pairs")
    assert "stopped after pairs" in str(run.status().message)
    assert not_enough(run) is not None


def vote(identity: str, share: float, winner: int | None = 0) -> Vote:
    counts = (4, 0)
    return Vote(
        identity, "plurality", counts, (share, 1 - share), 0, winner, share, 0, 0, {"en": 0}
    )


def pair(identity: str, source: Any = "vote") -> PreferencePair:
    return PreferencePair(identity, "en", "", "a", "b", "en", source)


@pytest.mark.parametrize(
    ("shares", "pairs", "said"),
    [
        ((0.9, 0.4), [pair("q0")], "Only 1 of 2 .* to 0.40"),
        ((0.9, 0.66, 0.5), [pair("q0")], "Only 1 of 3 .* to 0.65"),
        ((0.9,), [pair("q0")], "Only 1 of 1 .*draw more samples"),
        ((), [], "Only 0 of 0 .*draw more samples"),
        ((0.9, 0.9), [], "no preference pairs"),
        ((0.9, 0.9), [pair("q0")], None),
        ((0.9, 0.9), [pair("q0"), pair("q1")], None),
        ((0.9, 0.1), [pair("q0", "ballot")], None),
    ],
)
def test_what_keeps_a_run_from_being_trained(
    calm_home: Path, shares: tuple[float, ...], pairs: list[PreferencePair], said: str | None
):
    run = create_run("mine", RunConfig())
    run.write("votes", [vote(f"q{n}", share) for n, share in enumerate(shares)])
    run.write("pairs", pairs)
    problem = not_enough(run)
    if said is None:
        assert problem is None
    else:
        with pytest.raises(NotEnough, match=said):
            raise problem  # type: ignore[misc]


def question(identity: str, split: Any) -> Question:
    return Question(identity, "en", "?", ("a", "b"), split=split)


def test_a_single_question_is_refused_before_a_run_is_made_unless_people_judge_it():
    one = [question("q0", "train"), question("q1", "held-out")]
    with pytest.raises(CalmError, match=r"only 1 question to train on.*at least 5"):
        check_questions(RunConfig(), one)
    check_questions(RunConfig(), [*one, question("q2", "train")])
    check_questions(RunConfig(pairs=PairsConfig(source="ballots")), one)


def test_no_way_to_start_makes_a_run_of_too_few_questions(
    tmp_path: Path, calm_home: Path, capsys: pytest.CaptureFixture[str]
):
    from ui.align.page import start_alignment

    file = tmp_path / "two.jsonl"
    rows = [{"id": f"q{n}", "text": f"{n}?", "choices": ["a", "b"]} for n in range(2)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert main(["align", "mine", "--questions", str(file), "--languages", "en,fr"]) == 2
    assert "only 1 question to train on" in capsys.readouterr().err
    with pytest.raises(CalmError, match="only 1 question"):
        align_program(file, run="mine", languages=("en", "fr"))
    config = RunConfig(question_set=str(file), languages=("en", "fr"))
    with pytest.raises(CalmError, match="only 1 question"):
        start_alignment("mine", config)
    assert list_runs() == []


def test_presets_set_the_same_settings_and_the_default_is_one_of_them():
    assert len({tuple(values) for values in PRESETS.values()}) == 1
    assert all(name in SETTINGS for values in PRESETS.values() for name in values)
    assert config_of(PRESETS["balanced"]) == RunConfig()


def test_a_preset_is_a_flag_and_what_is_given_beside_it_counts(calm_home: Path):
    given = ["--preset", "quick", "--num-samples", "3", "--languages", "en,fr"]
    assert main(["questions", "select", "mine", *given]) == 0
    config = open_run("mine").config
    assert (config.max_train_questions, config.sampling.num_samples) == (24, 3)


def test_a_program_names_a_preset(calm_home: Path):
    run = align_program(run="mine", preset="quick", until="questions", languages=("en", "fr"))
    assert (run.config.max_train_questions, run.config.sampling.num_samples) == (24, 2)
    with pytest.raises(CalmError, match="no preset huge"):
        align_program(run="other", preset="huge")
