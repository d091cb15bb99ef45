"""The page of a run in a real browser, from a disk, with the network off."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from calm.runs.folder import Run, open_run
from calm.voting.gate import gate_at
from tests.recorded import asked_question, finished_run
from tests.ui.browser import fits
from tests.ui.english_left import english_left
from ui.asking.compare_views import OUTCOMES
from ui.parts.vote_figures import gate_in_words
from ui.static.file import write_page
from ui.text.words import INTERFACE_LANGUAGES, spoken_in
from ui.votes.gate_views import gate_tiles
from ui.votes.page import Voted, voted_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.base", reason="axe-core is not installed")

DESKTOP, PHONE = (1440, 1000), (390, 844)
EVIL = "</script></style><script>window.hit = 1</script><img src=x onerror='window.hit = 2'>"
PARTS = ("ask", "votes", "compare", "align")
QUESTIONS = 24
"""So many to train on that a gate can tell something of them."""


@dataclass(frozen=True)
class Written:
    """A run, and where its page lies."""

    run: Run
    address: str

    @functools.cached_property
    def voted(self) -> Voted:
        return voted_of(self.run)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALM_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setattr("tests.recorded.TRAIN", QUESTIONS)
        run = finished_run("mine", tmp_path_factory.mktemp("files"))
        for step in range(3, 9):
            run.append_json("metrics", {"step": step, "loss": 1 / step, "rewards/margins": step})
        folder = tmp_path_factory.mktemp("pages") / "mine"
        write_page(run, folder, [asked_question()])
        yield Written(open_run(str(run.folder)), f"{folder.as_uri()}/index.html")


class Problems(list[str]):
    """What a page asked for or complained of."""


@pytest.fixture
def problems(chromium: "Browser") -> Iterator[Problems]:
    """Give what went wrong on the test's pages, which are closed after it."""
    found = Problems()
    yield found
    for context in chromium.contexts:
        context.close()
    assert found == []


def open_page(
    chromium: "Browser",
    address: str,
    problems: Problems,
    size: tuple[int, int] = DESKTOP,
    **options: Any,
) -> "Page":
    """Open a page from the disk, with no network, and note all that it asks for beside itself."""
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]}, offline=True, **options
    )
    page = context.new_page()
    page.on(
        "request",
        lambda r: None if r.url == address.split("#", maxsplit=1)[0] else problems.append(r.url),
    )
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(address)
    page.locator("#cards .card").first.wait_for(state="attached")
    return page


def go(page: "Page", part: str) -> None:
    page.locator(f'nav a[href="#{part}"]').click()
    page.locator(f"#{part}").wait_for()


def set_slider(page: "Page", name: str, value: int) -> None:
    page.locator(f"#{name}").fill(str(value))


def texts(page: "Page", where: str) -> list[str]:
    return [" ".join(text.split()) for text in page.locator(where).all_inner_texts()]


def test_a_question_is_replayed_before_and_after(
    chromium: "Browser", written: Written, problems: Problems
) -> None:
    page = open_page(chromium, written.address, problems)
    groups = page.locator("#question optgroup")
    counts = [groups.nth(n).locator("option").count() for n in range(3)]
    assert counts == [1, 3, QUESTIONS]
    page.select_option("#question", label="en: which animal is number 24?")
    rows = [e for e in written.run.rows("evaluations") if e.question_id == f"q{QUESTIONS}"]
    said = {(e.model, e.language): e.text.strip() for e in rows if e.reading == "response"}
    for role, name in (("base", "Before"), ("aligned", "After")):
        page.get_by_label(name, exact=True).check()
        assert texts(page, "#cards .responses") == [said[role, code] for code in ("en", "fr", "ar")]
        assert page.locator(".vote .counts li").count() >= 4
    page.select_option("#question", label="What do bees make?")
    assert page.locator("#turn").is_hidden()
    assert "3 of 4 votes" in page.locator(".vote").inner_text()
    assert page.url.endswith("#ask/0")
    page.locator("#ask-search").fill("NUMBER 7")
    assert texts(page, "#question option") == ["en: which animal is number 7?"]
    assert page.locator("#card-fr .question").first.inner_text() == "fr: which animal is number 7?"
    page.locator("#ask-search").fill("nothing of the kind")
    assert page.locator("#no-question").is_visible()


