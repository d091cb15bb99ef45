"""Every language has its words for what is denied, supposed, or somebody else's."""

from dataclasses import astuple, fields

import pytest

from calm.languages.sentence_rows import Doubts
from calm.languages.table import LANGUAGES

VERB_LAST = {"ja", "hi", "ur", "ko"}
"""Languages that deny behind the answer."""
MAY_LACK = {"negated_links": VERB_LAST, "conditionals": {"zh", "ja"}}
OF_SOME = {"negation_goes_on", "beliefs_behind", "verbs_first", "hearsay", "idioms"}
"""What not every language has."""

every_language = pytest.mark.parametrize("code", LANGUAGES)


@every_language
def test_a_row_has_words_of_every_kind(code: str) -> None:
    for field in fields(Doubts):
        if field.name not in OF_SOME and code not in MAY_LACK.get(field.name, set()):
            assert getattr(LANGUAGES[code].doubts, field.name), field.name


@every_language
def test_the_words_of_a_row_are_lower_case_and_stand_there_once(code: str) -> None:
    for field, words in zip(fields(Doubts), astuple(LANGUAGES[code].doubts), strict=True):
        if field.name in OF_SOME - {"verbs_first"}:
            continue
        assert sorted(set(words)) == sorted(words), field.name
        assert [word.lower() for word in words] == list(words), field.name
        assert all(word.strip("* ") for word in words), field.name
