"""Translation services, through deep-translator. Best effort: services block and rate-limit."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, TimeoutError
from functools import partial
from queue import Empty, SimpleQueue

import requests
from deep_translator import GoogleTranslator
from deep_translator.exceptions import (
    LanguageNotSupportedException,
    NotValidLength,
    NotValidPayload,
    RequestError,
    ServerException,
    TooManyRequests,
    TranslationNotFound,
)

from calm.languages.table import language
from calm.messages import message
from calm.models.interface import LanguageModel
from calm.questions.translate import ModelTranslator, TranslationFailed, Translator, words_alone
from calm.records import TextSource

TIMEOUT_SECONDS = 8.0
CALLS_AT_ONCE = 4
REST_SECONDS = 300.0
OF_THE_TEXT = (LanguageNotSupportedException, NotValidLength, NotValidPayload)
"""What is wrong with one text: the service itself goes on."""
FAILURES = (
    RequestError,
    ServerException,
    TooManyRequests,
    TranslationNotFound,
    requests.RequestException,
    TimeoutError,
)


class Google:
    """Google Translate's web page. After a failure of its own it is left alone for five minutes."""

    source: TextSource = "google"

    def __init__(self) -> None:
        self._resting_until = 0.0

    def translate(self, texts: Sequence[str], from_code: str, to_code: str) -> list[str]:
        if time.monotonic() < self._resting_until:
            raise TranslationFailed(message("translator.resting"))
        try:
            return words_alone(texts, partial(self._ask, from_code, to_code))
        except OF_THE_TEXT as error:
            raise TranslationFailed(type(error).__name__) from error
        except FAILURES as error:
            self._resting_until = time.monotonic() + REST_SECONDS
            raise TranslationFailed(type(error).__name__) from error

    def _ask(self, from_code: str, to_code: str, texts: list[str]) -> list[str]:
        # One object a text: a translator keeps the text it is working on.
        calls = [partial(_google(from_code, to_code).translate, text) for text in texts]
        return in_time(calls, TIMEOUT_SECONDS)


GOOGLE = Google()


def translators_for(model: LanguageModel, online: bool) -> list[Translator]:
    """Return the translators in the order to try them: the service, then the model itself.

    Where texts are not to be sent `online`, the model alone.
    """
    return [*([GOOGLE] if online else []), ModelTranslator(model)]


def _google(from_code: str, to_code: str) -> GoogleTranslator:
    source, target = (language(code).codes.google or code for code in (from_code, to_code))
    return GoogleTranslator(source=source, target=target)


def in_time(calls: Sequence[Callable[[], str]], seconds: float) -> list[str]:
    """Return what the calls return, a few made at once; raises TimeoutError after `seconds`.

    The services set no time limits of their own. A thread that waits for one is left behind as a
    daemon, so that it does not keep the program from ending.
    """
    results: list[Future[str]] = [Future() for _ in calls]
    waiting: SimpleQueue[tuple[Future[str], Callable[[], str]]] = SimpleQueue()
    for job in zip(results, calls, strict=True):
        waiting.put(job)

    def work() -> None:
        while time.monotonic() < deadline:
            try:
                result, call = waiting.get_nowait()
            except Empty:
                return
            try:
                result.set_result(call())
            except Exception as error:
                result.set_exception(error)

    deadline = time.monotonic() + seconds
    for _ in range(min(CALLS_AT_ONCE, len(calls))):
        threading.Thread(target=work, daemon=True).start()
    return [result.result(max(0.0, deadline - time.monotonic())) for result in results]
