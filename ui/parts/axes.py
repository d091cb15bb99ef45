"""What the drawings share: percents along an axis, lines across, and the frame of a plot. Pure."""

from collections.abc import Iterable

from markupsafe import Markup

from ui.parts.html import concat, markup

PERCENTS = (0, 25, 50, 75, 100)


def axis() -> Markup:
    """Return the percents below rows of dots."""
    return markup(
        '<div class="row axis" aria-hidden="true"><span></span><span class="ticks">{}</span>'
        "<span></span></div>",
        labels(((tick, f"{tick}%") for tick in PERCENTS), "left"),
    )


def upright(height: int) -> Markup:
    """Return the lines at the percents of a row that is so many pixels high."""
    return concat(
        markup('<line class="grid" x1="{}%" x2="{}%" y1="0" y2="{}"/>', tick, tick, height)
        for tick in PERCENTS
    )


def across(heights: Iterable[float]) -> Markup:
    """Return lines across a plot, their heights in percent from its top."""
    return concat(
        markup('<line class="grid" x1="0" x2="100" y1="{:.2f}" y2="{:.2f}"/>', y, y)
        for y in heights
    )


def labels(places: Iterable[tuple[float, str]], side: str) -> Markup:
    """Return an axis's numbers where they belong, in percent from its `left` or its `top`."""
    return concat(
        markup('<span style="{}:{:.2f}%">{}</span>', side, place, text) for place, text in places
    )


def plot_frame(
    caption: Markup, says: str, drawn: Markup, left: Markup, below: Markup, axis_name: str
) -> Markup:
    """Return a drawing with its caption, its numbers at the left and below, and what these are.

    The drawing is 100 wide and 100 high; `says` tells it in words.
    """
    return markup(
        '<figcaption>{}</figcaption><div class="gate-plot" dir="ltr">'
        '<div class="y-ticks" aria-hidden="true">{}</div>'
        '<svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}</svg><div class="ticks" aria-hidden="true">{}</div></div>'
        '<p class="axis-name" aria-hidden="true">{}</p>',
        caption,
        left,
        says,
        drawn,
        below,
        axis_name,
    )
