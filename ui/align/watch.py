"""The half of the page `Align` that shows a run: how far it is, what happened, its result."""

from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from calm.errors import CalmError
from calm.pipeline.costs import amount_of_run, costs
from calm.pipeline.enough import not_enough
from calm.pipeline.review import can_be_looked_at
from calm.pipeline.stages import STAGES
from calm.runs import jobs
from calm.runs.events import EVENTS, last_events
from calm.runs.folder import Run
from ui.align.look import Look
from ui.align.translations import Translations
from ui.align.views import event_list, progress
from ui.asking.compare_views import result_box, tables_of_all
from ui.parts import lent_runs
from ui.parts.curves import training_plots
from ui.parts.events import QUIET, problem_place, said_of, visibility
from ui.parts.html import html_place, note, note_word, warning
from ui.parts.rights import check_rights
from ui.parts.runs import run_named, settled
from ui.parts.use_it import UseIt
from ui.text.words import say, word

POLL_SECONDS = 2.0
LOOKS_AT_ONCE = 8
LOG_LINES = 30
EVENTS_SHOWN = 40
NO_RUN = ("no run",)
"""Seen where there is no run to show."""


class Watch:
    """All it knows is what lies in the run's folder."""

    def __init__(self) -> None:
        self.name = gr.Dropdown([], label=word("align.run"), elem_id="align-run")
        self.panel = html_place(note_word("align.nothing_yet"), elem_id="align-progress")
        with gr.Row():
            self.stop = gr.Button(word("common.stop"), visible="hidden", elem_id="align-stop")
            self.go_on = gr.Button(word("align.go_on"), visible="hidden", elem_id="align-go-on")
            self.compare = gr.Button(
                word("align.to_compare"),
                variant="primary",
                visible="hidden",
                elem_id="align-compare",
            )
        self.problem = problem_place("align-problem")
        self.waiting = gr.State("")
        """Names what waits to be looked at: a run and when its pairs were made."""
        self.translations = Translations(self.name, self.waiting)
        self.result = html_place(elem_id="align-result")
        use = UseIt("align")
        look = Look(self.name, self.waiting)
        with gr.Accordion(word("align.numbers"), open=False, visible="hidden") as self.more:
            self.numbers = html_place(elem_id="align-numbers")
        self.plots = html_place(elem_id="align-plots")
        with gr.Accordion(word("align.log"), open=False):
            self.events = html_place(elem_id="align-events")
        with gr.Accordion(word("align.log.technical"), open=False):
            self.log = gr.Textbox(
                label=word("align.log.lines"),
                lines=12,
                max_lines=12,
                interactive=False,
                autoscroll=True,
                elem_id="align-log",
            )
        self.seen = gr.State(None)
        self.outputs = [
            *(self.panel, self.stop, self.go_on, self.compare, self.result, self.waiting),
            self.translations.drawer,
            *(self.more, self.numbers, self.plots, self.events, self.log, self.seen),
        ]
        self._connect(look)
        use.connect(self.name, self.result.change)

    def _connect(self, look: Look) -> None:
        self.name.input(self.look_again, self.name, self.outputs, **QUIET)
        timer = gr.Timer(POLL_SECONDS)
        timer.tick(
            self.look,
            [self.name, self.seen],
            self.outputs,
            concurrency_limit=LOOKS_AT_ONCE,
            **QUIET,
        )
        for button, place in ((self.go_on, self.problem), (look.train, look.not_trained)):
            button.click(go_on, self.name, place, **QUIET).then(
                self.look_again, self.name, self.outputs, **QUIET
            )
        look.gate_applied.then(self.look_again, self.name, self.outputs, **QUIET)
        self.translations.kept.then(self.look_again, self.name, self.outputs, **QUIET)
        self.stop.click(stop, self.name, self.problem, **QUIET)
        self.name.change(lambda: ("", ""), None, [self.problem, look.not_trained], **QUIET)

    def look_again(self, name: str | None) -> dict[Any, Any]:
        """Return everything there is to show of a run, by component."""
        return self.look(name, None)

    def look(self, name: str | None, seen: tuple[Any, ...] | None) -> dict[Any, Any]:
        """Return what is to be shown where the folder is not as it was last `seen`."""
        if not name:
            nothing = {
                self.panel: note(say("align.nothing_yet")),
                self.waiting: "",
                self.plots: "",
                self.translations.drawer: gr.Accordion(visible="hidden"),
            }
            return {**({} if seen == NO_RUN else nothing), self.seen: NO_RUN}
        try:
            run = settled(run_named(name))
            now = (name, jobs.is_running(run), run.status(), *map(_size, _growing(run)))
            return {self.seen: seen} if now == seen else self._shown(run, now)
        except CalmError as problem:  # in the panel: a message every two seconds helps nobody
            return {self.panel: warning(problem), self.waiting: "", self.seen: None}

    def _shown(self, run: Run, now: tuple[Any, ...]) -> dict[Any, Any]:
        _, alive, status, *_ = now
        done = status.state == "done"
        active = not done and (alive or status.state in ("queued", "running"))
        waits = not active and can_be_looked_at(run)
        problem = _untrainable(run) if waits else None
        metrics, scores = run.metrics(), run.rows("scores") if done else []
        ahead = {} if done else seconds_ahead(run)
        return {
            self.panel: progress(run.name, list(STAGES), status, ahead, waits, problem),
            self.stop: gr.Button(visible=visibility(active)),
            self.go_on: gr.Button(visible=visibility(not (active or done or waits))),
            self.compare: gr.Button(visible=visibility(done)),
            self.result: result_box(scores) if done else "",
            self.waiting: waiting_for(run) if waits else "",
            self.translations.drawer: self.translations.label(run),
            self.more: gr.Accordion(visible=visibility(done)),
            self.numbers: tables_of_all(scores, run.config.measured_languages),
            self.plots: training_plots(metrics),
            self.events: event_list(last_events(run, EVENTS_SHOWN)),
            self.log: log_tail(run),
            self.seen: now,
        }


def go_on(request: gr.Request, name: str | None) -> Markup:
    """Let a run go on where it stopped, for those who may; return what is wrong."""

    def act() -> None:
        check_rights(request)
        lent_runs.start(run_named(name or ""))

    return said_of(act)


def stop(request: gr.Request, name: str | None) -> Markup:
    """Ask a run to stop, for those who may; return what is wrong."""

    def act() -> None:
        check_rights(request)
        jobs.stop(run_named(name or ""))
        gr.Info(say("align.stopping"))

    return said_of(act)


def _untrainable(run: Run) -> CalmError | None:
    try:
        return not_enough(run)
    except CalmError as problem:  # every pair is excluded
        return problem


def seconds_ahead(run: Run) -> dict[str, float]:
    """Return how long each stage of a run takes here, as far as this machine is measured."""
    amount = amount_of_run(run)
    parts = costs(run.config, amount) if amount else []
    return {part.stage: part.seconds for part in parts if part.seconds is not None}


def waiting_for(run: Run) -> str:
    """Return a text that changes when a run's pairs are made again."""
    return f"{run.name} {run.path('pairs').stat().st_mtime_ns}"


def log_tail(run: Run) -> str:
    """Return the last lines of the run's log."""
    if not run.log.is_file():
        return ""
    lines = run.log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-LOG_LINES:])


def _growing(run: Run) -> tuple[Path, ...]:
    return run.log, run.path("metrics"), run.path(EVENTS)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
