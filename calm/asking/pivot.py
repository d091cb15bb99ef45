"""Short answers in the pivot language, English, so that languages can be compared.

First the built-in set is asked, whose choices people wrote in eight languages; then a translation
service, where there is a network; then the model itself. A small model translates a word wrongly
more often than not, so its translation counts only if it finds the way back to the same word.
"""

import functools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from calm.config import BUILT_IN
from calm.languages.meaning import Meaning, meaning
from calm.languages.table import LANGUAGES, language
from calm.models.interface import Draw, LanguageModel
from calm.questions.prompts import word_prompt
from calm.questions.sets import by_id, load_questions
from calm.questions.translate import (
    TranslationCache,
    TranslationFailed,
    Translator,
    check_translation,
)
from calm.voting.groups import PIVOT, Pivoted, Words

MOST_TOKENS = 24


def put_into_pivot(
    wanted: Sequence[Words],
    model: LanguageModel,
    services: Sequence[Translator],
    cache: TranslationCache,
    should_stop: Callable[[], bool] = lambda: False,
) -> dict[Words, Pivoted]:
    """Return each wanted answer in the pivot language, or why it could not be put there."""
    found: dict[Words, Pivoted] = {}
    for words in wanted:
        text = built_in_words().get((words[0], meaning(words[1], words[0])))
        if text is not None:
            found[words] = Pivoted(text, "human")
    for service in services:
        if not should_stop():
            _by_service([w for w in wanted if w not in found], service, cache, found)
    _by_model([w for w in wanted if w not in found], model, cache, found, should_stop)
    return found


@functools.cache
def built_in_words() -> Mapping[tuple[str, Meaning], str]:
    """Return the English of every choice of the built-in set that has one English alone."""
    english = defaultdict(list)
    for versions in by_id(load_questions(BUILT_IN, tuple(LANGUAGES))).values():
        for code, version in versions.items():
            if PIVOT in versions and code != PIVOT:
                for choice, there in zip(version.choices, versions[PIVOT].choices, strict=True):
                    english[code, meaning(choice, code)].append(there)
    return {
        said: texts[0]
        for said, texts in english.items()
        if len({meaning(text, PIVOT) for text in texts}) == 1
    }


def _by_service(
    wanted: Sequence[Words],
    service: Translator,
    cache: TranslationCache,
    found: dict[Words, Pivoted],
) -> None:
    for code in dict.fromkeys(code for code, _ in wanted):
        lacking = []
        for text in (text for own, text in wanted if own == code):
            known = cache.get((text,), code, PIVOT, service.source)
            if known:
                found[code, text] = Pivoted(known[0], service.source)
            else:
                lacking.append(text)
        try:
            there = service.translate(lacking, code, PIVOT) if lacking else []
        except TranslationFailed:
            continue  # the next service may, or the model
        for text, translated in zip(lacking, there, strict=True):
            try:
                checked = check_translation([text], [translated], code, PIVOT)
            except TranslationFailed:
                continue
            cache.put((text,), code, PIVOT, service.source, checked)
            found[code, text] = Pivoted(checked[0], service.source)


def _by_model(
    wanted: Sequence[Words],
    model: LanguageModel,
    cache: TranslationCache,
    found: dict[Words, Pivoted],
    should_stop: Callable[[], bool],
) -> None:
    by = f"answers of the model {model.name}"
    lacking = []
    for words in wanted:
        known = cache.get(words[1:], words[0], PIVOT, by)
        if known:
            found[words] = Pivoted(known[0], "model")
        else:
            lacking.append(words)
    there = _translated(model, [(code, PIVOT, text) for code, text in lacking], should_stop)
    ways_back = [(PIVOT, code, text) for (code, _), text in zip(lacking, there, strict=True)]
    back = _translated(model, ways_back, should_stop)
    for words, text, again in zip(lacking, there, back, strict=True):
        found[words] = _checked(words, text, again)
        if found[words].text is not None:
            cache.put(words[1:], words[0], PIVOT, by, [text])


def _translated(
    model: LanguageModel, jobs: Sequence[tuple[str, str, str]], should_stop: Callable[[], bool]
) -> list[str]:
    """Return texts, each (from, to, text), in their other language; an empty one stays empty."""
    asked = [n for n, (_, _, text) in enumerate(jobs) if text]
    prompts = [word_prompt(model, jobs[n][2], jobs[n][0], jobs[n][1]) for n in asked]
    if not prompts or should_stop():
        return [""] * len(jobs)
    drawn = model.generate(prompts, [Draw(MOST_TOKENS)] * len(prompts), None, should_stop)
    texts = [""] * len(jobs)
    for n, text in zip(asked, drawn, strict=True):
        texts[n] = text.strip().split("\n", 1)[0].strip()
    return texts


def _checked(words: Words, there: str, back: str) -> Pivoted:
    """Return the model's translation of an answer, or why it is not to be trusted.

    A name may stay as it is; other words may not: a copy finds its way back too.
    """
    code, text = words
    try:
        check_translation([text], [there], code, PIVOT)
    except TranslationFailed:
        return Pivoted(None, None, "untranslated")
    copied = meaning(there, PIVOT).words in (meaning(text, PIVOT).words, meaning(text, code).words)
    if copied and not (
        text[:1].isupper() and text.isascii() and not language(code).spelling.capital_nouns
    ):
        return Pivoted(None, None, "unchanged")
    if meaning(back, code) != meaning(text, code):
        return Pivoted(None, None, "no way back", (there, back))
    return Pivoted(there, "model")
