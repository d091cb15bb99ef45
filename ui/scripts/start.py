"""For scripts: what the page `Align` does before a run begins, under names of its own."""

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import api

from calm.config import BUILT_IN, RunConfig
from calm.errors import CalmError
from calm.pairs.files import SUFFIXES as PAIRS
from calm.pairs.lint.report import linted_file
from calm.pipeline.costs import amount_of, costs, total
from calm.pipeline.power import smallest_of
from calm.questions.files import SUFFIXES
from calm.questions.public_sets import OF_HUB
from ui.align.estimate import preset_of
from ui.align.form import settings_from
from ui.align.kept import has_name, kept_file, kept_files
from ui.align.page import start_alignment as start
from ui.ask.model_choice import checked_model
from ui.parts import lent_runs
from ui.parts.events import problems_shown
from ui.parts.models import Models
from ui.parts.rights import check_rights
from ui.parts.runs import checked_name
from ui.scripts.signature import with_settings

START = (
    *("run", "question_set", "languages", "max_train_questions", "pairs_source"),
    *("stop_before_training", "preset", "max_held_out_questions", "num_samples", "temperature"),
    *("max_new_tokens", "min_vote_share", "max_pairs_per_language", "learning_rate"),
    *("num_train_epochs", "lora_r", "beta", "seed", "model", "prompt_format", "thinking"),
    "max_thinking_tokens",
)
ESTIMATE = (
    *("question_set", "languages", "max_train_questions", "preset", "max_held_out_questions"),
    *("num_samples", "min_vote_share", "max_pairs_per_language", "num_train_epochs"),
)
"""Parameters whose places scripts rely on; every other setting comes behind them."""
UPLOADED = re.compile(rf"file:([0-9a-f]{{16}}(?:{'|'.join(map(re.escape, SUFFIXES))}))")
"""Stands for a question file that was uploaded; no path of the server can be named."""
UPLOADED_PAIRS = re.compile(rf"pairs:([0-9a-f]{{16}}(?:{'|'.join(map(re.escape, PAIRS))}))")


