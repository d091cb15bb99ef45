"""The 95% interval of a share, the same one wherever a share is shown."""

import math
from statistics import NormalDist

Z95 = NormalDist().inv_cdf(0.975)
"""The 97.5th percentile of the normal distribution."""


def wilson(right: int, n: int) -> tuple[float, float]:
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
