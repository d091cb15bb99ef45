"""The part of the page `Runs` that is about studies: a plan, how far it is, and its report."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from calm.errors import CalmError
from calm.runs import jobs
from calm.study.folder import list_studies, open_study
from calm.study.plan import MOST_CHARACTERS
from ui.parts.events import QUIET, problem_place, said_of, visibility
from ui.parts.html import html_place, markup, note, warning
from ui.parts.rights import check_rights
from ui.parts.runs import checked_name
from ui.study.file import open_button
from ui.study.given import EXAMPLE, foresee_given, go_on, start_given
from ui.study.views import progress
from ui.text.words import say, word

LOOK_EVERY_SECONDS = 3.0
Parts = dict[str, Any]


def study_drawer() -> None:
    """Lay out the drawer and connect it."""
    with gr.Accordion(word("study.drawer"), open=False, elem_id="study-drawer") as drawer:
        gr.Markdown(word("study.intro"))
        with gr.Row(elem_classes="page"):
            with gr.Column(min_width=320):
                plan = _plan_controls()
            with gr.Column(min_width=320):
                watched = _watch_controls()
    _connect_plan(plan, watched)
    _connect_watch(watched, drawer)


def _plan_controls() -> Parts:
    text = gr.Textbox(
        EXAMPLE,
        label=word("study.plan"),
        info=word("study.plan.info"),
        lines=12,
        max_lines=30,
        max_length=MOST_CHARACTERS,
        elem_id="study-plan",
    )
    file = gr.File(
        label=word("study.file"), file_types=[".yaml", ".yml"], height=90, elem_id="study-file"
    )
    name = gr.Textbox(label=word("study.name"), max_length=64, elem_id="study-name")
    with gr.Row():
        look = gr.Button(word("study.foresee"), min_width=120, elem_id="study-foresee")
        start = gr.Button(
            word("study.start"), variant="primary", min_width=120, elem_id="study-start"
        )
    said = problem_place("study-not-started")
    return {"text": text, "file": file, "name": name, "look": look, "start": start, "said": said}


def _watch_controls() -> Parts:
    which = gr.Dropdown([], label=word("study.which"), elem_id="study-which")
    panel = html_place(elem_id="study-progress")
    with gr.Row():
        open_button(which)
        stop = gr.Button(word("study.stop"), visible="hidden", min_width=120, elem_id="study-stop")
        again = gr.Button(
            word("study.go-on"), visible="hidden", min_width=120, elem_id="study-go-on"
        )
    said = problem_place("study-not-changed")
    seen = gr.State(None)
    return {
        "which": which,
        "panel": panel,
        "stop": stop,
        "again": again,
        "said": said,
        "seen": seen,
        "timer": gr.Timer(LOOK_EVERY_SECONDS),
    }


def _connect_plan(plan: Parts, watched: Parts) -> None:
    def read(path: str | None) -> tuple[Any, Markup]:
        try:
            return (read_file(path) if path else gr.skip()), Markup()
        except CalmError as problem:
            return gr.skip(), warning(problem)

    def look(text: str, name: str) -> Markup:
        try:
            said = foresee_given(text, name or "study")
        except CalmError as problem:
            return warning(problem)
        return markup('<pre class="log" dir="ltr" tabindex="0">{}</pre>', said)

    def begin(text: str, name: str, request: gr.Request) -> tuple[Any, Markup]:
        begun: list[str] = []

        def act() -> None:
            check_rights(request)
            begun.append(start_given(text, name).name)

        problem = said_of(act)
        return (offered(begun[0]) if begun else gr.skip()), problem

    told = [plan["text"], plan["name"]]
    plan["file"].upload(read, plan["file"], [plan["text"], plan["said"]], **QUIET)
    plan["look"].click(look, told, plan["said"], **QUIET)
    plan["start"].click(begin, told, [watched["which"], plan["said"]], **QUIET)


def _connect_watch(watched: Parts, drawer: gr.Accordion) -> None:
    shown = [watched[name] for name in ("panel", "stop", "again", "seen")]

    def look(name: str | None, seen: Any) -> tuple[Any, ...]:
        now, *parts = looked_at(name)
        return (gr.skip(),) * len(shown) if now == seen else (*parts, now)

    asked = [watched["which"], watched["seen"]]
    for event in (watched["timer"].tick, watched["which"].change):
        event(look, asked, shown, **QUIET)
    drawer.expand(offered, watched["which"], watched["which"], **QUIET)
    for button, act in (("stop", stop_study), ("again", go_on)):
        watched[button].click(_allowed(act), watched["which"], watched["said"], **QUIET)


def _allowed(act: Callable[[str], object]) -> Callable[..., Markup]:
    """Return a handler that does something with a study, for those who may."""

    def handler(name: str | None, request: gr.Request) -> Markup:
        def allowed() -> None:
            check_rights(request)
            act(name or "")

        return said_of(allowed)

    return handler


def stop_study(name: str) -> None:
    """Ask a study to stop; raises CalmError where there is none."""
    jobs.stop(open_study(checked_name(name)).job)


def read_file(path: str) -> str:
    """Return the text of an uploaded plan; raises CalmError where it cannot be read."""
    file = Path(path)
    try:
        if file.stat().st_size > MOST_CHARACTERS:
            raise CalmError("study.too-long", path=file.name, most=MOST_CHARACTERS)
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise CalmError("file.unreadable", path=file.name, reason=error) from None


def offered(chosen: str | None = None) -> gr.Dropdown:
    """Return the choice of studies, with `chosen` or else the newest in sight."""
    names = [study.name for study in list_studies()]
    return gr.Dropdown(names, value=chosen if chosen in names else next(iter(names), None))


def looked_at(name: str | None) -> tuple[Any, Markup, gr.Button, gr.Button]:
    """Return a mark of how far a study is, that in words, and the two buttons."""
    if not name:
        hidden = (gr.Button(visible="hidden"), gr.Button(visible="hidden"))
        return "none", note(say("study.no-study")), *hidden
    try:
        study = open_study(checked_name(name))
        status, alive = study.status(), jobs.is_running(study.job)
    except CalmError as problem:
        gone = (gr.Button(visible="hidden"), gr.Button(visible="hidden"))
        return str(problem), warning(problem), *gone
    return (
        (name, alive, status),
        progress(name, status),
        gr.Button(visible=visibility(alive)),
        gr.Button(visible=visibility(not alive and status.state != "done")),
    )
