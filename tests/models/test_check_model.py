"""`check-model` says what works with a model before anyone samples or trains."""

import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from calm.cli.parser import main
from calm.errors import CalmError
from calm.evaluation.model_check import answers, as_text
from calm.languages.table import LANGUAGES
from tests.fakes import FakeModel
from tests.recorded import CHECKED_MODEL, MODEL_RECORD


def test_what_was_found_is_told_line_by_line() -> None:
    assert as_text(CHECKED_MODEL) == [
        "model: fake, 135 million parameters",
        "asked as: chat model; thinking: switch",
        "precision: bfloat16 (a product takes 1 ms in bf16 and 2 ms in fp32)",
        "memory: about 1.0 GiB to ask (1.3 measured), some 2 GiB to train",
        "speed: 1.2 s an answer",
        "answers: English 9 of 10 readable, 5 right, Chinese 2 of 10 readable, 0 right",
        "agreement: 0.02 beyond chance (-0.10 to 0.15): a vote across these languages is noise",
        "tokens a character: en 0.25, zh 1.50",
    ]


def test_an_adapter_s_base_and_the_way_of_computing_are_told_where_they_are_known() -> None:
    record = dataclasses.replace(MODEL_RECORD, base="gemma-3-270m", trust="fast")
    lines = as_text(dataclasses.replace(CHECKED_MODEL, record=record))
    assert lines[0] == "model: fake on gemma-3-270m, 135 million parameters"
    assert "computes by: fast" in lines


def test_ten_questions_are_asked_in_every_language(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(monotonic=iter([100.0, 140.0]).__next__)
    monkeypatch.setattr("calm.evaluation.model_check.time", clock)
    answered, seconds = answers(FakeModel(), ("en", "fr"))
    assert len(answered) == 10
    assert all(set(said) == {"en", "fr"} for said in answered.values())
    assert seconds == 40 / 20


def test_a_language_that_is_not_known_is_told() -> None:
    with pytest.raises(CalmError):
        answers(FakeModel(), ("en", "tlh"))


def test_the_command_prints_one_object(
    tiny_gemma: Path, calm_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check-model", str(tiny_gemma), "--json", "--languages", "en"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["kind"] == "base"
    assert found["record"]["name"] == "tiny"
    assert found["readable"] == {"en": 10}
    assert set(found["tokens_a_character"]) == set(LANGUAGES)
    assert found["tokens_a_character"]["en"] == 1.0  # its tokens are bytes
    assert 0 < found["gb_to_ask"] < found["gb_measured"] + 1


def test_a_model_that_is_not_there_is_told(calm_home: Path) -> None:
    assert main(["check-model", "nobody/no-such-model"]) == 2
