"""The page `Votes`: how far the votes of a run can be trusted, and what a gate would keep of them.

Everything comes from the files of a run. No model is loaded, so imported responses are as good.
"""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from calm.audit import Audit, audit
from calm.errors import CalmError
from calm.gate import Gate, behind, compare_rules
from calm.lint import lint, linted
from calm.pipeline import choices_of, groups_of, split_of
from calm.preview import PairsPreview, format_of, preview
from calm.records import LanguageWeight, Question, Response, Vote
from calm.runs import Run
from ui.audit_views import audit_section
from ui.events import QUIET
from ui.lint_views import lint_section
from ui.runs import run_named, voted_names
from ui.views import note
from ui.vote_figures import gate_plot
from ui.vote_views import (
    FILTERS,
    ROWS_A_PAGE,
    Shown,
    chosen,
    gate_tiles,
    head,
    is_kept,
    pages_of,
    pairs_note,
    rules_section,
    votes_grid,
    weights_section,
)

STEPS = 100
"""The gate is drawn at so many smallest shares."""
NOTHING_YET = note(
    "No run has votes yet. Start one on the page Align: its votes are here as soon as its answers "
    "are counted. Or bring responses in: python -m calm import-responses FOLDER RUN, then extract "
    "RUN and vote RUN."
)
LOOK: dict[str, Any] = {**QUIET, "concurrency_limit": 4}
READING = note("Reading the votes …", "busy")
CHECKING = note("Checking the pairs …", "busy")


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


def votes_page() -> gr.Dropdown:
    """Lay the page out and connect it; return the component that says which run is shown."""
    name = gr.Dropdown([], label="Run", elem_id="votes-run")
    about = _html(NOTHING_YET, "votes-head")
    with gr.Column(visible=False, elem_id="votes-body") as body:
        _title("The gate: fewer votes, more of them right")
        share = gr.Slider(
            0,
            1,
            0.6,
            step=0.01,
            label="Smallest vote share",
            info="Votes below it make no pairs. Move it to see what is kept; the run is not "
            "changed.",
            elem_id="votes-share",
        )
        gate = _html("", "votes-gate")
        _title("The rules beside each other, and every language alone")
        rules = _html("", "votes-rules")
        _title("What each language counts")
        weights = _html("", "votes-weights")
        _title("Vote by vote")
        with gr.Row():
            kind = gr.Dropdown(
                [(words, value) for value, words in FILTERS.items()],
                value="all",
                label="Votes",
                elem_id="votes-kind",
            )
            page = gr.Number(1, precision=0, minimum=1, label="Page", elem_id="votes-page")
        grid = _html("", "votes-grid")
        _title("How answers were read")
        reading = _html("", "votes-reading")
        _title("The pairs, checked before training")
        check = gr.Button("Check the pairs", elem_id="votes-check")
        found = _html("", "votes-lint")

    def show(given: str | None) -> Iterator[dict[Any, Any]]:
        if not given:
            yield {about: NOTHING_YET, body: gr.Column(visible=False)}
            return
        yield {about: READING}
        try:
            voted = read_voted(given)
        except CalmError as problem:  # what is shown of another run must go
            yield {about: note(str(problem), "warning"), body: gr.Column(visible=False)}
            return
        least = voted.run.config.pairs.min_vote_share
        yield {
            about: head(voted.languages, voted.rule, voted.votes),
            body: gr.Column(visible=True),
            share: least,
            gate: gate_of(voted, least, None),
            rules: rules_section(voted.rules, voted.rule),
            weights: weights_section(voted.weights, voted.rule),
            kind: "all",
            page: 1,
            grid: grid_of(voted, "all", least, 1),
            reading: audit_section(voted.audits, voted.shows_choices),
            found: "",
        }

    def show_gate(given: str | None, least: float) -> str:
        return _in_place(lambda: _gate_with_pairs(read_voted(given), least)) if given else ""

    def show_grid(given: str, which: str, least: float, number: float | None) -> str:
        return _in_place(lambda: grid_of(read_voted(given), which, least, int(number or 1)))

    def show_lint(given: str) -> Iterator[str]:
        yield CHECKING
        yield _in_place(lambda: lint_of(run_named(given)))

    everything = [about, body, share, gate, rules, weights, kind, page, grid, reading, found]
    name.change(show, name, everything, **LOOK).then(show_gate, [name, share], gate, **LOOK)
    share.input(show_gate, [name, share], gate, trigger_mode="always_last", **LOOK)
    gr.on(
        [kind.input, share.release],
        lambda given, which, least: (1, show_grid(given, which, least, 1)),
        [name, kind, share],
        [page, grid],
        **LOOK,
    )
    page.input(show_grid, [name, kind, share, page], grid, trigger_mode="always_last", **LOOK)
    check.click(show_lint, name, found, **QUIET)
    return name


