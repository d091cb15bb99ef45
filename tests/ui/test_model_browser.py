"""A visitor checks the model that answers, and reads what was found without scrolling sideways."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calm.config import DEFAULT_LANGUAGES
from tests.fakes import FakeModel
from tests.recorded import CHECKED_MODEL
from tests.ui.browser import SCREENS, artefact, opened, served_here
from ui.text.words import INTERFACE_LANGUAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

IN_ALL = dataclasses.replace(
    CHECKED_MODEL,
    tokens_a_character=dict.fromkeys(DEFAULT_LANGUAGES, 1.25),
    asked=10,
    readable=dict.fromkeys(DEFAULT_LANGUAGES, 10),
    right=dict.fromkeys(DEFAULT_LANGUAGES, 10),
)


@pytest.fixture(scope="module")
def checking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the pages with a model whose check has been done; return where they are."""
    home: Path = tmp_path_factory.mktemp("checking") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALM_HOME", str(home))
        patch.setattr("ui.ask.model_choice.checked", lambda model, languages: IN_ALL)
        with served_here(FakeModel()) as address:
            yield address


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("code", INTERFACE_LANGUAGES)
def test_the_table_of_a_check_is_seen_whole_in_its_narrow_column(
    chromium: "Browser", checking: str, outside: list[str], screen: str, code: str
) -> None:
    page = opened(chromium, checking, SCREENS[screen], outside, locale=code)
    page.locator("#model-panel button.label-wrap").click()
    page.click("#model-check")
    table = page.locator("#model-said table")
    table.wait_for()
    assert table.locator("tbody tr").count() == len(DEFAULT_LANGUAGES)
    page.locator("#model-panel").screenshot(path=artefact(f"checked-{code}-{screen}.png"))
    assert page.locator("#model-said .scroll").evaluate("e => e.scrollWidth <= e.clientWidth")
    assert outside == []
