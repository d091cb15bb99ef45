"""The page as a whole: eight tabs over one model, and how it is served."""

import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder
from markupsafe import Markup
from starlette.middleware import Middleware

from calm.asking.store import AskedStore
from calm.ballots.box import BallotBox
from calm.config import SHIPPED_MODEL
from calm.exchange.keep import Keeper
from ui.about.page import about_page
from ui.align.page import AlignPage, align_page, new_name, shown_run
from ui.ask.model_choice import listed
from ui.ask.page import AskPage, ask_page
from ui.ask.recorded import who_answers
from ui.asking.links import follow_link
from ui.asking.voters import known_voter
from ui.ballots.page import ballots_page, offered_votes
from ui.compare.page import compare_page, finished_runs
from ui.duel.page import duel_page
from ui.parts.addresses import TABS, Addresses, Page, address_note
from ui.parts.events import QUIET, visibility
from ui.parts.html import html_place, note, word_markup
from ui.parts.measuring import Measuring
from ui.parts.models import Models, get_ready_to_read
from ui.parts.plain import PlainPages
from ui.parts.sign_in import sign_in_place
from ui.parts.tabs import ARROWS_MOVE_TABS
from ui.parts.temporary import KEPT_SECONDS, LOOK_EVERY_SECONDS, make_room
from ui.parts.theme import theme
from ui.parts.uploads import UploadLimits, most_bytes
from ui.report.file import show_report
from ui.runs.page import HistoryPage, connect_duplicate, history, history_page, offered_runs
from ui.scripts.endpoints import add_api
from ui.serving.door import Door, Entry, entry, visitor
from ui.serving.end import End, close
from ui.serving.health import Health
from ui.serving.keeping import Keeping, keeper_here
from ui.serving.start import server_port
from ui.serving.tools import can_serve_tools, offer_tools
from ui.stage.address import server_name
from ui.stage.pages import stage_pages
from ui.study.file import show_study
from ui.text.served import OwnLabels
from ui.text.words import INTERFACE_LANGUAGES, interface, word
from ui.votes.page import voted_runs, votes_page

STYLE = Path(__file__).with_name("style.css")
MOST_WAITING = 64
FILES_LAST = (LOOK_EVERY_SECONDS, KEPT_SECONDS)
READ_AS_ITS_READER_DOES = f"""() => {{
  const code = navigator.language.toLowerCase().split('-')[0], page = document.documentElement;
  page.dir = code === 'ar' ? 'rtl' : 'ltr';
  if ({list(INTERFACE_LANGUAGES)}.includes(code) && !page.lang.startsWith(code)) page.lang = code;
}}"""

SEARCH_STARTS_EMPTY = """() => document.addEventListener('focusin', event => {
  const field = event.target;
  if (field.matches('[role=combobox], input[type=search]')) setTimeout(() => field.select());
})"""
"""What is typed into a list that has a choice takes the place of its words, and searches."""


def build(
    models: Models, measuring: Measuring | None = None, keeper: Keeper | None = None
) -> gr.Blocks:
    """Return the whole page; nothing is loaded or started yet."""
    measuring = measuring or Measuring(models)
    box, store = BallotBox(), AskedStore()
    demo = gr.Blocks(title="CALM Studio", analytics_enabled=False, delete_cache=FILES_LAST)
    with demo:
        _header()
        sign_in_place(demo)
        _loading_note(models)
        named = address_note()
        with gr.Tabs(elem_id=TABS) as tabs:
            with gr.Tab(word("tab.ask"), id="ask") as ask_tab:
                asking = ask_page(models, box, store)
            with gr.Tab(word("tab.align"), id="align") as align_tab:
                align = align_page(models, measuring)
            with gr.Tab(word("tab.votes"), id="votes") as votes_tab:
                voted = votes_page()
            with gr.Tab(word("tab.compare"), id="compare") as compare_tab:
                compare = compare_page()
            with gr.Tab(word("tab.duel"), id="duel") as duel_tab:
                dueling = duel_page(models, box, asking.voter, duel_tab)
            with gr.Tab(word("tab.ballots"), id="ballots") as ballots_tab:
                ballots = ballots_page(box)
            with gr.Tab(word("tab.runs"), id="runs") as runs_tab:
                runs = history_page(store)
            with gr.Tab(word("tab.about"), id="about") as about_tab:
                about_page(keeper)
        _lead(align.to_compare, tabs, "compare", align.run, compare.run)
        _lead(compare.to_duel, tabs, "duel", compare.run, dueling)
        ballots_tab.select(ballots.show, ballots.votes_of, ballots.outputs, **QUIET)
        connect_duplicate(runs, align, tabs)
        opened = demo.load(known_voter, asking.voter, asking.voter, **QUIET)
        follow_link(store, box, asking.shown, asking.form, asking.voter, opened)
        pages = [
            Page("ask", ask_tab, asking.answerer, _connect_answerers(models, asking)),
            Page("align", align_tab, align.run, shown_run),
            Page("votes", votes_tab, voted, voted_runs),
            Page("compare", compare_tab, compare.run, finished_runs),
            Page("duel", duel_tab, dueling, finished_runs),
            Page("ballots", ballots_tab, ballots.votes_of, offered_votes),
            Page("runs", runs_tab, runs.run, offered_runs),
            Page("about", about_tab),
        ]
        addresses = Addresses(tabs, named, pages, asking.shown.link)
        addresses.keep_fresh([runs.changed.change], [runs.table], lambda: history()[:1])
        _fill_at_opening(demo, models, addresses, asking, align, runs)
        add_api(models, store)
    return demo


