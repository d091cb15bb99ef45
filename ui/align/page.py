"""The page `Align`: the settings of a new run, what it will cost, and its start."""

import hashlib
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import gradio as gr

from calm.config import (
    BUILT_IN,
    DEFAULT_LANGUAGES,
    PairsConfig,
    PairsSource,
    PromptFormat,
    RunConfig,
    SamplingConfig,
    TrainConfig,
)
from calm.errors import CalmError
from calm.paths import calm_home
from calm.pipeline.align import chosen_questions
from calm.questions.files import SUFFIXES
from calm.questions.sets import XCSQA, read_question_file
from calm.runs import jobs
from calm.runs.folder import Run, create_run
from ui.align.estimate import connect_estimate, estimate_panel, preset_choice
from ui.align.watch import Watch
from ui.ask.model_choice import checked_model, model_field
from ui.asking.form import native_names
from ui.parts.events import QUIET, TO_THE_TOP_OF, in_place, problem_place, seen_if
from ui.parts.models import NO_MODEL, Models
from ui.parts.rights import check_rights
from ui.parts.runs import checked_name, current_name, run_names
from ui.text.words import word

OWN_FILE = "file"
SETS = {BUILT_IN: "built_in", OWN_FILE: "file", XCSQA: "xcsqa"}
"""Question sets, and their keys among the words."""


@dataclass(frozen=True)
class AlignPage:
    """The components that the rest of the page connects to."""

    settings: list[Any]
    """The controls of a new run, its name first (see `form_values`)."""
    run: gr.Dropdown
    to_compare: gr.Button

    @property
    def new_name(self) -> gr.Textbox:
        return self.settings[0]  # type: ignore[no-any-return]

    @property
    def model(self) -> gr.Dropdown:
        return self.settings[1]  # type: ignore[no-any-return]


def align_page(models: Models) -> AlignPage:
    """Lay the page out and connect it."""
    with gr.Row(elem_classes="page"):
        with gr.Column(scale=2, min_width=320):
            preset = preset_choice()
            settings = _settings(models)
            estimate = estimate_panel(preset)
            look_first = gr.Button(
                word("align.look_first"), variant="primary", elem_id="align-look-button"
            )
            at_once = gr.Button(word("align.at_once"), elem_id="align-button")
            not_started = problem_place("align-not-started")
        with gr.Column(scale=5, min_width=320):
            watch = Watch()

    def starting(until: str | None) -> Callable[..., tuple[Any, ...]]:
        def start(request: gr.Request, *values: Any) -> tuple[Any, ...]:
            try:
                check_rights(request)
                if values[2] == OWN_FILE and values[3]:
                    read_question_file(Path(values[3]))  # one that is not right is not kept
                config = settings_from(checked_model(models, values[1]), *values[2:])
                run = start_alignment(checked_name(values[0]), config, until)
            except CalmError as problem:
                return in_place(problem, 2)
            return gr.Dropdown(run_names(), value=run.name), new_name(), ""

        return start

    def config_of(name: str, model: str, *values: Any) -> RunConfig:
        return shown_settings(checked_model(models, model), *values)

    for button, until in ((look_first, "pairs"), (at_once, None)):
        started = button.click(
            starting(until), settings, [watch.name, settings[0], not_started], **QUIET
        )
        started.success(None, not_started, js=TO_THE_TOP_OF % "align-run", **QUIET)
        started.success(watch.look_again, watch.name, watch.outputs, **QUIET)
    by_label = {control.elem_id: control for control in settings}
    filled = [by_label[f"align-{name}"] for name in ("train", "held-out", "samples", "epochs")]
    connect_estimate(
        models, estimate, settings, filled, settings[1], config_of, [watch.result.change]
    )
    return AlignPage(settings, watch.name, watch.compare)


def start_alignment(name: str, config: RunConfig, until: str | None = None) -> Run:
    """Make the run, or find it with the same settings, and start its alignment.

    It ends after the stage `until`, where one is given. Raises CalmError while another is being
    aligned, where the app has no model, and for a question file that is not right, before anything
    is made.
    """
    busy = jobs.running()
    if busy is not None:
        raise CalmError("run.one-at-a-time", run=busy.name)
    if config.model == NO_MODEL:
        raise CalmError("model.none-to-align")
    if config.question_set != XCSQA:
        chosen_questions(config)
    run = create_run(name, config)
    jobs.start(run, until)
    return run


