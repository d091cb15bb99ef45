"""Files from normal life: their columns are known by name, or said, and become the format."""

import codecs
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from calm.cli.parser import main
from calm.config import RunConfig
from calm.errors import CalmError
from calm.pipeline.run_questions import chosen_questions
from calm.questions import workbooks
from calm.questions.columns import said_columns, split_cell
from calm.questions.sets import read_question_file, set_problems, understood
from calm.questions.workbooks import workbook

GERMAN = (
    "Nr;Frage;Antwort A;Antwort B;Antwort C;Richtige Antwort\n"
    "1;Welches Metall ist bei Raumtemperatur flüssig?;Eisen;Quecksilber;Kupfer;B\n"
    "2;Welches Gas nehmen Pflanzen am Tag aus der Luft auf?;Sauerstoff;Kohlendioxid;;B\n"
)
FOUND = [("Eisen", "Quecksilber", "Kupfer"), ("Sauerstoff", "Kohlendioxid")]


def cells(text: str, delimiter: str = ";") -> list[list[str]]:
    return [line.split(delimiter) for line in text.splitlines()]


def parquet(rows: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue()


def written(folder: Path, name: str, content: bytes | str) -> Path:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", GERMAN),
        ("a.csv", codecs.BOM_UTF8 + GERMAN.encode()),
        ("a.txt", GERMAN.replace(";", "\t").encode("utf-16")),
        (
            "a.csv",
            GERMAN.upper().replace("LÖSUNG", "Lösung").partition("\n")[0]
            + "\n"
            + GERMAN.partition("\n")[2],
        ),
        ("a.xlsx", workbook(cells(GERMAN))),
        ("a.csv", workbook(cells(GERMAN))),
    ],
    ids=["semicolons", "a mark", "tabs in UTF-16", "capitals", "Excel", "Excel, named .csv"],
)
def test_a_german_table_with_a_column_a_choice_is_understood(
    name: str, content: bytes | str, tmp_path: Path
) -> None:
    questions = read_question_file(written(tmp_path, name, content))
    assert [q.choices for q in questions] == FOUND
    assert [(q.id, q.language, q.gold) for q in questions] == [("1", "de", 1), ("2", "de", 1)]


def test_rows_of_a_workbook_are_numbered_as_it_shows_them(tmp_path: Path) -> None:
    rows = [[], ["question", "options", "answer"], ["Which?", "a|b", "7"]]
    with pytest.raises(CalmError, match="row 3: field 'gold': 7 "):
        read_question_file(written(tmp_path, "a.xlsx", workbook(rows)))


