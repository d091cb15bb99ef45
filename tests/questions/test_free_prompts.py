"""A question without choices becomes a prompt in its own language."""

import pytest

from calm.answers.short import read_short_answer
from calm.config import BUILT_IN
from calm.languages.meaning import meaning
from calm.languages.table import LANGUAGES
from calm.questions.free_prompts import free_examples, free_prompt, word_prompt
from calm.questions.sets import load_questions
from calm.records import Question
from tests.fakes import FakeModel


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_the_same_worked_examples(code: str) -> None:
    assert len(free_examples(code)) == len(free_examples("en"))
    for _, answer in free_examples(code):
        assert read_short_answer(answer, code).text == answer
        assert meaning(answer, code) != meaning("", code)


def test_no_worked_example_is_a_question_of_the_built_in_set() -> None:
    texts = {question.text for question in load_questions(BUILT_IN, tuple(LANGUAGES))}
    assert not texts & {text for code in LANGUAGES for text, _ in free_examples(code)}


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_base_model_is_shown_worked_examples_up_to_where_its_answer_begins(code: str) -> None:
    prompt = free_prompt(FakeModel(), Question("q", code, "?!", ()))
    assert prompt.text[prompt.shared :].startswith(LANGUAGES[code].question)
    assert prompt.text.endswith(LANGUAGES[code].answer + LANGUAGES[code].colon.rstrip())
    assert prompt.choices == ()


def test_a_chat_model_gets_a_short_instruction_in_the_language_of_the_question() -> None:
    prompt = free_prompt(FakeModel(is_chat=True), Question("q", "de", "Wer?", ()))
    assert prompt.text == f"<user>{LANGUAGES['de'].short.instruction}\n\nFrage: Wer?<model>"


def test_a_word_is_translated_after_the_same_answers_in_both_languages() -> None:
    prompt = word_prompt(FakeModel(), "Igel", "de", "en")
    assert prompt.text.startswith("German: Warschau\nEnglish: Warsaw\n\n")
    assert prompt.text[prompt.shared :] == "German: Igel\nEnglish:"