def voted_runs(name: str | None = None) -> gr.Dropdown:
    """Return the choice of runs that have votes, with `name` or else the newest in sight."""
    names = voted_names()
    return gr.Dropdown(names, value=name if name in names else next(iter(names), None))


def read_voted(name: str) -> Voted:
    """Return what a run's votes are; raises CalmError where it has none yet."""
    run = run_named(name)
    if not run.has("votes"):
        raise CalmError(
            f"The run {name} has no votes yet. Let it go on on the page Align, or call "
            f"`python -m calm vote {name}`."
        )
    return _read(run, *_changed(run))


def gate_of(voted: Voted, share: float, preview: PairsPreview | None) -> str:
    """Return the gate at a smallest share: its drawing, its numbers, the pairs it would give."""
    at = behind(voted.rule, voted.votes, voted.golds, share)  # type: ignore[arg-type]
    kept = {vote.question_id for vote in voted.votes if is_kept(vote, share)}
    pairs = preview.count(kept) if preview else None
    return f"{gate_tiles(at, pairs)}{pairs_note(pairs)}{gate_plot(voted.curve, at)}"


def grid_of(voted: Voted, kind: str, share: float, page: int) -> str:
    """Return one page of the votes of a kind; a page beyond the last one is the last one."""
    found = chosen(voted.votes, kind, share)
    pages = pages_of(len(found))
    page = min(max(page, 1), pages)
    rows = [
        Shown(
            vote,
            voted.groups[vote.question_id],
            voted.by_question.get(vote.question_id, {}),
        )
        for vote in found[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
    ]
    return votes_grid(rows, voted.languages, share, page, pages, len(found))


def lint_of(run: Run) -> str:
    """Return what the lint finds in a run's pairs."""
    if not run.has("pairs"):
        return note(
            "This run has no pairs yet. Let it go on on the page Align, or call "
            f"`python -m calm pairs {run.name}`.",
            "warning",
        )
    groups = groups_of(run)
    return lint_section(lint(linted(run.rows("pairs"), groups), groups))


def _gate_with_pairs(voted: Voted, share: float) -> str:
    return gate_of(voted, share, pairs_of(voted))


def pairs_of(voted: Voted) -> PairsPreview:
    """Return every pair that the votes can give, made once."""
    return _pairs(voted.run, *_changed(voted.run))


def _changed(run: Run) -> tuple[int, int]:
    files = (run.path("answers"), run.path("votes"))
    first, second = (file.stat().st_mtime_ns if file.is_file() else 0 for file in files)
    return first, second


@functools.lru_cache(maxsize=4)
def _read(run: Run, *changed_at: int) -> Voted:
    config = run.config
    groups = split_of(groups_of(run), "train")
    golds = {i: next(iter(versions.values())).gold for i, versions in groups.items()}
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
        curve=[behind(rule, votes, golds, step / STEPS) for step in range(STEPS + 1)],
        rules=compare_rules(answers, choices_of(run), golds, config.voting.anchor),
        audits=audit(answers, golds),
        shows_choices=format_of(config, answers, groups) != "cloze",
    )


@functools.lru_cache(maxsize=4)
def _pairs(run: Run, *changed_at: int) -> PairsPreview:
    voted = _read(run, *changed_at)
    return preview(voted.votes, voted.answers, voted.groups, run.config)


def _in_place(made: Callable[[], str]) -> str:
    """Return what is made, or in its place what is wrong and what to do about it."""
    try:
        return made()
    except CalmError as problem:
        return note(str(problem), "warning")


def _html(value: str, elem_id: str) -> gr.HTML:
    return gr.HTML(value, elem_id=elem_id, apply_default_css=False)


def _title(words: str) -> None:
    gr.HTML(f"<h2 class='section'>{words}</h2>", apply_default_css=False)
