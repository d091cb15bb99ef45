"""Which pairs a run makes: of votes, of people's ballots, with translated explanations."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from deep_translator.exceptions import RequestError

from calm.ballots.box import BallotBox
from calm.errors import CalmError
from calm.pipeline.align import align, redo, run_stage
from calm.pipeline.context import Context, Stopped
from calm.questions.recorded_prompts import prompt_record
from calm.records import Judged, PreferencePair
from calm.runs.folder import Run, create_run, open_run
from tests.fakes import FakeModel
from tests.pipeline.small_runs import CHOICES, TRAIN, contents, context
from tests.recorded import MODEL_RECORD

pytestmark = pytest.mark.usefixtures("small_steps")


def test_a_chat_model_answers_in_free_text_and_pairs_hold_what_it_said(
    new_run: Callable[[str], Run], service: list[tuple[str, str]]
) -> None:
    run = new_run("chat")
    align(context(run, FakeModel(is_chat=True)))
    answers = [row.answer for row in run.rows("answers")]
    assert None in answers
    assert len(set(answers)) == 5
    rows = run.rows("pairs")
    assert rows
    assert all(row.prompt.startswith("<user>") for row in rows)
    own = [row for row in rows if row.chosen_language == row.language]
    assert own
    assert all(": I have thought about it" in row.chosen.replace("：", ": ") for row in own)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """A translation service that puts the language before each text, and what it was asked."""
    asked: list[tuple[str, str]] = []

    def translate(texts: Sequence[str], from_code: str, to_code: str) -> list[str]:
        asked.append((from_code, to_code))
        return [f"{to_code} {text}" for text in texts]

    monkeypatch.setattr("calm.questions.translators.GOOGLE.translate", translate)
    return asked


def chat_run_up_to_votes(run: Run) -> Context:
    """Return a chat model's run in which every language but French agrees on the second choice."""
    made = context(run, FakeModel(is_chat=True))
    for stage in ("questions", "translate", "sample"):
        run_stage(stage, made)
    words = {"en": ("It flies.", "Answer: "), "fr": ("Elle vole.", "Réponse : ")}
    words["ja"] = ("飛ぶ。", "答え：")
    rows = [
        replace(
            row,
            text="\n".join(words[row.language]) + "ABCD"[row.choice_order.index(choice)],
        )
        for row in run.rows("responses")
        for choice in [0 if row.language == "fr" else 2 if row.sample_index == 2 else 1]
    ]
    run.write("responses", rows)
    for stage in ("extract", "vote"):
        run_stage(stage, made)
    return made


def test_a_translated_explanation_is_asked_for_once_and_kept(
    new_run: Callable[[str], Run], service: list[tuple[str, str]]
) -> None:
    made = chat_run_up_to_votes(new_run("chat"))
    run_stage("pairs", made)
    french = [row for row in made.run.rows("pairs") if row.language == "fr"]
    assert {row.chosen_language for row in french} == {"en"}
    assert {row.chosen.split("\n")[0] for row in french} == {"Explication : fr It flies."}
    assert service == [("en", "fr")]
    assert str(made.run.status().message) == f"{len(made.run.rows('pairs'))} pairs"


