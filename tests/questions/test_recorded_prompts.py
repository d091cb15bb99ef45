"""What a run writes down of its prompts makes the very prompts of its model."""

from collections.abc import Callable
from typing import get_args

import pytest

from calm.config import PromptFormat
from calm.questions.prompts import prompt_for
from calm.questions.recorded_prompts import prompt_record, recorded_prompt
from calm.records import Question, TrlSettings
from tests.fakes import FakeModel

QUESTIONS = [
    Question("q", "en", "What do bees make?", ("honey", "milk", "wax {0} "), 0),
    Question("q", "ja", "ミツバチは何を作りますか。", ("はちみつ", "牛乳", "パン"), 0),
    Question("q", "ar", "ماذا يصنع النحل؟", ("العسل", "الحليب", "الخبز"), 0),
]
ORDERS = ((0, 1, 2), (2, 0, 1))


class Rendering(FakeModel):
    """A chat model whose template is a function."""

    def __init__(self, template: Callable[[str], str]) -> None:
        super().__init__(is_chat=True)
        self._template = template

    def chat_prompt(self, user: str, thinking: bool = False) -> str:
        return self._template(user)


MODELS = {
    "a base model": FakeModel(),
    "a chat model": FakeModel(is_chat=True),
    "a template that trims": Rendering(lambda text: f"<s>user\n{text.strip()}</s>\nmodel\n"),
    "a template that writes nothing behind": Rendering(lambda text: f"> {text}"),
}


@pytest.mark.parametrize("wanted", get_args(PromptFormat))
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_recorded_prompts_are_those_of_the_model(model: FakeModel, wanted: PromptFormat) -> None:
    record = prompt_record(model, wanted)
    assert record is not None
    for question in QUESTIONS:
        for order in ORDERS:
            text = prompt_for(model, question, order, wanted).text
            assert recorded_prompt(record, question, order) == text


def test_the_record_says_what_auto_is_and_what_trl_is_told() -> None:
    base, chat = prompt_record(FakeModel(), "auto"), prompt_record(FakeModel(True), "auto")
    assert base is not None and chat is not None
    assert (base.format, chat.format) == ("cloze", "chat")
    assert (base.before, chat.before, chat.after) == ("", "<user>", "<model>")
    assert base.trl_settings[0] == TrlSettings("trl", {"chat_template": "as it is"})


@pytest.mark.parametrize(
    "template",
    [
        lambda text: f"<user>{text.upper()}<model>",
        lambda text: f"<user {len(text)}>{text}<model>",
        lambda text: f"<user>{text.replace('<', '&lt;')}<model>",
        lambda text: f"<user>{text.lstrip()}<model>",
        lambda text: "<user><model>",
    ],
)
def test_a_template_that_does_more_to_a_message_is_not_recorded(
    template: Callable[[str], str],
) -> None:
    assert prompt_record(Rendering(template), "auto") is None
