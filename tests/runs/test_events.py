"""What happened to a run is there to read later, in the language of whoever reads."""

import json
from pathlib import Path

import pytest

from calm.config import RunConfig
from calm.messages import message, said_in
from calm.pipeline.align import align
from calm.pipeline.context import Context, Stopped
from calm.pipeline.supervise import supervised
from calm.runs.events import EVENTS, last_events, note_event
from calm.runs.folder import Run, create_run
from tests.fakes import FakeModel
from tests.recorded import recorded_settings


@pytest.fixture
def run(calm_home: Path) -> Run:
    return create_run("mine", RunConfig())


def test_of_a_run_without_events_there_are_none(run: Run) -> None:
    assert last_events(run, 5) == []


def test_the_last_events_come_back_in_their_order(run: Run) -> None:
    for number in range(5):
        note_event(run, "sample", message("status.pairs", count=number))
    note_event(run, "train", "Killed")
    seen = last_events(run, 3)
    assert [str(event.said) for event in seen] == ["3 pairs", "4 pairs", "Killed"]
    assert [event.stage for event in seen] == ["sample", "sample", "train"]
    assert seen[0].at <= seen[1].at <= seen[2].at


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"{", b"[]", b"3", b"\xff", b'{"at": 1}'),
        b'{"at": "soon", "stage": "train", "said": "x"}',
        b'{"at": 1, "stage": "train", "said": {"key": "no.such", "values": {}}}',
        b'{"at": 1, "stage": "train", "said": {"key": "run.exists", "values": {}}}',
    ],
)
def test_a_line_that_is_no_event_is_left_out(run: Run, line: bytes) -> None:
    note_event(run, "sample", message("status.starting"))
    with run.path(EVENTS).open("ab") as stream:
        stream.write(line + b"\n" + b'{"at": 2, "stage": "vo')
    assert [event.stage for event in last_events(run, 9)] == ["sample"]


def test_each_stage_says_when_it_begins_and_how_it_ends(calm_home: Path, tmp_path: Path) -> None:
    run = create_run("mine", recorded_settings(tmp_path))
    align(Context(run, _model=FakeModel()), until="vote")
    seen = last_events(run, 99)
    stages = ("questions", "translate", "sample", "extract", "vote")
    assert list(dict.fromkeys(event.stage for event in seen)) == list(stages)
    for stage in stages:
        first, *_, last = [str(event.said) for event in seen if event.stage == stage]
        assert first == "starting" != last
    lines = [said_in("de", event.said) for event in seen if event.stage == "sample"]
    assert any("hinter gelösten Beispielen" in line for line in lines)


def test_how_a_run_was_ended_is_among_the_events(run: Run) -> None:
    with pytest.raises(Stopped), supervised(run):
        raise Stopped
    with pytest.raises(ValueError, match="no luck"), supervised(run):
        raise ValueError("no luck")
    stopped, failed = last_events(run, 2)
    assert said_in("fr", stopped.said) == "arrêtée à la demande"
    assert failed.said == "ValueError: no luck"
    assert json.loads(run.path(EVENTS).read_text().splitlines()[0])["stage"] == "questions"
