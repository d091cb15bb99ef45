"""Files that are no question files, or are not right, are told in words with row and field."""

import codecs
import json
from pathlib import Path

import pytest

from calm.cli.parser import main
from tests.questions.test_files import (
    HEADER,
    Q1,
    Q2,
    ROWS,
    TABLE,
    WHICH,
    Output,
    lines,
    written,
)

BAD: list[tuple[str, str, bytes | str, tuple[str, ...]]] = [
    (
        "an unclosed quotation mark",
        "a.csv",
        TABLE.replace("Which m", '"Which m'),
        ("row 2: a quot",),
    ),
    (
        "an unclosed one in the last row",
        "a.csv",
        TABLE.replace("Which g", '"Which g'),
        ("row 3: a quot",),
    ),
    (
        "a quotation mark in a quoted cell",
        "a.csv",
        HEADER + 'q1,,,"A "b" c?",x|y,,\n',
        ("row 2: a quot",),
    ),
    (
        "one escaped by a backslash",
        "a.csv",
        HEADER + 'q1,,,"A \\"b\\" c?",x|y,,\n',
        ("row 2: a quot",),
    ),
    (
        "an unclosed one in a large file",
        "a.csv",
        HEADER
        + 'q0,,en,"Which one?,x|y,1,\n'
        + "".join(f"q{n},,en,Which {n}?,x|y,1,\n" for n in range(1, 9000)),
        ("row 2: a quot",),
    ),
    (
        "a comma outside quotation marks",
        "a.csv",
        TABLE.replace("Which m", "Now, which m"),
        ("row 2: 8 cells", "','"),
    ),
    ("no header", "a.csv", ROWS, ("row 1", "'text'", "'choices'")),
    ("one column", "a.csv", "text\nWhich?\n", ("row 1", "'choices'")),
    (
        "a text without any column",
        "a.csv",
        "Dear all,\nhere are my questions.\n",
        ("row 1", "'text'"),
    ),
    (
        "a column that lacks",
        "a.csv",
        TABLE.replace("choices", "things", 1),
        ("row 1", "'choices'"),
    ),
    (
        "a column that is there twice",
        "a.csv",
        HEADER.replace("topic", "Text") + ROWS,
        ("row 1", "'text'", "twice"),
    ),
    ("a header alone", "a.csv", HEADER, ("has no rows",)),
    ("an empty file", "a.csv", b"", ("has no rows",)),
    ("an empty file of lines", "a.jsonl", b"", ("has no rows",)),
    ("a byte order mark alone", "a.csv", codecs.BOM_UTF8, ("has no rows",)),
    ("blank rows alone", "a.csv", HEADER + ",,,,,,\n", ("has no rows",)),
    (
        "Windows-1252",
        "a.csv",
        TABLE.replace("gas", "gaz «né»").encode("cp1252"),
        ("is not UTF-8", "line 3"),
    ),
    (
        "Latin-1 in JSON Lines",
        "a.jsonl",
        lines(Q1 | {"text": "Où?"}).encode("latin-1"),
        ("is not UTF-8", "line 1"),
    ),
    (
        "GB 18030",
        "a.csv",
        (HEADER + "q1,,zh,哪种金属？,铁|汞,1,\n").encode("gb18030"),
        ("is not UTF-8", "line 2"),
    ),
    ("UTF-16 that is torn", "a.csv", TABLE.encode("utf-16")[:-1], ("is not UTF-8",)),
    (
        "a workbook",
        "a.csv",
        b"PK\x03\x04\x14\x00\x06\x00xl/workbook.xml" + bytes(99),
        ("xlsx", "CSV"),
    ),
    ("a zip archive", "a.csv", b"PK\x03\x04\x14\x00\x00\x00a.csv" + bytes(99), ("zip", "CSV")),
    ("an old workbook", "a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), ("xls", "CSV")),
    ("a packed file", "a.jsonl", b"\x1f\x8b\x08\x00" + bytes(99), ("gzip",)),
    ("a PDF file", "a.csv", b"%PDF-1.7\n" + bytes(99), ("PDF",)),
    ("a Parquet file", "a.csv", b"PAR1" + bytes(99), ("Parquet",)),
    ("a web page", "a.csv", "<!DOCTYPE html>\n<html></html>\n", ("HTML",)),
    (
        "half a character",
        "a.jsonl",
        '{"id":"q","text":"W \\ud83d?","choices":["a","b"]}\n',
        ("row 1", "'text'", "half"),
    ),
    (
        "half a character in each field",
        "a.jsonl",
        '{"id":"\\ud83d","text":"W\\udc00?","choices":["a\\ud800","b"],"topic":"\\ud83d"}\n',
        (
            "'id' contains half",
            "'text' contains half",
            "'choices' contains half",
            "'topic' contains half",
        ),
    ),
    (
        "deep nesting",
        "a.jsonl",
        '{"id":' + "[" * 99999 + "]" * 99999 + "}\n",
        ("row 1", "not JSON"),
    ),
    ("deep nesting of a list", "a.json", "[" * 99999 + "]" * 99999, ("row 1", "not JSON")),
    ("a number of many digits", "a.jsonl", '{"id":' + "9" * 9999 + "}\n", ("row 1", "not JSON")),
    ("a torn last line", "a.jsonl", lines(Q1, Q2)[:-20], ("row 2", "not JSON")),
    ("a torn list", "a.json", json.dumps([Q1, Q2], indent=1)[:-20], ("row 1", "not JSON")),
    (
        "a text in place of a row",
        "a.jsonl",
        lines(Q1, "hello", 7, None, [1]),
        ("row 2", "row 3", "row 4", "row 5"),
    ),
    (
        "an object around the rows",
        "a.json",
        json.dumps({"data": [Q1]}),
        ("row 1", "'text'", "'choices'"),
    ),
    (
        "the same over many lines",
        "a.json",
        json.dumps({"data": [Q1]}, indent=1),
        ("row 1", "not JSON"),
    ),
    ("CSV named .jsonl", "a.jsonl", TABLE, ("row 1", "must be named .csv")),
    (
        "an id twice",
        "a.jsonl",
        lines(Q1, Q2, Q1, Q2),
        ("row 3: field 'id': 'q1'", "row 4: field 'id': 'q2'"),
    ),
    (
        "a field twice",
        "a.jsonl",
        '{"id":"a","id":"b","text":"Which?","choices":["a","b"]}\n',
        ("row 1", "'id'", "twice"),
    ),
    (
        "a field twice but for its capitals",
        "a.jsonl",
        '{"id":"a","text":"W?","Text":"V?","choices":["a","b"]}\n',
        ("row 1", "'text'", "twice"),
    ),
    *(
        (f"{value!r} as {field}", "a.jsonl", lines(Q1 | {field: value}), ("row 1", f"'{field}'"))
        for field, value in (
            *(("id", value) for value in (None, True, 1.5, [], {}, "", "\u200b", "x" * 2001)),
            *(("text", value) for value in (None, True, 7, [], {}, "", "\u200b\ufeff", "\u00a0")),
            *(
                ("choices", value)
                for value in (None, "a|b", 7, {}, [], ["a"], ["a", None], [["a"], "b"])
            ),
            *(
                ("choices", value)
                for value in (["a", "\u200b"], ["a", "a"], ["é", "e\u0301"], ["a", "a\u200b"])
            ),
            *(
                ("gold", value)
                for value in (2, -1, True, "7", "C", [1], {}, 1.5, float("nan"), 10**99)
            ),
            *(
                ("language", value)
                for value in (None, 7, [], {}, ["en"], "xx", "", "English and French")
            ),
            *(("split", value) for value in (7, ["train"], {"a": 1}, "test", "both")),
            *(("topic", value) for value in (["a"], {"a": 1}, "a\x00b", "x" * 2001)),
        )
    ),
    (
        "a cell that lacked",
        "a.csv",
        TABLE.replace("iron|mercury", "Two|One|nan|Three"),
        ("row 2", "'nan'"),
    ),
    (
        "a cell that lacked, as text",
        "a.csv",
        TABLE.replace(WHICH, "nan"),
        ("row 2", "'text'", "'nan'"),
    ),
    ("an error of a spreadsheet", "a.csv", TABLE.replace("iron|", "#REF!|"), ("row 2", "'#REF!'")),
    ("NaN", "a.jsonl", lines(Q1 | {"choices": ["iron", "NaN"]}), ("row 1", "'NaN'")),
    (
        "signs of a wrong encoding",
        "a.jsonl",
        lines(Q1 | {"text": "Which m\ufffdtal is it?"}),
        ("row 1", "'text'", "\ufffd"),
    ),
    (
        "one text in three languages",
        "a.jsonl",
        lines(
            Q1, Q1 | {"language": "fr"}, Q1 | {"language": "de", "text": "which metal is liquid"}
        ),
        ("q1", "'text'", "en, fr, de", "row 1"),
    ),
    (
        "one text in Chinese and Japanese",
        "a.jsonl",
        lines(
            *(
                Q1 | {"language": code, "text": "アンドロメダ銀河は何ですか？"}
                for code in ("zh", "ja")
            )
        ),
        ("q1", "zh, ja"),
    ),
    (
        "English in a Hindi row",
        "a.jsonl",
        lines(Q1 | {"language": "hi"}),
        ("row 1", "'text'", "Devanagari"),
    ),
    (
        "Chinese in a Japanese row",
        "a.jsonl",
        lines(Q1 | {"language": "ja", "text": "哪种金属是液体？"}),
        ("row 1", "Hiragana"),
    ),
    (
        "choices that differ in number",
        "a.jsonl",
        lines(Q1, Q1 | {"language": "de", "text": "Was?", "choices": ["a", "b", "c"]}),
        ("row 2", "'choices'", "2 in en", "3 in de"),
    ),
    (
        "everything at once",
        "a.csv",
        HEADER
        + 'q1,,,Which?,a|b,7,\nq2,,,"Which,a|b,1,\nq3,,xx,,a,1,\n'
        + "q1,,,Which?,a|b,1,\nq5,,hi,Which?,a|b,1,\n",
        (
            "row 2: field 'gold': 7",
            "row 3: a quot",
            "row 4: field 'language': 'xx'",
            "row 4: field 'text' is missing",
            "row 4: field 'choices' has 1",
            "row 6: q5, hi: field 'text'",
        ),
    ),
]


@pytest.mark.parametrize(
    ("name", "content", "told"), [case[1:] for case in BAD], ids=[c[0] for c in BAD]
)
def test_a_file_that_is_not_right_is_told_with_row_and_field(
    name: str, content: bytes | str, told: tuple[str, ...], tmp_path: Path, capsys: Output
) -> None:
    file = written(tmp_path, name, content)
    assert main(["questions", "check", str(file)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("calm: ")
    assert [part for part in told if part not in said] == []
    assert len(max(said.splitlines(), key=len)) < 700