def add_start_api(models: Models) -> None:
    """Add the named functions to the page under construction."""

    def start_alignment(
        request: gr.Request,
        *,
        run: str,
        stop_before_training: bool = False,
        preset: str = "",
        model: str = "",
        pairs: str = "",
        **settings: Any,
    ) -> dict[str, Any]:
        """Start aligning on `built-in`, a public set, or what `upload_questions` returned.

        Public sets have names such as `belebele` (`calm questions sets` lists those of the Hub).

        Returns the status of the run. `votes`, people's `ballots`, or `both` make the pairs.
        Stopped before training, it goes on with `go_on_alignment`. 0 questions stand for all of
        them. A preset (`quick`, `balanced`, `thorough`) takes the place of both numbers of
        questions, of num_samples and of num_train_epochs. `model` is one that comes with the app,
        a folder on its machine or an id of the Hub; without it, the one that answers. `pairs` is
        what `upload_pairs` returned: these are trained on in place of votes, and what the set holds
        out is asked alone. The other settings are those of the command line. Refused where the app
        is read-only.

        Args:
            run: A new name for the run: letters, digits, `-` and `_`.
            stop_before_training: Stop once the pairs are made, to look at them first.
            preset: `quick`, `balanced` or `thorough`; empty to take the numbers given.
            model: Another model than the one that answers; empty for that one.
            pairs: What `upload_pairs` returned; empty to make pairs of the votes.
        """
        with problems_shown():
            check_rights(request)
            config = _config(models, settings, model, preset)
            until = "pairs" if stop_before_training else None
            file = _kept_pairs(pairs) if pairs else None
            return dataclasses.asdict(start(checked_name(run), config, until, file).status())

    def estimate_alignment(
        request: gr.Request, *, preset: str = "", model: str = "", **settings: Any
    ) -> dict[str, Any]:
        """Return what an alignment has to do and how many seconds that takes on this machine.

        The settings are those of `start_alignment`. `parts` has a row a stage with its units and
        seconds. Seconds are null where the machine is not measured yet (`measure_machine`),
        `amount` where the questions are not here yet. With `at_most`, no vote has told yet how
        many pairs to expect: it is the most. `smallest_change` tells which change in accuracy the
        held-out questions can show, as a share, with a power of 80% at a level of 5%; null where
        they are too few. `measured` tells whether the model's own answers went into it.

        Args:
            preset: `quick`, `balanced` or `thorough`; empty to take the numbers given.
            model: Another model than the one that answers; empty for that one.
        """
        with problems_shown():
            return _told(_config(models, settings, model, preset))

    def measure_machine(request: gr.Request) -> bool:
        """Measure how fast this machine is with the app's model, which takes minutes; return true.

        Refused while a run is being aligned, and where the app is read-only.
        """
        with problems_shown():
            check_rights(request)
            if models.is_absent:
                raise CalmError("model.none-to-align")
            lent_runs.measure(models.name)
            return True

    def upload_questions(file: str | None, request: gr.Request) -> str:
        """Keep a question file (JSON Lines or CSV) and return what names it as a question set.

        Refused where the app is read-only.
        """
        with problems_shown():
            check_rights(request)
            if not file or Path(file).suffix.lower() not in SUFFIXES:
                raise CalmError("questions.no-file")
            return f"file:{Path(kept_file(file)).name}"

    def upload_pairs(file: str | None, request: gr.Request) -> str:
        """Keep a file of preference pairs (JSON, JSON Lines or Parquet); return what names it.

        It may be TRL's, plain or conversational, LLaMA-Factory's or ShareGPT's. Refused where the
        app is read-only, and where no row is a pair.
        """
        with problems_shown():
            check_rights(request)
            if not file or Path(file).suffix.lower() not in PAIRS:
                raise CalmError("pairs-file.no-file")
            linted_file(Path(file))  # a wrong one is not kept
            return f"pairs:{Path(kept_file(file)).name}"

    with gr.Row(visible=False):
        given, named = gr.File(label="Questions"), gr.Textbox(label="Question set")
        gr.Button().click(upload_questions, given, named, api_name="upload_questions")
        pairs, kept = gr.File(label="Pairs"), gr.Textbox(label="Pairs kept")
        gr.Button().click(upload_pairs, pairs, kept, api_name="upload_pairs")
    api(with_settings(start_alignment, START), api_name="start_alignment")
    api(with_settings(estimate_alignment, ESTIMATE), api_name="estimate_alignment")
    api(measure_machine, api_name="measure_machine")


def _kept_pairs(named: str) -> Path:
    """Return the file of pairs that was uploaded under this name; raises CalmError for no such."""
    uploaded = UPLOADED_PAIRS.fullmatch(named)
    file = kept_files() / uploaded[1] if uploaded else None
    if file is None or not file.is_file():
        raise CalmError("pairs-file.no-file")
    return file


def _config(models: Models, settings: Mapping[str, Any], model: str, preset: str) -> RunConfig:
    """Return the settings that a script gave by name.

    Raises CalmError for another set or preset, and for a setting that cannot be.
    """
    question_set = settings["question_set"]
    uploaded = UPLOADED.fullmatch(question_set)
    file = kept_files() / uploaded[1] if uploaded else None
    if not (has_name(question_set) or (file and file.is_file())):
        sets = ", ".join((BUILT_IN, *OF_HUB))
        raise CalmError("questions.unknown", name=question_set[:40], sets=sets)
    named = checked_model(models, model) if model else models.name
    config = settings_from({**settings, "question_set": str(file or question_set), "model": named})
    return preset_of(config, preset) if preset else config


def _told(config: RunConfig) -> dict[str, Any]:
    amount = amount_of(config)
    parts = costs(config, amount) if amount else []
    shows = smallest_of(config, amount.held_out) if amount else None
    return {
        "amount": dataclasses.asdict(amount) if amount else None,
        "parts": [dataclasses.asdict(part) for part in parts],
        "seconds": total(parts) if amount else None,
        "at_most": amount is None or amount.at_most,
        "smallest_change": dataclasses.asdict(shows) if shows else None,
    }
