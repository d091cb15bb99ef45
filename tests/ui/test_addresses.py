"""What an address leads to, and that every list of runs follows what happens to them."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from gradio.context import LocalContext

from calm.config import RunConfig
from calm.runs import jobs
from calm.runs.folder import Run, create_run, delete_run, rename_run
from ui.align.page import shown_run
from ui.asking.links import LINK
from ui.parts.addresses import Addresses, Page, address_note, kept_choice
from ui.parts.runs import runs_mark
from ui.votes.page import voted_runs


def run_with(name: str, *files: str) -> Run:
    run = create_run(name, RunConfig())
    for file in files:
        run.path(file).touch()
    return run


@pytest.fixture
def made(calm_home: Path) -> Any:
    """Two pages, one that shows any run and one that shows those with votes."""
    run_with("begun")
    run_with("voted", "votes")
    with gr.Blocks() as demo:
        place, table = address_note(), gr.HTML()
        with gr.Tabs() as tabs:
            with gr.Tab("Ask", id="ask") as ask:
                link = gr.Textbox()
            with gr.Tab("Align", id="align") as align:
                aligned = gr.Dropdown([])
            with gr.Tab("Votes", id="votes") as votes:
                votes_of = gr.Dropdown([])
        pages = [
            Page("ask", ask),
            Page("align", align, aligned, shown_run),
            Page("votes", votes, votes_of, voted_runs),
        ]
        addresses = Addresses(tabs, place, pages, link)
        addresses.keep_fresh([], [table], lambda: ["the table"])
    (look,) = (h.fn for h in demo.fns.values() if h.fn and h.fn.__name__ == "look")
    return SimpleNamespace(
        addresses=addresses, place=place, aligned=aligned, votes_of=votes_of, table=table, look=look
    )


def followed(made: Any, gone_to: str | None) -> dict[Any, Any]:
    found: dict[Any, Any] = made.addresses._follow(gone_to)
    return found


def test_an_address_opens_its_page_with_its_run(made: Any):
    run_with("newest", "votes")
    shown = made.addresses.opened({"tab": "votes", "run": "voted"})
    assert (shown[made.votes_of].value, shown[made.aligned].value) == ("voted", "newest")
    assert shown[made.place] == ""


def test_without_a_run_the_newest_is_shown(made: Any):
    assert made.addresses.opened({"tab": "votes"})[made.votes_of].value == "voted"
    assert made.addresses.opened({})[made.aligned].value == "voted"


@pytest.mark.parametrize("run", ["gone", "begun", "../voted", "<b>bold</b>", "x" * 500, "\x00"])
def test_a_run_that_a_page_does_not_have_is_said_as_text(made: Any, run: str):
    shown = made.addresses.opened({"tab": "votes", "run": run})
    assert "This page has no run" in shown[made.place]
    assert "<b>" not in shown[made.place] and len(shown[made.place]) < 400
    assert shown[made.votes_of].value == "voted"


@pytest.mark.parametrize("tab", ["", "nonsense", "<b>", "about", "ask"])
def test_a_page_without_runs_or_none_at_all_is_no_problem(made: Any, tab: str):
    assert made.addresses.opened({"tab": tab, "run": "gone"})[made.place] == ""


def test_back_and_forward_show_the_run_of_the_address(made: Any):
    assert followed(made, "?tab=align&run=begun")[made.aligned].value == "begun"
    assert followed(made, "?tab=align&run=begun").keys() == {made.aligned, made.place}
    missing = followed(made, "?tab=align&run=gone")
    assert "has no run “gone”" in missing[made.place] and missing.keys() == {made.place}
    for nothing in ("", None, "?", "?tab=ask", "?tab=%FF&run=b", "?run", "no address"):
        assert followed(made, nothing)[made.place] == ""


def test_every_page_offers_a_run_that_came_while_it_was_open(made: Any):
    seen = made.addresses.opened({})[made.addresses._seen]
    assert made.look(seen, "voted", "voted").keys() == {made.addresses._seen}
    run_with("opened", "votes")
    shown = made.look(seen, "begun", "voted")
    for page in (made.aligned, made.votes_of):
        assert "opened" in [value for _, value in shown[page].choices]
        assert "value" not in shown[page].constructor_args  # what is in sight stays
    assert shown[made.table] == "the table"


def test_another_run_comes_into_sight_where_the_one_in_sight_is_gone(made: Any):
    seen = runs_mark()
    delete_run(run_with("voted"))
    shown = made.look(seen, "begun", "voted")
    assert shown[made.votes_of].value is None
    assert "value" not in shown[made.aligned].constructor_args


def test_the_mark_changes_with_whatever_a_list_of_runs_may_show(
    calm_home: Path, monkeypatch: pytest.MonkeyPatch
):
    marks = [runs_mark()]
    run = run_with("one")
    marks.append(runs_mark())
    run.path("votes").touch()
    marks.append(runs_mark())
    rename_run(run, "two")
    marks.append(runs_mark())
    monkeypatch.setattr(jobs, "running", lambda: SimpleNamespace(name="two"))
    marks.append(runs_mark())
    assert len(set(marks)) == len(marks)
    assert runs_mark() == marks[-1]


def test_a_choice_that_is_gone_is_replaced():
    def offer(chosen: str | None) -> gr.Dropdown:
        return gr.Dropdown(["a", "b"], value=chosen if chosen == "a" else "b")

    assert "value" not in kept_choice(offer, "a").constructor_args
    assert kept_choice(offer, "gone").value == "b"


def test_a_choice_is_kept_in_an_event_where_components_are_made_without_a_value():
    token = LocalContext.in_event_listener.set(True)
    try:
        kept = kept_choice(lambda chosen: gr.Dropdown(["a", "b"], value=chosen), "a")
    finally:
        LocalContext.in_event_listener.reset(token)
    assert kept.constructor_args == {"choices": ["a", "b"]}


def test_a_question_s_link_names_no_page_or_run():
    assert re.search(r"\['tab', 'run'\]\) url\.searchParams\.delete", LINK)
