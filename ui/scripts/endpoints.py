"""What pages do, for scripts: `gradio_client` and plain HTTP reach these under their names.

What a page shows as HTML comes as plain data here. Nothing here names a file on the server.
"""

import dataclasses
import threading
from typing import Any, get_args

import gradio as gr
from gradio.events import api

from calm.asking.asked import Asked
from calm.asking.store import AskedStore
from calm.asking.verdict import verdict
from calm.config import SamplingConfig
from calm.evaluation.baselines import Learnt
from calm.records import Reading
from ui.asking.answerers import answerer, answerers, two_answerers
from ui.asking.damage_views import verdict_in_words
from ui.asking.finished import read_finished
from ui.asking.form import order_for, with_choices
from ui.asking.panel import progress
from ui.asking.replay import find_asked, kept, recorded_questions, replayed
from ui.asking.worker import ask as ask_model
from ui.asking.worker import ask_both as ask_two
from ui.ballots.page import ballots_file
from ui.parts.events import problems_shown
from ui.parts.models import Models
from ui.parts.runs import run_named
from ui.parts.use_it import adapter_file
from ui.runs.page import (
    ONE_PAGE,
    archived,
    deleted,
    history_rows,
    opened,
    renamed,
    written_page,
)
from ui.scripts.align import add_align_api
from ui.scripts.ballots import add_ballots_api
from ui.scripts.fix import add_fix_api
from ui.scripts.push import add_push_api
from ui.scripts.several import add_several_api
from ui.scripts.start import add_start_api
from ui.scripts.study import add_study_api
from ui.text.problems import worded


def add_api(models: Models, store: AskedStore) -> None:
    """Add the named functions to the page under construction."""

    def ask(
        text: str,
        choices: list[str],
        language: str,
        languages: list[str],
        num_samples: int,
        translate_online: bool = False,
        adapter: str = "",
    ) -> dict[str, Any]:
        """Ask a question in several languages; return every response, the vote, and a link's id.

        Without choices it is asked as `ask_freely` does. `verdict` tells what the vote amounts to:
        `agreed`, `no agreement`, `tied`, `alone` for one language, `unread`. With
        `translate_online` Google gets what has to be translated; without, the model does it.
        `adapter` is the run whose adapter answers, as `list_models` names it; none is the base
        model.

        Args:
            text: The question, in the language that `language` names.
            choices: What can be answered, two or more; an empty list asks without choices.
            language: Code of the question's language, such as `en`.
            languages: Codes of the languages to ask in, such as `en`, `fr`, `ja`.
            num_samples: How often each language is asked, 1 to 64.
            translate_online: Let Google translate; without, the model itself does.
            adapter: Run whose adapter answers, as `list_models` names it; empty for the base model.
        """
        with problems_shown():
            sampling = SamplingConfig(num_samples=num_samples)
            order = order_for(text, choices, language, languages, sampling, translate_online)
            who = answerer(models, adapter) if adapter else None
            *_, asked = ask_model(models, order, threading.Event(), who)
            return {**_told(asked), "id": kept(store, asked)}

    def ask_freely(
        text: str,
        language: str,
        languages: list[str],
        num_samples: int,
        translate_online: bool = False,
        adapter: str = "",
    ) -> dict[str, Any]:
        """Ask a question without choices in several languages.

        Returns every response with the index of its group as `answer`; the groups of answers that
        say the same, the largest first; what could not be compared, and why; the vote; and a
        link's id.

        Args:
            text: The question, in the language that `language` names.
            language: Code of the question's language, such as `en`.
            languages: Codes of the languages to ask in, such as `en`, `fr`, `ja`.
            num_samples: How often each language is asked, 1 to 64.
            translate_online: Let Google translate; without, the model itself does.
            adapter: Run whose adapter answers, as `list_models` names it; empty for the base model.
        """
        return ask(text, [], language, languages, num_samples, translate_online, adapter)

    def ask_both(
        text: str,
        choices: list[str],
        language: str,
        languages: list[str],
        num_samples: int,
        first: str,
        second: str,
        translate_online: bool = False,
    ) -> list[dict[str, Any]]:
        """Ask two models at once, with the same prompts and seeds; return what each answered.

        `first` and `second` are keys that `list_models` gives.

        Args:
            text: The question, in the language that `language` names.
            choices: What can be answered, two or more; an empty list asks without choices.
            language: Code of the question's language, such as `en`.
            languages: Codes of the languages to ask in, such as `en`, `fr`, `ja`.
            num_samples: How often each language is asked, 1 to 64.
            first: Key of one model, as `list_models` gives it.
            second: Key of the other model.
            translate_online: Let Google translate; without, the model itself does.
        """
        with problems_shown():
            sampling = SamplingConfig(num_samples=num_samples)
            order = order_for(text, choices, language, languages, sampling, translate_online)
            two = two_answerers(models, first, second)
            with_choices(order)
            *_, both = ask_two(models, order, two, threading.Event())
            return [_told(asked) for asked in both]

    def list_models() -> list[dict[str, str]]:
        """Return who can be asked: the base model first, then it with each finished adapter."""
        return [{"key": who.key, "name": who.name} for who in answerers(models)]

    def asked_question(id: str) -> dict[str, Any]:
        """Return a question that was asked here, with its answers, by the id of its link.

        Args:
            id: The id that `ask` returned, 16 hexadecimal digits.
        """
        with problems_shown():
            return _told(find_asked(store, id))

    api(ask, api_name="ask", concurrency_limit=4)
    api(ask_freely, api_name="ask_freely", concurrency_limit=4)
    api(ask_both, api_name="ask_both", concurrency_limit=4)
    api(list_models, api_name="list_models")
    api(compare_run, api_name="compare_run")
    api(asked_question, api_name="asked_question")
    add_ballots_api()
    for function in (list_runs, rename_run, delete_run, list_recorded, replay):
        api(function, api_name=function.__name__)
    _add_files(store)
    add_several_api()
    add_push_api()
    add_start_api(models)
    add_align_api()
    add_study_api()
    add_fix_api(models, store)


