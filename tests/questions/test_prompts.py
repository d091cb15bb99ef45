"""A question becomes a prompt in its own language."""

import pytest

from calm.answers.short import read_short_answer
from calm.config import BUILT_IN
from calm.languages.meaning import meaning
from calm.languages.table import LANGUAGES
from calm.questions.prompts import (
    answer_text,
    base_prompt,
    chat_message,
    choice_order,
    free_examples,
    free_prompt,
    prompt_for,
    resolve_format,
    word_prompt,
    worked_examples,
)
from calm.questions.sets import load_questions
from calm.records import Question
from tests.fakes import FakeModel

GAS = {
    "en": Question("gas", "en", "Which gas do plants take in?", ("helium", "oxygen", "neon"), 1),
    "fr": Question("gas", "fr", "Quel gaz ?", ("hélium", "oxygène", "néon"), 1),
    "zh": Question("gas", "zh", "哪种气体？", ("氦气", "氧气", "氖气"), 1),
    "ja": Question("gas", "ja", "どの気体？", ("ヘリウム", "酸素", "ネオン"), 1),
    "ar": Question("gas", "ar", "ما الغاز؟", ("الهيليوم", "الأكسجين", "النيون"), 1),
}


@pytest.mark.parametrize(
    ("wanted", "is_chat", "used"),
    [
        ("auto", True, "chat"),
        ("auto", False, "cloze"),
        ("listed", True, "listed"),
        ("chat", False, "chat"),
    ],
)
def test_the_kind_of_model_decides_the_format_unless_one_is_wanted(
    wanted: str, is_chat: bool, used: str
) -> None:
    assert resolve_format(wanted, is_chat) == used  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "end"),
    [
        ("en", "Question: Which gas do plants take in?\nAnswer:"),
        ("fr", "Question : Quel gaz ?\nRéponse :"),
        ("zh", "问题：哪种气体？\n答案："),
        ("ja", "問題：どの気体？\n答え："),
        ("ar", "السؤال: ما الغاز؟\nالإجابة:"),
    ],
)
def test_a_cloze_prompt_asks_in_the_languages_own_words_and_typography(code: str, end: str) -> None:
    assert base_prompt(GAS[code], (0, 1, 2)).text.endswith("\n\n" + end)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_base_prompt_begins_with_the_worked_examples_that_it_shares(code: str) -> None:
    question = Question("q", code, "?", ("a", "b"))
    for listed in (False, True):
        prompt = base_prompt(question, (0, 1), listed)
        assert prompt.text[: prompt.shared] == worked_examples(code, listed)
        assert 0 < prompt.shared < len(prompt.text)


def test_a_cloze_prompt_limits_the_answer_to_the_choices_and_does_not_show_them() -> None:
    prompt = base_prompt(GAS["en"], (2, 0, 1))
    assert prompt.choices == (" neon\n", " helium\n", " oxygen\n")
    assert "helium" not in prompt.text


def test_a_listed_prompt_shows_the_choices_in_the_order_given_and_leaves_the_answer_free() -> None:
    prompt = base_prompt(GAS["en"], (2, 0, 1), listed=True)
    assert prompt.choices == ()
    assert "\nChoices: neon; helium; oxygen\n" in "\n" + prompt.text[prompt.shared :]


@pytest.mark.parametrize(
    ("code", "text"), [("en", " oxygen"), ("fr", " oxygène"), ("zh", "氧气"), ("ar", " الأكسجين")]
)
def test_a_stated_answer_continues_the_prompt_with_a_space_where_the_script_has_one(
    code: str, text: str
) -> None:
    assert answer_text(GAS[code], 1) == text


def test_a_chat_message_ends_with_the_lettered_choices_in_the_order_given() -> None:
    message = chat_message(GAS["en"], (2, 0, 1))
    assert message.endswith(
        "Question: Which gas do plants take in?\nChoices:\nA. neon\nB. helium\nC. oxygen"
    )
    assert message.startswith(LANGUAGES["en"].instruction.format(answer="Answer:"))


@pytest.mark.parametrize(("code", "letters"), [("ja", "アイウ"), ("ar", "أبج"), ("zh", "ABC")])
def test_a_chat_message_numbers_choices_with_the_languages_own_letters(
    code: str, letters: str
) -> None:
    lines = chat_message(GAS[code], (0, 1, 2)).splitlines()[-3:]
    assert [line[0] for line in lines] == list(letters)


def test_a_chat_model_is_asked_in_its_own_template() -> None:
    prompt = prompt_for(FakeModel(is_chat=True), GAS["en"], (0, 1, 2), "auto")
    assert prompt.text == f"<user>{chat_message(GAS['en'], (0, 1, 2))}<model>"
    assert prompt.shared == 0


@pytest.mark.parametrize("choices", [2, 3, 4, 5, 8])
def test_over_as_many_samples_as_choices_each_choice_stands_once_in_each_place(
    choices: int,
) -> None:
    question = Question("q", "en", "?", tuple("abcdefgh"[:choices]))
    orders = [choice_order(0, question, n) for n in range(choices)]
    for place in range(choices):
        assert sorted(order[place] for order in orders) == list(range(choices))


def test_the_order_of_choices_is_the_same_each_time_it_is_asked_for() -> None:
    assert choice_order(3, GAS["en"], 1) == choice_order(3, GAS["en"], 1)


def test_the_order_of_choices_depends_on_seed_question_and_language() -> None:
    question = Question("q", "en", "?", tuple("abcdefgh"))
    other = Question("q", "fr", "?", tuple("abcdefgh"))
    orders = {choice_order(0, question, 0), choice_order(1, question, 0), choice_order(0, other, 0)}
    assert len(orders) == 3


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_the_same_worked_examples_without_choices(code: str) -> None:
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


def test_a_question_without_choices_is_asked_for_an_answer_in_a_few_words() -> None:
    question = Question("q", "en", "Who?", ())
    assert choice_order(0, question, 3) == ()
    for model in (FakeModel(), FakeModel(is_chat=True)):
        assert prompt_for(model, question, (), "auto") == free_prompt(model, question)
    thinks = prompt_for(FakeModel(is_chat=True), question, (), "auto", thinking=True)
    assert thinks.text.endswith("<think>")


def test_how_a_model_is_asked_without_choices_can_be_chosen() -> None:
    question = Question("q", "de", "Wer?", ())
    chat, base = FakeModel(is_chat=True), FakeModel()
    assert free_prompt(chat, question, "cloze") == free_prompt(base, question)
    assert free_prompt(chat, question, "listed") == free_prompt(base, question)
    assert free_prompt(base, question, "chat") == free_prompt(chat, question)
    assert prompt_for(chat, question, (), "cloze") == free_prompt(base, question)


def test_only_a_chat_prompt_without_choices_lets_the_model_think_first() -> None:
    question = Question("q", "de", "Wer?", ())
    chat = FakeModel(is_chat=True)
    assert free_prompt(chat, question, thinking=True).text.endswith("<model><think>")
    assert free_prompt(chat, question, "cloze", thinking=True) == free_prompt(
        chat, question, "cloze"
    )
