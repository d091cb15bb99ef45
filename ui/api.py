"""The same for scripts: `gradio_client` and plain HTTP reach these under their names.

What a page shows as HTML comes as plain data here. Nothing here names a file on the server.
"""

import dataclasses
import threading
from typing import Any

import gradio as gr

from calm.asked import AskedStore
from calm.ballots import BallotBox
from calm.config import BUILT_IN, RunConfig, SamplingConfig
from calm.errors import CalmError
from calm.languages import language
from calm.questions import XCSQA, clean_text
from ui.align import start_alignment as start
from ui.asking import ask as ask_model
from ui.compare import read_finished
from ui.events import problems_shown
from ui.history import archived, deleted, history_rows, opened, renamed
from ui.models import Models
from ui.picking import order_for
from ui.records import Asked
from ui.replay import find_asked, kept, recorded_questions, replayed, restored
from ui.runs import checked_name, run_named, settled


def add_api(models: Models, box: BallotBox, store: AskedStore) -> None:
    """Add the named functions to the page under construction."""

    def ask(
        text: str, choices: list[str], language: str, languages: list[str], num_samples: int
    ) -> dict[str, Any]:
        """Ask a question in several languages; return every response, the vote, and a link's id."""
        with problems_shown():
            sampling = SamplingConfig(num_samples=num_samples)
            order = order_for(text, choices, language, languages, sampling)
            *_, asked = ask_model(models, order, threading.Event())
            return {**_told(asked), "id": kept(store, asked, sampling)}

    def asked_question(id: str) -> dict[str, Any]:
        """Return a question that was asked here, with its answers, by the id of its link."""
        with problems_shown():
            return _told(restored(find_asked(store, id)))

    def start_alignment(
        run: str, question_set: str, languages: list[str], max_train_questions: int
    ) -> dict[str, Any]:
        """Start aligning on `built-in` or `xcsqa`; 0 training questions stands for all of them."""
        with problems_shown():
            if question_set not in (BUILT_IN, XCSQA):
                raise CalmError(f"The question set is {question_set!r}, not {BUILT_IN} or {XCSQA}.")
            config = RunConfig(
                model=models.name,
                question_set=question_set,
                languages=tuple(languages),
                max_train_questions=max_train_questions or None,
            )
            return dataclasses.asdict(start(checked_name(run), config).status())

    gr.api(ask, api_name="ask", concurrency_limit=4)
    gr.api(start_alignment, api_name="start_alignment")
    gr.api(alignment_status, api_name="alignment_status")
    gr.api(compare_run, api_name="compare_run")
    gr.api(_cast_ballot(box), api_name="cast_ballot")
    gr.api(asked_question, api_name="asked_question")
    for function in (list_runs, rename_run, delete_run, list_recorded, replay):
        gr.api(function, api_name=function.__name__)
    _add_files(store)


def _add_files(store: AskedStore) -> None:
    """Add what takes or gives a file: only components carry files, so these have unseen ones."""

    def archive_run(run: str, with_adapter: bool, request: gr.Request) -> str:
        """Return a run as one file with everything needed to replay it without the model."""
        with problems_shown():
            return archived(store, run, with_adapter, request)

    def open_archive(file: str | None, name: str, request: gr.Request) -> str:
        """Make a run of an archive, under this name or its own; return the run's name."""
        with problems_shown():
            return opened(file, name, request)

    with gr.Row(visible=False):
        name, adapter = gr.Textbox(label="Run"), gr.Checkbox(True, label="With its adapter")
        given, made = gr.File(label="Archive"), gr.File(label="Archive made")
        gr.Button().click(archive_run, [name, adapter], made, api_name="archive_run")
        gr.Button().click(open_archive, [given, name], name, api_name="open_archive")


def alignment_status(run: str) -> dict[str, Any]:
    """Return how far an alignment is: stage, state, done of total, rate a second."""
    with problems_shown():
        return dataclasses.asdict(settled(run_named(run)).status())


def compare_run(run: str) -> dict[str, Any]:
    """Return a finished alignment's scores, and its answers before and after in both readings."""
    with problems_shown():
        found = read_finished(run)
        return {
            "scores": [dataclasses.asdict(row) for row in found.scores],
            "comparisons": {
                how: [dataclasses.asdict(row) for row in rows]
                for how, rows in found.comparisons.items()
            },
        }


def list_runs() -> list[dict[str, Any]]:
    """Return the runs, the newest first: state, settings, and the result in words."""
    with problems_shown():
        return [dataclasses.asdict(row) for row in history_rows()]


def rename_run(run: str, name: str, request: gr.Request) -> str:
    """Give a run another name and return it; for those who may change what lies here."""
    with problems_shown():
        return renamed(run, name, request)


def delete_run(run: str, typed_again: str, request: gr.Request) -> str:
    """Delete a run, its name given twice, and return it; for those who may change things."""
    with problems_shown():
        deleted(run, typed_again, request)
        return run


def list_recorded(run: str) -> list[list[str]]:
    """Return the text and the key of every question that a run recorded the answers of."""
    with problems_shown():
        return [[text, key] for text, key in recorded_questions(run_named(run))]


def replay(run: str, key: str) -> dict[str, Any]:
    """Return a recorded question with its responses and the vote across them."""
    with problems_shown():
        return _told(replayed(run_named(run), key))


def _told(asked: Asked) -> dict[str, Any]:
    told = dataclasses.asdict(asked)
    del told["recorded"]
    return {**told, "vote": _plain(asked.vote)}


def _cast_ballot(box: BallotBox) -> Any:
    def cast_ballot(
        voter: str, question: str, language_code: str, model: str, answer: str, opinion: str
    ) -> dict[str, int]:
        """Keep a voter's opinion (`up` or `down`) of an answer; return the tally of that answer."""
        with problems_shown():
            texts = [
                clean_text(value, name)
                for name, value in (
                    ("voter", voter),
                    ("question", question),
                    ("model", model),
                    ("answer", answer),
                )
            ]
            if "" in texts:
                raise CalmError("A ballot needs voter, question, model and answer.")
            by, asked, model_name, said = texts
            code = language(language_code).code
            box.cast(by, asked, code, model_name, said, opinion)  # type: ignore[arg-type]
            up, down = box.tally(asked, code, model_name, said)
            return {"up": up, "down": down}

    return cast_ballot


def _plain(row: Any) -> dict[str, Any] | None:
    return None if row is None else dataclasses.asdict(row)
