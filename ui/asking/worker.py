"""One question through the model, in a thread: what is there so far is seen as it grows."""

import contextvars
import dataclasses
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from calm.answers.choice import extract
from calm.answers.sample import draw_responses
from calm.config import SamplingConfig
from calm.errors import CalmError
from calm.paths import calm_home
from calm.questions.prompts import choice_order, prompt_for
from calm.questions.translate import TranslationCache, translate_question
from calm.records import Question, Response
from ui.asking.records import Asked
from ui.parts.models import Models
from ui.text.words import language_name, say

if TYPE_CHECKING:
    from calm.models.causal_lm import CausalLM

LOOK_EVERY_SECONDS = 1 / 8
Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Order:
    """What to ask: a question, the versions of it that exist, and how to draw responses."""

    question: Question
    known: Mapping[str, Question]
    languages: tuple[str, ...]
    sampling: SamplingConfig


def ask(models: Models, order: Order, stop: threading.Event) -> Iterator[Asked]:
    """Yield what is there about eight times a second, the whole at last.

    Set `stop`, or close the generator, to end early. Raises what went wrong in the thread.
    """
    asking = Asking(models, order, stop)
    yield from watched(asking, asking.seen, stop)


class Work(Protocol):
    """What is done in a thread; a failure is kept for the thread that waits."""

    failure: Exception | None

    def work(self) -> None: ...


def watched(asking: Work, look: Callable[[], Seen], stop: threading.Event) -> Iterator[Seen]:
    """Let the work go on in a thread and yield what a `look` at it shows, the whole at last."""
    # The thread speaks the language of the request, which the context knows.
    context = contextvars.copy_context()
    worker = threading.Thread(target=context.run, args=(asking.work,), daemon=True)
    worker.start()
    try:
        while worker.is_alive():
            worker.join(LOOK_EVERY_SECONDS)
            yield look()
        if asking.failure is not None:
            raise asking.failure
        yield look()
    finally:
        stop.set()


class Asking:
    """The work of one question; `seen` may be called from another thread while it goes on."""

    def __init__(self, models: Models, order: Order, stop: threading.Event) -> None:
        self._models, self._order, self._stop = models, order, stop
        self._asked = Asked("working", "", models.called)
        self._texts: list[str] = []
        self.failure: Exception | None = None

    def seen(self) -> Asked:
        """Return what is there now."""
        asked = self._asked
        if asked.phase == "done" or not self._texts:
            return dataclasses.replace(asked, message=self._models.message() or asked.message)
        texts = list(self._texts)
        rows = rows_of(asked.versions, self._order.sampling, asked.model, texts)
        return dataclasses.replace(asked, responses=tuple(rows))

    def work(self) -> None:
        """Translate, draw, read."""
        try:
            model = self._models.get(self._stop.is_set)
            if model is not None:
                self._show(model=model.name)
                self._translate(model)
                self._draw(model)
            if self._stop.is_set():
                self._show(phase="stopped", message=say("ask.stopped"))
            elif not self._asked.versions:
                self._show(phase="stopped", message=say("ask.no-language-left"))
        except Exception as error:  # raised again by `ask`, in the thread that waits for us
            self.failure = error

    def _translate(self, model: "CausalLM") -> None:
        from calm.questions.translators import translators_for

        question, versions, left_out = self._order.question, [], {}
        cache = TranslationCache(calm_home() / "translations.sqlite")
        for code in self._order.languages:
            if self._stop.is_set():
                return
            version = question if code == question.language else self._order.known.get(code)
            try:
                if version is None:
                    self._show(message=say("ask.translating", language=language_name(code)))
                    translators = translators_for(model)
                    version = translate_question(question, code, translators, cache, model.name)
                versions.append(version)
            except CalmError as error:
                left_out[code] = str(error)
            self._show(versions=tuple(versions), left_out=dict(left_out))

    def _draw(self, model: "CausalLM") -> None:
        versions, sampling = self._asked.versions, self._order.sampling
        if self._stop.is_set() or not versions:
            return
        self._show(message=say("ask.answering"))
        self._texts = [""] * (len(versions) * sampling.num_samples)
        drawn = draw_responses(model, versions, sampling, self._grow, self._stop.is_set)
        if not self._stop.is_set():
            self._read(model, drawn)

    def _read(self, model: "CausalLM", drawn: Sequence[Response]) -> None:
        versions, sampling = self._asked.versions, self._order.sampling
        by_language = {version.language: version for version in versions}
        read = tuple(extract(drawn, {versions[0].id: by_language}))
        prompts = tuple(
            prompt_for(
                model, by_language[row.language], row.choice_order, sampling.prompt_format
            ).text
            for row in read
        )
        self._show(phase="done", message="", responses=read, prompts=prompts)

    def _grow(self, row: int, text: str) -> None:
        self._texts[row] = text

    def _show(self, **changes: object) -> None:
        self._asked = dataclasses.replace(self._asked, **changes)  # type: ignore[arg-type]


def rows_of(
    versions: Sequence[Question], sampling: SamplingConfig, model: str, texts: Sequence[str]
) -> Iterator[Response]:
    """Yield the responses as far as their texts have grown, in the order they are drawn in."""
    asked = [(q, n) for q in versions for n in range(sampling.num_samples)]
    for (question, n), text in zip(asked, texts, strict=True):
        order = choice_order(sampling.seed, question, n)
        yield Response(question.id, question.language, n, model, text, order)
