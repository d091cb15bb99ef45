"""An alignment runs in a process of its own; whoever looks later learns how it ended."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from calm.config import RunConfig
from calm.errors import CalmError
from calm.runs import jobs
from calm.runs.folder import Run, create_run

PATIENCE = 60.0
LANGUAGES = ("en", "fr")


def wait_for(happens: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < end, f"waited in vain for: {what}"
        time.sleep(0.05)


def run_on(question_set: Path, name: str = "mine") -> Run:
    settings = RunConfig(model="no/model", question_set=str(question_set), languages=LANGUAGES)
    return create_run(name, settings)


def pid_of(run: Run) -> int:
    return int((run.folder / jobs.PID_FILE).read_text().split()[0])


def wait_for_end(run: Run) -> None:
    wait_for(lambda: not jobs.is_running(run), "the end of the process")


@pytest.fixture
def waiting(tmp_path: Path, calm_home: Path) -> Iterator[Run]:
    """A started run whose process waits for its question file, which is a pipe."""
    pipe = tmp_path / "questions.jsonl"
    os.mkfifo(pipe)
    run = run_on(pipe)
    jobs.start(run)
    wait_for(lambda: run.status().state == "running", "the first stage")
    yield run
    if jobs.is_running(run):
        os.kill(pid_of(run), signal.SIGKILL)
        wait_for_end(run)


def test_a_run_that_was_never_started_is_not_running(tmp_path: Path, calm_home: Path) -> None:
    assert not jobs.is_running(run_on(tmp_path / "nowhere.jsonl"))
    assert jobs.running() is None


def test_a_run_that_fails_ends_as_failed_with_the_reason_in_its_status(
    tmp_path: Path, calm_home: Path
) -> None:
    run = run_on(tmp_path / "nowhere.jsonl")
    jobs.start(run)
    wait_for_end(run)
    status = run.status()
    assert (status.stage, status.state) == ("questions", "failed")
    assert "nowhere.jsonl cannot be read (No such file or directory)" in str(status.message)
    assert "calm: The question set" in run.log.read_text()
    assert "Traceback" not in run.log.read_text()


def test_a_process_is_known_by_its_number_where_a_file_of_before_says_no_time(
    tmp_path: Path, calm_home: Path
) -> None:
    run = run_on(tmp_path / "nowhere.jsonl")
    with subprocess.Popen(["sleep", "60"]) as child:
        jobs.CHILDREN.append(child)
        (run.folder / jobs.PID_FILE).write_text(f"{child.pid}\n")
        assert jobs.is_running(run)
        child.kill()
        child.wait()
        assert not jobs.is_running(run)
    assert child not in jobs.CHILDREN


def test_settling_leaves_a_run_that_ended_by_itself_as_it_is(
    tmp_path: Path, calm_home: Path
) -> None:
    run = run_on(tmp_path / "nowhere.jsonl")
    jobs.start(run)
    wait_for_end(run)
    before = run.status()
    jobs.settle(run)
    assert run.status() == before


def test_a_started_run_is_running_and_known_as_the_one_that_runs(waiting: Run) -> None:
    assert jobs.is_running(waiting)
    assert jobs.running() == waiting


def test_settling_leaves_a_run_that_is_running_as_it_is(waiting: Run) -> None:
    jobs.settle(waiting)
    assert waiting.status().state == "running"


@pytest.mark.parametrize("name", ["mine", "other"])
def test_while_one_run_is_running_none_can_be_started(
    waiting: Run, name: str, tmp_path: Path
) -> None:
    second = waiting if name == "mine" else run_on(tmp_path / "nowhere.jsonl", name)
    with pytest.raises(CalmError, match=r"The run mine is being aligned\. Wait until .* or stop"):
        jobs.start(second)
    assert jobs.is_running(waiting)


def test_a_killed_run_is_settled_as_stopped(waiting: Run) -> None:
    os.kill(pid_of(waiting), signal.SIGKILL)
    wait_for_end(waiting)
    assert waiting.status().state == "running"
    jobs.settle(waiting)
    status = waiting.status()
    assert (status.stage, status.state) == ("questions", "stopped")
    assert "start it again to go on" in str(status.message)


def test_a_stopped_run_ends_as_stopped_and_keeps_what_it_has_done(waiting: Run) -> None:
    jobs.stop(waiting)
    rows = [
        {"id": split, "split": split, "language": code, "text": "?", "choices": ["a", "b"]}
        for split in ("train", "held-out")
        for code in LANGUAGES
    ]
    pipe = Path(waiting.config.question_set)
    pipe.write_text("".join(json.dumps(row) + "\n" for row in rows))
    wait_for_end(waiting)
    assert waiting.status().state == "stopped"
    assert str(waiting.status().message) == "stopped on request"
    assert len(waiting.rows("questions")) == 4
    assert "calm: stopped; the same command goes on from here" in waiting.log.read_text()


def test_stopping_a_run_that_is_not_running_does_nothing(tmp_path: Path, calm_home: Path) -> None:
    run = run_on(tmp_path / "nowhere.jsonl")
    jobs.stop(run)
    assert not jobs.is_running(run)


@pytest.mark.parametrize("time", [" 1700000000.0", ""], ids=["with its time", "of before"])
def test_a_process_that_got_the_number_of_an_ended_one_is_left_alone(
    time: str, tmp_path: Path, calm_home: Path
) -> None:
    run = run_on(tmp_path / "nowhere.jsonl")
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    file = run.folder / jobs.PID_FILE
    file.write_text(f"{stranger.pid}{time}\n")
    if not time:
        assert jobs.is_running(run)
        os.utime(file, (1700000000, 1700000000))
    assert not jobs.is_running(run)
    jobs.stop(run)
    assert stranger.communicate(b"\n") == (None, None)
    assert stranger.returncode == 0


@pytest.mark.parametrize(
    ("start", "numbers"),
    [("another start", "pid:[1]"), ("this start", "pid:[2]")],
    ids=["the machine was started anew", "its container is gone"],
)
def test_a_process_of_an_earlier_start_or_another_container_is_left_alone(
    start: str, numbers: str, tmp_path: Path, calm_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the number, and even the time, of one that worked on a run."""

    def at(start: str, numbers: str) -> None:
        (tmp_path / "boot_id").write_text(f"{start.replace(' ', '-')}\n")
        (tmp_path / "pid").unlink(missing_ok=True)
        (tmp_path / "pid").symlink_to(numbers)

    monkeypatch.setattr(jobs, "BOOT_ID", tmp_path / "boot_id")
    monkeypatch.setattr(jobs, "PROCESSES", tmp_path / "pid")
    run = run_on(tmp_path / "nowhere.jsonl")
    at("this start", "pid:[1]")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        jobs._write_pid(run, stranger.pid)
        assert jobs.is_running(run)
        at(start, numbers)
        assert not jobs.is_running(run)
        jobs.stop(run)
        assert stranger.communicate(b"\n") == (None, None)
        assert stranger.returncode == 0


