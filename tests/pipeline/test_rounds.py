"""A run of several rounds votes again as its last round left it, and ends with one adapter."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from calm.config import RunConfig
from calm.errors import CalmError
from calm.evaluation.report import rounds_report
from calm.exchange.archive import pack, unpack
from calm.pipeline.align import align, redo, run_stage
from calm.pipeline.context import Stopped
from calm.pipeline.costs import amount_of, costs
from calm.pipeline.enough import check_questions
from calm.pipeline.run_questions import chosen_questions, groups_of, split_of
from calm.runs.folder import Run, create_run
from calm.runs.rounds import end_round, part_of, round_of
from calm.study.share import take_over
from tests.fakes import FakeModel, training_of_nothing
from tests.pipeline.small_runs import HELD_OUT, SAMPLED, TRAIN, contents, context, stop_at

pytestmark = pytest.mark.usefixtures("small_steps")
RESULTS = ("evaluations.jsonl", "scores.jsonl", "rounds.jsonl", "comparisons.jsonl")
NewRounds = Callable[..., Run]


@pytest.fixture
def new_rounds(new_run: Callable[[str], Run]) -> NewRounds:
    config = new_run("one").config

    def new(name: str, rounds: int = 2, **told: Any) -> Run:
        train = replace(config.train, rounds=rounds, **told)
        return create_run(name, replace(config, train=train))

    return new


def test_each_round_samples_with_the_adapter_of_the_last_and_trains_it_on(
    new_rounds: NewRounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Path | None] = []
    real = training_of_nothing(1)

    def train(*given: Any, begin: Path | None, **told: Any) -> bool:
        begun.append(begin)
        return real(*given, **told)

    monkeypatch.setattr("calm.pipeline.stage_train.train", train)
    run = new_rounds("three", 3)
    align(context(run))
    first, second = part_of(run, 1), part_of(run, 2)
    assert begun == [None, first.adapter, second.adapter]
    assert run.adapter.is_dir() and run.status().state == "done"
    said = [[r.text for r in part.rows("responses")] for part in (first, second, run)]
    assert said[0] != said[1], "the model is another one"
    assert said[1] == said[2], "and this one knows no more than whether it has an adapter"
    assert len(said[2]) == TRAIN * 3 * 3
    assert run.metrics() and first.metrics()


def test_the_first_round_is_a_run_of_one_round(new_rounds: NewRounds, whole: Run) -> None:
    run = new_rounds("two")
    align(context(run))
    assert contents(part_of(run, 1), SAMPLED) == contents(whole, SAMPLED)
    assert not (whole.folder / "rounds").exists() and not whole.has("rounds")


def test_what_came_of_each_round_is_kept(new_rounds: NewRounds, whole: Run) -> None:
    run = new_rounds("two")
    align(context(run))
    first, last = run.rows("rounds")
    assert (first.number, last.number) == (1, 2)
    one = {
        (s.metric, s.model): s.value
        for s in whole.rows("scores")
        if (s.reading, s.language) == ("response", "all")
    }
    reached = (first.accuracy, first.consistency, first.efficacy)
    assert reached == tuple(one[m, "aligned"] for m in ("accuracy", "consistency", "efficacy"))
    votes = [vote for vote in whole.rows("votes") if vote.winner is not None]
    kept = [vote for vote in votes if vote.share >= 0.25]
    right = sum(vote.winner == int(vote.question_id[1:]) % 4 for vote in kept)
    assert (first.questions, first.kept, first.judged, first.right) == (
        TRAIN,
        len(kept),
        len(kept),
        right,
    )
    assert first.pairs == len(whole.rows("pairs")) and last.pairs == len(run.rows("pairs"))
    now = {(s.metric, s.model, s.reading, s.language): s.value for s in run.rows("scores")}
    assert last.accuracy == now["accuracy", "aligned", "response", "all"]
    assert last.efficacy == now["efficacy", "aligned", "response", "all"]
    table = rounds_report(run.rows("rounds"))
    assert f"| 1 | {TRAIN} | {len(kept)} | {right / len(kept):.3f} | {first.pairs} |" in table
    assert rounds_report([]) == ""


@pytest.mark.parametrize("moment", [5, 23, 40, 64])
def test_a_run_of_rounds_that_was_stopped_ends_as_one_that_was_not(
    moment: int, new_rounds: NewRounds
) -> None:
    whole, run = new_rounds("whole"), new_rounds("cut")
    align(context(whole))
    for at in (moment, moment + 7):
        try:
            align(context(run, should_stop=stop_at(at)))
        except Stopped:
            continue
    align(context(run))
    assert contents(run, (*SAMPLED, *RESULTS)) == contents(whole, (*SAMPLED, *RESULTS))
    assert contents(part_of(run, 1), SAMPLED) == contents(part_of(whole, 1), SAMPLED)


@pytest.mark.parametrize("killed_at", ["responses", "pairs", "adapter"])
def test_a_run_that_died_while_a_round_was_put_aside_goes_on(
    killed_at: str, new_rounds: NewRounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, run = new_rounds("whole"), new_rounds("cut")
    align(context(whole))
    name = "rename" if killed_at == "adapter" else "replace"
    real = getattr(Path, name)

    def dies(self: Path, target: Path) -> Any:
        if self.stem == killed_at and Path(target).parent.parent.name == "rounds":
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, name, dies)
    with pytest.raises(KeyboardInterrupt):
        align(context(run))
    assert round_of(run) == 1
    monkeypatch.setattr(Path, name, real)
    align(context(run))
    assert contents(run, (*SAMPLED, *RESULTS)) == contents(whole, (*SAMPLED, *RESULTS))


def test_stages_called_one_by_one_go_through_the_rounds(new_rounds: NewRounds) -> None:
    whole, run = new_rounds("whole"), new_rounds("by-hand")
    align(context(whole))
    once = ("sample", "extract", "vote", "pairs", "train")
    for name in ("questions", "translate", *once):
        run_stage(name, context(run))
    with pytest.raises(CalmError, match="needs train"):
        run_stage("evaluate", context(run))
    for name in (*once, "evaluate", "damage", "compare"):
        run_stage(name, context(run))
    assert contents(run, RESULTS) == contents(whole, RESULTS)


def test_until_a_stage_ends_in_the_round_it_is_in_and_until_train_after_all(
    new_rounds: NewRounds,
) -> None:
    run = new_rounds("two")
    align(context(run), "pairs")
    assert round_of(run) == 1 and run.has("pairs") and not run.adapter.exists()
    align(context(run), "train")
    assert round_of(run) == 2 and run.adapter.is_dir() and not run.has("scores")


def test_fresh_questions_are_each_round_s_own(new_rounds: NewRounds) -> None:
    run = new_rounds("fresh", 2, fresh_questions=True)
    align(context(run))
    first, last = ({r.question_id for r in p.rows("responses")} for p in (part_of(run, 1), run))
    assert not first & last and len(first | last) == TRAIN
    assert [row.questions for row in run.rows("rounds")] == [len(first), len(last)] == [4, 3]
    assert set(split_of(groups_of(run, 1), "train")) == first
    assert len(split_of(groups_of(run), "held-out")) == HELD_OUT


def test_too_few_questions_for_parts_are_told_before_anything_is_made(
    new_rounds: NewRounds,
) -> None:
    config = new_rounds("fresh", 4, fresh_questions=True).config
    with pytest.raises(CalmError, match="only 7 questions"):
        check_questions(config, chosen_questions(config))
    check_questions(new_rounds("same", 4).config, chosen_questions(config))


def test_a_method_of_choices_goes_through_its_rounds_without_a_vote(
    new_rounds: NewRounds,
) -> None:
    run = new_rounds("choices", 2, method="dco")
    align(context(run))
    assert [(row.kept, row.pairs, row.efficacy) for row in run.rows("rounds")] == [(0, 0, None)] * 2
    assert part_of(run, 1).adapter.is_dir() and run.adapter.is_dir()


def test_sampling_anew_begins_with_the_first_round_and_training_anew_is_of_the_last(
    new_rounds: NewRounds,
) -> None:
    run = new_rounds("again")
    align(context(run))
    before = contents(run, (*SAMPLED, *RESULTS))
    redo("train", run)
    assert round_of(run) == 2 and run.has("pairs") and not run.has("rounds")
    align(context(run))
    assert contents(run, (*SAMPLED, *RESULTS)) == before
    redo("sample", run)
    assert round_of(run) == 1 and not (run.folder / "rounds").exists()
    align(context(run))
    assert contents(run, (*SAMPLED, *RESULTS)) == before


def test_what_was_given_cannot_be_voted_on_again() -> None:
    train = replace(RunConfig().train, rounds=2)
    for given in ("imported", "pairs_given"):
        with pytest.raises(CalmError, match="2 rounds votes anew"):
            replace(RunConfig(train=train), **{given: True})


def test_more_rounds_cost_more(new_rounds: NewRounds) -> None:
    one, three = (amount_of(new_rounds(f"r{n}", n).config) for n in (1, 3))
    fresh = amount_of(new_rounds("fresh", 3, fresh_questions=True).config)
    assert one and three and fresh
    assert three.responses == 3 * one.responses and three.answers == 2 * one.answers
    assert one.responses < fresh.responses < 1.5 * one.responses, "parts are rounded up"
    units = [{p.stage: p.units for p in costs(RunConfig(), each)} for each in (one, three)]
    assert units[1]["train"] == 3 * units[0]["train"]


def test_a_study_shares_the_samples_of_a_first_round_alone(new_rounds: NewRounds) -> None:
    one, two = new_rounds("single", 1), new_rounds("double", 2)
    align(context(one))
    assert set(take_over(two, [one])) >= {"questions", "sample", "pairs"}
    align(context(two))
    other = new_rounds("other", 1, beta=0.3)
    assert "sample" not in take_over(other, [two])
    begun = new_rounds("begun", 2, beta=0.3)
    align(context(begun), "train")
    redo("extract", begun)
    assert "extract" not in take_over(begun, [one])


def test_a_finished_run_of_rounds_travels_as_one_that_was_finished(
    new_rounds: NewRounds, tmp_path: Path
) -> None:
    run = new_rounds("two")
    align(context(run))
    pack(run, tmp_path / "two.zip", with_adapter=False)
    opened = unpack(tmp_path / "two.zip", "opened")
    assert opened.rows("rounds") == run.rows("rounds") and round_of(opened) == 2
    assert not end_round(opened)


def test_a_model_that_fails_in_a_later_round_leaves_what_was_done(new_rounds: NewRounds) -> None:
    run = new_rounds("broken")
    align(context(run), "pairs")
    with pytest.raises(RuntimeError):
        align(context(run, FakeModel(fails_at=2)))
    assert round_of(run) == 2 and part_of(run, 1).adapter.is_dir()
    align(context(run))
    assert run.status().state == "done"
