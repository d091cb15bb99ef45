"""The page `Align`: start an alignment, watch its run folder, stop it, go on."""

import hashlib
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from calm import jobs
from calm.config import (
    BUILT_IN,
    DEFAULT_LANGUAGES,
    PairsConfig,
    PairsSource,
    RunConfig,
    SamplingConfig,
    TrainConfig,
)
from calm.errors import CalmError
from calm.home import calm_home
from calm.pipeline import STAGES
from calm.questions import XCSQA
from calm.report import report
from calm.runs import Run, create_run
from ui.align_views import color_key, metric_rows, progress
from ui.compare_views import result_box
from ui.events import QUIET, problems_shown
from ui.models import Models
from ui.picking import native_names
from ui.rights import check_rights
from ui.runs import checked_name, current_name, run_named, run_names, settled
from ui.views import note

OWN_FILE = "file"
SETS = [
    ("Built-in: 557 facts in eight languages", BUILT_IN),
    ("My own file", OWN_FILE),
    ("X-CSQA, from the Hugging Face Hub", XCSQA),
]
PAIR_SOURCES = [
    ("The vote of all languages", "votes"),
    ("Ballots of people", "ballots"),
    ("Both", "both"),
]
POLL_SECONDS = 2.0
LOOKS_AT_ONCE = 8
LOG_LINES = 30
LOSS = ("loss",)
REWARDS = ("rewards/margins", "rewards/chosen", "rewards/rejected")
REWARD_COLORS = {"margin": "#0f8a7e", "chosen": "#3f7fd0", "rejected": "#c8742c"}
NOTHING_YET = note("No alignment has been started yet. Its progress will be shown here.")


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


def align_page(models: Models) -> AlignPage:
    """Lay the page out and connect it."""
    with gr.Row(elem_classes="page"):
        with gr.Column(scale=2, min_width=320):
            settings = _settings()
            button = gr.Button("Align", variant="primary", elem_id="align-button")
        with gr.Column(scale=5, min_width=320):
            watch = _Watch()

    def start(request: gr.Request, *values: Any) -> gr.Dropdown:
        with problems_shown():
            check_rights(request)
            run = start_alignment(checked_name(values[0]), settings_from(models.name, *values[1:]))
        return gr.Dropdown(run_names(), value=run.name)

    def go_on(request: gr.Request, name: str | None) -> None:
        with problems_shown():
            check_rights(request)
            jobs.start(run_named(name or ""))

    def stop(request: gr.Request, name: str | None) -> None:
        with problems_shown():
            check_rights(request)
            jobs.stop(run_named(name or ""))
            gr.Info("It stops after the step it is in. What is done is kept.")

    button.click(start, settings, watch.name, **QUIET).success(
        watch.look_again, watch.name, watch.outputs, **QUIET
    )
    watch.go_on.click(go_on, watch.name, None, **QUIET).then(
        watch.look_again, watch.name, watch.outputs, **QUIET
    )
    watch.stop.click(stop, watch.name, None, **QUIET)
    return AlignPage(settings, watch.name, watch.compare)


def start_alignment(name: str, config: RunConfig) -> Run:
    """Make the run, or find it with the same settings, and start its alignment.

    Raises CalmError while another is being aligned, before anything is made.
    """
    busy = jobs.running()
    if busy is not None:
        raise CalmError(f"One alignment at a time: wait for the run {busy.name}, or stop it first.")
    run = create_run(name, config)
    jobs.start(run)
    return run


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
    ]


def kept_file(file: str | None) -> str:
    """Copy an uploaded question file to where it stays, so that its run can go on tomorrow."""
    if not file:
        raise CalmError("There is no file yet. Choose a JSONL or CSV file with your questions.")
    source = Path(file)
    sum_of = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    kept = calm_home() / "uploads" / f"{sum_of}{source.suffix.lower()}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, kept)
    return str(kept)


