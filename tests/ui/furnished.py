"""A home with something to see on every page, made without a model, and a walk through the pages.

The app that is served over it has no model either: all that is shown was recorded.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calm.asking.store import AskedStore
from calm.ballots.box import BallotBox
from calm.pipeline.align import align
from calm.pipeline.context import Context
from calm.runs.folder import create_run
from tests.ballot_makers import consensus, duel, thumb
from tests.fakes import FakeModel
from tests.recorded import asked_question, finished_run, recorded_settings
from tests.ui.browser import choose, open_tab
from tests.ui.imported import do, imported_run

if TYPE_CHECKING:
    from playwright.sync_api import Page

FINISHED, WAITING, IMPORTED = "honey-bees", "waits-for-a-look", "from-elsewhere"
STEPS = 24
BALLOTS = (
    thumb("up", "dog"),
    thumb("down", "cat", "bob"),
    duel("model", "dog", "cat"),
    consensus("wrong", "cat"),
    consensus("right", "dog", "bob"),
)


def furnish(home: Path) -> None:
    """Fill a home with a finished, a waiting and an imported run, with questions and ballots."""
    files = home / "files"
    files.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALM_HOME", str(home))
        patch.setattr("calm.questions.translators.GOOGLE._resting_until", float("inf"))
        do(imported_run(IMPORTED, files), ("pairs",))
        finished = finished_run(FINISHED, files)
        for step in range(3, STEPS):
            finished.append_json("metrics", metrics_of(step))
        finished.log.write_text("loading fake\nquestions: 7 of 7\n", encoding="utf-8")
        waiting = create_run(WAITING, recorded_settings(files))
        align(Context(waiting, _model=FakeModel()), until="pairs")
        AskedStore().keep(asked_question())
        for ballot in BALLOTS:
            BallotBox().cast(ballot, ballot.voter, ballot.opinion)


def metrics_of(step: int) -> dict[str, float]:
    """Return what a training writes at one step."""
    learnt = step / STEPS
    return {
        "step": step,
        "loss": 0.7 - 0.3 * learnt,
        "rewards/chosen": learnt,
        "rewards/rejected": -learnt,
        "rewards/margins": 2 * learnt,
        "rewards/accuracies": 0.5 + learnt / 2,
    }


def see_answers(page: "Page") -> None:
    page.locator("#cards .card").nth(1).wait_for()


def see_replay(page: "Page") -> None:
    choose(page, "#ask-model", FINISHED)
    choose(page, "#ask-recorded", "1?")
    page.locator("#cards .card").nth(2).wait_for()


def see_settings_and_pairs(page: "Page") -> None:
    choose(page, "#align-run", WAITING)
    page.locator("#look-pairs tbody tr").first.wait_for()
    page.locator("#align-how button.label-wrap").first.click()
    for part in ("sampling", "voting", "pairs", "train"):
        page.locator(f"#align-how-{part} button.label-wrap").click()
    page.locator("#align-warmup-ratio").wait_for()


def see_result(page: "Page") -> None:
    choose(page, "#align-run", FINISHED)
    page.locator("#align-result .result").wait_for()
    page.locator("#align-plots [data-plot=loss] polyline").wait_for()


def see_votes(page: "Page") -> None:
    choose(page, "#votes-run", IMPORTED)
    page.locator("#votes-head", has_text="12").wait_for()
    page.locator("#votes-grid tbody tr").first.wait_for()
    page.locator("#votes-rules tr.of-run").first.wait_for()
    page.click("#votes-check")
    page.locator("#votes-lint .findings li, #votes-lint .note").first.wait_for()
    page.locator("#votes-grid summary").first.click()


def see_comparison(page: "Page") -> None:
    choose(page, "#compare-run", FINISHED)
    page.locator("#compare-numbers figure.dots").first.wait_for()
    page.locator("#compare-answers summary").first.click()
    page.locator("#compare-answers .sides").first.wait_for()


def see_duel(page: "Page") -> None:
    choose(page, "#duel-run", FINISHED)
    page.locator("#both-recorded input").click()
    page.get_by_role("option").first.click()
    page.locator("#both-answers .card").nth(2).wait_for()


def see_ballots(page: "Page") -> None:
    page.locator("#ballots-tally figure.shares").nth(2).wait_for()
    page.locator("#ballots-latest li").first.wait_for()


def see_runs(page: "Page") -> None:
    page.locator("#runs-table tbody tr").nth(2).wait_for()


def see_about(page: "Page") -> None:
    page.locator("#about-text").wait_for()


STOPS: dict[str, tuple[str, Callable[["Page"], None]]] = {
    "ask": ("ask", see_answers),
    "ask-replayed": ("ask", see_replay),
    "align-waiting": ("align", see_settings_and_pairs),
    "align-finished": ("align", see_result),
    "votes": ("votes", see_votes),
    "compare": ("compare", see_comparison),
    "duel": ("duel", see_duel),
    "ballots": ("ballots", see_ballots),
    "runs": ("runs", see_runs),
    "about": ("about", see_about),
}
"""What is seen on the walk: the tab that it is on, and how it is brought into sight."""


def go_to(page: "Page", stop: str, tab_names: dict[str, str]) -> None:
    """Bring a stop of the walk into sight, from wherever the page is now."""
    tab, see = STOPS[stop]
    open_tab(page, tab_names[tab])
    see(page)
