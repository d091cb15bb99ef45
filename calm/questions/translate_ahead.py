"""One question put into several languages at once: one batch of the model, not one a language.

The model reads its weights for every token that it writes, whether for one text or for thirty.
"""

from collections.abc import Callable, Mapping, Sequence

from calm.models.interface import Draw, LanguageModel
from calm.questions.translate import (
    ModelTranslator,
    TranslationCache,
    Translator,
    translation_draw,
    translation_prompts,
)
from calm.questions.translated_text import first_line, has_words
from calm.records import Question, TextSource


class TranslatedAhead:
    """The model as translator, with the translations of one question there already."""

    source: TextSource = "model"

    def __init__(
        self, model: Translator, question: Question, there: Mapping[str, Sequence[str]]
    ) -> None:
        self._model, self._there = model, there
        self._of = (texts_of(question), question.language)

    def translate(self, texts: Sequence[str], from_code: str, to_code: str) -> list[str]:
        """Return the texts in the other language: from ahead, or else from the model now."""
        if to_code in self._there and self._of == (tuple(texts), from_code):
            return list(self._there[to_code])
        return self._model.translate(texts, from_code, to_code)


def texts_of(question: Question) -> tuple[str, ...]:
    return (question.text, *question.choices)


def asked_of_the_model(
    question: Question,
    codes: Sequence[str],
    translators: Sequence[Translator],
    cache: TranslationCache,
    model_name: str,
) -> list[str]:
    """Return the languages that the model is about to be asked for, where it is asked first."""
    if not translators or not isinstance(translators[0], ModelTranslator):
        return []
    texts, by = texts_of(question), f"model {model_name}"
    return [code for code in codes if not cache.get(texts, question.language, code, by)]


def translated_ahead(
    model: LanguageModel,
    question: Question,
    codes: Sequence[str],
    translators: Sequence[Translator],
    should_stop: Callable[[], bool] = lambda: False,
) -> Sequence[Translator]:
    """Return the translators, the first of which has the question in these languages already.

    The texts are those that the model would give language by language. Stopped, nothing is there.
    """
    here, texts = question.language, texts_of(question)
    sent = [text for text in texts if has_words(text)]
    if not sent:
        return translators
    prompts = [prompt for code in codes for prompt in translation_prompts(sent, here, code)]
    draws: list[Draw] = [translation_draw(sent)] * len(prompts)
    continued = iter(model.generate(prompts, draws, None, should_stop))
    if should_stop():
        return translators
    there = {
        code: [first_line(next(continued)) if has_words(text) else text for text in texts]
        for code in codes
    }
    return [TranslatedAhead(translators[0], question, there), *translators[1:]]
