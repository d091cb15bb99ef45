"""Who may change things: everyone at home, the owner on a Space, nobody where it is read only."""

from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from starlette.requests import Request

from calm.errors import CalmError
from calm.runs.folder import delete_run, open_run
from tests.ui.handlers import handlers, refuses, told, writers
from tests.ui.openid import visitor
from ui.parts.rights import check_rights, may_change


@pytest.mark.parametrize(
    ("environment", "who", "may"),
    [
        ({}, None, True),
        ({}, "anyone", True),
        ({"CALM_READ_ONLY": "1"}, "anyone", False),
        ({"CALM_READ_ONLY": "0"}, None, True),
        ({"SPACE_ID": "ann/studio"}, None, False),
        ({"SPACE_ID": "ann/studio"}, "bob", False),
        ({"SPACE_ID": "ann/studio"}, "ann", True),
        ({"SPACE_ID": "ann/studio"}, "ann/studio", False),
        ({"SPACE_ID": "/studio"}, "", False),
        ({"SPACE_ID": "ann/studio", "CALM_OWNERS": "bob, eve"}, "eve", True),
        ({"SPACE_ID": "ann/studio", "CALM_OWNERS": "bob, eve"}, None, False),
        ({"SPACE_ID": "ann/studio", "CALM_OWNERS": " , "}, "", False),
        ({"SPACE_ID": "ann/studio", "CALM_READ_ONLY": "1"}, "ann", False),
    ],
)
def test_who_may_change_what_lies_on_the_server(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], who: str | None, may: bool
):
    for name in ("CALM_READ_ONLY", "CALM_OWNERS", "SPACE_ID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert may_change(visitor(who)) is may


def test_a_name_that_did_not_sign_in_is_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SPACE_ID", "ann/studio")
    scope = {"type": "http", "session": {}}
    assert not may_change(gr.Request(Request(scope), username="ann"))
    assert not may_change(gr.Request(username="ann"))


def test_nobody_is_no_owner(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SPACE_ID", "ann/studio")
    assert not may_change(None)
    with pytest.raises(CalmError, match="for looking only"):
        check_rights(None)


OPEN = {
    *("calm.asking.ask.ask_each", "calm.asking.store.AskedStore.", "calm.ballots."),
    *("calm.exchange.archive.pack", "ui.runs.page.written_page", "ui.runs.page._download"),
    "ui.parts.temporary.make_room",
    *("calm.exchange.adapter_package.pack_adapter", "ui.parts.use_it.adapter_file"),
    *("calm.runs.folder.open_run", "calm.runs.folder.list_runs", "calm.runs.folder.Run.__"),
    *("calm.runs.jobs.settle", "calm.runs.jobs.running"),
    *("calm.study.folder.open_study", "calm.study.folder.list_studies"),
    *("calm.pipeline.run_questions.", "calm.pipeline.seeds.", "calm.pipeline.methods."),
    "calm.exchange.adapter_code.loading_code",
}
"""What writes and is open to every visitor: questions, ballots, downloads, and what a look does.

A look at a run keeps its status true, and asks the system whether a process is still there.
"""


def changes(handler: Any) -> set[str]:
    """Return what a handler reaches that changes something which is not open to everybody."""
    return {name for name in writers(handler) if not name.startswith(tuple(OPEN))}


@pytest.fixture
def read_only_page(calm_home: Path, monkeypatch: pytest.MonkeyPatch) -> gr.Blocks:
    from ui.app import build
    from ui.parts.models import NO_MODEL, Models

    monkeypatch.setenv("CALM_READ_ONLY", "1")
    return build(Models(NO_MODEL))


def test_every_handler_and_endpoint_that_changes_something_asks_who_may(
    read_only_page: gr.Blocks,
):
    changing = {handler: changes(handler) for handler in handlers(read_only_page)}
    unguarded = {told(h): found for h, found in changing.items() if found and not refuses(h)}
    assert unguarded == {}


def test_what_changes_something_is_found_by_itself(read_only_page: gr.Blocks):
    found = set().union(*map(changes, handlers(read_only_page)))
    assert found >= {
        *(f"calm.runs.folder.{act}_run" for act in ("create", "rename", "delete")),
        *(f"calm.runs.jobs.{act}" for act in ("start", "stop", "measure_apart")),
        *("calm.pipeline.review.edit_pair", "calm.pipeline.review.set_gate"),
        *("calm.exchange.archive.unpack", "ui.align.kept.kept_file"),
    }


def test_a_handler_that_asks_nobody_is_found(calm_home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CALM_READ_ONLY", "1")

    def forget(name: str) -> None:
        _delete(name)

    def forget_if_allowed(name: str, request: gr.Request) -> str:
        try:
            check_rights(request)
        except CalmError as problem:
            return str(problem)
        _delete(name)
        return ""

    with gr.Blocks() as demo:
        name, said = gr.Textbox(), gr.Textbox()
        name.submit(forget, name)
        name.submit(forget_if_allowed, name, said)
    unguarded, guarded = handlers(demo)
    for function in (_delete, forget, forget_if_allowed):
        monkeypatch.setattr(function, "__module__", "ui.runs.page")
    assert changes(unguarded) == changes(guarded) == {"calm.runs.folder.delete_run"}
    assert (refuses(unguarded), refuses(guarded)) == (False, True)


def _delete(name: str) -> None:
    delete_run(open_run(name))


def test_what_is_open_to_everybody_is_reached(read_only_page: gr.Blocks):
    """What nobody reaches any more is taken off the list."""
    reached = set().union(*map(writers, handlers(read_only_page)))
    assert [name for name in OPEN if not any(r.startswith(name) for r in reached)] == []
