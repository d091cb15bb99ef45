"""Where texts go that have to be translated: nowhere, unless that is switched on."""

import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from calm.api.calls import ask as ask_by_program
from calm.asking.ask import Order, ask
from calm.config import RunConfig, SamplingConfig
from calm.pipeline.align import run_stage
from calm.pipeline.context import Context
from calm.questions.translate import ModelTranslator
from calm.questions.translators import GOOGLE, translators_for
from calm.records import Question
from calm.runs.folder import create_run
from tests.free_makers import LEGS, Counting

SAMPLING = SamplingConfig(num_samples=1)
SPIDER = Question("typed", "en", LEGS["en"], ())


class Translating(Counting):
    """A model that also translates the question about the spider."""

    def generate(self, prompts: Sequence[Any], draws: Sequence[Any], *more: Any) -> list[str]:
        if prompts[0].text.endswith("French:"):
            return [LEGS["fr"]] * len(prompts)
        return super().generate(prompts, draws, *more)


@pytest.fixture
def sent(calm_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let no request out, and note each text that was to be sent to the service."""
    texts: list[str] = []

    def connect(self: socket.socket, address: Any) -> None:
        raise AssertionError(f"a request to {address}")

    def translate(given: Sequence[str], from_code: str, to_code: str) -> list[str]:
        texts.extend(given)
        return [LEGS[to_code] if text == LEGS[from_code] else text for text in given]

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(GOOGLE, "translate", translate)
    yield texts


@pytest.mark.parametrize("online", [False, True])
def test_a_typed_question_is_sent_to_the_service_only_where_that_is_wanted(
    sent: list[str], online: bool
) -> None:
    asked = ask(Translating(), Order(SPIDER, {}, ("en", "fr"), SAMPLING, online))
    french = next(version for version in asked.versions if version.language == "fr")
    assert (french.text, french.source) == (LEGS["fr"], "google" if online else "model")
    assert (LEGS["en"] in sent) is online
    assert online or sent == []


def test_nothing_is_sent_by_itself(sent: list[str]) -> None:
    asked = ask(Translating(), Order(SPIDER, {}, ("en", "fr"), SAMPLING))
    assert [version.source for version in asked.versions] == ["original", "model"]
    ask_by_program(LEGS["en"], languages=["en", "fr"], model=Translating(), num_samples=1)
    assert sent == []


@pytest.mark.parametrize("online", [False, True])
def test_a_run_sends_its_questions_only_where_that_is_wanted(
    sent: list[str], tmp_path: Path, online: bool
) -> None:
    rows = [
        f'{{"id": "q{n}", "language": "en", "text": "{LEGS["en"]}", "choices": ["6", "8"],'
        f' "split": "{"train" if n % 2 else "held-out"}"}}'
        for n in range(4)
    ]
    file = tmp_path / "own.jsonl"
    file.write_text("\n".join(rows))
    config = RunConfig(
        model="fake", question_set=str(file), languages=("en", "fr"), translate_online=online
    )
    run = create_run("own", config)
    context = Context(run, _model=Translating())  # type: ignore[arg-type]
    for stage in ("questions", "translate"):
        run_stage(stage, context)
    assert {row.source for row in run.rows("translations")} == {"google" if online else "model"}
    assert (LEGS["en"] in sent) is online


def test_the_model_itself_is_the_one_translator_that_is_left() -> None:
    (left,) = translators_for(Translating(), online=False)
    assert isinstance(left, ModelTranslator)
    first, second = translators_for(Translating(), online=True)
    assert first is GOOGLE and isinstance(second, ModelTranslator)
