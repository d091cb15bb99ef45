"""What was recorded is shown as what is asked, and no model is needed for it."""

import dataclasses
import time
from pathlib import Path

import pytest

from calm.asking.asked import Asked
from calm.asking.store import AskedStore, asked_id, ids_of
from calm.ballots.box import BallotBox
from calm.errors import CalmError
from calm.exchange.archive import pack, unpack
from calm.runs.folder import Run
from tests.free_makers import freely_asked
from tests.recorded import TRAIN, asked_question, finished_run
from ui.ask.page import cast_on, judge_vote
from ui.ask.recorded import LIVE, who_answers
from ui.asking.cards import answer_cards
from ui.asking.finished import read_finished
from ui.asking.panel import vote_panel
from ui.asking.replay import (
    find_asked,
    kept,
    recorded_questions,
    recorded_runs,
    replayed,
    replayed_both,
)
from ui.asking.voters import judged_answers, opinion_of, tallies
from ui.duel.page import recorded_both, why_not_asked
from ui.parts.models import NO_MODEL, Models

BEFORE = Path(__file__).parents[1] / "data" / "before"


@pytest.fixture
def run(calm_home: Path, tmp_path: Path) -> Run:
    return finished_run("mine", tmp_path)


@pytest.fixture
def opened(run: Run, tmp_path: Path) -> Run:
    pack(run, tmp_path / "a.zip", [asked_question()], with_adapter=False)
    return unpack(tmp_path / "a.zip", "talk")


def test_a_link_brings_back_the_answers_and_the_vote_as_they_were(calm_home: Path):
    store = AskedStore()
    seen = asked_question()
    again = find_asked(store, kept(store, seen))
    assert dataclasses.replace(again, asked_at=seen.asked_at) == seen
    assert again.asked_at > seen.asked_at
    assert vote_panel(again) == vote_panel(seen)
    assert "3 of 4 votes" in vote_panel(again)
    assert answer_cards(again).count("<mark>") == 4


def test_a_question_that_was_stopped_is_not_kept(calm_home: Path):
    store = AskedStore()
    assert kept(store, Asked("stopped", "m")) == ""


@pytest.mark.parametrize("identity", ["0123456789abcdef", "", "../x", "x" * 1000, "<b>"])
def test_a_link_to_nothing_says_so(calm_home: Path, opened: Run, identity: str):
    with pytest.raises(CalmError, match="answers of this link are not kept here"):
        find_asked(AskedStore(), identity)


def test_a_link_is_found_in_an_archive_that_was_opened_here(opened: Run):
    assert find_asked(AskedStore(), asked_id(asked_question())) == asked_question()


def test_a_link_of_before_is_found_in_an_archive_of_before(calm_home: Path):
    opened = unpack(BEFORE / "run.zip", "before")
    for identity, text in (
        ("61d9e6150601f2be", "What do bees make?"),
        ("de11b93ce9473f13", "How many legs has a spider?"),
    ):
        row = find_asked(AskedStore(), identity)
        assert (row.versions[0].text, identity in ids_of(row)) == (text, True)
        assert replayed(opened, f"asked:{identity}") == row
    assert len(recorded_questions(opened)) == 4 + TRAIN


def test_a_run_offers_what_its_model_was_asked_and_then_its_own_questions(opened: Run):
    questions = recorded_questions(opened)
    assert questions[0] == ("Asked: What do bees make?", f"asked:{asked_id(asked_question())}")
    assert [text for text, _ in questions[1:]] == [
        f"en: which animal is number {n}?" for n in range(TRAIN)
    ]


def test_a_question_of_a_run_has_the_answers_that_its_files_hold(run: Run):
    seen = replayed(run, "question:q1")
    assert seen.responses == tuple(r for r in run.rows("answers") if r.question_id == "q1")
    assert [question.language for question in seen.versions] == ["en", "fr", "ar"]
    assert seen.vote is not None
    assert sum(seen.vote.counts) + seen.vote.unreadable == 9


def test_what_was_asked_on_a_page_is_replayed_from_the_archive(opened: Run):
    assert replayed(opened, f"asked:{asked_id(asked_question())}") == asked_question()


@pytest.mark.parametrize("key", ["", "q1", "question:", "question:q6", "asked:q1", "asked:"])
def test_a_question_that_was_not_recorded_is_not_there(opened: Run, key: str):
    with pytest.raises(CalmError, match="has no such question"):
        replayed(opened, key)


