"""What a short answer says is the same, however it is written."""

import json
from pathlib import Path

import pytest

from calm.languages import LANGUAGES
from calm.meanings import Meaning, answer_words, meaning, without_asked_unit

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "meanings.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['language']}-{r['one']}-{r['other']}")
def test_two_wordings_say_the_same_or_do_not(row: dict[str, str]) -> None:
    said = [meaning(row[side], row["language"]) for side in ("one", "other")]
    assert (said[0] == said[1]) == row["same"], said


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_its_words_around_answers(code: str) -> None:
    row = answer_words(code)
    assert row.instruction and row.yes and row.no
    assert row.numbers or code in ("zh", "ja")


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_digits_of_a_language_are_numbers(code: str) -> None:
    digits = LANGUAGES[code].digits
    assert meaning(digits[4] + digits[2], code) == Meaning("", 42.0)


@pytest.mark.parametrize("code", sorted(set(LANGUAGES) - {"zh", "ja"}))
def test_yes_and_no_are_told_apart_and_are_the_same_in_all_languages(code: str) -> None:
    row = answer_words(code)
    assert {meaning(word, code).words for word in row.yes} == {"yes"}
    assert {meaning(word, code).words for word in row.no} == {"no"}


def test_marks_alone_say_nothing() -> None:
    assert meaning("?!…", "en") == Meaning("")


@pytest.mark.parametrize(
    ("code", "question", "answer", "said"),
    [
        ("en", "How many legs has a spider?", "8 legs", Meaning("", 8.0)),
        ("fr", "Combien de pattes a une araignée ?", "8 pattes", Meaning("", 8.0)),
        ("zh", "一周有多少天？", "7天", Meaning("", 7.0)),
        ("en", "How many days has one week?", "3 weeks", Meaning("week", 3.0)),
        ("fr", "Combien de jours dans une semaine ?", "3 semaines", Meaning("semaines", 3.0)),
        ("ja", "一週間は何日ですか。", "2週間", Meaning("周间", 2.0)),
        ("en", "How far is it?", "8 miles", Meaning("mile", 8.0)),
        ("en", "Which days are free?", "days", Meaning("day")),
    ],
)
def test_a_unit_that_the_question_names_need_not_be_said(
    code: str, question: str, answer: str, said: Meaning
) -> None:
    assert without_asked_unit(meaning(answer, code), question, code) == said