def test_without_a_network_pairs_that_need_a_translation_are_left_out_and_told(
    new_run: Callable[[str], Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def google(from_code: str, to_code: str) -> Any:
        calls.append(to_code)
        raise RequestError

    monkeypatch.setattr("calm.questions.translators.GOOGLE._resting_until", 0.0)
    monkeypatch.setattr("calm.questions.translators._google", google)
    made = chat_run_up_to_votes(new_run("chat"))
    run_stage("pairs", made)
    assert {row.language for row in made.run.rows("pairs")} == {"en", "ja"}
    assert f"; {TRAIN} times no response of the language agreed" in str(made.run.status().message)
    assert calls == ["fr"]


def test_pairs_stop_between_translations_when_asked_to(
    new_run: Callable[[str], Run], service: list[tuple[str, str]]
) -> None:
    made = chat_run_up_to_votes(new_run("chat"))
    made.should_stop = lambda: True
    with pytest.raises(Stopped):
        run_stage("pairs", made)
    assert not made.run.has("pairs")


def cast(run: Run, opinions: dict[str, str], identity: str = "q0") -> None:
    """Put thumbs of one voter on English answers in the home's box: answer -> up or down."""
    question = next(q for q in run.rows("questions") if (q.id, q.language) == (identity, "en"))
    for answer, opinion in opinions.items():
        judged = Judged(
            kind="thumb", question=question.text, language="en", model="fake", answer=answer
        )
        BallotBox().cast(judged, "ann", opinion)


def paired(run: Run, source: str) -> list[PreferencePair]:
    """Return the pairs of a copy of a run up to its votes, made of votes, ballots or both."""
    config = replace(run.config, pairs=replace(run.config.pairs, source=source))  # type: ignore[arg-type]
    other = create_run(f"{run.name}-{source}", config)
    for name in ("questions", "translations", "responses", "answers", "weights", "votes"):
        other.write(name, run.rows(name))
    run_stage("pairs", context(other))
    return other.rows("pairs")


def test_pairs_come_from_votes_from_ballots_or_from_both(whole: Run) -> None:
    cast(whole, {"dog": "up", "cow": "down"})
    votes, ballots, both = (paired(whole, source) for source in ("votes", "ballots", "both"))
    assert {pair.source for pair in votes} == {"vote"}
    assert [(p.question_id, p.chosen, p.rejected, p.source) for p in ballots] == [
        ("q0", " dog", " cow", "ballot")
    ]
    assert {pair.source for pair in both} == {"vote", "ballot"}


def test_a_run_keeps_the_ballots_it_took_without_the_ids_of_voters(whole: Run) -> None:
    cast(whole, {"dog": "up", "cow": "down"})
    paired(whole, "ballots")
    kept = open_run("whole-ballots").rows("ballots")
    assert [(ballot.answer, ballot.question_id) for ballot in kept] == [
        ("dog", "q0"),
        ("cow", "q0"),
    ]
    assert "ann" not in {ballot.voter for ballot in kept}


def test_with_both_the_vote_makes_no_pair_where_people_say_something_else(whole: Run) -> None:
    vote = next(vote for vote in whole.rows("votes") if vote.winner is not None)
    winner = CHOICES["en"][vote.winner]
    cast(whole, {winner: "down"}, vote.question_id)
    both = paired(whole, "both")
    assert ("en", vote.question_id) not in {(p.language, p.question_id) for p in both}
    assert "en" in {pair.language for pair in both}


def test_ballots_on_held_out_questions_are_never_trained_on(whole: Run) -> None:
    cast(whole, {"dog": "up", "cow": "down"}, f"q{TRAIN}")
    with pytest.raises(CalmError, match="None of the 0 ballots"):
        paired(whole, "ballots")


def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: Any) -> None:
        raise AssertionError("the model is loaded")

    monkeypatch.setattr("calm.models.loading.load_model", refuse)


@pytest.mark.parametrize("is_chat", [False, True])
def test_pairs_are_made_again_without_the_model_where_its_prompts_are_recorded(
    new_run: Callable[[str], Run], monkeypatch: pytest.MonkeyPatch, is_chat: bool
) -> None:
    run, model = new_run("mine"), FakeModel(is_chat)
    align(context(run, model), "pairs")
    files = ("pairs.jsonl", "trl_settings.jsonl")
    before = contents(run, files)
    assert b"<user>" in before["pairs.jsonl"] or not is_chat
    no_model(monkeypatch)
    redo("pairs", run)
    with pytest.raises(AssertionError, match="the model is loaded"):
        run_stage("pairs", Context(run))
    run.write_model_record(replace(MODEL_RECORD, prompts=prompt_record(model, "auto")))
    run_stage("pairs", Context(run))
    assert contents(run, files) == before
