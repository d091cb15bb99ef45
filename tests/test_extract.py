"""An answer is read where it is stated, and nowhere else.

The golden rows in `data/extract.jsonl` follow what language models really write. A row has the
choices, the order in which they were shown, the text, and what is to be read: the choice
(`answer`) and the words that state it (`stated`), both null where the text states nothing.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from calm.config import DEFAULT_LANGUAGES
from calm.extract import extract, read_answer
from calm.languages import LANGUAGES
from calm.questions import by_id, load_questions
from calm.records import Question, Response
from calm.vote import plurality

GOLDEN = Path(__file__).parent / "data" / "extract.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in GOLDEN.read_text("utf-8").splitlines()]
FIELDS = {"language", "choices", "order", "text", "answer", "stated"}


def question(language: str, *choices: str) -> Question:
    return Question("q", language, "?", choices)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['language']}-{row['text'][:40]!r}")
def test_a_golden_row_is_read_as_it_says(row: dict[str, Any]) -> None:
    asked = question(row["language"], *row["choices"])
    answer, span = read_answer(row["text"], asked, row["order"])
    stated = None if span is None else row["text"][slice(*span)]
    assert (answer, stated) == (row["answer"], row["stated"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['language']}-{row['text'][:40]!r}")
def test_a_golden_row_can_match(row: dict[str, Any]) -> None:
    assert set(row) == FIELDS
    assert row["language"] in LANGUAGES
    assert sorted(row["order"]) == list(range(len(row["choices"])))
    assert (row["answer"] is None) == (row["stated"] is None)
    if row["answer"] is not None:
        assert row["choices"][row["answer"]]
        assert row["stated"] in row["text"]


def test_no_golden_row_is_there_twice() -> None:
    keys = Counter((r["language"], r["text"], *r["choices"], *r["order"]) for r in ROWS)
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("code", DEFAULT_LANGUAGES)
def test_every_built_in_language_has_golden_rows_enough(code: str) -> None:
    own = [row for row in ROWS if row["language"] == code]
    assert sum(row["answer"] is not None for row in own) >= 15
    assert sum(row["answer"] is None for row in own) >= 4


def test_there_are_golden_rows_enough_that_state_nothing() -> None:
    assert sum(row["answer"] is None for row in ROWS) >= 40


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("place", range(4))
def test_the_answer_line_that_prompts_ask_for_is_read_in_every_language(
    code: str, place: int
) -> None:
    row = LANGUAGES[code]
    text = f"...\n{row.answer}{row.colon}{row.letters[place]}. {'wxyz'[place]}"
    answer, span = read_answer(text, question(code, *"wxyz"), range(4))
    assert answer == place
    assert span is not None
    assert text[slice(*span)] == f"{row.letters[place]}. {'wxyz'[place]}"


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_announcement_of_the_table_is_read_with_a_colon(code: str) -> None:
    row = LANGUAGES[code]
    for label in row.answer_labels:
        text = f"{label.capitalize()}: {row.letters[1]}"
        assert read_answer(text, question(code, *"wxyz"), range(4))[0] == 1, text


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_explanation_without_an_answer_is_no_vote_in_any_language(code: str) -> None:
    row = LANGUAGES[code]
    text = f"{row.explanation}{row.colon}{row.question} {row.choices}"
    assert read_answer(text, question(code, *"wxyz"), range(4)) == (None, None)


def test_a_letter_stands_for_the_choice_that_was_shown_there() -> None:
    asked = question("en", "ant", "bee", "cow")
    assert read_answer("Answer: A", asked, (2, 0, 1))[0] == 2


def test_a_letter_beyond_the_choices_states_nothing() -> None:
    assert read_answer("Answer: D", question("en", "ant", "bee", "cow"), range(3)) == (None, None)


def test_the_stage_fills_in_answers_and_changes_nothing_else() -> None:
    asked = question("en", "ant", "bee")
    rows = [
        Response("q", "en", 0, "fake", "Answer: B", (1, 0)),
        Response("q", "en", 1, "fake", "Both are insects.", (0, 1)),
    ]
    assert list(extract(rows, {"q": {"en": asked}})) == [
        Response("q", "en", 0, "fake", "Answer: B", (1, 0), 0, (8, 9)),
        Response("q", "en", 1, "fake", "Both are insects.", (0, 1), None, None),
    ]


LLAMA_LANGUAGES = ("en", "zh", "fr", "de", "it", "ja")
LlamaAnswers = dict[tuple[str, str], list[int | None]]


@pytest.fixture(scope="module")
def llama(real_data: Path) -> tuple[dict[str, int | None], LlamaAnswers]:
    """Golds and the answers read from three Llama-3-8B responses a question and language."""
    folder = real_data / "xcsqa" / "samples"
    groups = by_id(load_questions(str(folder), LLAMA_LANGUAGES))
    answers: LlamaAnswers = {}
    for code in LLAMA_LANGUAGES:
        file = folder / f"x_csqa_{code.replace('zh', 'cn')}_train_sampled.json"
        rows = json.loads(file.read_text(encoding="utf-8"))
        for (identity, versions), row in zip(groups.items(), rows, strict=True):
            asked = versions[code]
            order = range(len(asked.choices))
            answers[identity, code] = [read_answer(t, asked, order)[0] for t in row["pred"]]
    return {i: next(iter(v.values())).gold for i, v in groups.items()}, answers


@pytest.mark.parametrize(
    ("languages", "published"),
    [(LLAMA_LANGUAGES, 0.671), (("en",), 0.741), (("fr",), 0.620)],
    ids=["six languages", "English alone", "French alone"],
)
def test_the_vote_of_the_papers_llama_samples_is_right_as_often_as_published(
    llama: tuple[dict[str, int | None], LlamaAnswers], languages: tuple[str, ...], published: float
) -> None:
    golds, answers = llama
    right = [
        plurality([a for code in languages for a in answers[identity, code]]) == gold
        for identity, gold in golds.items()
    ]
    assert len(right) == 899
    assert sum(right) / len(right) == pytest.approx(published, abs=0.015)


def test_few_of_the_papers_llama_samples_state_nothing(
    llama: tuple[dict[str, int | None], LlamaAnswers],
) -> None:
    unread = [answer is None for answers in llama[1].values() for answer in answers]
    assert 0.005 < sum(unread) / len(unread) < 0.02
