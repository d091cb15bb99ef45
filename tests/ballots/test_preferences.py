"""What people prefer becomes pairs, and is held against the vote."""

from collections.abc import Sequence
from typing import Any

import pytest

from calm.ballots.preferences import (
    Disagreement,
    as_judged,
    ballots_on,
    disagreements,
    drop_overruled_votes,
    pairs_of,
    preferences,
)
from calm.config import PairsConfig
from calm.records import Ballot, PreferencePair, Question, Vote
from tests.ballot_makers import CHOICES, QUESTION, consensus, duel, in_french, thumb

GROUPS = {"dogs": {code: Question("dogs", code, QUESTION[code], CHOICES[code]) for code in CHOICES}}
UP, DOWN = thumb("up", "dog"), thumb("down", "cat")


def preferred(ballots: Sequence[Ballot]) -> list[tuple[str, str]]:
    return [(p.chosen.answer, p.rejected.answer) for p in preferences(ballots)]


@pytest.mark.parametrize(
    ("ballots", "expected"),
    [
        ([UP, DOWN], [("dog", "cat")]),
        ([UP], []),
        ([DOWN], []),
        ([UP, thumb("up", "cat")], []),
        ([UP, thumb("down", "dog", "bob")], []),
        ([UP, DOWN, thumb("up", "cat", "bob")], []),
        ([UP, DOWN, thumb("down", "dog", "bob")], []),
        ([UP, DOWN, thumb("down", "horse", "bob")], [("dog", "horse"), ("dog", "cat")]),
        ([UP, thumb("down", "chat", **in_french())], []),
        ([UP, thumb("down", "cat", question="Which animal mews?")], []),
        ([duel("model", "dog", "cat")], [("dog", "cat")]),
        ([duel("other", "dog", "cat")], [("cat", "dog")]),
        ([duel("both", "dog", "cat")], []),
        ([duel("neither", "dog", "cat")], []),
        ([duel("model", "dog", "cat"), duel("other", "dog", "cat", "bob")], []),
        ([UP, DOWN, duel("model", "cat", "dog", "bob")], []),
        ([consensus("right", "dog"), consensus("wrong", "cat")], []),
    ],
)
def test_people_prefer_what_more_of_them_are_for(
    ballots: list[Ballot], expected: list[tuple[str, str]]
) -> None:
    assert sorted(preferred(ballots)) == sorted(expected)


def test_what_was_judged_becomes_a_pair_in_its_own_words() -> None:
    assert list(as_judged([UP, DOWN])) == [
        PreferencePair("dogs", "en", UP.prompt, " dog\n", " cat\n", "en", "ballot")
    ]


@pytest.mark.parametrize(
    "ballots",
    [
        [UP, thumb("down", "cat", prompt="Choices: cat, dog. Which animal barks?")],
        [thumb("up", "dog", prompt=""), thumb("down", "cat", prompt="")],
        [UP, thumb("down", "cat", response="")],
        [duel("model", "dog", "dog", other_response=" dog")],
    ],
    ids=["two prompts", "no prompt", "no text", "one text"],
)
def test_sides_that_do_not_answer_one_known_prompt_in_two_ways_make_no_pair(
    ballots: list[Ballot],
) -> None:
    assert list(as_judged(ballots)) == []


def test_two_explanations_of_one_answer_can_be_a_pair() -> None:
    ballots = [duel("other", "dog", "dog", response="dog, why not", other_response="It barks: dog")]
    (pair,) = as_judged(ballots)
    assert (pair.chosen, pair.rejected) == ("It barks: dog", "dog, why not")


def made(ballots: list[Ballot], explains: bool = False, **config: Any) -> list[PreferencePair]:
    return pairs_of(
        ballots,
        GROUPS,
        PairsConfig(**config),
        lambda question, order: f"{question.text}{order}",
        explains,
    )


def test_the_pairs_of_a_base_model_state_choices_by_their_text() -> None:
    (pair,) = made([UP, DOWN])
    assert (pair.prompt, pair.chosen, pair.rejected) == (
        "Which animal barks?(0, 1, 2)",
        " dog",
        " cat",
    )
    assert pair.source == "ballot"


def test_thumbs_whose_prompts_are_not_known_count_for_a_base_model() -> None:
    bare: dict[str, Any] = {"prompt": "", "response": "", "question_id": "", "choice_order": ()}
    assert len(made([thumb("up", "dog", **bare), thumb("down", "cat", **bare)])) == 1


