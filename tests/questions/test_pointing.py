"""Choices that point at others are known in every language; no other is taken for one."""

import json
from pathlib import Path
from typing import Any

import pytest

from calm.languages.table import LANGUAGES
from calm.questions.pointing import points_at_choices
from calm.questions.prompts import choice_order
from calm.records import Question

ROWS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data/pointing_choices.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]


def asked(language: str, *choices: str) -> Question:
    return Question("q", language, "?", ("iron", "tin", *choices), 0)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['language']} {row['choice']}")
def test_a_choice_points_at_others_or_does_not(row: dict[str, Any]) -> None:
    question = asked(row["language"], row["choice"], "zinc")
    assert points_at_choices(row["choice"], question) is row["points"]


def test_every_language_has_its_words_and_rows_of_both_kinds() -> None:
    assert all(row.pointers.numbers and row.pointers.places for row in LANGUAGES.values())
    assert {(code, kind) for code in LANGUAGES for kind in (True, False)} == {
        (row["language"], row["points"]) for row in ROWS
    }


@pytest.mark.parametrize("pointing", ["Both A and B", "None of the above"])
def test_choices_keep_their_places_where_one_points_at_others(pointing: str) -> None:
    question = asked("en", "zinc", pointing)
    assert {choice_order(seed, question, n) for seed in (0, 1) for n in range(4)} == {(0, 1, 2, 3)}


def test_a_letter_behind_the_last_choice_points_at_nothing() -> None:
    assert not points_at_choices("G and H", asked("en", "G and H"))
