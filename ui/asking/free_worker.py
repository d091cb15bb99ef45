"""A question without choices, from the form of the page `Ask` through the model in a thread."""

import dataclasses
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from calm.asking.free_questions import FreeAsked, ask_freely, free_question
from calm.asking.free_store import FreelyAsked, FreeStore
from calm.ballots.box import BallotBox
from calm.config import SamplingConfig
from calm.errors import CalmError
from calm.languages.table import LANGUAGES
from calm.paths import calm_home
from calm.questions.translate import TranslationCache
from calm.records import Question
from ui.asking.answered import cards_of
from ui.asking.form import Form, built_in, read_sampling
from ui.asking.free_cards import free_cards, free_panel
from ui.asking.links import linked
from ui.asking.voters import opinion_of
from ui.asking.worker import watched
from ui.parts.models import Models
from ui.text.words import say, word


@dataclass(frozen=True)
class FreeOrder:
    """What to ask without choices."""

    question: Question
    known: Mapping[str, Question]
    """The question in other languages, as it is there already."""
    languages: tuple[str, ...]
    sampling: SamplingConfig


def offer_free(form: Form) -> None:
    """Say in the form that its choices may be left empty."""
    form.choices.info = word("free.choices_info")


def is_free(text: str, choices: str, *others: object) -> bool:
    """Tell whether the form's values (see `ui.asking.form.read_form`) ask without choices."""
    return bool(text.strip()) and not choices.strip()


def read_free_form(
    text: str,
    choices: str,
    language: str,
    languages: Sequence[str],
    *sampling: Any,
) -> FreeOrder:
    """Return what the form asks for without choices; raises CalmError where it cannot be asked."""
    return free_order(text, language, languages, read_sampling(*sampling))


def free_order(
    text: str, language: str, languages: Sequence[str], sampling: SamplingConfig
) -> FreeOrder:
    """Return what is to be asked; the words of a built-in question have its translations."""
    ordered = tuple(code for code in LANGUAGES if code in languages)
    if not ordered:
        raise CalmError(say("free.no_language"))
    question = free_question(text, language)
    for versions in built_in().values():
        if language in versions and versions[language].text == question.text:
            return FreeOrder(question, versions, ordered, sampling)
    return FreeOrder(question, {}, ordered, sampling)


def ask_free(models: Models, order: FreeOrder, stop: threading.Event) -> Iterator[FreeAsked]:
    """Yield what is there about eight times a second, the whole at last.

    Set `stop`, or close the generator, to end early. Raises what went wrong in the thread.
    """
    asking = _FreeAsking(models, order, stop)
    yield from watched(asking, lambda: asking.seen, stop)


class _FreeAsking:
    """The work of one question; `seen` may be read from another thread while it goes on."""

    def __init__(self, models: Models, order: FreeOrder, stop: threading.Event) -> None:
        self._models, self._order, self._stop = models, order, stop
        self.seen = FreeAsked("waiting", models.called)
        self.failure: Exception | None = None

    def work(self) -> None:
        """Wait for the model and ask it."""
        try:
            model = self._models.get(self._stop.is_set)
            if model is None:
                self.seen = FreeAsked("stopped", self._models.called)
                return
            from calm.questions.translators import translators_for

            ask_freely(
                model,
                self._order.question,
                self._order.known,
                self._order.languages,
                self._order.sampling,
                translators_for(model),
                TranslationCache(calm_home() / "translations.sqlite"),
                self._show,
                self._stop.is_set,
            )
        except Exception as error:  # raised again by `ask_free`, in the thread that waits for us
            self.failure = error

    def _show(self, asked: FreeAsked) -> None:
        self.seen = asked


def free_outputs(
    models: Models,
    box: BallotBox,
    store: FreeStore,
    stop: threading.Event,
    voter: str,
    values: Sequence[Any],
) -> Iterator[tuple[Any, ...]]:
    """Yield what the page `Ask` shows of a question without choices (see `ui.asking.links.Shown`).

    Once it is answered it can be voted on, and is kept, so that its link works.
    """
    for seen in ask_free(models, read_free_form(*values), stop):
        yield free_panel(seen, models.message()), "", free_cards(seen), None, linked("")
    if seen.compared is not None:
        identity = kept_freely(store, seen)
        cards = cards_of(box, seen, voter)
        yield gr.skip(), opinion_of(box, seen, voter), cards, seen, linked(identity)


def kept_freely(store: FreeStore, seen: FreeAsked) -> str:
    """Keep an answered question in the store and return its id; empty for one that was stopped."""
    return store.keep(FreelyAsked(seen, time.time())) if seen.compared else ""


def free_told(asked: FreeAsked) -> dict[str, Any]:
    """Return a question without choices as plain data, for scripts."""
    told = dataclasses.asdict(asked)
    found = told.pop("compared") or {"groups": (), "not_compared": (), "vote": None}
    counts = [group.count for group in asked.compared.groups] if asked.compared else []
    groups = [
        {**group, "count": count} for group, count in zip(found["groups"], counts, strict=True)
    ]
    return {
        **{key: told[key] for key in ("model", "versions", "responses", "left_out")},
        "groups": groups,
        "not_compared": found["not_compared"],
        "vote": found["vote"],
    }