def shown_settings(
    model: str, question_set: str, file: str | None, languages: Sequence[str], *values: Any
) -> RunConfig:
    """Return the settings that the controls stand for now, with nothing kept on the disk.

    Raises CalmError where one of them is empty or cannot be.
    """
    if None in values:
        raise CalmError("estimate.fill")
    if question_set == OWN_FILE and not file:
        raise CalmError("questions.no-file")
    chosen = file if question_set == OWN_FILE and file else question_set
    return settings_from(model, chosen, None, languages, *values)


def settings_from(
    model: str,
    question_set: str,
    file: str | None,
    languages: Sequence[str],
    max_train: int,
    max_held_out: int,
    num_samples: int,
    temperature: float,
    max_new_tokens: int,
    min_vote_share: float,
    pairs_source: PairsSource,
    learning_rate: float,
    num_train_epochs: float,
    beta: float,
    lora_r: int,
    seed: int,
    prompt_format: PromptFormat = "auto",
    thinking: bool = False,
    max_thinking_tokens: int = SamplingConfig.max_thinking_tokens,
) -> RunConfig:
    """Return the settings that the page's controls stand for; all others keep their defaults."""
    return RunConfig(
        model=model,
        question_set=kept_file(file) if question_set == OWN_FILE else question_set,
        languages=tuple(languages),
        max_train_questions=max_train or None,
        max_held_out_questions=max_held_out or None,
        sampling=SamplingConfig(
            num_samples=int(num_samples),
            temperature=temperature,
            max_new_tokens=int(max_new_tokens),
            seed=int(seed),
            prompt_format=prompt_format,
            thinking=thinking,
            max_thinking_tokens=int(max_thinking_tokens),
        ),
        pairs=PairsConfig(min_vote_share=min_vote_share, source=pairs_source),
        train=TrainConfig(
            learning_rate=learning_rate,
            num_train_epochs=num_train_epochs,
            beta=beta,
            lora_r=int(lora_r),
            seed=int(seed),
        ),
    )


def form_values(config: RunConfig) -> list[Any]:
    """Return what the page's controls show for these settings: `settings_from` turned round.

    A question file stays where it was uploaded and has to be chosen again.
    """
    own = config.question_set not in (BUILT_IN, XCSQA)
    return [
        config.model,
        OWN_FILE if own else config.question_set,
        None,
        list(config.languages),
        config.max_train_questions or 0,
        config.max_held_out_questions or 0,
        config.sampling.num_samples,
        config.sampling.temperature,
        config.sampling.max_new_tokens,
        config.pairs.min_vote_share,
        config.pairs.source,
        config.train.learning_rate,
        config.train.num_train_epochs,
        config.train.beta,
        config.train.lora_r,
        config.train.seed,
        config.sampling.prompt_format,
        config.sampling.thinking,
        config.sampling.max_thinking_tokens,
    ]


def kept_file(file: str | None) -> str:
    """Copy an uploaded question file to where it stays, so that its run can go on tomorrow."""
    if not file:
        raise CalmError("questions.no-file")
    source = Path(file)
    sum_of = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    kept = kept_files() / f"{sum_of}{source.suffix.lower()}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, kept)
    return str(kept)


def kept_files() -> Path:
    """Return the folder of the question files that were uploaded."""
    return calm_home() / "uploads"


