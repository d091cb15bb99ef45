"""One question through a model in a thread, and the form it comes from."""

import threading
from pathlib import Path
from typing import Any

import pytest

from calm.config import SamplingConfig
from calm.errors import CalmError
from calm.questions.translate import TranslationFailed
from tests.fakes import FakeModel
from tests.ui.visitors import reader
from ui.asking.form import DISAGREED, built_in, find_question, order_for
from ui.asking.worker import Order, ask
from ui.text.words import INTERFACE_LANGUAGES, words_of


class Holder:
    """Has a model ready at once, or never."""

    name = called = "fake"

    def __init__(self, model: FakeModel | None) -> None:
        self._model = model

    def message(self) -> str:
        return "" if self._model else "The model fake is loading."

    def get(self, should_stop: Any) -> FakeModel | None:
        while self._model is None and not should_stop():
            pass
        return self._model


class Unable:
    """A translator that has no words."""

    source = "model"

    def translate(self, texts: Any, from_code: str, to_code: str) -> list[str]:
        raise TranslationFailed("no words")


@pytest.fixture(autouse=True)
def no_translator(calm_home: Path, monkeypatch: pytest.MonkeyPatch):
    from calm.questions import translators

    monkeypatch.setattr(translators, "translators_for", lambda model: [Unable()])


def order(*languages: str, text: str = "", identity: str = "science-001") -> Order:
    versions = built_in()[identity]
    question = versions["en"]
    return order_for(
        text or question.text, question.choices, "en", languages, SamplingConfig(num_samples=2)
    )


def asked(model: FakeModel, what: Order):
    *_, last = ask(Holder(model), what, threading.Event())  # type: ignore[arg-type]
    return last


def test_every_language_answers_as_often_as_asked_and_the_vote_counts_all():
    seen = asked(FakeModel(), order("en", "fr", "ar"))
    assert seen.phase == "done"
    assert [r.language for r in seen.responses] == ["en", "en", "fr", "fr", "ar", "ar"]
    assert seen.vote is not None
    assert sum(seen.vote.counts) + seen.vote.unreadable == 6


def test_a_language_that_nobody_can_translate_into_is_left_out_with_its_reason():
    seen = asked(FakeModel(), order("en", "sw"))
    assert [q.language for q in seen.versions] == ["en"]
    assert "no words" in seen.left_out["sw"]
    assert seen.phase == "done"


def test_without_any_language_left_there_is_no_vote():
    seen = asked(FakeModel(), order("sw"))
    assert (seen.phase, seen.vote) == ("stopped", None)


def test_what_goes_wrong_in_the_thread_is_raised_to_whoever_asked():
    with pytest.raises(RuntimeError, match="as it was told to"):
        asked(FakeModel(fails_at=1), order("en", "fr"))


def test_while_the_model_loads_the_question_waits_and_can_be_stopped():
    stop = threading.Event()
    asking = ask(Holder(None), order("en"), stop)  # type: ignore[arg-type]
    assert next(asking).message == "The model fake is loading."
    stop.set()
    *_, last = asking
    assert last.phase == "stopped"


def test_closing_the_page_stops_the_question():
    stop = threading.Event()
    asking = ask(Holder(None), order("en"), stop)  # type: ignore[arg-type]
    next(asking)
    asking.close()
    assert stop.is_set()


def test_a_typed_question_that_is_in_the_set_has_all_its_translations():
    _, known = find_question(
        built_in()["science-001"]["fr"].text, built_in()["science-001"]["fr"].choices, "fr"
    )
    assert set(known) >= {"en", "zh", "fr", "de", "it", "ja", "es", "ar"}


def test_a_typed_question_stands_alone():
    question, known = find_question("What do cows give?", ["milk", "", " wine "], "en")
    assert question.choices == ("milk", "wine")
    assert list(known) == ["en"]


@pytest.mark.parametrize(
    ("text", "choices", "says"),
    [
        (" ", ["a", "b"], "no question yet"),
        ("What?", ["a"], "at least two choices"),
        ("What?", ["a", "a"], "the same"),
    ],
)
def test_a_question_that_cannot_be_asked_says_why(text: str, choices: list[str], says: str):
    with pytest.raises(CalmError, match=says):
        find_question(text, choices, "en")


def test_without_a_language_nothing_is_asked():
    with pytest.raises(CalmError, match="No language is chosen"):
        order()


def test_the_examples_are_questions_of_the_built_in_set_in_every_language_of_the_interface():
    assert len(set(DISAGREED)) == len(DISAGREED)
    for identity in DISAGREED:
        versions = built_in()[identity]
        assert set(INTERFACE_LANGUAGES) <= set(versions)
        assert max(len(versions[code].text) for code in INTERFACE_LANGUAGES) <= 60


def test_what_is_being_done_is_said_in_the_language_of_the_request(
    monkeypatch: pytest.MonkeyPatch,
):
    english = words_of("en")
    monkeypatch.setattr(
        "ui.text.words.words_of", lambda code: {**english, "ask.no-language-left": f"in {code}"}
    )
    with reader("de"):
        assert asked(FakeModel(), order("sw")).message == "in de"
