"""What was recorded, in the form in which the pages show what is asked. Loads no model."""

import dataclasses
import re
import time
from collections.abc import Sequence
from pathlib import Path

from calm.asking.asked import Asked, voted
from calm.asking.store import FILES, AskedStore, ids_of, read_asked
from calm.errors import CalmError
from calm.model_names import called
from calm.pipeline.run_questions import groups_of
from calm.records import Evaluation, Question, Response
from calm.runs.folder import Run, list_runs
from ui.asking.readers import reader_version
from ui.parts.runs import changed_at, read_once
from ui.text.words import say

IDENTITY = re.compile(r"[0-9a-f]{16}")
QUESTION, WAS_ASKED = "question:", "asked:"
"""What a recorded question's key begins with: one of the run's own, or one asked on a page."""


def kept(store: AskedStore, seen: Asked) -> str:
    """Keep an answered question in the store and return its id; empty for one that was stopped."""
    return store.keep(dataclasses.replace(seen, asked_at=time.time())) if seen.vote else ""


def find_asked(store: AskedStore, identity: str) -> Asked:
    """Return the question of a link: from the store, else from the archives opened here.

    Raises CalmError where it is in none of them.
    """
    found = None
    if IDENTITY.fullmatch(identity):
        found = store.find(identity)
        opened = (run for run in list_runs() if found is None and run.is_opened)
        found = next(
            (rows[identity] for run in opened if identity in (rows := _linked(run))), found
        )
    if found is None:
        raise CalmError("link.gone")
    return found


def recorded_runs() -> list[Run]:
    """Return the runs whose questions can be replayed, the newest first."""
    return [run for run in list_runs() if run.has("answers") or any(changed_at(_asked_files(run)))]


def recorded_questions(run: Run) -> list[tuple[str, str]]:
    """Return (text, key) of every question with answers: those asked on a page come first."""
    asked = [
        (say("replay.asked", question=reader_version(row.versions).text), f"{WAS_ASKED}{identity}")
        for identity, row in _asked(run).items()
    ]
    own = [
        (reader_version(versions).text, f"{QUESTION}{identity}")
        for identity, (versions, _) in _answered(run).items()
    ]
    return asked + own


def replayed(run: Run, key: str) -> Asked:
    """Return a recorded question with its answers; raises CalmError where there is none."""
    if key.startswith(WAS_ASKED) and (row := _linked(run).get(key.removeprefix(WAS_ASKED))):
        return row
    found = _answered(run).get(key.removeprefix(QUESTION))
    if not key.startswith(QUESTION) or found is None:
        raise CalmError("run.unknown-question", run=run.name)
    versions, responses = found
    asked = _recorded(called(run.config.model), versions, responses)
    rows = run.rows("passages")
    shown = tuple(row for row in rows if row.question_id == versions[0].id)
    return voted(dataclasses.replace(asked, passages=shown))


def _recorded(model: str, versions: Sequence[Question], responses: Sequence[Response]) -> Asked:
    return Asked("done", model, versions=tuple(versions), responses=tuple(responses))


def replayed_both(
    evaluations: Sequence[Evaluation], versions: Sequence[Question], model: str, reading: str
) -> tuple[Asked, Asked]:
    """Return a held-out question as the base model and the aligned one answered it."""
    base, aligned = (
        voted(_recorded(model, versions, _responses(evaluations, versions, rows)))
        for rows in (("base", reading), ("aligned", reading))
    )
    return base, aligned


def _responses(
    evaluations: Sequence[Evaluation], versions: Sequence[Question], rows: tuple[str, str]
) -> list[Response]:
    by_language = {e.language: e for e in evaluations if (e.model, e.reading) == rows}
    return [
        Response(
            question.id,
            question.language,
            0,
            rows[0],
            by_language[question.language].text,
            tuple(range(len(question.choices))),
            by_language[question.language].answer,
            by_language[question.language].answer_span,
        )
        for question in versions
    ]


InRun = dict[str, tuple[tuple[Question, ...], tuple[Response, ...]]]


def _asked_files(run: Run) -> list[Path]:
    return [run.folder / name for name in FILES]


def _asked(run: Run) -> dict[str, Asked]:
    """Return what the run's model was asked on a page by id."""
    return {ids[0]: row for ids, row in _asked_in(run)}


def _linked(run: Run) -> dict[str, Asked]:
    """Return it by every id that a link may have for it."""
    return {identity: row for ids, row in _asked_in(run) for identity in ids}


@read_once(_asked_files, most=8)
def _asked_in(run: Run) -> list[tuple[list[str], Asked]]:
    return [(ids_of(row), row) for row in read_asked(run.folder)]


@read_once(lambda run: [run.path("answers")], most=8)
def _answered(run: Run) -> InRun:
    if not run.has("answers"):
        return {}
    rows: dict[str, list[Response]] = {}
    for response in run.rows("answers"):
        rows.setdefault(response.question_id, []).append(response)
    found: InRun = {}
    for identity, versions in groups_of(run).items():
        responses = tuple(rows.get(identity, ()))
        codes = {response.language for response in responses}
        if responses:
            found[identity] = tuple(q for q in versions.values() if q.language in codes), responses
    return found
