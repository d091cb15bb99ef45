"""The page `Runs`: what has been done here; rename, delete, duplicate, archive, open."""

import dataclasses
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder
from markupsafe import Markup

from calm.asking.asked import Asked
from calm.asking.store import AskedStore
from calm.errors import CalmError
from calm.exchange.archive import asked_of, pack, unpack
from calm.model_names import called
from calm.records import Status
from calm.runs import jobs
from calm.runs.folder import Run, delete_run, list_runs, rename_run
from calm.settings import SETTINGS, value_at
from ui.align.form import OWN_FILE, form_values, settings_from
from ui.align.page import AlignPage, new_name
from ui.asking.compare_views import result_in_words
from ui.parts.events import QUIET, in_place, problem_place, problems_shown, visibility
from ui.parts.html import esc, html_place, note
from ui.parts.rights import check_rights
from ui.parts.runs import checked_name, run_named, run_names, settled
from ui.parts.temporary import make_room
from ui.parts.use_it import UseIt
from ui.report.file import report_button
from ui.runs.views import Listed, history_table
from ui.static.file import page_of
from ui.study.page import study_drawer
from ui.text.problems import worded
from ui.text.words import say, word

DOWNLOADS_KEPT = 8
"""Archives and pages that stay where downloads lie; older ones make room."""
ONE_PAGE: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "page"}
"""How pages are made: one after the other, each of them takes a processor for a while."""


@dataclass(frozen=True)
class HistoryPage:
    """The components that the rest of the page connects to."""

    run: gr.Dropdown
    table: gr.HTML
    changed: gr.State
    """Counts up when runs have come, gone or been renamed."""
    duplicate: gr.Button

    @property
    def outputs(self) -> list[Any]:
        return [self.table, self.run]


