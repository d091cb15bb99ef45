"""X-CSQA is read as it stands: from folders of the authors' files, and from the Hub."""

import json
from pathlib import Path
from typing import Any

import pytest

from calm.errors import CalmError
from calm.languages.table import LANGUAGES
from calm.questions.sets import load_questions
from calm.questions.xcsqa import gold_of, parts

CHOICES = ("iron", "mercury", "tin")
LISTED = "A. iron\nB. mercury\nC. tin"


@pytest.mark.parametrize(
    ("output", "gold"),
    [
        *((output, None) for output in ("", " ", None, 1, True, ["B"], {}, "?", "-", ".")),
        *((output, 1) for output in ("B", "b", "(B)", "B.", " B ", "Ｂ", "**B**", "B) mercury")),
        *((output, 1) for output in ("mercury", "Mercury", "mercury.", "B. mercury", "b: MERCURY")),
        *((output, None) for output in ("Brass is not it", "A metal", "Answer: B", "Because")),
        *((output, None) for output in ("D", "H", "I", "Z", "B, C", "B or C", "A. mercury", "AB")),
        *((output, None) for output in ("copper", "tin and iron", "nan", "None", "Cannot say")),
        ("ti\u0301n", None),
        ("A", 0),
        ("C", 2),
    ],
)
def test_gold_is_the_choice_that_is_named_or_nothing(output: Any, gold: int | None) -> None:
    assert gold_of(output, CHOICES) == gold


@pytest.mark.parametrize(
    ("output", "choices", "gold"),
    [
        ("B", ("B", "A"), 1),
        ("a", ("Gg", "gg"), 0),
        ("gg", ("Gg", "gg"), 1),
        ("Gg", ("Gg", "gg"), 0),
        ("GG", ("Gg", "gg"), None),
        ("tin", ("tin", "tin"), None),
        ("A bird", ("a bird", "a cat"), 0),
        ("a cat", ("a bird", "a cat"), 1),
        ("蜜蜂", ("蚂蚁", "蜜蜂"), 1),
        ("B. 蜜蜂", ("蚂蚁", "蜜蜂"), 1),
        ("A. 蜜蜂", ("蚂蚁", "蜜蜂"), None),
    ],
)
def test_a_letter_counts_before_a_text_and_an_ambiguous_text_not_at_all(
    output: str, choices: tuple[str, ...], gold: int | None
) -> None:
    assert gold_of(output, choices) == gold


@pytest.mark.parametrize(
    "text",
    [
        "The boy asked: where is the sun?",
        "True or false: it is liquid.",
        "At 10:30 he left. Where to?",
        "Ratio 3:1 means what?",
        "In chess: which piece moves first?",
        "Quick question: who won?",
        "Questions: how many are there?",
        "Er fragte: wo ist es?",
        "Frage nach dem Weg: wen?",
        "Sabías que: ¿dónde?",
        "他问：在哪里？",
        "彼は聞いた：どこですか？",
        "Он спросил: где?",
        "سأل: أين؟",
        "उसने पूछा: कहाँ?",
        "He said: “Question: where?”",
        "Q is for: which word?",
    ],
)
def test_a_text_before_a_colon_is_part_of_the_question(text: str) -> None:
    assert parts(f"{text}\n{LISTED}") == (text, list(CHOICES), [])


LABELS = [
    *sorted({row.question for row in LANGUAGES.values()}),
    *("Question 3", "Frage 12", "Q", "Q1", "问题", "題目", "設問", "QUESTION", "**Question**"),
    *("Pregunta n.º 4", "Вопрос № 7", "Question: Frage", "Question #2"),
]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("colon", [": ", ":", " : ", "：", ":\n"])
def test_a_label_before_a_question_goes(label: str, colon: str) -> None:
    assert parts(f"{label}{colon}At 10:30 he left?\n{LISTED}")[0] == "At 10:30 he left?"


def write(folder: Path, name: str, content: Any) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text, encoding="utf-8")


def row(asked: str = f"Which?\n{LISTED}", **fields: Any) -> dict[str, Any]:
    return {"input": asked, "output": "B"} | fields


