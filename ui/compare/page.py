"""The page `Compare`: what an alignment changed, in numbers and answer by answer."""

from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from calm.errors import CalmError
from calm.records import Reading
from ui.asking.baseline_views import baseline_table
from ui.asking.compare_views import (
    CHANGED,
    OUTCOMES,
    READINGS,
    agreement_table,
    comparison_list,
    outcome_counts,
    outcome_key,
    result_box,
    score_table,
    spans_of,
)
from ui.asking.damage_views import damage_section
from ui.asking.finished import Finished, read_finished
from ui.asking.round_views import rounds_section
from ui.compare.damage import damage_button
from ui.parts.events import QUIET
from ui.parts.figures import agreement_matrices, change_plot, split_bars
from ui.parts.html import concat, html_place, markup, note, note_word, warning, word_markup
from ui.parts.runs import finished_names
from ui.parts.use_it import UseIt
from ui.report.file import report_button
from ui.text.words import language_name, say, word

ANY = "all"


@dataclass(frozen=True)
class ComparePage:
    """The components that the rest of the page connects to."""

    run: gr.Dropdown
    to_duel: gr.Button


def compare_page() -> ComparePage:
    """Lay the page out and connect it."""
    name = gr.Dropdown([], label=word("compare.run"), elem_id="compare-run")
    reading = gr.Radio(
        [(word(f"compare.reading.{value}"), value) for value in READINGS],
        value="response",
        label=word("compare.reading"),
        elem_id="compare-reading",
    )
    numbers = html_place(note_word("compare.nothing"), elem_id="compare-numbers")
    with gr.Row():
        outcome = gr.Dropdown(
            [(word(outcome_key(value)), value) for value in (CHANGED, ANY, *OUTCOMES)],
            value=CHANGED,
            label=word("compare.outcome"),
            min_width=220,
            elem_id="compare-outcome",
        )
        code = gr.Dropdown(
            [(word("compare.any-language"), ANY)],
            value=ANY,
            label=word("compare.language"),
            min_width=220,
            elem_id="compare-language",
        )
        search = gr.Textbox(
            "",
            label=word("compare.search"),
            max_length=200,
            min_width=220,
            elem_id="compare-search",
        )
    answers = html_place(elem_id="compare-answers")
    damage_button(name)
    UseIt("compare").connect(name)
    html_place(markup("<p class='source'>{}</p>", word_markup("compare.take-home")))
    report_button(name, "compare-report")
    to_duel = gr.Button(word("compare.to-duel"), elem_id="compare-to-duel")

    def show(chosen: str | None, how: Reading, kind: str, words: str) -> tuple[Any, ...]:
        if not chosen:
            return note(say("compare.nothing")), _languages_of(None), ""
        try:
            run = read_finished(chosen)
            return numbers_of(run, how), _languages_of(run), answers_of(run, how, kind, ANY, words)
        except CalmError as problem:
            return warning(problem), _languages_of(None), ""

    def show_answers(chosen: str | None, how: Reading, kind: str, only: str, words: str) -> Markup:
        try:
            if not chosen:
                return Markup()
            return answers_of(read_finished(chosen), how, kind, only, words)
        except CalmError as problem:
            return warning(problem)

    gr.on(
        [name.change, reading.change],
        show,
        [name, reading, outcome, search],
        [numbers, code, answers],
        **QUIET,
    )
    gr.on(
        [outcome.input, code.input, search.input],
        show_answers,
        [name, reading, outcome, code, search],
        answers,
        trigger_mode="always_last",
        **QUIET,
    )
    return ComparePage(name, to_duel)


def finished_runs(name: str | None = None) -> gr.Dropdown:
    """Return the choice of finished runs, with `name` or else the newest in sight."""
    names = finished_names()
    return gr.Dropdown(names, value=name if name in names else next(iter(names), None))


def numbers_of(run: Finished, reading: Reading) -> Markup:
    """Return the run's numbers in one reading: plots, tables, counts."""
    ways = run.ways(reading)
    words = result_box(run.scores) if reading == "response" else ""
    plots = concat(
        change_plot(run.scores, reading, metric, run.languages)
        for metric in ("accuracy", "consistency")
    )
    return markup(
        '<section class="numbers">{}<div class="plots">{}</div>{}{}{}{}{}{}{}{}</section>',
        words,
        plots,
        score_table(run.scores, reading, run.languages),
        baseline_table(ways.baselines, ways.learnt, run.languages),
        rounds_section(run.rounds, run.scores),
        damage_section(run.damage),
        split_bars(run.scores, reading),
        agreement_matrices(run.scores, reading, run.languages),
        agreement_table(run.scores, reading),
        outcome_counts(run.comparisons[reading]),
    )


def answers_of(run: Finished, reading: Reading, outcome: str, code: str, search: str) -> Markup:
    """Return the held-out answers of one outcome and language whose question holds some words."""
    rows = [row for found in run.evaluations.values() for row in found]
    return comparison_list(
        run.comparisons[reading], run.groups, spans_of(rows, reading), outcome, code, search
    )


def _languages_of(run: Finished | None) -> gr.Dropdown:
    codes = run.languages if run else ()
    any_of_them = (say("compare.any-language"), ANY)
    return gr.Dropdown([any_of_them, *((language_name(c), c) for c in codes)], value=ANY)
