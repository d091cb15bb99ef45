"""The page `Votes`: how far the votes of a run can be trusted, and what a gate would keep of them.

Everything comes from the files of a run. No model is loaded, so imported responses are as good.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from calm.answers.audit import Audit, audit
from calm.errors import CalmError
from calm.pairs.lint.report import lint, linted
from calm.pairs.preview import PairsPreview, format_of, preview
from calm.pipeline.review import can_be_looked_at, set_gate
from calm.pipeline.run_questions import choices_of, golds_of, groups_of, split_of
from calm.records import LanguageWeight, Question, Response, Vote
from calm.runs import jobs
from calm.runs.folder import Run
from calm.voting.gate import Gate, compare_rules, gate_at
from ui.parts import lent_runs
from ui.parts.events import QUIET, problem_place, said_of, visibility
from ui.parts.html import esc, html_place, markup, note, note_word, warning, word_markup
from ui.parts.paging import LOOK, connect_pages, page_of, pages_of
from ui.parts.rights import check_rights
from ui.parts.runs import read_once, run_named, voted_names
from ui.parts.vote_figures import gate_plot
from ui.text.numbers import percent
from ui.text.words import say, word
from ui.votes.audit_views import audit_section
from ui.votes.gate_views import gate_tiles, head, pairs_note, rules_section, weights_section
from ui.votes.grid_views import KINDS, ROWS_A_PAGE, Shown, chosen, is_kept, votes_grid
from ui.votes.lint_views import lint_section

STEPS = 100
"""The gate is drawn at so many smallest shares."""


@dataclass(frozen=True)
class Voted:
    """A run that has been voted on, read once."""

    run: Run
    groups: Mapping[str, Mapping[str, Question]]
    golds: Mapping[str, int | None]
    votes: Sequence[Vote]
    weights: Sequence[LanguageWeight]
    answers: Sequence[Response]
    by_question: Mapping[str, Mapping[str, Sequence[Response]]]
    curve: Sequence[Gate]
    """What is kept at every smallest share that is drawn."""
    rules: Sequence[Gate]
    audits: Sequence[Audit]
    shows_choices: bool
    """Whether the model saw the choices, so that a place in their list could win."""

    @property
    def languages(self) -> tuple[str, ...]:
        return self.run.config.languages

    @property
    def rule(self) -> str:
        return self.votes[0].rule if self.votes else self.run.config.voting.rule


@dataclass(frozen=True)
class GateControls:
    """A smallest share that is tried on the votes of a run, and what it keeps."""

    share: gr.Slider
    gate: gr.HTML
    apply: gr.Button
    problem: gr.HTML
    """Says why it was not applied."""


@dataclass(frozen=True)
class GridControls:
    """The votes of a run, question by question, as many as go on a page."""

    kind: gr.Dropdown
    page: gr.Number
    grid: gr.HTML


def gate_controls(prefix: str) -> GateControls:
    """Lay out the gate; element ids begin with `prefix`."""
    share = gr.Slider(
        0,
        1,
        0.6,
        step=0.01,
        label=word("votes.share"),
        info=word("votes.share.info"),
        elem_id=f"{prefix}-share",
    )
    gate = html_place(elem_id=f"{prefix}-gate")
    button = gr.Button(word("votes.apply"), elem_id=f"{prefix}-apply")
    return GateControls(share, gate, button, problem_place(f"{prefix}-not-applied"))


def grid_controls(prefix: str) -> GridControls:
    """Lay out the votes question by question; element ids begin with `prefix`."""
    with gr.Row():
        kind = gr.Dropdown(
            [(word(f"votes.kind.{kind}"), kind) for kind in KINDS],
            value="all",
            label=word("votes.kind"),
            elem_id=f"{prefix}-kind",
        )
        page = gr.Number(
            1, precision=0, minimum=1, label=word("common.page"), elem_id=f"{prefix}-page"
        )
    return GridControls(kind, page, html_place(elem_id=f"{prefix}-grid"))


def connect_votes(name: gr.Dropdown, gate: GateControls, grid: GridControls, shown: Any) -> None:
    """Let the gate and the grid follow what is chosen; `shown` is what first fills them."""

    def show_gate(given: str, least: float) -> Markup:
        return _in_place(lambda: gate_with_pairs(read_voted(given), least))

    def show_grid(given: str, which: str, least: float, number: float | None) -> Markup:
        return _in_place(lambda: grid_of(read_voted(given), which, least, number))

    gate.share.input(
        show_gate,
        [name, gate.share],
        gate.gate,
        trigger_mode="always_last",
        cancels=[shown],
        **LOOK,
    )
    connect_pages(
        [grid.kind.input, gate.share.change],
        [name, grid.kind, gate.share],
        grid.page,
        grid.grid,
        show_grid,
    )


def apply_gate(name: str, share: float) -> None:
    """Give a run another gate and start making its pairs again.

    Raises CalmError while any run is being aligned, and once this one's training has begun.
    """
    busy = jobs.running()
    if busy is not None:
        raise CalmError("run.one-at-a-time", run=busy.name)
    lent_runs.start(set_gate(run_named(name), share), until="pairs")


def apply_shown_gate(request: gr.Request, name: str | None, share: float) -> Markup:
    """Do it for a visitor of a page; return what is wrong."""

    def act() -> None:
        check_rights(request)
        apply_gate(name or "", share)
        gr.Info(esc(say("votes.applied", run=name, share=percent(share))))

    return said_of(act)


def votes_page() -> gr.Dropdown:
    """Lay the page out and connect it; return the component that says which run is shown."""
    name = gr.Dropdown([], label=word("common.run"), elem_id="votes-run")
    about = html_place(note_word("votes.nothing_yet"), elem_id="votes-head")
    with gr.Column(visible="hidden", elem_id="votes-body") as body:
        title("votes.title.gate")
        gate = gate_controls("votes")
        title("votes.title.rules")
        rules = html_place(elem_id="votes-rules")
        title("votes.title.weights")
        weights = html_place(elem_id="votes-weights")
        title("votes.title.grid")
        grid = grid_controls("votes")
        title("votes.title.reading")
        reading = html_place(elem_id="votes-reading")
        title("votes.title.pairs")
        check = gr.Button(word("votes.check"), elem_id="votes-check")
        found = html_place(elem_id="votes-lint")

    def show(given: str | None) -> Iterator[dict[Any, Any]]:
        if not given:
            yield {about: note(say("votes.nothing_yet")), body: gr.Column(visible="hidden")}
            return
        yield {about: note(say("votes.reading"), "busy")}
        try:
            voted = read_voted(given)
        except CalmError as problem:  # what is shown of another run must go
            yield {about: warning(problem), body: gr.Column(visible="hidden")}
            return
        least = voted.run.config.pairs.min_vote_share
        yield {
            body: gr.Column(visible=True),
            about: head(voted.languages, voted.rule, voted.votes),
            gate.share: least,
            gate.gate: gate_of(voted, least, None),
            gate.apply: gr.Button(visible=visibility(can_be_looked_at(voted.run))),
            rules: rules_section(voted.rules, voted.rule),
            weights: weights_section(voted.weights, voted.rule),
            grid.kind: "all",
            grid.page: 1,
            grid.grid: grid_of(voted, "all", least, 1),
            reading: audit_section(voted.audits, voted.shows_choices),
            found: "",
        }
        yield {gate.gate: gate_with_pairs(voted, least)}

    def show_lint(given: str) -> Iterator[Markup]:
        yield note(say("votes.checking"), "busy")
        yield _in_place(lambda: lint_of(run_named(given)))

    shown_parts = [*vars(gate).values(), rules, weights, *vars(grid).values(), reading, found]
    shown = name.change(show, name, [about, body, *shown_parts], **LOOK)
    connect_votes(name, gate, grid, shown)
    gate.apply.click(apply_shown_gate, [name, gate.share], gate.problem, **QUIET).success(
        lambda problem: gr.Button(visible=visibility(bool(problem))),
        gate.problem,
        gate.apply,
        **QUIET,
    )
    name.change(lambda: "", None, gate.problem, **QUIET)
    check.click(show_lint, name, found, **QUIET)
    return name


def voted_runs(name: str | None = None) -> gr.Dropdown:
    """Return the choice of runs that have votes, with `name` or else the newest in sight."""
    names = voted_names()
    return gr.Dropdown(names, value=name if name in names else next(iter(names), None))


def read_voted(name: str) -> Voted:
    """Return what a run's votes are; raises CalmError where it has none yet."""
    return voted_of(run_named(name))


