"""The answer begins after the thoughts and ends with the turn, or where a next question begins.

Every case holds the answer "Answer: B." between what comes before it and what comes behind.
"""

import time

import pytest

from calm.answers.said import said
from calm.languages.table import LANGUAGES

ANSWER = "Answer: B."

BEHIND = [
    "<|im_end|>\n<|im_start|>user\nAnother?<|im_end|>\n<|im_start|>assistant\nAnswer: C",
    "<end_of_turn>\n<start_of_turn>user\nNext<end_of_turn>\n<start_of_turn>model\nAnswer: C",
    "<turn|>\n<|turn>user\nNext<turn|>\n<|turn>model\nAnswer: C",
    "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nAnswer: C",
    "</s>Answer: C",
    "</s> [INST] And then? [/INST] Answer: C",
    " [INST] And then? [/INST] Answer: C",
    "<|endoftext|>Answer: C",
    "<|end|><|user|>Next<|end|><|assistant|>Answer: C",
    "<|return|>C",
    "<|EOT|>C",
    "<｜end▁of▁sentence｜><｜User｜>Next<｜Assistant｜>Answer: C",
    "<|END_OF_TURN_TOKEN|>C",
    "<eos>C",
    "\n<|assistant|>\nAnswer: C",
    "\n### Instruction:\nWhich is red?\n### Response:\nAnswer: C",
    "\n\n### Question: Which is red?\nAnswer: C",
    "\n\n### Question 2\nWhich is red?\nAnswer: C",
    "\n\nHuman: And which is red?\n\nAssistant: Answer: C",
    "\n\n**User:** And which is red?\n**Assistant:** C",
    "\nAssistant: Answer: C",
    "\n用户：红色的呢？\n助手：答案：C",
    "\nПользователь: А красный?\nАссистент: Ответ: C",
    "\nQ: Which is red?\nA: C",
    "\nQ2. Which is red?\nAnswer: C",
    "\n\n**Question 2:** Which is red?\nAnswer: C",
    "\n\nQuestion (2): Which is red?\nAnswer: C",
    "\n\nQuestion 2 of 10: Which is red?\nAnswer: C",
    "\n\nNext question: Which is red?\nAnswer: C",
    "\n\nProblem 2. Which is red?\nAnswer: C",
    "\n\n2. Which planet is red?\nA. Venus\nB. Mars\nAnswer: C",
    "\n\nFrage Nr. 2: Welcher ist rot?\nAntwort: C",
    "\n\nPregunta n.º 2: ¿Cuál es rojo?\nRespuesta: C",
    "\n\nQuestion n° 2 : Lequel est rouge ?\nRéponse : C",
    "\n\n第2题：哪个是红色的？\n答案：C",
    "\n\n第二题：哪个是红色的？\n答案：C",
    "\n\n问：哪个是红色的？\n答：C",
    "\n\n問2　赤いのはどれですか。\n答え：C",
    "\n\nCâu 2: Hành tinh nào đỏ?\nĐáp án: C",
    "\n\nसवाल २: कौन सा लाल है?\nउत्तर: C",
    "\n\nسوال نمبر 2: کون سا سرخ ہے؟\nجواب: C",
    "\n\nالسؤال ٢: أي كوكب أحمر؟\nالإجابة: C",
    "\n\nSwali la 2: Ipi ni nyekundu?\nJibu: C",
    "\n<reflection>Is it C? Answer: C</reflection>",
]