def _add_files(store: AskedStore) -> None:
    """Add what takes or gives a file: only components carry files, so these have unseen ones."""

    def archive_run(run: str, with_adapter: bool, with_asked: bool, request: gr.Request) -> str:
        """Return a run as one file with everything needed to replay it without the model.

        What its model was asked on the pages goes along `with_asked` alone, for those who may
        change what lies here.
        """
        with problems_shown():
            return archived(store, run, with_adapter, request, with_asked)

    def archive_html(run: str, with_asked: bool, request: gr.Request) -> str:
        """Return a run as one HTML file that replays it in any browser, without a server.

        What its model was asked on the pages goes along `with_asked` alone, for those who may
        change what lies here. It takes minutes for a large run.
        """
        with problems_shown():
            return written_page(store, run, request, with_asked)

    def export_adapter(run: str) -> str:
        """Return the adapter of a finished run as one file, with a card that tells how to load it.

        It is for transformers and PEFT, and needs nothing of CALM Studio.
        """
        with problems_shown():
            return adapter_file(run)

    def open_archive(file: str | None, name: str, request: gr.Request) -> str:
        """Make a run of an archive, under this name or its own; return the run's name."""
        with problems_shown():
            return opened(file, name, request)

    def export_ballots(form: str) -> str:
        """Return all ballots as one file: `csv`, `jsonl`, or preference `pairs`."""
        with problems_shown():
            return ballots_file(form)

    with gr.Row(visible=False):
        form = gr.Textbox(label="Format")
        name, adapter = gr.Textbox(label="Run"), gr.Checkbox(True, label="With its adapter")
        asked = gr.Checkbox(False, label="With what was asked")
        given, made = gr.File(label="Archive"), gr.File(label="Archive made")
        gr.Button().click(archive_run, [name, adapter, asked], made, api_name="archive_run")
        gr.Button().click(archive_html, [name, asked], made, api_name="archive_html", **ONE_PAGE)
        gr.Button().click(export_adapter, name, made, api_name="export_adapter")
        gr.Button().click(open_archive, [given, name], name, api_name="open_archive")
        gr.Button().click(export_ballots, form, made, api_name="export_ballots")


def compare_run(run: str) -> dict[str, Any]:
    """Return a finished alignment's scores, and its answers before and after in both readings.

    `baselines`, by reading, are ways to an answer without training beside both models, and `learnt`
    tells which share of what a vote knows is in the weights now. `damage` has what the alignment
    may have harmed, `ok`, `worse` or `not clear`, and a verdict in words.

    Args:
        run: Name of a finished run, as `list_runs` gives it.
    """
    with problems_shown():
        found = read_finished(run)
        ways = {how: found.ways(how) for how in get_args(Reading)}
        return {
            "scores": [dataclasses.asdict(row) for row in found.scores],
            "comparisons": {
                how: [dataclasses.asdict(row) for row in rows]
                for how, rows in found.comparisons.items()
            },
            "baselines": {
                how: [dataclasses.asdict(row) for row in way.baselines] for how, way in ways.items()
            },
            "learnt": {how: _learnt(way.learnt) for how, way in ways.items()},
            "damage": {
                "verdict": verdict_in_words(found.damage) if found.damage else "",
                "findings": [dataclasses.asdict(row) for row in found.damage],
            },
        }


def _learnt(found: Learnt | None) -> dict[str, Any] | None:
    return dataclasses.asdict(found) if found else None


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
    """Return the text and the key of every question that a run recorded the answers of.

    Args:
        run: Name of a run, as `list_runs` gives it.
    """
    with problems_shown():
        return [[text, key] for text, key in recorded_questions(run_named(run))]


def replay(run: str, key: str) -> dict[str, Any]:
    """Return a recorded question with its responses and the vote across them.

    Args:
        run: Name of a run, as `list_runs` gives it.
        key: Key of a question, as `list_recorded` gives it.
    """
    with problems_shown():
        return _told(replayed(run_named(run), key))


def _told(asked: Asked) -> dict[str, Any]:
    """Return a question as plain data; `groups` are the options that no choices gave it."""
    told = dataclasses.asdict(asked)
    for name in ("step", "at", "asked_at"):
        del told[name]
    options = [
        {**option, "count": found.count}
        for option, found in zip(told["options"], asked.options, strict=True)
    ]
    phase = "done" if asked.step == "done" else "stopped"
    groups = [] if asked.has_choices else options
    left_out = {code: worded(reason) for code, reason in asked.left_out.items()}
    how_far = {"phase": phase, "message": progress(asked), "left_out": left_out}
    how_far["verdict"] = verdict(asked)
    return {**told, **how_far, "options": options, "groups": groups}
