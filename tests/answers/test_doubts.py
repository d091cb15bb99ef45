"""Every language has its words for what is denied, supposed, or somebody else's."""

from dataclasses import astuple, fields

import pytest

from calm.answers.doubts import DOUBTS, Doubts
from calm.languages.table import LANGUAGES

VERB_LAST = {"ja", "hi", "ur"}
"""Languages that deny behind the answer."""
MAY_LACK = {"negated_links": VERB_LAST, "conditionals": {"zh", "ja"}}

every_language = pytest.mark.parametrize("code", LANGUAGES)


def test_every_language_has_a_row() -> None:
    assert set(DOUBTS) == set(LANGUAGES)


@every_language
def test_a_row_has_words_of_every_kind(code: str) -> None:
    for field in fields(Doubts):
        if code not in MAY_LACK.get(field.name, set()):
            assert getattr(DOUBTS[code], field.name), field.name


@every_language
def test_the_words_of_a_row_are_lower_case_and_stand_there_once(code: str) -> None:
    for field, words in zip(fields(Doubts), astuple(DOUBTS[code]), strict=True):
        assert sorted(set(words)) == sorted(words), field.name
        assert [word.lower() for word in words] == list(words), field.name
        assert all(word.strip("* ") for word in words), field.name
