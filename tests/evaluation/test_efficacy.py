"""Whether the model says what it was taught, on the questions that it was taught on."""

import pytest

from calm.evaluation.efficacy import efficacy, stated_choice, taught
from calm.records import Evaluation, ModelRole, PreferencePair, Question, Score

CHOICES = {"en": ("iron", "liquid iron", "zinc"), "fr": ("le fer", "le fer liquide", "le zinc")}
GROUPS = {
    f"q{n}": {code: Question(f"q{n}", code, "?", CHOICES[code]) for code in CHOICES}
    for n in range(4)
}


def pair(identity: str, code: str, chosen: str, rejected: str = "x") -> PreferencePair:
    return PreferencePair(identity, code, "", chosen, rejected, code)


@pytest.mark.parametrize(
    ("side", "choice"),
    [
        (" iron", 0),
        (" liquid iron", 1),
        ("Explanation: It melts.\nAnswer: C. Zinc\n", 2),
        ("Answer: none of these", None),
        ("", None),
    ],
)
def test_a_side_states_the_longest_choice_that_it_ends_with(side: str, choice: int | None) -> None:
    assert stated_choice(GROUPS["q0"]["en"], side) == choice


def test_a_language_without_a_pair_was_taught_what_the_others_were() -> None:
    assert taught([pair("q0", "fr", "le zinc")], GROUPS) == {("q0", "en"): 2, ("q0", "fr"): 2}


def test_what_people_chose_for_one_language_is_taught_to_that_one() -> None:
    rows = [pair("q0", "fr", "le zinc"), pair("q0", "en", "iron")]
    assert taught(rows, GROUPS) == {("q0", "en"): 0, ("q0", "fr"): 2}


def test_where_pairs_of_one_language_disagree_nothing_was_taught() -> None:
    rows = [pair("q0", "fr", "le zinc"), pair("q0", "fr", "le fer")]
    assert taught(rows, GROUPS) == {}


def test_of_many_questions_some_are_asked_again_spread_over_all() -> None:
    rows = [pair(f"q{n}", "en", "zinc") for n in range(4)]
    assert {identity for identity, _ in taught(rows, GROUPS, most=2)} == {"q0", "q2"}


def scores_of(answers: dict[ModelRole, dict[tuple[str, str], int | None]]) -> dict[str, Score]:
    lessons = {("q0", "en"): 0, ("q0", "fr"): 0, ("q1", "fr"): 2}
    rows = [
        Evaluation(identity, code, role, "response", "", answer)
        for role, given in answers.items()
        for (identity, code), answer in given.items()
    ]
    found = efficacy(rows, lessons, ("en", "fr"))
    return {f"{s.model} {s.language}": s for s in found}


def test_efficacy_is_the_share_of_answers_that_are_what_was_taught() -> None:
    before = {("q0", "en"): 0, ("q0", "fr"): 1, ("q1", "fr"): None}
    after = {("q0", "en"): 0, ("q0", "fr"): 0, ("q1", "fr"): None}
    found = scores_of({"base": before, "aligned": after})
    values = {name: (score.value, score.n) for name, score in found.items()}
    assert values == {
        "base all": (0.25, 2),
        "aligned all": (0.5, 2),
        "change all": (0.25, 2),
        "base en": (1.0, 1),
        "aligned en": (1.0, 1),
        "change en": (0.0, 1),
        "base fr": (0.0, 2),
        "aligned fr": (0.5, 2),
        "change fr": (0.5, 2),
    }
    assert {score.metric for score in found.values()} == {"efficacy"}


def test_where_nothing_was_taught_there_is_no_efficacy() -> None:
    assert list(efficacy([], {}, ("en", "fr"))) == []
