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
from tests.ui.browser import artefact, choose_languages, opened, served, served_here, unfold
from tests.ui.furnished import STOPS, furnish, go_to
from ui.text.words import words_of

axe = pytest.importorskip("axe_playwright_python.base", reason="axe-core is not installed")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

SIZES = {"desktop": (1440, 1000), "tablet": (1024, 900), "phone": (390, 844)}
WALKS = [
    ("desktop", "light"),
    ("phone", "dark"),
    *(
        pytest.param(size, scheme, marks=pytest.mark.slow)
        for size in SIZES
        for scheme in ("light", "dark")
        if (size, scheme) not in (("desktop", "light"), ("phone", "dark"))
    ),
]
"""The widest and the narrowest look are walked through always, all six by `make test-slow`.

Pages of a tablet's width are walked through in other languages (`test_locales_browser`).
"""
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TABS = {
    tab: words_of("en")[f"tab.{tab}"]
    for tab in ("ask", "align", "votes", "compare", "duel", "ballots", "runs", "about")
}


@dataclass(frozen=True)
class Sight:
    """What one stop of a walk showed."""

    violations: tuple[str, ...]
    """Each rule of axe-core that something breaks, with what breaks it."""
    is_cut_off: bool
    """Whether the page is wider than its window."""
    faint: tuple[str, ...]
    """Boxes and circles, not chosen, whose border is hardly told from what they lie on."""


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


FAINT = """() => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => parts(colour).slice(0, 3).map(p => p / 255)
    .map(p => p <= 0.03928 ? p / 12.92 : ((p + 0.055) / 1.055) ** 2.4)
    .reduce((sum, p, n) => sum + p * [0.2126, 0.7152, 0.0722][n], 0);
  const below = element => {
    const colour = getComputedStyle(element).backgroundColor;
    return parts(colour)[3] === 0 && element.parentElement ? below(element.parentElement) : colour;
  };
  const contrast = (one, other) =>
    (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  return [...document.querySelectorAll('input[type=radio], input[type=checkbox]')]
    .filter(box => !box.checked && box.checkVisibility())
    .map(box => [box.closest('[id]').id,
      contrast(light(getComputedStyle(box).borderTopColor), light(below(box.parentElement)))])
    .filter(([id, seen]) => !(seen >= 3))
    .map(([id, seen]) => `${id}: ${seen.toFixed(2)}`);
}"""


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
                sights[stop] = Sight(violations(page), wide, tuple(page.evaluate(FAINT)))
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
def test_boxes_that_are_not_chosen_can_be_seen(
    walked: Callable[[str, str], Walk], size: str, scheme: str
) -> None:
    sights = walked(size, scheme).sights
    assert {stop: seen.faint for stop, seen in sights.items() if seen.faint} == {}


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
    monkeypatch.setattr(
        "calm.questions.translators.translators_for", lambda model, online: [Unable()]
    )
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
    unfold(page, "#ask-how")
    unfold(page, "#ask-with")
    assert violations(page) == ()
    choose_languages(page, "#ask-languages", ("English", "Français", "中文"))
    page.fill("#ask-text textarea", "How many legs has a spider?")
    page.click("#ask-button")
    page.locator("#vote .free h2").wait_for()
    page.screenshot(path=artefact(f"walk-ask-free-{size}-{scheme}.png"), full_page=True)
    assert violations(page) == ()
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert outside == []


def test_arrows_go_from_tab_to_tab(
    chromium: "playwright.Browser", asking: str, outside: list[str]
) -> None:
    page = opened(chromium, asking, SIZES["desktop"], outside, locale="ar")
    texts = words_of("ar")

    def is_at(tab: str) -> None:
        chosen = page.get_by_role("tab", name=texts[f"tab.{tab}"], exact=True, selected=True)
        playwright.expect(chosen).to_be_focused()
        playwright.expect(chosen).to_have_attribute("tabindex", "0")

    page.wait_for_function("document.documentElement.dir === 'rtl'")
    page.get_by_role("tab", selected=True).focus()
    for key, tab in (
        ("ArrowLeft", "align"),
        ("ArrowLeft", "votes"),
        ("ArrowRight", "align"),
        ("End", "about"),
        ("ArrowLeft", "ask"),
        ("Home", "ask"),
    ):
        page.keyboard.press(key)
        is_at(tab)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('[role=tab]')") is None


def test_a_fault_would_be_found(chromium: "playwright.Browser") -> None:
    page = chromium.new_page()
    page.set_content("<main><h1>Bees</h1><input><p style='color:#bbb'>honey</p></main>")
    rules = {found.split(":")[0] for found in violations(page)}
    assert {"label", "color-contrast"} <= rules
