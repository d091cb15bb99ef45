"""People's votes on answers."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from calm.ballots import BallotBox
from calm.errors import CalmError

ANSWER = ("Which gas?", "en", "gemma", "oxygen")


@pytest.fixture
def box(tmp_path: Path) -> BallotBox:
    return BallotBox(tmp_path / "deep" / "ballots.sqlite")


def test_an_answer_nobody_voted_on_has_no_votes(box: BallotBox) -> None:
    assert box.tally(*ANSWER) == (0, 0)


def test_votes_up_and_down_are_counted(box: BallotBox) -> None:
    for voter, opinion in (("ann", "up"), ("bob", "down"), ("cem", "up")):
        box.cast(voter, *ANSWER, opinion)  # type: ignore[arg-type]
    assert box.tally(*ANSWER) == (2, 1)


def test_a_voter_has_one_vote_on_an_answer_and_may_change_it(box: BallotBox) -> None:
    box.cast("ann", *ANSWER, "up")
    box.cast("ann", *ANSWER, "up")
    assert box.tally(*ANSWER) == (1, 0)
    box.cast("ann", *ANSWER, "down")
    assert box.tally(*ANSWER) == (0, 1)


@pytest.mark.parametrize("place", range(4))
def test_a_vote_counts_for_its_own_question_language_model_and_answer(
    box: BallotBox, place: int
) -> None:
    box.cast("ann", *ANSWER, "up")
    other = [*ANSWER]
    other[place] = "another"
    assert box.tally(*other) == (0, 0)


def test_ballots_come_back_the_oldest_first_with_all_they_say(box: BallotBox) -> None:
    box.cast("bob", *ANSWER, "down")
    box.cast("ann", *ANSWER, "up")
    first, second = box.all()
    assert (first.voter, second.voter) == ("bob", "ann")
    assert (first.question, first.language, first.model, first.answer) == ANSWER
    assert first.opinion == "down"
    assert first.cast_at <= second.cast_at


def test_an_opinion_is_up_or_down(box: BallotBox) -> None:
    with pytest.raises(CalmError, match="'up' or 'down', not 'sideways'"):
        box.cast("ann", *ANSWER, "sideways")  # type: ignore[arg-type]
    assert list(box.all()) == []


def test_text_is_kept_as_it_is(box: BallotBox) -> None:
    answer = ("哪种'气体'?; DROP TABLE ballots", "zh", "gemma", "氧气\n")
    box.cast("ann", *answer, "up")
    assert box.tally(*answer) == (1, 0)


def test_ballots_are_there_when_the_box_is_opened_again(tmp_path: Path) -> None:
    BallotBox(tmp_path / "b.sqlite").cast("ann", *ANSWER, "up")
    assert BallotBox(tmp_path / "b.sqlite").tally(*ANSWER) == (1, 0)


def test_a_box_without_a_path_lies_in_the_home(calm_home: Path) -> None:
    BallotBox().cast("ann", *ANSWER, "up")
    assert (calm_home / "ballots.sqlite").is_file()


def test_many_may_vote_at_once(box: BallotBox) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: box.cast(f"voter {n}", *ANSWER, "up"), range(40)))
    assert box.tally(*ANSWER) == (40, 0)