def history_page(store: AskedStore) -> HistoryPage:
    """Lay the page out and connect it."""
    table = html_place(elem_id="runs-table")
    changed = gr.State(0)
    with gr.Row(elem_classes="page"):
        with gr.Column(min_width=320):
            run = gr.Dropdown([], label=word("common.run"), elem_id="runs-run")
            duplicate = gr.Button(word("history.duplicate"), elem_id="runs-duplicate")
            report_button(run, "runs-report")
            with gr.Group():
                name = gr.Textbox(
                    label=word("history.new-name"), max_length=64, elem_id="runs-new-name"
                )
                rename = gr.Button(word("history.rename"), elem_id="runs-rename")
                not_renamed = problem_place("runs-not-renamed")
            with gr.Group():
                sure = gr.Textbox(
                    label=word("history.delete.sure"),
                    info=word("history.delete.info"),
                    max_length=64,
                    elem_id="runs-sure",
                )
                delete = gr.Button(word("history.delete"), variant="stop", elem_id="runs-delete")
                not_deleted = problem_place("runs-not-deleted")
        with gr.Column(min_width=320):
            UseIt("runs").connect(run)
            _archive_controls(store, run)
            file, file_name, opening, not_opened = _open_controls()
    study_drawer()
    page = HistoryPage(run, table, changed, duplicate)

    def rename_it(old: str | None, new: str, request: gr.Request) -> tuple[Any, ...]:
        try:
            return (*history(renamed(old or "", new, request)), "", "")
        except CalmError as problem:
            return in_place(problem, 3)

    def delete_it(doomed: str | None, typed: str, request: gr.Request) -> tuple[Any, ...]:
        try:
            deleted(doomed or "", typed, request)
            return (*history(), "", "")
        except CalmError as problem:
            return in_place(problem, 3)

    def open_it(path: str | None, wanted: str, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        try:
            check_rights(request)
            yield (*(gr.skip() for _ in range(3)), note(say("history.opening"), "busy"))
            name = opened(path, wanted, request)
            yield (*history(name), name, "")
        except CalmError as problem:
            yield in_place(problem, 3)

    for event in (
        rename.click(rename_it, [run, name], [*page.outputs, name, not_renamed], **QUIET),
        delete.click(delete_it, [run, sure], [*page.outputs, sure, not_deleted], **QUIET),
        opening.click(
            open_it,
            [file, file_name],
            [*page.outputs, file_name, not_opened],
            **QUIET,
        ),
    ):
        event.success(_count, changed, changed, **QUIET)
    return page


def _archive_controls(store: AskedStore, run: gr.Dropdown) -> None:
    with gr.Group():
        with_adapter = gr.Checkbox(
            True,
            label=word("history.with-adapter"),
            info=word("history.with-adapter.info"),
            elem_id="runs-with-adapter",
        )
        with_asked = gr.Checkbox(
            False,
            label=word("history.with-asked"),
            info=word("history.with-asked.info"),
            elem_id="runs-with-asked",
        )
        with gr.Row():
            make = gr.Button(word("history.archive"), min_width=120, elem_id="runs-archive")
            page = gr.Button(word("static.button"), min_width=120, elem_id="runs-page")
        download = gr.DownloadButton(
            word("history.download"), visible="hidden", variant="primary", elem_id="runs-download"
        )
        not_archived = problem_place("runs-not-archived")

    def archive_it(
        name: str | None, with_adapter: bool, with_asked: bool, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        busy = say("history.archiving")
        yield from _made(
            busy, lambda: archived(store, name or "", with_adapter, request, with_asked)
        )

    def write_it(
        name: str | None, with_asked: bool, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        busy = say("static.making")
        yield from _made(busy, lambda: written_page(store, name or "", request, with_asked))

    places = [download, not_archived]
    for event in (
        make.click(archive_it, [run, with_adapter, with_asked], places, **QUIET),
        page.click(write_it, [run, with_asked], places, **ONE_PAGE, **QUIET),
    ):
        event.success(
            lambda problem: gr.DownloadButton(visible=visibility(not problem)),
            not_archived,
            download,
            **QUIET,
        )
    run.change(_hidden_if_of_another, [run, download], download, **QUIET)


def _hidden_if_of_another(name: str | None, file: str | None) -> Any:
    """Hide the file of a run once another is chosen; a late look hides no new one."""
    return gr.skip() if file and Path(file).stem == name else gr.DownloadButton(visible="hidden")


def _made(busy: str, make: Callable[[], str]) -> Iterator[tuple[Any, ...]]:
    """Yield a file to download and what is wrong, while it is made that it is."""
    yield gr.DownloadButton(visible="hidden"), note(busy, "busy")
    try:
        yield make(), ""
    except CalmError as problem:
        yield in_place(problem, 1)


def _open_controls() -> tuple[gr.File, gr.Textbox, gr.Button, gr.HTML]:
    """Return an archive's file, the name of its run, what opens it, and where a problem is said."""
    with gr.Group():
        file = gr.File(
            label=word("history.archive-to-open"), file_types=[".zip"], elem_id="runs-file"
        )
        name = gr.Textbox(
            label=word("history.name-it"),
            info=word("history.name-it.info"),
            max_length=64,
            elem_id="runs-open-name",
        )
        button = gr.Button(word("history.open"), variant="primary", elem_id="runs-open")
        return file, name, button, problem_place("runs-not-opened")


def renamed(old: str, new: str, request: gr.Request | None) -> str:
    """Rename a run and return its new name."""
    check_rights(request)
    run = run_named(old)
    jobs.check_idle(run)
    return rename_run(run, checked_name(new)).name


def deleted(name: str, typed: str, request: gr.Request | None) -> None:
    """Delete a run whose name was typed once more."""
    check_rights(request)
    run = run_named(name)
    if typed.strip() != run.name:
        raise CalmError("run.type-its-name", name=run.name)
    jobs.check_idle(run)
    delete_run(run)


def archived(
    store: AskedStore,
    name: str,
    with_adapter: bool,
    request: gr.Request | None,
    with_asked: bool = False,
) -> str:
    """Write a run's archive to where downloads lie and return its path.

    What its model was asked on the pages goes along where that is wanted, for those alone who may
    change things: to everybody else it is what other visitors asked.
    """
    run, asked = _to_take_along(store, name, request, with_asked)
    return _download(f"{run.name}.zip", lambda path: pack(run, path, asked, with_adapter))


def written_page(
    store: AskedStore, name: str, request: gr.Request | None, with_asked: bool = False
) -> str:
    """Write a run's page to where downloads lie and return its path; asked questions as above."""
    run, asked = _to_take_along(store, name, request, with_asked)

    def write(path: Path) -> None:
        path.write_bytes(page_of(run, asked).encode("utf-8", "replace"))

    return _download(f"{run.name}.html", write)


def _to_take_along(
    store: AskedStore, name: str, request: gr.Request | None, with_asked: bool
) -> tuple[Run, list[Asked]]:
    """Return a run and what its model was asked that goes along, for whoever may have it."""
    if with_asked:
        check_rights(request)
    run = settled(run_named(name))
    return run, asked_of(run, store if with_asked else None)


def _download(name: str, write: Callable[[Path], None]) -> str:
    """Have a file written to where downloads lie, in a folder of its own, and return its path."""
    folder = Path(get_upload_folder())
    folder.mkdir(parents=True, exist_ok=True)
    make_room(folder)
    made = sorted(folder.glob("archive-*"), key=lambda path: path.stat().st_mtime)
    for old in made[:-DOWNLOADS_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    path = Path(tempfile.mkdtemp(prefix="archive-", dir=folder)) / name
    try:
        write(path)
    except BaseException:
        shutil.rmtree(path.parent, ignore_errors=True)
        raise
    return str(path)


def opened(path: str | None, wanted: str, request: gr.Request | None) -> str:
    """Open an uploaded archive and return its run's name."""
    check_rights(request)
    if not path:
        raise CalmError("archive.not-chosen")
    return unpack(Path(path), checked_name(wanted) if wanted.strip() else None).name


def history(chosen: str | None = None) -> tuple[Markup, gr.Dropdown]:
    """Return the table and the choice of runs, with `chosen` or else the newest in sight."""
    return history_table(history_rows()), offered_runs(chosen)


def offered_runs(chosen: str | None = None) -> gr.Dropdown:
    """Return the choice of runs, with `chosen` or else the newest in sight."""
    names = run_names()
    return gr.Dropdown(names, value=chosen if chosen in names else next(iter(names), None))


def history_rows() -> list[Listed]:
    """Return what the history says of every run, the newest first."""
    return [listed(run) for run in list_runs()]


def listed(run: Run) -> Listed:
    """Return what the history says of a run; broken records are said, not raised."""
    status = Status("questions", "queued", 0, 0, "", 0.0, 0.0)
    try:
        status = settled(run).status()
        scores = run.rows("scores")
        result = result_in_words(scores) if scores else _ended(status)
    except CalmError as problem:
        result = worded(problem)
    return Listed(
        run.name,
        status.state,
        status.stage,
        status.updated_at,
        dataclasses.replace(run.config, model=called(run.config.model)),
        run.is_opened,
        result,
    )


def _ended(status: Status) -> str:
    """Return what is said of a run without a result; that it is done is seen already."""
    return "" if status.state == "done" else worded(status.message)


def duplicated(name: str | None) -> dict[str, Any]:
    """Return what the controls of a new run show for a run's settings, its new name with them.

    Says what the form does not carry over, such as a question file.
    """
    config = run_named(name or "").config
    if config.imported:
        raise CalmError("run.imported-samples", name=name)
    values = form_values(config)
    kept = settings_from({**values, "question_set": config.question_set})
    lost = [
        f"{say(f'setting.{setting.name}')} {value_at(config, place)}"
        for setting in SETTINGS.values()
        for place in setting.places
        if value_at(config, place) != value_at(kept, place)
    ]
    if config.pairs_given:
        lost.append(say("history.not-carried.pairs"))
    if values["question_set"] == OWN_FILE:
        lost.append(say("history.not-carried.questions"))
    if lost:
        gr.Warning(say("history.not-carried", settings=esc("; ".join(lost))), duration=20)
    return {**values, "run": new_name()}


def connect_duplicate(page: HistoryPage, align: AlignPage, tabs: gr.Tabs) -> None:
    """Let the button fill the form on the page Align and go there."""

    def duplicate(name: str | None) -> dict[Any, Any]:
        with problems_shown():
            return {align.controls[key]: value for key, value in duplicated(name).items()}

    page.duplicate.click(duplicate, page.run, list(align.controls.values()), **QUIET).success(
        lambda: gr.Tabs(selected="align"), None, tabs, **QUIET
    )


def _count(times: int) -> int:
    return times + 1