def _settings() -> list[Any]:
    """Lay the controls out, in the order of `settings_from` with the run's name before it."""
    defaults = RunConfig()
    question_set = gr.Radio(SETS, value=BUILT_IN, label="Questions", elem_id="align-set")
    file = gr.File(
        label="JSONL or CSV: id, split, language, text, choices, gold, topic",
        file_types=[".jsonl", ".csv"],
        visible=False,
        elem_id="align-file",
    )
    question_set.change(
        lambda chosen: gr.File(visible=chosen == OWN_FILE),
        question_set,
        file,
        **QUIET,
    )
    languages = gr.CheckboxGroup(
        native_names(),
        value=list(DEFAULT_LANGUAGES),
        label="Languages that vote and learn",
        elem_classes="compact",
        elem_id="align-languages",
    )
    with gr.Row():
        max_train = _limit("Training questions", "align-train")
        max_held_out = _limit("Held-out questions", "align-held-out")
    name = gr.Textbox(
        label="Name of the run",
        max_length=64,
        elem_id="align-name",
    )
    with gr.Accordion("How it is sampled, voted and trained", open=False):
        rest = [*_sampling_controls(defaults), *_training_controls(defaults)]
    return [name, question_set, file, languages, max_train, max_held_out, *rest]


def _limit(label: str, elem_id: str) -> gr.Number:
    return gr.Number(
        0, precision=0, minimum=0, label=label, info="0 is all", min_width=120, elem_id=elem_id
    )


def _sampling_controls(defaults: RunConfig) -> list[Any]:
    sampling, pairs = defaults.sampling, defaults.pairs
    return [
        gr.Slider(
            1,
            16,
            sampling.num_samples,
            step=1,
            label="Samples a question and language",
            elem_id="align-samples",
        ),
        gr.Slider(
            0,
            2,
            sampling.temperature,
            step=0.05,
            label="Temperature",
            elem_id="align-temperature",
        ),
        gr.Number(
            sampling.max_new_tokens,
            precision=0,
            label="Longest response, in tokens",
            elem_id="align-tokens",
        ),
        gr.Slider(
            0,
            1,
            pairs.min_vote_share,
            step=0.05,
            label="Smallest vote share that is trusted",
            info="Votes below it make no pairs. A higher share is right more often, on fewer "
            "questions.",
            elem_id="align-share",
        ),
        gr.Radio(
            PAIR_SOURCES,
            value=pairs.source,
            label="What makes pairs",
            info="With both, the vote makes none where people say something else (page Ballots).",
            elem_id="align-pairs-source",
        ),
    ]


def _training_controls(defaults: RunConfig) -> list[Any]:
    train = defaults.train
    return [
        gr.Number(train.learning_rate, label="Learning rate", elem_id="align-rate"),
        gr.Number(train.num_train_epochs, label="Epochs", elem_id="align-epochs"),
        gr.Number(
            train.beta,
            label="Beta",
            info="How close DPO stays to the base model: larger is closer",
            elem_id="align-beta",
        ),
        gr.Number(train.lora_r, precision=0, label="LoRA rank r", elem_id="align-r"),
        gr.Number(train.seed, precision=0, label="Seed", elem_id="align-seed"),
    ]


def new_name() -> str:
    """Return a name for the next run, from the clock."""
    return time.strftime("align-%Y%m%d-%H%M%S")


