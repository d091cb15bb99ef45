"""Stage `translate`: a question that lacks a language gets a version in it.

Through a translation service where there is a network, through the model itself (few-shot) where
there is none; which of the two is kept as the version's `source`. What was translated once is
kept in SQLite and not asked for again.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from calm.errors import CalmError
from calm.languages.table import language
from calm.messages import LanguageName, Message, message, one_after_another
from calm.models.interface import Draw, LanguageModel, Prompt
from calm.questions.prompts import examples
from calm.questions.rows import MAX_TEXT, clean_text
from calm.questions.translated_text import first_line, has_words, tidied
from calm.questions.translation_checks import fault
from calm.records import Question, TextSource

HUMAN: TextSource = "human"
"""What a person's own translations are kept under."""


class TranslationFailed(Exception):
    """This translator could not do it; the next one may."""

    def __init__(self, reason: Message | str) -> None:
        self.reason = reason
        super().__init__(reason)


class Translator(Protocol):
    """Turns texts of one language into another."""

    @property
    def source(self) -> TextSource: ...

    def translate(self, texts: Sequence[str], from_code: str, to_code: str) -> list[str]:
        """Return the texts in the other language; raises TranslationFailed where it cannot."""
        ...


def translate(
    questions: Sequence[Question],
    languages: Sequence[str],
    translators: Sequence[Translator],
    cache: "TranslationCache",
    model_name: str = "",
) -> Iterator[Question]:
    """Yield each question in every one of `languages`, its own left out.

    Raises CalmError, naming question and language, where no translator could do it.
    """
    for question in questions:
        for code in languages:
            if code != question.language:
                yield translate_question(question, code, translators, cache, model_name)


def translate_question(
    question: Question,
    code: str,
    translators: Sequence[Translator],
    cache: "TranslationCache",
    model_name: str = "",
) -> Question:
    """Return the question in language `code`: as a person put it, else from the cache or from the
    first translator able.

    Raises CalmError, naming the question, the language and each reason, where none is.
    """
    texts = (question.text, *question.choices)
    if by_person := _by_person(texts, question.language, code, cache):
        return translated_version(question, code, by_person, "human")
    reasons = []
    for translator in translators:
        by = translator.source if translator.source != "model" else f"model {model_name}"
        try:
            checked = _known_or_new(texts, question.language, code, by, translator, cache)
        except TranslationFailed as failure:
            reasons.append(
                message("translator.failed", translator=translator.source, reason=failure.reason)
            )
            continue
        return translated_version(question, code, checked, translator.source)
    raise CalmError(
        "question.untranslated",
        question=repr(question.text[:60]),
        language=LanguageName(code),
        reasons=one_after_another(reasons),
    )


def translated_version(
    question: Question, code: str, texts: Sequence[str], source: TextSource
) -> Question:
    """Return the question in language `code` with these texts, its own and its choices'."""
    return replace(question, language=code, text=texts[0], choices=tuple(texts[1:]), source=source)


def _by_person(
    texts: Sequence[str], from_code: str, to_code: str, cache: "TranslationCache"
) -> list[str] | None:
    """Return what a person gave as the translation once; nobody else's is taken then."""
    known = cache.get(texts, from_code, to_code, HUMAN)
    return known if known and len(known) == len(texts) else None


def translate_text(
    text: str, from_code: str, to_code: str, translator: Translator, cache: "TranslationCache"
) -> str:
    """Return a text in another language, line by line, from the cache or from the translator.

    Raises TranslationFailed where the translator cannot do it.
    """
    lines = text.split("\n")
    if len(text) > MAX_TEXT:
        raise TranslationFailed(message("translator.text-too-long", length=len(text)))
    translated = _known_or_new(
        lines, from_code, to_code, translator.source, translator, cache, True
    )
    return "\n".join(translated)


def translated_by(
    services: Sequence[Translator], cache: "TranslationCache"
) -> Callable[[str, str, str], tuple[str, TextSource] | None]:
    """Return what puts a text into another language by the first service able, and says which.

    What it returns gets the text, its language and the other one, and returns `None` where no
    service can do it.
    """

    def translated(text: str, from_code: str, to_code: str) -> tuple[str, TextSource] | None:
        for service in services:
            with suppress(TranslationFailed):
                return translate_text(text, from_code, to_code, service, cache), service.source
        return None

    return translated


def _known_or_new(
    texts: Sequence[str],
    from_code: str,
    to_code: str,
    by: str,
    translator: Translator,
    cache: "TranslationCache",
    one_by_one: bool = False,
) -> list[str]:
    """Return good translations, those from before or else new ones, which are kept.

    What was kept is looked at again: it may be from a time when less was refused. `one_by_one`
    checks texts that are no question with its choices. Raises TranslationFailed.
    """
    check = _check_lines if one_by_one else check_translation
    known = cache.get(texts, from_code, to_code, by)
    if known:
        try:
            return check(texts, known, from_code, to_code)
        except TranslationFailed:
            pass  # asked for again
    checked = check(texts, translator.translate(texts, from_code, to_code), from_code, to_code)
    cache.put(texts, from_code, to_code, by, checked)
    return checked


