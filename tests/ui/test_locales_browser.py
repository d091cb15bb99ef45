"""The pages in other languages: labels, sentences, and the side that reading begins at."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calm.asking.store import asked_id
from calm.languages.table import language
from tests.recorded import asked_question
from tests.ui.browser import artefact, opened, served
from tests.ui.english_left import english_in, english_left
from tests.ui.furnished import STOPS, furnish, go_to
from ui.text.words import INTERFACE_LANGUAGES, words_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

SEEN = {
    "ask": [("#ask-model label, #ask-model [data-testid=block-info]", "ask.who")],
    "align-waiting": [
        ("#align-button", "align.at_once"),
        ("#align-progress .state", "align.state.waiting"),
        ("#look-pairs thead th:nth-child(2)", "align.look.chosen"),
    ],
    "align-finished": [("#align-progress .state", "align.state.done")],
    "votes": [("#votes-check", "votes.check")],
    "compare": [("#compare-answers .outcome", "compare.outcome.broken")],
    "duel": [("#both-recorded [data-testid=block-info]", "duel.recorded")],
    "ballots": [("#ballots-again", "ballots.again")],
    "runs": [("#runs-table thead th", "history.head.run")],
}
"""What stops of the walk show, and the key of its text."""
WALKED = ("de", "zh", "ja", "ar")
"""Languages whose pages are always walked through; all of them are by `make test-slow`.

What every handler shows is looked at in one language that is not English (`test_states`).
"""
PICTURED = ("ar", "ja")
"""Languages whose pages are kept as pictures to look at: each takes as long as going there."""


def test_english_on_a_page_in_another_language_is_found() -> None:
    texts = words_of("en")
    left = [texts["votes.check"], f"{texts['votes.pairs.range']} 3"]
    assert english_in([*left, words_of("de")["votes.check"], "DPO", "3 × A"], "de") == left
    assert english_in(left, "en") == []


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Serve recorded runs without a model; give the address and the log."""
    home = tmp_path_factory.mktemp("locales") / "home"
    furnish(home)
    with served(home, "locales.log", CALM_MODEL="none") as (address, _):
        yield address, home / "app.log"


@pytest.mark.parametrize(
    "code",
    [
        code if code in WALKED else pytest.param(code, marks=pytest.mark.slow)
        for code in INTERFACE_LANGUAGES
    ],
)
def test_every_page_speaks_the_reader_s_language(
    chromium: "Browser", furnished: tuple[str, Path], outside: list[str], code: str
) -> None:
    address, log = furnished
    texts = words_of(code)
    tabs = {tab: texts[f"tab.{tab}"] for tab, _ in STOPS.values()}
    link = f"{address}/?asked={asked_id(asked_question())}"
    page = opened(chromium, link, (1024, 900), outside, locale=code)
    direction = language(code).direction
    page.wait_for_function("way => document.documentElement.dir === way", arg=direction)
    left: list[str] = []
    for stop in STOPS:
        go_to(page, stop, tabs)
        for place, key in SEEN.get(stop, []):
            playwright.expect(page.locator(place).first).to_have_text(texts[key])
        if code in PICTURED:
            page.screenshot(path=artefact(f"locale-{code}-{stop}.png"), full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), stop
        left = left + [f"{stop}: {text}" for text in english_left(page, code)]
    assert left == []
    assert page.get_by_text("I18nData").count() == 0
    assert "Traceback" not in log.read_text(encoding="utf-8", errors="replace")
    assert outside == []
