"""Translation services, through deep-translator. Best effort: services block and rate-limit."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, TimeoutError

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

from calm.model import LanguageModel
from calm.records import TextSource
from calm.translate import ModelTranslator, TranslationFailed, Translator

GOOGLE_CODES = {"zh": "zh-CN"}
TIMEOUT_SECONDS = 8.0
REST_SECONDS = 300.0
FAILURES = (
    LanguageNotSupportedException,
    NotValidLength,
    NotValidPayload,
    RequestError,
    ServerException,
    TooManyRequests,
    TranslationNotFound,
    requests.RequestException,
    TimeoutError,
)


class Google:
    """Google Translate's web page. After a failure it is left alone for five minutes."""

    source: TextSource = "google"

    def __init__(self) -> None:
        self._resting_until = 0.0

    def translate(self, texts: Sequence[str], from_code: str, to_code: str) -> list[str]:
        if time.monotonic() < self._resting_until:
            raise TranslationFailed("not reachable a moment ago")
        pool = ThreadPoolExecutor(max_workers=4)
        try:
            # One object a text: a translator keeps the text it is working on.
            jobs = [pool.submit(_google(from_code, to_code).translate, text) for text in texts]
            deadline = time.monotonic() + TIMEOUT_SECONDS
            return [job.result(max(0.0, deadline - time.monotonic())) for job in jobs]
        except FAILURES as error:
            self._resting_until = time.monotonic() + REST_SECONDS
            raise TranslationFailed(type(error).__name__) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


GOOGLE = Google()


def translators_for(model: LanguageModel) -> list[Translator]:
    """Return the translators in the order to try them: the service, then the model itself."""
    return [GOOGLE, ModelTranslator(model)]


def _google(from_code: str, to_code: str) -> GoogleTranslator:
    return GoogleTranslator(
        source=GOOGLE_CODES.get(from_code, from_code), target=GOOGLE_CODES.get(to_code, to_code)
    )
