"""The language table is complete, and every language has its worked examples."""

import re

import pytest

from calm.config import DEFAULT_LANGUAGES
from calm.errors import CalmError
from calm.languages.rows import Language
from calm.languages.scripts import GLUED, UNSPACED
from calm.languages.table import LANGUAGES, language
from calm.questions.prompts import examples
from calm.questions.sets import load_questions

XCSQA = ["en", "zh", "de", "es", "fr", "it", "ja", "nl", "pl", "pt", "ru", "ar", "vi", "hi", "sw"]
XCSQA += ["ur"]

every_language = pytest.mark.parametrize("row", LANGUAGES.values(), ids=list(LANGUAGES))


MORE = ["bn", "fa", "id", "ko", "tr"]


def test_the_languages_of_x_csqa_come_first_in_its_order() -> None:
    assert list(LANGUAGES) == [*XCSQA[:11], "ar", "vi", "hi", "sw", "ur", *MORE]
    assert len(LANGUAGES) == len(XCSQA) + len(MORE)


def test_a_language_that_is_not_in_the_table_is_refused_with_those_that_are() -> None:
    with pytest.raises(CalmError, match=r"no language 'xx'.*en, zh, de"):
        language("xx")


@every_language
def test_every_word_of_a_row_is_filled_in(row: Language) -> None:
    words = [row.name, row.native_name, row.script, row.question, row.choices, row.answer]
    words += [
        row.explanation,
        row.passage,
        row.colon,
        row.separator,
        row.instruction,
        *row.answer_labels,
    ]
    assert all(word.strip() for word in words)
    assert row.direction in ("ltr", "rtl")


@every_language
def test_words_stand_without_spaces_where_the_script_has_none(row: Language) -> None:
    glued = [example for example in row.examples if re.search(rf"[{GLUED}]", example.text)]
    assert row.spaced == (not glued) == (row.script not in UNSPACED)


@every_language
def test_a_row_has_eight_letters_and_ten_digits_all_different(row: Language) -> None:
    assert len(row.letters) == len(set(row.letters)) == 8
    assert len(row.digits) == len(set(row.digits)) == 10
    assert [int(digit) for digit in row.digits] == list(range(10))


@every_language
def test_the_labels_of_a_row_differ_so_that_a_reader_can_tell_them_apart(row: Language) -> None:
    labels = [row.question, row.choices, row.answer, row.explanation]
    assert len(set(labels)) == len(labels)
    assert len(set(row.answer_labels)) == len(row.answer_labels) >= 8


@every_language
def test_answer_labels_are_lower_case_and_hold_the_label_that_prompts_use(row: Language) -> None:
    assert [label.lower() for label in row.answer_labels] == list(row.answer_labels)
    assert any(label in row.answer.lower() for label in row.answer_labels)


@every_language
def test_the_instruction_has_one_place_for_the_answer_label(row: Language) -> None:
    assert row.instruction.count("{answer}") == 1
    assert "Answer:" in row.instruction.format(answer="Answer:")


@pytest.mark.parametrize(
    ("code", "direction"), [("ar", "rtl"), ("ur", "rtl"), ("fa", "rtl"), ("ja", "ltr")]
)
def test_only_the_languages_of_the_arabic_script_are_written_from_the_right(
    code: str, direction: str
) -> None:
    assert language(code).direction == direction
    assert sorted(c for c, row in LANGUAGES.items() if row.direction == "rtl") == ["ar", "fa", "ur"]


@every_language
def test_worked_examples_exist_and_are_parallel_to_the_english_ones(row: Language) -> None:
    ours, english = examples(row.code), examples("en")
    assert len(ours) == len(english) >= 3
    for mine, theirs in zip(ours, english, strict=True):
        assert (mine.id, mine.gold, len(mine.choices)) == (
            theirs.id,
            theirs.gold,
            len(theirs.choices),
        )
        assert mine.gold is not None
        assert 0 <= mine.gold < len(mine.choices) == len(set(mine.choices))


@pytest.mark.parametrize("code", DEFAULT_LANGUAGES)
def test_worked_examples_are_no_questions_of_the_built_in_set(code: str) -> None:
    asked = {question.text.casefold() for question in load_questions("built-in", [code])}
    assert not asked & {example.text.casefold() for example in examples(code)}
    ids = {question.id for question in load_questions("built-in", [code])}
    assert not ids & {example.id for example in examples(code)}
