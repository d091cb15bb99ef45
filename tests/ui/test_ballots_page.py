"""The page Ballots: what people said is counted and listed, and nobody is named."""

from pathlib import Path

import gradio as gr
import pytest
from gradio.context import LocalContext

from calm.ballots.box import BallotBox
from calm.ballots.tally import tally
from calm.config import RunConfig
from calm.errors import CalmError
from calm.records import Question, Vote
from calm.runs.folder import create_run
from tests.ballot_makers import consensus, duel, thumb
from tests.ui.test_ballots import ANN, BOB, WORDS, asked
from ui.ask.page import cast_on as cast_thumb
from ui.ask.page import judge_vote
from ui.asking.ballot_views import (
    consensus_ballot,
    disagreement_list,
    latest_list,
    tally_figures,
)
from ui.ballots.page import ASKED, ballots_page, found_on


def test_the_tally_draws_a_dot_and_its_interval_and_says_both() -> None:
    ballots = [thumb("up", "dog", voter) for voter in "abc"] + [thumb("down", "dog", "d")]
    shown = tally_figures(tally(ballots))
    assert 'circle class="aligned" cx="75.0%"' in shown
    assert 'line class="aligned" x1="30.1%" x2="95.4%"' in shown
    assert 'aria-label="m: 75% (30 to 95), 3 up, 1 down"' in shown


def test_a_share_without_ballots_for_or_against_has_no_dot() -> None:
    shown = tally_figures(tally([consensus("not sure", "dog")]))
    assert "<circle" not in shown
    assert "1 not sure" in shown


def test_many_models_do_not_fill_the_page() -> None:
    shown = tally_figures(tally([thumb("up", "dog", model=f"m{n}") for n in range(20)]))
    assert "8 more are in the files" in shown


def test_without_ballots_the_page_says_how_to_vote() -> None:
    assert "Nobody has voted yet." in tally_figures([])
    assert "Nobody has voted yet." in latest_list([])
    assert "People disagree with none" in disagreement_list([])


def test_latest_ballots_say_who_was_preferred_and_never_who_voted() -> None:
    shown = latest_list([duel("other", "dog", "cat", ANN), consensus("right", "dog", BOB)])
    assert "<b>Better</b>: " in shown
    assert shown.index("cat") < shown.index("dog")
    assert "<b>Right</b>" in shown
    assert ANN not in shown
    assert BOB not in shown


def test_disagreements_are_with_the_votes_of_a_run_or_of_the_page_ask(
    calm_home: Path,
) -> None:
    run = create_run("mine", RunConfig(languages=("en", "fr")))
    run.write("questions", [Question("bees", "en", "en bees?", WORDS["en"])])
    run.write(
        "votes", [Vote("bees", "plurality", (1, 3, 0), (0.25, 0.75, 0), 0, 1, 0.75, 0.5, 0.8, {})]
    )
    box = BallotBox()
    cast_thumb(box, asked({"en": [0, 0]}), ANN, "en", "up")
    judge_vote(box, asked({"en": [2]}), ANN, "wrong")
    with_run, with_asked = found_on(box, "mine"), found_on(box, ASKED)
    assert [(d.vote, d.people) for d in with_run] == [("milk", "honey")]
    assert [(d.vote, d.disagree) for d in with_asked] == [("bread", 1)]
    with pytest.raises(CalmError):
        found_on(box, "../mine")


def test_the_buttons_of_an_opinion_say_which_is_pressed() -> None:
    shown = consensus_ballot({"right": 2, "wrong": 0, "not sure": 1}, "right")
    assert shown.count('aria-pressed="true"') == 1
    assert 'id="opinion-all-not-sure"' in shown


def test_the_page_is_filled_in_an_event_where_components_are_made_without_a_value(
    calm_home: Path,
) -> None:
    with gr.Blocks():
        page = ballots_page(BallotBox())
    token = LocalContext.in_event_listener.set(True)
    try:
        shown = page.show(None)
    finally:
        LocalContext.in_event_listener.reset(token)
    assert len(shown) == len(page.outputs)
    assert shown[1].constructor_args["value"] == ASKED