def test_a_link_leads_to_a_part_and_to_a_question(
    chromium: "Browser", written: Written, problems: Problems
) -> None:
    page = open_page(chromium, f"{written.address}#ask/5", problems)
    assert page.locator("#card-en .question").first.inner_text() == "en: which animal is number 1?"
    page.evaluate("location.hash = '#compare'")
    page.locator("#compare .result").wait_for()
    assert page.locator("#ask").is_hidden()
    assert page.locator('nav a[aria-current="page"]').get_attribute("href") == "#compare"


@pytest.mark.parametrize("code", INTERFACE_LANGUAGES)
def test_the_gate_says_what_the_page_votes_says(
    chromium: "Browser", written: Written, problems: Problems, code: str
) -> None:
    page = open_page(chromium, f"{written.address}#votes", problems, locale=code)
    voted = written.voted
    for share in (0, 25, 34, 40, 50, 67, 100):
        set_slider(page, "share", share)
        with spoken_in(code):
            gate = gate_at(voted.rule, voted.votes, voted.golds, share / 100)  # type: ignore[arg-type]
            tiles, words = str(gate_tiles(gate, None)), gate_in_words(gate)
        shown = page.locator("#gate").inner_html().replace("&nbsp;", "\N{NO-BREAK SPACE}")
        assert shown == tiles.split(">", 1)[1].rsplit("<li>", 1)[0]
        assert page.locator("#votes .gate svg").get_attribute("aria-label") == words
        assert page.locator("#share").get_attribute("aria-valuetext")


def test_a_smaller_margin_and_another_share_choose_the_votes(
    chromium: "Browser", written: Written, problems: Problems
) -> None:
    page = open_page(chromium, f"{written.address}#votes", problems)
    votes = written.voted.votes
    drawn = page.locator("#votes .gate polygon.kept").get_attribute("points")
    for share, margin in ((0, 0), (40, 0), (40, 20), (0, 30)):
        set_slider(page, "share", share)
        set_slider(page, "margin", margin)
        kept = [
            v
            for v in votes
            if v.winner is not None and v.share >= share / 100 and v.margin >= margin / 100
        ]
        assert page.locator("#gate li b").first.inner_text() == str(len(kept))
        page.select_option("#kind", "kept")
        assert page.locator(".votes-table tbody tr.kept").count() == len(kept)
        page.select_option("#kind", "dropped")
        dropped = sum(v.winner is not None for v in votes) - len(kept)
        assert page.locator(".votes-table tbody tr").count() == dropped
    assert page.locator("#votes .gate polygon.kept").get_attribute("points") != drawn


def test_answers_are_chosen_by_outcome_language_and_words(
    chromium: "Browser", written: Written, problems: Problems
) -> None:
    page = open_page(chromium, f"{written.address}#compare", problems)
    rows = written.run.rows("comparisons")
    for outcome in OUTCOMES:
        for code in ("all", "ar"):
            page.select_option("#outcome", outcome)
            page.select_option("#code", code)
            wanted = [r for r in rows if r.outcome == outcome and code in ("all", r.language)]
            assert page.locator("#answers > li").count() == len(wanted)
    page.select_option("#outcome", "all")
    page.select_option("#code", "all")
    page.locator("#compare-search").fill("number 25")
    assert page.locator("#answers > li").count() == 3
    page.locator("#answers summary").first.click()
    assert page.locator("#answers .side").first.is_visible()
    page.select_option("#reading", "likelihood")
    assert page.locator("#answers > li").count() == 3
    assert page.locator("#numbers .scores").first.is_visible()


SIGHTS = [
    ("en-GB", DESKTOP, "light"),
    ("ar", PHONE, "dark"),
    ("ja", PHONE, "light"),
    ("ar", DESKTOP, "light"),
    ("ja", DESKTOP, "dark"),
    ("en-US", PHONE, "dark"),
]


