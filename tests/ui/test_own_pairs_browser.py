"""Pairs of one's own are uploaded on Align: checked in sight, and what they cost is told."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calm.exchange.export import write_pairs
from calm.runs import jobs
from calm.runs.folder import list_runs
from tests.ui.browser import open_tab, opened
from tests.ui.test_own_file_browser import address
from tests.ui.test_own_pairs import PAIRS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

playwright = pytest.importorskip("playwright.sync_api")
__all__ = ["address"]
"""Pytest finds the fixture by its name."""


def test_pairs_are_uploaded_and_trained_on(
    chromium: "Browser",
    address: str,
    outside: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    started: list[str] = []
    monkeypatch.setattr(jobs, "start", lambda run, until=None: started.append(run.name))
    file = tmp_path / "pairs.jsonl"
    write_pairs(PAIRS, "sharegpt", file)
    page = opened(chromium, address, (1440, 900), outside, locale="en-GB")
    open_tab(page, "Align")
    page.locator("#align-cost section", has_text="Responses to sample").wait_for()
    page.locator("#align-own-pairs button").first.click()
    page.locator("#align-pairs-file input[type=file]").set_input_files(str(file))
    page.locator("#align-pairs-found", has_text="3 pairs checked").wait_for()
    cost = page.locator("#align-cost section", has_text="Pairs to train on")
    cost.filter(has_not_text="Responses to sample").wait_for()
    page.locator("#align-button").click()
    page.locator("#align-progress", has_text="align-").wait_for()
    (run,) = list_runs()
    assert (started, run.rows("pairs")) == ([run.name], PAIRS)
    assert outside == []
