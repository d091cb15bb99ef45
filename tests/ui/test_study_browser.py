"""A visitor types a plan, sees what it comes to, starts the study, and reads its report."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calm.runs import jobs
from tests.fakes import FakeModel
from tests.ui.browser import LONG, ROOT, SCREENS, open_tab, served_here, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
PLAN = """
title: Two seeds
settings:
  model: fake
  languages: [en, fr]
  max_train_questions: 2
  max_held_out_questions: 3
  num_samples: 1
grid: {seed: [0, 1]}
"""


def test_a_study_is_started_watched_and_read(
    chromium: "Browser", calm_home: Path, outside: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "CALM", (sys.executable, "-m", "tests.aligned_by_fake"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    with served_here(FakeModel()) as address:
        page = visit(chromium, address, "desktop", outside)
        open_tab(page, "Runs")
        page.get_by_role("button", name="Studies: settings tried against each other").click()
        page.locator("#study-plan textarea").fill(PLAN)
        page.locator("#study-name textarea, #study-name input").fill("mine")
        page.locator("#study-foresee").click()
        said = page.locator("#study-not-started")
        playwright.expect(said).to_contain_text("2 runs, 1 arms, until compare")
        page.locator("#study-start").click()
        progress = page.locator("#study-progress")
        playwright.expect(progress).to_contain_text("mine: done, 2 of 2 runs done.", timeout=LONG)
        report = chromium.new_context().new_page()
        report.set_viewport_size({"width": SCREENS["phone"][0], "height": SCREENS["phone"][1]})
        report.goto(f"{address}?study=mine")
        playwright.expect(report.locator("section.found li")).to_have_count(5)
        playwright.expect(report.locator("figure.arms").first).to_be_visible()
        wide = report.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert not wide, "the page does not scroll sideways on a phone"
    assert outside == []