BEFORE = [
    "<think>The answer is C.</think>",
    "<thinking effort='high'>C</thinking>\n",
    "<thought>C? no</thought>",
    "<reasoning>\nQuestion: C?\n</reasoning>\n",
    "<scratchpad>Answer: C<|im_end|></scratchpad>",
    "<mm:think>The answer is C.</mm:think>",
    "<seed:think>The answer is C.</seed:think>",
    "[THINK]C[/THINK]",
    "◁think▷C◁/think▷",
    "<|START_THINKING|>C<|END_THINKING|>",
    "<|begin_of_thought|>C<|end_of_thought|>",
    "The chat template began the thought. Answer: C</think>",
    "Is it A?\nQuestion: C?</think>\n",
    "<|channel|>analysis<|message|>C?<|end|><|start|>assistant<|channel|>final<|message|>",
    "C?<|end|><|start|>assistant<|channel|>final<|message|>",
    "<|channel>thought\nC?\n<channel|>",
    "analysisWe think it is C.assistantfinal",
    "<think>One: C.</think>\nWait.\n<think>Two: D.</think>",
    "<|im_start|>assistant\n",
    "<|start_header_id|>assistant<|end_header_id|>\n\n",
    "<|im_start|>user\nWhich? A or C<|im_end|>\n<|im_start|>assistant\n",
    "[/INST] ",
    "<s> ",
    "Human: Which one? A or C\nAssistant: ",
    "### Instruction:\nWhich one?\n### Response:\n",
]

WHOLE = [
    "Question: Which metal is liquid?\nA. iron\nB. mercury\nAnswer: B.",
    "**Question 1:** Which metal is liquid?\n\nAnswer: B.",
    "Let me repeat the question:\n\nQuestion: Which metal is liquid?\nAnswer: B.",
    "The question: which metal flows? It asks for a state.\nAnswer: B.",
    "Mercury answers the question.\nIt raises no question at all. Answer: B.",
    "B\nInput and output are not the matter.",
    "1. Is iron liquid? No.\n2. Is mercury liquid? Yes.\nAnswer: B.",
    "Not <s>A. iron</s> but B.",
    "<|begin_of_box|>B<|end_of_box|>",
    "<answer>B</answer>",
    "题目问的是哪种金属。\n答案：B",
    "問題は金属についてです。\n答え：B",
    "Câu trả lời: B",
    "The reasoning is short. Answer: B.",
    "",
]

NOTHING = ["<think>", "<think>Answer: B", "<reasoning>It is B.", "Hm. <thought>B", "[THINK]B"]


def part(text: str) -> str | None:
    found = said(text)
    return None if found is None else text[slice(*found)]


@pytest.mark.parametrize("behind", BEHIND)
def test_what_comes_after_the_turn_or_with_the_next_question_is_not_said(behind: str) -> None:
    found = part(ANSWER + behind)
    assert found is not None
    assert found.strip() == ANSWER


@pytest.mark.parametrize("before", BEFORE)
def test_what_is_thought_and_the_head_of_the_turn_are_not_said(before: str) -> None:
    found = part(before + ANSWER)
    assert found is not None
    assert found.strip() == ANSWER


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("behind", BEHIND[:4])
def test_both_ends_are_found_together(before: str, behind: str) -> None:
    found = part(before + ANSWER + behind)
    assert found is not None
    assert found.strip() == ANSWER


@pytest.mark.parametrize("text", WHOLE)
def test_all_is_said_where_nothing_else_begins(text: str) -> None:
    assert part(text) == text


@pytest.mark.parametrize("text", NOTHING)
def test_an_unfinished_thought_says_nothing(text: str) -> None:
    assert said(text) is None


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_next_question_ends_an_answer_in_every_language(code: str) -> None:
    row = LANGUAGES[code]
    answer = f"{row.answer}{row.colon}B"
    for label in (row.question, *row.question_labels):
        for head in (f"{label}{row.colon}", f"**{label} 2{row.colon}**", f"## {label} 2\n"):
            found = part(f"{answer}\n\n{head}C?\n{row.answer}{row.colon}C")
            assert found is not None
            assert found.strip() == answer, head
            text = f"{head}B?\n{answer}"
            assert part(text) == text


@pytest.mark.parametrize(
    ("piece", "found"),
    [
        ("<think>", None),
        *((piece, (0, 1_000_000)) for piece in ("\n", "Question: ", "<|", "# ")),
        ("1. ", (0, 999_999)),
        ("A</think>", (999_999, 999_999)),
    ],
)
def test_a_megabyte_is_looked_through_in_seconds(piece: str, found: tuple[int, int] | None) -> None:
    begin = time.process_time()
    assert said(piece * (1_000_000 // len(piece))) == found
    assert time.process_time() - begin < 20
