"""A question is put into all languages at once, with the texts that each alone would get."""

import re
from pathlib import Path

import pytest

from calm.asking.ask import Order, ask
from calm.asking.asked import Asked
from calm.config import SamplingConfig
from calm.models.interface import Draw, Prompt
from calm.questions.translate import ModelTranslator, TranslationCache
from calm.questions.translate_ahead import TranslatedAhead, asked_of_the_model, translated_ahead
from calm.records import Question
from tests.fakes import FakeModel

BEES = Question("bees", "en", "What do bees make?", ("honey", "42", "milk"), 0)
TEXTS = (BEES.text, *BEES.choices)


class Speller(FakeModel):
    """Translates a text by naming the language that it is put into."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[int] = []

    def generate(self, prompts: list[Prompt], draws: list[Draw], *rest: object) -> list[str]:  # type: ignore[override]
        self.rows.append(len(prompts))
        return super().generate(prompts, draws, *rest)  # type: ignore[arg-type]

    def _answer(self, prompt: Prompt, draw: Draw, adapter: Path | None) -> str:
        found = re.search(r"(\w+): (.*)\n(\w+):$", prompt.text)
        if prompt.choices or found is None:
            return super()._answer(prompt, draw, adapter)
        return f" {found[2]} auf {found[3]}\nand on and on"


def test_the_texts_are_those_of_one_language_after_the_other() -> None:
    model, alone = Speller(), ModelTranslator(Speller())
    first, second = translated_ahead(
        model, BEES, ["fr", "de"], [ModelTranslator(model), ModelTranslator(model)]
    )
    assert isinstance(first, TranslatedAhead) and isinstance(second, ModelTranslator)
    for code in ("fr", "de"):
        expected = alone.translate(TEXTS, "en", code)
        assert first.translate(TEXTS, "en", code) == expected
        assert expected[1:3] == [f"honey auf {'French' if code == 'fr' else 'German'}", "42"]
    assert model.rows == [6]  # one batch; 42 has no words and is not sent


def test_what_was_not_done_ahead_is_asked_for_now() -> None:
    model = Speller()
    (ahead,) = translated_ahead(model, BEES, ["fr", "de"], [ModelTranslator(model)])
    assert ahead.translate(TEXTS, "en", "es")[1] == "honey auf Spanish"
    assert ahead.translate(["bread"], "en", "fr") == ["bread auf French"]
    assert model.rows == [6, 3, 1]


def test_stopped_in_the_middle_nothing_of_it_is_taken_for_a_translation() -> None:
    model, alone = Speller(), ModelTranslator(Speller())
    assert translated_ahead(model, BEES, ["fr", "de"], [alone], lambda: True) == [alone]


def test_numbers_alone_are_not_sent() -> None:
    model = Speller()
    alone = ModelTranslator(model)
    numbers = Question("n", "en", "7 x 6 = ?", ("42", "43"))
    assert translated_ahead(model, Question("n", "en", "42", ()), ["fr"], [alone]) == [alone]
    translated_ahead(model, numbers, ["fr"], [alone])
    assert model.calls <= 1


@pytest.mark.parametrize("kept", [(), ("fr",), ("fr", "de")])
def test_what_is_kept_from_before_is_not_asked_for(tmp_path: Path, kept: tuple[str, ...]) -> None:
    cache = TranslationCache(tmp_path / "t.sqlite")
    for code in kept:
        cache.put(TEXTS, "en", code, "model fake", [f"{text} {code}" for text in TEXTS])
    alone = ModelTranslator(FakeModel())
    asked = asked_of_the_model(BEES, ["fr", "de"], [alone], cache, "fake")
    assert asked == [code for code in ("fr", "de") if code not in kept]
    assert asked_of_the_model(BEES, ["fr", "de"], [], cache, "fake") == []


def test_asking_takes_one_batch_to_translate_and_one_to_answer(tmp_path: Path) -> None:
    model, seen = Speller(), list[Asked]()
    order = Order(BEES, {"en": BEES}, ("en", "fr", "de", "es"), SamplingConfig(num_samples=2))
    cache = TranslationCache(tmp_path / "t.sqlite")
    asked = ask(model, order, [ModelTranslator(model)], cache, seen.append)
    languages = [version.language for version in asked.versions]
    assert model.rows == [9, 2 * len(languages)]
    assert seen[0].step == "translating" and seen[0].at.split(",") == ["fr", "de", "es"]
    assert {v.source for v in asked.versions if v.language != "en"} <= {"model"}
    again = ask(model, order, [ModelTranslator(model)], cache)
    assert [v.text for v in again.versions] == [v.text for v in asked.versions]
