"""What a gate keeps and how often it is right, by votes worked by hand and on real responses."""

import pytest

from calm.records import Response, Rule, Vote
from calm.voting.gate import Gate, compare_rules, gates, languages_alone


def a_vote(identity: str, winner: int | None, share: float) -> Vote:
    return Vote(identity, "plurality", (1, 1), (share, 1 - share), 0, winner, share, 0, 0, {})


VOTES = [a_vote("a", 0, 0.9), a_vote("b", 0, 0.7), a_vote("c", 1, 0.7), a_vote("d", None, 0.5)]
GOLD: dict[str, int | None] = {"a": 0, "b": 1, "c": 1, "d": 0}


def at(rows: list[Gate], share: float) -> Gate:
    return next(row for row in rows if row.fraction is None and row.minimum_share == share)


def best(rows: list[Gate], fraction: float) -> Gate:
    return next(row for row in rows if row.fraction == fraction)


@pytest.mark.parametrize(
    ("share", "kept", "precision"), [(0.0, 3, 2 / 3), (0.7, 3, 2 / 3), (0.8, 1, 1.0)]
)
def test_a_gate_keeps_the_votes_that_reach_it_and_tells_how_many_are_right(
    share: float, kept: int, precision: float
) -> None:
    row = at(gates("plurality", VOTES, GOLD), share)
    assert (row.kept, row.of) == (kept, 4)
    assert row.precision == pytest.approx(precision, abs=1e-6)


def test_without_gold_the_estimate_goes_from_plain_agreement_to_the_mean_share() -> None:
    row = at(gates("plurality", VOTES, {}), 0.7)
    assert row.precision is None
    assert row.expected_low == pytest.approx(0.5)
    assert row.expected_high == pytest.approx((0.9 + 0.7 + 0.7) / 3, abs=1e-6)


def test_a_gate_that_nothing_passes_has_no_precision() -> None:
    row = at(gates("plurality", VOTES[3:], GOLD), 0.9)
    assert (row.kept, row.precision, row.expected_low, row.expected_high) == (0, None, None, None)


def test_the_best_half_of_equal_shares_is_as_right_as_all_of_them() -> None:
    rows = gates("plurality", VOTES, GOLD)
    assert best(rows, 0.25).precision == 1.0
    assert best(rows, 0.5).precision == pytest.approx((1 + 0.5) / 2)


def test_a_vote_without_winner_counts_as_wrong_when_every_question_is_kept() -> None:
    assert best(gates("plurality", VOTES, GOLD), 1.0).precision == pytest.approx(2 / 4)


def test_a_precision_says_on_how_many_questions_with_gold_answers_it_rests() -> None:
    rows = gates("plurality", VOTES, GOLD | {"b": None})
    assert (at(rows, 0.7).kept, at(rows, 0.7).judged) == (3, 2)
    assert best(rows, 1.0).judged == 3


def test_a_language_alone_is_judged_on_every_question() -> None:
    given = [
        Response("a", "en", 0, "m", "", (0, 1), 0),
        Response("b", "en", 0, "m", "", (0, 1), 0),
        Response("b", "en", 1, "m", "", (0, 1), 1),
        Response("a", "fr", 0, "m", "", (0, 1), None),
        Response("b", "fr", 0, "m", "", (0, 1), 1),
    ]
    english, french = languages_alone(given, {"a": 2, "b": 2}, {"a": 0, "b": 1})
    assert (english.language, english.kept, english.of, english.precision) == ("en", 1, 2, 0.5)
    assert (french.language, french.kept, french.of, french.precision) == ("fr", 1, 2, 0.5)


@pytest.fixture(scope="module")
def llama() -> list[Gate]:
    """Every rule on the responses that the paper's authors released."""
    from tests.llama import answered_llama_responses

    answered, golds = answered_llama_responses()
    return compare_rules(answered, dict.fromkeys(golds, 5), golds)


def precisions(rows: list[Gate], rule: Rule) -> list[float]:
    return [
        best([r for r in rows if r.rule == rule], f).precision or 0 for f in (1, 0.75, 0.5, 0.25)
    ]


def test_the_default_rule_beats_plurality_on_llama_wherever_the_gate_is(llama: list[Gate]) -> None:
    default, plurality = precisions(llama, "reliability"), precisions(llama, "plurality")
    assert all(mine > theirs for mine, theirs in zip(default, plurality, strict=True))
    assert default[0] > plurality[0] + 0.06


def test_on_llama_the_truth_is_in_the_estimated_range_or_not_far_below(llama: list[Gate]) -> None:
    told = [row for row in llama if row.rule == "reliability" and row.precision is not None]
    assert len(told) > 5
    for row in told:
        assert row.precision is not None
        assert row.expected_low is not None and row.expected_high is not None
        assert row.expected_low - 0.1 < row.precision < row.expected_high


def test_the_default_rule_finds_english_on_llama_and_is_as_right_as_english_alone(
    llama: list[Gate],
) -> None:
    alone = {row.language: row.precision for row in llama if row.language}
    strongest = max(alone, key=lambda code: alone[code] or 0)
    assert strongest == "en"
    assert precisions(llama, "reliability")[0] >= (alone["en"] or 0)