@pytest.mark.parametrize(
    "ballots",
    [
        [thumb("up", "dog", question="Which?"), thumb("down", "cat", question="Which?")],
        [UP, thumb("down", "wolf")],
        [duel("model", "dog", "")],
    ],
    ids=["another question", "no choice", "no answer"],
)
def test_what_is_not_about_the_run_makes_no_pair(ballots: list[Ballot]) -> None:
    assert made(ballots) == []


def test_invented_answers_do_not_crowd_out_the_choices() -> None:
    invented = [thumb("up", f"no {n}", voter) for n in range(30) for voter in ("bob", "cem")]
    assert len(made([*invented, UP, DOWN])) == 1


def test_a_place_has_no_more_pairs_than_the_vote_may_make() -> None:
    ballots = [UP, DOWN, thumb("down", "horse")]
    assert len(made(ballots, max_pairs_per_language=2)) == 2
    assert len(made(ballots, max_pairs_per_language=1)) == 1


WHY, WHY_NOT = "It barks at the door.\nAnswer: B. dog", "It purrs at the fire.\nAnswer: A. cat"
ORDER = {"choice_order": (1, 0, 2)}


def test_the_pairs_of_a_chat_model_have_the_form_of_explained_answers() -> None:
    (pair,) = made(
        [duel("model", "dog", "cat", response=WHY, other_response=WHY_NOT, **ORDER)], True
    )
    assert pair.chosen == "Explanation: It barks at the door.\nAnswer: B. dog"
    assert pair.rejected == "Explanation: It purrs at the fire.\nAnswer: A. cat"
    assert pair.prompt == "Which animal barks?(1, 0, 2)"


@pytest.mark.parametrize(
    "changes",
    [{"other_response": "Answer: A. cat"}, {"other_response": "Who knows?"}, {"choice_order": ()}],
    ids=["a bare answer", "no answer", "no order"],
)
def test_sides_of_two_forms_make_no_pair_of_a_chat_model(changes: dict[str, Any]) -> None:
    fields = {"response": WHY, "other_response": WHY_NOT, **ORDER}
    assert made([duel("model", "dog", "cat", **(fields | changes))], True) == []


def voted(winner: int | None) -> list[Vote]:
    return [Vote("dogs", "plurality", (2, 1, 1), (0.5, 0.25, 0.25), 0, winner, 0.5, 0.25, 1.5, {})]


@pytest.mark.parametrize(
    ("ballots", "winner", "expected"),
    [
        ([UP, DOWN], 0, []),
        ([UP, DOWN], 1, [("en", "cat", 0, 1, "dog")]),
        ([UP], 1, [("en", "cat", 0, 0, "dog")]),
        ([DOWN], 1, [("en", "cat", 0, 1, "")]),
        ([UP, DOWN], None, []),
        ([UP, thumb("up", "cat", "bob")], 1, []),
        ([consensus("wrong", "cat")], 1, [("all", "cat", 0, 1, "")]),
        ([consensus("wrong", "cat"), consensus("right", "cat", "bob")], 1, []),
        ([consensus("not sure", "cat")], 1, []),
        ([consensus("right", "dog")], 1, [("all", "cat", 0, 0, "dog")]),
        ([consensus("wrong", "dog")], 1, []),
        ([duel("model", "dog", "cat")], 1, [("en", "cat", 0, 1, "dog")]),
        ([duel("neither", "dog", "cat")], 1, [("en", "cat", 0, 1, "")]),
        ([duel("model", "cat", "cat")], 1, []),
    ],
)
def test_people_disagree_with_the_vote_where_more_are_against_it_or_for_another_answer(
    ballots: list[Ballot], winner: int | None, expected: list[tuple[str, str, int, int, str]]
) -> None:
    found = disagreements(ballots, voted(winner), GROUPS)
    assert [(d.language, d.vote, d.agree, d.disagree, d.people) for d in found] == expected


def test_a_vote_that_people_hold_wrong_is_overruled_everywhere_and_else_in_one_language() -> None:
    def places(language: str) -> tuple[int, list[str]]:
        found = [Disagreement("dogs", language, "?", "cat", 0, 1, "dog")]
        votes, versions = drop_overruled_votes(voted(1), GROUPS, found)
        return len(votes), list(versions["dogs"])

    assert places("all") == (0, ["en", "fr"])
    assert places("fr") == (1, ["en"])


def test_ballots_are_found_by_the_words_of_the_question_and_not_by_its_id_alone() -> None:
    found = ballots_on(
        [thumb("up", "dog", question_id=""), thumb("up", "dog", question="Which animal mews?")],
        GROUPS,
    )
    assert [ballot.question_id for ballot in found] == ["dogs"]
