"""The chat templates of many families of models are written down as they render."""

from types import SimpleNamespace
from typing import Any

import pytest

from calm.config import BUILT_IN
from calm.models.encoding import Encoding
from calm.questions.prompts import prompt_for
from calm.questions.recorded_prompts import prompt_record, recorded_prompt
from calm.questions.sets import load_questions
from tests.tokenizer_shapes import CODES, SHAPES, tokenizer_of


def model_of(name: str) -> Any:
    """Return what prompts need of a model: its encoding."""
    encoding = Encoding(tokenizer_of(SHAPES[name]), SHAPES[name].name)
    return SimpleNamespace(
        is_chat=encoding.is_chat,
        chat_prompt=encoding.chat_prompt,
        trl_settings=encoding.trl_settings,
    )


@pytest.mark.parametrize("name", SHAPES)
def test_recorded_prompts_are_those_of_the_template(name: str) -> None:
    model = model_of(name)
    record = prompt_record(model, "auto")
    assert record is not None
    assert record.format == ("chat" if model.is_chat else "cloze")
    for question in load_questions(BUILT_IN, CODES)[:40]:
        order = range(len(question.choices))
        text = prompt_for(model, question, order, "auto").text
        assert recorded_prompt(record, question, order) == text
