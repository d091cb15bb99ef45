"""On the page `Align`: a run's translations, and those that lack, in a table to correct them in."""

from typing import Any

import gradio as gr
from markupsafe import Markup

from calm.errors import CalmError
from calm.pipeline.corrections import correct, translations_of
from calm.pipeline.review import can_be_looked_at, check_untrained
from calm.questions.files import Numbered
from calm.runs import jobs
from calm.runs.folder import Run
from ui.align.translation_views import ALL, KINDS, count_in_words, translation_table
from ui.parts import lent_runs
from ui.parts.events import QUIET, TO_THE_PROBLEM, in_place, problem_place, visibility
from ui.parts.html import esc, html_place, warning
from ui.parts.rights import check_rights
from ui.parts.runs import run_named
from ui.text.words import language_name, say, word

ROWS_A_PAGE = 20
KEEP = """
element.addEventListener('click', event => {
  if (!event.target.closest('button[data-keep]')) return;
  const rows = [...element.querySelectorAll('tr[data-question]')].flatMap((row, n) => {
    const fields = [...row.querySelectorAll('textarea')];
    if (fields.every(field => field.value === field.defaultValue)) return [];
    const [text, ...choices] = fields.map(field => field.value);
    const place = Number(row.dataset.number);
    return [{place, id: row.dataset.question, language: row.dataset.language, text, choices}];
  });
  trigger('click', {rows});
});
"""
"""A press of the button sends the rows that were changed, and what they say now."""


class Translations:
    """The drawer below a run's progress; what it holds is read when it is opened."""

    def __init__(self, name: gr.Dropdown, waiting: gr.State) -> None:
        with gr.Accordion(
            word("align.translations"), open=False, visible="hidden", elem_id="align-translations"
        ) as self.drawer:
            with gr.Row():
                self.kind = gr.Dropdown(
                    [(word(f"align.translations.{kind}"), kind) for kind in KINDS],
                    value=ALL,
                    label=word("align.translations.kind"),
                    elem_id="translations-kind",
                )
                self.language = gr.Dropdown(
                    [], label=word("align.look.language"), elem_id="translations-language"
                )
                self.page = gr.Number(
                    1,
                    precision=0,
                    minimum=1,
                    label=word("common.page"),
                    elem_id="translations-page",
                )
            self.table = html_place(elem_id="translations-table", js_on_load=KEEP)
            self.problem = problem_place("translations-problem")
        self._connect(name, waiting)

    def _connect(self, name: gr.Dropdown, waiting: gr.State) -> None:
        chosen = [name, self.kind, self.language, self.page]
        opened = gr.on([self.drawer.expand, name.change], self._opened, name, chosen[1:], **QUIET)
        opened.then(table_of, chosen, self.table, **QUIET)
        gr.on(
            [self.kind.input, self.language.input],
            lambda given, kind, code: (1, table_of(given, kind, code, 1)),
            chosen[:3],
            [self.page, self.table],
            trigger_mode="always_last",
            **QUIET,
        )
        waiting.change(table_of, chosen, self.table, **QUIET)
        self.page.input(table_of, chosen, self.table, trigger_mode="always_last", **QUIET)
        self.kept = self.table.click(keep, chosen, [self.table, self.problem], **QUIET)
        self.kept.success(None, self.problem, js=TO_THE_PROBLEM % "translations-problem", **QUIET)
        name.change(lambda: "", None, self.problem, **QUIET)

    def _opened(self, name: str | None) -> tuple[Any, ...]:
        codes = run_named(name).config.languages if name else ()
        every = (say("align.look.all_languages"), ALL)
        named = [(language_name(code), code) for code in codes]
        return gr.Dropdown(value=ALL), gr.Dropdown([every, *named], value=ALL), 1

    def label(self, run: Run) -> gr.Accordion:
        """Return the drawer with what it holds on it; none for a run without translations."""
        left_out, made = (_lines(run, name) for name in ("untranslated", "translations"))
        words = count_in_words(left_out, made)
        return gr.Accordion(label=words, visible=visibility(bool(left_out or made)))


def keep(
    request: gr.Request,
    event: gr.EventData,
    name: str,
    kind: str,
    code: str,
    page: float | None,
) -> tuple[Any, ...]:
    """Keep what a person corrected, for those who may; return the table and what is wrong.

    A run that waits to be looked at makes its votes and pairs anew at once, and waits again.
    """
    try:
        check_rights(request)
        run = run_named(name)
        waits = can_be_looked_at(run)
        changed = correct(run, rows_sent(event), say("align.translations.table"))
        if changed and waits and jobs.running() is None:
            lent_runs.start(run, until="pairs")
        gr.Info(esc(say("align.translations.kept", count=changed)))
        return table_of(name, kind, code, page), ""
    except CalmError as problem:
        return in_place(problem, 1)


def rows_sent(event: gr.EventData) -> list[Numbered]:
    """Return the numbered rows that a browser sent; anything that is none is left out."""
    sent: Any = event._data if isinstance(event._data, dict) else {}
    rows = sent.get("rows")
    rows = rows[:ROWS_A_PAGE] if isinstance(rows, list) else []
    return [
        (place if isinstance(place := row.pop("place", 0), int) else 0, row)
        for row in rows
        if isinstance(row, dict)
    ]


def table_of(name: str | None, kind: str | None, code: str | None, page: float | None) -> Markup:
    """Return one page of a run's translations, in fields where they can still be corrected."""
    if not name:
        return Markup()
    try:
        run = run_named(name)
        rows = [
            (number, row)
            for number, row in enumerate(translations_of(run), start=1)
            if KINDS[kind or ALL](row) and code in (None, ALL, row.language)
        ]
        pages = max(1, -(-len(rows) // ROWS_A_PAGE))
        here = min(max(int(page or 1), 1), pages)
        shown = rows[(here - 1) * ROWS_A_PAGE : here * ROWS_A_PAGE]
        refused = why_not(run)
        table = translation_table(shown, refused is None, here, pages, len(rows))
        return warning(refused) + table if refused else table
    except CalmError as problem:
        return warning(problem)


def why_not(run: Run) -> CalmError | None:
    """Return why the translations of a run cannot be corrected now; `None` where they can."""
    try:
        check_untrained(run)
    except CalmError as problem:
        return problem
    return None


def _lines(run: Run, name: str) -> int:
    path = run.path(name)
    return path.read_bytes().count(b"\n") if path.is_file() else 0
