"""What the page Align shows, from records alone."""

import pytest

from calm.errors import CalmError
from calm.pipeline.stages import STAGES
from calm.records import Score, Status
from tests.ui.honey import EVIL
from tests.ui.visitors import reader
from ui.align.views import (
    duration,
    progress,
    progress_in_words,
    rough,
    stage_list,
    stage_name,
)
from ui.asking.compare_views import result_in_words
from ui.parts.html import note


def test_a_status_message_is_escaped():
    status = Status("sample", "failed", 1, 2, EVIL, 0.0, 0.0)
    assert "<img" not in progress(EVIL, ["sample"], status) + note(EVIL)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0 secs"), (59, "59 secs"), (200, "3 mins 20 secs"), (7500, "2 hrs 5 mins")],
)
def test_a_duration_reads_well(seconds: float, words: str):
    assert duration(seconds) == words


def test_progress_says_rate_and_time_left():
    status = Status("sample", "running", 100, 400, "100 of 400 responses", 10.0, 0.0)
    words = "sample: 100 of 400 responses, 10/s, 30 secs left in this stage"
    assert progress_in_words(status) == words


def test_the_current_stage_is_marked_and_those_before_it_are_done():
    status = Status("vote", "running", 0, 0, "", 0.0, 0.0)
    shown = stage_list(["sample", "vote", "pairs"], status)
    assert shown.count('class="done"') == 1
    assert '<li class="current" aria-current="step">vote</li>' in shown


def test_stages_to_come_say_how_long_they_take():
    status = Status("sample", "running", 1, 4, "", 1.0, 0.0)
    shown = progress("mine", ["sample", "vote", "train"], status, {"train": 300.0, "sample": 9.0})
    assert '<li class="todo">train <small>5 mins</small></li>' in shown
    assert "The stages after it take about 5 mins." in shown


def test_a_run_that_waits_says_what_to_do_and_warns_of_nothing():
    status = Status("pairs", "stopped", 1, 1, "stopped after pairs", 0.0, 0.0)
    shown = progress("mine", ["pairs", "train"], status, {}, waits=True)
    assert "look at the votes and pairs below" in shown
    assert "warning" not in shown


def test_a_run_that_waits_and_cannot_be_trained_says_why():
    status = Status("pairs", "stopped", 1, 1, "stopped", 0.0, 0.0)
    problem = CalmError("pairs.too-few-at-gate", kept=1, of=5, least=0.75, lower=0.6)
    shown = progress("mine", ["pairs", "train"], status, {}, waits=True, problem=problem)
    assert "Only 1 of 5 questions had a trusted vote" in shown and "to 0.60" in shown


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            0.6,
            0.9,
            "agreement with what was taught rose from",
        ),
        (0.6, 0.6, "did not rise"),
        (0.9, 0.6, "Train for more epochs"),
        (1.0, 1.0, "every answer is what was taught, before and after"),
    ],
)
def test_the_result_begins_with_what_became_of_the_questions_trained_on(
    before: float, after: float, said: str
):
    values = {"base": before, "aligned": after, "change": after - before}
    scores = [
        Score(role, "response", "all", metric, value, 0.0, 0.0, 7)  # type: ignore[arg-type]
        for metric in ("consistency", "efficacy")
        for role, value in values.items()
    ]
    words = result_in_words(scores)
    assert words.startswith("On 7 questions that it was trained on") and said in words
    assert "onsistency" in words.partition("held-out")[2]


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "5 secs"), (47, "45 secs"), (200, "3 mins"), (7500, "2 hrs 5 mins")]
)
def test_an_expected_time_is_rough(seconds: float, words: str):
    assert rough(seconds) == words


def test_every_stage_has_its_words():
    for stage in STAGES:
        assert stage_name(stage) == stage
    with reader("de"):
        assert stage_name("pairs") == "Paare"
        assert stage_name("unheard-of") == "unheard-of"
