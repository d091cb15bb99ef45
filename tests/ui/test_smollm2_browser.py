"""A visitor aligns a chat model of English only: warned before training, then both are compared."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calm.runs.folder import open_run
from tests.ui.browser import (
    LONG,
    SCREENS,
    choose,
    choose_languages,
    fits,
    open_tab,
    served,
    visit,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

NAME, RUN = "smollm2-135m-instruct", "english-only"
LANGUAGES = ("English", "Français", "Deutsch")
SETTINGS = {"train": "16", "held-out": "4"}
HOW = {"tokens": "96", "share": "0"}


@pytest.fixture
def home(tmp_path: Path, shipped_folder: Path, smollm2_folder: Path) -> Path:
    """A home without runs that shares the prepared models."""
    (tmp_path / "models").symlink_to(shipped_folder.parent)
    return tmp_path


@pytest.fixture
def address(home: Path, chromium: "Browser") -> Iterator[str]:
    with served(home, "smollm2.log") as (where, _):
        yield where


def pictures(page: "Page", name: str) -> None:
    """Keep the page at each width, light and dark, and see that none scrolls sideways."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        for screen, (width, height) in reversed(SCREENS.items()):
            page.set_viewport_size({"width": width, "height": height})
            fits(page, f"smollm2-{name}-{screen}-{scheme}.png")


def start_with_a_look(page: "Page") -> None:
    open_tab(page, "Align")
    choose(page, "#align-model", NAME)
    page.locator("#align-model-about", has_text="It speaks English only").wait_for()
    choose_languages(page, "#align-languages", LANGUAGES)
    page.locator("#align-name").locator("input, textarea").fill(RUN)
    page.get_by_role("button", name="How it is sampled, voted and trained").click()
    for name, value in SETTINGS.items():
        page.fill(f"#align-{name} input", value)
    for name, value in HOW.items():
        page.fill(f"#align-{name} input[type=number]", value)
    page.locator("#align-cost", has_text="3 languages").wait_for()
    pictures(page, "settings")
    page.click("#align-look-button")
    page.locator("#look-train").wait_for(timeout=LONG)


def ask_both(page: "Page") -> None:
    """Let the model that was aligned answer, then ask it and its adapter the same question."""
    open_tab(page, "Duel")
    playwright.expect(page.locator("#both-why-not")).to_contain_text(f"Load {NAME} on the page Ask")
    open_tab(page, "Ask")
    page.locator("#model-panel button.label-wrap").click()
    choose(page, "#model-name", NAME)
    page.click("#model-load")
    page.locator("#model-said", has_text=f"{NAME} answers now").wait_for(timeout=LONG)
    open_tab(page, "Duel")
    playwright.expect(page.locator("#both-first input")).to_have_value(f"{NAME} (base model)")
    playwright.expect(page.locator("#both-why-not .note")).to_have_count(0)
    choose_languages(page, "#both-languages", LANGUAGES[:1])
    page.fill("#both-text textarea", "Which animal barks?")
    page.fill("#both-choices textarea", "dog\ncat\nbird")
    page.click("#both-button")
    page.locator("#both-reveal").wait_for(timeout=LONG)
    page.click("#both-reveal")
    page.locator("#both-answers .votes .side").nth(1).wait_for()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_what_a_vote_of_one_language_is_worth_is_said_before_training_and_both_models_answer(
    chromium: "Browser",
    address: str,
    home: Path,
    outside: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CALM_HOME", str(home))
    page = visit(chromium, address, "desktop", outside)
    start_with_a_look(page)
    warning = page.locator("#look-lead .note.warning")
    playwright.expect(warning).to_contain_text("A vote across them is noise")
    pictures(page, "look")
    assert not open_run(RUN).adapter.is_dir()

    page.click("#look-train")
    page.locator("#align-progress .state.done").wait_for(timeout=LONG)
    pictures(page, "aligned")
    page.click("#align-compare")
    page.locator("#compare-numbers figure.dots").first.wait_for()
    page.locator("#both-recorded input").click()
    page.get_by_role("option").first.click()
    cards = page.locator("#both-answers .card")
    playwright.expect(cards).to_have_count(len(LANGUAGES))
    headings = page.locator("#both-answers .card h4")
    assert headings.all_inner_texts() == ["Base model", "Aligned"] * len(LANGUAGES)
    playwright.expect(cards.first.locator(".responses li")).to_have_count(2)
    pictures(page, "compare")
    record = open_run(RUN).model_record()
    assert record is not None and record.name == NAME

    ask_both(page)
    shown = page.locator("#both-answers h2").all_inner_texts()
    assert sorted(shown) == [NAME, f"{NAME} + {RUN}"]
    pictures(page, "both")
    assert outside == []
