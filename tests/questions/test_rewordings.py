"""The second wordings of the held-out questions ask the same in other words, and give no more away.

What a reader must judge (the same fact, a natural sentence) was judged by reading; here is what can
be counted. A language whose second wordings are not written yet is left out.
"""

import functools
import itertools
import json
import re
from importlib import resources
from statistics import mean
from typing import Any

import pytest

from calm.config import BUILT_IN, DEFAULT_LANGUAGES
from calm.languages.scripts import SCRIPTS
from calm.languages.table import language
from calm.questions.sets import load_questions
from calm.records import Question

FOLDER = resources.files("calm").joinpath("data/rewordings")
WRITTEN = [code for code in DEFAULT_LANGUAGES if FOLDER.joinpath(f"{code}.jsonl").is_file()]
MOST_SHARED = 0.5
"""The largest part of the words of both wordings that may stand in both."""
MOST_SHARED_ON_AVERAGE = 0.35
LENGTHS = (0.5, 3.0)
"""How long a second wording may be, in lengths of the first; "8 x 8" has no short way round."""
OWN_LETTERS = {"ja": ("Hiragana", "Han")}
POINTING = {
    "en": r"\b(these|those)\b",
    "de": r"\b(diese\w*|davon)\b",
    "fr": r"\bces\b",
    "es": r"\best[ao]s?\b",
}
"""Words that speak of the choices: without choices, such a question cannot be asked."""
in_each = pytest.mark.parametrize("code", WRITTEN)


@functools.cache
def rewordings(code: str) -> tuple[dict[str, Any], ...]:
    lines = FOLDER.joinpath(f"{code}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(map(json.loads, lines))


@functools.cache
def held_out(code: str) -> tuple[Question, ...]:
    rows = load_questions(BUILT_IN, (code,))
    return tuple(row for row in rows if row.split == "held-out")


def wordings(code: str) -> list[tuple[Question, str]]:
    """Return each held-out question with its second wording."""
    texts = {row["id"]: row["text"] for row in rewordings(code)}
    return [(row, texts[row.id]) for row in held_out(code)]


def words(text: str, code: str) -> set[str]:
    """Return the words of a text, or its pairs of letters where nothing parts its words."""
    whole = re.findall(r"\w+", text.casefold())
    if language(code).spaced:
        return set(whole)
    return {"".join(pair) for word in whole for pair in itertools.pairwise(word)}


def shared(question: Question, text: str, code: str) -> float:
    first, second = words(question.text, code), words(text, code)
    return len(first & second) / len(first | second)


def holds(text: str, choice: str, code: str) -> bool:
    if not language(code).spaced:
        return choice.casefold() in text.casefold()
    return bool(re.search(rf"(?<!\w){re.escape(choice.casefold())}(?!\w)", text.casefold()))


def is_foreign(letter: str, code: str) -> bool:
    scripts = OWN_LETTERS.get(code, (language(code).script,))
    repeats = letter == "々" and "Han" in scripts
    own = repeats or any(re.match(SCRIPTS[script], letter) for script in scripts)
    return letter.isalpha() and not own


def test_the_first_four_languages_are_written() -> None:
    assert {"en", "de", "fr", "es"} <= set(WRITTEN)


@in_each
def test_each_held_out_question_has_one_in_the_order_of_the_set(code: str) -> None:
    assert [row["id"] for row in rewordings(code)] == [row.id for row in held_out(code)]
    assert all(set(row) == {"id", "text"} for row in rewordings(code))


@in_each
def test_no_two_are_alike_and_each_is_written_as_the_set_is(code: str) -> None:
    texts = [text for _, text in wordings(code)]
    assert len({text.casefold() for text in texts}) == len(texts)
    assert [text for text in texts if text != " ".join(text.split())] == []


@in_each
def test_the_words_are_others(code: str) -> None:
    parts = {row.id: shared(row, text, code) for row, text in wordings(code)}
    assert {id for id, part in parts.items() if part > MOST_SHARED} == set()
    assert mean(parts.values()) <= MOST_SHARED_ON_AVERAGE


@in_each
def test_the_first_wording_does_not_stand_in_the_second(code: str) -> None:
    repeated = [
        row.id
        for row, text in wordings(code)
        if row.text.strip("¿?？؟ ").casefold() in text.casefold()
    ]
    assert repeated == []


@in_each
def test_none_is_much_longer_or_shorter(code: str) -> None:
    low, high = LENGTHS
    lengths = {row.id: len(text) / len(row.text) for row, text in wordings(code)}
    assert {id: part for id, part in lengths.items() if not low <= part <= high} == {}


@in_each
def test_no_choice_stands_in_it_that_the_first_wording_lacks(code: str) -> None:
    given_away = [
        (row.id, choice)
        for row, text in wordings(code)
        for choice in row.choices
        if holds(text, choice, code) and not holds(row.text, choice, code)
    ]
    assert given_away == []


@in_each
def test_each_ends_with_the_question_mark_of_its_language(code: str) -> None:
    ends = {row.text[-2:] if code == "fr" else row.text[-1] for row in held_out(code)}
    assert len(ends) == 1
    assert [row.id for row, text in wordings(code) if not text.endswith(tuple(ends))] == []
    if code == "es":
        assert [row.id for row, text in wordings(code) if text.count("¿") != 1] == []


@in_each
def test_each_is_in_the_script_of_its_language(code: str) -> None:
    foreign = [
        (row.id, letter)
        for row, text in wordings(code)
        for letter in text
        if is_foreign(letter, code) and letter not in row.text
    ]
    assert foreign == []


@pytest.mark.parametrize("code", POINTING)
def test_it_speaks_of_the_choices_where_the_first_wording_does(code: str) -> None:
    pointing = re.compile(POINTING[code], re.IGNORECASE)
    differ = [
        row.id
        for row, text in wordings(code)
        if bool(pointing.search(row.text)) is not bool(pointing.search(text))
    ]
    assert differ == []
