"""Who a browser is, and what it thought of the answers it was shown."""

import os
import secrets
from collections.abc import Mapping

import gradio as gr

from calm.ballots import BallotBox
from calm.home import calm_home
from ui.records import Asked, Tally


def voter_id() -> gr.BrowserState:
    """Return the component that keeps a browser's random id, the same after a restart."""
    return gr.BrowserState("", storage_key="calm-voter", secret=_secret())


def known_voter(voter: str) -> str:
    """Return the browser's id; a new one where it has none yet."""
    return voter or secrets.token_hex(16)


def tallies(box: BallotBox, asked: Asked, voter: str) -> dict[str, Tally]:
    """Return the ballots on each language's own answer; languages without one are left out."""
    mine = {
        (b.question, b.language, b.answer): b.opinion
        for b in box.all()
        if b.voter == voter and b.model == asked.model
    }
    found = {}
    for code, (question, answer) in ballot_answers(asked).items():
        up, down = box.tally(question, code, asked.model, answer)
        found[code] = Tally(up, down, mine.get((question, code, answer)))
    return found


def ballot_answers(asked: Asked) -> Mapping[str, tuple[str, str]]:
    """Return language -> (question, answer), in words, for every language with one answer."""
    vote = asked.vote
    if vote is None:
        return {}
    answers = {}
    for question in asked.versions:
        answer = vote.by_language[question.language]
        if answer is not None:
            answers[question.language] = (question.text, question.choices[answer])
    return answers


def _secret() -> str:
    """Return the key that browsers' ids are kept under, made once."""
    path = calm_home() / "browser-secret"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_hex(16))
    return path.read_text()
