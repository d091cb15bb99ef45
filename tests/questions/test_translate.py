"""A question that lacks a language gets a version in it, from whoever can make one."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from calm.errors import CalmError
from calm.models.interface import Draw, Prompt
from calm.questions.translate import (
    ModelTranslator,
    TranslationCache,
    TranslationFailed,
    check_translation,
    missing_versions,
    translate,
    translate_question,
    translate_text,
    words_alone,
)
from calm.records import Question, TextSource
from tests.fakes import FakeModel

GAS = Question("gas", "en", "Which gas?", ("helium", "oxygen"), 1, "science", "held-out")


SAID = {"ja": "これは"}
"""Words that make a text one of a language with a script of its own."""


class FakeTranslator:
    """Puts the language before each text, or fails, or returns what it was given to return."""

    def __init__(
        self, source: TextSource = "google", fails: bool = False, returns: list[str] | None = None
    ) -> None:
        self.source = source
        self.calls = 0
        self._fails, self._returns = fails, returns

    def translate(self, texts: Sequence[str], from_code: str, to_code: str) -> list[str]:
        self.calls += 1
        if self._fails:
            raise TranslationFailed("not reachable")
        return self._returns or [f"{SAID.get(to_code, to_code)} {text}" for text in texts]


@pytest.fixture
def cache(tmp_path: Path) -> TranslationCache:
    return TranslationCache(tmp_path / "deep" / "translations.sqlite")


def test_a_version_keeps_everything_but_the_words(cache: TranslationCache) -> None:
    made = translate_question(GAS, "fr", [FakeTranslator()], cache)
    assert made == Question(
        "gas", "fr", "fr Which gas?", ("fr helium", "fr oxygen"), 1, "science", "held-out", "google"
    )


@pytest.mark.parametrize(
    ("translated", "reason"),
    [
        (["Quel gaz ?", "hélium"], "another number of texts"),
        (["Quel gaz ?", "hélium", "oxygène", "néon"], "another number of texts"),
        (["Quel gaz ?", "hélium", None], "returned nothing"),
        (["", "hélium", "oxygène"], "returned nothing"),
        (["Quel gaz ?", " \n", "oxygène"], "returned nothing"),
        (["Quel gaz ?", "hélium", "Hélium"], "two choices became the same"),
        (["MYMEMORY WARNING: YOU USED ALL", "hélium", "oxygène"], "notice instead"),
        (["Error 500 (Server Error)!!1500", "hélium", "oxygène"], "notice instead"),
        (["Quel gaz ?" * 300, "hélium", "oxygène"], "far longer"),
        (["Quel gaz \ud83d ?", "hélium", "oxygène"], "surrogates not allowed"),
        (["Quel\x00gaz ?", "hélium", "oxygène"], "control characters"),
    ],
)
def test_what_is_no_translation_is_not_taken_for_one(
    translated: list[str], reason: str, cache: TranslationCache
) -> None:
    with pytest.raises(TranslationFailed, match=reason):
        check_translation(("Which gas?", "helium", "oxygen"), translated, "en", "fr")
    next_one = FakeTranslator("model")
    first = FakeTranslator(returns=translated)
    assert translate_question(GAS, "fr", [first, next_one], cache).source == "model"


def test_a_translation_is_tidied() -> None:
    given = [" Quel\u00a0gaz\r\n?", "\u202bhe\u0301lium\u202c", "« néon »"]
    texts = check_translation(("Which gas?", "helium", "neon"), given, "en", "fr")
    assert texts == ["Quel gaz ?", "hélium", "néon"]


def test_a_text_without_letters_is_not_sent_and_stays_as_it_is(cache: TranslationCache) -> None:
    sent: list[list[str]] = []

    def french(texts: list[str]) -> list[str]:
        sent.append(texts)
        return ["Quel signe ?"]

    texts = ["Which sign?", ">", "<", "42", "٤"]
    translated = words_alone(texts, french)
    assert translated == ["Quel signe ?", *texts[1:]]
    assert sent == [["Which sign?"]]
    assert words_alone([">"], french) == [">"]
    assert len(sent) == 1
    assert check_translation(texts, ["Quel signe ?", None, "", "42", "٤"], "en", "fr") == [
        *("Quel signe ?", ">", "<", "42", "٤")
    ]


def test_a_translation_of_before_that_is_no_good_is_asked_for_again(
    cache: TranslationCache,
) -> None:
    texts = (GAS.text, *GAS.choices)
    cache.put(texts, "en", "fr", "google", ["MYMEMORY WARNING", "hélium", "oxygène"])
    translator = FakeTranslator(returns=["Quel gaz ?", "hélium", "oxygène"])
    for _ in range(2):
        assert translate_question(GAS, "fr", [translator], cache).text == "Quel gaz ?"
    assert translator.calls == 1


def test_where_one_translator_cannot_the_next_is_asked(cache: TranslationCache) -> None:
    first, second = FakeTranslator(fails=True), FakeTranslator("model")
    made = translate_question(GAS, "fr", [first, second], cache)
    assert made.source == "model"
    assert (first.calls, second.calls) == (1, 1)


def test_where_the_first_can_the_next_is_not_asked(cache: TranslationCache) -> None:
    first, second = FakeTranslator(), FakeTranslator("model")
    assert translate_question(GAS, "fr", [first, second], cache).source == "google"
    assert second.calls == 0


def test_where_none_can_the_question_the_language_and_the_reasons_are_named(
    cache: TranslationCache,
) -> None:
    failing = [FakeTranslator(fails=True), FakeTranslator("model", returns=["x", "y", "y"])]
    with pytest.raises(CalmError) as caught:
        translate_question(GAS, "fr", failing, cache)
    assert str(caught.value) == (
        "The question 'Which gas?' could not be put into French (google: not reachable; model: "
        "two choices became the same). Leave this language out, or give the translation yourself."
    )


def test_what_was_translated_once_is_not_asked_for_again(cache: TranslationCache) -> None:
    translator = FakeTranslator()
    first = translate_question(GAS, "fr", [translator], cache)
    assert translate_question(GAS, "fr", [translator], cache) == first
    assert translator.calls == 1


def test_the_cache_outlives_the_program(tmp_path: Path) -> None:
    file = tmp_path / "translations.sqlite"
    first = translate_question(GAS, "fr", [FakeTranslator()], TranslationCache(file))
    later = FakeTranslator(fails=True)
    assert translate_question(GAS, "fr", [later], TranslationCache(file)) == first
    assert later.calls == 0


def test_the_cache_tells_languages_texts_and_models_apart(cache: TranslationCache) -> None:
    translator = FakeTranslator("model")
    other = Question("gas", "en", "Which gas?", ("helium", "neon"), 1)
    for question, code, model in (
        (GAS, "fr", "small"),
        (GAS, "de", "small"),
        (other, "fr", "small"),
        (GAS, "fr", "large"),
        (GAS, "fr", "large"),
    ):
        translate_question(question, code, [translator], cache, model)
    assert translator.calls == 4


def test_a_failure_is_not_kept(cache: TranslationCache) -> None:
    with pytest.raises(CalmError):
        translate_question(GAS, "fr", [FakeTranslator(fails=True)], cache)
    assert translate_question(GAS, "fr", [FakeTranslator()], cache).text == "fr Which gas?"


def test_every_question_is_put_into_every_language_but_its_own(cache: TranslationCache) -> None:
    rows = list(translate([GAS], ("en", "fr", "ja"), [FakeTranslator()], cache))
    assert [row.language for row in rows] == ["fr", "ja"]


def version(code: str, identity: str = "gas") -> Question:
    return Question(identity, code, f"{code}?", ("x", "y"))


def test_what_a_set_lacks_is_translated_from_english_where_there_is_english() -> None:
    groups = {
        "gas": {"fr": version("fr"), "en": version("en")},
        "air": {"fr": version("fr", "air"), "de": version("de", "air")},
    }
    lacking = missing_versions(groups, ("en", "fr", "de"))
    assert [(q.id, q.language, code) for q, code in lacking] == [
        ("gas", "en", "de"),
        ("air", "fr", "en"),
    ]


class TalkativeModel(FakeModel):
    """Goes on after its translation, and keeps what it was asked."""

    def generate(
        self, prompts: Sequence[Prompt], draws: Sequence[Draw], *rest: object
    ) -> list[str]:
        self.prompts = prompts
        return [f" text {n} \nEnglish: more" for n in range(len(prompts))]


def test_the_model_translates_text_by_text_after_examples_in_both_languages() -> None:
    model = TalkativeModel()
    made = ModelTranslator(model).translate(("Which gas?", "helium", "oxygen"), "en", "fr")
    assert made == ["text 0", "text 1", "text 2"]
    first, second, _ = model.prompts
    assert first.text[first.shared :] == "English: Which gas?\nFrench:"
    assert second.text[second.shared :] == "English: helium\nFrench:"
    assert first.text[: first.shared] == second.text[: second.shared]
    assert first.text[: first.shared].count("\nFrench: ") >= 4


def test_a_text_is_translated_line_by_line_and_only_once(cache: TranslationCache) -> None:
    translator = FakeTranslator()
    for _ in range(2):
        text = translate_text("One.\nTwo.\nTwo.", "en", "fr", translator, cache)
        assert text == "fr One.\nfr Two.\nfr Two."
    assert translator.calls == 1


@pytest.mark.parametrize(
    ("text", "returns"), [("x" * 3000, None), ("One.\nTwo.", ["Un."]), ("One.", [" "])]
)
def test_a_text_that_cannot_be_translated_is_told(
    text: str, returns: list[str] | None, cache: TranslationCache
) -> None:
    with pytest.raises(TranslationFailed):
        translate_text(text, "en", "fr", FakeTranslator(returns=returns), cache)
