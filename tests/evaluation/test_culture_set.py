"""The questions of culture: parallel in eight languages, with right answers that should differ."""

from collections import Counter
from dataclasses import replace
from importlib import resources
from itertools import combinations
from pathlib import Path

import pytest

from calm.config import BUILT_IN, DEFAULT_LANGUAGES
from calm.questions.checks import faults, hints
from calm.questions.sets import by_id, load_questions, read_question_file
from calm.records import Question

OWN_NAMES = {
    "en": ("america", "united states", "u.s."),
    "zh": ("中国", "中华"),
    "fr": ("franc", "français"),
    "de": ("deutsch",),
    "it": ("italia",),
    "ja": ("日本",),
    "es": ("españ",),
    "ar": ("مصر",),
}
"""How the name of each language's country, and of who lives there, begins."""


@pytest.fixture(scope="module")
def rows() -> list[Question]:
    folder = resources.files("calm") / "data" / "culture"
    files = (Path(str(folder / f"{code}.jsonl")) for code in DEFAULT_LANGUAGES)
    return [question for file in files for question in read_question_file(file)]


def test_has_64_questions_or_more_each_in_all_eight_languages(rows: list[Question]) -> None:
    groups = by_id(rows)
    assert len(groups) >= 64
    assert len(rows) == 8 * len(groups)
    assert all(list(versions) == list(DEFAULT_LANGUAGES) for versions in groups.values())
    assert {row.split for row in rows} == {"held-out"}


def test_only_the_right_answers_differ_between_languages(rows: list[Question]) -> None:
    assert faults([replace(row, gold=0) for row in rows]) == []
    assert list(hints(rows)) == []


def test_every_question_has_four_to_eight_choices_and_a_right_one(rows: list[Question]) -> None:
    for row in rows:
        assert 4 <= len(row.choices) <= 8, row.id
        assert len({choice.casefold() for choice in row.choices}) == len(row.choices), row.id
        assert row.gold is not None, row.id
        assert 0 <= row.gold < len(row.choices), row.id


def test_at_least_three_answers_are_right_somewhere(rows: list[Question]) -> None:
    for name, versions in by_id(rows).items():
        assert len({row.gold for row in versions.values()}) >= 3, name


def test_two_languages_seldom_have_the_same_right_answer(rows: list[Question]) -> None:
    groups = by_id(rows).values()
    for one, other in combinations(DEFAULT_LANGUAGES, 2):
        same = sum(versions[one].gold == versions[other].gold for versions in groups)
        assert same < len(groups) / 2, (one, other)


def test_no_place_among_the_choices_is_right_much_more_often(rows: list[Question]) -> None:
    for code in DEFAULT_LANGUAGES:
        places = Counter(row.gold for row in rows if row.language == code)
        assert max(places.values()) < places.total() / 3, (code, places)


def test_topics_are_spread(rows: list[Question]) -> None:
    topics = Counter(row.topic for row in rows if row.language == "en")
    assert len(topics) >= 10
    assert max(topics.values()) < topics.total() / 5


def test_the_language_is_the_only_hint_at_the_country(rows: list[Question]) -> None:
    for row in rows:
        named = [name for name in OWN_NAMES[row.language] if name in row.text.casefold()]
        assert not named, (row.id, row.language)


def test_every_text_is_a_question_written_as_its_language_does(rows: list[Question]) -> None:
    ends = {"zh": "？", "ja": "？", "fr": " ?", "ar": "؟"}
    for row in rows:
        assert row.text.endswith(ends.get(row.language, "?")), row
        assert ("¿" in row.text) == (row.language == "es"), row


def test_no_question_is_one_of_the_built_in_train_questions(rows: list[Question]) -> None:
    train = [row for row in load_questions(BUILT_IN, DEFAULT_LANGUAGES) if row.split == "train"]
    culture = [replace(row, gold=None) for row in rows]
    found = [finding for finding in faults(train + culture) if "repeated" in finding.what.key]
    assert found == []
