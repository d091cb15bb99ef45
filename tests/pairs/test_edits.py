"""A pair can be left out or turned round before training; its file stays as it was made."""

from pathlib import Path

import pytest

from calm.config import RunConfig
from calm.errors import CalmError
from calm.exchange.export import export
from calm.pairs.edits import FILE, edited, pair_key, training_pairs, with_edit
from calm.records import PreferencePair
from calm.runs.folder import Run, create_run

FIRST = PreferencePair("q1", "fr", "?", " oui", " non", "en")
SECOND = PreferencePair("q2", "fr", "?", " oui", " non", "fr")


@pytest.fixture
def run(calm_home: Path) -> Run:
    run = create_run("mine", RunConfig())
    run.write("pairs", [FIRST, SECOND])
    return run


def test_a_pair_is_known_by_all_it_says() -> None:
    assert pair_key(FIRST) == pair_key(PreferencePair(**vars(FIRST)))
    assert pair_key(FIRST) != pair_key(SECOND)


def test_an_excluded_pair_is_not_learnt_and_stays_in_its_file(run: Run) -> None:
    run.write(FILE, with_edit([], FIRST, "exclude"))
    assert training_pairs(run) == [SECOND]
    assert run.rows("pairs") == [FIRST, SECOND]


def test_swapped_sides_change_places_and_what_is_chosen_is_of_the_pair_s_own_language() -> None:
    turned = edited([FIRST, SECOND], with_edit([], FIRST, "swap"))
    assert turned == [PreferencePair("q1", "fr", "?", " non", " oui", "fr"), SECOND]


def test_a_pair_has_one_change_at_a_time_and_none_takes_it_back() -> None:
    once = with_edit([], FIRST, "swap")
    again = with_edit(once, FIRST, "exclude")
    assert [edit.action for edit in again] == ["exclude"]
    assert with_edit(again, FIRST, None) == []


def test_a_change_of_a_pair_that_is_no_more_does_nothing(run: Run) -> None:
    run.write(FILE, with_edit([], PreferencePair("gone", "fr", "?", "a", "b", "fr"), "exclude"))
    assert training_pairs(run) == [FIRST, SECOND]


def test_with_every_pair_excluded_there_is_nothing_to_train_on(run: Run) -> None:
    run.write(FILE, with_edit(with_edit([], FIRST, "exclude"), SECOND, "exclude"))
    with pytest.raises(CalmError, match=r"All 2 pairs of .* are excluded"):
        training_pairs(run)


def test_what_is_exported_is_what_is_learnt(run: Run, tmp_path: Path) -> None:
    run.write(FILE, with_edit([], FIRST, "exclude"))
    export(run, "pairs", "trl", tmp_path / "pairs.jsonl")
    assert len((tmp_path / "pairs.jsonl").read_text().splitlines()) == 1