def test_a_process_file_of_before_still_asks_a_program_by_its_file(
    tmp_path: Path, calm_home: Path
) -> None:
    import psutil

    run = run_on(tmp_path / "nowhere.jsonl")
    began = psutil.Process().create_time()
    (run.folder / jobs.PID_FILE).write_text(f"{os.getpid()} {began} program\n")
    jobs.stop(run)
    assert jobs.is_asked_to_stop(run)
    jobs.claim(run, is_program=True)
    assert not jobs.is_asked_to_stop(run)
    jobs.stop(run)
    assert jobs.is_asked_to_stop(run)


def test_what_does_not_end_in_time_is_not_waited_for(
    tmp_path: Path, calm_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", deaf], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        monkeypatch.setattr(jobs, "CHILDREN", [child])
        jobs.ask_children_to_end()
        assert not jobs.wait_for_children(0.2)
        child.communicate(b"\n")
        assert jobs.wait_for_children(0.2)


@pytest.mark.parametrize(
    "text", ["", "not a number", "-1", "999999999", "1 soon", "1 2 3", "9" * 30]
)
def test_a_broken_or_old_process_file_means_not_running(
    text: str, tmp_path: Path, calm_home: Path
) -> None:
    run = run_on(tmp_path / "nowhere.jsonl")
    (run.folder / jobs.PID_FILE).write_text(text)
    assert not jobs.is_running(run)


def test_the_process_is_detached_from_this_one(waiting: Run) -> None:
    assert os.getsid(pid_of(waiting)) == pid_of(waiting) != os.getsid(0)


def test_a_job_can_be_told_where_to_end(tmp_path: Path, calm_home: Path) -> None:
    rows = [
        {"id": split, "split": split, "language": code, "text": "?", "choices": ["a", "b"]}
        for split in ("train", "held-out")
        for code in LANGUAGES
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    run = run_on(file)
    jobs.start(run, until="translate")
    wait_for_end(run)
    assert (run.status().stage, run.status().state) == ("translate", "stopped")
    assert "as asked" in str(run.status().message)


def test_a_measurement_gives_way_and_takes_away_what_it_made(
    tmp_path: Path, calm_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = (
        "import sys, time, pathlib\n"
        f"made = pathlib.Path({str(tmp_path / 'made')!r})\n"
        "try:\n    made.touch()\n    time.sleep(60)\nfinally:\n    made.unlink()\n"
    )
    monkeypatch.setattr(jobs, "SECONDS_TO_END", 60.0)
    monkeypatch.setattr(jobs, "CALM", (sys.executable, "-c", script))
    assert jobs.measure_apart("m", (tmp_path / "made").exists) is False
    assert not (tmp_path / "made").exists()
    monkeypatch.setattr(jobs, "CALM", (sys.executable, "-c", "pass"))
    assert jobs.measure_apart("m") is True
