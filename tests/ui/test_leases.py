"""A GPU that is lent for one call: leases that end early, no quota left, the real package."""

import itertools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from calm.asking.ask import Order
from calm.asking.asked import Asked
from calm.config import SamplingConfig
from calm.errors import CalmError
from calm.models import hardware
from calm.pipeline.align import align
from calm.pipeline.context import Context
from calm.pipeline.costs import Amount, Part
from calm.runs import jobs
from calm.runs.folder import Run
from calm.runs.rates import Rate, keep_rate
from tests import zero_gpu
from tests.fakes import FakeModel
from tests.pipeline.conftest import new_run, question_file, small_steps, whole
from tests.pipeline.small_runs import contents
from tests.ui.test_asking import Holder, no_translator, order
from ui.align.views import cost_box, quota_in_words
from ui.asking import worker
from ui.asking.worker import ask, seconds_to_ask
from ui.parts import lent_runs
from ui.parts.leases import _refusal, lent_each, on_gpu

__all__ = ["new_run", "no_translator", "question_file", "small_steps", "whole"]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the app believe that its GPU is lent; a lease is a call as any other."""
    monkeypatch.setenv(hardware.IS_LENT, "true")
    monkeypatch.setattr(hardware, "_LEASES", set())
    monkeypatch.setattr(Context, "model", lambda self: FakeModel())
    monkeypatch.setattr(worker, "_loaded", lambda name: FakeModel())


def finished(run: Run, until: str | None = None) -> Run:
    """Start a run in leases and wait until its thread is over."""
    lent_runs.start(run, until)
    for thread in list(lent_runs._RUNNING.values()):
        thread.join(60)
        assert not thread.is_alive()
    return run


def test_elsewhere_a_mark_does_nothing_and_the_package_is_not_even_imported() -> None:
    def compute() -> int:
        return 1

    assert on_gpu(lambda: 9)(compute) is compute
    program = "import sys, ui.parts.lent_runs, ui.asking.worker; print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"spaces", "torch"} & set(told.stdout.split())


def test_no_page_starts_a_run_but_by_way_of_the_leases() -> None:
    pages = (ROOT / "ui").rglob("*.py")
    others = [path for path in pages if path.name not in ("lent_runs.py", "measuring.py")]
    past = ("jobs.start(", "jobs.measure_apart(")
    assert [p.name for p in others if any(call in p.read_text("utf-8") for call in past)] == []


def test_a_lent_gpu_is_there_within_a_lease_alone(
    zero: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert not hardware.has_gpu()
    hardware.take_lease()
    assert hardware.has_gpu()


@pytest.mark.usefixtures("small_steps")
def test_a_run_cut_into_leases_that_end_early_ends_as_one_that_was_not(
    whole: Run, new_run: Callable[[str], Run], zero: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    leases: list[str] = []
    real = lent_runs.stage_on_gpu

    def lease(folder: str, stage: str, until: str, seconds: int) -> object:
        leases.append(stage)
        clock = itertools.count(step=10)  # every look takes ten seconds
        monkeypatch.setattr(lent_runs, "CLOCK", lambda: float(next(clock)))
        return real(folder, stage, until, seconds)

    monkeypatch.setattr(lent_runs, "stage_on_gpu", lease)
    run = finished(new_run("leased"))
    assert run.status().state == "done", run.status()
    assert contents(run) == contents(whole)
    assert {stage: leases.count(stage) for stage in dict.fromkeys(leases)}.keys() == {
        *("sample", "train", "evaluate", "damage")
    }, "stages that ask the model nothing take no quota"
    assert len(leases) > 4
    assert not jobs.is_running(run) and not (run.folder / jobs.PID_FILE).exists()


def test_without_quota_a_run_stops_with_why_and_goes_on_another_time(
    new_run: Callable[[str], Run],
    zero: None,
    small_steps: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def refuse(folder: str, stage: str, until: str, seconds: int) -> str:
        asked.append(seconds)
        raise SimpleGradioError("ZeroGPU quota exceeded", "You have exceeded your quota. <a>x</a>")

    with monkeypatch.context() as without:
        without.setattr(lent_runs, "stage_on_gpu", refuse)
        run = finished(new_run("poor"))
    assert asked == [60, 30], "a shorter lease is tried before it gives up"
    status = run.status()
    assert (status.stage, status.state) == ("sample", "stopped")
    assert "exceeded your quota" in str(status.message) and "<a>" not in str(status.message)
    assert "goes on" not in str(status.message) and "later" in str(status.message)
    assert finished(run).status().state == "done"


def test_a_problem_within_a_lease_is_told_as_it_is_elsewhere(
    new_run: Callable[[str], Run], zero: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: Context) -> None:
        raise CalmError("pairs.none")

    monkeypatch.setattr(Context, "model", fails)
    status = finished(new_run("wrong")).status()
    assert (status.state, str(status.message)) == ("failed", str(CalmError("pairs.none")))


def test_a_lease_too_short_for_one_step_is_made_longer_and_then_given_up(
    new_run: Callable[[str], Run], zero: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(
        lent_runs, "stage_on_gpu", lambda f, s, u, seconds: asked.append(seconds) or "cut off"
    )
    status = finished(new_run("slow")).status()
    assert asked == [60, 120, 240]
    assert status.state == "stopped" and "240" in str(status.message)


def test_a_run_in_leases_stops_when_asked_to(
    new_run: Callable[[str], Run], zero: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run("asked")

    def lease(*given: object) -> str:
        assert jobs.is_running(run)
        with pytest.raises(CalmError, match="asked is being aligned"):
            lent_runs.start(run)
        jobs.stop(run)
        return lent_runs.CUT_OFF

    monkeypatch.setattr(lent_runs, "stage_on_gpu", lease)
    status = finished(run).status()
    assert (status.state, str(status.message)) == ("stopped", "stopped on request")


def test_the_length_of_a_lease_and_the_quota_follow_from_measured_rates(
    new_run: Callable[[str], Run], calm_home: Path, zero: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run("rated")
    align(Context(run), "questions")
    assert lent_runs.seconds_for(run, "sample") == lent_runs.MOST_SECONDS, "nothing is measured"
    keep_rate("fake", "auto", "sample", Rate(units=63, seconds=5, around=0, measured_at=0))
    assert lent_runs.seconds_for(run, "sample") == round(5 * 1.3) + 15 + 10
    parts = [Part("sample", 10, 30.0), Part("train", 10, 190.0)]
    assert "about 4 min" in quota_in_words(parts) and "leases: 5" in quota_in_words(parts)
    assert "once it is measured" in quota_in_words([Part("sample", 1, None)])
    amount = Amount(9, 1, 0, responses=10, answers=4, pairs=8, at_most=False)
    assert "quota" in cost_box(amount, parts, 2, 2)
    monkeypatch.delenv(hardware.IS_LENT)
    assert "quota" not in cost_box(amount, parts, 2, 2)


def test_a_question_is_answered_in_a_lease_and_without_one_on_the_processor(
    zero: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(worker.gr, "Info", lambda text: told.append(str(text)))
    here, leases = FakeModel(), []
    what = order("en", "fr")
    real = worker.ask_on_gpu

    def lease(name: str, *given: object) -> Iterator[object]:
        leases.append(name)
        yield from real(name, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(worker, "ask_on_gpu", lease)
    *_, answered = ask(Holder(here), what, threading.Event())  # type: ignore[arg-type]
    assert (answered.step, leases, here.calls, told) == ("done", ["fake"], 0, [])

    def refused(*given: object) -> Iterator[object]:
        raise SimpleGradioError("ZeroGPU quota exceeded", "0s left")
        yield

    monkeypatch.setattr(worker, "ask_on_gpu", refused)
    *_, again = ask(Holder(here), what, threading.Event())  # type: ignore[arg-type]
    assert again.vote == answered.vote and here.calls > 0
    assert told == ["Answered without a GPU, which takes longer. No GPU was lent: 0s left"]


def test_a_question_in_a_lease_is_stopped_and_its_lease_closed(
    zero: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = threading.Event()

    def lease(*given: object) -> Iterator[tuple[Asked, ...]]:
        try:
            while True:
                yield (Asked("answering", "fake"),)
        finally:
            closed.set()

    monkeypatch.setattr(worker, "ask_on_gpu", lease)
    stop = threading.Event()
    answers = ask(Holder(FakeModel()), order("en", "fr"), stop)  # type: ignore[arg-type]
    next(answers)
    stop.set()
    *_, last = answers
    assert last.step == "stopped" and closed.wait(5)


def test_a_lease_for_a_question_is_as_long_as_its_answers_take_and_a_minute_at_most() -> None:
    one, many = order("en"), order("en", "fr", "ar", "de", "ja", "zh")
    assert seconds_to_ask("fake", one, {}) == 22
    more = Order(many.question, {}, many.languages, SamplingConfig(num_samples=16))
    assert seconds_to_ask("fake", more, {}) == 60


class SimpleGradioError(Exception):
    """What `spaces` raises: it has a title."""

    def __init__(self, title: str, message: str) -> None:
        super().__init__(message)
        self.title, self.message = title, message


@pytest.mark.parametrize(
    ("title", "is_quota"),
    [
        ("ZeroGPU quota exceeded", True),
        ("ZeroGPU illegal duration", True),
        ("ZeroGPU worker error", False),
        ("ZeroGPU queue timeout", False),
    ],
)
def test_every_refusal_of_the_platform_is_one_of_ours(title: str, is_quota: bool) -> None:
    refused = _refusal(SimpleGradioError(title, "no <b>GPU</b>"))
    assert (str(refused), refused.is_quota) == ("No GPU was lent: no GPU", is_quota)


def test_what_the_reader_of_a_lease_raises_is_no_refusal() -> None:
    steps = lent_each(lambda: iter([1, 2]))
    assert next(steps) == 1
    with pytest.raises(ZeroDivisionError):
        steps.throw(ZeroDivisionError())


WITH_SPACES = """
import json, os, sys, threading
from tests.zero_gpu import serving, without_a_gpu
with serving() as zero:
    os.environ |= {"SPACES_ZERO_GPU": "true", "SPACES_ZERO_DEVICE_API_URL": zero.url}
    without_a_gpu()
    import gradio as gr
    from gradio.context import LocalContext
    from tests.fakes import FakeModel
    from tests.ui.test_asking import Holder, order
    from calm.questions import translators
    from ui.asking import worker
    from ui.parts import lent_runs
    import spaces.zero.decorator as marked
    class Told(FakeModel):
        def generate(self, *given, **named):
            print("answered in", "lease" if os.getpid() != main else "app", flush=True)
            return super().generate(*given, **named)
    main = os.getpid()
    worker._loaded = lambda name: Told()
    token = "h.e30.s"
    LocalContext.request.set(gr.Request(headers={"x-ip-token": token}))
    def asked(languages):
        *_, last = worker.ask(Holder(Told()), order(*languages), threading.Event())
        return last
    first = asked(("en", "fr"))
    zero.quota = 1
    second = asked(("en", "fr"))
    print(json.dumps({"asked": zero.asked, "tokens": zero.tokens, "same": first.vote == second.vote,
                      "marked": len(marked.decorated_cache) // 2}))
"""


def test_the_real_package_lends_in_the_name_of_the_visitor_and_refuses_without_quota(
    calm_home: Path,
) -> None:
    """`spaces` with its emulation on: its own process, queue and refusal; no GPU computes."""
    pytest.importorskip("spaces")
    assert zero_gpu.__doc__
    told = subprocess.run(
        [sys.executable, "-c", WITH_SPACES],
        cwd=ROOT,
        env=os.environ | {"HOME": str(calm_home), "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    lines = [line for line in told.stdout.splitlines() if "ZERO_GPU_DEBUG" not in line]
    assert lines and lines[-1].startswith("{"), told.stdout + told.stderr
    found = json.loads(lines[-1])
    where = list(dict.fromkeys(line for line in lines if line.startswith("answered")))
    assert where == ["answered in lease", "answered in app"]
    assert found["asked"] == ["schedule 24", "allow", "release", "schedule 24"]
    assert found["tokens"] == ["h.e30.s", "h.e30.s"]
    assert found["same"] and found["marked"] == 3
    assert "Answered without a GPU" in told.stdout
