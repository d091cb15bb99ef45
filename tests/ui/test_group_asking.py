"""A question without choices, as a script asks it."""

from collections.abc import Iterator
from typing import Any

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from tests.free_makers import Counting, Unable
from tests.ui.visitors import script
from ui.asking.form import built_in
from ui.parts.models import Models

LEGS = "How many legs has a spider?"


class Ready(Models):
    """Has its model at once."""

    def __init__(self, model: Any) -> None:
        super().__init__("fake")
        self._model = model
        self._message = ""


@pytest.fixture
def client(calm_home: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setattr(
        "calm.questions.translators.translators_for", lambda model, online: [Unable()]
    )
    with script(Ready(Counting())) as served:
        yield served


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
    told = client.predict(LEGS, "en", ["en"], 2, api_name="/ask_freely")
    again = client.predict(told.pop("id"), api_name="/asked_question")
    assert again == told


def test_without_choices_both_endpoints_answer_alike(client: Client) -> None:
    freely = client.predict(LEGS, "en", ["en", "fr"], 2, api_name="/ask_freely")
    asked = client.predict(LEGS, [], "en", ["en", "fr"], 2, api_name="/ask")
    assert asked == freely
    assert (asked["phase"], asked["message"], len(asked["prompts"])) == ("done", "", 2)
