"""What the page Align shows, from records alone."""

import pytest

from calm.records import Status
from tests.ui.honey import EVIL
from ui.align_views import duration, metric_rows, progress, progress_in_words, stage_list
from ui.views import note


def test_a_status_message_is_escaped():
    status = Status("sample", "failed", 1, 2, EVIL, 0.0, 0.0)
    assert "<img" not in progress(EVIL, ["sample"], status) + note(EVIL)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "0 s"), (59, "59 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")]
)
def test_a_duration_reads_well(seconds: float, words: str):
    assert duration(seconds) == words


def test_progress_says_rate_and_time_left():
    status = Status("sample", "running", 100, 400, "100 of 400 responses", 10.0, 0.0)
    words = "sample: 100 of 400 responses, 10 a second, 30 s left in this stage"
    assert progress_in_words(status) == words


def test_the_current_stage_is_marked_and_those_before_it_are_done():
    status = Status("vote", "running", 0, 0, "", 0.0, 0.0)
    shown = stage_list(["sample", "vote", "pairs"], status)
    assert shown.count('class="done"') == 1
    assert '<li class="current" aria-current="step">vote</li>' in shown


def test_metrics_become_rows_of_a_plot_and_missing_ones_none():
    rows = metric_rows([{"step": 1, "loss": 0.7}, {"step": 2, "epoch": 1.0}], ["loss"])
    assert rows.to_dict("records") == [{"step": 1, "value": 0.7, "name": "loss"}]
