"""Who a browser is, what of an answer it judges, and what it thought of it."""

import os
import re
import secrets
from collections.abc import Mapping
from typing import Any

import gradio as gr

from calm.asking.free_questions import FreeAsked
from calm.ballots.box import BallotBox
from calm.errors import CalmError
from calm.paths import calm_home
from calm.records import Judged
from ui.asking.ballot_views import consensus_ballot
from ui.asking.free_voting import judged_groups, said_in
from ui.asking.readers import pivot_version
from ui.asking.records import Answered, Tally
from ui.text.words import say

VOTER = re.compile(r"[0-9a-f]{32}")
SEND_BALLOT = """
let pressed = null;
element.addEventListener('click', event => {
  const button = event.target.closest('button[data-opinion]');
  if (!button) return;
  pressed = button.id;
  trigger('click', {language: button.dataset.language, opinion: button.dataset.opinion});
});
watch('value', () => {
  if (pressed) document.getElementById(pressed)?.focus();
  pressed = null;
});
"""
"""A press of a button becomes an event; the new tally keeps the keyboard's place."""


def voter_id() -> gr.BrowserState:
    """Return the component that keeps a browser's random id, the same after a restart."""
    return gr.BrowserState("", storage_key="calm-voter", secret=_secret())


def known_voter(voter: str) -> str:
    """Return the browser's id; a new one where it has none yet."""
    return voter if isinstance(voter, str) and VOTER.fullmatch(voter) else secrets.token_hex(16)


def checked_voter(voter: object) -> str:
    """Return a browser's id; raises CalmError for what this app has not given out."""
    if not isinstance(voter, str) or not VOTER.fullmatch(voter):
        raise CalmError(say("vote.no-voter"))
    return voter


def pressed_on(event: gr.EventData) -> tuple[str, str]:
    """Return which card's button was pressed, and what it says: two texts, whatever was sent."""
    sent: Any = event._data if isinstance(event._data, dict) else {}
    return str(sent.get("language"))[:20], str(sent.get("opinion"))[:20]


def tallies(box: BallotBox, asked: Answered, voter: str) -> dict[str, Tally]:
    """Return the ballots on each language's own answer; languages without one are left out."""
    found = {}
    for code, judged in judged_answers(asked).items():
        opinions = box.opinions(judged)
        found[code] = Tally(opinions["up"], opinions["down"], box.own(judged, voter))
    return found


def judged_answers(asked: Answered) -> Mapping[str, Judged]:
    """Return language -> what a thumb on its card is about, for every language with one answer.

    That is the answer, in the words of the first response that gives it. Of a vote that was
    recorded with other responses, a language's answer that none of these gives is left out.
    """
    if isinstance(asked, FreeAsked):
        return judged_groups(asked)
    vote = asked.vote
    if vote is None:
        return {}
    found = {}
    for question in asked.versions:
        own = vote.by_language[question.language]
        if own is None:
            continue
        said = (
            (place, row)
            for place, row in enumerate(asked.responses)
            if (row.language, row.answer) == (question.language, own)
        )
        place, response = next(said, (0, None))
        if response is None:
            continue
        found[question.language] = Judged(
            kind="thumb",
            question_id=question.id,
            question=question.text,
            language=question.language,
            model=asked.model,
            prompt=asked.prompts[place] if asked.prompts else "",
            choice_order=response.choice_order,
            response=response.text,
            answer=question.choices[own],
        )
    return found


def judged_consensus(asked: Answered) -> Judged | None:
    """Return what an opinion of the vote is about; `None` where no answer has won."""
    winner = asked.winner if isinstance(asked, FreeAsked) else asked.vote and asked.vote.winner
    if winner is None:
        return None
    filed = pivot_version(asked.versions)
    return Judged(
        kind="consensus",
        question_id=filed.id,
        question=filed.text,
        language=filed.language,
        model=asked.model,
        answer=filed.choices[winner]
        if isinstance(winner, int)
        else said_in(filed.language, winner),
    )


def opinion_of(box: BallotBox, seen: Answered, voter: str) -> str:
    """Return the buttons to judge the vote with; none where no answer has won."""
    judged = judged_consensus(seen)
    return consensus_ballot(box.opinions(judged), box.own(judged, voter)) if judged else ""


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
