"""What was recorded, in the form in which the pages show what is asked. Loads no model."""

import functools
import re
import time
from collections.abc import Sequence
from pathlib import Path

from calm.asking.free_store import FreelyAsked, FreeStore, read_freely
from calm.asking.store import AskedQuestion, AskedStore, read_asked
from calm.config import SamplingConfig
from calm.errors import CalmError
from calm.exchange.archive import ASKED, ASKED_FREELY, AnyAsked
from calm.model_names import called
from calm.pipeline.align import groups_of
from calm.records import Evaluation, Question, Response
from calm.runs.folder import Run, list_runs
from ui.asking.cards import reader_version
from ui.asking.records import Answered, Asked
from ui.text.words import say

IDENTITY = re.compile(r"[0-9a-f]{16}")
QUESTION, WAS_ASKED = "question:", "asked:"
"""What a recorded question's key begins with: one of the run's own, or one asked on a page."""


def kept(store: AskedStore, seen: Asked, sampling: SamplingConfig) -> str:
    """Keep a finished question in the store and return its id; empty for one that was stopped."""
    if seen.vote is None:
        return ""
    return store.keep(
        AskedQuestion(
            seen.model,
            sampling,
            seen.versions,
            seen.responses,
            dict(seen.left_out),
            seen.vote,
            time.time(),
        )
    )


def restored(row: AnyAsked) -> Answered:
    """Return a question as it was asked."""
    if isinstance(row, FreelyAsked):
        return row.asked
    return Asked(
        "done", "", row.model, row.versions, row.responses, row.left_out, recorded=row.vote
    )


def find_asked(store: AskedStore, free_store: FreeStore, identity: str) -> AnyAsked:
    """Return the question of a link: from the stores, else from the archives opened here.

    Raises CalmError where it is in none of them.
    """
    found: AnyAsked | None = None
    if IDENTITY.fullmatch(identity):
        found = store.find(identity) or free_store.find(identity)
        opened = (run for run in list_runs() if found is None and run.is_opened)
        found = next((rows[identity] for run in opened if identity in (rows := _asked(run))), found)
    if found is None:
        raise CalmError(say("replay.gone"))
    return found


def recorded_runs() -> list[Run]:
    """Return the runs whose questions can be replayed, the newest first."""
    return [run for run in list_runs() if run.has("answers") or any(map(Path.is_file, _files(run)))]


def recorded_questions(run: Run) -> list[tuple[str, str]]:
    """Return (text, key) of every question with answers: those asked on a page come first."""
    asked = [
        (say("replay.asked", question=_text(row)), f"{WAS_ASKED}{identity}")
        for identity, row in _asked(run).items()
    ]
    own = [
        (reader_version(versions).text, f"{QUESTION}{identity}")
        for identity, (versions, _) in _answered(run).items()
    ]
    return asked + own


def _text(row: AnyAsked) -> str:
    return reader_version(restored(row).versions).text


def replayed(run: Run, key: str) -> Answered:
    """Return a recorded question with its answers; raises CalmError where there is none."""
    row = _asked(run).get(key.removeprefix(WAS_ASKED))
    if key.startswith(WAS_ASKED) and row is not None:
        return restored(row)
    found = _answered(run).get(key.removeprefix(QUESTION))
    if not key.startswith(QUESTION) or found is None:
        raise CalmError(say("replay.no-such", run=run.name))
    versions, responses = found
    return Asked("done", "", called(run.config.model), versions, responses)


def replayed_both(
    evaluations: Sequence[Evaluation], versions: Sequence[Question], model: str, reading: str
) -> tuple[Asked, Asked]:
    """Return a held-out question as the base model and the aligned one answered it."""
    base, aligned = (
        Asked("done", "", model, tuple(versions), tuple(_responses(evaluations, versions, rows)))
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


def _files(run: Run) -> list[Path]:
    return [run.folder / name for name in (ASKED, ASKED_FREELY)]


def _asked(run: Run) -> dict[str, AnyAsked]:
    """Return what the run's model was asked on a page, with choices or without, by id."""
    times = [path.stat().st_mtime_ns if path.is_file() else 0 for path in _files(run)]
    return _asked_in(run.folder, *times)


@functools.lru_cache(maxsize=8)
def _asked_in(folder: Path, *changed_at: int) -> dict[str, AnyAsked]:
    rows: list[AnyAsked] = [*read_asked(folder / ASKED), *read_freely(folder / ASKED_FREELY)]
    return {row.id: row for row in rows}


def _answered(run: Run) -> InRun:
    if not run.has("answers"):
        return {}
    return _answered_in(run, run.path("answers").stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _answered_in(run: Run, changed_at: int) -> InRun:
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
