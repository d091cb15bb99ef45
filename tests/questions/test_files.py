"""Files as people, spreadsheets and scripts write them are read, or told in words."""

import codecs
import json
from pathlib import Path
from typing import Any

import pytest

from calm.cli.parser import main
from calm.questions.sets import read_question_file

Output = pytest.CaptureFixture[str]

HEADER = "id,split,language,text,choices,gold,topic\n"
ROWS = (
    "q1,train,en,Which metal is liquid?,iron|mercury,1,science\n"
    "q2,held-out,en,Which gas do plants take in?,oxygen|carbon dioxide,1,science\n"
)
TABLE = HEADER + ROWS
WHICH = "Which metal is liquid?"
Q1 = {"id": "q1", "language": "en", "text": "Which metal is liquid?", "choices": ["iron", "tin"]}
Q2 = {"id": "q2", "language": "en", "text": "Which planet is red?", "choices": ["Mars", "Venus"]}


def with_delimiter(delimiter: str) -> str:
    quoted = TABLE.replace("iron|mercury", '"iron|mercury"')
    quoted = quoted.replace("oxygen|carbon dioxide", '"oxygen|carbon dioxide"')
    return quoted.replace(",", delimiter)


def lines(*rows: Any) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def without(field: str) -> dict[str, Any]:
    return {name: value for name, value in Q1.items() if name != field}


