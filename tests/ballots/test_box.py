"""People's votes: one a person and thing, changeable, with what was judged."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from calm.ballots.box import WITHDRAWN, BallotBox
from calm.errors import CalmError
from calm.records import Judged

ANSWER = Judged(kind="thumb", question="Which gas?", language="en", model="gemma", answer="oxygen")
DUEL = replace(
    ANSWER,
    kind="duel",
    question_id="gas",
    prompt="Which gas? Answer:",
    choice_order=(1, 0),
    response=" oxygen\n",
    other_model="gemma + mine",
    other_response=" helium\n",
    other_answer="helium",
)
CONSENSUS = replace(ANSWER, kind="consensus")


@pytest.fixture
def box(tmp_path: Path) -> BallotBox:
    return BallotBox(tmp_path / "deep" / "ballots.sqlite")


def test_an_answer_nobody_voted_on_has_no_votes(box: BallotBox) -> None:
    assert box.opinions(ANSWER) == {"up": 0, "down": 0}
    assert box.own(ANSWER, "ann") is None


@pytest.mark.parametrize(
    ("judged", "opinions", "counted"),
    [
        (ANSWER, ("up", "down", "up"), {"up": 2, "down": 1}),
        (DUEL, ("other", "other", "both"), {"model": 0, "other": 2, "both": 1, "neither": 0}),
        (CONSENSUS, ("right", "not sure", "wrong"), {"right": 1, "wrong": 1, "not sure": 1}),
    ],
    ids=["thumb", "duel", "consensus"],
)
def test_opinions_of_every_kind_are_counted(
    box: BallotBox, judged: Judged, opinions: tuple[str, ...], counted: dict[str, int]
) -> None:
    for voter, opinion in zip(("ann", "bob", "cem"), opinions, strict=True):
        box.cast(judged, voter, opinion)
    assert box.opinions(judged) == counted
    assert box.own(judged, "bob") == opinions[1]


def test_a_voter_has_one_vote_on_a_thing_and_may_change_it(box: BallotBox) -> None:
    box.cast(ANSWER, "ann", "up")
    box.cast(ANSWER, "ann", "up")
    assert box.opinions(ANSWER) == {"up": 1, "down": 0}
    box.cast(ANSWER, "ann", "down")
    assert box.opinions(ANSWER) == {"up": 0, "down": 1}
    assert len(box.all()) == 1


def test_a_ballot_that_is_taken_back_is_as_if_never_cast(box: BallotBox) -> None:
    for voter in ("ann", "bob"):
        box.cast(ANSWER, voter, "up")
    box.cast(ANSWER, "ann", WITHDRAWN)
    assert box.opinions(ANSWER) == {"up": 1, "down": 0}
    assert box.own(ANSWER, "ann") is None
    assert len(box.all()) == len(box.anonymous()) == 1
    box.cast(ANSWER, "ann", "down")
    assert box.own(ANSWER, "ann") == "down"


def test_a_ballot_that_was_never_cast_may_be_taken_back(box: BallotBox) -> None:
    box.cast(DUEL, "ann", WITHDRAWN)
    assert box.all() == []


@pytest.mark.parametrize("name", ["question", "language", "model", "answer", "kind"])
def test_a_vote_counts_for_its_own_question_language_model_answer_and_kind(
    box: BallotBox, name: str
) -> None:
    box.cast(ANSWER, "ann", "up")
    other = {"language": "fr", "kind": "consensus"}.get(name, "another")
    assert sum(box.opinions(replace(ANSWER, **{name: other})).values()) == 0  # type: ignore[arg-type]


def test_a_thumb_is_on_an_answer_whichever_sample_gave_it(box: BallotBox) -> None:
    box.cast(replace(ANSWER, response="It is oxygen."), "ann", "up")
    assert box.opinions(replace(ANSWER, response="Oxygen!"))["up"] == 1


def test_a_duel_is_between_two_texts(box: BallotBox) -> None:
    box.cast(DUEL, "ann", "both")
    assert box.opinions(replace(DUEL, other_response=" neon\n"))["both"] == 0


def test_two_models_are_the_same_duel_whichever_is_named_first() -> None:
    turned = replace(
        DUEL,
        model=DUEL.other_model,
        response=DUEL.other_response,
        answer=DUEL.other_answer,
        other_model=DUEL.model,
        other_response=DUEL.response,
        other_answer=DUEL.answer,
    )
    assert turned.in_order() == DUEL.in_order() == DUEL


def test_ballots_come_back_the_oldest_first_with_all_they_say(box: BallotBox) -> None:
    box.cast(DUEL, "bob", "other")
    box.cast(ANSWER, "ann", "up")
    first, second = box.all()
    assert (first.voter, first.opinion, second.voter) == ("bob", "other", "ann")
    assert {name: getattr(first, name) for name in vars(DUEL)} == vars(DUEL)
    assert first.cast_at <= second.cast_at
    assert [ballot.voter for ballot in box.latest(1)] == ["ann"]


@pytest.mark.parametrize(
    ("judged", "voter", "opinion", "says"),
    [
        (ANSWER, "ann", "sideways", "'up', 'down', not 'sideways'"),
        (ANSWER, "ann", "right", "not 'right'"),
        (DUEL, "ann", "left", "'model', 'other', 'both', 'neither', not 'left'"),
        (CONSENSUS, "ann", "up", "'right', 'wrong', 'not sure'"),
        (replace(ANSWER, kind="shout"), "ann", "up", "not 'shout'"),  # type: ignore[arg-type]
        (ANSWER, " ", "up", "needs voter"),
        (replace(ANSWER, answer=""), "ann", "up", "needs answer"),
        (replace(DUEL, other_model=""), "ann", "both", "needs other model"),
        (replace(ANSWER, language="xx"), "ann", "up", "xx"),
        (
            replace(DUEL, other_response="Oxygen. ", other_answer="oxygen"),
            "ann",
            "both",
            "the same",
        ),
        (replace(ANSWER, question="x" * 5000), "ann", "up", "At most 4000"),
        (replace(ANSWER, answer="\ud800"), "ann", "up", "half a character"),
    ],
)
def test_what_is_no_ballot_is_refused(
    box: BallotBox, judged: Judged, voter: str, opinion: str, says: str
) -> None:
    with pytest.raises(CalmError, match=says):
        box.cast(judged, voter, opinion)
    assert box.all() == []


def test_a_duel_may_be_between_texts_that_state_nothing(box: BallotBox) -> None:
    box.cast(replace(DUEL, answer="", other_answer=""), "ann", "neither")
    assert len(box.all()) == 1


def test_text_is_kept_as_it_is(box: BallotBox) -> None:
    judged = replace(
        ANSWER, question="哪种'气体'?; DROP TABLE ballots", language="zh", answer="氧气\n"
    )
    box.cast(judged, "ann", "up")
    assert box.opinions(judged)["up"] == 1


def test_ballots_are_there_when_the_box_is_opened_again(tmp_path: Path) -> None:
    BallotBox(tmp_path / "b.sqlite").cast(ANSWER, "ann", "up")
    assert BallotBox(tmp_path / "b.sqlite").opinions(ANSWER)["up"] == 1


def test_a_box_without_a_path_lies_in_the_home(calm_home: Path) -> None:
    BallotBox().cast(ANSWER, "ann", "up")
    assert (calm_home / "ballots.sqlite").is_file()


def test_many_may_open_the_box_and_vote_at_once(tmp_path: Path) -> None:
    path = tmp_path / "b.sqlite"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: BallotBox(path).cast(ANSWER, f"voter {n}", "up"), range(40)))
    assert BallotBox(path).opinions(ANSWER) == {"up": 40, "down": 0}


def old_box(path: Path) -> None:
    """Write a file as the first version of this program did."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "CREATE TABLE ballots (voter TEXT, question TEXT, language TEXT,"
            " model TEXT, answer TEXT, opinion TEXT CHECK (opinion IN ('up', 'down')),"
            " cast_at REAL, PRIMARY KEY (voter, question, language, model, answer))"
        )
        rows = [
            ("ann", "Which gas?", "en", "gemma", "oxygen", "up", 1.5),
            ("bob", "Quel gaz ?", "fr", "gemma", "l'hélium", "down", 0.5),
        ]
        db.executemany("INSERT INTO ballots VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def test_a_file_of_the_first_version_keeps_all_its_ballots(tmp_path: Path) -> None:
    old_box(tmp_path / "b.sqlite")
    for _ in range(2):
        bob, ann = BallotBox(tmp_path / "b.sqlite").all()
        assert (bob.voter, bob.question, bob.language) == ("bob", "Quel gaz ?", "fr")
        assert (bob.model, bob.answer, bob.opinion, bob.cast_at) == (
            "gemma",
            "l'hélium",
            "down",
            0.5,
        )
        assert (ann.kind, ann.opinion, ann.response) == ("thumb", "up", "")


def test_a_ballot_of_the_first_version_can_be_changed_and_taken_back(tmp_path: Path) -> None:
    old_box(tmp_path / "b.sqlite")
    box = BallotBox(tmp_path / "b.sqlite")
    box.cast(replace(ANSWER, response=" oxygen\n"), "ann", "down")
    assert box.opinions(ANSWER) == {"up": 0, "down": 1}
    box.cast(ANSWER, "ann", WITHDRAWN)
    assert [ballot.voter for ballot in box.all()] == ["bob"]


def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "b.sqlite")) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(CalmError, match="version 99"):
        BallotBox(tmp_path / "b.sqlite")


def test_voters_are_hashed_alike_in_every_export_and_otherwise_in_another_file(
    tmp_path: Path,
) -> None:
    boxes = [BallotBox(tmp_path / name) for name in ("one.sqlite", "two.sqlite")]
    for box in boxes:
        box.cast(ANSWER, "ann", "up")
        box.cast(CONSENSUS, "ann", "right")
    seen = [{ballot.voter for ballot in box.anonymous()} for box in (*boxes, boxes[0])]
    assert len(seen[0]) == 1
    assert seen[0] == seen[2] != seen[1]
    assert "ann" not in seen[0]
