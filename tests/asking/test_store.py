"""What was asked is found again under its id, and the store does not grow without end."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from calm.asking.store import AskedStore, latest, read_asked, to_line
from tests.recorded import asked_question


@pytest.fixture
def store(calm_home: Path) -> AskedStore:
    return AskedStore()


def test_a_question_comes_back_with_all_its_answers(store: AskedStore) -> None:
    row = asked_question()
    assert store.find(store.keep(row)) == row


def test_the_id_is_made_of_the_content_and_not_of_the_time() -> None:
    row = asked_question()
    assert row.id == asked_question(asked_at=2.0).id
    assert row.id != asked_question("What do cows give?").id
    assert len(row.id) == 16


def test_asked_again_with_the_same_answers_it_is_kept_once_and_is_newer(store: AskedStore) -> None:
    store.keep(asked_question(asked_at=1.0))
    store.keep(asked_question(asked_at=5.0))
    assert [row.asked_at for row in store.of_model("fake", 10)] == [5.0]


@pytest.mark.parametrize("identity", ["", "0" * 16, "x' OR 1=1 --"])
def test_an_id_that_is_not_there_finds_nothing(store: AskedStore, identity: str) -> None:
    store.keep(asked_question())
    assert store.find(identity) is None


def test_behind_the_most_that_is_kept_the_oldest_go(calm_home: Path) -> None:
    store = AskedStore(most_kept=2)
    ids = [store.keep(asked_question(f"Question {n}?", float(n))) for n in range(4)]
    assert [store.find(identity) is None for identity in ids] == [True, True, False, False]


def test_behind_the_most_bytes_the_oldest_go(calm_home: Path) -> None:
    size = len(to_line(asked_question()).encode())
    store = AskedStore(most_bytes=2 * size + 20)
    for n in range(4):
        store.keep(asked_question(f"What {n} bees make?", float(n)))
    assert [row.asked_at for row in store.of_model("fake", 10)] == [3.0, 2.0]


def test_the_questions_of_one_model_come_newest_first(store: AskedStore) -> None:
    for n in range(3):
        store.keep(asked_question(f"Question {n}?", float(n)))
    store.keep(replace(asked_question(), model="other"))
    assert [row.asked_at for row in store.of_model("fake", 2)] == [2.0, 1.0]


def test_a_row_of_another_time_that_cannot_be_read_is_not_found(
    store: AskedStore, calm_home: Path
) -> None:
    identity = store.keep(asked_question())
    with sqlite3.connect(calm_home / "asked.sqlite") as db:
        db.execute("UPDATE asked SET row = '{}'")
    assert store.find(identity) is None


def test_half_a_surrogate_is_kept_as_a_question_mark(store: AskedStore) -> None:
    found = store.find(store.keep(asked_question("What \ud800?")))
    assert found is not None
    assert found.versions[0].text == "What ??"


def test_a_file_of_questions_is_read_without_a_torn_last_line(tmp_path: Path) -> None:
    row = asked_question()
    file = tmp_path / "asked.jsonl"
    file.write_text(to_line(row) + "\n" + to_line(row)[:20], encoding="utf-8")
    assert read_asked(file) == [row]
    assert read_asked(tmp_path / "none.jsonl") == []


def test_the_latest_are_listed_first_and_each_once() -> None:
    old, new = asked_question("Old?", 1.0), asked_question("New?", 2.0)
    assert latest([old, new, old]) == [new, old]
