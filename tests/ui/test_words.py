"""The interface's words: every language has every text, and each reader gets their own."""

import json
import re

import gradio as gr
import pytest

from calm.languages.table import LANGUAGES
from calm.messages import Entry, locale, places
from tests.ui.visitors import reader
from ui.text import words
from ui.text.words import (
    INTERFACE_LANGUAGES,
    LOCALES,
    language_name,
    preferred,
    say,
    word,
    words_of,
)

OTHERS = INTERFACE_LANGUAGES[1:]


def texts(entry: Entry) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())


def tags(text: str) -> list[str]:
    return sorted(re.findall(r"</?\w+", text))


@pytest.fixture
def french_reader() -> object:
    with reader("fr-CH,fr;q=0.9,en;q=0.8"):
        yield


def test_there_is_one_file_for_each_language_and_no_other() -> None:
    assert {file.stem for file in LOCALES.iterdir()} == set(INTERFACE_LANGUAGES)


@pytest.mark.parametrize("code", OTHERS)
def test_every_key_exists_in_each_language(code: str) -> None:
    assert set(words_of(code)) == set(words_of("en"))


@pytest.mark.parametrize("code", INTERFACE_LANGUAGES)
def test_keys_are_sorted_and_none_stands_twice(code: str) -> None:
    pairs = json.loads((LOCALES / f"{code}.json").read_text("utf-8"), object_pairs_hook=list)
    keys = [key for key, _ in pairs]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize("code", OTHERS)
def test_translations_have_the_same_places_and_markup(code: str) -> None:
    for key, entry in words_of(code).items():
        needed = places(words_of("en")[key]) - {"count"}
        of_the_count = places(words_of("en")[key]) & {"count"}
        assert places(entry) | of_the_count == needed | of_the_count, key
        for text in texts(entry):
            assert isinstance(entry, str) or needed <= places(text) <= needed | {"count"}, key
            assert tags(text) == tags(texts(words_of("en")[key])[0]), key


@pytest.mark.parametrize("code", INTERFACE_LANGUAGES)
def test_a_number_finds_every_form_that_the_language_has(code: str) -> None:
    forms = {locale(code).plural_form(number) for number in range(1001)}
    for key, entry in words_of(code).items():
        has_one = isinstance(words_of("en")[key], str) or forms == {"other"}
        assert isinstance(entry, str) if has_one else set(entry) == forms, key


def test_every_language_that_can_vote_has_a_name_in_the_interface() -> None:
    for reader_code in INTERFACE_LANGUAGES:
        with reader(reader_code):
            assert all(language_name(code).strip() for code in LANGUAGES)
    with reader("fr"):
        assert (language_name("ko"), language_name("ur")) == ("coréen", "ourdou")


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("fr-CH, fr;q=0.9, en;q=0.8", "fr"),
        ("zh-TW", "zh"),
        ("EN-us", "en"),
        ("nl, fr;q=0.5", "en"),
        ("", "en"),
        ("*", "en"),
        ("../../secrets", "en"),
    ],
)
def test_the_first_language_of_the_browser_decides(accepted: str, code: str) -> None:
    assert preferred(accepted) == code


def test_outside_a_request_the_interface_speaks_english() -> None:
    assert say("tab.ask") == words_of("en")["tab.ask"]


def test_a_text_is_said_in_the_language_of_the_request(french_reader: object) -> None:
    assert say("tab.ask") == words_of("fr")["tab.ask"] != words_of("en")["tab.ask"]
    assert language_name("de") == "allemand"


def test_an_unknown_key_is_an_error_of_the_program() -> None:
    with pytest.raises(KeyError):
        say("no.such")
    with pytest.raises(KeyError):
        word("no.such")


def test_a_label_is_left_to_the_browser() -> None:
    assert isinstance(word("tab.ask"), gr.i18n.I18nData)


def test_in_a_text_from_the_right_what_is_filled_in_goes_its_own_direction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(words, "words_of", lambda code: {"link.answered-by": "{model}: {day}"})
    monkeypatch.setattr(words, "reader_language", lambda: "ar")
    assert (
        say("link.answered-by", model="gemma", day="+3.4")
        == "\u200f\u2068gemma\u2069: \u2068+3.4\u2069"
    )
    monkeypatch.setattr(words, "reader_language", lambda: "fr")
    assert say("link.answered-by", model="gemma", day="+3.4") == "gemma: +3.4"
