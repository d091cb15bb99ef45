"""What the pages pass around, beside the records of `calm`. Frozen and plain."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from calm.asking.asked import Asked


@dataclass(frozen=True)
class ThumbCount:
    """How many voted one answer up and down, and this browser's own ballot."""

    up: int
    down: int
    mine: str | None


@dataclass(frozen=True)
class Duel:
    """One question answered by two models, side by side: blind until a ballot is cast."""

    first: Asked
    second: Asked
    turned: frozenset[str]
    """Languages in which the second model stands on the left."""
    cast: Mapping[str, str] = field(default_factory=dict)
    """What this browser has said, by language: the side, `both` or `neither`; nothing where it took
    its ballot back."""
    opinions: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """All ballots by language: for the `left`, the `right`, `both` and `neither`."""
    shown: bool = False
    """Whether the visitor has asked which is which; then no further ballot is blind."""

    def open(self, code: str) -> bool:
        """Tell whether it is seen in this language which model stands where."""
        return self.shown or code in self.cast

    @property
    def is_ready(self) -> bool:
        """Tell whether both have answered, so that one can choose between them."""
        return self.first.step == self.second.step == "done"

    def sides(self, code: str) -> tuple[Asked, Asked]:
        """Return both models' answers, the left one's first."""
        turned = code in self.turned
        return (self.second, self.first) if turned else (self.first, self.second)
