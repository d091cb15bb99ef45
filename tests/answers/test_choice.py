"""An answer is read where it is stated, and nowhere else.

The golden rows in `data/extract.jsonl` follow what language models really write. A row has the
choices, the order in which they were shown, the text, and what is to be read: the choice
(`answer`) and the words that state it (`stated`), both null where the text states nothing, and how
it is read or why not (`how`). `data/llama_labels.jsonl` holds what a person read in 300 real
responses before this reader saw them; their texts are not part of the project, but what is read
from them is, in `data/llama_answers.jsonl`.
"""

import json
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

import pytest

from calm.answers.choice import Stated, extract, read_answer
from calm.languages.table import LANGUAGES
from calm.records import HowRead, Question, Response
from calm.voting.vote import plurality
from tests.llama import LANGUAGES as LLAMA_LANGUAGES
from tests.llama import LETTERS, answered_from_texts, rows, rows_of

GOLDEN = Path(__file__).parents[1] / "data" / "extract.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in GOLDEN.read_text("utf-8").splitlines()]
FIELDS = {"language", "choices", "order", "text", "answer", "stated", "how"}

READ = {"letter", "text", "letter and text"}
UNREAD = {"contradiction", "several", "refusal", "empty", "unstated", "thought cut off"}


def question(language: str, *choices: str) -> Question:
    return Question("q", language, "?", choices)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['language']}-{row['text'][:40]!r}")
