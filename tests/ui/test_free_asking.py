"""A question without choices, from the form of the page Ask or a script to its answers."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from calm.asking.free_store import FreeStore
from calm.ballots.box import BallotBox
from calm.config import SamplingConfig
from calm.errors import CalmError
from tests.free_makers import Counting, Unable
from tests.ui.visitors import script
from ui.asking.form import built_in
from ui.asking.free_worker import ask_free, free_order, free_outputs, is_free, read_free_form
from ui.parts.models import Models

FORM = ("How many legs has a spider?", " \n", "en", ["en", "fr"], 2, 0.7, 32, 0)


class Ready(Models):
    """Has its model at once."""

    def __init__(self, model: Any) -> None:
        super().__init__("fake")
        self._model = model
        self._message = ""


@pytest.fixture(autouse=True)
def no_translator(calm_home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from calm.questions import translators

    monkeypatch.setattr(translators, "translators_for", lambda model: [Unable()])


@pytest.fixture
def client() -> Iterator[Client]:
    with script(Ready(Counting())) as served:
        yield served


@pytest.mark.parametrize(
    ("text", "choices", "free"),
    [("Who?", "", True), ("Who?", " \n ", True), ("Who?", "a\nb", False), (" ", "", False)],
)
def test_a_question_without_choices_is_asked_freely(text: str, choices: str, free: bool) -> None:
    assert is_free(text, choices) == free


def test_the_form_without_choices_is_an_order() -> None:
    order = read_free_form(*FORM)  # type: ignore[arg-type]
    assert (order.question.text, order.question.choices) == (FORM[0], ())
    assert order.languages == ("en", "fr")
    assert (order.sampling.num_samples, order.sampling.max_new_tokens) == (2, 32)


def test_the_words_of_a_built_in_question_have_its_translations() -> None:
    versions = built_in()["science-002"]
    order = free_order(versions["fr"].text, "fr", ["fr", "ar"], SamplingConfig())
    assert order.known["ar"].text == versions["ar"].text


def test_without_a_language_nothing_is_asked() -> None:
    with pytest.raises(CalmError, match="No language is chosen"):
        free_order("Who?", "en", [], SamplingConfig())


def test_what_goes_wrong_in_the_thread_is_raised_to_whoever_asked() -> None:
    order = read_free_form(*FORM)  # type: ignore[arg-type]

    class Broken(Counting):
        def generate(self, *args: Any, **kwargs: Any) -> list[str]:
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        list(ask_free(Ready(Broken()), order, threading.Event()))


def test_closing_the_page_stops_the_question() -> None:
    stop = threading.Event()
    asking = ask_free(Ready(Counting()), read_free_form(*FORM), stop)  # type: ignore[arg-type]
    next(asking)
    asking.close()
    assert stop.is_set()


def test_once_it_is_answered_it_can_be_voted_on_and_has_its_link(calm_home: Path) -> None:
    box, store = BallotBox(), FreeStore()
    *growing, last = free_outputs(Ready(Counting()), box, store, threading.Event(), "a" * 32, FORM)
    assert all('data-opinion="up"' not in cards for _, _, cards, _, _ in growing)
    _, opinion, cards, seen, link = last
    assert 'id="ballot-en-up"' in cards
    assert 'data-opinion="not sure"' in opinion
    assert store.find(link.value).asked == seen
    assert set(seen.prompts) == {"en"}


def test_a_script_gets_the_groups_what_could_not_be_compared_and_the_vote(client: Client) -> None:
    told = client.predict(
        built_in()["nature-012"]["en"].text, "en", ["en", "fr", "zh"], 2, api_name="/ask_freely"
    )
    assert told["groups"][0]["count"] == 6
    assert told["vote"]["by_language"] == {"en": 0, "fr": 0, "zh": 0}
    assert [row["answer"] for row in told["responses"]] == [0] * 6
    assert (told["not_compared"], told["left_out"]) == ([], {})


def test_a_script_is_told_what_cannot_be_asked(client: Client) -> None:
    with pytest.raises(AppError, match="No language is chosen"):
        client.predict("Who?", "en", [], 2, api_name="/ask_freely")


def test_a_link_brings_the_groups_back(client: Client) -> None:
    told = client.predict(FORM[0], "en", ["en"], 2, api_name="/ask_freely")
    again = client.predict(told.pop("id"), api_name="/asked_question")
    assert again == told
