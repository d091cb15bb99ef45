"""Another model can be chosen while the app runs, by who may, and only one is in memory."""

import dataclasses
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from calm.errors import CalmError
from calm.evaluation.common_ground import CommonGround
from calm.models import loading
from calm.models.catalogue import LISTED, suitable
from tests.recorded import CHECKED_MODEL, MODEL_RECORD
from ui.ask.model_choice import checked_in_words, checked_model, chosen, details, listed
from ui.asking.answerers import answerers
from ui.parts.models import NO_MODEL, Models

GIB = 1 << 30


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> dict[str, threading.Event]:
    """Models that load at once, but for those whose event is in the dictionary and not yet set."""
    waits: dict[str, threading.Event] = {}

    def load(name: str) -> Any:
        if name in waits:
            assert waits[name].wait(20)
        if name == "broken":
            raise CalmError("model.not-causal", model=name)
        return SimpleNamespace(name=name, path="plain" if name == "slower" else "fast")

    monkeypatch.setattr(loading, "load_model", load)
    return waits


def test_another_model_takes_the_place_of_the_one_that_answers(loads: Any) -> None:
    models = Models("first")
    first = models.get()
    assert first is not None and first.name == "first"
    said = list(chosen(models, " second ", None))
    assert "second answers now" in said[-1]
    second = models.get()
    assert second is not None and second.name == "second"
    assert [who.name for who in answerers(models)] == ["second"]


def test_a_model_that_goes_the_plain_way_is_said_to(loads: Any) -> None:
    assert "plain, slower way" in list(chosen(Models("first"), "slower", None))[-1]
    assert "plain" not in list(chosen(Models("first"), "second", None))[-1]


def test_a_model_that_was_still_loading_when_another_was_chosen_never_answers(loads: Any) -> None:
    loads["slow"] = threading.Event()
    models = Models("slow")
    models.start_loading()
    models.choose("quick")
    found = models.get()
    loads["slow"].set()
    assert found is not None and found.name == "quick"
    assert models.get() is found


def test_why_a_model_cannot_be_loaded_is_said_and_another_can_be_chosen(loads: Any) -> None:
    models = Models("first")
    models.get()
    assert "broken is no causal language model" in list(chosen(models, "broken", None))[-1]
    assert models.has_failed
    assert "first answers now" in list(chosen(models, "first", None))[-1]


def test_without_a_model_nothing_is_asked_until_one_is_loaded(loads: Any) -> None:
    models = Models("first")
    models.get()
    models.choose(NO_MODEL)
    assert models.is_absent and not models.is_loaded and answerers(models) == []
    with pytest.raises(CalmError):
        models.get()
    models.choose("first")
    assert models.get() is not None


def test_who_may_only_look_chooses_no_model(loads: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALM_READ_ONLY", "1")
    models = Models("first")
    said = list(chosen(models, "second", None))
    assert len(said) == 1 and "warning" in said[0]
    assert models.name == "first"


@pytest.mark.parametrize("name", [None, "", "  ", "a\nb", "x" * 500])
def test_what_is_no_name_is_refused(name: str | None) -> None:
    with pytest.raises(CalmError, match="Give the name of a model"):
        checked_model(Models("first"), name)


def test_a_folder_is_called_by_its_own_name_and_found_again_by_it(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    models = Models(f"{folder}/")
    assert listed(models).choices[0] == ("mine", "mine")
    assert checked_model(models, "mine") == str(folder)
    assert checked_model(models, f" {folder} ") == str(folder)
    assert checked_model(models, "theirs/model/") == "theirs/model"


def test_the_list_holds_what_comes_with_the_app_and_what_fits() -> None:
    assert [model.name for model in suitable(1 * GIB) if not model.is_packaged] == []
    on_a_laptop = {model.name for model in suitable(24 * GIB)}
    assert {"gemma-3-270m", "Qwen/Qwen3-1.7B"} <= on_a_laptop
    assert [model.name for model in suitable(80 * GIB)] == [model.name for model in LISTED]


def test_the_list_says_what_a_model_takes_and_keeps_the_one_that_is_here() -> None:
    choices = listed(Models("my/own")).choices
    assert choices[0] == ("my/own", "my/own")
    told = next(words for words, name in choices if name == "gemma-3-270m")
    assert told == "gemma-3-270m (0.6 GiB)"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gemma-3-270m", "Gemma Terms of Use. It comes with the app."),
        ("smollm2-135m-instruct", "It speaks English only"),
        ("google/gemma-3-1b-it", "hf auth login"),
    ],
)
def test_what_a_listed_model_takes_is_told_before_it_is_loaded(name: str, says: str) -> None:
    assert "GiB of memory to answer" in details(name) and says in details(name)


def test_of_a_model_that_is_not_listed_nothing_is_claimed() -> None:
    assert details("somebody/else") == details(None) == ""


CHECKED = dataclasses.replace(
    CHECKED_MODEL,
    record=dataclasses.replace(MODEL_RECORD, trust="plain: its layers are of an unknown kind"),
)


def test_what_a_model_is_like_is_told_with_a_warning_where_its_languages_share_nothing() -> None:
    told = checked_in_words(CHECKED)
    assert "asked as a chat model" in told and "plain, slower way" in told
    assert "<td>9</td><td>5</td><td>0.25</td>" in told
    assert "A vote across them is noise" in told
    fine = dataclasses.replace(
        CHECKED,
        record=dataclasses.replace(MODEL_RECORD, trust="fast"),
        agreement=CommonGround(0.6, 0.4, 0.8, (), 10),
    )
    assert "own numbers" in checked_in_words(fine) and "noise" not in checked_in_words(fine)
