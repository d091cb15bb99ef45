"""Two models answer one question in one batch, and who can be chosen for it."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from calm.answers.sample import draw_responses
from calm.config import SamplingConfig
from calm.errors import CalmError
from tests.fakes import FakeModel
from tests.recorded import finished_run
from tests.ui.test_asking import Holder, no_translator, order  # noqa: F401 - a fixture
from ui.asking.answerers import BASE, Answerer, answerers, two_answerers
from ui.asking.worker import ask_both
from ui.duel.page import offered_now, two_of
from ui.parts.models import NO_MODEL, Models

TWO = (Answerer(BASE, "fake", None), Answerer("mine", "fake + mine", Path("adapter")))


class Watched(FakeModel):
    """Remembers each batch's adapters, and lets its texts be looked at half way."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[Any] = []
        self.half_way, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def generate(
        self, prompts: Sequence[Any], draws: Any, on_text: Any, stop: Any, adapters: Any = None
    ) -> list[str]:
        self.batches.append(adapters)
        for row in range(len(prompts)):
            on_text(row, f"{adapters[row].name if adapters and adapters[row] else 'base'} {row}")
        self.half_way.set()
        self.go_on.wait(10)
        return super().generate(prompts, draws, on_text, stop, adapters)


def both_of(model: FakeModel, *languages: str) -> tuple[Any, Any]:
    *_, last = ask_both(Holder(model), order(*languages), TWO, threading.Event())  # type: ignore[arg-type]
    return last


def test_both_models_answer_in_one_batch_as_each_answers_alone() -> None:
    model = Watched()
    first, second = both_of(model, "en", "fr")
    (adapters,) = model.batches
    assert adapters == ([None] * 2 + [Path("adapter")] * 2) * 2
    assert (first.model, second.model) == ("fake", "fake + mine")
    for seen, adapter in ((first, None), (second, Path("adapter"))):
        assert seen.step == "done"
        alone_model = FakeModel()
        with alone_model.use(adapter):
            alone = draw_responses(alone_model, seen.versions, SamplingConfig(num_samples=2))
        assert [row.text for row in seen.responses] == [row.text for row in alone]
        assert [row.language for row in seen.responses] == ["en", "en", "fr", "fr"]
        assert sum(seen.vote.counts) + seen.vote.unreadable == 4
    assert first.prompts == second.prompts


def test_both_sides_grow_together() -> None:
    model = Watched()
    model.go_on.clear()
    asking = ask_both(Holder(model), order("en", "fr"), TWO, threading.Event())  # type: ignore[arg-type]
    next(asking)
    assert model.half_way.wait(10)
    first, second = next(asking)
    assert first.step == second.step == "answering"
    assert [row.text for row in first.responses] == ["base 0", "base 1", "base 4", "base 5"]
    assert [row.text for row in second.responses] == [f"adapter {n}" for n in (2, 3, 6, 7)]
    model.go_on.set()
    *_, last = asking
    assert [seen.step for seen in last] == ["done", "done"]


def test_a_question_to_two_models_can_be_stopped() -> None:
    stop = threading.Event()
    asking = ask_both(Holder(None), order("en"), TWO, stop)  # type: ignore[arg-type]
    next(asking)
    stop.set()
    *_, last = asking
    assert [seen.step for seen in last] == ["stopped", "stopped"]


def test_what_goes_wrong_for_both_is_raised_to_whoever_asked() -> None:
    with pytest.raises(RuntimeError, match="as it was told to"):
        both_of(FakeModel(fails_at=1), "en")


def test_the_base_model_and_the_adapters_of_its_finished_runs_can_be_asked(
    calm_home: Path, tmp_path: Path
) -> None:
    run = finished_run("mine", tmp_path)
    finished_run("other", tmp_path)
    assert [(who.key, who.name) for who in answerers(Models("fake"))] == [
        (BASE, "fake"),
        ("other", "fake + other"),
        ("mine", "fake + mine"),
    ]
    assert two_answerers(Models("fake"), "mine", BASE)[0].adapter == run.adapter
    assert [who.key for who in answerers(Models("another"))] == [BASE]
    assert answerers(Models(NO_MODEL)) == []


@pytest.mark.parametrize(
    ("model", "first", "second", "says"),
    [
        ("fake", BASE, BASE, "two different ones"),
        ("fake", BASE, "gone", "No model called gone"),
        ("fake", "../mine", BASE, "No model called ../mine"),
        ("another", "mine", BASE, "No model called mine"),
        (NO_MODEL, BASE, "mine", "started without a model"),
    ],
)
def test_two_that_cannot_be_asked_say_why(
    calm_home: Path, tmp_path: Path, model: str, first: str, second: str, says: str
) -> None:
    finished_run("mine", tmp_path)
    with pytest.raises(CalmError, match=says):
        two_answerers(Models(model), first, second)


def test_the_base_model_and_the_run_in_sight_are_offered_first(
    calm_home: Path, tmp_path: Path
) -> None:
    finished_run("mine", tmp_path)
    finished_run("newer", tmp_path)
    shown, first, second = two_of(Models("fake"), BASE, "mine")
    assert (shown.visible, first.value, second.value) == (True, BASE, "mine")
    assert [label for label, _ in first.choices][:2] == ["fake (base model)", "fake + newer"]
    assert two_of(Models("fake"), "gone", None)[2].value == "newer"
    assert two_of(Models("another"), BASE, "mine")[0].visible == "hidden"


def test_what_can_be_asked_is_told_anew_once_another_model_is_loaded(
    calm_home: Path, tmp_path: Path
) -> None:
    finished_run("mine", tmp_path)
    why, shown, *_ = offered_now(Models("another"), "mine", BASE, None)
    assert "Load fake on the page Ask" in why and shown.visible == "hidden"
    why, shown, first, second = offered_now(Models("fake"), "mine", BASE, None)
    assert (why, shown.visible, first.value, second.value) == ("", True, BASE, "mine")
    assert "no run" in offered_now(Models("fake"), "gone", BASE, None)[0].lower()