def _lead(button: gr.Button, tabs: gr.Tabs, tab: str, run: gr.Dropdown, there: gr.Dropdown) -> None:
    """Let a button lead to another page, which shows the same run."""
    button.click(lambda: gr.Tabs(selected=tab), None, tabs, **QUIET).then(
        finished_runs, run, there, **QUIET
    )


def _connect_answerers(models: Models, asking: AskPage) -> Callable[[str | None], gr.Dropdown]:
    """Return what offers those who answer, and offer them anew once another model does."""

    def answerers(chosen: str | None) -> gr.Dropdown:
        return who_answers(models, chosen)

    for event in asking.model_changed:
        event(answerers, asking.answerer, asking.answerer, **QUIET)
    return answerers


def _fill_at_opening(
    demo: gr.Blocks,
    models: Models,
    addresses: Addresses,
    asking: AskPage,
    align: AlignPage,
    runs: HistoryPage,
) -> None:
    """Fill what a page shows when it is opened, in one event: each of them takes its time."""

    def fill(request: gr.Request) -> dict[Any, Any]:
        return {
            **addresses.opened(request.query_params),
            runs.table: history()[0],
            asking.model: listed(models),
            align.controls["model"]: listed(models),
            align.controls["run"]: new_name(),
        }

    filled = [runs.table, asking.model, align.controls["model"], align.controls["run"]]
    demo.load(fill, None, [*addresses.outputs, *filled], **QUIET)
    for script in (READ_AS_ITS_READER_DOES, SEARCH_STARTS_EMPTY, ARROWS_MOVE_TABS):
        demo.load(None, js=script, **QUIET)


def _header() -> None:
    html_place(word_markup("top.header"))


def _loading_note(models: Models) -> None:
    def told() -> Markup:
        return note(models.message(), "warning" if models.has_failed else "busy")

    shown = html_place(told(), elem_id="loading")
    timer = gr.Timer(1.0)

    def look() -> tuple[gr.HTML, gr.Timer]:
        said = told()
        waits = bool(said)
        return gr.HTML(said, visible=visibility(waits)), gr.Timer(active=waits)

    timer.tick(look, None, [shown, timer], **QUIET)


def middleware() -> list[Middleware]:
    """Return what answers beside Gradio, and what changes its page on the way out."""
    pages = {**stage_pages(AskedStore(), BallotBox()), "report": show_report, "study": show_study}
    return [Middleware(UploadLimits), Middleware(PlainPages, pages=pages), Middleware(OwnLabels)]


def around(models: Models, let_in: Entry, keeper: Keeper | None = None) -> list[Middleware]:
    """Return all that stands around the page as it is served: health, the door, what is beside."""
    health = Middleware(Health, models=models, keeper=keeper)
    return [health, Middleware(Door, let_in=let_in), *middleware()]


def serve() -> None:
    """Serve the page until the process is ended; the model loads once the page is up.

    Raises CalmError where a variable holds what cannot be.
    """
    end, let_in, keeper = End(), entry(), keeper_here()
    models = Models(os.environ.get("CALM_MODEL") or SHIPPED_MODEL)
    measuring = Measuring(models)
    demo = build(models, measuring, keeper).queue(max_size=MOST_WAITING)
    make_room(Path(get_upload_folder()))
    demo.launch(
        server_name=server_name(),
        server_port=server_port(),
        theme=theme(),
        css_paths=[STYLE],
        ssr_mode=False,
        run_history=False,
        enable_monitoring=False,
        max_file_size=most_bytes(),
        footer_links=["api"],
        i18n=interface(),
        app_kwargs={"middleware": around(models, let_in, keeper)},
        auth_dependency=partial(visitor, let_in) if let_in.has_names else None,
        mcp_server=can_serve_tools(),
        prevent_thread_lock=True,
        _frontend=False,  # else it gives up where its own page does not come within three seconds
    )
    offer_tools(demo.mcp_server_obj, let_in)
    models.start_loading()
    threading.Thread(target=get_ready_to_read, args=(models,), daemon=True).start()
    measuring.allow()
    keeping = Keeping(keeper) if keeper else None
    number = end.wait()
    if keeping:
        keeping.end()
    close(demo, number)
