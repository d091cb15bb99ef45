"""Numbers as the reader writes them: `84.6%` is `84,6 %` in French. Babel knows how."""

import functools

from babel import Locale
from babel.numbers import format_decimal, format_percent

from calm.evaluation.report import in_points
from ui.text.words import reader_language


def percent(share: float, digits: int = 0) -> str:
    """Return a share, 1 being all, in percent with so many digits behind the point."""
    here = _here(reader_language())
    pattern = here.percent_formats[None].pattern.replace("##0", f"##{_with_digits(digits)}")
    return str(format_percent(share, format=pattern, locale=here))


def decimal(value: float, digits: int) -> str:
    """Return a number with exactly so many digits behind the point."""
    return str(format_decimal(value, _with_digits(digits), locale=_here(reader_language())))


def signed_points(change: float) -> str:
    """Return a change in points, a hundredth each, with its sign; nothing is `+0.0`."""
    pattern = _with_digits(1)
    here = _here(reader_language())
    return str(format_decimal(in_points(change), f"+{pattern};-{pattern}", locale=here))


@functools.cache
def _here(code: str) -> Locale:
    return Locale.parse(code)


def _with_digits(digits: int) -> str:
    return "0." + "0" * digits if digits else "0"
