"""For scripts: what the page `Align` does before a run begins, under names of its own."""

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from calm.config import BUILT_IN, PairsConfig, RunConfig, SamplingConfig, TrainConfig
from calm.errors import CalmError
from calm.pipeline.costs import amount_of, costs, total
from calm.questions.files import SUFFIXES
from calm.questions.sets import XCSQA
from calm.runs import jobs
from ui.align.estimate import PRESETS, preset_of
from ui.align.page import kept_file, kept_files, settings_from
from ui.align.page import start_alignment as start
from ui.ask.model_choice import checked_model
from ui.parts.events import problems_shown
from ui.parts.models import Models
from ui.parts.rights import check_rights
from ui.parts.runs import checked_name

SAMPLING, PAIRS, TRAIN = SamplingConfig(), PairsConfig(), TrainConfig()
SETS = (BUILT_IN, XCSQA)
UPLOADED = re.compile(rf"file:([0-9a-f]{{16}}(?:{'|'.join(map(re.escape, SUFFIXES))}))")
"""Stands for a question file that was uploaded; no path of the server can be named."""


def add_start_api(models: Models) -> None:
    """Add the named functions to the page under construction."""

    def start_alignment(
        request: gr.Request,
        run: str,
        question_set: str,
        languages: list[str],
        max_train_questions: int,
        pairs_source: str = PAIRS.source,
        stop_before_training: bool = False,
        preset: str = "",
        max_held_out_questions: int = 0,
        num_samples: int = SAMPLING.num_samples,
        temperature: float = SAMPLING.temperature,
        max_new_tokens: int = SAMPLING.max_new_tokens,
        min_vote_share: float = PAIRS.min_vote_share,
        max_pairs_per_language: int = PAIRS.max_pairs_per_language,
        learning_rate: float = TRAIN.learning_rate,
        num_train_epochs: float = TRAIN.num_train_epochs,
        lora_r: int = TRAIN.lora_r,
        beta: float = TRAIN.beta,
        seed: int = TRAIN.seed,
        model: str = "",
        prompt_format: str = SAMPLING.prompt_format,
        thinking: bool = SAMPLING.thinking,
        max_thinking_tokens: int = SAMPLING.max_thinking_tokens,
    ) -> dict[str, Any]:
        """Start aligning on `built-in`, `xcsqa`, or what `upload_questions` returned.

        Returns the status of the run. `votes`, people's `ballots`, or `both` make the pairs.
        Stopped before training, it goes on with `go_on_alignment`. 0 questions stand for all of
        them. A preset (`quick`, `balanced`, `thorough`) takes the place of both numbers of
        questions, of num_samples and of num_train_epochs. `model` is one that comes with the app,
        a folder on its machine or an id of the Hub; without it, the one that answers. Refused where
        the app is read-only.
        """
        with problems_shown():
            check_rights(request)
            limits = (max_train_questions, max_held_out_questions)
            drawn = (num_samples, temperature, max_new_tokens)
            learnt = (learning_rate, num_train_epochs, beta, lora_r, seed)
            asked = (prompt_format, thinking, max_thinking_tokens)
            values = (*limits, *drawn, min_vote_share, pairs_source, *learnt, *asked)
            config = _settings(
                models, question_set, languages, values, max_pairs_per_language, preset
            )
            if model:
                config = dataclasses.replace(config, model=checked_model(models, model))
            until = "pairs" if stop_before_training else None
            return dataclasses.asdict(start(checked_name(run), config, until).status())

    def estimate_alignment(
        question_set: str,
        languages: list[str],
        max_train_questions: int,
        preset: str = "",
        max_held_out_questions: int = 0,
        num_samples: int = SAMPLING.num_samples,
        min_vote_share: float = PAIRS.min_vote_share,
        max_pairs_per_language: int = PAIRS.max_pairs_per_language,
        num_train_epochs: float = TRAIN.num_train_epochs,
    ) -> dict[str, Any]:
        """Return what an alignment has to do and how many seconds that takes on this machine.

        The settings are those of `start_alignment`; the others cost nothing. `parts` has a row a
        stage with its units and seconds. Seconds are null where the machine is not measured yet
        (`measure_machine`), `amount` where the questions are not here yet. With `at_most`, no
        vote has told yet how many pairs to expect: it is the most.
        """
        with problems_shown():
            limits = (max_train_questions, max_held_out_questions)
            drawn = (num_samples, SAMPLING.temperature, SAMPLING.max_new_tokens)
            learnt = (TRAIN.learning_rate, num_train_epochs, TRAIN.beta, TRAIN.lora_r, TRAIN.seed)
            values = (*limits, *drawn, min_vote_share, PAIRS.source, *learnt)
            return _told(
                _settings(models, question_set, languages, values, max_pairs_per_language, preset)
            )

    def measure_machine(request: gr.Request) -> bool:
        """Measure how fast this machine is with the app's model, which takes minutes; return true.

        Refused while a run is being aligned, and where the app is read-only.
        """
        with problems_shown():
            check_rights(request)
            if models.is_absent:
                raise CalmError("model.none-to-align")
            jobs.measure(models.name)
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

    with gr.Row(visible=False):
        given, named = gr.File(label="Questions"), gr.Textbox(label="Question set")
        gr.Button().click(upload_questions, given, named, api_name="upload_questions")
    for function in (start_alignment, estimate_alignment, measure_machine):
        gr.api(function, api_name=function.__name__)


def _settings(
    models: Models,
    question_set: str,
    languages: Sequence[str],
    values: Sequence[Any],
    max_pairs_per_language: int,
    preset: str,
) -> RunConfig:
    """Return the settings; `values` are in the order of `ui.align.page.settings_from`.

    Raises CalmError for another set or preset, and for a setting that cannot be.
    """
    uploaded = UPLOADED.fullmatch(question_set)
    file = kept_files() / uploaded[1] if uploaded else None
    if question_set not in SETS and not (file and file.is_file()):
        raise CalmError("questions.unknown", name=question_set[:40], sets=", ".join(SETS))
    if preset and preset not in PRESETS:
        raise CalmError("preset.unknown", name=preset[:40], presets=", ".join(PRESETS))
    config = settings_from(models.name, str(file or question_set), None, languages, *values)
    pairs = dataclasses.replace(config.pairs, max_pairs_per_language=max_pairs_per_language)
    config = dataclasses.replace(config, pairs=pairs)
    return preset_of(config, preset) if preset else config


def _told(config: RunConfig) -> dict[str, Any]:
    amount = amount_of(config)
    parts = costs(config, amount) if amount else []
    return {
        "amount": dataclasses.asdict(amount) if amount else None,
        "parts": [dataclasses.asdict(part) for part in parts],
        "seconds": total(parts) if amount else None,
        "at_most": amount is None or amount.at_most,
    }