@pytest.mark.parametrize(
    ("name", "code"),
    [("cn", "zh"), ("jap", "ja"), ("jp", "ja"), ("zh-cn", "zh"), ("EN", "en"), ("ger", "de")],
)
def test_a_file_s_language_has_any_of_its_names(name: str, code: str, tmp_path: Path) -> None:
    write(tmp_path, f"x_csqa_{name}_test.json", [row()])
    assert [q.language for q in load_questions(str(tmp_path), (code,))] == [code]


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + json.dumps([row(), row()]),
        json.dumps([row(), row()], indent=1),
        json.dumps(row()) + "\n" + json.dumps(row()) + "\n",
        json.dumps(row()) + "\r\n\r\n" + json.dumps(row()),
        json.dumps([row(f"Which?\n{LISTED}\nAnswer:\nAntwort:"), row(f"Which?\n\n{LISTED}\n")]),
        json.dumps([row(f"Which?\r\n{LISTED}\r\nAnswer: B"), row(f"Question: Which?\n{LISTED}")]),
    ],
)
def test_a_file_is_a_list_or_lines_with_or_without_labels(content: str, tmp_path: Path) -> None:
    write(tmp_path, "x_csqa_en_test.json", content)
    read = load_questions(str(tmp_path), ("en",))
    assert [(q.text, q.choices, q.gold) for q in read] == [("Which?", CHOICES, 1)] * 2


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (json.dumps([row(), row()])[:-20], "row 1: this is not JSON"),
        (["hello", 7], "row 2: a JSON object is expected, not 7"),
        ({"data": [row()]}, "row 1: question held-out-0001 in en: field 'input'"),
        ([row(), {"output": "B"}], "row 2: question held-out-0002 in en: field 'input'"),
        ([row("")], "field 'input' is not a question"),
        ([row("Which?")], "field 'input' is not a question"),
        ([row("Which?\nA. iron")], "field 'input' is not a question"),
        ([row("Which?\nA. iron\nC. tin\nB. zinc")], "field 'input' is not a question"),
        ([row(f"Which?\n{LISTED}\nand zinc")], "field 'input' is not a question"),
        ([row(f"Which?\n{LISTED}\nE. zinc")], "field 'input' is not a question"),
        ([row(LISTED)], "row 1: field 'text' is missing or empty"),
        ([row("Which?\nA. iron\nB. ")], "row 1: field 'choices': choice 2 is empty"),
        ([row("Which \ud83d?\nA. iron\nB. tin")], "row 1: field 'text' contains half a character"),
        ([row(input=None)], "field 'input' is not a question"),
        ([row(input=["Which?"])], "field 'input' is not a question"),
        ("[" * 99999, "row 1: this is not JSON"),
        ("", "has no question in en"),
        ("[]", "has no question in en"),
    ],
)
def test_a_row_that_is_not_right_is_told(content: Any, problem: str, tmp_path: Path) -> None:
    write(tmp_path, "x_csqa_en_test.json", content)
    with pytest.raises(CalmError) as caught:
        load_questions(str(tmp_path), ("en",))
    assert problem in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252"])
def test_a_file_in_another_encoding_is_told(encoding: str, tmp_path: Path) -> None:
    text = json.dumps([row(f"Où?\n{LISTED}")], ensure_ascii=False)
    (tmp_path / "x_csqa_fr_test.json").write_bytes(text.encode(encoding))
    with pytest.raises(CalmError):
        load_questions(str(tmp_path), ("fr",))


def test_every_row_of_every_file_that_is_not_right_is_told_at_once(tmp_path: Path) -> None:
    for code in ("de", "en"):
        write(tmp_path, f"x_csqa_{code}_test.json", [row("?"), row(), row("!")])
    with pytest.raises(CalmError, match="has 4 problems") as caught:
        load_questions(str(tmp_path), ("en", "de"))
    assert str(caught.value).count("x_csqa_de_test.json, row") == 2


def test_what_one_file_says_is_right_is_right_in_all(tmp_path: Path) -> None:
    write(tmp_path, "x_csqa_en_test.json", [row(), row(output=""), row(output="")])
    write(tmp_path, "x_csqa_fr_test.json", [row(output="C'est B"), row(output="C"), row(output="")])
    read = load_questions(str(tmp_path), ("en", "fr"))
    assert [q.gold for q in read] == [1, 2, None] * 2


def test_files_that_differ_in_what_is_right_are_told(tmp_path: Path) -> None:
    for code, output in (("en", "B"), ("fr", "C")):
        write(tmp_path, f"x_csqa_{code}_test.json", [row(output=output)])
    with pytest.raises(CalmError, match="held-out-0001: field 'output' is B in en, C in fr"):
        load_questions(str(tmp_path), ("en", "fr"))


def test_two_files_of_one_language_are_told(tmp_path: Path) -> None:
    for name in ("ja", "jap"):
        write(tmp_path, f"x_csqa_{name}_test.json", [row()])
    with pytest.raises(CalmError, match=r"jap_test\.json: x_csqa_ja_test\.json is a file of the"):
        load_questions(str(tmp_path), ("ja",))