def test_a_golden_row_is_read_as_it_says(row: dict[str, Any]) -> None:
    asked = question(row["language"], *row["choices"])
    said = read_answer(row["text"], asked, row["order"])
    stated = None if said.span is None else row["text"][slice(*said.span)]
    assert (said.answer, stated, said.how) == (row["answer"], row["stated"], row["how"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['language']}-{row['text'][:40]!r}")
def test_a_golden_row_can_match(row: dict[str, Any]) -> None:
    assert set(row) == FIELDS
    assert row["language"] in LANGUAGES
    assert sorted(row["order"]) == list(range(len(row["choices"])))
    assert (row["answer"] is None) == (row["stated"] is None)
    assert (row["answer"] is None) == (row["how"] not in READ)
    if row["answer"] is not None:
        assert row["choices"][row["answer"]]
        assert row["stated"] in row["text"]


def test_no_golden_row_is_there_twice() -> None:
    keys = Counter((r["language"], r["text"], *r["choices"], *r["order"]) for r in ROWS)
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_golden_rows_enough(code: str) -> None:
    own = [row for row in ROWS if row["language"] == code]
    assert sum(row["answer"] is not None for row in own) >= 15
    assert sum(row["answer"] is None for row in own) >= 4


def test_there_are_golden_rows_enough_that_state_nothing_and_of_every_kind() -> None:
    kinds = Counter(row["how"] for row in ROWS)
    assert sum(kinds[how] for how in UNREAD) >= 40
    assert set(kinds) == READ | UNREAD == set(get_args(HowRead)) - {"unread"}
    assert min(kinds.values()) >= 4


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("place", range(4))
def test_the_answer_line_that_prompts_ask_for_is_read_in_every_language(
    code: str, place: int
) -> None:
    row = LANGUAGES[code]
    text = f"...\n{row.answer}{row.colon}{row.letters[place]}. {'wxyz'[place]}"
    said = read_answer(text, question(code, *"wxyz"), range(4))
    assert (said.answer, said.how) == (place, "letter and text")
    assert said.span is not None
    assert text[slice(*said.span)] == f"{row.letters[place]}. {'wxyz'[place]}"


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_announcement_of_the_table_is_read_with_a_colon(code: str) -> None:
    row = LANGUAGES[code]
    for label in row.answer_labels:
        text = f"{label.capitalize()}: {row.letters[1]}"
        assert read_answer(text, question(code, *"wxyz"), range(4)).answer == 1, text


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_verdict_of_the_table_is_read_behind_a_letter(code: str) -> None:
    row = LANGUAGES[code]
    for verdict in row.verdicts:
        text = f"{row.letters[1]} {verdict}."
        assert read_answer(text, question(code, *"wxyz"), range(4)).answer == 1, text


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_denial_of_the_table_takes_an_answer_back(code: str) -> None:
    row = LANGUAGES[code]
    for denial in row.denials:
        text = f"{row.answer}: {row.letters[1]} ({denial})"
        said = read_answer(text, question(code, *"wxyz"), range(4))
        assert (said.answer, said.how) == (None, "contradiction"), text


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_refusal_of_the_table_is_told_from_a_text_that_rambles(code: str) -> None:
    row = LANGUAGES[code]
    for refusal in row.refusals:
        for text in (f"{row.answer}: {refusal}", refusal):
            said = read_answer(text, question(code, *"wxyz"), range(4))
            assert (said.answer, said.how) == (None, "refusal"), text


def check_read_elsewhere(code: str, others: Iterable[str]) -> None:
    text = f"{LANGUAGES[code].answer}: B"
    for other in others:
        assert read_answer(text, question(other, *"wxyz"), range(4)).answer == 1, other


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_announcement_in_one_language_of_the_table_is_read_in_others(code: str) -> None:
    """Each language is a guest of two others, and each has two guests."""
    codes = list(LANGUAGES)
    place = codes.index(code)
    check_read_elsewhere(code, [codes[(place + far) % len(codes)] for far in (1, 8)])


@pytest.mark.slow
@pytest.mark.parametrize("code", LANGUAGES)
def test_an_announcement_in_any_language_of_the_table_is_read_in_any_other(code: str) -> None:
    check_read_elsewhere(code, LANGUAGES)


def test_a_choice_that_is_given_in_another_language_is_read_where_that_version_is_known() -> None:
    asked = question("zh", "银行", "图书馆", "商场")
    english = question("en", "bank", "library", "mall")
    assert read_answer("Answer: library", asked, range(3)).how == "unstated"
    assert read_answer("Answer: library", asked, range(3), [english]).answer == 1
    assert read_answer("答案：A. library", asked, range(3), [english]).how == "contradiction"


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_explanation_without_an_answer_is_no_vote_in_any_language(code: str) -> None:
    row = LANGUAGES[code]
    text = f"{row.explanation}{row.colon}{row.question} {row.choices}"
    assert read_answer(text, question(code, *"wxyz"), range(4)).answer is None


def test_a_letter_stands_for_the_choice_that_was_shown_there() -> None:
    asked = question("en", "ant", "bee", "cow")
    assert read_answer("Answer: A", asked, (2, 0, 1)) == Stated(2, (8, 9), "letter")


def test_a_letter_beyond_the_choices_states_nothing() -> None:
    assert read_answer("Answer: D", question("en", "ant", "bee", "cow"), range(3)).answer is None


def test_the_stage_fills_in_answers_and_changes_nothing_else() -> None:
    asked = question("en", "ant", "bee")
    rows = [
        Response("q", "en", 0, "fake", "Answer: B", (1, 0)),
        Response("q", "en", 1, "fake", "Both are insects.", (0, 1)),
    ]
    assert list(extract(rows, {"q": {"en": asked}})) == [
        Response("q", "en", 0, "fake", "Answer: B", (1, 0), 0, (8, 9), "letter"),
        Response("q", "en", 1, "fake", "Both are insects.", (0, 1), None, None, "unstated"),
    ]


A_MEGABYTE = 1_000_000
HOSTILE = {
    "Answer: ": "unstated",
    "\n": "empty",
    "A. x\n": "unstated",
    "is correct ": "unstated",
    "Answer: B (": "letter",
    "<think>": "thought cut off",
    "答案": "unstated",
    "\\boxed{": "empty",
    "- ": "empty",
    "Plants take it in. ": "unstated",
}
NUMBER = 20_000
CONTROLS = "".join(map(chr, range(32)))


@pytest.mark.parametrize(("piece", "how"), [*HOSTILE.items(), (CONTROLS, "unstated")], ids=repr)
def test_a_response_of_a_quarter_megabyte_is_read_in_seconds(piece: str, how: str) -> None:
    """A reading that grew with the square of the length would take hours."""
    text = piece * (A_MEGABYTE // 4 // len(piece))
    begin = time.process_time()
    said = read_answer(text, question("en", "ant", "bee", "cow"), range(3))
    assert time.process_time() - begin < 20
    assert (said.how, said.answer) == (how, 1 if how == "letter" else None)


def test_an_answer_at_the_end_of_a_megabyte_is_read_where_it_stands() -> None:
    text = "Plants take it in. " * 50_000 + "\nAnswer: B"
    said = read_answer(text, question("en", "ant", "bee", "cow"), range(3))
    assert said == Stated(1, (len(text) - 1, len(text)), "letter")


def test_many_responses_are_read_one_by_one() -> None:
    asked = question("en", "ant", "bee")
    row = Response("q", "en", 0, "fake", "Explanation: It is one.\n\nAnswer: B. bee", (0, 1))
    begin = time.process_time()
    read = extract((row for _ in range(NUMBER)), {"q": {"en": asked}})
    assert sum(response.answer == 1 for response in read) == NUMBER
    assert time.process_time() - begin < NUMBER / 250


@pytest.fixture(scope="module")
def llama(real_data: Path) -> tuple[list[Response], dict[str, int | None]]:
    """Three Llama-3-8B responses a question and language with what is read, and the golds."""
    return answered_from_texts(real_data)


@pytest.mark.parametrize(
    ("languages", "published"),
    [(LLAMA_LANGUAGES, 0.671), (("en",), 0.741), (("fr",), 0.620)],
    ids=["six languages", "English alone", "French alone"],
)
def test_the_vote_of_the_papers_llama_samples_is_right_as_often_as_published(
    languages: tuple[str, ...], published: float
) -> None:
    right = [
        plurality([LETTERS.index(said) for code in languages for said in row[code] if said != "-"])
        == LETTERS.index(row["gold"])
        for row in rows()
    ]
    assert len(right) == 899
    assert sum(right) / len(right) == pytest.approx(published, abs=0.015)


def test_the_answers_of_the_file_are_what_is_read_from_the_papers_llama_samples(
    llama: tuple[list[Response], dict[str, int | None]],
) -> None:
    assert rows_of(*llama) == rows()


def test_the_papers_llama_samples_that_state_an_answer_are_read(
    llama: tuple[list[Response], dict[str, int | None]],
) -> None:
    """Of 16,182 fewer than ten are not understood at all; the others say why they are not read."""
    how = Counter(response.how for response in llama[0])
    assert how.total() == 899 * 3 * 6
    assert sum(how[kind] for kind in READ) / how.total() > 0.98
    assert how["unstated"] < 10
    assert how["contradiction"] < 0.0125 * how.total()


def test_the_reader_agrees_with_a_person_on_three_hundred_llama_responses() -> None:
    labels = [
        json.loads(line) for line in (GOLDEN.parent / "llama_labels.jsonl").read_text().splitlines()
    ]
    assert Counter(row["language"] for row in labels) == dict.fromkeys(LLAMA_LANGUAGES, 50)
    answered = rows()
    agree, phantoms = 0, 0
    for row in labels:
        letter = answered[row["question"]][row["language"]][row["sample"]]
        agree += letter == (row["label"] or "-")
        phantoms += row["label"] is None and letter != "-"
    assert agree >= 297
    assert phantoms == 0