GOOD: list[tuple[str, str, bytes | str]] = [
    ("commas", "a.csv", TABLE),
    ("semicolons, as spreadsheets in Europe write them", "a.csv", with_delimiter(";")),
    ("tabs", "a.csv", with_delimiter("\t")),
    ("tabs, named for them", "a.tsv", with_delimiter("\t")),
    ("pipes, with the choices in quotation marks", "a.csv", with_delimiter("|")),
    ("a line that names the delimiter", "a.csv", "sep=;\n" + with_delimiter(";")),
    ("such a line with its quotation marks", "a.csv", '"sep=;"\r\n' + with_delimiter(";")),
    ("names of columns in capitals", "a.csv", HEADER.upper() + ROWS),
    ("names of columns with spaces", "a.csv", HEADER.replace(",", " , ") + ROWS),
    ("names of columns in quotation marks", "a.csv", HEADER.replace("text", '"Text"') + ROWS),
    ("a space behind the delimiters", "a.csv", TABLE.replace(",", ", ")),
    (
        "spaces before a cell in quotation marks",
        "a.csv",
        TABLE.replace(WHICH, '  "Which one, if any?"'),
    ),
    ("more columns than are read", "a.csv", HEADER[:-1] + ",note\n" + ROWS),
    ("the columns in another order", "a.csv", "gold,text,choices,id\n1,Which?,a|b,q1\n"),
    ("empty cells behind the last one", "a.csv", TABLE.replace("science\n", "science,,\n")),
    ("cells left out at the end", "a.csv", TABLE.replace(",science\n", "\n")),
    ("blank rows", "a.csv", TABLE + ",,,,,,\n ,,,,,,\n\n,,,,,,\n"),
    ("blank lines before the header", "a.csv", "\n\n" + TABLE),
    ("line ends of Windows", "a.csv", TABLE.replace("\n", "\r\n")),
    ("line ends of old Macs", "a.csv", TABLE.replace("\n", "\r")),
    ("no line end behind the last row", "a.csv", TABLE.rstrip()),
    ("a byte order mark", "a.csv", codecs.BOM_UTF8 + TABLE.encode()),
    ("UTF-16 as spreadsheets write Unicode text", "a.csv", with_delimiter("\t").encode("utf-16")),
    ("UTF-16, the high byte first", "a.csv", codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be")),
    ("UTF-16 without a mark", "a.csv", TABLE.encode("utf-16-le")),
    ("UTF-16 in JSON Lines", "a.jsonl", lines(Q1, Q2).encode("utf-16")),
    ("the place of the choice as pandas writes it", "a.csv", TABLE.replace(",1,", ",1.0,")),
    ("spaces around a number", "a.csv", TABLE.replace(",1,", ", 1 ,")),
    ("choices as a JSON list", "a.csv", TABLE.replace("iron|mercury", '"[""iron"", ""tin""]"')),
    ("a doubled quotation mark", "a.csv", TABLE.replace(WHICH, '"Which ""metal""?"')),
    ("a quotation mark inside a bare cell", "a.csv", TABLE.replace("metal", 'me"tal" now')),
    ("capital letters in the name of the file", "A.CSV", TABLE),
    ("JSON Lines", "a.jsonl", lines(Q1, Q2)),
    ("JSON Lines named .csv", "a.csv", lines(Q1, Q2)),
    ("a JSON list", "a.json", json.dumps([Q1, Q2], indent=2)),
    ("a JSON list in one line", "a.jsonl", json.dumps([Q1, Q2])),
    ("names of fields in capitals", "a.jsonl", lines({k.upper(): v for k, v in Q1.items()})),
    ("a line break inside a text", "a.jsonl", lines(Q1 | {"text": "Read.\r\nWhich metal?"})),
    (
        "choices that differ in their capitals",
        "a.jsonl",
        lines(Q1 | {"choices": ["GG", "gg", "Gg"]}),
    ),
    ("units that differ in their capitals", "a.jsonl", lines(Q1 | {"choices": ["mW", "MW", "mw"]})),
    ("a formula alone", "a.jsonl", lines(Q1 | {"text": "2 + 2 = ?"})),
    ("a formula alone, in Japanese", "a.jsonl", lines(Q1 | {"language": "ja", "text": "√9 = ?"})),
    (
        "Chinese around a formula",
        "a.jsonl",
        lines(Q1 | {"language": "zh", "text": "求 $\\frac{abc}{xyz}$"}),
    ),
    (
        "Chinese around bare commands",
        "a.jsonl",
        lines(Q1 | {"language": "zh", "text": "求\\sqrt{x}的值"}),
    ),
    (
        "Hindi around an English word",
        "a.jsonl",
        lines(Q1 | {"language": "hi", "text": "HTML क्या है?"}),
    ),
    ("Japanese in katakana", "a.jsonl", lines(Q1 | {"language": "ja", "text": "テレビ?"})),
    ("Greek letters in English", "a.jsonl", lines(Q1 | {"text": "αβγδε + ζηθ is?"})),
    (
        "a language as data sets call it",
        "a.jsonl",
        lines(Q1 | {"language": "jap", "text": "何ですか?"}),
    ),
    (
        "a language with its country",
        "a.jsonl",
        lines(Q1 | {"language": "pt-BR", "text": "Qual metal?"}),
    ),
    ("a language in capitals", "a.jsonl", lines(Q1 | {"language": "EN"})),
    ("a language that lacks", "a.jsonl", lines(Q1, Q2, Q1 | {"language": "de", "text": "Was?"})),
    (
        "the same formula in two languages",
        "a.jsonl",
        lines(Q1 | {"text": "$abc = xyz$?"}, Q1 | {"language": "de", "text": "$abc = xyz$?"}),
    ),
    (
        "names that are the same in two languages",
        "a.jsonl",
        lines(Q1, Q1 | {"language": "de", "text": "Was?"}),
    ),
    ("a split in capitals", "a.jsonl", lines(Q1 | {"split": "Train"}, Q2 | {"split": "Held-Out"})),
]


def written(folder: Path, name: str, content: bytes | str) -> Path:
    file = folder / name
    file.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return file


@pytest.mark.parametrize(("name", "content"), [case[1:] for case in GOOD], ids=[c[0] for c in GOOD])
def test_a_file_that_can_be_understood_is_read(
    name: str, content: bytes | str, tmp_path: Path, capsys: Output
) -> None:
    file = written(tmp_path, name, content)
    assert main(["questions", "check", str(file)]) == 0, capsys.readouterr().err
    questions = read_question_file(file)
    assert all(len(q.choices) in (2, 3) and "|" not in q.choices[0] for q in questions)
    assert "all good" in capsys.readouterr().out
