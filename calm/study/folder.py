"""The folder of a study: its plan, its runs, how it went with each of them, and its report.

    plan.yaml, runs/NAME/, cells.jsonl, status.json, log.txt, report.json, report.md, report.html

Its runs are run folders as any other. Its status, its log and the claim of the process that works
on it are those of a run folder too.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calm.errors import CalmError
from calm.messages import Message, message
from calm.paths import studies_folder
from calm.pipeline.stages import STAGES
from calm.records import State, Status
from calm.runs import jobs
from calm.runs.folder import NAME, Run, create_run, write_whole
from calm.study.grid import Cell, cells
from calm.study.plan import Plan, plan_of

PLAN, REPORT = "plan.yaml", "report"
"""Of the plan and, before their endings, of the three forms of the report."""
CELLS = "cells"
"""How it went with each run, a row each time that it was worked on."""


@dataclass(frozen=True)
class Done:
    """How it went with one run, all times that it was worked on taken together."""

    run: str
    state: State
    seconds: Mapping[str, float] = field(default_factory=dict)
    """What its stages took, by their names; those taken over are not among them."""
    shared: Mapping[str, str] = field(default_factory=dict)
    """The stages taken over, and from which run; `base` is what the base model answered."""
    problem: Message | str = ""
    """Why it ended without a result."""


@dataclass(frozen=True)
class Study:
    """A study that exists."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    def report(self, ending: str) -> Path:
        """Return the file of the report in one form: `json`, `md` or `html`."""
        return self.folder / f"{REPORT}.{ending}"

    @property
    def job(self) -> Run:
        """Its folder as that of the process that works on it: status, log, claim."""
        return Run(self.folder)

    @property
    def plan(self) -> Plan:
        """Raises CalmError where it cannot be read."""
        file = self.folder / PLAN
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise CalmError("file.unreadable", path=file, reason=error) from None
        return plan_of(text, self.name, str(file))

    def run_of(self, cell: Cell) -> Run:
        """Return the run of a cell, its folder made where there is none."""
        return create_run(str(self.folder / "runs" / cell.name), cell.config)

    def is_done(self, cell: Cell, until: str) -> bool:
        """Tell whether a run has done all up to this stage."""
        run = Run(self.folder / "runs" / cell.name)
        if not (run.folder / "config.json").is_file():
            return False
        stages = list(STAGES)
        return all(STAGES[name].is_done(run) for name in stages[: stages.index(until) + 1])

    def made(self) -> list[Run]:
        """Return the runs that have begun, the oldest first."""
        folders = [file.parent for file in (self.folder / "runs").glob("*/config.json")]
        return [Run(folder) for folder in sorted(folders, key=lambda path: path.stat().st_ctime)]

    def done(self) -> dict[str, Done]:
        """Return how it went with each run so far, by its name."""
        file = self.job.path(CELLS)
        found: dict[str, Done] = {}
        if not file.is_file():
            return found
        for line in file.read_bytes().split(b"\n"):
            row = _row(line)
            if row is not None:
                before = found.get(row.run, Done(row.run, "queued"))
                seconds = dict(before.seconds)
                for stage, took in row.seconds.items():
                    seconds[stage] = seconds.get(stage, 0.0) + took
                shared = {**before.shared, **row.shared}
                found[row.run] = Done(row.run, row.state, seconds, shared, row.problem)
        return found

    def status(self) -> Status:
        """Return how far it is; corrected where its process died without a word."""
        if (self.folder / jobs.PID_FILE).exists():
            jobs.settle(self.job)
        return self.job.status()


def _row(line: bytes) -> Done | None:
    """Return one line of what was noted; `None` for what is none, such as a torn one."""
    try:
        row: dict[str, Any] = json.loads(line)
        said = row.get("problem", "")
        problem = Message.from_json(said) if isinstance(said, dict) else str(said)
        seconds = {str(k): float(v) for k, v in row["seconds"].items()}
        shared = {str(k): str(v) for k, v in row["shared"].items()}
        state: State = row["state"]
        return Done(str(row["run"]), state, seconds, shared, problem)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def study_path(name: str) -> Path:
    """Return the folder of a study; raises CalmError for what cannot be its name."""
    if not NAME.fullmatch(name):
        raise CalmError("run.bad-name", name=repr(name))
    return studies_folder() / name


def create_study(plan: Plan, resume: bool = False) -> Study:
    """Make the folder of a study and return it; one that is there with this plan goes on.

    With `resume` a changed plan takes the place of the old one: runs that both have are kept.
    Raises CalmError where it is there with another plan, and as `cells` does.
    """
    study = Study(study_path(plan.name))
    cells(plan)  # before anything is made: a plan that is not right leaves nothing
    file = study.folder / PLAN
    if file.is_file() and file.read_text(encoding="utf-8") != plan.text and not resume:
        raise CalmError("study.other-plan", name=plan.name)
    study.folder.mkdir(parents=True, exist_ok=True)
    write_whole(file, plan.text)
    return study


def open_study(name: str) -> Study:
    """Return the study of that name; raises CalmError where there is none."""
    study = Study(study_path(name))
    if not (study.folder / PLAN).is_file():
        raise CalmError("study.none", name=name)
    return study


def study_at(folder: Path) -> Study:
    """Return the study whose folder that is; raises CalmError where it is none."""
    study = open_study(folder.resolve().name)
    if study.folder.resolve() != folder.resolve():
        raise CalmError("study.none", name=str(folder))
    return study


def list_studies() -> list[Study]:
    """Return the studies there are, the newest first."""
    folders = [file.parent for file in studies_folder().glob(f"[!.]*/{PLAN}")]
    folders.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
    return [Study(folder) for folder in folders if NAME.fullmatch(folder.name)]


def start_study(study: Study) -> None:
    """Start a study as a process of its own, or let it go on.

    Raises CalmError while something else is being aligned.
    """
    busy = jobs.running()
    if busy is not None:
        raise CalmError("run.busy", run=busy.name)
    study.job.set_status(CELLS, "queued", message=message("status.starting"))
    jobs.start_command(study.job, "study")
