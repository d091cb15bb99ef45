"""A visitor stops and looks before training: pairs are changed, another gate makes them again."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calm.ballots.box import BallotBox
from calm.pairs.edits import FILE
from calm.pipeline.align import align, redo
from calm.pipeline.context import Context
from calm.records import Untranslated
from calm.runs import jobs
from calm.runs.folder import Run, open_run
from tests.ballot_makers import consensus
from tests.fakes import FakeModel
from tests.ui.browser import SCREENS, choose, open_tab, served_here, visit
from tests.ui.furnished import FINISHED, WAITING, furnish

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


@pytest.fixture
def looking(calm_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve a run that waits for a look; what is started is done here, by a fake model."""

    def start(run: Run, until: str | None = None) -> None:
        align(Context(run, _model=FakeModel()), until=until)

    furnish(calm_home)
    monkeypatch.setattr(jobs, "start", start)
    with served_here(FakeModel()) as address:
        yield address


def test_where_people_disagree_with_the_votes_is_listed_before_training(
    chromium: "Browser", looking: str, outside: list[str]
) -> None:
    run = open_run(WAITING)
    english = next(q for q in run.rows("questions") if (q.id, q.language) == ("q0", "en"))
    winner = next(vote.winner for vote in run.rows("votes") if vote.question_id == "q0")
    ballot = consensus("wrong", english.choices[winner], question_id="q0", question=english.text)
    BallotBox().cast(ballot, ballot.voter, ballot.opinion)
    page = visit(chromium, looking, "desktop", outside)
    open_tab(page, "Align")
    choose(page, "#align-run", WAITING)
    listed = page.locator("#look-disagreements li")
    listed.first.wait_for()
    playwright.expect(listed).to_have_count(1)
    playwright.expect(listed).to_contain_text("which animal is number 0?")


def test_what_has_nothing_to_show_is_not_there(
    chromium: "Browser", calm_home: Path, outside: list[str]
) -> None:
    with served_here(FakeModel()) as address:
        page = visit(chromium, address, "desktop", outside)
        for tab, told, part in (
            ("Align", "#align-progress", "#look"),
            ("Votes", "#votes-head", "#votes-body"),
        ):
            open_tab(page, tab)
            page.locator(f"{told} .note").wait_for()
            playwright.expect(page.locator(part)).to_be_hidden()
        for tab in ("Align", "Compare", "Runs"):
            open_tab(page, tab)
            playwright.expect(page.locator(f"#{tab.lower()}-use")).to_be_hidden()
            playwright.expect(page.locator(f"#{tab.lower()}-use-button")).to_be_hidden()
        open_tab(page, "Align")
        playwright.expect(page.locator("#align-plots figure")).to_have_count(0)


def sides(page: "Page", number: int) -> tuple[str, str]:
    """Return the chosen and the rejected answer of a pair in the table."""
    row = page.locator("#look-pairs tbody tr").nth(number)
    return row.locator(".yes > div").inner_text(), row.locator(".no > div").inner_text()


@pytest.mark.parametrize("screen", SCREENS)
def test_pairs_are_excluded_swapped_and_taken_back_and_the_gate_makes_them_again(
    chromium: "Browser", looking: str, outside: list[str], screen: str
) -> None:
    page = visit(chromium, looking, screen, outside)
    open_tab(page, "Align")
    choose(page, "#align-run", WAITING)
    rows, changes = page.locator("#look-pairs tbody tr"), page.locator("#look-changes")
    rows.first.wait_for()
    pairs = len(open_run(WAITING).rows("pairs"))
    assert rows.count() == pairs
    page.get_by_role("button", name="Exclude pair 1", exact=True).click()
    playwright.expect(changes).to_contain_text("Excluded: 1.")
    playwright.expect(rows.first).to_have_class("excluded")

    chosen, rejected = sides(page, 1)
    page.get_by_role("button", name="Swap the sides of pair 2", exact=True).click()
    playwright.expect(changes).to_contain_text("Sides swapped: 1.")
    assert sides(page, 1) == (rejected, chosen)

    rows.first.get_by_role("button").click()
    playwright.expect(changes).to_contain_text("Excluded: 0.")
    assert [edit.action for edit in open_run(WAITING).rows(FILE)] == ["swap"]
    choose(page, "#look-mark", "changed")
    playwright.expect(rows).to_have_count(1)

    kept = sum(vote.share >= 0.6 for vote in open_run(WAITING).rows("votes"))
    assert 0 < kept < 4
    page.fill("#look-share input[type=number]", "0.6")
    page.locator("#look-gate .tiles li", has_text=f"{kept}").filter(has_text="of 4").wait_for()
    page.click("#look-apply")
    page.locator("#look-lead", has_text=f"4 votes are counted and {3 * kept} pairs").wait_for()
    assert open_run(WAITING).config.pairs.min_vote_share == 0.6
    playwright.expect(rows).to_have_count(len(open_run(WAITING).rows("pairs")))
    assert outside == []