def voted_of(run: Run) -> Voted:
    """Return what the votes of a run are, wherever it lies; raises CalmError where it has none."""
    if not run.has("votes"):
        raise CalmError("run.no-votes", run=run.name)
    return _read(run)


def gate_of(voted: Voted, share: float, preview: PairsPreview | None) -> Markup:
    """Return the gate at a smallest share: its drawing, its numbers, the pairs it would give."""
    at = gate_at(voted.rule, voted.votes, voted.golds, share)  # type: ignore[arg-type]
    kept = {vote.question_id for vote in voted.votes if is_kept(vote, share)}
    pairs = preview.count(kept) if preview else None
    return markup("{}{}{}", gate_tiles(at, pairs), pairs_note(pairs), gate_plot(voted.curve, at))


def grid_of(voted: Voted, kind: str, share: float, page: float | None) -> Markup:
    """Return one page of the votes of a kind; a page beyond the last one is the last one."""
    found = chosen(voted.votes, kind, share)
    on_page, number = page_of(found, page, ROWS_A_PAGE)
    rows = [
        Shown(
            vote,
            voted.groups[vote.question_id],
            voted.by_question.get(vote.question_id, {}),
        )
        for vote in on_page
    ]
    weights = {row.language: row.weight for row in voted.weights}
    pages = pages_of(len(found), ROWS_A_PAGE)
    return votes_grid(rows, voted.languages, share, number, pages, len(found), weights)