def _check_lines(
    lines: Sequence[str], translated: Sequence[str | None], from_code: str, to_code: str
) -> list[str]:
    if len(translated) != len(lines):
        raise TranslationFailed(message("translation.other-count"))
    both = zip(lines, translated, strict=True)
    return [check_translation([line], [new], from_code, to_code)[0] for line, new in both]


def check_translation(
    texts: Sequence[str], translated: Sequence[str | None], from_code: str, to_code: str
) -> list[str]:
    """Return the translations, tidied; raises TranslationFailed where they cannot be used.

    A text without letters stays as it is where nothing came for it.
    """
    if len(translated) != len(texts):
        raise TranslationFailed(message("translation.other-count"))
    try:
        tidy = [_tidied(t, g) for t, g in zip(texts, translated, strict=True)]
    except CalmError as error:
        raise TranslationFailed(error.message) from None
    except UnicodeEncodeError as error:
        raise TranslationFailed(str(error)) from None
    if reason := fault(texts, tidy, from_code, to_code):
        raise TranslationFailed(reason)
    return tidy


def _tidied(text: str, given: str | None) -> str:
    tidy = tidied(given, text) if isinstance(given, str) else ""
    if not tidy and not has_words(text):
        return text
    if not tidy:
        raise TranslationFailed(message("translation.nothing"))
    if len(tidy) > MAX_TEXT:
        raise TranslationFailed(message("translation.too-long"))
    tidy.encode()  # half a surrogate pair is no text
    return clean_text(tidy, "text")


def words_alone(
    texts: Sequence[str], translated: Callable[[list[str]], Sequence[str]]
) -> list[str]:
    """Return the texts translated, those without letters (`>`, 42) as they are and not sent."""
    sent = [text for text in texts if has_words(text)]
    returned = iter(translated(sent) if sent else ())
    return [next(returned) if has_words(text) else text for text in texts]


class ModelTranslator:
    """The language model itself, shown the worked examples in both languages."""

    source: TextSource = "model"

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    def translate(self, texts: Sequence[str], from_code: str, to_code: str) -> list[str]:
        return words_alone(texts, partial(self._continued, from_code, to_code))

    def _continued(self, from_code: str, to_code: str, texts: list[str]) -> list[str]:
        prompts = translation_prompts(texts, from_code, to_code)
        continued = self._model.generate(prompts, [translation_draw(texts)] * len(prompts))
        return [first_line(text) for text in continued]


def translation_prompts(texts: Sequence[str], from_code: str, to_code: str) -> list[Prompt]:
    """Return the prompts that ask a base model for each text in the other language."""
    shared = _parallel_examples(from_code, to_code)
    here, there = language(from_code).name, language(to_code).name
    return [Prompt(f"{shared}{here}: {text}\n{there}:", len(shared)) for text in texts]


def translation_draw(texts: Sequence[str]) -> Draw:
    """Return how translations of these texts are drawn: greedily, with room for the longest."""
    longest = 24 + 3 * max(len(text.split()) + len(text) // 8 for text in texts)
    return Draw(min(longest, 256))


def _parallel_examples(from_code: str, to_code: str) -> str:
    here, there = language(from_code).name, language(to_code).name
    lines = []
    for source, target in zip(examples(from_code), examples(to_code), strict=True):
        texts = [(source.text, target.text), (source.choices[0], target.choices[0])]
        lines += [f"{here}: {a}\n{there}: {b}\n\n" for a, b in texts]
    return "".join(lines)


class TranslationCache:
    """Translations kept in SQLite, by their texts, languages and translator."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        with closing(self._open()) as db, db:
            db.execute(
                "CREATE TABLE IF NOT EXISTS translations (texts TEXT, from_code TEXT, to_code TEXT,"
                " translator TEXT, translated TEXT, PRIMARY KEY (texts, from_code, to_code,"
                " translator))"
            )

    def get(self, texts: Sequence[str], from_code: str, to_code: str, by: str) -> list[str] | None:
        with closing(self._open()) as db:
            row = db.execute(
                "SELECT translated FROM translations WHERE texts = ? AND from_code = ?"
                " AND to_code = ? AND translator = ?",
                ("\n".join(texts), from_code, to_code, by),
            ).fetchone()
        return row[0].split("\n") if row else None

    def put(
        self, texts: Sequence[str], from_code: str, to_code: str, by: str, translated: Sequence[str]
    ) -> None:
        with closing(self._open()) as db, db:
            db.execute(
                "INSERT OR REPLACE INTO translations VALUES (?, ?, ?, ?, ?)",
                ("\n".join(texts), from_code, to_code, by, "\n".join(translated)),
            )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=30)


def missing_versions(
    groups: Mapping[str, Mapping[str, Question]], languages: Sequence[str]
) -> list[tuple[Question, str]]:
    """Return (original, language) for every version that a set lacks."""
    return [
        (original_of(versions), code)
        for versions in groups.values()
        for code in languages
        if code not in versions
    ]


def original_of(versions: Mapping[str, Question]) -> Question:
    """Return the version that others are translated from: the English one, where an author wrote
    it, else the first that one did."""
    own = {c: q for c, q in versions.items() if q.source == "original"} or versions
    return own.get("en") or next(iter(own.values()))
