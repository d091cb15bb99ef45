"""The card `Use it`: a finished adapter to take away, the lines that load it, what else there is.

It stands below a run's result on the pages Align and Compare, and beside its archive on Runs.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder
from markupsafe import Markup

from calm.errors import CalmError
from calm.exchange.adapter_base import AdapterBase, adapter_base
from calm.exchange.adapter_code import loading_code
from calm.exchange.adapter_package import has_adapter, pack_adapter, package_bytes
from calm.runs import jobs
from calm.runs.folder import Run
from ui.parts.events import QUIET, problem_place, said_of, visibility
from ui.parts.html import concat, html_place, in_a_row, markup, say_markup, warning
from ui.parts.runs import run_named
from ui.text.numbers import decimal
from ui.text.words import say, word

KEPT = 4
"""Packages that stay where downloads lie while they are sent; older ones make room."""
SAVE = """
problem => {
  if (!problem) setTimeout(() => document.getElementById('%s').click(), 300);
}
"""
"""Saves the file once its address has come, so that one press is enough."""


class UseIt:
    """The card on one page; element ids begin with `prefix`."""

    def __init__(self, prefix: str) -> None:
        with gr.Column(visible="hidden", elem_id=f"{prefix}-use", elem_classes="use") as self.whole:
            self.card = html_place(elem_id=f"{prefix}-use-card")
            self.button = gr.Button(
                word("use.download"), variant="primary", elem_id=f"{prefix}-use-button"
            )
            self.file = gr.DownloadButton(
                word("history.download"), elem_id=f"{prefix}-use-file", elem_classes="unseen"
            )
            self.problem = problem_place(f"{prefix}-use-problem")
        self._save = SAVE % f"{prefix}-use-file"

    @property
    def outputs(self) -> list[Any]:
        """What `shown` fills."""
        return [self.whole, self.card, self.problem]

    def connect(self, name: gr.Dropdown, *changed: Any) -> None:
        """Show the card of the run that `name` says, whenever that or anything else has changed."""
        gr.on([name.change, *changed], shown, name, self.outputs, **QUIET)
        self.button.click(
            _made, name, [self.file, self.problem], **(QUIET | {"show_progress": "minimal"})
        ).success(None, self.problem, js=self._save, **QUIET)


def shown(name: str | None) -> tuple[gr.Column, Markup, str]:
    """Return whether a run has something to take away, the card of it, and no problem."""
    try:
        run = run_named(name) if name else None
        if run is None or not has_adapter(run) or not _is_over(run):
            return gr.Column(visible="hidden"), Markup(), ""
        return gr.Column(visible=visibility(True)), use_card(run), ""
    except CalmError as problem:
        return gr.Column(visible="hidden"), warning(problem), ""


def _is_over(run: Run) -> bool:
    """Tell whether nothing of a run changes any more: its process lives on a little after it."""
    return run.status().state == "done" or not jobs.is_running(run)


def use_card(run: Run) -> Markup:
    """Return what the file holds, the lines that load it, and what else there is of the run."""
    try:
        base = adapter_base(run)
    except CalmError as problem:
        return markup("<h2>{}</h2>{}", say("use.title"), warning(problem))
    return markup(
        '<h2>{}</h2><p>{}</p><p>{}</p><pre dir="ltr" tabindex="0">{}</pre>'
        "<details><summary>{}</summary><ul>{}</ul></details>",
        say("use.title"),
        _in_words(run, base),
        say("use.load"),
        loading_code(run, base),
        say("use.else"),
        concat(markup("<li>{}</li>", item) for item in _what_else(run)),
    )


def _in_words(run: Run, base: AdapterBase) -> Markup:
    megabytes = decimal(max(0.1, package_bytes(run) / 1e6), 1)
    said = [say("use.holds", megabytes=megabytes, base=base.name)]
    if base.packaged is not None:
        said.append(say("use.packaged"))
    if not base.is_on_hub:
        said.append(say("use.own-base", base=base.name))
    return markup("{}", in_a_row(said))


def _what_else(run: Run) -> list[Markup]:
    export = f"python -m calm export {run.name}"
    return [
        say_markup("use.else.ask", run=run.name),
        say_markup("use.else.archive"),
        say_markup("use.else.pairs", command=f"{export} -o pairs.jsonl"),
        say_markup("use.else.numbers", command=f"python -m calm report {run.name}"),
        say_markup("use.else.command", command=f"{export} --what adapter -o {run.name}.zip"),
        say_markup("use.else.push", command=f"python -m calm push {run.name} --to OWNER/NAME"),
    ]


def adapter_file(name: str) -> str:
    """Write the package of a run's adapter to where downloads lie and return its path.

    Raises CalmError where the run has none, or is being aligned.
    """
    run = run_named(name)
    if not _is_over(run):
        jobs.check_idle(run)
    folder = Path(get_upload_folder())
    folder.mkdir(parents=True, exist_ok=True)
    made = sorted(folder.glob("adapter-*"), key=lambda path: path.stat().st_mtime)
    for old in made[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    path = Path(tempfile.mkdtemp(prefix="adapter-", dir=folder)) / f"{run.name}.zip"
    try:
        pack_adapter(run, path)
    except BaseException:
        shutil.rmtree(path.parent, ignore_errors=True)
        raise
    return str(path)


def _made(name: str | None) -> tuple[Any, Markup]:
    made: list[str] = []
    problem = said_of(lambda: made.append(adapter_file(name or "")))
    return (gr.DownloadButton(value=made[0]) if made else gr.skip()), problem
