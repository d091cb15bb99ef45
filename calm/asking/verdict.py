"""What is said of a vote where one question is shown: who won it, or that there is no agreement.

A record keeps the plurality as it was counted. Here it is decided when that is called a winner: one
language in six that says something else than the others is none.
"""

from typing import Literal

from calm.asking.asked import Asked
from calm.voting.groups import Option

LEAST_LANGUAGES = 2
LEAST_SHARE = 0.5
"""A winner is the own answer of so many languages, and has this share of all votes, those included
that state no answer. Half of them is where no other answer can have more."""
FEWEST = 6
"""Votes below which nothing can be told from their shares: two more could turn them round."""

Verdict = Literal["agreed", "no agreement", "tied", "alone", "unread"]
"""`alone`: one language was asked, so that there is nothing to agree on. `unread`: there are no
answers that count."""


def verdict(asked: Asked) -> Verdict:
    """Return what the vote amounts to; `unread` before there is one."""
    vote = asked.vote
    if vote is None or not any(vote.counts):
        return "unread"
    if vote.winner is None:
        return "tied"
    if len(vote.by_language) == 1:
        return "alone"
    share = vote.counts[vote.winner] / votes_in_all(asked)
    languages = sum(own == vote.winner for own in vote.by_language.values())
    return "agreed" if share >= LEAST_SHARE and languages >= LEAST_LANGUAGES else "no agreement"


def winner_of(asked: Asked) -> Option | None:
    """Return what won, as it is shown; `None` where the languages do not agree."""
    return asked.winner if verdict(asked) in ("agreed", "alone") else None


def votes_in_all(asked: Asked) -> int:
    """Return how many samples were drawn, those included that state no answer; 0 before the vote."""
    return sum(asked.vote.counts) + asked.vote.unreadable if asked.vote else 0