def _settings(models: Models) -> list[Any]:
    """Lay the controls out as a path; return them as `settings_from` has them, the name first."""
    defaults = RunConfig()
    model = model_field(models, "model.field.align", "align-model")
    question_set = gr.Radio(
        [(word(f"align.set.{key}"), value) for value, key in SETS.items()],
        value=BUILT_IN,
        label=word("align.set"),
        elem_id="align-set",
        elem_classes="step",
    )
    file = gr.File(
        label=word("align.file"),
        file_types=list(SUFFIXES),
        visible="hidden",
        elem_id="align-file",
    )
    question_set.change(
        lambda chosen: gr.File(visible=seen_if(chosen == OWN_FILE)),
        question_set,
        file,
        **QUIET,
    )
    with gr.Row():
        max_train = _limit(word("align.max_train"), "align-train")
        max_held_out = _limit(word("align.max_held_out"), "align-held-out")
    languages = gr.CheckboxGroup(
        native_names(),
        value=list(DEFAULT_LANGUAGES),
        label=word("align.languages"),
        elem_classes="compact step",
        elem_id="align-languages",
    )
    num_samples, pairs_source = _samples_control(defaults), _source_control(defaults)
    name = gr.Textbox(
        label=word("align.name"),
        max_length=64,
        elem_id="align-name",
    )
    with gr.Accordion(word("align.how"), open=False):
        sampling, asked = _sampling_controls(defaults), _asking_controls(defaults)
        training = _training_controls(defaults)
    questions = [question_set, file, languages, max_train, max_held_out]
    return [name, model, *questions, num_samples, *sampling, pairs_source, *training, *asked]


def _limit(label: str, elem_id: str) -> gr.Number:
    return gr.Number(
        0,
        precision=0,
        minimum=0,
        label=label,
        info=word("align.zero_is_all"),
        min_width=120,
        elem_id=elem_id,
    )


def _samples_control(defaults: RunConfig) -> gr.Slider:
    return gr.Slider(
        1,
        16,
        defaults.sampling.num_samples,
        step=1,
        label=word("align.samples"),
        elem_id="align-samples",
        elem_classes="step",
    )


def _source_control(defaults: RunConfig) -> gr.Radio:
    return gr.Radio(
        [(word(f"align.source.{source}"), source) for source in get_args(PairsSource)],
        value=defaults.pairs.source,
        label=word("align.source"),
        info=word("align.source.info"),
        elem_id="align-pairs-source",
        elem_classes="step",
    )


def _sampling_controls(defaults: RunConfig) -> list[Any]:
    sampling, pairs = defaults.sampling, defaults.pairs
    return [
        gr.Slider(
            0,
            2,
            sampling.temperature,
            step=0.05,
            label=word("pick.temperature"),
            elem_id="align-temperature",
        ),
        gr.Number(
            sampling.max_new_tokens,
            precision=0,
            label=word("pick.tokens"),
            elem_id="align-tokens",
        ),
        gr.Slider(
            0,
            1,
            pairs.min_vote_share,
            step=0.05,
            label=word("align.share"),
            info=word("align.share.info"),
            elem_id="align-share",
        ),
    ]


def _asking_controls(defaults: RunConfig) -> list[Any]:
    """Lay out how a model is asked: in which form, and whether it may think first."""
    sampling = defaults.sampling
    return [
        gr.Radio(
            [(word(f"align.format.{form}"), form) for form in get_args(PromptFormat)],
            value=sampling.prompt_format,
            label=word("align.format"),
            elem_id="align-format",
            elem_classes="stacked",
        ),
        gr.Checkbox(
            sampling.thinking,
            label=word("align.thinking"),
            info=word("align.thinking.info"),
            elem_id="align-thinking",
        ),
        gr.Number(
            sampling.max_thinking_tokens,
            precision=0,
            label=word("align.max_thinking_tokens"),
            elem_id="align-thinking-tokens",
        ),
    ]


def _training_controls(defaults: RunConfig) -> list[Any]:
    train = defaults.train
    return [
        gr.Number(train.learning_rate, label=word("align.learning_rate"), elem_id="align-rate"),
        gr.Number(train.num_train_epochs, label=word("align.epochs"), elem_id="align-epochs"),
        gr.Number(
            train.beta,
            label=word("align.beta"),
            info=word("align.beta.info"),
            elem_id="align-beta",
        ),
        gr.Number(train.lora_r, precision=0, label=word("align.lora_r"), elem_id="align-r"),
        gr.Number(train.seed, precision=0, label=word("pick.seed"), elem_id="align-seed"),
    ]


def new_name() -> str:
    """Return a name for the next run, from the clock."""
    return time.strftime("align-%Y%m%d-%H%M%S")


def shown_run() -> gr.Dropdown:
    """Return the choice of runs with the running one, else the newest, in sight."""
    return gr.Dropdown(run_names(), value=current_name())