def lint_of(run: Run) -> Markup:
    """Return what the lint finds in a run's pairs."""
    if not run.has("pairs"):
        return note(say("votes.no_pairs", run=run.name), "warning")
    groups = groups_of(run)
    return lint_section(lint(linted(run.rows("pairs"), groups), groups))


def gate_with_pairs(voted: Voted, share: float) -> Markup:
    """Return the gate with the pairs that it would give, which take a moment to count."""
    return gate_of(voted, share, pairs_of(voted))


def pairs_of(voted: Voted) -> PairsPreview:
    """Return every pair that the votes can give, made once."""
    return _pairs(voted.run)


def _files(run: Run) -> list[Path]:
    return [run.path("answers"), run.path("votes"), run.folder / "config.json"]


@read_once(_files)
def _read(run: Run) -> Voted:
    config = run.config
    groups = split_of(groups_of(run), "train")
    golds = golds_of(groups)
    votes: list[Vote] = run.rows("votes")
    answers: list[Response] = run.rows("answers")
    by_question: dict[str, dict[str, list[Response]]] = {}
    for row in answers:
        by_question.setdefault(row.question_id, {}).setdefault(row.language, []).append(row)
    rule = votes[0].rule if votes else config.voting.rule
    return Voted(
        run=run,
        groups=groups,
        golds=golds,
        votes=votes,
        weights=run.rows("weights"),
        answers=answers,
        by_question=by_question,
        curve=[gate_at(rule, votes, golds, step / STEPS) for step in range(STEPS + 1)],
        rules=compare_rules(answers, choices_of(run), golds, config.voting.anchor),
        audits=audit(answers, golds),
        shows_choices=format_of(config, answers, groups, run.model_record()) != "cloze",
    )


@read_once(_files)
def _pairs(run: Run) -> PairsPreview:
    voted = _read(run)
    return preview(voted.votes, voted.answers, voted.groups, run.config, run.model_record())


def _in_place(made: Callable[[], Markup]) -> Markup:
    """Return what is made, or in its place what is wrong and what to do about it."""
    try:
        return made()
    except CalmError as problem:
        return warning(problem)


def title(key: str) -> None:
    """Put a heading between the parts of a page."""
    html_place(markup("<h2 class='section'>{}</h2>", word_markup(key)))