@pytest.mark.parametrize(("locale", "size", "scheme"), SIGHTS)
def test_every_part_fits_and_all_can_use_it(
    chromium: "Browser",
    written: Written,
    problems: Problems,
    locale: str,
    size: tuple[int, int],
    scheme: Any,
) -> None:
    page = open_page(chromium, written.address, problems, size, locale=locale, color_scheme=scheme)
    code = locale[:2]
    root = page.locator("html")
    assert root.get_attribute("lang") == code
    assert root.get_attribute("dir") == ("rtl" if code == "ar" else "ltr")
    for part in PARTS:
        go(page, part)
        fits(page, f"static-{locale}-{size[0]}-{part}.png")
        assert (
            page.evaluate("document.documentElement.scrollHeight - document.body.scrollHeight") < 2
        )
        assert english_left(page, code) == []
        page.evaluate(axe.AXE_SCRIPT)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []


def test_another_language_is_chosen_and_what_was_chosen_stays(
    chromium: "Browser", written: Written, problems: Problems
) -> None:
    page = open_page(chromium, written.address, problems, locale="nl")
    assert page.locator("html").get_attribute("lang") == "en"
    page.select_option("#question", label="en: which animal is number 3?")
    page.locator("#ask-mine input").check()
    go(page, "votes")
    set_slider(page, "share", 40)
    page.select_option("#kind", "kept")
    kept = page.locator("#gate li b").first.inner_text()
    page.select_option("#language", "ar")
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.locator("#gate li b").first.inner_text() == kept
    assert page.locator("#kind").input_value() == "kept"
    assert page.evaluate("document.activeElement.id") == "language"
    go(page, "ask")
    assert page.locator("#question option:checked").inner_text() == "ar: which animal is number 3?"
    assert page.locator("#ask-mine input").is_checked()
    again = open_page(chromium, f"{written.address}?lang=fr", Problems(), locale="ar")
    assert again.locator("html").get_attribute("lang") == "fr"


def test_all_is_reached_by_the_keyboard(
    chromium: "Browser", written: Written, problems: Problems
) -> None:
    page = open_page(chromium, written.address, problems)
    reached = []
    for _ in range(10):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.hash"))
    assert reached[:7] == [
        "language",
        "#ask",
        "#votes",
        "#compare",
        "#align",
        "ask-search",
        "question",
    ]
    page.locator('nav a[href="#votes"]').focus()
    page.keyboard.press("Enter")
    before = page.locator('output[for="share"]').inner_text()
    page.locator("#share").focus()
    page.keyboard.press("ArrowLeft")
    assert page.locator('output[for="share"]').inner_text() != before
    assert page.evaluate("document.activeElement.id") == "share"


def test_what_was_asked_and_answered_is_never_run(
    chromium: "Browser", problems: Problems, calm_home: Path, tmp_path: Path
) -> None:
    run = finished_run("mine", tmp_path)
    for name in ("answers", "evaluations"):
        run.write(name, [replace(row, text=EVIL, answer_span=None) for row in run.rows(name)])
    run.write("questions", [replace(q, text=EVIL, topic=EVIL) for q in run.rows("questions")])
    write_page(run, tmp_path / "page", [replace(asked_question(EVIL), model=EVIL)])
    page = open_page(chromium, f"{(tmp_path / 'page').as_uri()}/index.html", problems)
    for part in PARTS:
        go(page, part)
    go(page, "compare")
    page.select_option("#outcome", "all")
    page.locator("#answers summary").first.click()
    assert EVIL in page.locator("#answers").inner_text()
    assert page.locator("#question option").first.inner_text() == EVIL
    assert page.locator("img, main script").count() == 0
    assert page.evaluate("window.hit") is None
    # Were one of them markup, the page's own policy would refuse to run it.
    page.evaluate("evil => { document.getElementById('cards').innerHTML = evil; }", EVIL)
    page.wait_for_timeout(200)
    assert page.evaluate("window.hit") is None
    assert problems, "the policy said that it refused"
    problems.clear()


def test_a_browser_without_script_is_told_what_the_page_needs(
    chromium: "Browser", written: Written
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(written.address)
    playwright.expect(page.locator("#needs p").first).to_be_visible()
    assert page.locator("#needs p").count() == len(INTERFACE_LANGUAGES)
    context.close()
