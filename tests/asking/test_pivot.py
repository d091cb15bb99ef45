"""Answers come into English: from the built-in set, a service, or the model, if it finds back."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from calm.asking.pivot import put_into_pivot
from calm.models.interface import Draw, OnText, Prompt
from calm.questions.translate import TranslationCache, TranslationFailed
from calm.voting.groups import Pivoted
from tests.fakes import FakeModel

TWO_WAYS = {
    "Eichhörnchen": "squirrel",
    "squirrel": "das Eichhörnchen",
    "Quark": "cheese",
    "cheese": "Käse",
    "Zweig": "Zweig",
    "Bergen": "Bergen",
}


class Bilingual(FakeModel):
    """Translates the words that it knows, and counts how often it is asked."""

    def generate(
        self,
        prompts: Sequence[Prompt],
        draws: Sequence[Draw],
        on_text: OnText | None = None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> list[str]:
        self.calls += 1
        asked = [prompt.text.splitlines()[-2].partition(": ")[2] for prompt in prompts]
        return [f" {TWO_WAYS.get(text, '')}\n" for text in asked]


class Service:
    source = "google"

    def __init__(self, words: dict[str, str]) -> None:
        self.words = words
        self.calls = 0

    def translate(self, texts: Sequence[str], from_code: str, to_code: str) -> list[str]:
        self.calls += 1
        if not self.words:
            raise TranslationFailed("no network")
        return [self.words[text] for text in texts]


@pytest.fixture
def cache(tmp_path: Path) -> TranslationCache:
    return TranslationCache(tmp_path / "translations.sqlite")


def test_what_the_built_in_set_says_needs_no_translator(cache: TranslationCache) -> None:
    service, model = Service({}), Bilingual()
    found = put_into_pivot([("fr", "l'éléphant"), ("zh", "巴黎")], model, [service], cache)
    assert found == {
        ("fr", "l'éléphant"): Pivoted("elephant", "human"),
        ("zh", "巴黎"): Pivoted("Paris", "human"),
    }
    assert (service.calls, model.calls) == (0, 0)


def test_a_service_translates_the_answers_of_a_language_at_once_and_only_once(
    cache: TranslationCache,
) -> None:
    service = Service({"Eichhörnchen": "squirrel", "Igel": "hedgehog"})
    wanted = [("de", "Eichhörnchen"), ("de", "Igel")]
    for _ in range(2):
        found = put_into_pivot(wanted, Bilingual(), [service], cache)
    assert found["de", "Igel"] == Pivoted("hedgehog", "google")
    assert service.calls == 1


def test_where_no_service_is_reached_the_model_translates_there_and_back(
    cache: TranslationCache,
) -> None:
    model = Bilingual()
    for _ in range(2):
        found = put_into_pivot([("de", "Eichhörnchen")], model, [Service({})], cache)
    assert found == {("de", "Eichhörnchen"): Pivoted("squirrel", "model")}
    assert model.calls == 2


@pytest.mark.parametrize(
    ("code", "text", "found"),
    [
        ("de", "Quark", Pivoted(None, None, "no way back", ("cheese", "Käse"))),
        ("de", "Zweig", Pivoted(None, None, "unchanged")),
        ("fr", "Bergen", Pivoted("Bergen", "model")),
        ("de", "Wumms", Pivoted(None, None, "untranslated")),
    ],
)
def test_the_model_is_trusted_only_where_it_finds_back_to_the_word(
    cache: TranslationCache, code: str, text: str, found: Pivoted
) -> None:
    assert put_into_pivot([(code, text)], Bilingual(), [], cache) == {(code, text): found}


def test_asked_to_stop_nothing_more_is_translated(cache: TranslationCache) -> None:
    service, model = Service({}), Bilingual()
    put_into_pivot([("de", "Igel")], model, [service], cache, lambda: True)
    assert (service.calls, model.calls) == (0, 0)
