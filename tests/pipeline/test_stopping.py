"""A run that was stopped, failed or was cut off ends as one that was not."""

from collections.abc import Callable

import pytest

from calm.errors import CalmError
from calm.pipeline.align import align, redo, run_stage
from calm.pipeline.context import Stopped
from calm.pipeline.stage_train import forget_metrics_behind
from calm.runs.folder import Run
from tests.fakes import FakeModel
from tests.pipeline.small_runs import TRAIN, contents, context, stop_at

pytestmark = pytest.mark.usefixtures("small_steps")


def test_a_run_stopped_at_any_moment_and_continued_ends_as_one_that_was_not(
    whole: Run, new_run: Callable[[str], Run]
) -> None:
    stopped_in = []
    for moment in range(1, 1000):
        run = new_run(f"stopped-{moment}")
        try:
            align(context(run, should_stop=stop_at(moment)))
        except Stopped:
            stopped_in.append(run.status().stage)
            align(context(run))
            assert contents(run) == contents(whole), moment
        else:
            break
    assert {"sample", "train", "evaluate"} <= set(stopped_in)
    assert stopped_in.count("sample") >= TRAIN // 2


def test_a_run_whose_model_fails_at_any_call_and_continued_ends_as_one_that_did_not(
    whole: Run, new_run: Callable[[str], Run]
) -> None:
    failed = 0
    for call in range(1, 1000):
        run = new_run(f"failed-{call}")
        try:
            align(context(run, FakeModel(fails_at=call)))
        except RuntimeError:
            failed += 1
            align(context(run))
            assert contents(run) == contents(whole), call
        else:
            break
    assert failed > TRAIN // 2


def test_what_was_logged_behind_the_step_that_a_training_goes_on_from_is_forgotten(
    new_run: Callable[[str], Run],
) -> None:
    run = new_run("metrics")
    for step in (1, 2, 3):
        run.append_json("metrics", {"step": step, "loss": 0.5})
    forget_metrics_behind(run, 2)
    assert [row["step"] for row in run.metrics()] == [1, 2]
    forget_metrics_behind(run, 0)
    assert not run.has("metrics")
    forget_metrics_behind(run, 0)


def test_a_run_asked_to_stop_before_it_begins_does_nothing(new_run: Callable[[str], Run]) -> None:
    run = new_run("early")
    with pytest.raises(Stopped):
        align(context(run, should_stop=lambda: True))
    assert not run.has("questions")


def test_a_run_stopped_time_and_again_ends_as_one_that_was_not(
    whole: Run, new_run: Callable[[str], Run]
) -> None:
    run = new_run("often")
    for _ in range(100):
        try:
            align(context(run, should_stop=stop_at(5)))
        except Stopped:
            continue
        break
    align(context(run))
    assert contents(run) == contents(whole)


@pytest.mark.parametrize("kept", [0, 1, 17, 18, 19, 62])
def test_responses_cut_off_anywhere_are_completed_to_the_same_file(
    whole: Run, new_run: Callable[[str], Run], kept: int
) -> None:
    run = new_run("cut")
    run_stage("questions", context(run))
    lines = (whole.folder / "responses.jsonl").read_bytes().splitlines(keepends=True)
    torn = lines[kept][: len(lines[kept]) // 2]
    (run.folder / "responses.jsonl").write_bytes(b"".join(lines[:kept]) + torn)
    align(context(run))
    assert contents(run) == contents(whole)


@pytest.mark.parametrize("kept", [0, 1, 11, 12, 13, 30, 47])
def test_evaluations_cut_off_anywhere_are_completed_to_the_same_file(whole: Run, kept: int) -> None:
    before = contents(whole)
    redo("compare", whole)
    whole.path("scores").unlink()
    lines = whole.path("evaluations").read_bytes().splitlines(keepends=True)
    torn = lines[kept][: len(lines[kept]) // 2]
    whole.path("evaluations").write_bytes(b"".join(lines[:kept]) + torn)
    align(context(whole))
    assert contents(whole) == before


@pytest.mark.parametrize("call", [3, 7, 15], ids=["in sampling", "of what was taught", "held out"])
def test_what_was_answered_before_a_failure_is_not_asked_again(
    new_run: Callable[[str], Run], call: int
) -> None:
    once, first, second = FakeModel(), FakeModel(fails_at=call), FakeModel()
    align(context(new_run("once"), once))
    run = new_run("twice")
    with pytest.raises(RuntimeError):
        align(context(run, first))
    align(context(run, second))
    assert len(run.rows("evaluations")) == len(new_run("once").rows("evaluations"))
    assert (first.calls - 1) + second.calls == once.calls == 18


def test_a_finished_run_does_nothing_more(whole: Run) -> None:
    before = contents(whole)
    model = FakeModel()
    align(context(whole, model))
    assert model.calls == 0
    assert contents(whole) == before


def test_a_stage_that_is_half_done_is_not_done(new_run: Callable[[str], Run], whole: Run) -> None:
    run = new_run("half")
    for name in ("questions", "translate"):
        run_stage(name, context(run))
    run.append("responses", whole.rows("responses")[:-1])
    with pytest.raises(CalmError, match="needs sample, which is not finished"):
        run_stage("extract", context(run))
