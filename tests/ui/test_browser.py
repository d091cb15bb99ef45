"""A visitor's journey through the pages, in a real browser against the real app and model."""

import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from calm.asking.store import AskedStore, asked_id
from calm.exchange.archive import pack, unpack
from calm.runs.folder import delete_run, open_run
from tests.recorded import asked_question, finished_run
from tests.ui.browser import (
    LONG,
    SCREENS,
    artefact,
    choose,
    choose_languages,
    fits,
    home_that_was_measured,
    open_tab,
    served,
    unfold,
    visit,
)
from tests.ui.imported import do, imported_run

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, shipped_folder: Path) -> Path:
    """Return a home without runs and ballots that shares the prepared model."""
    return home_that_was_measured(tmp_path_factory.mktemp("home"), shipped_folder)


@pytest.fixture(scope="module")
def address(home: Path, chromium: "playwright.Browser") -> Iterator[str]:
    """Start `python app.py` as anybody would, and return where it is."""
    with served(home, "app.log") as (where, _):
        yield where


@pytest.mark.parametrize("screen", SCREENS)
def test_one_click_asks_an_example_in_six_languages_and_it_is_voted_on(
    chromium: "playwright.Browser", address: str, outside: list[str], screen: str
):
    page = visit(chromium, address, screen, outside)
    page.locator("#ask-examples button").nth(2).click()
    playwright.expect(page.locator("#ask-text textarea")).not_to_have_value("")
    page.locator("#cards .ballot").first.wait_for(timeout=LONG)

    assert page.locator("#vote .gauge").count() == 1
    assert page.locator("#cards .differs-mark").count() > 0
    assert page.locator("#cards .card").count() == 6
    assert page.locator("#cards .card .responses li").count() == 6 * 4
    assert page.locator("#cards mark").count() > 0
    assert page.locator("#card-ar .question:not(.mine)").get_attribute("dir") == "rtl"
    assert " votes" in page.locator("#vote").inner_text()

    up = page.locator(".ballot button[data-opinion=up]").first
    up.wait_for()
    before = int(up.inner_text())
    up.click()
    up = page.locator(".ballot button[data-opinion=up][aria-pressed=true]").first
    up.wait_for()
    assert int(up.inner_text()) == before + 1

    link = page.locator("#ask-link textarea, #ask-link input")
    playwright.expect(link).to_have_value(re.compile(r"/\?asked=[0-9a-f]{16}$"))
    page.screenshot(path=artefact(f"ask-{screen}.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert outside == []


def test_what_is_typed_is_shown_and_never_run(
    chromium: "playwright.Browser", address: str, outside: list[str]
):
    page = visit(chromium, address, "desktop", outside)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.fill("#ask-text textarea", "Is <img src=x onerror=alert(1)> ${alert(2)} {{value}} right?")
    unfold(page, "#ask-with")
    page.fill("#ask-choices textarea", "yes <b>it</b> is\nno ${1+1} {{1}}")
    unfold(page, "#ask-how")
    choose_languages(page, "#ask-languages", ("English",))
    page.click("#ask-button")
    page.locator("#vote", has_text="yes <b>it</b> is").wait_for(timeout=LONG)

    question = page.locator("#card-en .question").inner_text()
    assert question == "Is <img src=x onerror=alert(1)> ${alert(2)} {{value}} right?"
    assert "yes <b>it</b> is" in page.locator("#vote").inner_text()
    assert "no ${1+1} {{1}}" in page.locator("#vote").inner_text()
    assert dialogs == []


def test_a_missing_question_is_a_message_to_the_visitor(
    chromium: "playwright.Browser", address: str, outside: list[str]
):
    page = visit(chromium, address, "desktop", outside)
    unfold(page, "#ask-with")
    page.fill("#ask-choices textarea", "honey\nmilk")
    page.click("#ask-button")
    page.get_by_text("There is no question yet.").first.wait_for()


@pytest.mark.parametrize("screen", SCREENS)
def test_the_votes_of_imported_responses_are_shown_and_a_gate_is_tried(
    chromium: "playwright.Browser",
    address: str,
    home: Path,
    outside: list[str],
    screen: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("CALM_HOME", str(home))
    monkeypatch.setattr("calm.questions.translators.GOOGLE._resting_until", math.inf)
    do(imported_run(f"bees-{screen}", tmp_path), ("pairs",))
    page = visit(chromium, address, screen, outside)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.get_by_role("tab", name="Votes").click()
    page.locator("#votes-head", has_text="12 questions in 3 languages").wait_for()
    assert page.locator("#votes-run input").input_value() == f"bees-{screen}"
    page.locator("#votes-gate svg polyline.measured").wait_for(state="attached")
    assert "alone is right on" in page.locator("#votes-rules").inner_text()
    assert page.locator("#votes-weights tbody tr").count() == 3
    assert page.locator("#votes-grid tbody tr").count() == 12
    assert page.locator("#votes-reading .places").count() == 3

    page.fill("#votes-share input[type=number]", "1")
    page.locator("#votes-gate", has_text="1 of 12 questions kept").wait_for()
    page.locator("#votes-kind input").click()
    page.get_by_role("option", name="kept by the gate").click()
    playwright.expect(page.locator("#votes-grid tbody tr")).to_have_count(1)

    page.click("#votes-check")
    page.locator("#votes-lint", has_text="checked").wait_for()
    page.screenshot(path=artefact(f"votes-{screen}.png"), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert dialogs == []
    assert outside == []


@pytest.fixture(scope="module")
def talk(
    chromium: "playwright.Browser", tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """Serve the app without a model, and without one on its disk; give its address, an archive."""
    folder = tmp_path_factory.mktemp("talk")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALM_HOME", str(folder / "elsewhere"))
        pack(finished_run("made-elsewhere", folder), folder / "talk.zip", [asked_question()])
    AskedStore(folder / "home" / "asked.sqlite").keep(asked_question())
    with served(folder / "home", "talk.log", CALM_MODEL="none") as (where, app):
        yield where, folder / "talk.zip"
        maps = Path(f"/proc/{app.pid}/maps")
        assert not maps.exists() or "libtorch" not in maps.read_text()


@pytest.mark.parametrize("screen", SCREENS)
def test_an_archive_is_opened_and_replayed_without_a_model(
    chromium: "playwright.Browser", talk: tuple[str, Path], outside: list[str], screen: str
):
    address, archive = talk
    page = visit(chromium, address, screen, outside)
    open_tab(page, "Runs")
    page.set_input_files("#runs-file input[type=file]", archive)
    page.fill("#runs-open-name textarea, #runs-open-name input", f"talk-{screen}")
    page.click("#runs-open")
    row = page.locator("#runs-table tbody tr", has_text=f"talk-{screen}")
    row.wait_for()
    assert "from an archive" in row.inner_text()
    assert "On 3 held-out questions" in row.inner_text()
    fits(page, f"runs-{screen}.png")

    open_tab(page, "Compare")
    page.locator("#compare-numbers figure.dots").first.wait_for()
    page.click("#compare-to-duel")
    choose(page, "#both-recorded", "en: which animal is number 5?")
    page.locator("#both-answers", has_text="As recorded").wait_for()
    playwright.expect(page.locator("#both-answers .card")).to_have_count(3)
    assert "Asking anew needs the model fake" in page.locator("#both-why-not").inner_text()
    assert not page.locator("#both-button").is_visible()
    assert page.locator("#both-answers button").count() == 0
    fits(page, f"replay-compare-{screen}.png")

    open_tab(page, "Ask")
    choose(page, "#ask-model", f"recorded: talk-{screen}")
    choose(page, "#ask-recorded", "en: which animal is number 1?")
    page.locator("#vote", has_text=f"As recorded in the run talk-{screen}").wait_for()
    assert page.locator("#cards .card").count() == 3
    assert page.locator("#cards .card .responses li").count() == 9
    assert page.locator("#cards mark").count() > 0
    assert not page.locator("#ask-button").is_visible()
    fits(page, f"replay-ask-{screen}.png")
    assert outside == []


def test_a_link_shows_the_answers_again(
    chromium: "playwright.Browser", talk: tuple[str, Path], outside: list[str]
):
    address, _ = talk
    page = visit(chromium, address, "desktop", outside)
    page.goto(f"{address}/?asked={asked_id(asked_question())}")
    page.locator("#vote", has_text="3 of 4 votes").wait_for()
    assert page.locator("#cards .card").count() == 2
    link = page.locator("#ask-link textarea, #ask-link input")
    playwright.expect(link).to_have_value(f"{address}/?asked={asked_id(asked_question())}")
    page.click("#opinion-all-right")
    page.locator("#opinion-all-right[aria-pressed=true]").wait_for()
    page.locator("#cards button[data-opinion=up]").first.click()
    page.locator("#cards button[aria-pressed=true]").wait_for()
    page.reload()
    page.locator("#opinion-all-right[aria-pressed=true]").wait_for()
    assert page.locator("#cards button[aria-pressed=true]").count() == 1
    page.goto(f"{address}/?asked=0123456789abcdef")
    page.locator("#vote", has_text="not kept here").wait_for()
    assert outside == []


def test_answers_are_shown_in_the_reader_s_language_without_asking_again(
    chromium: "playwright.Browser", talk: tuple[str, Path], outside: list[str]
):
    address, _ = talk
    page = visit(chromium, address, "desktop", outside)
    page.goto(f"{address}/?asked={asked_id(asked_question())}")
    french = page.locator("#card-fr .responses li")
    playwright.expect(french).to_have_count(2)

    def french_says(text: str) -> None:
        playwright.expect(french.first).to_have_text(text, use_inner_text=True)

    french_says("du miel")
    page.locator("#ask-mine input").check()
    french_says("du miel honey")
    assert page.locator("#card-en .mine").count() == 0
    page.locator("#ask-mine input").uncheck()
    french_says("du miel")
    assert outside == []


def test_a_reader_of_arabic_has_the_page_from_right_to_left(
    chromium: "playwright.Browser", talk: tuple[str, Path]
):
    address, _ = talk
    page = chromium.new_page(locale="ar", viewport={"width": 1024, "height": 800})
    page.goto(address)
    page.wait_for_function("document.documentElement.dir === 'rtl'")
    page.wait_for_selector(".top h1")
    for place in (".top", "#vote .note", "#ask-model"):
        shown = page.locator(place).first
        assert shown.evaluate("e => getComputedStyle(e).direction") == "rtl", place
    title, tab = page.locator(".top h1").bounding_box(), page.get_by_role("tab").first
    assert title is not None and title["x"] > 512
    assert tab.bounding_box()["x"] > 512
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_every_button_of_an_answer_is_reached_by_keyboard_and_says_what_it_does(
    chromium: "playwright.Browser", talk: tuple[str, Path], outside: list[str]
):
    address, _ = talk
    page = visit(chromium, address, "desktop", outside)
    page.goto(f"{address}/?asked={asked_id(asked_question())}")
    page.locator("#opinion-all-right").focus()
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.type"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    opinions, thumbs = ["opinion-all-wrong", "opinion-all-not-sure"], ["up", "down"]
    assert reached == [*opinions, "checkbox", *(f"ballot-en-{thumb}" for thumb in thumbs)]
    page.keyboard.press("Enter")
    pressed = page.locator("#ballot-en-down[aria-pressed=true]")
    pressed.wait_for()
    assert pressed.get_attribute("aria-label") == "English: thumbs down, 1 so far"
    page.wait_for_function("document.activeElement.id === 'ballot-en-down'")


def test_a_run_is_renamed_duplicated_and_deleted(
    chromium: "playwright.Browser", talk: tuple[str, Path], outside: list[str]
):
    address, archive = talk
    page = visit(chromium, address, "desktop", outside)
    open_tab(page, "Runs")
    page.set_input_files("#runs-file input[type=file]", archive)
    page.click("#runs-open")
    made = page.locator("#runs-table tbody tr", has_text="made-elsewhere")
    made.wait_for()
    playwright.expect(page.locator("#runs-run input")).to_have_value("made-elsewhere")

    page.fill("#runs-new-name textarea, #runs-new-name input", "renamed")
    page.click("#runs-rename")
    page.locator("#runs-table tbody tr", has_text="renamed").wait_for()
    assert made.count() == 0

    page.click("#runs-archive")
    with page.expect_download() as download:
        page.click("#runs-download")
    assert download.value.suggested_filename == "renamed.zip"

    page.click("#runs-duplicate")
    page.locator("#align-button").wait_for()
    assert page.locator("#align-languages input:checked").count() == 3
    open_tab(page, "Runs")

    page.click("#runs-delete")
    page.get_by_text("type exactly this name").first.wait_for()
    page.fill("#runs-sure textarea, #runs-sure input", "renamed")
    page.click("#runs-delete")
    playwright.expect(page.locator("#runs-table tbody tr", has_text="renamed")).to_have_count(0)
    assert outside == []


def test_every_page_has_an_address_that_reload_back_and_a_fresh_link_keep(
    chromium: "playwright.Browser",
    talk: tuple[str, Path],
    outside: list[str],
    monkeypatch: pytest.MonkeyPatch,
):
    address, archive = talk
    monkeypatch.setenv("CALM_HOME", str(archive.parent / "home"))
    unpack(archive, "first")
    page = visit(chromium, address, "desktop", outside)

    def is_seen(tab: str, run: str | None = None) -> None:
        name = tab.capitalize()
        shown = page.get_by_role("tab", name=name, exact=True)
        playwright.expect(shown).to_have_attribute("aria-selected", "true")
        if run:
            playwright.expect(page.locator(f"#{tab}-run input")).to_have_value(run)
        page.wait_for_url(f"{address}/?tab={tab}" + (f"&run={run}" if run else ""))

    open_tab(page, "Compare")
    is_seen("compare", "first")
    unpack(archive, "second")  # as another visitor would: every list follows, without a reload
    choose(page, "#compare-run", "second")
    is_seen("compare", "second")
    open_tab(page, "About")
    is_seen("about")
    page.reload()
    is_seen("about")
    page.go_back()
    is_seen("compare", "second")
    page.go_back()
    is_seen("compare", "first")
    page.go_forward()
    is_seen("compare", "second")
    for direction in ("back", "forward", "back"):  # faster than the server answers
        page.evaluate(
            f"new Promise(r => {{ addEventListener('popstate', r, {{once: true}});"
            f" history.{direction}(); }})"
        )
    is_seen("compare", "first")
    page.go_forward()
    is_seen("compare", "second")
    page.reload()
    is_seen("compare", "second")
    page.goto(f"{address}/?tab=votes&run=first")
    is_seen("votes", "first")
    page.goto(f"{address}/?tab=runs&run=%3Cb%3Egone")
    page.locator("#address-note", has_text="This page has no run “<b>gone”").wait_for()
    for name in ("first", "second"):
        delete_run(open_run(name))
    assert outside == []
