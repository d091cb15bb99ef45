"""The page opens on an answered disagreement: recorded, and in the language of the reader."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from calm.asking.verdict import verdict
from calm.config import SHIPPED_MODEL
from tests.free_makers import Counting, Unable
from tests.ui.browser import opened, served_here, unfold
from tests.ui.english_left import english_in
from ui.ask.opening import RECORDED, SHOW, recorded_opening, show_opening
from ui.asking.form import FIRST_LANGUAGES, OPENING, built_in
from ui.parts.models import NO_MODEL, Models
from ui.text.words import INTERFACE_LANGUAGES, reader_language, spoken_in, words_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
each_language = pytest.mark.parametrize("code", INTERFACE_LANGUAGES)


@pytest.fixture(scope="module")
def shown() -> dict[str, list[str]]:
    """Return the vote and the cards by language, as the browser gets them."""
    program = show_opening(Models(SHIPPED_MODEL)).removeprefix(SHOW.split("%s")[0])
    found: dict[str, list[str]] = json.JSONDecoder().raw_decode(program)[0]
    return found


def test_it_is_what_the_model_that_ships_answered_to_the_question_of_the_empty_form() -> None:
    seen, known = recorded_opening(), built_in()[OPENING]
    assert (seen.model, seen.step) == (SHIPPED_MODEL, "done")
    assert {q.language: q for q in seen.versions} == {code: known[code] for code in FIRST_LANGUAGES}
    assert len(seen.responses) == 6 * 4
    assert RECORDED.stat().st_size < 20_000


def test_most_languages_agree_and_others_firmly_do_not() -> None:
    seen = recorded_opening()
    assert verdict(seen) == "agreed"
    assert seen.vote is not None and seen.vote.winner == built_in()[OPENING]["en"].gold
    others = {own for own in seen.vote.by_language.values() if own != seen.vote.winner}
    assert others and None not in others


@each_language
def test_it_is_told_in_the_language_of_the_reader(shown: dict[str, list[str]], code: str) -> None:
    vote, cards = shown[code]
    question, winner = built_in()[OPENING][code], recorded_opening().vote
    assert winner is not None and winner.winner is not None
    for text in (question.text, question.choices[winner.winner], str(words_of(code)["ask.story"])):
        assert text in vote
    assert str(words_of(code)["ask.disagrees"]) in cards
    own = re.sub(r'<[^>]* lang="\w+"[^>]*>[^<]*', "", vote + cards)  # not what models said
    texts = [text.strip() for text in re.split(r"<[^>]*>", own) if text.strip()]
    assert english_in(texts, code) == []


def test_without_a_model_it_does_not_offer_to_ask(calm_home: Path) -> None:
    told = show_opening(Models(NO_MODEL))
    assert "Press Ask" not in told
    assert "no run with answers lies here yet" in told


def test_a_language_is_spoken_only_while_it_is_wanted() -> None:
    with spoken_in("fr"):
        assert reader_language() == "fr"
    assert reader_language() == "en"


class Eight(Counting):
    """Answers eight in whatever language it is asked."""

    def generate(self, prompts: Sequence[Any], *more: Any) -> list[str]:
        return [" 8"] * len(prompts)


@pytest.fixture
def asking(calm_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve the pages with a model that knows a number only; return where they are."""
    translators = "calm.questions.translators.translators_for"
    monkeypatch.setattr(translators, lambda model, online: [Unable()])
    with served_here(Eight()) as address:
        yield address


def test_it_is_seen_at_once_and_enter_asks_something_else(
    chromium: "Browser", asking: str, outside: list[str]
) -> None:
    page = opened(chromium, asking, (1440, 900), outside, locale="it")
    page.locator("#vote h2").wait_for()
    assert built_in()[OPENING]["it"].text in page.locator("#vote .recorded strong").inner_text()
    assert page.locator("#cards .card").count() == 6
    assert page.locator("#cards button").count() == 0
    assert bottom_of(page, "#vote h2") < 900
    unfold(page, "#ask-how")
    playwright.expect(page.get_by_label("Italiano")).to_be_checked()
    assert page.locator("#ask-languages input:checked").count() == 6

    page.locator("#ask-examples button").first.click()
    text = page.locator("#ask-text textarea")
    playwright.expect(text).not_to_have_value("")
    unfold(page, "#ask-with")
    choices = page.locator("#ask-choices textarea")
    playwright.expect(choices).not_to_have_value("")
    text.fill("How many")
    text.press_sequentially(" legs")
    playwright.expect(choices).to_have_value("")
    text.press("Shift+Enter")
    text.press_sequentially("has a spider?")
    playwright.expect(text).to_have_value("How many legs\nhas a spider?")
    text.press("Enter")
    page.locator("#vote .free h2").wait_for()
    assert page.locator("#vote .story").count() == 0
    assert page.locator("#cards .card").first.locator(".question").first.inner_text() == (
        "How many legs has a spider?"
    ), "a question is asked on one line"
    assert outside == []


def bottom_of(page: "Page", place: str) -> float:
    box = page.locator(place).bounding_box()
    assert box is not None
    return box["y"] + box["height"]
