"""What training logs is drawn as it is."""

import math
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from tests.ui.visitors import reader
from ui.parts.curves import PLOTS, ticks, training_plots

METRICS: list[dict[str, Any]] = [
    {"step": 1, "loss": 2.0, "rewards/chosen": 0.0, "rewards/rejected": 0.0},
    {"step": 2, "epoch": 0.5},
    *({"step": step, "loss": 1.5} for step in (3, 4, 5)),
    {"step": 6, "loss": 1.0, "rewards/chosen": 0.4, "rewards/rejected": -0.2},
]


def points(drawn: str) -> dict[str, list[tuple[float, float]]]:
    """Return the points of the lines of one plot by their class."""
    figure = ET.fromstring(drawn)
    return {
        line.get("class", ""): [
            (float(x), float(y))
            for x, y in (point.split(",") for point in line.get("points", "").split())
        ]
        for line in figure.iter("polyline")
    }


def plot(what: str, metrics: list[dict[str, Any]]) -> str:
    found = re.search(rf'<figure [^>]*data-plot="{what}".*?</figure>', training_plots(metrics))
    assert found
    return found[0]


def test_nothing_logged_is_nothing_drawn() -> None:
    assert training_plots([]) == ""
    assert training_plots([{"step": 1, "epoch": 1.0}]) == ""


def test_a_plot_is_drawn_for_each_kind_that_was_logged_and_no_other() -> None:
    assert re.findall(r'data-plot="(\w+)"', training_plots(METRICS)) == ["loss", "rewards"]


def test_a_line_goes_through_what_was_logged_and_leaves_out_what_was_not() -> None:
    (line,) = points(plot("loss", METRICS)).values()
    assert (line[0], len(line), line[-1][1]) == ((0.0, 0.0), 5, 100.0)


def test_lines_of_one_plot_share_their_scale() -> None:
    lines = points(plot("rewards", METRICS))
    assert set(lines) == {"line1", "line2"}
    assert lines["line1"][0] == lines["line2"][0]
    assert lines["line1"][1][1] < lines["line1"][0][1] < lines["line2"][1][1]


@pytest.mark.parametrize("steps", [1, 4])
def test_a_few_steps_are_no_curve_and_told_in_words(steps: int) -> None:
    few = [{"step": step, "loss": 2.0 / step} for step in range(1, steps + 1)]
    shown = training_plots([*few, {"step": 9, "epoch": 1.0}])
    assert "<svg" not in shown
    assert f"{steps} step" in shown and "from 5 steps on" in shown
    assert f"Loss: loss 2.000 → {2 / steps:.3f}" in shown
    assert "<svg" in training_plots([{"step": step, "loss": 1.0} for step in range(5)])


def test_what_was_logged_once_is_a_dot_within_the_plot() -> None:
    (line,) = points(
        plot("accuracies", [*METRICS, {"step": 7, "rewards/accuracies": 0.5}])
    ).values()
    assert len(line) == 2
    assert line[0] == line[1]
    assert all(0 <= number <= 100 for number in line[0])


def test_what_is_no_number_is_left_out() -> None:
    broken = [*METRICS, {"step": 7, "loss": math.nan}, {"step": 8, "loss": math.inf}]
    assert plot("loss", broken) == plot("loss", METRICS)


@pytest.mark.parametrize(
    ("low", "high", "whole", "expected"),
    [
        (0.7, 2.04, False, [0.5, 1.0, 1.5, 2.0, 2.5]),
        (1, 39, True, [0, 10, 20, 30, 40]),
        (1, 1, True, [0, 1, 2]),
        (1, 3, True, [1, 2, 3]),
        (-0.03, 0.68, False, [-0.2, 0.0, 0.2, 0.4, 0.6, 0.8]),
        (0.69, 0.69, False, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2]),
        (0.0, 0.0, False, [-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6]),
        (3.0, 3.0 + 1e-12, False, [2.4, 2.6, 2.8, 3.0, 3.2, 3.4, 3.6]),
        (1e-4, 3e-4, False, [1e-4, 1.5e-4, 2e-4, 2.5e-4, 3e-4]),
    ],
)
def test_an_axis_has_few_round_numbers_around_everything(
    low: float, high: float, whole: bool, expected: list[float]
) -> None:
    found = ticks(low, high, whole)
    assert found[0] <= low <= high <= found[-1] + 1e-9
    assert 2 <= len(found) <= 8
    assert found == pytest.approx(expected)


def test_numbers_and_names_are_the_reader_s() -> None:
    with reader("de"):
        drawn = plot("loss", METRICS)
    assert "2,0" in drawn
    assert "Verlust" in drawn
    assert "2.0" not in re.sub(r'(style|points|y1|y2)="[^"]*"', "", drawn)


def test_every_metric_is_told_in_words() -> None:
    logged = {name: 0.5 for names in PLOTS.values() for name in names}
    steps = [{"step": step, **logged} for step in range(5)]
    told = re.findall(r'aria-label="([^"]+)"', training_plots(steps))
    assert len(told) == len(PLOTS)
    assert "margin 0.500 → 0.500; chosen 0.500" in told[1]