def test_only_runs_with_answers_are_offered(run: Run):
    from calm.runs.folder import create_run

    time.sleep(0.01)
    create_run("new", run.config)
    assert [found.name for found in recorded_runs()] == ["mine"]


@pytest.mark.parametrize("reading", ["response", "likelihood"])
def test_both_models_answer_a_held_out_question_as_in_the_evaluation(run: Run, reading: str):
    found = read_finished("mine")
    versions = list(found.groups["q5"].values())
    base, aligned = replayed_both(found.evaluations["q5"], versions, "fake", reading)
    rows = {
        (e.model, e.language): e.text
        for e in run.rows("evaluations")
        if e.question_id == "q5" and e.reading == reading
    }
    for seen, role in ((base, "base"), (aligned, "aligned")):
        assert {r.language: r.text for r in seen.responses} == {
            code: rows[role, code] for code in ("en", "fr", "ar")
        }
    assert "As recorded" in recorded_both(found, "q5")


def test_a_question_that_was_not_held_out_is_not_compared(run: Run):
    with pytest.raises(CalmError, match="no such held-out question"):
        recorded_both(read_finished("mine"), "q1")


@pytest.mark.parametrize(
    ("model", "name", "says"),
    [
        (NO_MODEL, "mine", "Asking anew needs the model fake"),
        ("other", "mine", "aligned fake, but the model here is other"),
        ("fake", "talk", "came without its adapter"),
        ("fake", "mine", ""),
    ],
)
def test_why_nothing_can_be_asked_anew_is_said(opened: Run, model: str, name: str, says: str):
    from ui.parts.runs import run_named

    why = why_not_asked(Models(model), run_named(name))
    assert says in why
    assert bool(why) == bool(says)


def test_recorded_answers_of_both_models_are_shown_openly_and_with_no_ballot(run: Run):
    shown = recorded_both(read_finished("mine"), "q5")
    assert "Base model" in shown
    assert "data-opinion" not in shown


def test_what_a_link_or_a_recording_brings_back_can_be_voted_on(opened: Run, tmp_path: Path):
    box, voter = BallotBox(tmp_path / "b.sqlite"), "a" * 32
    seen = replayed(opened, f"asked:{asked_id(asked_question())}")
    assert 'aria-pressed="true">Wrong <span>1</span>' in judge_vote(box, seen, voter, "wrong")
    assert 'data-opinion="up" aria-pressed="true"' in cast_on(box, seen, voter, "en", "up")
    again = asked_question()
    assert 'aria-pressed="true">Wrong' in opinion_of(box, again, voter)
    assert tallies(box, again, voter)["en"].mine == "up"
    assert [(b.model, b.answer, b.prompt) for b in box.all()] == [
        *(("fake", "honey", ""), ("fake", "honey", "en prompt"))
    ]


def test_questions_without_choices_are_replayed_and_found_by_their_link(run: Run, tmp_path: Path):
    pack(run, tmp_path / "a.zip", [freely_asked()], with_adapter=False)
    opened = unpack(tmp_path / "a.zip", "talk")
    identity = asked_id(freely_asked())
    text, key = recorded_questions(opened)[0]
    assert (text, key) == ("Asked: How many legs has a spider?", f"asked:{identity}")
    assert replayed(opened, key) == freely_asked()
    assert find_asked(AskedStore(), identity) == freely_asked()
    assert [found.name for found in recorded_runs()] == ["talk", "mine"]


def test_an_answer_that_a_recorded_vote_makes_up_cannot_be_voted_on():
    row = asked_question()
    assert row.vote is not None
    made_up = dataclasses.replace(row.vote, by_language={"en": 1, "fr": 0})
    assert list(judged_answers(dataclasses.replace(row, vote=made_up))) == ["fr"]


def test_without_a_model_only_recordings_answer(run: Run):
    assert who_answers(Models(NO_MODEL), None).choices == [("recorded: mine", "mine")]
    assert who_answers(Models("fake"), None).value == LIVE
    assert who_answers(Models("fake"), "mine").value == "mine"
    assert who_answers(Models("fake"), "gone").value == LIVE


def test_an_app_without_a_model_loads_none_and_says_so():
    models = Models(NO_MODEL)
    models.start_loading()
    assert models.message() == ""
    with pytest.raises(CalmError, match="started without a model"):
        models.get()
