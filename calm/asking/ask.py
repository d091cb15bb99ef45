"""One question through the model, with choices or without: translate, draw, read, vote."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from calm.answers.choice import extract
from calm.answers.sample import draw_responses
from calm.asking.asked import Asked, voted
from calm.asking.pivot import put_into_pivot
from calm.config import SamplingConfig
from calm.errors import CalmError
from calm.messages import Message
from calm.models.interface import LanguageModel, Prompt
from calm.paths import calm_home
from calm.questions.passages import TextFolder, behind, find
from calm.questions.prompts import choice_order, prompt_for
from calm.questions.translate import (
    TranslationCache,
    Translator,
    translate_question,
    translated_by,
)
from calm.questions.translate_ahead import asked_of_the_model, translated_ahead
from calm.records import Question, Response
from calm.voting.groups import group_answers, read_all, untranslated


@dataclass(frozen=True)
class Order:
    """What to ask: a question, the versions of it that exist, and how to draw responses."""

    question: Question
    """With choices, or with none: then short answers are put into groups that say the same."""
    known: Mapping[str, Question]
    languages: tuple[str, ...]
    sampling: SamplingConfig
    translate_online: bool = False
    """Whether texts may be sent to a translation service (`calm.config`)."""
    texts: TextFolder | None = None
    """Where passages are looked up that stand before the question; `None` asks without."""


def ask(
    model: LanguageModel,
    order: Order,
    translators: Sequence[Translator] | None = None,
    cache: TranslationCache | None = None,
    show: Callable[[Asked], None] = lambda asked: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Asked:
    """Ask a question in several languages; return what each answered, and the vote.

    A language that the question cannot be put into is left out, and said. Without `translators`
    and `cache` those are taken that every run has. `show` gets what is there as it grows.
    """

    def show_one(seen: tuple[Asked, ...]) -> None:
        show(seen[0])

    (asked,) = ask_each(model, order, {}, translators, cache, show_one, should_stop)
    return asked


def ask_each(
    model: LanguageModel,
    order: Order,
    adapters: Mapping[str, Path | None],
    translators: Sequence[Translator] | None = None,
    cache: TranslationCache | None = None,
    show: Callable[[tuple[Asked, ...]], None] = lambda seen: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> tuple[Asked, ...]:
    """Ask the model with each of several adapters; return one result an adapter.

    `adapters` are folders, `None` for the base model, by what the model is called with each.
    All are asked the same prompts with the same seeds, in one batch. With no adapters the model
    answers as it is, under its own name.
    """
    if translators is None:
        from calm.questions.translators import translators_for

        translators = translators_for(model, order.translate_online)
    cache = cache or TranslationCache(calm_home() / "translations.sqlite")
    asking = _Asking(model, order, adapters, translators, cache, show, should_stop)
    asking.translate()
    asking.look_up()
    asking.draw()
    return asking.ended()


class _Asking:
    """The work of one question, and what is there of it, one record for each that answers."""

    def __init__(
        self,
        model: LanguageModel,
        order: Order,
        adapters: Mapping[str, Path | None],
        translators: Sequence[Translator],
        cache: TranslationCache,
        show: Callable[[tuple[Asked, ...]], None],
        should_stop: Callable[[], bool],
    ) -> None:
        self._model, self._order, self._adapters = model, order, adapters
        self._translators, self._cache = translators, cache
        self._show, self._should_stop = show, should_stop
        self._seen = tuple(
            Asked("waiting", name, sampling=order.sampling) for name in adapters or [model.name]
        )

    def translate(self) -> None:
        """Put the question into every language."""
        asked, versions = self._order.question, list[Question]()
        left_out: dict[str, Message | str] = {}
        translators = self._translated_ahead()
        for code in self._order.languages:
            if self._should_stop():
                return
            version = asked if code == asked.language else self._order.known.get(code)
            try:
                if version is None:
                    self._now(step="translating", at=code)
                    name = self._model.name
                    version = translate_question(asked, code, translators, self._cache, name)
                versions.append(_same_question(version, asked))
            except CalmError as error:
                left_out[code] = error.message
            self._now(versions=tuple(versions), left_out=dict(left_out))

    def _translated_ahead(self) -> Sequence[Translator]:
        """Return the translators; where the model is the first, it has done all languages at once.

        There `at` names them all.
        """
        asked, order = self._order.question, self._order
        lacking = [c for c in order.languages if c != asked.language and c not in order.known]
        codes = asked_of_the_model(asked, lacking, self._translators, self._cache, self._model.name)
        if len(codes) < 2 or self._should_stop():
            return self._translators
        self._now(step="translating", at=",".join(codes))
        return translated_ahead(self._model, asked, codes, self._translators, self._should_stop)

    def look_up(self) -> None:
        """Look passages up for every version; in English, too, where that version is known."""
        texts, versions = self._order.texts, self._seen[0].versions
        if texts is None or not versions or self._should_stop():
            return
        asked = {question.language: question for question in versions}
        services = [service for service in self._translators if service.source != "model"]
        translate = translated_by(services, self._cache)
        known = {**self._order.known, **asked}
        found = find(texts.library(), known, tuple(asked), texts.passages, translate)
        self._now(passages=tuple(replace(row, question_id=versions[0].id) for row in found))

    def draw(self) -> None:
        """Draw all responses in one batch, read them, and let them vote."""
        versions, sampling = self._seen[0].versions, self._order.sampling
        if not versions or self._should_stop():
            return
        blank = blank_responses(versions, sampling, self._model.name)
        prompts = _prompts(self._model, behind(versions, self._seen[0].passages), blank, sampling)
        shown = tuple(prompt.text for prompt in prompts)
        self._now(step="answering", responses=blank, prompts=shown)
        # Each version is asked once by each in a row, its samples together: a, b, a, b, ...
        each = [version for version in versions for _ in self._seen]
        adapters = [folder for _ in versions for folder in self._adapters.values()] or None
        each_has = sampling.num_samples
        own = [prompts[n * each_has :][:each_has] for n in range(len(versions))]
        drawn = draw_responses(
            self._model,
            each,
            sampling,
            self._grow,
            self._should_stop,
            adapters,
            [prompt for its in own for _ in self._seen for prompt in its],
        )
        if self._should_stop():
            return
        rows: list[list[Response]] = [[] for _ in self._seen]
        for number, response in enumerate(drawn):
            rows[self._place(number)[0]].append(response)
        for who, drawn_rows in enumerate(rows):
            self._now(who, step="comparing", responses=tuple(drawn_rows))
        read = [self._read(asked) for asked in self._seen]
        if not self._should_stop():
            self._seen = tuple(read)
            self._show(self._seen)

    def ended(self) -> tuple[Asked, ...]:
        """Return what is there, and how it ended."""
        if self._seen[0].step != "done":
            nowhere = not self._seen[0].versions and not self._should_stop()
            self._now(step="nowhere" if nowhere else "stopped")
        return self._seen

    def _read(self, asked: Asked) -> Asked:
        versions, drawn = asked.versions, asked.responses
        if asked.has_choices:
            by_language = {version.language: version for version in versions}
            read = tuple(extract(drawn, {versions[0].id: by_language}))
            return voted(replace(asked, responses=read))
        answers = read_all(drawn)
        services = [service for service in self._translators if service.source != "model"]
        wanted = untranslated(versions, drawn, answers)
        pivoted = put_into_pivot(wanted, self._model, services, self._cache, self._should_stop)
        found = group_answers(versions, drawn, answers, pivoted)
        return replace(
            asked,
            step="done",
            responses=found.responses,
            options=found.groups,
            not_compared=found.not_compared,
            vote=found.vote,
        )

    def _place(self, row: int) -> tuple[int, int]:
        """Return who a drawn row is of, and the place of its response among theirs."""
        block, sample = divmod(row, self._order.sampling.num_samples)
        version, who = divmod(block, len(self._seen))
        return who, version * self._order.sampling.num_samples + sample

    def _grow(self, row: int, text: str) -> None:
        who, place = self._place(row)
        rows = list(self._seen[who].responses)
        rows[place] = replace(rows[place], text=text)
        self._now(who, responses=tuple(rows))

    def _now(self, who: int | None = None, /, **changes: object) -> None:
        """Change what is there of one of those that answer, or of all, and show it."""
        self._seen = tuple(
            replace(asked, **changes) if who in (None, n) else asked  # type: ignore[arg-type]
            for n, asked in enumerate(self._seen)
        )
        self._show(self._seen)


def _same_question(version: Question, asked: Question) -> Question:
    """Return a version under the question's id, and without choices where it has none."""
    if asked.choices:
        return version
    return replace(version, id=asked.id, choices=(), gold=None)


def blank_responses(
    versions: Sequence[Question], sampling: SamplingConfig, model: str
) -> tuple[Response, ...]:
    """Return the responses that are about to be drawn, in their order and still without a text."""
    return tuple(
        Response(q.id, q.language, n, model, "", choice_order(sampling.seed, q, n))
        for q in versions
        for n in range(sampling.num_samples)
    )


def _prompts(
    model: LanguageModel,
    versions: Sequence[Question],
    responses: Sequence[Response],
    sampling: SamplingConfig,
) -> list[Prompt]:
    by_language = {version.language: version for version in versions}
    form, thinking = sampling.prompt_format, sampling.thinking
    return [
        prompt_for(model, by_language[row.language], row.choice_order, form, thinking)
        for row in responses
    ]
