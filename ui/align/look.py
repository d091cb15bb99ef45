"""On the page `Align`: stop and look, between votes and training, and change what is learnt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from calm.ballots.box import BallotBox
from calm.errors import CalmError
from calm.evaluation.common_ground import common_ground
from calm.pairs.edits import FILE, pair_key
from calm.pairs.lint.findings import Finding
from calm.pairs.lint.pair_rules import pair_findings
from calm.pairs.lint.report import linted
from calm.pipeline.review import edit_pair
from calm.pipeline.run_questions import groups_of
from calm.records import EditAction, PairEdit, PreferencePair, Question
from calm.runs.folder import Run
from ui.align.look_views import (
    CHANGED,
    EVERY,
    MARKED,
    UNMARKED,
    PairRow,
    changes_in_words,
    pair_table,
    with_count,
)
from ui.asking.ballot_views import disagreement_list
from ui.ballots.page import found_on
from ui.parts.events import (
    QUIET,
    TO_THE_PROBLEM,
    in_place,
    presses,
    problem_place,
    sent_with,
)
from ui.parts.html import html_place, markup, warning, word_markup
from ui.parts.paging import LOOK, connect_pages, page_of, pages_of
from ui.parts.rights import check_rights
from ui.parts.runs import read_once, run_named
from ui.text.problems import say_message
from ui.text.words import language_name, say, word
from ui.votes.gate_views import ground_note
from ui.votes.page import (
    apply_shown_gate,
    connect_votes,
    gate_controls,
    gate_of,
    gate_with_pairs,
    grid_controls,
    grid_of,
    read_voted,
    title,
)

PAIRS_A_PAGE = 25
ACTIONS: dict[str, EditAction | None] = {"exclude": "exclude", "swap": "swap", "undo": None}
PRESS = presses("button[data-pair]", "pair: button.dataset.pair, action: button.dataset.action")


@dataclass(frozen=True)
class Looked:
    """The pairs of a run with what the lint says of each, read once."""

    pairs: Sequence[PreferencePair]
    keys: Sequence[str]
    marks: Sequence[Sequence[Finding]]
    groups: Mapping[str, Mapping[str, Question]]


class Look:
    """The panel that is there while a run waits before its training."""

    def __init__(self, name: gr.Dropdown, waiting: gr.State) -> None:
        with gr.Column(elem_id="look", visible="hidden") as self.panel:
            title("align.look.title")
            self.lead = html_place(elem_id="look-lead")
            title("align.look.gate")
            gate = gate_controls("look")
            title("align.look.votes")
            grid = grid_controls("look")
            title("ballots.disagreements")
            self.people = html_place(elem_id="look-disagreements")
            title("align.look.pairs")
            html_place(markup('<p class="below">{}</p>', word_markup("align.look.pairs_about")))
            with gr.Row():
                self.language = gr.Dropdown(
                    [], label=word("align.look.language"), elem_id="look-language"
                )
                self.mark = gr.Dropdown([], label=word("align.look.mark"), elem_id="look-mark")
                self.page = gr.Number(
                    1,
                    precision=0,
                    minimum=1,
                    label=word("common.page"),
                    elem_id="look-page",
                )
            self.table = html_place(elem_id="look-pairs", js_on_load=PRESS)
            self.not_changed = problem_place("look-not-changed")
            self.changes = html_place(elem_id="look-changes")
            self.train = gr.Button(
                word("align.look.train"), variant="primary", elem_id="look-train"
            )
            self.not_trained = problem_place("look-not-trained")
        self.gate, self.grid = gate, grid
        shown = waiting.change(
            self.show,
            [name, waiting],
            [
                *(self.panel, self.lead, gate.share, gate.gate, grid.kind, grid.page, grid.grid),
                *(self.people, self.language, self.mark, self.page, self.table, self.changes),
            ],
            **LOOK,
        )
        connect_votes(name, gate, grid, shown)
        self.gate_applied = gate.apply.click(
            apply_shown_gate, [name, gate.share], gate.problem, **QUIET
        )
        self._connect_pairs(name)

    def _connect_pairs(self, name: gr.Dropdown) -> None:
        chosen = [name, self.language, self.mark]
        connect_pages(
            [self.language.input, self.mark.input], chosen, self.page, self.table, table_of
        )

        def press(
            request: gr.Request,
            event: gr.EventData,
            given: str,
            code: str,
            mark: str,
            page: float | None,
        ) -> tuple[Any, ...]:
            try:
                check_rights(request)
                change_pair(run_named(given), *sent_with(event, ("pair", "action")))
                return table_of(given, code, mark, page), changes_of(run_named(given)), ""
            except CalmError as problem:
                return in_place(problem, 2)

        self.table.click(
            press, [*chosen, self.page], [self.table, self.changes, self.not_changed], **QUIET
        ).success(None, self.not_changed, js=TO_THE_PROBLEM % "look-not-changed", **QUIET)

    def show(self, name: str | None, waiting: str) -> Iterator[dict[Any, Any]]:
        """Fill the panel with a run that waits, or put it away."""
        if not name or not waiting:
            yield {self.panel: gr.Column(visible="hidden")}
            return
        try:
            voted, looked = read_voted(name), read_pairs(run_named(name))
        except CalmError as problem:
            yield {
                self.panel: gr.Column(visible=True),
                self.lead: warning(problem),
            }
            return
        least = voted.run.config.pairs.min_vote_share
        lead = say("align.look.lead", votes=len(voted.votes), pairs=len(looked.pairs))
        shared = ground_note(common_ground(voted.votes))
        yield {
            self.panel: gr.Column(visible=True),
            self.lead: markup('<p class="result">{}</p>{}', lead, shared),
            self.gate.share: least,
            self.gate.gate: gate_of(voted, least, None),
            self.grid.kind: "all",
            self.grid.page: 1,
            self.grid.grid: grid_of(voted, "all", least, 1),
            self.people: disagreement_list(found_on(BallotBox(), name)),
            self.language: gr.Dropdown(language_choices(looked), value=EVERY),
            self.mark: gr.Dropdown(mark_choices(looked), value=EVERY),
            self.page: 1,
            self.table: table_of(name, EVERY, EVERY, 1),
            self.changes: changes_of(run_named(name)),
        }
        yield {self.gate.gate: gate_with_pairs(voted, least)}


def change_pair(run: Run, key: str, action: str) -> None:
    """Exclude a pair, swap its sides, or undo either; raises CalmError for anything else."""
    if action not in ACTIONS:
        raise CalmError("pair.unknown-action", action=repr(action[:40]))
    edit_pair(run, key, ACTIONS[action])


def read_pairs(run: Run) -> Looked:
    """Return a run's pairs with their marks."""
    return _read(run)


