"""The report as one file, and as a page of the app that the file can be taken from."""

import gradio as gr
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from calm.runs.folder import Run
from ui.parts.events import QUIET
from ui.parts.html import markup
from ui.parts.plain import Sent, document, page
from ui.parts.runs import run_named
from ui.report.facts import facts_of
from ui.report.views import report
from ui.text.words import say, word

OPEN = "run => { if (run) window.open(`?report=${encodeURIComponent(run)}`, '_blank'); }"
"""Opens the report of the run that is chosen, beside the app."""


def report_file(run: Run, links: Markup | None = None) -> Markup:
    """Return a run's report as a whole page in the reader's language, which needs nothing else.

    Raises CalmError where the run has not finished.
    """
    facts = facts_of(run)
    title = say("report.title", model=facts.found.model)
    return document(f"{title} · {facts.name}", report(facts, links), ["report/report.css"])


def show_report(request: Request, sent: Sent) -> Response:
    """Return the report of the run that `?report=RUN` names; with `file`, to be kept."""
    run = run_named(request.query_params["report"])
    if request.query_params.get("file"):
        answer = page(report_file(run))
        answer.headers["Content-Disposition"] = f'attachment; filename="{run.name}.html"'
        return answer
    links = markup(
        '<p class="links"><a href="?report={}&amp;file=1">{}</a> {}</p>',
        run.name,
        say("report.keep"),
        say("report.print"),
    )
    return page(report_file(run, links))


def report_button(run: gr.Dropdown, elem_id: str) -> None:
    """Lay out the button that opens the report of the chosen run."""
    button = gr.Button(word("report.button"), elem_id=elem_id)
    button.click(None, run, None, js=OPEN, **QUIET)
