"""The page as a whole: eight tabs over one model, and how it is served."""

import os
from pathlib import Path

import gradio as gr
from markupsafe import Markup
from starlette.middleware import Middleware

from calm.asking.store import AskedStore
from calm.ballots.box import BallotBox
from calm.config import SHIPPED_MODEL
from calm.exchange.archive import MOST_BYTES
from calm.questions.files import MAX_FILE_BYTES
from ui.about.page import about_page
from ui.align.page import align_page, new_name, shown_run
from ui.ask.model_choice import listed
from ui.ask.page import ask_page
from ui.ask.recorded import who_answers
from ui.asking.links import follow_link
from ui.asking.voters import known_voter
from ui.ballots.page import ballots_page
from ui.compare.page import compare_page, finished_runs
from ui.duel.page import duel_page
from ui.parts.events import QUIET, visibility
from ui.parts.html import html_place, note, word_markup
from ui.parts.models import Models
from ui.parts.rights import may_change
from ui.parts.tabs import ARROWS_MOVE_TABS
from ui.parts.theme import theme
from ui.runs.page import connect_duplicate, history, history_page
from ui.scripts.endpoints import add_api
from ui.text.served import OwnLabels
from ui.text.words import INTERFACE_LANGUAGES, interface, word
from ui.votes.page import voted_runs, votes_page

STYLE = Path(__file__).with_name("style.css")
MOST_WAITING = 64
READ_AS_ITS_READER_DOES = f"""() => {{
  const code = navigator.language.toLowerCase().split('-')[0], page = document.documentElement;
  page.dir = code === 'ar' ? 'rtl' : 'ltr';
  page.classList.toggle('linked', new URLSearchParams(location.search).has('asked'));
  if ({list(INTERFACE_LANGUAGES)}.includes(code) && !page.lang.startsWith(code)) page.lang = code;
}}"""


def build(models: Models) -> gr.Blocks:
    """Return the whole page; nothing is loaded or started yet."""
    box, store = BallotBox(), AskedStore()
    demo = gr.Blocks(title="CALM Studio", analytics_enabled=False)
    with demo:
        _header()
        _loading_note(models)
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab(word("tab.ask"), id="ask") as ask_tab:
                asking = ask_page(models, box, store)
            with gr.Tab(word("tab.align"), id="align"):
                align = align_page(models)
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
            with gr.Tab(word("tab.about"), id="about"):
                about_page()
        align.to_compare.click(lambda: gr.Tabs(selected="compare"), None, tabs, **QUIET).then(
            finished_runs, align.run, compare.run, **QUIET
        )
        compare.to_duel.click(lambda: gr.Tabs(selected="duel"), None, tabs, **QUIET).then(
            finished_runs, compare.run, dueling, **QUIET
        )
        votes_tab.select(voted_runs, voted, voted, **QUIET)
        compare_tab.select(finished_runs, compare.run, compare.run, **QUIET)
        duel_tab.select(finished_runs, dueling, dueling, **QUIET)
        ballots_tab.select(ballots.show, ballots.votes_of, ballots.outputs, **QUIET)
        connect_duplicate(runs, align, tabs)
        opened = demo.load(known_voter, asking.voter, asking.voter, **QUIET)
        follow_link(store, box, asking.shown, asking.form, asking.voter, opened)

        def answerers(chosen: str | None) -> gr.Dropdown:
            return who_answers(models, chosen)

        gr.on([demo.load, ask_tab.select], answerers, asking.answerer, asking.answerer, **QUIET)
        for event in asking.model_changed:
            event(answerers, asking.answerer, asking.answerer, **QUIET)

        to_choose_from = [asking.model, align.controls["model"]]
        demo.load(lambda: (listed(models), listed(models)), None, to_choose_from, **QUIET)
        gr.on([demo.load, runs_tab.select], history, runs.run, runs.outputs, **QUIET)
        runs.changed.change(shown_run, None, align.run, **QUIET)
        demo.load(shown_run, None, align.run, **QUIET)
        demo.load(new_name, None, align.controls["run"], **QUIET)
        demo.load(lambda: (finished_runs(), finished_runs()), None, [compare.run, dueling], **QUIET)
        demo.load(None, js=READ_AS_ITS_READER_DOES, **QUIET)
        demo.load(None, js=ARROWS_MOVE_TABS, **QUIET)
        add_api(models, store)
    return demo


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


def serve() -> None:
    """Serve the page until the process is stopped; the model loads once the page is up."""
    models = Models(os.environ.get("CALM_MODEL") or SHIPPED_MODEL)
    demo = build(models).queue(max_size=MOST_WAITING)
    demo.launch(
        server_name=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"),
        server_port=int(os.environ.get("GRADIO_SERVER_PORT", "7860")),
        theme=theme(),
        css_paths=[STYLE],
        ssr_mode=False,
        run_history=False,
        enable_monitoring=False,
        max_file_size=MOST_BYTES if may_change(None) else MAX_FILE_BYTES,
        footer_links=["api"],
        i18n=interface(),
        app_kwargs={"middleware": [Middleware(OwnLabels)]},
        prevent_thread_lock=True,
    )
    models.start_loading()
    demo.block_thread()
