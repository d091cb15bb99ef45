"""Voting on the pages: what is judged, what is blind, what is shown of it, who may do what."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from calm.asking.asked import Asked, voted
from calm.ballots.box import BallotBox
from calm.ballots.preferences import Disagreement, as_judged, preferences
from calm.ballots.tally import tally
from calm.errors import CalmError
from calm.records import Question, Response
from tests.ballot_makers import consensus, duel, thumb
from ui.ask.page import cast_on as cast_thumb
from ui.ask.page import judge_vote
from ui.asking.ballot_views import (
    disagreement_list,
    duel_cards,
    latest_list,
    tally_figures,
)
from ui.asking.duel import cast_on, drawn_sides, is_same, judged_duel
from ui.asking.records import Duel
from ui.asking.voters import (
    checked_voter,
    judged_answers,
    judged_consensus,
    known_voter,
    opinion_of,
    pressed_on,
)

ANN, BOB = "a" * 32, "b" * 32
WORDS = {"en": ("honey", "milk", "bread"), "fr": ("du miel", "du lait", "du pain")}
EVIL = "<img src=x onerror=alert(1)>"
Answers = Mapping[str, list[int | None]]


@pytest.fixture
def box(tmp_path: Path) -> BallotBox:
    return BallotBox(tmp_path / "b.sqlite")


def asked(answers: Answers, model: str = "m") -> Asked:
    """Return a question that each language has answered so; samples saw two orders in turn."""
    versions = tuple(Question("bees", code, f"{code} bees?", WORDS[code]) for code in answers)
    rows = tuple(
        Response(
            "bees",
            code,
            n,
            model,
            "Hm." if a is None else f" {WORDS[code][a]}\n",
            (0, 1, 2) if n % 2 == 0 else (1, 2, 0),
            a,
        )
        for code, given in answers.items()
        for n, a in enumerate(given)
    )
    prompts = tuple(f"{row.language} {row.choice_order}" for row in rows)
    asked = Asked("done", model, versions=versions, responses=rows, prompts=prompts)
    return voted(asked)


def test_a_thumb_is_on_a_language_s_own_answer_in_the_words_of_the_first_sample_with_it() -> None:
    judged = judged_answers(asked({"en": [1, 0, 0], "fr": [0, 1]}))
    assert list(judged) == ["en"]
    assert (judged["en"].answer, judged["en"].response) == ("honey", " honey\n")
    assert judged["en"].prompt == "en (1, 2, 0)"
    assert judged["en"].choice_order == (1, 2, 0)


def test_an_opinion_is_on_the_winner_of_the_vote_and_on_none_where_there_is_none() -> None:
    judged = judged_consensus(asked({"fr": [0], "en": [0]}))
    assert judged is not None
    assert (judged.kind, judged.language, judged.answer) == ("consensus", "en", "honey")
    assert judged_consensus(asked({"fr": [0], "en": [1]})) is None


def test_a_thumb_and_an_opinion_are_kept_and_shown(box: BallotBox) -> None:
    seen = asked({"en": [0, 0], "fr": [0, 0]})
    assert 'data-opinion="up" aria-pressed="true"' in cast_thumb(box, seen, ANN, "fr", "up")
    shown = judge_vote(box, seen, BOB, "not sure")
    assert 'aria-pressed="true">Not sure <span>1</span>' in shown
    assert 'aria-pressed="false">Right <span>0</span>' in opinion_of(box, seen, ANN)
    assert [(b.kind, b.opinion) for b in box.all()] == [("thumb", "up"), ("consensus", "not sure")]


@pytest.mark.parametrize(
    ("code", "opinion"), [("de", "up"), ("None", "up"), ("en", "sideways"), ("en", "None")]
)
def test_a_press_that_no_button_can_send_is_refused(
    box: BallotBox, code: str, opinion: str
) -> None:
    with pytest.raises(CalmError):
        cast_thumb(box, asked({"en": [0]}), ANN, code, opinion)
    assert box.all() == []


@pytest.mark.parametrize("act", [cast_thumb, cast_on])
def test_what_is_no_longer_there_cannot_be_voted_on(box: BallotBox, act: Any) -> None:
    with pytest.raises(CalmError, match="no longer there"):
        act(box, None, ANN, "en", "up")


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({"language": "en", "opinion": "up"}, ("en", "up")),
        ({"language": ["en"], "opinion": {"x": 1}}, ("['en']", "{'x': 1}")),
        ({}, ("None", "None")),
        (None, ("None", "None")),
        ("en", ("None", "None")),
        ({"language": "x" * 99, "opinion": "up"}, ("x" * 20, "up")),
    ],
)
def test_whatever_a_browser_sends_is_read_as_two_short_texts(
    sent: object, read: tuple[str, str]
) -> None:
    assert pressed_on(gr.EventData(None, sent)) == read


def test_a_voter_is_a_number_that_this_app_gives_out() -> None:
    assert known_voter(ANN) == ANN == checked_voter(ANN)
    assert checked_voter(known_voter("10.0.0.1")) != "10.0.0.1"
    for forged in ("", "10.0.0.1", None, ["a"], "A" * 32):
        with pytest.raises(CalmError, match="Load the page again"):
            checked_voter(forged)


NAMES = ("m", "m + mine")


def both(turned: tuple[str, ...] = (), **changes: Any) -> Duel:
    """Return a duel in which the models answer differently in both languages."""
    first = asked({"en": [1, 0, 1], "fr": [0, 0, 0]}, NAMES[0])
    second = asked({"en": [0, 0, 1], "fr": [2] * 3}, NAMES[1])
    return Duel(first, second, frozenset(turned), **changes)


def half_alike(turned: tuple[str, ...] = ()) -> Duel:
    """Return a duel in which the models answer differently in English and alike in French."""
    duel = both(turned)
    return dataclasses.replace(duel, second=asked({"en": [0, 0, 1], "fr": [0] * 3}, NAMES[1]))


def test_sides_are_drawn_by_lot_in_each_language() -> None:
    drawn = {drawn_sides(("en", "fr")) for _ in range(100)}
    assert {frozenset(), frozenset({"en"}), frozenset({"fr"}), frozenset({"en", "fr"})} == drawn


def test_nothing_tells_the_models_apart_before_a_ballot() -> None:
    turned = {code: duel_cards(both((code,) if code else ())) for code in ("", "en")}
    for shown in turned.values():
        assert not any(word in shown for word in (*NAMES[1:], "Aligned", "Base", "aligned", "base"))
    assert turned[""] != turned["en"]
    assert "Left" in turned[""]


def test_while_both_answer_their_texts_grow_side_by_side_and_there_is_no_ballot(
    box: BallotBox,
) -> None:
    working = both()
    first, second = (
        dataclasses.replace(seen, step="answering", vote=None)
        for seen in (working.first, working.second)
    )
    growing = dataclasses.replace(working, first=first, second=second)
    shown = duel_cards(growing)
    assert "honey" in shown
    assert 'aria-busy="true"' in shown
    assert "data-opinion" not in shown
    assert not any(word in shown for word in ("Base", NAMES[1]))
    with pytest.raises(CalmError, match="no longer there"):
        cast_on(box, growing, ANN, "en", "left")


def test_who_waits_for_both_models_is_told_what_for() -> None:
    waiting, stopped = Asked("waiting", "m"), Asked("stopped", "m")
    loading = "The model m is loading."
    assert loading in duel_cards(Duel(waiting, waiting, frozenset()), loading)
    assert "Stopped before" in duel_cards(Duel(stopped, stopped, frozenset()))


@pytest.mark.parametrize("turned", [(), ("en",)])
@pytest.mark.parametrize("side", ["left", "right"])
def test_the_model_that_stood_on_the_chosen_side_wins(
    box: BallotBox, turned: tuple[str, ...], side: str
) -> None:
    after = cast_on(box, both(turned), ANN, "en", side)
    (ballot,) = box.all()
    aligned_chosen = (side == "left") == bool(turned)
    assert (ballot.model, ballot.other_model) == NAMES
    assert ballot.opinion == ("other" if aligned_chosen else "model")
    assert after.opinions["en"][side] == 1


@pytest.mark.parametrize("opinion", ["both", "neither"])
def test_both_and_neither_are_kept_as_such(box: BallotBox, opinion: str) -> None:
    cast_on(box, both(("en",)), ANN, "en", opinion)
    assert box.all()[0].opinion == opinion


def test_a_ballot_shows_which_is_which_in_its_language_alone(box: BallotBox) -> None:
    after = cast_on(box, both(("en",)), ANN, "en", "left")
    shown = duel_cards(after)
    english, french = shown.split('id="duel-fr"')
    assert "Left: m + mine" in english
    assert "Right: m<" in english
    assert "m + mine" not in french
    assert 'aria-pressed="true">Left is better <span>1</span>' in english


def test_a_ballot_can_be_changed_and_stays_one(box: BallotBox) -> None:
    after = cast_on(box, cast_on(box, both(), ANN, "en", "left"), ANN, "en", "right")
    assert [ballot.opinion for ballot in box.all()] == ["other"]
    assert after.opinions["en"] == {"left": 0, "right": 1, "both": 0, "neither": 0}


def test_a_press_of_the_pressed_choice_takes_the_ballot_back_and_what_was_seen_stays_seen(
    box: BallotBox,
) -> None:
    after = cast_on(box, cast_on(box, both(), ANN, "en", "left"), ANN, "en", "")
    assert box.all() == []
    shown = duel_cards(after)
    assert "Left: m<" in shown
    assert 'id="duel-en-left" data-language="en" data-opinion="left" aria-pressed="false"' in shown
    cast_on(box, after, ANN, "en", "right")
    assert [ballot.opinion for ballot in box.all()] == ["other"]


def test_thumbs_and_opinions_of_a_vote_are_taken_back_likewise(box: BallotBox) -> None:
    seen = asked({"en": [0, 0], "fr": [0, 0]})
    cast_thumb(box, seen, ANN, "fr", "up")
    judge_vote(box, seen, ANN, "wrong")
    assert 'aria-pressed="true"' not in cast_thumb(box, seen, ANN, "fr", "")
    assert 'aria-pressed="true"' not in judge_vote(box, seen, ANN, "")
    assert box.all() == []


def test_where_both_models_say_the_same_there_is_nothing_to_choose(box: BallotBox) -> None:
    english, french = duel_cards(half_alike()).split('id="duel-fr"')
    assert "data-opinion" in english
    assert "data-opinion" not in french
    assert "Both models say the same here" in french
    with pytest.raises(CalmError, match="nothing to choose between"):
        cast_on(box, half_alike(), ANN, "fr", "left")
    assert box.all() == []


def test_what_is_alike_is_open_once_all_else_is(box: BallotBox) -> None:
    shown = duel_cards(cast_on(box, half_alike(("fr",)), ANN, "en", "both"))
    assert "sides votes" in shown
    assert "Left: m + mine" in shown.split('id="duel-fr"')[1]
    alike = dataclasses.replace(both(), second=asked({"en": [1, 0, 1], "fr": [0] * 3}, NAMES[1]))
    assert "in every language" in duel_cards(alike)
    assert "sides votes" in duel_cards(alike)


def written(text: str, answer: int = 0, span: tuple[int, int] | None = None) -> Asked:
    question = Question("bees", "en", "en bees?", WORDS["en"])
    row = Response("bees", "en", 0, "m", text, (0, 1, 2), answer, span)
    return voted(Asked("done", "m", versions=(question,), responses=(row,)))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (written(" honey\n"), written("Honey."), True),
        (written("Answer: honey", 0, (8, 13)), written("honey", 0, (0, 5)), True),
        (
            written("Bees eat pollen.\nAnswer: honey", 0, (25, 30)),
            written("honey", 0, (0, 5)),
            False,
        ),
        (written("honey"), written("milk", 1), False),
        (written("honey of one kind"), written("honey of another"), False),
    ],
    ids=["spaces", "announced", "explained", "another answer", "not told where it is"],
)
def test_the_same_is_one_answer_that_neither_explains(one: Asked, other: Asked, same: bool) -> None:
    assert is_same(Duel(one, other, frozenset()), "en") is same


def test_the_votes_of_both_models_are_shown_once_all_is_open(box: BallotBox) -> None:
    once = cast_on(box, both(), ANN, "en", "left")
    assert "sides votes" not in duel_cards(once)
    assert "sides votes" in duel_cards(cast_on(box, once, ANN, "fr", "both"))


def test_who_has_looked_has_no_ballot_any_more(box: BallotBox) -> None:
    seen = both(shown=True)
    assert "m + mine" in duel_cards(seen)
    assert "data-opinion" not in duel_cards(seen)
    with pytest.raises(CalmError, match="seen which is which"):
        cast_on(box, seen, ANN, "en", "left")


@pytest.mark.parametrize(
    ("code", "opinion"), [("de", "left"), ("en", "up"), ("en", "model"), ("en", "None")]
)
def test_a_choice_that_no_button_can_send_is_refused(
    box: BallotBox, code: str, opinion: str
) -> None:
    with pytest.raises(CalmError):
        cast_on(box, both(), ANN, code, opinion)
    assert box.all() == []


def test_what_stands_for_both_models_answers_one_prompt_with_the_answer_of_each() -> None:
    judged = judged_duel(both(), "en")
    assert (judged.answer, judged.other_answer) == ("milk", "honey")
    assert (judged.response, judged.other_response) == (" milk\n", " honey\n")
    assert judged.prompt == "en (0, 1, 2)"


@pytest.mark.parametrize("prompts_differ", [True, False])
def test_models_that_never_give_their_own_answers_together_each_have_one_standing_for_them(
    prompts_differ: bool,
) -> None:
    base, aligned = asked({"en": [1, 2, 1, 0]}), asked({"en": [2, 0, 1, 0]})
    if not prompts_differ:
        base, aligned = (dataclasses.replace(a, prompts=("p",) * 4) for a in (base, aligned))
    judged = judged_duel(Duel(base, aligned, frozenset()), "en")
    assert (judged.answer, judged.other_answer) == ("milk", "honey")
    assert judged.prompt == ("" if prompts_differ else "p")


@pytest.mark.parametrize(
    ("given", "response"), [([0, 1], ""), ([None, None], "Hm.")], ids=["a tie", "unreadable"]
)
def test_a_model_whose_samples_are_tied_has_no_text_that_could_be_learnt_from(
    given: list[int | None], response: str
) -> None:
    seen = Duel(asked({"en": [1, 1]}), asked({"en": given}), frozenset())
    judged = judged_duel(seen, "en")
    assert (judged.other_answer, judged.other_response) == ("", response)


def test_a_choice_between_two_models_becomes_a_pair(box: BallotBox) -> None:
    cast_on(box, both(), ANN, "en", "right")
    assert [(p.chosen.answer, p.rejected.answer) for p in preferences(box.all())] == [
        ("honey", "milk")
    ]
    (pair,) = as_judged(box.all())
    assert (pair.prompt, pair.chosen, pair.rejected) == ("en (0, 1, 2)", " honey\n", " milk\n")


def test_words_of_people_and_models_are_escaped_wherever_they_stand() -> None:
    evil: dict[str, Any] = {"question": EVIL, "model": EVIL, "other_model": f"{EVIL}2"}
    ballots = [thumb("up", EVIL, question=EVIL, model=EVIL), duel("other", EVIL, EVIL, **evil)]
    ballots += [consensus("wrong", EVIL, model=EVIL), duel("neither", "", EVIL, **evil)]
    disagreement = Disagreement("q", "all", EVIL, EVIL, 0, 1, EVIL)
    shown = tally_figures(tally(ballots)) + latest_list(ballots) + disagreement_list([disagreement])
    question = Question("q", "en", EVIL, (EVIL, "b"), 0)
    rows = (Response("q", "en", 0, "m", EVIL, (0, 1), 0),)
    answer = voted(Asked("done", EVIL, versions=(question,), responses=rows))
    waiting = Asked("waiting", EVIL)
    shown += duel_cards(Duel(answer, answer, frozenset(), shown=True))
    shown += duel_cards(Duel(waiting, waiting, frozenset()), EVIL)
    assert "<img" not in shown
    assert "&lt;img" in shown
