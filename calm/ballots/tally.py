"""What people say together: shares of ballots with their 95% intervals."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from calm.intervals import wilson
from calm.records import VERDICTS, Ballot, Kind

ALL = "all"
GOOD_BAD: Mapping[Kind, tuple[str, str]] = {
    "thumb": ("up", "down"),
    "duel": ("model", "other"),
    "consensus": ("right", "wrong"),
}
"""The opinions that a share weighs against each other; all others are counted apart."""


@dataclass(frozen=True)
class Share:
    """How often people were for a model: thumbs up, duels won, or votes held right."""

    kind: Kind
    model: str
    other_model: str
    """Whom the model was compared with; empty but for duels."""
    language: str
    """A language, or `all`."""
    good: int
    bad: int
    apart: dict[str, int]
    """Opinions that count for neither, by name: `both`, `neither`, `not sure`."""
    value: float | None
    """good / (good + bad); `None`, as are its bounds, where there are no such ballots."""
    low: float | None
    high: float | None


def tally(ballots: Iterable[Ballot]) -> list[Share]:
    """Return the shares by kind and model, over all languages first, then for each language.

    A duel gives two rows: what one model won the other lost.
    """
    counted: dict[tuple[Kind, str, str, str], Counter[str]] = {}
    for ballot in ballots:
        for code in (ALL, ballot.language):
            key = (ballot.kind, ballot.model, ballot.other_model, code)
            counted.setdefault(key, Counter())[ballot.opinion] += 1
            if ballot.kind == "duel":
                turned = {"model": "other", "other": "model"}.get(ballot.opinion, ballot.opinion)
                key = (ballot.kind, ballot.other_model, ballot.model, code)
                counted.setdefault(key, Counter())[turned] += 1
    kinds = list(VERDICTS)
    order = sorted(counted, key=lambda key: (kinds.index(key[0]), key[1], key[2], key[3] != ALL))
    return [_share(*key, counted[key]) for key in order]


def tally_table(shares: Iterable[Share]) -> str:
    """Return the shares as text to read, a line each."""
    lines = [f"{_title(share)}, {share.language}: {in_words(share)}" for share in shares]
    return "\n".join(lines) or "No ballot has been cast yet."


def in_words(share: Share) -> str:
    """Return a share with its interval and counts: `75% (30 to 95), 3 up, 1 down`."""
    good, bad = GOOD_BAD[share.kind]
    names = {"model": "won", "other": "lost"}
    counts = [f"{share.good} {names.get(good, good)}", f"{share.bad} {names.get(bad, bad)}"]
    counts += [f"{count} {name}" for name, count in share.apart.items()]
    if share.value is None or share.low is None or share.high is None:
        return ", ".join(counts)
    whole = f"{share.value:.0%} ({100 * share.low:.0f} to {100 * share.high:.0f})"
    return ", ".join([whole, *counts])


def _title(share: Share) -> str:
    against = f" against {share.other_model}" if share.other_model else ""
    return f"{share.kind}: {share.model}{against}"


def _share(kind: Kind, model: str, other: str, code: str, counts: Counter[str]) -> Share:
    good, bad = (counts[name] for name in GOOD_BAD[kind])
    apart: dict[str, int] = {
        name: counts[name] for name in VERDICTS[kind] if name not in GOOD_BAD[kind]
    }
    n = good + bad
    low, high = wilson(good, n) if n else (None, None)
    return Share(kind, model, other, code, good, bad, apart, good / n if n else None, low, high)