def rows_of(run: Run, language: str = EVERY, mark: str = EVERY) -> list[PairRow]:
    """Return the pairs of one language and one mark, as they are shown."""
    looked = read_pairs(run)
    actions = {edit.pair: edit.action for edit in edits_of(run)}
    rows = [
        PairRow(number, key, pair, tuple(dict.fromkeys(f.rule for f in marks)), actions.get(key))
        for number, (key, pair, marks) in enumerate(
            zip(looked.keys, looked.pairs, looked.marks, strict=True), start=1
        )
    ]
    return [row for row in rows if language in (EVERY, row.pair.language) and _has(row, mark)]


def table_of(name: str, language: str | None, mark: str | None, page: float | None) -> Markup:
    """Return one page of the pair table; a page beyond the last one is the last one."""
    run = run_named(name)
    rows = rows_of(run, language or EVERY, mark or EVERY)
    shown, number = page_of(rows, page, PAIRS_A_PAGE)
    pages = pages_of(len(rows), PAIRS_A_PAGE)
    return pair_table(shown, read_pairs(run).groups, number, pages, len(rows))


def changes_of(run: Run) -> Markup:
    """Return what has been changed, in words."""
    return changes_in_words(edits_of(run), read_pairs(run).keys)


def edits_of(run: Run) -> list[PairEdit]:
    """Return what a person changed about the pairs."""
    return run.rows(FILE)


def language_choices(looked: Looked) -> list[tuple[str, str]]:
    """Return the languages that have pairs, each with how many."""
    codes = list(dict.fromkeys(pair.language for pair in looked.pairs))
    own = [
        (with_count(language_name(code), sum(p.language == code for p in looked.pairs)), code)
        for code in codes
    ]
    return [(say("align.look.all_languages"), EVERY), *own]


def mark_choices(looked: Looked) -> list[tuple[str, str]]:
    """Return what the pairs can be chosen by: any mark, none, a change, or one rule of the lint."""
    rules: dict[str, int] = {}
    for marks in looked.marks:
        for rule in {finding.rule for finding in marks}:
            rules[rule] = rules.get(rule, 0) + 1
    marked = sum(bool(marks) for marks in looked.marks)
    return [
        (say("align.look.all"), EVERY),
        (with_count(say("align.look.marked"), marked), MARKED),
        (with_count(say("align.look.unmarked"), len(looked.marks) - marked), UNMARKED),
        (say("align.look.changed"), CHANGED),
        *(
            (with_count(say_message(f"lint.rule.{rule}"), count), rule)
            for rule, count in rules.items()
        ),
    ]


def _has(row: PairRow, mark: str) -> bool:
    if mark in (EVERY, CHANGED):
        return mark == EVERY or row.action is not None
    if mark in (MARKED, UNMARKED):
        return bool(row.marks) == (mark == MARKED)
    return mark in row.marks


@read_once(lambda run: [run.path("pairs")])
def _read(run: Run) -> Looked:
    pairs: list[PreferencePair] = run.rows("pairs")
    groups = groups_of(run)
    marks: list[list[Finding]] = [[] for _ in pairs]
    for finding in pair_findings(linted(pairs, groups)):
        if finding.pair is not None:
            marks[finding.pair].append(finding)
    return Looked(pairs, [pair_key(pair) for pair in pairs], marks, groups)
