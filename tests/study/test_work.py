"""A study does its runs one after the other, shares what it can, and goes on after a stop."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from calm.errors import CalmError
from calm.pipeline import stage_evaluate
from calm.pipeline.align import align
from calm.pipeline.context import Context, OutOfTime, Stopped
from calm.runs import jobs
from calm.runs.folder import Run, create_run
from calm.study.folder import Study, create_study, list_studies, open_study, study_at
from calm.study.grid import Cell, cells
from calm.study.plan import plan_of
from calm.study.report import read_report, write_report
from calm.study.work import do_study
from tests.fakes import FakeModel, training_of_nothing
from tests.pipeline.small_runs import FILES, contents, stop_at
from tests.study.conftest import PLAN

Make = Callable[[], Study]
DIES = """
import os, sys
from pathlib import Path
from unittest.mock import patch
from calm.cli.parser import main
from tests.fakes import FakeModel, training_of_nothing
begun = []
def train(*given, **named):
    begun.append(1)
    if len(begun) == 2:
        os._exit(9)
    return training_of_nothing(2)(*given, **named)
with (
    patch("calm.pipeline.context.Context.model", lambda context: FakeModel()),
    patch("calm.pipeline.stage_train.train", train),
    patch("calm.pipeline.align.not_enough", lambda run: None),
):
    sys.exit(main(["study", sys.argv[1], "--name", "small"]))
