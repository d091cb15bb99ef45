"""For scripts: what the page `Align` shows of a run and changes in it, under names of its own."""

import dataclasses
from typing import Any

import gradio as gr
from gradio.events import api

from calm.errors import CalmError
from calm.pairs.lint.report import as_json, lint, linted
from calm.pipeline.corrections import correct, translations_of
from calm.pipeline.run_questions import groups_of
from calm.runs import jobs
from calm.voting.gate import gate_at
from ui.align.look import change_pair, rows_of
from ui.align.watch import log_tail
from ui.compare.damage import look_at_all
from ui.parts import lent_runs
from ui.parts.events import problems_shown
from ui.parts.rights import check_rights
from ui.parts.runs import run_named, settled
from ui.votes.grid_views import is_kept
from ui.votes.page import apply_gate, pairs_of, read_voted


def add_align_api() -> None:
    """Add the named functions to the page under construction."""
    for watching in (alignment_status, alignment_metrics, alignment_log):
        api(watching, api_name=watching.__name__)
    for looking in (run_votes, run_pairs, lint_run, edit_pair, set_gate):
        api(looking, api_name=looking.__name__)
    for translating in (run_translations, correct_translation):
        api(translating, api_name=translating.__name__)
    for function in (go_on_alignment, stop_alignment, measure_damage):
        api(function, api_name=function.__name__)


def alignment_status(run: str) -> dict[str, Any]:
    """Return how far an alignment is: stage, state, done of total, rate a second.

    Args:
        run: Name of a run, as `list_runs` gives it.
    """
    with problems_shown():
        return _status(run)


def alignment_metrics(run: str) -> list[dict[str, float]]:
    """Return what the training of a run has logged so far: a row a step, under TRL's own names.

    Args:
        run: Name of a run, as `list_runs` gives it.
    """
    with problems_shown():
        return run_named(run).metrics()


def alignment_log(run: str) -> str:
    """Return the last lines of a run's log; nothing before there is one.

    Args:
        run: Name of a run, as `list_runs` gives it.
    """
    with problems_shown():
        return log_tail(run_named(run))


def run_votes(run: str, min_vote_share: float) -> dict[str, Any]:
    """Return a run's votes, what this smallest share keeps of them, and the pairs it would give.

    `pairs` is a range: without a translation service, and with one.

    Args:
        run: Name of a run, as `list_runs` gives it.
        min_vote_share: The smallest share of the votes that keeps a question, 0 to 1.
    """
    with problems_shown():
        voted = read_voted(run)
        kept = {vote.question_id for vote in voted.votes if is_kept(vote, min_vote_share)}
        gate = gate_at(voted.rule, voted.votes, voted.golds, min_vote_share)  # type: ignore[arg-type]
        return {
            "gate": dataclasses.asdict(gate),
            "pairs": list(pairs_of(voted).count(kept)),
            "votes": [dataclasses.asdict(vote) for vote in voted.votes],
        }


def run_pairs(run: str) -> list[dict[str, Any]]:
    """Return a run's pairs as they were made, each with its key, its lint marks, and its change.

    The change is `exclude`, `swap`, or null.

    Args:
        run: Name of a run, as `list_runs` gives it.
    """
    with problems_shown():
        return [
            {
                "pair": row.key,
                **dataclasses.asdict(row.pair),
                "marks": list(row.marks),
                "change": row.action,
            }
            for row in rows_of(run_named(run))
        ]


def lint_run(run: str) -> dict[str, Any]:
    """Return what the lint finds in a run's pairs: about the set first, then by pair.

    `surface` tells how well the form alone tells chosen from rejected, for all and by language.

    Args:
        run: Name of a run, as `list_runs` gives it.
    """
    with problems_shown():
        found = run_named(run)
        if not found.has("pairs"):
            raise CalmError("run.no-pairs", run=found.name)
        groups = groups_of(found)
        return as_json(lint(linted(found.rows("pairs"), groups), groups))


def edit_pair(run: str, pair: str, change: str, request: gr.Request) -> dict[str, int]:
    """Change a pair, named by its key, before training: `exclude`, `swap` its sides, or `undo`.

    Returns how many pairs are trained on, excluded and swapped now. Refused once training has
    begun, and where the app is read-only.
    """
    with problems_shown():
        check_rights(request)
        found = run_named(run)
        change_pair(found, pair, change)
        changes = [row.action for row in rows_of(found)]
        excluded = changes.count("exclude")
        return {
            "learnt": len(changes) - excluded,
            "excluded": excluded,
            "swapped": changes.count("swap"),
        }


def set_gate(run: str, min_vote_share: float, request: gr.Request) -> dict[str, Any]:
    """Give a run another smallest vote share and start making its pairs again; return its status.

    Refused once training has begun, and where the app is read-only.

    Args:
        run: Name of a run, as `list_runs` gives it.
        min_vote_share: The smallest share of the votes that keeps a question, 0 to 1.
    """
    with problems_shown():
        check_rights(request)
        apply_gate(run_named(run).name, min_vote_share)
        return _status(run)


def run_translations(run: str) -> list[dict[str, Any]]:
    """Return the versions of a run's questions that no author wrote, those nobody could make first.

    `source` is `google`, `model`, `human`, or empty for a version left out; `reason` says why.

    Args:
        run: Name of a run, as `list_runs` gives it.
    """
    with problems_shown():
        return [translation.row for translation in translations_of(run_named(run))]


def correct_translation(
    run: str, id: str, language: str, text: str, choices: list[str], request: gr.Request
) -> dict[str, Any]:
    """Put a question and its choices, as a person translates them, in a version's place.

    Returns the run's status; it asks that question anew when it goes on (`go_on_alignment`).
    Refused once training has begun, and where the app is read-only.
    """
    with problems_shown():
        check_rights(request)
        row = {"id": id, "language": language, "text": text, "choices": choices}
        correct(run_named(run), [(1, row)], "correct_translation")
        return _status(run)


def go_on_alignment(run: str, request: gr.Request) -> dict[str, Any]:
    """Let a run go on where it stopped, such as before training; return its status.

    Args:
        run: Name of a run, as `list_runs` gives it.
    """
    with problems_shown():
        check_rights(request)
        lent_runs.start(run_named(run))
        return _status(run)


def stop_alignment(run: str, request: gr.Request) -> dict[str, Any]:
    """Ask a running alignment to stop after the step it is in; return its status.

    Args:
        run: Name of a run, as `list_runs` gives it.
    """
    with problems_shown():
        check_rights(request)
        jobs.stop(run_named(run))
        return _status(run)


def measure_damage(run: str, request: gr.Request) -> dict[str, Any]:
    """Look at all questions for what a finished alignment may have harmed; return its status.

    Both models are asked, which takes minutes; `compare_run` has the findings then. A part is
    looked at by every alignment itself.

    Args:
        run: Name of a finished run, as `list_runs` gives it.
    """
    with problems_shown():
        check_rights(request)
        look_at_all(run_named(run))
        return _status(run)


def _status(run: str) -> dict[str, Any]:
    return dataclasses.asdict(settled(run_named(run)).status())
