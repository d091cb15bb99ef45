"""What was asked is found again under its id, and the store does not grow without end."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from calm.asking.asked import Asked
from calm.asking.store import AskedStore, asked_id, ids_of, latest, read_asked, to_line
from calm.errors import CalmError
from calm.exchange.archive import unpack
from tests.free_makers import freely_asked
from tests.recorded import asked_question

BEFORE = Path(__file__).parents[1] / "data" / "before"
"""A store and an archive that were made when there were two kinds of record."""
LINKS_BEFORE = {
    "61d9e6150601f2be": ("What do bees make?", 1000.0),
    "98b5f12533dc5d9e": ("What do ? bees make?", 1500.0),
    "1fe4fd47bb4ce55c": ("How many legs has a spider?", 1200.0),
    "de11b93ce9473f13": ("How many legs has a spider?", 1700.25),
}
each_kind = pytest.mark.parametrize("row", [asked_question(), freely_asked()], ids=["with", "none"])


@pytest.fixture
def store(calm_home: Path) -> AskedStore:
    return AskedStore()


def told(row: Asked | None) -> tuple[str, float] | None:
    return None if row is None else (row.versions[0].text, row.asked_at)


@each_kind
def test_a_question_comes_back_with_all_its_answers(store: AskedStore, row: Asked) -> None:
    assert store.find(store.keep(row)) == row


@each_kind
def test_the_id_is_made_of_the_content_and_not_of_the_time(row: Asked) -> None:
    assert asked_id(row) == asked_id(replace(row, asked_at=2.0))
    assert asked_id(row) != asked_id(replace(row, model="n"))
    assert asked_id(row) != asked_id(replace(row, prompts=("?", *row.prompts[1:])))
    assert len(asked_id(row)) == 16


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


def test_the_questions_of_one_model_come_newest_first_with_choices_and_without(
    store: AskedStore,
) -> None:
    rows = [asked_question("One?", 0.0), freely_asked(1.0), asked_question("Three?", 2.0)]
    for row in (*rows, replace(asked_question(), model="other")):
        store.keep(row)
    assert store.of_model("fake", 9) == rows[::-1]
    assert store.of_model("fake", 2) == [rows[2], rows[1]]


def test_a_row_of_another_time_that_cannot_be_read_is_not_found(
    store: AskedStore, calm_home: Path
) -> None:
    identity = store.keep(asked_question())
    with closing(sqlite3.connect(calm_home / "asked.sqlite")) as db, db:
        db.execute("UPDATE questions SET row = '{}'")
    assert store.find(identity) is None


def test_half_a_surrogate_is_kept_as_a_question_mark(store: AskedStore) -> None:
    found = store.find(store.keep(asked_question("What \ud800?")))
    assert found is not None
    assert found.versions[0].text == "What ??"


def test_a_file_of_questions_is_read_without_a_torn_last_line(tmp_path: Path) -> None:
    lines = [to_line(row) for row in (asked_question(), freely_asked())]
    (tmp_path / "asked.jsonl").write_text(
        f"{lines[0]}\n{lines[1]}\n{lines[0][:20]}", encoding="utf-8"
    )
    assert read_asked(tmp_path) == [asked_question(), freely_asked()]
    assert read_asked(tmp_path / "none") == []


def test_a_line_that_is_no_question_says_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "asked.jsonl").write_text('{"step": "done"}\n')
    with pytest.raises(CalmError, match="not a Asked: model"):
        read_asked(tmp_path)


def test_the_latest_are_listed_first_and_each_once() -> None:
    old, new = asked_question("Old?", 1.0), freely_asked(2.0)
    assert latest([old, new, replace(old, asked_at=0.5), old]) == [new, old]


def test_a_store_of_before_is_taken_over_and_every_link_still_leads_to_its_question(
    calm_home: Path,
) -> None:
    calm_home.mkdir(parents=True, exist_ok=True)
    shutil.copy(BEFORE / "asked.sqlite", calm_home)
    for _ in range(2):
        store = AskedStore()
        assert {name: told(store.find(name)) for name in LINKS_BEFORE} == LINKS_BEFORE
    assert store.find("0123456789abcdef") is None, "it could not be read before, either"
    with closing(sqlite3.connect(calm_home / "asked.sqlite")) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE sql > ''")]
    assert tables == ["questions"]


def test_what_was_asked_before_has_the_options_and_the_prompts_that_were_kept(
    calm_home: Path,
) -> None:
    calm_home.mkdir(parents=True, exist_ok=True)
    shutil.copy(BEFORE / "asked.sqlite", calm_home)
    store = AskedStore()
    bees, legs = store.find("61d9e6150601f2be"), store.find("de11b93ce9473f13")
    assert bees == replace(asked_question(), prompts=())
    assert legs is not None
    assert [(option.label, option.count) for option in legs.options] == [("eight legs", 6)]
    assert legs.prompt_of(legs.of("fr")[1]).endswith("Réponse :")
    assert "no words" in str(legs.left_out["sw"])


def test_an_archive_of_before_is_opened_with_its_links(calm_home: Path) -> None:
    rows = read_asked(unpack(BEFORE / "run.zip", "before").folder)
    assert {name: told(row) for row in rows for name in ids_of(row)[1:]} == LINKS_BEFORE


def test_a_store_of_a_later_version_is_left_alone(calm_home: Path) -> None:
    AskedStore()
    with closing(sqlite3.connect(calm_home / "asked.sqlite")) as db, db:
        db.execute("PRAGMA user_version = 9")
    with pytest.raises(CalmError, match="is of version 9, but this program reads version 2"):
        AskedStore()
