"""A translation service is given little time, and none after it failed."""

import threading
import time

import pytest
import requests
from deep_translator.exceptions import NotValidLength

from calm.questions import translators
from calm.questions.translate import TranslationFailed
from calm.questions.translators import Google, in_time


def test_what_the_calls_return_keeps_their_order() -> None:
    calls = [lambda n=n: time.sleep(0.02 * (6 - n)) or str(n) for n in range(6)]
    assert in_time(calls, 5) == list("012345")


def test_a_call_that_does_not_come_back_holds_nobody_up() -> None:
    never = threading.Event()
    before = {thread.ident for thread in threading.enumerate()}
    begin = time.monotonic()
    with pytest.raises(TimeoutError):
        in_time([lambda: str(never.wait(30))] * 9, 0.1)
    assert time.monotonic() - begin < 5
    left = [thread for thread in threading.enumerate() if thread.ident not in before]
    assert all(thread.daemon for thread in left)
    never.set()


def test_after_a_failure_the_service_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unreachable:
        calls = 0

        def translate(self, text: str) -> str:
            Unreachable.calls += 1
            raise requests.ConnectionError

    monkeypatch.setattr(translators, "_google", lambda here, there: Unreachable())
    google = Google()
    for _ in range(3):
        with pytest.raises(TranslationFailed):
            google.translate(["one"], "en", "fr")
    assert Unreachable.calls == 1


def test_a_text_that_the_service_does_not_take_leaves_it_usable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Picky:
        def translate(self, text: str) -> str:
            if text == "long":
                raise NotValidLength(text, 1, 2)
            return "fer"

    monkeypatch.setattr(translators, "_google", lambda here, there: Picky())
    google = Google()
    with pytest.raises(TranslationFailed, match="NotValidLength"):
        google.translate(["long"], "en", "fr")
    assert google.translate(["iron", ">"], "en", "fr") == ["fer", ">"]
