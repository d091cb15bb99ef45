"""The 95% interval of a share, the same one wherever a share is shown, and what is too few to tell.

    what is told                                      from           below that
    interval of a score, whether it rose or fell      8 questions    the number alone, as too few
    whether languages agree beyond chance             8 questions    nothing
    whether a language alone beats the vote           8 questions    that these are too few
    how much is right behind a gate, as a line        8 votes        no line, no estimate
    what training logs, as a curve                    5 steps        first and last, in words
    whether form tells the sides of pairs (lint)      40 pairs       that these are too few
    who won one question (`calm.asking.verdict`)      6 votes      the winner, as too few
    share of people's ballots                         1 ballot

The last one is Wilson's interval, which is honest at any number. Those of scores are drawn from the
questions themselves: three that say the same would look certain. Files hold Wilson's for them; what
is shown says that they are too few.
"""

import math
from statistics import NormalDist

LEAST = 8
"""So many questions can tell something of all others.

Of five questions not even five changes to one side are beyond chance (sign test, two-sided: p =
0.06); eight leave some room above that.
"""
LEAST_STEPS = 5
"""So many steps of a training make a curve."""
Z95 = NormalDist().inv_cdf(0.975)
"""The 97.5th percentile of the normal distribution."""


def can_tell(n: int) -> bool:
    """Tell whether so many questions are enough to tell something of all others."""
    return n >= LEAST


def wilson(right: float, n: int) -> tuple[float, float]:
    """Return the 95% interval of a share, `right` of `n` (Wilson, JASA, 1927); 0 to 1 for n = 0.

    As scipy's `binomtest(...).proportion_ci(method="wilson")`, in a thousandth of its time: a chart
    of the gate asks for a hundred.
    """
    if not n:
        return 0.0, 1.0
    share, room = right / n, Z95**2 / n
    middle = (share + room / 2) / (1 + room)
    half = math.sqrt(share * (1 - share) * room + room**2 / 4) / (1 + room)
    return max(0.0, middle - half), min(1.0, middle + half)
