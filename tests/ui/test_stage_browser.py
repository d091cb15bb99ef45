"""A talk, in a real browser: a question on stage, a phone that votes, a report with no network."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calm.asking.store import asked_id
from calm.runs.folder import open_run
from tests.fakes import FakeModel
from tests.recorded import asked_question
from tests.ui.browser import artefact, opened, served_here
from tests.ui.furnished import FINISHED, furnish
from ui.report.file import report_file

if TYPE_CHECKING:
    from playwright.sync_api import Browser

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

WALL, PHONE = (1920, 1080), (390, 844)


def test_a_question_goes_on_stage_and_a_phones_ballot_is_seen_there(
    chromium: "Browser", calm_home: Path, outside: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALM_PUBLIC_URL", "http://192.168.1.20:7860")
    furnish(calm_home)
    with served_here(FakeModel()) as where:
        link = f"{where}?asked={asked_id(asked_question())}"
        page = opened(chromium, link, WALL, outside)
        page.locator("#cards .card").nth(1).wait_for()
        page.click("#ask-stage")
        stage = page.frame_locator("#stage-frame")
        playwright.expect(stage.locator(".people")).to_contain_text("0 people")
        page.wait_for_function("document.fullscreenElement?.id === 'stage-frame'")
        assert stage.locator(".code svg").is_visible()

        phone = opened(chromium, f"{link}&vote=1", PHONE, outside, color_scheme="dark")
        phone.click("#card-en button[value=up]")
        playwright.expect(phone.locator("#card-en button[value=up]")).to_have_attribute(
            "aria-pressed", "true"
        )
        phone.screenshot(path=artefact("phone.png"), full_page=True)
        assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        playwright.expect(stage.locator(".people")).to_contain_text("1 person")
        page.screenshot(path=artefact("stage.png"))

        page.keyboard.press("Escape")
        playwright.expect(page.locator("#stage-frame")).to_have_count(0)
        playwright.expect(page.locator("#ask-stage")).to_be_focused()
    assert outside == []


def test_a_report_opens_without_a_network_and_prints(
    chromium: "Browser", calm_home: Path, tmp_path: Path, outside: list[str]
) -> None:
    furnish(calm_home)
    file = tmp_path / "report.html"
    file.write_text(report_file(open_run(FINISHED)), encoding="utf-8")
    context = chromium.new_context(offline=True, viewport={"width": 1024, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(file.as_uri())
    page.locator("#made dd").first.wait_for()
    assert asked == [file.as_uri()]
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.screenshot(path=artefact("report.png"), full_page=True)
    sheets = page.pdf(prefer_css_page_size=True, path=artefact("report.pdf"))
    assert 1 <= sheets.count(b"/Type /Page\n") <= 4