"""


def runs_of(study: Study) -> dict[tuple[str, int], Run]:
    return {
        (arm, cell.seed): Run(study.folder / "runs" / cell.name)
        for cell in cells(study.plan)
        for arm in cell.arms
    }


def test_every_run_is_done_as_it_would_be_alone(study: Make) -> None:
    done = study()
    do_study(done)
    assert done.status().state == "done"
    for key, run in runs_of(done).items():
        alone = create_run("-".join(map(str, key)), run.config)
        align(Context(alone, _model=FakeModel()))
        assert contents(run) == contents(alone), key


def test_runs_of_the_same_settings_share_their_files(study: Make, models: list[FakeModel]) -> None:
    done = study()
    do_study(done)
    runs = runs_of(done)
    for seed in (0, 1):
        one, other = (runs[arm, seed] for arm in ("dpo", "other"))
        for name in ("questions", "responses", "answers", "votes", "pairs"):
            assert one.path(name).samefile(other.path(name)), name
        assert not one.path("evaluations").samefile(other.path("evaluations"))
    first, second = (runs["dpo", seed] for seed in (0, 1))
    assert first.path("questions").samefile(second.path("questions"))
    assert not first.path("responses").samefile(second.path("responses"))
    assert len(models) == 1, "one model answers for all runs"
    noted = {row.run: row for row in done.done().values()}
    assert noted[runs["other", 1].name].shared["base"] == runs["dpo", 1].name
    assert "sample" not in noted[runs["other", 1].name].seconds


def test_the_base_model_answers_once_for_all_runs_of_a_seed(
    study: Make, models: list[FakeModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    evaluate = stage_evaluate.evaluate

    def counted(model: Any, questions: list[Any], role: Any, *more: Any, **named: Any) -> Any:
        asked.extend([role] * len(questions))
        return evaluate(model, questions, role, *more, **named)

    monkeypatch.setattr(stage_evaluate, "evaluate", counted)
    do_study(study())
    assert asked.count("aligned") == 2 * asked.count("base")


def test_a_study_that_was_stopped_goes_on_where_it_was(study: Make) -> None:
    done = study()
    moment = 0
    while done.status().state != "done":
        moment += 25
        try:
            do_study(done, should_stop=stop_at(moment))
        except Stopped:
            assert done.status().state == "stopped"
    assert moment > 50, "it was stopped more than once"
    for run in runs_of(done).values():
        alone = create_run(f"alone-{run.name}", run.config)
        align(Context(alone, _model=FakeModel()))
        assert contents(run, FILES[:4]) == contents(alone, FILES[:4])
        assert run.rows("scores") == alone.rows("scores")


def test_a_study_whose_process_died_goes_on_where_it_was(study: Make, text: str) -> None:
    made = study()
    plan = made.folder / "plan.yaml"
    code = subprocess.run(
        [sys.executable, "-c", DIES, str(plan)], check=False, capture_output=True, text=True
    ).returncode
    assert code == 9
    assert made.status().state == "stopped", "its process is gone"
    first = made.made()[0]
    before = {name: first.path(name).stat().st_mtime_ns for name in ("responses", "scores")}
    do_study(made)
    assert made.status().state == "done"
    assert {name: first.path(name).stat().st_mtime_ns for name in before} == before
    assert all(made.is_done(cell, "compare") for cell in cells(made.plan))


def test_a_run_that_fails_is_told_and_the_others_go_on(
    study: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[int] = []

    def train(model: str, pairs: object, config: object, *more: object, **named: object) -> bool:
        trained.append(1)
        if len(trained) == 2:
            raise RuntimeError("no memory left")
        return training_of_nothing(2)(model, pairs, config, *more, **named)

    monkeypatch.setattr("calm.pipeline.stage_train.train", train)
    done = study()
    with pytest.raises(CalmError, match="1 of 4 runs have no result"):
        do_study(done, after=(write_report,))
    found = read_report(done)
    assert (found.done, found.runs, len(found.arms)) == (3, 4, 2)
    assert [row.problem for row in found.failed] == ["RuntimeError: no memory left"]
    do_study(done, after=(write_report,))
    assert read_report(done).failed == ()
    assert read_report(done).done == 4


def test_no_run_begins_after_the_hours_of_the_plan(
    text: str, models: list[FakeModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = create_study(plan_of(f"{text}limits: {{hours: 1}}", "small", "p"))
    monkeypatch.setattr("calm.study.work.Work._hours", 1.5)
    with pytest.raises(OutOfTime, match="hours of the plan have passed"):
        do_study(done)
    assert (done.status().state, done.made()) == ("stopped", [])


def test_a_plan_that_was_changed_needs_to_be_resumed(
    text: str, study: Make, models: list[FakeModel]
) -> None:
    do_study(study())
    more = plan_of(text.replace("[0, 1]", "[0, 1, 2]"), "small", "p")
    with pytest.raises(CalmError, match="--resume"):
        create_study(more)
    again = create_study(more, resume=True)
    before = {run.name: run.path("scores").stat().st_mtime_ns for run in again.made()}
    do_study(again)
    assert len(again.made()) == 6
    kept = {run.name: run.path("scores").stat().st_mtime_ns for run in again.made()}
    assert before.items() <= kept.items()


def test_a_study_may_end_before_training(text: str, models: list[FakeModel]) -> None:
    rules = text.replace("dpo: {method: dpo}", "plain: {rule: plurality}")
    rules = rules.replace("other: {method: ipo}", "weighed: {rule: dawid-skene}")
    done = create_study(plan_of(f"{rules}until: vote\n", "rules", "p"))
    do_study(done, after=(write_report,))
    runs = runs_of(done)
    assert not any(run.has("pairs") for run in runs.values())
    assert runs["plain", 0].path("answers").samefile(runs["weighed", 0].path("answers"))
    found = read_report(done)
    assert [list(arm.effects) for arm in found.arms] == [["vote"], ["vote"]]
    assert [said.key for said in found.sentences][-1] == "study.doubt.seeds"
    assert len(found.sentences) == 5


def test_one_process_works_on_a_study(study: Make) -> None:
    done = study()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        jobs._write_pid(done.job, other.pid)
        assert jobs.running() == done.job
        with pytest.raises(CalmError, match="Another process"):
            do_study(done)
        other.communicate(b"\n")
    assert jobs.running() is None


def test_a_torn_line_of_what_was_noted_is_left_out(study: Make) -> None:
    done = study()
    row = {"run": "a", "state": "done", "seconds": {"train": 2.0}, "shared": {}, "problem": ""}
    lines = [json.dumps(row), json.dumps(row), "[1]", '{"run": "b"', ""]
    done.job.path("cells").write_text("\n".join(lines))
    assert {name: row.seconds for name, row in done.done().items()} == {"a": {"train": 4.0}}


def test_studies_are_found_by_name_and_by_folder(study: Make, calm_home: object) -> None:
    assert list_studies() == []
    made = study()
    assert list_studies() == [made] == [open_study("small")] == [study_at(made.folder)]
    for name in ("../small", "none"):
        with pytest.raises(CalmError):
            open_study(name)
    with pytest.raises(CalmError):
        study_at(made.folder / "runs")


def test_names_of_runs_follow_from_their_settings(text: str) -> None:
    plan = plan_of(text, "small", "p")
    found: list[Cell] = cells(plan)
    assert found == cells(plan)
    assert all(os.sep not in cell.name and len(cell.name) < 64 for cell in found)
    assert PLAN.count("method") == 2
