"""Shares of ballots and their intervals."""

import pytest

from calm.ballots.tally import ALL, Share, tally, tally_table
from tests.ballot_makers import consensus, duel, in_french, thumb


def by_key(rows: list[Share]) -> dict[tuple[str, str, str], Share]:
    return {(row.kind, row.model, row.language): row for row in rows}


def test_thumbs_are_shared_out_by_model_and_language() -> None:
    french = thumb("down", "chat", **in_french())
    rows = by_key(tally([thumb("up", "dog"), thumb("up", "cat"), french]))
    assert (rows["thumb", "m", ALL].good, rows["thumb", "m", ALL].bad) == (2, 1)
    assert rows["thumb", "m", "en"].value == 1.0
    assert rows["thumb", "m", "fr"].value == 0.0


def test_what_one_model_wins_the_other_loses_and_draws_are_counted_apart() -> None:
    ballots = [
        duel(opinion, "dog", "cat", voter)  # type: ignore[arg-type]
        for voter, opinion in enumerate(["model", "model", "other", "both", "neither", "both"])
    ]
    rows = by_key(tally(ballots))
    first, second = rows["duel", "m", ALL], rows["duel", "n", ALL]
    assert (first.good, first.bad, first.apart) == (2, 1, {"both": 2, "neither": 1})
    assert (second.good, second.bad, second.other_model) == (1, 2, "m")
    assert first.value is not None
    assert second.value == pytest.approx(1 - first.value)


def test_opinions_of_the_vote_leave_out_those_who_are_not_sure() -> None:
    rows = tally([consensus("right", "dog"), consensus("not sure", "dog", "bob")])
    assert (rows[0].value, rows[0].apart) == (1.0, {"not sure": 1})


def test_without_a_ballot_for_or_against_there_is_no_share() -> None:
    (row, *_) = tally([consensus("not sure", "dog")])
    assert (row.value, row.low, row.high) == (None, None, None)


def test_the_table_has_a_line_a_share_with_its_interval_and_counts() -> None:
    ballots = [thumb("up", "dog", voter) for voter in "abc"] + [thumb("down", "dog", "d")]
    assert tally_table(tally(ballots)).splitlines()[0] == (
        "thumb: m, all: 75% (30 to 95), 3 up, 1 down"
    )
    (line, *_) = tally_table(tally([duel("both", "dog", "cat")])).splitlines()
    assert line == "duel: m against n, all: 0 won, 0 lost, 1 both, 0 neither"


def test_no_ballots_are_said() -> None:
    assert tally_table([]) == "No ballot has been cast yet."
