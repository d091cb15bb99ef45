"""An explained answer has one form, whatever form the response had."""

import time

import pytest

from calm.answers.choice import read_answer
from calm.answers.explanation import explained, explanation
from calm.languages.table import LANGUAGES
from calm.records import Question

ANT = Question("q", "en", "?", ("ant", "bee", "cow"))


def of(text: str, stated: str, code: str = "en") -> str:
    start = text.rindex(stated)
    return explanation(text, (start, start + len(stated)), code)


@pytest.mark.parametrize(
    ("code", "text", "stated", "kept"),
    [
        ("en", "Explanation: It buzzes.\n\nAnswer: B. bee", "B. bee", "It buzzes."),
        ("en", "**Explanation:**\nIt buzzes.\n**Answer:** B", "B", "It buzzes."),
        ("en", "### Reasoning\nIt buzzes.\n\n### Answer\nB", "B", "It buzzes."),
        ("en", "Explanation (short): It buzzes. Answer: B", "B", "It buzzes."),
        ("en", "Explanation: Explanation: It buzzes. Answer: B", "B", "It buzzes."),
        ("en", "It buzzes. Therefore, the correct answer is **(B)**", "B", "It buzzes."),
        ("en", "It buzzes and it stings, so the answer is B", "B", "It buzzes and it stings"),
        ("en", "It buzzes.\nThe answer is the option B", "B", "It buzzes."),
        ("en", "It buzzes.\nThe most fitting would be:\n\nAnswer: B", "B", "It buzzes."),
        ("en", "it buzzes so the answer is B", "B", "it buzzes so"),
        ("en", "It buzzes.\n\nAnswer: A. ant\n\nNo.\nAnswer: B", "B", "It buzzes.\nNo."),
        ("en", "It buzzes.\nAnswer:\nA. ant\nIt flies.\nAnswer: B", "B", "It buzzes.\nIt flies."),
        ("en", "- It *buzzes*.\n- It `stings`.\n---\nAnswer: B", "B", "It buzzes.\nIt stings."),
        ("en", "2*3 legs, a_b. Answer: B", "B", "2*3 legs, a_b."),
        ("en", "<think>Ant? No.</think>It buzzes. Answer: B", "B", "It buzzes."),
        ("en", "<x:think>Ant? No.</x:think>It buzzes. Answer: B", "B", "It buzzes."),
        ("en", "Answer: B. bee\nExplanation: It buzzes.", "B. bee", "It buzzes."),
        ("en", "Answer: B. bee\n\nNote: ask me more!", "B. bee", ""),
        ("en", "Answer: B", "B", ""),
        ("en", "B", "B", ""),
        ("de", "Erläuterung:\n\nSie summt.\n\nAntwort:<B. Biene>", "B. Biene", "Sie summt."),
        ("de", "Erklärung: Sie summt.\nAnswer:\nAntwort: B", "B", "Sie summt."),
        ("de", "Sie summt. Die richtige Antwort ist die Option B", "B", "Sie summt."),
        ("fr", "Explication : Elle vole.\nRéponse : B", "B", "Elle vole."),
        ("fr", "Elle vole. Donc, la bonne réponse est :\nRéponse: B", "B", "Elle vole."),
        ("it", "Spiegazione: Vola.\nL'opzione corretta è la lettera B", "B", "Vola."),
        ("zh", "解释：它会飞。\n\n答案：B", "B", "它会飞。"),
        ("zh", "说明: 它会飞，因此答案是：B", "B", "它会飞"),
        ("ja", "説明:飛ぶ。\n\n答え:<B>", "B", "飛ぶ。"),
        ("ja", "解説：飛ぶ。したがって、答えはイです", "イ", "飛ぶ。"),
        ("ar", "الشرح: إنها تطير.\nالإجابة: ب", "ب", "إنها تطير."),
        ("hi", "व्याख्या: वह उड़ती है।\nउत्तर: B", "B", "वह उड़ती है।"),
    ],
)  # fmt: skip
def test_of_a_response_the_explanation_is_kept_and_its_form_is_not(
    code: str, text: str, stated: str, kept: str
) -> None:
    assert of(text, stated, code) == kept


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_rendered_answer_is_read_as_it_was_meant_and_comes_out_the_same_again(code: str) -> None:
    row = LANGUAGES[code]
    question = Question("q", code, "?", ("x 1", "x 2", "x 3"))
    text = explained(question, "Why, first line.\nSecond.", 2, (1, 2, 0), row.letters)
    assert text.startswith(f"{row.explanation}{row.colon}Why, first line.\nSecond.\n{row.answer}")
    said = read_answer(text, question, (1, 2, 0))
    assert said.answer == 2 and said.span is not None
    assert explanation(text, said.span, code) == "Why, first line.\nSecond."


def test_without_an_explanation_only_the_choice_is_stated() -> None:
    assert explained(ANT, "", 1, (2, 1, 0), "ABC") == "Answer: B. bee"


NOTHING_SAID = (
    *(" " * 20_000, "\n" * 20_000, "(\n" * 10_000, "answer " * 3_000, "Answer: x\n" * 2_000),
    *("*" * 20_000, ". " * 10_000, "explanation:" * 1_600),
)
DASHES, COMMAS = "-" * 19_999 + "x", "a, " * 6_000


@pytest.mark.parametrize(
    ("text", "said"),
    [*((text, "") for text in NOTHING_SAID), (DASHES, f"{DASHES}Answer"), (COMMAS, COMMAS[:-2])],
    ids=range(10),
)
def test_a_hostile_text_takes_no_long_time(text: str, said: str) -> None:
    begin = time.process_time()
    assert explanation(text + "Answer: B", (len(text) + 8, len(text) + 9), "en") == said
    assert time.process_time() - begin < 1
