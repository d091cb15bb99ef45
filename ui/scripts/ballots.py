"""For scripts: people's opinions of answers, votes and models, under names of their own."""

import dataclasses
from typing import Any

from gradio.events import api

from calm.ballots.box import BallotBox
from calm.ballots.export import plain
from calm.ballots.tally import tally
from calm.languages.table import language
from calm.questions.rows import clean_text
from calm.records import Judged, Kind
from ui.ballots.page import ASKED, found_on
from ui.parts.events import problems_shown


def add_ballots_api() -> None:
    """Add the named functions to the page under construction."""
    for voting in (cast_ballot, judge_vote, choose_model):
        api(voting, api_name=voting.__name__)
    for read in (ballot_tally, ballots, ballot_disagreements):
        api(read, api_name=read.__name__)


def ballot_tally() -> list[dict[str, Any]]:
    """Return the shares of all ballots by kind, model and language, with their 95% intervals."""
    with problems_shown():
        return [dataclasses.asdict(row) for row in tally(BallotBox().all())]


def ballots() -> list[dict[str, Any]]:
    """Return every ballot with what was judged, the oldest first; its voter's id is hashed."""
    with problems_shown():
        return [plain(row) for row in BallotBox().anonymous()]


def ballot_disagreements(run: str) -> list[dict[str, Any]]:
    """Return where people disagree with the votes of a run; with no name, of the page Ask.

    Args:
        run: Name of a run; empty for what was asked on the page Ask.
    """
    with problems_shown():
        return [dataclasses.asdict(row) for row in found_on(BallotBox(), run.strip() or ASKED)]


def cast_ballot(
    voter: str, question: str, language_code: str, model: str, answer: str, opinion: str
) -> dict[str, int]:
    """Keep a voter's opinion (`up` or `down`) of an answer; return the tally of that answer.

    An empty opinion takes back what the voter said of it.

    Args:
        voter: Any id of who votes; one person has one opinion of a thing.
        question: The question's text.
        language_code: Code of the language that the answer was given in.
        model: Name of the model that answered.
        answer: The answer's text.
        opinion: `up`, `down`, or empty to take it back.
    """
    with problems_shown():
        judged = _judged("thumb", question, language_code, model=model, answer=answer)
        return _cast(judged, voter, opinion)


def judge_vote(
    voter: str, question: str, language_code: str, model: str, answer: str, opinion: str
) -> dict[str, int]:
    """Keep an opinion (`right`, `wrong`, `not sure`) of a vote's winner; return its tally.

    An empty opinion takes back what the voter said of it.

    Args:
        voter: Any id of who votes; one person has one opinion of a thing.
        question: The question's text.
        language_code: Code of the language that the answer was given in.
        model: Name of the model whose languages voted.
        answer: The text of the vote's winner.
        opinion: `right`, `wrong`, `not sure`, or empty to take it back.
    """
    with problems_shown():
        judged = _judged("consensus", question, language_code, model=model, answer=answer)
        return _cast(judged, voter, opinion)


def choose_model(
    voter: str,
    question: str,
    language_code: str,
    model: str,
    answer: str,
    other_model: str,
    other_answer: str,
    choice: str,
) -> dict[str, int]:
    """Keep which of two models answered better: `model`, `other`, `both` or `neither`.

    Returns the tally of these two answers, `model` and `other` as they were given. An empty choice
    takes back the voter's. Two that say the same are no choice.

    Args:
        voter: Any id of who votes; one person has one opinion of a thing.
        question: The question's text.
        language_code: Code of the language that the answer was given in.
        model: Name of one model.
        answer: What it answered.
        other_model: Name of the other model.
        other_answer: What that one answered.
        choice: `model`, `other`, `both`, `neither`, or empty to take it back.
    """
    with problems_shown():
        given = _judged(
            "duel",
            question,
            language_code,
            model=model,
            response=answer,
            answer=answer,
            other_model=other_model,
            other_response=other_answer,
            other_answer=other_answer,
        )
        judged = given.in_order()
        turned = {"model": "other", "other": "model"} if judged is not given else {}
        counts = _cast(judged, voter, turned.get(choice, choice))
        return {name: counts[turned.get(name, name)] for name in counts}


def _judged(kind: Kind, question: str, code: str, **fields: str) -> Judged:
    """Return what a script judges: in words alone, for it has no prompt that we have seen."""
    texts: dict[str, Any] = {name: clean_text(value, name) for name, value in fields.items()}
    asked = clean_text(question, "question")
    return Judged(kind=kind, question=asked, language=language(code).code, **texts)


def _cast(judged: Judged, voter: str, opinion: str) -> dict[str, int]:
    box = BallotBox()
    box.cast(judged, clean_text(voter, "voter"), opinion)
    return box.opinions(judged)
