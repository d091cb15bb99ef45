"""The colours can be told apart: contrast as WCAG 2.2 level AA asks for, in light and in dark."""

import colorsys
import re
from itertools import product

import pytest

from ui.app import STYLE
from ui.parts.theme import theme

SCHEMES = ("light", "dark")
TEXT, SHAPE = 4.5, 3.0
SURFACES = ("card", "page", "soft")
TEXTS = ("body", "subdued", "good", "bad", "warn-text", "accent", "before", "even")


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def themed(name: str, scheme: str) -> str:
    """Return a colour of the theme in one scheme, followed to the hue that it names."""
    made, dark = theme(), f"{name}_dark"
    value = (getattr(made, dark, None) if scheme == "dark" else None) or getattr(made, name)
    if value.startswith("*"):
        return themed(value.removeprefix("*"), scheme)
    return {"white": "#ffffff", "black": "#000000"}.get(value, value)


def palette(scheme: str) -> dict[str, str]:
    """Return the colours of the style sheet and those of the theme that it stands on."""
    light, dark = re.findall(r"\{([^}]*--c0: [^}]*)\}", STYLE.read_text())
    own = dict(re.findall(r"--([\w-]+): (#\w+)", light if scheme == "light" else dark))
    return own | {
        "card": themed("block_background_fill", scheme),
        "page": themed("body_background_fill", scheme),
        "body": themed("body_text_color", scheme),
        "subdued": themed("body_text_color_subdued", scheme),
        "chip": "#ffffff" if scheme == "light" else "#131416",
    }


def too_close(pairs: list[tuple[str, str]], scheme: str, least: float) -> list[str]:
    colours = palette(scheme)
    return [
        f"{one} on {other}: {contrast(colours[one], colours[other]):.2f}"
        for one, other in pairs
        if contrast(colours[one], colours[other]) < least
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_can_be_read_on_every_surface(scheme: str):
    pairs = [*product(TEXTS, SURFACES), ("body", "mark"), ("body", "warn"), ("warn-text", "warn")]
    assert too_close(pairs, scheme, TEXT) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_letters_can_be_read_on_the_colours_of_the_choices_and_outcomes(scheme: str):
    fills = [*(f"c{n}" for n in range(8)), "good", "bad", "even"]
    assert too_close([("chip", fill) for fill in fills], scheme, TEXT) == []


def hue(colour: str) -> float:
    return 360 * colorsys.rgb_to_hls(*(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)))[0]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_colour_of_a_choice_looks_right_or_wrong(scheme: str):
    colours = palette(scheme)
    for n, verdict in product(range(8), ("good", "bad")):
        apart = abs(hue(colours[f"c{n}"]) - hue(colours[verdict]))
        assert min(apart, 360 - apart) > 20, f"c{n} looks {verdict}"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_bars_and_borders_stand_out_from_what_they_lie_on(scheme: str):
    shapes = [*(f"c{n}" for n in range(8)), "unread", "warn-line", "accent"]
    assert too_close(list(product(shapes, SURFACES)), scheme, SHAPE) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("state", ["", "_hover", "_selected"])
@pytest.mark.parametrize(
    "surface",
    ["checkbox_label_background_fill", "checkbox_background_color", "block_background_fill"],
)
def test_boxes_and_circles_can_be_seen_before_they_are_chosen(
    surface: str, state: str, scheme: str
):
    border = themed(f"checkbox_border_color{state}", scheme)
    assert contrast(border, themed(surface, scheme)) >= SHAPE


def test_the_rest_of_a_slider_has_a_colour_that_stands_out():
    tracks = re.findall(
        r"slider-runnable-track \{([^}]*)\}|range-track \{([^}]*)\}", STYLE.read_text()
    )
    assert len(tracks) == 2
    assert all("var(--unread)" in "".join(track) for track in tracks)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("button_primary_text_color", "button_primary_background_fill"),
        ("button_primary_text_color", "button_primary_background_fill_hover"),
        ("button_secondary_text_color", "button_secondary_background_fill"),
        ("button_secondary_text_color", "button_secondary_background_fill_hover"),
        ("button_cancel_text_color", "button_secondary_background_fill"),
        ("button_cancel_text_color", "button_secondary_background_fill_hover"),
        ("block_title_text_color", "block_background_fill"),
        ("block_label_text_color", "block_background_fill"),
        ("body_text_color", "input_background_fill"),
        ("input_placeholder_color", "input_background_fill"),
        ("checkbox_label_text_color", "checkbox_label_background_fill"),
        ("checkbox_label_text_color_selected", "checkbox_label_background_fill_selected"),
        ("link_text_color", "body_background_fill"),
    ],
)
def test_the_theme_s_own_controls_can_be_read(text: str, surface: str, scheme: str):
    assert contrast(themed(text, scheme), themed(surface, scheme)) >= TEXT
