"""Who a browser is, what of an answer it judges, and what it thought of it."""

import os
import re
import secrets
from collections.abc import Mapping

import gradio as gr
from markupsafe import Markup

from calm.asking.asked import Asked, pivot_version
from calm.asking.verdict import winner_of
from calm.ballots.box import BallotBox
from calm.errors import CalmError
from calm.paths import calm_home
from calm.records import Judged
from ui.asking.ballot_views import consensus_ballot
from ui.asking.cards import answer_cards
from ui.asking.panel import vote_panel
from ui.asking.readers import words_in
from ui.asking.records import ThumbCount
from ui.parts.events import presses, sent_with

VOTER = re.compile(r"[0-9a-f]{32}")
SEND_BALLOT = presses(
    "button[data-opinion]",
    "language: button.dataset.language,"
    " opinion: button.ariaPressed === 'true' ? '' : button.dataset.opinion",
)
"""A pressed button says `WITHDRAWN` when it is pressed again.

The browser says which it means, so that two presses before an answer comes are one ballot.
"""


def voter_id() -> gr.BrowserState:
    """Return the component that keeps a browser's random id, the same after a restart."""
    return gr.BrowserState("", storage_key="calm-voter", secret=_secret())


def known_voter(voter: str) -> str:
    """Return the browser's id; a new one where it has none yet."""
    return voter if isinstance(voter, str) and VOTER.fullmatch(voter) else secrets.token_hex(16)


def checked_voter(voter: object) -> str:
    """Return a browser's id; raises CalmError for what this app has not given out."""
    if not isinstance(voter, str) or not VOTER.fullmatch(voter):
        raise CalmError("voter.none")
    return voter


def pressed_on(event: gr.EventData) -> tuple[str, str]:
    """Return which card's button was pressed, and what it says: two texts, whatever was sent."""
    code, opinion = sent_with(event, ("language", "opinion"), most=20)
    return code, opinion


Marks = Mapping[str, Markup]
"""What is said of a language's answer beside it, such as what it was before."""


def answered(
    box: BallotBox, asked: Asked, voter: str, marks: Marks | None = None
) -> tuple[str, str, str]:
    """Return the vote, the opinions of it, and the cards with the thumbs on them."""
    return vote_panel(asked), opinion_of(box, asked, voter), cards_of(box, asked, voter, marks)


def cards_of(box: BallotBox, asked: Asked, voter: str, marks: Marks | None = None) -> Markup:
    """Return one card a language with the thumbs on its own answer."""
    return answer_cards(asked, tallies(box, asked, voter), marks)


def opinion_of(box: BallotBox, asked: Asked, voter: str) -> Markup:
    """Return the buttons to judge the vote with; none where no answer has won."""
    judged = judged_consensus(asked)
    if not judged:
        return Markup()
    return consensus_ballot(box.opinions(judged), box.own(judged, voter))


def tallies(box: BallotBox, asked: Asked, voter: str) -> dict[str, ThumbCount]:
    """Return the ballots on each language's own answer; languages without one are left out."""
    found = {}
    for code, judged in judged_answers(asked).items():
        opinions = box.opinions(judged)
        found[code] = ThumbCount(opinions["up"], opinions["down"], box.own(judged, voter))
    return found


def judged_answers(asked: Asked) -> Mapping[str, Judged]:
    """Return language -> what a thumb on its card is about, for every language with one answer.

    That is the answer, with the first response that gives it. Of a vote that was recorded with
    other responses, a language's answer that none of these gives is left out.
    """
    found = {}
    for question in asked.versions:
        code, own = question.language, asked.own(question.language)
        response = next((row for row in asked.of(code) if row.answer == own), None)
        if own is None or response is None:
            continue
        found[code] = Judged(
            kind="thumb",
            question_id=question.id,
            question=question.text,
            language=code,
            model=asked.model,
            prompt=asked.prompt_of(response),
            choice_order=response.choice_order,
            response=response.text,
            answer=words_in(asked.options[own], code),
        )
    return found


def judged_consensus(asked: Asked) -> Judged | None:
    """Return what an opinion of the vote is about; `None` where no answer has won."""
    winner = winner_of(asked)
    if winner is None:
        return None
    filed = pivot_version(asked.versions)
    return Judged(
        kind="consensus",
        question_id=filed.id,
        question=filed.text,
        language=filed.language,
        model=asked.model,
        answer=words_in(winner, filed.language),
    )


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
