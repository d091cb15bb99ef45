"""For scripts: studies, as the drawer of the page `Runs` starts, watches and reports them."""

import dataclasses
from typing import Any

import gradio as gr
from gradio.events import api

from calm.messages import in_english
from calm.study.folder import list_studies as all_studies
from calm.study.folder import open_study
from calm.study.report import as_data, read_report
from ui.parts.events import problems_shown
from ui.parts.rights import check_rights
from ui.parts.runs import checked_name
from ui.study.given import foresee_given, go_on, start_given
from ui.study.page import stop_study as stop


def add_study_api() -> None:
    """Add the named functions to the page under construction."""
    for function in (
        *(start_study, foresee_study, list_studies, study_report),
        *(stop_study, go_on_study),
    ):
        api(function, api_name=function.__name__)


def start_study(plan: str, name: str, request: gr.Request) -> dict[str, Any]:
    """Start a study from the text of its plan, in YAML; return its status.

    Question sets are those of `start_alignment`; one that was uploaded is `file:` and its name.
    Refused where the app is read-only, and while something is being aligned.

    Args:
        plan: The plan, as `calm study` reads it from a file.
        name: A name for the study: letters, digits, `-` and `_`.
    """
    with problems_shown():
        check_rights(request)
        return _told(start_given(plan, name).name)


def foresee_study(plan: str) -> str:
    """Return what a plan comes to: its runs, what they share, how long they take. Starts nothing.

    Args:
        plan: The plan, as `calm study` reads it from a file.
    """
    with problems_shown():
        return foresee_given(plan, "study")


def list_studies() -> list[dict[str, Any]]:
    """Return the studies there are, the newest first, and how far each is."""
    with problems_shown():
        return [_told(study.name) for study in all_studies()]


def study_report(name: str) -> dict[str, Any]:
    """Return the report of a study: its sentences, and the numbers of every arm.

    Args:
        name: Name of a study, as `list_studies` gives it.
    """
    with problems_shown():
        return as_data(read_report(open_study(checked_name(name))))


def stop_study(name: str, request: gr.Request) -> dict[str, Any]:
    """Ask a study to stop; what it has done is kept. Refused where the app is read-only.

    Args:
        name: Name of a study, as `list_studies` gives it.
    """
    with problems_shown():
        check_rights(request)
        stop(name)
        return _told(checked_name(name))


def go_on_study(name: str, request: gr.Request) -> dict[str, Any]:
    """Let a study that was stopped go on; return its status. Refused where the app is read-only.

    Args:
        name: Name of a study, as `list_studies` gives it.
    """
    with problems_shown():
        check_rights(request)
        return _told(go_on(name).name)


def _told(name: str) -> dict[str, Any]:
    status = open_study(name).status()
    return {"study": name, **in_english(dataclasses.asdict(status))}
