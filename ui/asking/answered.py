"""What the page `Ask` shows of an answered question, with choices or without, and its ballots."""

from calm.asking.free_questions import FreeAsked
from calm.ballots.box import BallotBox
from ui.asking.cards import answer_cards, vote_panel
from ui.asking.free_cards import free_cards, free_panel
from ui.asking.records import Answered
from ui.asking.voters import opinion_of, tallies


def answered(box: BallotBox, seen: Answered, voter: str) -> tuple[str, str, str]:
    """Return the vote, the opinions of it, and the cards with the thumbs on them."""
    vote = free_panel(seen) if isinstance(seen, FreeAsked) else vote_panel(seen)
    return vote, opinion_of(box, seen, voter), cards_of(box, seen, voter)


def cards_of(box: BallotBox, seen: Answered, voter: str) -> str:
    """Return one card a language with the thumbs on its own answer."""
    counts = tallies(box, seen, voter)
    return free_cards(seen, counts) if isinstance(seen, FreeAsked) else answer_cards(seen, counts)
