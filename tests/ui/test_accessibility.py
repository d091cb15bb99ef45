"""Every page at three widths, light and dark: usable by all, nothing sent away, nothing cut off.

What is seen on the walk stays in `artefacts/` as pictures to look at.
"""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from calm.asking.store import asked_id
from tests.free_makers import Counting, Unable
from tests.recorded import asked_question
from tests.ui.browser import artefact, choose_languages, opened, served, served_here
from tests.ui.furnished import STOPS, furnish, go_to
from ui.text.words import words_of

axe = pytest.importorskip("axe_playwright_python.base", reason="axe-core is not installed")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

SIZES = {"desktop": (1440, 1000), "tablet": (1024, 900), "phone": (390, 844)}
WALKS = [
    ("desktop", "light"),
    ("phone", "dark"),
    ("tablet", "light"),
    *(
        pytest.param(size, scheme, marks=pytest.mark.slow)
        for size, scheme in (("desktop", "dark"), ("phone", "light"), ("tablet", "dark"))
    ),
]
"""Each width and each scheme is walked through always, every pair of them by `make test-slow`."""
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TABS = {
    tab: words_of("en")[f"tab.{tab}"]
    for tab in ("ask", "align", "votes", "compare", "ballots", "runs", "about")
}


@dataclass(frozen=True)
class Sight:
    """What one stop of a walk showed."""

    violations: tuple[str, ...]
    """Each rule of axe-core that something breaks, with what breaks it."""
    is_cut_off: bool
    """Whether the page is wider than its window."""


@dataclass(frozen=True)
class Walk:
    """All stops at one size and in one scheme."""

    sights: dict[str, Sight]
    outside: tuple[str, ...]
    """Requests that went anywhere but to the app."""


def violations(page: "playwright.Page") -> tuple[str, ...]:
    """Return what axe-core finds on a page, nothing being best."""
    page.evaluate(axe.AXE_SCRIPT)
    options = {"resultTypes": ["violations"], "runOnly": STANDARDS}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return tuple(
        f"{rule['id']}: {node['target']} {node['html'][:120]}"
        for rule in found
        for node in rule["nodes"]
    )


@pytest.fixture(scope="module")
def walked(
    chromium: "playwright.Browser", tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str, str], Walk]]:
    """Serve recorded runs without a model; give what walks past all of it, once for each look."""
    home = tmp_path_factory.mktemp("furnished") / "home"
    furnish(home)
    with served(home, "walk.log", CALM_MODEL="none") as (address, _):

        @functools.cache
        def walk(size: str, scheme: str) -> Walk:
            outside: list[str] = []
            link = f"{address}/?asked={asked_id(asked_question())}"
            page = opened(chromium, link, SIZES[size], outside, color_scheme=scheme)
            sights = {}
            for stop in STOPS:
                go_to(page, stop, TABS)
                page.screenshot(path=artefact(f"walk-{stop}-{size}-{scheme}.png"), full_page=True)
                wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
                sights[stop] = Sight(violations(page), wide)
            page.close()
            return Walk(sights, tuple(outside))

        yield walk


@pytest.mark.parametrize(("size", "scheme"), WALKS)
def test_axe_finds_nothing_wrong_on_any_page(
    walked: Callable[[str, str], Walk], size: str, scheme: str
) -> None:
    sights = walked(size, scheme).sights
    assert {stop: seen.violations for stop, seen in sights.items() if seen.violations} == {}


@pytest.mark.parametrize(("size", "scheme"), WALKS)
def test_no_page_scrolls_sideways(
    walked: Callable[[str, str], Walk], size: str, scheme: str
) -> None:
    assert [stop for stop, seen in walked(size, scheme).sights.items() if seen.is_cut_off] == []


@pytest.mark.parametrize(("size", "scheme"), WALKS)
def test_no_page_asks_for_anything_outside(
    walked: Callable[[str, str], Walk], size: str, scheme: str
) -> None:
    assert walked(size, scheme).outside == ()


@pytest.fixture
def asking(calm_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve the pages with a model that counts a spider's legs; return where they are."""
    monkeypatch.setattr("calm.questions.translators.translators_for", lambda model: [Unable()])
    furnish(calm_home)
    with served_here(Counting()) as address:
        yield address


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "dark"), ("phone", "light")])
def test_axe_finds_nothing_wrong_with_the_forms_and_a_question_without_choices(
    chromium: "playwright.Browser", asking: str, outside: list[str], size: str, scheme: str
) -> None:
    page = opened(chromium, asking, SIZES[size], outside, color_scheme=scheme)
    page.locator("#ask-examples button").first.wait_for()
    assert violations(page) == ()
    choose_languages(page, "#ask-languages", ("English", "Français", "中文"))
    page.fill("#ask-text textarea", "How many legs has a spider?")
    page.click("#ask-button")
    page.locator("#vote h2").wait_for()
    page.screenshot(path=artefact(f"walk-ask-free-{size}-{scheme}.png"), full_page=True)
    assert violations(page) == ()
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert outside == []


def test_a_fault_would_be_found(chromium: "playwright.Browser") -> None:
    page = chromium.new_page()
    page.set_content("<main><h1>Bees</h1><input><p style='color:#bbb'>honey</p></main>")
    rules = {found.split(":")[0] for found in violations(page)}
    assert {"label", "color-contrast"} <= rules
