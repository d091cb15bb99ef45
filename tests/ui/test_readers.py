"""The page's reader sees a question in a language of theirs, where it exists in one."""

import pytest

from calm.records import Question
from tests.ui.honey import question
from ui.asking import readers
from ui.asking.form import DISAGREED, built_in
from ui.asking.readers import in_reader_language, pivot_version, reader_version


def reads(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(readers, "reader_language", lambda: code)


def test_a_version_that_was_asked_in_the_reader_s_language_is_theirs(
    monkeypatch: pytest.MonkeyPatch,
):
    reads(monkeypatch, "fr")
    assert reader_version([question("en"), question("fr")]) == question("fr")


def test_without_one_the_english_version_is_read_and_no_translation_is_claimed(
    monkeypatch: pytest.MonkeyPatch,
):
    reads(monkeypatch, "ja")
    versions = [question("fr"), question("en")]
    assert reader_version(versions) == question("en")
    assert in_reader_language(versions) is None


def test_a_built_in_question_is_read_in_a_language_that_was_not_asked(
    monkeypatch: pytest.MonkeyPatch,
):
    reads(monkeypatch, "ja")
    known = built_in()[DISAGREED[0]]
    assert in_reader_language([known["en"], known["fr"]]) == known["ja"]


def test_another_question_of_the_same_id_is_not_taken_for_the_built_in_one(
    monkeypatch: pytest.MonkeyPatch,
):
    reads(monkeypatch, "ja")
    other = Question(DISAGREED[0], "en", "What?", ("a", "b", "c", "d"))
    assert in_reader_language([other]) is None


def test_what_is_kept_does_not_depend_on_the_reader(monkeypatch: pytest.MonkeyPatch):
    reads(monkeypatch, "fr")
    assert pivot_version([question("fr"), question("en")]) == question("en")
    assert pivot_version([question("fr"), question("ar")]) == question("fr")
