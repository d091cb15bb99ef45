"""People vote on a question without choices as on one with: thumbs on cards, a word on the vote."""

from dataclasses import replace
from pathlib import Path

import pytest

from calm.ballots.box import BallotBox
from calm.ballots.preferences import as_judged, held_wrong
from calm.ballots.tally import tally
from calm.errors import CalmError
from tests.free_makers import found as asked
from tests.free_makers import freely_asked, growing, pivot
from ui.ask.page import cast_on, judge_vote
from ui.asking.voters import answered, judged_answers, judged_consensus, opinion_of

ANN, BOB = "a" * 32, "b" * 32


@pytest.fixture
def box(tmp_path: Path) -> BallotBox:
    return BallotBox(tmp_path / "b.sqlite")


def test_a_thumb_is_on_what_most_samples_of_its_language_say() -> None:
    judged = judged_answers(asked({"en": ["6", "It is 8. I counted.", "8", "8"], "fr": ["6", "8"]}))
    assert list(judged) == ["en"]
    english = judged["en"]
    assert (english.kind, english.answer) == ("thumb", "8")
    assert (english.prompt, english.response) == ("en prompt", "It is 8. I counted.")
    assert english.question == "How many legs has a spider?"


def test_an_opinion_is_on_the_largest_group_in_the_pivot_s_words() -> None:
    seen = asked({"zh": ["蜜蜂"], "en": ["Bees"]}, pivot("zh", "蜜蜂", "bees"))
    judged = judged_consensus(seen)
    assert judged is not None
    assert (judged.language, judged.answer, judged.response) == ("en", "Bees", "")
    assert judged_consensus(asked({"en": ["8"], "fr": ["6"]})) is None


def test_ballots_are_kept_one_a_person_and_can_be_changed(box: BallotBox) -> None:
    seen = asked({"en": ["8"], "fr": ["8"], "de": ["6"]})
    assert 'id="ballot-fr-up"' in cast_on(box, seen, ANN, "fr", "up")
    shown = cast_on(box, seen, ANN, "fr", "down")
    assert 'id="ballot-fr-down" data-language="fr" data-opinion="down" aria-pressed="true"' in shown
    assert 'aria-pressed="true">Wrong <span>1</span>' in judge_vote(box, seen, ANN, "wrong")
    assert 'aria-pressed="false">Wrong <span>1</span>' in opinion_of(box, seen, BOB)
    assert [(b.kind, b.opinion) for b in box.all()] == [("thumb", "down"), ("consensus", "wrong")]
    assert {(s.kind, s.language, s.good, s.bad) for s in tally(box.all())} == {
        *(("thumb", code, 0, 1) for code in ("all", "fr")),
        *(("consensus", code, 0, 1) for code in ("all", "en")),
    }
    assert [(d.question, d.vote) for d in held_wrong(box.all())] == [
        ("How many legs has a spider?", "8")
    ]


def test_a_liked_and_a_disliked_answer_to_one_prompt_make_a_pair(box: BallotBox) -> None:
    cast_on(box, asked({"en": ["Eight."]}), ANN, "en", "up")
    cast_on(box, asked({"en": ["Six."]}), ANN, "en", "down")
    (pair,) = as_judged(box.all())
    assert (pair.prompt, pair.chosen, pair.rejected) == ("en prompt", "Eight.", "Six.")
    assert pair.source == "ballot"


def test_where_the_prompt_is_not_known_there_is_no_pair(box: BallotBox) -> None:
    for said, opinion in (("Eight.", "up"), ("Six.", "down")):
        cast_on(box, replace(asked({"en": [said]}), prompts=()), ANN, "en", opinion)
    assert list(as_judged(box.all())) == []


def test_a_question_that_was_kept_shows_its_ballots(box: BallotBox) -> None:
    seen = freely_asked()
    cast_on(box, seen, ANN, "zh", "up")
    judge_vote(box, seen, ANN, "right")
    _, opinion, cards = answered(box, freely_asked(2.0), ANN)
    assert 'aria-pressed="true">Right <span>1</span>' in opinion
    assert 'id="ballot-zh-up" data-language="zh" data-opinion="up" aria-pressed="true"' in cards


@pytest.mark.parametrize(("code", "opinion"), [("de", "up"), ("fr", "up"), ("en", "sideways")])
def test_what_cannot_be_voted_on_is_refused(box: BallotBox, code: str, opinion: str) -> None:
    with pytest.raises(CalmError):
        cast_on(box, asked({"en": ["8"], "fr": ["6", "8"]}), ANN, code, opinion)
    assert box.all() == []


def test_while_it_is_asked_nothing_can_be_voted_on() -> None:
    seen = growing("answering", {"en": ["8"]})
    assert judged_answers(seen) == {}
    assert judged_consensus(seen) is None