@pytest.mark.parametrize(
    "rows",
    [
        [{"question": "Which metal?", "choices": ["iron", "mercury"], "answer": 1}],
        [{"question": "Which metal?", "choices": ["iron", "mercury"], "answer": 1.0}],
        [{"question": "Which metal?", "A": "iron", "B": "mercury", "label": "B", "topic": None}],
        [
            {
                "question": "Which metal?",
                "choices": {"text": ["iron", "mercury"], "label": ["1", "2"]},
                "answerKey": "2",
            }
        ],
    ],
    ids=["a list", "a fraction", "columns", "texts with labels"],
)
def test_parquet_as_data_sets_have_it_is_understood(
    rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    (question,) = read_question_file(written(tmp_path, "a.parquet", parquet(rows)))
    assert (question.text, question.choices) == ("Which metal?", ("iron", "mercury"))
    assert (question.gold, question.id, question.language) == (1, "q1", "en")


@pytest.mark.parametrize(
    ("cell", "choices"),
    [
        ("iron|mercury", ["iron", "mercury"]),
        ("iron; mercury", ["iron", "mercury"]),
        ("A) iron\nB) mercury", ["iron", "mercury"]),
        ("1. iron; 2. mercury;", ["iron", "mercury"]),
        ('["iron", "mercury"]', ["iron", "mercury"]),
        ("B) iron|A) mercury", ["B) iron", "A) mercury"]),
        ("iron, hot|iron, cold", ["iron, hot", "iron, cold"]),
        ("iron, mercury", ["iron, mercury"]),
    ],
)
def test_one_cell_holds_choices_in_several_ways(cell: str, choices: list[str]) -> None:
    assert split_cell(cell) == choices


def golds(header: str, *rows: str, columns: str = "", folder: Path) -> list[int | None]:
    text = "\n".join([f"question;A;B;C;{header}", *rows])
    return [q.gold for q in read_question_file(written(folder, "a.csv", text), columns)]


@pytest.mark.parametrize(
    ("header", "rows", "expected"),
    [
        ("gold", ["What?;x;y;z;0", "Who?;x;y;z;2"], [0, 2]),
        ("answer", ["What?;x;y;z;1", "Who?;x;y;z;0"], [1, 0]),
        ("answer", ["What?;x;y;z;1", "Who?;x;y;z;3"], [0, 2]),
        ("answer", ["What?;x;y;z;1"] + [f"Who {n}?;x;y;z;2" for n in range(9)], [0] + [1] * 9),
        ("answer", ["What?;x;y;z;1"] + [f"Who {n}?;x;y;z;2" for n in range(8)], [1] + [2] * 8),
        ("answer", ["What?;3;2;1;1", "Who?;1;2;3;3"], [2, 2]),
        ("gold", ["What?;3;2;1;1"], [1]),
        ("answer", ["What?;x;y;z;b", "Who?;x;y;z;(C)", "How?;x;y;z;"], [1, 2, None]),
        ("correct", ["What?;x;y;z;Z", "Who?;x;y;z;B) y"], [2, 1]),
        ("answer", ["What?;B;A;C;A"], [1]),
    ],
)
def test_the_right_choice_is_named_by_place_letter_or_words(
    header: str, rows: list[str], expected: list[int | None], tmp_path: Path
) -> None:
    assert golds(header, *rows, folder=tmp_path) == expected


def test_where_the_numbers_begin_can_be_said(tmp_path: Path) -> None:
    row = "What?;x;y;z;1"
    assert golds("answer", row, columns="gold_from=0", folder=tmp_path) == [1]
    assert golds("gold", row, columns="gold_from=1", folder=tmp_path) == [0]
    with pytest.raises(CalmError, match="gold_from is '2'"):
        golds("gold", row, columns="gold_from=2", folder=tmp_path)


FOREIGN = (
    "Kopf,Erste,Zweite,Wahr,Heft\n"
    "Welches Metall ist bei Raumtemperatur flüssig?,Eisen,Quecksilber,Quecksilber,7\n"
)


@pytest.mark.parametrize(
    "columns",
    [
        "text=Kopf,choices=Erste|Zweite,gold=Wahr,language=de",
        "text=#1,choices=#2|#3,gold=#4,language=German",
        " text = kopf , choices = erste | ZWEITE , gold = WAHR, language = de",
    ],
)
def test_columns_are_said_by_name_or_place(columns: str, tmp_path: Path) -> None:
    (question,) = read_question_file(written(tmp_path, "a.csv", FOREIGN), columns)
    assert (question.text, question.choices) == (
        "Welches Metall ist bei Raumtemperatur flüssig?",
        ("Eisen", "Quecksilber"),
    )
    assert (question.gold, question.language, question.id) == (1, "de", "q1")


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ("", "row 1: the first row names the columns, but 'text', 'choices' is not among"),
        ("text=Kopf", "row 1: .* but 'choices' is not among"),
        ("text=Frage", "There is no column 'Frage' for the field text among"),
        ("text=#9", "There is no column '#9'"),
        ("words=Kopf", "'words=Kopf' does not say what a column is"),
        ("Kopf", "'Kopf' does not say what a column is"),
        ("language=Klingon", "There is no column 'Klingon' for the field language"),
    ],
)
def test_columns_that_are_not_there_are_told(columns: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(CalmError, match=problem):
        read_question_file(written(tmp_path, "a.csv", FOREIGN), columns)


def test_what_was_understood_can_be_said_again(tmp_path: Path) -> None:
    for name, content, said in (
        ("a.csv", FOREIGN, "text=#1,choices=#2|#3,gold=Wahr"),
        ("b.csv", GERMAN, ""),
        ("c.csv", "Frage, kurz;A|;B\nWas?;x;y\n", "text=#1,choices=#2|#3,language=it,gold_from=1"),
    ):
        found = understood(written(tmp_path, name, content), said)
        again = said_columns(found.sheet, found.columns)
        assert understood(tmp_path / name, again).questions == found.questions != ()


def test_several_languages_without_ids_are_told(tmp_path: Path) -> None:
    text = "language;question;A;B\nen;Which metal?;x;y\nde;Welches Metall?;x;y\n"
    with pytest.raises(CalmError, match=r"in 2 languages, but nothing tells which .* column 'id'"):
        read_question_file(written(tmp_path, "a.csv", text))


def test_a_run_reads_its_file_by_the_columns_of_its_settings(tmp_path: Path) -> None:
    text = FOREIGN + "Welches Gas ist leicht?,Helium,Neon,Helium,8\n"
    config = RunConfig(question_set=str(written(tmp_path, "a.csv", text)), languages=("de", "en"))
    with pytest.raises(CalmError, match="'text', 'choices'"):
        chosen_questions(config)
    said = replace(config, columns="text=Kopf,choices=Erste|Zweite")
    assert {q.language for q in chosen_questions(said)} == {"de"}


def test_other_languages_than_those_of_the_file_are_told_with_what_it_has(tmp_path: Path) -> None:
    config = RunConfig(question_set=str(written(tmp_path, "a.csv", GERMAN)), languages=("en", "es"))
    with pytest.raises(CalmError, match=r"no question in en, es\. Choose other .*: it has de"):
        chosen_questions(config)


def test_the_command_line_takes_columns_and_tells_what_it_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, "a.csv", FOREIGN)
    columns = "text=Kopf,choices=Erste|Zweite,gold=Wahr"
    assert main(["questions", "check", str(file), "--columns", columns]) == 0
    said = capsys.readouterr().out
    assert "read as: text=Kopf,choices=Erste|Zweite,gold=Wahr" in said and "in de, all good" in said
    asked = ["questions", "export", "--questions", str(file), "--languages", "de"]
    assert main([*asked, "--columns", columns]) == 0
    assert '"gold": 1' in capsys.readouterr().out


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 900)
    with pytest.raises(CalmError, match="larger than 64 MB"):
        read_question_file(written(tmp_path, "a.xlsx", workbook(cells(GERMAN))))


def test_a_torn_workbook_is_told(tmp_path: Path) -> None:
    whole = workbook(cells(GERMAN))
    with pytest.raises(CalmError, match=r"xlsx that cannot be read .* CSV"):
        read_question_file(written(tmp_path, "a.xlsx", whole[: len(whole) // 2]))


def test_findings_are_told_in_the_language_of_the_reader(tmp_path: Path) -> None:
    text = "id,language,text,choices\n" + "".join(
        f"q,{c},Which metal is it?,a|b\n" for c in ("en", "de")
    )
    (wrong,), _ = set_problems(understood(written(tmp_path, "a.csv", text)))
    message = wrong[1]
    assert not isinstance(message, CalmError)
    assert message.in_language("de").startswith("q: Feld 'text' ist in en, de dasselbe")
