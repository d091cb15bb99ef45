"""Ballots in files for others to read."""

import csv
import json
from pathlib import Path

import pytest

from calm.ballots.export import FORMATS, export_ballots
from calm.errors import CalmError
from calm.pairs.files import Rejected, numbered_pairs
from tests.ballot_makers import duel, thumb

BALLOTS = [
    thumb("up", "dog", "a1", cast_at=1.9),
    thumb("down", 'a "cat",\nor so', "b2", choice_order=(1, 0)),
]


def test_csv_has_a_row_a_ballot_with_all_it_says(tmp_path: Path) -> None:
    export_ballots(BALLOTS, "csv", tmp_path / "b.csv")
    with (tmp_path / "b.csv").open(encoding="utf-8", newline="") as stream:
        first, second = csv.DictReader(stream)
    assert (first["voter"], first["cast_at"], first["opinion"]) == (
        "a1",
        "1970-01-01T00:00:01Z",
        "up",
    )
    assert (second["answer"], second["choice_order"]) == ('a "cat",\nor so', "1 0")


@pytest.mark.parametrize("answer", ["=1+1", "+1", "-1", "@x"])
def test_no_cell_is_a_formula(tmp_path: Path, answer: str) -> None:
    export_ballots([thumb("up", answer)], "csv", tmp_path / "b.csv")
    with (tmp_path / "b.csv").open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["answer"] == f"'{answer}"


def test_json_lines_hold_the_ballots_as_they_are(tmp_path: Path) -> None:
    export_ballots(BALLOTS, "jsonl", tmp_path / "b.jsonl")
    lines = (tmp_path / "b.jsonl").read_text(encoding="utf-8").splitlines()
    second = json.loads(lines[1])
    assert (second["answer"], second["choice_order"]) == ('a "cat",\nor so', [1, 0])


def test_pairs_are_read_back_with_their_source(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "pairs.jsonl"
    assert export_ballots([duel("model", "dog", "cat")], "pairs", path) == (
        f"1 pairs of 1 ballots in {path}"
    )
    ((_, pair),) = numbered_pairs(path)
    assert not isinstance(pair, Rejected)
    assert (pair.source, pair.chosen, pair.rejected) == ("ballot", " dog\n", " cat\n")


@pytest.mark.parametrize("form", FORMATS)
def test_no_ballots_are_an_empty_file(form: str, tmp_path: Path) -> None:
    export_ballots([], form, tmp_path / "b")
    lines = (tmp_path / "b").read_text(encoding="utf-8").splitlines()
    assert len(lines) == (1 if form == "csv" else 0)


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CalmError, match="csv, jsonl, pairs"):
        export_ballots([], "xlsx", tmp_path / "b")
