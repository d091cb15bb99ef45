"""For scripts: a question that was asked is taught to the model, and the lesson is taken back."""

import dataclasses
from typing import Any

import gradio as gr
from gradio.events import api

from calm.asking.store import AskedStore
from calm.config import RunConfig
from calm.errors import CalmError
from calm.fixing import patch
from calm.fixing.taught import edit_of
from calm.languages.table import LANGUAGES
from calm.messages import in_english
from calm.records import Question
from calm.runs import jobs
from calm.runs.folder import Run, delete_run, run_path
from ui.asking.replay import find_asked
from ui.parts.events import problems_shown
from ui.parts.models import Models
from ui.parts.rights import check_rights
from ui.parts.runs import checked_name, run_named, settled


def add_fix_api(models: Models, store: AskedStore) -> None:
    """Add the named functions to the page under construction."""

    def fix_question(
        id: str, request: gr.Request, answer: int = 0, patch_name: str = patch.PATCH
    ) -> dict[str, Any]:
        """Teach the model the answer that the languages agree on; return the status of the patch.

        The question is one that was asked here with choices. It joins the patch, whose edits are
        all trained together; `alignment_status` tells how far that is, `read_fix` what it did.
        Refused where the app is read-only, while something is aligned, and, unless you give an
        answer, where the languages do not agree.

        Args:
            id: The id that `ask` returned, 16 hexadecimal digits.
            answer: The choice to teach, counted from 1; 0 teaches what the languages vote for.
            patch_name: The run that keeps the edits: letters, digits, `-` and `_`.
        """
        with problems_shown():
            check_rights(request)
            if models.is_absent:
                raise CalmError("model.none-to-align")
            name = checked_name(patch_name)
            asked = find_asked(store, id)
            taught = edit_of(asked, answer - 1 if answer else None)
            return _status(start_fix(name, models.name, taught))

    def undo_fix(patch_name: str, request: gr.Request) -> dict[str, Any] | None:
        """Take the last edit of a patch out; return the status, null once no edit is left.

        The edits before it are trained anew. Without the patch the model answers as ever: it was
        never changed itself. Refused where the app is read-only.

        Args:
            patch_name: The run that keeps the edits.
        """
        with problems_shown():
            check_rights(request)
            run = undo_last(checked_name(patch_name))
            return _status(run) if run else None

    api(fix_question, api_name="fix_question")
    api(undo_fix, api_name="undo_fix")
    api(read_fix, api_name="read_fix")


def read_fix(patch_name: str) -> dict[str, Any]:
    """Return what a patch did: its edits, the answers before and after, and its gauges.

    Each gauge, efficacy, generality or locality, is a share before and after, of `n` answers, by
    language and for `all` of them, in both readings.

    Args:
        patch_name: The run that keeps the edits.
    """
    with problems_shown():
        run = run_named(patch_name)
        rows = {name: run.rows(name) for name in ("edits", "efficacy", "gauges")}
        return {
            "status": in_english(dataclasses.asdict(settled(run).status())),
            "edits": [_told(run, row) for row in rows["edits"]],
            "answers": [dataclasses.asdict(row) for row in rows["efficacy"]],
            "gauges": [dataclasses.asdict(row) for row in rows["gauges"]],
        }


def start_fix(name: str, model: str, taught: patch.Taught) -> Run:
    """Add an edit to a patch, made where there is none, and let it be trained; return the run."""
    codes = {question.language for question in taught.versions}
    languages = tuple(code for code in LANGUAGES if code in codes)
    there = (run_path(name) / "config.json").exists()
    run = patch.open_patch(name, None if there else RunConfig(model=model, languages=languages))
    try:
        jobs.check_start(run)
        patch.add_edits(run, [_in_languages(taught, run.config)])
        jobs.start_command(run, "fix", by="--patch")
    except CalmError:
        if not run.rows("edits"):
            delete_run(run)
        raise
    return run


def undo_last(name: str) -> Run | None:
    """Take the last edit of a patch out and have the others trained; `None` where none is left."""
    run = patch.open_patch(name)
    jobs.check_start(run)
    patch.undo(run)
    if not run.folder.is_dir():
        return None
    jobs.start_command(run, "fix", by="--patch")
    return run


def _in_languages(taught: patch.Taught, config: RunConfig) -> patch.Taught:
    """Return an edit in those of its languages that the patch has."""

    def kept(questions: tuple[Question, ...]) -> tuple[Question, ...]:
        return tuple(q for q in questions if q.language in config.measured_languages)

    return dataclasses.replace(
        taught, versions=kept(taught.versions), reworded=kept(taught.reworded)
    )


def _told(run: Run, edit: Any) -> dict[str, Any]:
    versions = [q for q in run.rows("questions") if q.id == edit.question_id]
    return {**dataclasses.asdict(edit), "versions": [dataclasses.asdict(q) for q in versions]}


def _status(run: Run) -> dict[str, Any]:
    return {"patch": run.name, **in_english(dataclasses.asdict(run.status()))}