def test_a_version_that_was_left_out_is_written_in_and_asked(
    chromium: "Browser", looking: str, outside: list[str]
) -> None:
    run = open_run(WAITING)
    rows = [q for q in run.rows("questions") if (q.id, q.language) != ("q0", "fr")]
    run.write("questions", rows)
    run.write("untranslated", [Untranslated("q0", "fr", "it repeats itself")])
    asked = [r for r in run.rows("responses") if (r.question_id, r.language) != ("q0", "fr")]
    run.write("responses", asked)
    redo("extract", run)
    jobs.start(run, "pairs")
    page = visit(chromium, looking, "phone", outside)
    open_tab(page, "Align")
    choose(page, "#align-run", WAITING)
    drawer = page.locator("#align-translations button.label-wrap")
    drawer.filter(has_text="Versions left out: 1; translations made: 0").wait_for()
    drawer.click()
    fields = page.locator("#translations-table textarea")
    fields.nth(4).wait_for()
    assert fields.count() == 5
    for place, text in enumerate(("Quel animal ?", "fourmi", "abeille", "vache", "chien")):
        fields.nth(place).fill(text)
    page.get_by_role("button", name="Keep these texts").click()
    page.locator("#translations-table tbody", has_text="a person").wait_for()
    drawer.filter(has_text="Translations made: 1").wait_for()
    answers = open_run(WAITING).rows("answers")
    assert ("q0", "fr") in {(answer.question_id, answer.language) for answer in answers}
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert outside == []


def test_a_changed_answer_opens_both_texts_and_closes_again(
    chromium: "Browser", looking: str, outside: list[str]
) -> None:
    page = visit(chromium, looking, "desktop", outside)
    open_tab(page, "Compare")
    choose(page, "#compare-run", FINISHED)
    entry = page.locator("#compare-answers .flips li").first
    entry.locator("summary").focus()
    page.keyboard.press("Enter")
    texts = entry.locator(".side .written")
    playwright.expect(texts).to_have_count(2)
    playwright.expect(texts.first).to_be_visible()
    before, after = texts.all_inner_texts()
    assert before != after
    page.keyboard.press("Enter")
    playwright.expect(texts.first).not_to_be_visible()
    assert outside == []


def test_what_may_not_be_changed_is_said_below_the_control_and_in_sight(
    chromium: "Browser", looking: str, outside: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALM_READ_ONLY", "1")
    page = visit(chromium, looking, "phone", outside)
    open_tab(page, "Align")
    name = page.locator("#align-name").locator("input, textarea")
    before = name.input_value()
    page.click("#align-button")
    playwright.expect(page.locator("#align-not-started .note")).to_contain_text("looking only")
    assert name.input_value() == before
    choose(page, "#align-run", WAITING)
    page.locator("#look-pairs tbody button").first.click()
    playwright.expect(page.locator("#look-not-changed .note")).to_be_in_viewport()
    page.click("#look-train")
    playwright.expect(page.locator("#look-not-trained .note")).to_contain_text("looking only")
    assert page.locator(".toast-body").count() == 0
    assert not open_run(WAITING).has(FILE)
