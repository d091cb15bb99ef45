"""One question through a model in a thread, and the form it comes from."""

import threading
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from calm.asking.ask import Order
from calm.asking.store import AskedStore
from calm.ballots.box import BallotBox
from calm.config import SamplingConfig
from calm.errors import CalmError
from calm.languages.table import LANGUAGES
from tests.fakes import FakeModel
from tests.free_makers import Counting, Unable
from tests.ui.visitors import reader
from ui.asking.form import (
    DISAGREED,
    OPENING,
    _speak,
    built_in,
    find_question,
    first_languages,
    order_for,
    read_form,
    with_choices,
)
from ui.asking.panel import progress, vote_panel
from ui.asking.replay import find_asked, kept
from ui.asking.voters import answered
from ui.asking.worker import ask
from ui.text.words import INTERFACE_LANGUAGES, words_of


class Holder:
    """Has a model ready at once, or never."""

    name = called = "fake"

    def __init__(self, model: FakeModel | None) -> None:
        self._model = model

    def message(self) -> str:
        return "" if self._model else "The model fake is loading."

    def in_use(self) -> AbstractContextManager[None]:
        return nullcontext()

    def get(self, should_stop: Any) -> FakeModel | None:
        while self._model is None and not should_stop():
            pass
        return self._model


@pytest.fixture(autouse=True)
def no_translator(calm_home: Path, monkeypatch: pytest.MonkeyPatch):
    from calm.questions import translators

    monkeypatch.setattr(translators, "translators_for", lambda model, online: [Unable()])


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
    assert seen.step == "done"
    assert [r.language for r in seen.responses] == ["en", "en", "fr", "fr", "ar", "ar"]
    assert seen.vote is not None
    assert sum(seen.vote.counts) + seen.vote.unreadable == 6


def test_a_language_that_nobody_can_translate_into_is_left_out_with_its_reason():
    seen = asked(FakeModel(), order("en", "sw"))
    assert [q.language for q in seen.versions] == ["en"]
    assert "no words" in str(seen.left_out["sw"])
    assert seen.step == "done"


def test_without_any_language_left_there_is_no_vote():
    seen = asked(FakeModel(), order("sw"))
    assert (seen.step, seen.vote) == ("nowhere", None)


def test_what_goes_wrong_in_the_thread_is_raised_to_whoever_asked():
    with pytest.raises(RuntimeError, match="as it was told to"):
        asked(FakeModel(fails_at=1), order("en", "fr"))


def test_while_the_model_loads_the_question_waits_and_can_be_stopped():
    stop = threading.Event()
    asking = ask(Holder(None), order("en"), stop)  # type: ignore[arg-type]
    assert "The model fake is loading." in vote_panel(next(asking), Holder(None).message())
    stop.set()
    *_, last = asking
    assert last.step == "stopped"


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
        "ui.text.words.words_of", lambda code: {**english, "ask.step.nowhere": f"in {code}"}
    )
    with reader("de"):
        assert progress(asked(FakeModel(), order("sw"))) == "in de"


FREE_FORM: dict[str, Any] = {
    "text": "How many legs has a spider?",
    "choices": " \n",
    "language": "en",
    "languages": ["en", "fr"],
    "num_samples": 2,
    "temperature": 0.7,
    "max_new_tokens": 32,
    "seed": 0,
    "translate_online": False,
}
BEES_FORM = {**FREE_FORM, "text": "What do bees make?", "choices": "honey\nmilk"}


@pytest.mark.parametrize("code", INTERFACE_LANGUAGES)
def test_an_empty_form_asks_the_question_that_it_shows(code: str):
    shown, known = words_of(code), built_in()[OPENING]
    assert shown["pick.text.placeholder"] == known[code].text
    assert str(shown["pick.choices.placeholder"]).split("\n") == [*known[code].choices]
    with reader(code):
        wanted = read_form({**FREE_FORM, "text": " ", "choices": None})
    assert (wanted.question, wanted.known) == (known[code], known)


def test_choices_of_a_question_that_was_typed_over_are_not_asked():
    known = built_in()[OPENING]["en"]
    came_with = {"filled": known.text, "choices": "\n".join(known.choices)}
    assert read_form({**FREE_FORM, **came_with}).question.choices == ()
    assert read_form({**FREE_FORM, **came_with, "text": known.text}).question == known
    own = read_form({**FREE_FORM, **came_with, "choices": "six\neight"})
    assert own.question.choices == ("six", "eight")


def test_choices_without_a_question_ask_nothing():
    with pytest.raises(CalmError, match="no question yet"):
        read_form({**FREE_FORM, "text": " ", "choices": "honey\nmilk"})


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_reader_s_own_language_is_among_the_six_that_are_asked_first(code: str):
    assert code in first_languages(code)
    assert len(set(first_languages(code))) == 6


@pytest.mark.parametrize(
    ("accepted", "added"), [("pt-BR,en;q=0.8", "pt"), ("xx", "ar"), ("", "ar")]
)
def test_a_page_that_is_opened_asks_in_the_browser_s_language_too(accepted: str, added: str):
    request = SimpleNamespace(query_params={}, headers={"accept-language": accepted})
    with reader(accepted):
        *_, languages = _speak(request)  # type: ignore[arg-type]
    assert languages.value == ["en", "zh", "fr", "de", "es", added]


@pytest.mark.parametrize("online", [False, True])
def test_the_form_says_whether_texts_may_be_sent_to_a_service(online: bool):
    assert read_form({**FREE_FORM, "translate_online": online}).translate_online is online


def test_a_form_without_choices_asks_for_short_answers():
    wanted = read_form(FREE_FORM)
    assert (wanted.question.text, wanted.question.choices) == (FREE_FORM["text"], ())
    assert wanted.languages == ("en", "fr")
    assert (wanted.sampling.num_samples, wanted.sampling.max_new_tokens) == (2, 32)
    with pytest.raises(CalmError, match="at least two choices"):
        with_choices(wanted)


def test_the_words_of_a_built_in_question_have_its_translations_without_choices_too():
    versions = built_in()["science-002"]
    known = order_for(versions["fr"].text, [], "fr", ["fr", "ar"], SamplingConfig()).known
    assert known["ar"].text == versions["ar"].text


def test_without_choices_what_goes_wrong_in_the_thread_is_raised_to_whoever_asked():
    class Broken(Counting):
        def generate(self, *args: Any, **kwargs: Any) -> list[str]:
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        asked(Broken(), read_form(FREE_FORM))


@pytest.mark.parametrize(
    ("model", "form"),
    [(FakeModel(), BEES_FORM), (Counting(), FREE_FORM)],
    ids=["with", "none"],
)
def test_once_it_is_answered_it_can_be_voted_on_and_has_its_link(
    calm_home: Path, model: FakeModel, form: dict[str, Any]
):
    box, store = BallotBox(), AskedStore()
    wanted = read_form({**form, "languages": ["en"]})
    seen = asked(model, wanted)
    vote, opinion, cards = answered(box, seen, "a" * 32)
    assert 'class="banner"' in vote
    assert ('id="ballot-en-up"' in cards) == (seen.own("en") is not None)
    assert ('data-opinion="not sure"' in opinion) == (seen.winner is not None)
    again = find_asked(store, kept(store, seen))
    assert (again.responses, again.prompts, again.options) == (
        *(seen.responses, seen.prompts, seen.options),
    )
    assert all(again.prompts)