class _Watch:
    """The half of the page that shows a run. All it knows is what lies in the run's folder."""

    def __init__(self) -> None:
        self.name = gr.Dropdown([], label="Run shown", elem_id="align-run")
        self.panel = gr.HTML(NOTHING_YET, elem_id="align-progress", apply_default_css=False)
        with gr.Row():
            self.stop = gr.Button("Stop", visible=False, elem_id="align-stop")
            self.go_on = gr.Button("Go on", visible=False, elem_id="align-go-on")
            self.compare = gr.Button(
                "Compare before and after",
                variant="primary",
                visible=False,
                elem_id="align-compare",
            )
        self.result = gr.HTML("", elem_id="align-result", apply_default_css=False)
        with gr.Accordion("All numbers", open=False, visible=False) as self.more:
            self.numbers = gr.Markdown(elem_id="align-numbers")
        with gr.Row(visible=False) as self.plots:
            with gr.Column(min_width=300):
                self.loss = _plot("Loss", "align-loss", {"loss": REWARD_COLORS["margin"]})
            with gr.Column(min_width=300):
                self.rewards = _plot("Rewards", "align-rewards", REWARD_COLORS)
                gr.HTML(color_key(REWARD_COLORS), apply_default_css=False)
        with gr.Accordion("Log", open=False):
            self.log = gr.Textbox(
                label="Last lines of log.txt",
                lines=12,
                max_lines=12,
                interactive=False,
                autoscroll=True,
                elem_id="align-log",
            )
        self.seen = gr.State(None)
        self.outputs = [
            self.panel,
            self.stop,
            self.go_on,
            self.compare,
            self.result,
            self.more,
            self.numbers,
            self.plots,
            self.loss,
            self.rewards,
            self.log,
            self.seen,
        ]
        self.name.input(self.look_again, self.name, self.outputs, **QUIET)
        timer = gr.Timer(POLL_SECONDS)
        timer.tick(
            self.look,
            [self.name, self.seen],
            self.outputs,
            concurrency_limit=LOOKS_AT_ONCE,
            **QUIET,
        )

    def look_again(self, name: str | None) -> dict[Any, Any]:
        """Return everything there is to show of a run, by component."""
        return self.look(name, None)

    def look(self, name: str | None, seen: tuple[Any, ...] | None) -> dict[Any, Any]:
        """Return what is to be shown where the folder is not as it was last `seen`."""
        if not name:
            return {self.seen: None}
        try:
            run = settled(run_named(name))
            now = (name, jobs.is_running(run), run.status(), *map(_size, _growing(run)))
            return {self.seen: seen} if now == seen else self._shown(run, now)
        except CalmError as problem:  # in the panel: a message every two seconds helps nobody
            return {self.panel: note(str(problem), "warning"), self.seen: None}

    def _shown(self, run: Run, now: tuple[Any, ...]) -> dict[Any, Any]:
        _, alive, status, *_ = now
        done = status.state == "done"
        active = not done and (alive or status.state in ("queued", "running"))
        metrics, scores = run.metrics(), run.rows("scores") if done else []
        return {
            self.panel: progress(run.name, STAGES, status),
            self.stop: gr.Button(visible=active),
            self.go_on: gr.Button(visible=not active and not done),
            self.compare: gr.Button(visible=done),
            self.result: result_box(scores) if done else "",
            self.more: gr.Accordion(visible=done),
            self.numbers: report(scores, run.config.languages) if done else "",
            self.plots: gr.Row(visible=bool(metrics)),
            self.loss: metric_rows(metrics, LOSS),
            self.rewards: metric_rows(metrics, REWARDS),
            self.log: log_tail(run),
            self.seen: now,
        }


def _growing(run: Run) -> tuple[Path, Path]:
    return run.log, run.path("metrics")


def shown_run() -> gr.Dropdown:
    """Return the choice of runs with the running one, else the newest, in sight."""
    return gr.Dropdown(run_names(), value=current_name())


def log_tail(run: Run) -> str:
    """Return the last lines of the run's log."""
    if not run.log.is_file():
        return ""
    lines = run.log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-LOG_LINES:])


def _plot(title: str, elem_id: str, colors: dict[str, str]) -> gr.LinePlot:
    return gr.LinePlot(
        metric_rows([], LOSS),
        x="step",
        y="value",
        color="name",
        color_map=colors,
        x_title="step",
        y_title=" ",
        colors_in_legend=[],
        y_axis_format=".3~g",
        height=300,
        min_width=300,
        label=title,
        elem_id=elem_id,
        buttons=[],
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
