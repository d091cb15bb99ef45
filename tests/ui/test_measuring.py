"""The machine is measured by itself once the page is opened, where nothing else goes on."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from calm.errors import CalmError
from calm.pipeline.measure import MEASURED, is_measured
from calm.runs import jobs
from calm.runs.rates import Rate, keep_rate
from tests.ui.openid import visitor
from ui.parts.measuring import Measuring
from ui.parts.models import NO_MODEL, Models

pytestmark = pytest.mark.usefixtures("calm_home")


def measured(model: str = "fake") -> None:
    for stage, precision in MEASURED:
        keep_rate(model, precision, stage, Rate(10, 10, 0, 0))


@pytest.fixture
def models() -> Models:
    made = Models("fake")
    made._model = SimpleNamespace()  # type: ignore[assignment]
    return made


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the models that a measurement was begun with; each is measured at once."""
    begun: list[str] = []

    def measure(model: str, gives_way: Callable[[], bool]) -> bool:
        begun.append(model)
        if gives_way():
            return False
        measured(model)
        return True

    monkeypatch.setattr(jobs, "measure_apart", measure)
    return begun


def opened(measuring: Measuring, request: Any = None) -> None:
    """Open the page, and wait until what it began is over."""
    measuring.begin(request)
    if measuring._thread is not None:
        measuring._thread.join(20)
    assert not measuring.is_going


def allowed(models: Models, wait: Callable[[float], None] = lambda seconds: None) -> Measuring:
    measuring = Measuring(models, wait)
    measuring.allow()
    return measuring


def test_it_is_measured_once_for_all_visitors(models: Models, tries: list[str]):
    assert not is_measured("fake")
    for _ in range(3):
        opened(allowed(models))
    assert tries == ["fake"] and is_measured("fake")


def test_it_begins_where_it_may(models: Models, tries: list[str], monkeypatch: pytest.MonkeyPatch):
    opened(Measuring(models))
    opened(allowed(Models(NO_MODEL)))
    monkeypatch.setenv("CALM_READ_ONLY", "1")
    opened(allowed(models))
    monkeypatch.setenv("CALM_READ_ONLY", "0")
    monkeypatch.setenv("SPACE_ID", "ann/studio")
    opened(allowed(models), visitor("bob"))
    assert tries == []
    opened(allowed(models), visitor("ann"))
    assert tries == ["fake"]


def test_it_waits_for_the_model_and_until_nobody_asks_or_aligns(
    models: Models, tries: list[str], monkeypatch: pytest.MonkeyPatch
):
    here, models._model = models._model, None
    looks = 0
    asks = models.in_use()
    job: list[str | None] = [None]
    monkeypatch.setattr(jobs, "running", lambda: job[0])

    def wait(seconds: float) -> None:
        nonlocal looks
        looks += 1
        assert tries == []
        if looks == 20:
            models._model = here
            asks.__enter__()
        if looks == 40:
            asks.__exit__(None, None, None)
            job[0] = "a run"
        if looks == 60:
            job[0] = None

    opened(allowed(models, wait))
    assert tries == ["fake"] and looks > 60


def test_it_gives_way_to_who_asks_meanwhile_and_begins_again(
    models: Models, monkeypatch: pytest.MonkeyPatch
):
    outcomes: list[bool] = []

    def measure(model: str, gives_way: Callable[[], bool]) -> bool:
        with models.in_use():
            outcomes.append(not gives_way() if outcomes else gives_way())
        outcomes.append(not gives_way())
        return len(outcomes) > 2

    monkeypatch.setattr(jobs, "measure_apart", measure)
    opened(allowed(models))
    assert outcomes == [True, True, False, True]


def test_one_that_failed_is_not_begun_again(models: Models, monkeypatch: pytest.MonkeyPatch):
    tries: list[str] = []

    def fail(model: str, gives_way: Callable[[], bool]) -> bool:
        tries.append(model)
        raise CalmError("machine.not-measured", reason="no memory")

    monkeypatch.setattr(jobs, "measure_apart", fail)
    measuring = allowed(models)
    opened(measuring)
    opened(measuring)
    assert tries == ["fake"]


def test_it_ends_where_another_model_was_chosen_before_it_was_loaded(
    models: Models, tries: list[str]
):
    models._model = None

    def choose(seconds: float) -> None:
        models.name = "another"

    opened(allowed(models, choose))
    assert tries == []
