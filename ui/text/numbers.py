"""Numbers, days and lengths of time as the reader writes them. Babel knows how.

`84.6%` is `84,6 %` in French.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal
from babel.units import format_unit

from calm.evaluation.report import in_points
from calm.messages import locale, number
from ui.text.words import reader_language


def percent(share: float, digits: int = 0) -> str:
    """Return a share, 1 being all, in percent with so many digits behind the point."""
    return number(reader_language(), share, f".{digits}%")


def percents(counts: Sequence[int]) -> list[int]:
    """Return the shares of counts in whole percent that make 100 together; all 0 of nothing.

    What rounding down leaves goes to those that lost most by it, the first of equals first.
    """
    total = sum(counts)
    if not total:
        return [0] * len(counts)
    whole = [100 * count // total for count in counts]
    lost = sorted(range(len(counts)), key=lambda n: (whole[n] * total - 100 * counts[n], n))
    for n in lost[: 100 - sum(whole)]:
        whole[n] += 1
    return whole


def decimal(value: float, digits: int) -> str:
    """Return a number with exactly so many digits behind the point."""
    return number(reader_language(), value, f".{digits}f")


def signed_points(change: float) -> str:
    """Return a change in points, a hundredth each, with its sign; nothing is `+0.0`."""
    here = locale(reader_language())
    return str(format_decimal(in_points(change), "+0.0;-0.0", locale=here))


def day(seconds: float) -> str:
    """Return the day of a time since the epoch, in UTC."""
    return str(format_date(datetime.fromtimestamp(seconds, UTC), locale=locale(reader_language())))


def moment(seconds: float) -> str:
    """Return the day, hour and minute of a time since the epoch, in UTC."""
    when, here = datetime.fromtimestamp(seconds, UTC), locale(reader_language())
    return f"{format_date(when, locale=here)} {format_skeleton('Hm', when, locale=here)} UTC"


def length_of_time(**units: int) -> str:
    """Return a length of time from its units, `hour`, `minute` and `second`, the longest first."""
    here = locale(reader_language())
    parts = [format_unit(n, f"duration-{unit}", "short", locale=here) for unit, n in units.items()]
    if len(parts) < 2:
        return str(parts[0])
    pattern = here.list_patterns.get("unit-narrow") or here.list_patterns["unit-short"]
    return str((pattern.get("2") or pattern["middle"]).format(*parts))
