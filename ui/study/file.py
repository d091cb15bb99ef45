"""The report of a study as one file, and as a page of the app that the file can be taken from."""

import gradio as gr
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from calm.study.folder import Study, open_study
from calm.study.report import read_report
from ui.parts.events import QUIET
from ui.parts.html import markup
from ui.parts.plain import Sent, document, page
from ui.study.views import report
from ui.text.words import say, word

OPEN = "study => { if (study) window.open(`?study=${encodeURIComponent(study)}`, '_blank'); }"
"""Opens the report of the study that is chosen, beside the app."""
STYLES = ("report/report.css", "study/study.css")


def report_file(study: Study, links: Markup | None = None) -> Markup:
    """Return a study's report as a whole page in the reader's language, which needs nothing else.

    Raises CalmError where there is none yet.
    """
    found = read_report(study)
    title = f"{say('study.report')} · {found.title}"
    return document(title, report(found, links), STYLES)


def show_study(request: Request, sent: Sent) -> Response:
    """Return the report of the study that `?study=NAME` names; with `file`, to be kept."""
    study = open_study(request.query_params["study"])
    if request.query_params.get("file"):
        answer = page(report_file(study))
        answer.headers["Content-Disposition"] = f'attachment; filename="{study.name}.html"'
        return answer
    links = markup(
        '<p class="links"><a href="?study={}&amp;file=1">{}</a> {}</p>',
        study.name,
        say("report.keep"),
        say("report.print"),
    )
    return page(report_file(study, links))


def open_button(study: gr.Dropdown) -> None:
    """Lay out the button that opens the report of the chosen study."""
    button = gr.Button(word("study.open"), elem_id="study-open", min_width=120)
    button.click(None, study, None, js=OPEN, **QUIET)
