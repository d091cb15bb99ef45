"""A short answer is read up to its explanation; what is none is not forced into one."""

import json
from pathlib import Path

import pytest

from calm.answers.short import read_short_answer

DATA = Path(__file__).parents[1] / "data" / "short_answers.jsonl"
ROWS = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    ("code", "text", "answer"),
    [
        ("en", " Paris. It is a large city.", "Paris"),
        ("en", "**Paris**", "Paris"),
        ("en", "The answer is Paris, because it is.", "Paris"),
        ("en", "Answer: 42\nExplanation: I counted.", "42"),
        ("en", "<think>Rome?</think>Paris", "Paris"),
        ("en", "St. Petersburg", "St. Petersburg"),
        ("en", "J. R. R. Tolkien", "J. R. R. Tolkien"),
        ("en", "red, white and blue", "red, white and blue"),
        ("en", "Paris, which is what everybody says", "Paris"),
        ("en", "3.5", "3.5"),
        ("zh", "答案：巴黎。因为它是首都", "巴黎"),
        ("zh", "巴黎，因为它是首都", "巴黎"),
        ("fr", " Réponse : Paris (la capitale)", "Paris"),
        ("fr", "« plein »", "plein"),
        ("de", "Bienen, weil sie Honig machen", "Bienen"),
        ("it", "L'acqua.", "L'acqua"),
        ("ja", "東京です。首都だからです。", "東京です"),
        ("es", "abejas porque hacen miel", "abejas"),
        ("ar", "الجواب: باريس", "باريس"),
        ("ar", "باريس، لأنها العاصمة", "باريس"),
        ("hi", "कोई भी रंग", "कोई भी रंग"),
        ("ur", "کوئی بھی رنگ", "کوئی بھی رنگ"),
        ("de", "Ich kann fliegen", "Ich kann fliegen"),
        ("nl", "Ik kan vliegen", "Ik kan vliegen"),
        ("sw", "Jibu sahihi ndilo simba", "simba"),
    ],
)
def test_an_answer_is_read_up_to_its_explanation(code: str, text: str, answer: str) -> None:
    found = read_short_answer(text, code)
    assert (found.text, found.how) == (answer, "stated")
    assert found.span is not None
    assert text[slice(*found.span)] == answer


@pytest.mark.parametrize(
    ("code", "text", "how"),
    [
        ("en", " \n", "empty"),
        ("en", "...", "empty"),
        ("en", "<think>I wonder", "empty"),
        ("en", "I don't know.", "refusal"),
        ("de", "Ich kann diese Frage nicht beantworten.", "refusal"),
        ("nl", "Ik kan die vraag niet beantwoorden.", "refusal"),
        ("hi", "कोई भी नहीं", "refusal"),
        ("ur", "کوئی بھی نہیں", "refusal"),
        ("de", "Das weiß ich nicht so genau und will es auch nicht sagen", "long"),
        ("zh", "这是一个非常复杂的问题我们需要从许多不同的方面来讨论它", "long"),
    ],
)
def test_what_is_no_short_answer_is_none(code: str, text: str, how: str) -> None:
    found = read_short_answer(text, code)
    assert (found.how, found.span) == (how, None)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['language']}-{row['text']}")
def test_an_answer_is_told_from_what_stands_around_it(row: dict[str, str]) -> None:
    found = read_short_answer(row["text"], row["language"])
    assert found.how == row["how"]
    if found.span is not None:
        assert (found.text, row["text"][slice(*found.span)]) == (row["answer"], row["answer"])
