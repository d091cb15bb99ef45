"""A visitor votes, in a real browser: on Ask, between two models, and sees it counted.

No model is loaded: a fake one answers, and the run that is compared was written by hand.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from calm.asking.store import AskedStore
from calm.ballots.box import BallotBox
from calm.config import RunConfig
from calm.evaluation.compare import compare_answers
from calm.evaluation.evaluate import scores
from calm.models.interface import Draw, Prompt
from calm.records import Evaluation
from calm.runs.folder import create_run
from tests.fakes import FakeModel, make_adapter
from tests.free_makers import freely_asked
from tests.ui.browser import (
    SCREENS,
    artefact,
    fits,
    open_tab,
    served_here,
    visit,
)
from ui.asking.form import built_in

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

LANGUAGES = ("en", "fr", "ar")


def finished_run() -> None:
    """Write a run that was measured on one question, on which it mended all languages' answers."""
    run = create_run("mine", RunConfig(model="fake", languages=LANGUAGES))
    identity, versions = next((i, v) for i, v in built_in().items() if v["en"].split == "held-out")
    groups = {identity: {code: versions[code] for code in LANGUAGES}}
    gold = versions["en"].gold or 0
    rows = [
        Evaluation(
            identity,
            code,
            role,
            reading,
            versions[code].choices[said],
            said,
            None,
            (-1.0,) * 4,
        )
        for role, said in (("base", 1 - min(gold, 1)), ("aligned", gold))
        for reading in ("response", "likelihood")
        for code in LANGUAGES
    ]
    run.write("questions", groups[identity].values())
    run.write("translations", [])
    run.write("evaluations", rows)
    run.write("scores", scores(rows, {identity: gold}, LANGUAGES))
    run.write("comparisons", compare_answers(rows, groups))
    make_adapter(run.adapter)


class Agreeing(FakeModel):
    """Gives a question's first choice in every language, and its second one with an adapter."""

    def __init__(self) -> None:
        super().__init__()
        questions = (q for versions in built_in().values() for q in versions.values())
        self._in_order = {frozenset(q.choices): q.choices for q in questions}

    def _answer(self, prompt: Prompt, draw: Draw, adapter: Path | None) -> str:
        shown = frozenset(choice.strip() for choice in prompt.choices)
        return self._in_order[shown][0 if adapter is None else 1]


@pytest.fixture
def voting(calm_home: Path) -> Iterator[str]:
    """Serve the pages with a fake model from this process, and return where they are."""
    calm_home.mkdir()
    finished_run()
    with served_here(Agreeing()) as address:
        yield address


@pytest.mark.parametrize("screen", SCREENS)
def test_ballots_are_cast_counted_and_taken_home(
    chromium: "playwright.Browser",
    voting: str,
    outside: list[str],
    screen: str,
    tmp_path: Path,
):
    page = visit(chromium, voting, screen, outside)
    page.locator("#ask-examples button").first.click()
    playwright.expect(page.locator("#ask-text textarea")).not_to_have_value("")
    page.locator("#opinion button").first.wait_for()
    for opinion in ("not-sure", "wrong"):
        page.click(f"#opinion-all-{opinion}")
        page.locator(f"#opinion-all-{opinion}[aria-pressed=true]").wait_for()
    thumb, pressed = (
        page.locator("#cards button[data-opinion=up]").first,
        "#cards [aria-pressed=true]",
    )
    for presses in (1, 0, 1):
        thumb.click()
        playwright.expect(page.locator(pressed)).to_have_count(presses)
    page.screenshot(path=artefact(f"voting-ask-{screen}.png"), full_page=True)

    open_tab(page, "Duel")
    playwright.expect(page.locator("#duel-run input")).to_have_value("mine")
    assert page.locator("#both-examples").is_hidden()
    page.locator("#duel-examples button").first.click()
    page.locator("#duel-ar").wait_for()
    assert "fake" not in page.locator("#both-answers").inner_text()
    page.screenshot(path=artefact(f"voting-blind-{screen}.png"), full_page=True)
    page.click("#duel-fr-left")
    page.locator("#duel-fr-left[aria-pressed=true]").wait_for()
    assert "Left: fake" in page.locator("#duel-fr").inner_text()
    assert "fake" not in page.locator("#duel-ar").inner_text()
    page.click("#duel-fr-left")
    page.locator("#duel-fr-left[aria-pressed=false]").wait_for()
    assert "Left: fake" in page.locator("#duel-fr").inner_text()
    page.click("#duel-fr-right")
    page.locator("#duel-fr-right[aria-pressed=true]").wait_for()
    page.click("#both-reveal")
    page.locator("#duel-ar", has_text="no ballot").wait_for()
    page.screenshot(path=artefact(f"voting-seen-{screen}.png"), full_page=True)

    page.locator("#both-recorded input").click()
    page.get_by_role("option").first.click()
    page.locator("#both-answers", has_text="As recorded").wait_for()
    assert page.locator("#both-answers button").count() == 0

    open_tab(page, "Ballots")
    page.locator("#ballots-tally figure.shares").first.wait_for()
    assert page.locator("#ballots-tally figure.shares").count() == 3
    assert page.locator("#ballots-latest li").count() == 3
    assert page.locator("#ballots-disagreements li").count() == 1
    with page.expect_download() as download:
        page.click("#ballots-csv")
    download.value.save_as(tmp_path / "ballots.csv")
    with (tmp_path / "ballots.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert sorted(row["kind"] for row in rows) == ["consensus", "duel", "thumb"]
    voters = {ballot.voter for ballot in BallotBox().all()}
    assert len(voters) == len({row["voter"] for row in rows}) == 1
    assert not voters & {row["voter"] for row in rows}

    page.screenshot(path=artefact(f"voting-ballots-{screen}.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert outside == []


def test_a_free_question_of_a_link_is_voted_on_and_keeps_its_ballots(
    chromium: "playwright.Browser", voting: str, outside: list[str]
):
    identity = AskedStore().keep(freely_asked())
    page = visit(chromium, f"{voting}?asked={identity}", "phone", outside)
    for button in ("#opinion-all-right", "#ballot-zh-down"):
        page.click(button)
        page.locator(f"{button}[aria-pressed=true]").wait_for()
    page.click("#ballot-zh-up")
    page.locator("#ballot-zh-up[aria-pressed=true]").wait_for()
    page.reload()
    page.locator("#ballot-zh-up[aria-pressed=true]").wait_for()
    page.locator("#opinion-all-right[aria-pressed=true]").wait_for()
    fits(page, "voting-free.png")
    open_tab(page, "Ballots")
    page.locator("#ballots-latest", has_text="How many legs has a spider?").wait_for()
    assert page.locator("#ballots-tally figure.shares").count() == 2
    assert outside == []
