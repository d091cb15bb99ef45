"""A file that nobody made for this, uploaded on Align: seen, mended, and asked in its languages."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes import FakeModel
from tests.ui.browser import choose, open_tab, opened, served_here
from tests.ui.test_own_file import FOREIGN

if TYPE_CHECKING:
    from playwright.sync_api import Browser

playwright = pytest.importorskip("playwright.sync_api")


@pytest.fixture
def address(calm_home: Path) -> Iterator[str]:
    with served_here(FakeModel()) as where:
        yield where


def test_a_foreign_file_is_mended_by_hand(
    chromium: "Browser", address: str, outside: list[str], tmp_path: Path
):
    page = opened(chromium, address, (1440, 900), outside, locale="en-GB")
    open_tab(page, "Align")
    page.locator("#align-cost section").wait_for()
    button = page.locator("#align-button").bounding_box()
    cost = page.locator("#align-cost h2").bounding_box()
    assert button and cost and button["y"] < cost["y"] and cost["y"] + cost["height"] < 900
    assert not page.locator("#align-own").is_visible()

    file = tmp_path / "mine.csv"
    file.write_text(FOREIGN, encoding="utf-8")
    page.locator("#align-question-set label", has_text="My own file").click()
    page.locator("#align-file input[type=file]").set_input_files(str(file))
    preview = page.locator("#align-file-preview")
    preview.locator(".note.warning", has_text="mine.csv, row 1").wait_for()
    choose(page, "#align-column-text", "Kopf")
    for column in ("Erste", "Zweite"):
        choose(page, "#align-column-choices", column)
    preview.locator("table", has_text="Quecksilber").wait_for()
    choose(page, "#align-column-language", "Deutsch")
    preview.locator(".result", has_text="in German").wait_for()
    page.locator("#align-cost", has_text="Translating").wait_for()

    model = page.locator("#align-model input")
    model.click()
    page.wait_for_function("getSelection().toString() === document.activeElement.value")
    assert outside == []
