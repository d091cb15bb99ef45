"""Questions are read, checked, and refused with a sentence that says what to do."""

import csv
import dataclasses
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from calm.config import BUILT_IN, DEFAULT_LANGUAGES
from calm.errors import CalmError
from calm.questions.rows import parse_questions
from calm.questions.sets import (
    by_id,
    check_questions,
    export_rows,
    load_questions,
    read_question_file,
)
from calm.records import Question

GOOD: dict[str, Any] = {
    "id": "gas",
    "split": "train",
    "language": "en",
    "text": "Which gas do plants take in?",
    "choices": ["helium", "oxygen", "neon"],
    "gold": 1,
    "topic": "science",
}


def write_jsonl(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def write_csv(path: Path, *rows: dict[str, Any]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(GOOD))
        writer.writeheader()
        for row in rows:
            writer.writerow({**row, "choices": "|".join(row["choices"])})
    return path


class TestTheBuiltInSet:
    """The questions that come with the program."""

    @pytest.fixture(scope="class")
    def rows(self) -> list[Question]:
        return load_questions(BUILT_IN, DEFAULT_LANGUAGES)

    def test_has_160_questions_or_more_in_eight_languages(self, rows: list[Question]) -> None:
        assert len(by_id(rows)) >= 160
        assert {row.language for row in rows} == set(DEFAULT_LANGUAGES)
        assert len(DEFAULT_LANGUAGES) == 8

    def test_holds_out_60_questions_or_more(self, rows: list[Question]) -> None:
        assert len({row.id for row in rows if row.split == "held-out"}) >= 60
        assert len({row.id for row in rows if row.split == "train"}) >= 100

    def test_passes_its_own_checks(self, rows: list[Question]) -> None:
        assert check_questions(rows) == []

    def test_has_a_gold_answer_and_a_topic_everywhere(self, rows: list[Question]) -> None:
        assert all(row.gold is not None and row.topic for row in rows)
        assert {row.source for row in rows} <= {"original", "human"}

    @pytest.mark.parametrize(
        ("splits", "low", "high"),
        [
            (("train", "held-out"), 0.22, 0.28),
            (("train",), 0.15, 0.35),
            (("held-out",), 0.15, 0.35),
        ],
    )
    def test_puts_the_right_choice_in_every_place_about_equally_often(
        self, rows: list[Question], splits: tuple[str, ...], low: float, high: float
    ) -> None:
        english = [row for row in rows if row.language == "en" and row.split in splits]
        places = Counter(row.gold for row in english)
        assert {len(row.choices) for row in english} == {len(places)} == {4}
        assert all(low <= count / len(english) <= high for count in places.values()), places

    def test_does_not_give_the_right_choice_away_by_its_length(self, rows: list[Question]) -> None:
        english = [row for row in rows if row.language == "en" and row.gold is not None]
        longest = [
            max(range(len(q.choices)), key=lambda n, q=q: len(q.choices[n])) == q.gold
            for q in english
        ]
        assert sum(longest) / len(longest) < 0.45

    def test_comes_back_from_its_export_as_it_was(
        self, rows: list[Question], tmp_path: Path
    ) -> None:
        file = tmp_path / "export.jsonl"
        file.write_text("\n".join(export_rows(rows)) + "\n", encoding="utf-8")
        assert load_questions(str(file), DEFAULT_LANGUAGES) == rows

    def test_gives_the_languages_asked_for_alone(self) -> None:
        rows = load_questions(BUILT_IN, ("ja", "en"))
        assert {row.language for row in rows} == {"ja", "en"}

    def test_has_nothing_in_a_language_it_lacks(self) -> None:
        with pytest.raises(CalmError, match=r"no question in sw\. Choose other languages"):
            load_questions(BUILT_IN, ("sw",))


@pytest.mark.parametrize("write", [write_jsonl, write_csv])
def test_a_file_in_the_documented_format_is_read(write: Any, tmp_path: Path) -> None:
    suffix = "csv" if write is write_csv else "jsonl"
    file = write(
        tmp_path / f"mine.{suffix}", GOOD, {**GOOD, "language": "fr", "text": "Quel gaz ?"}
    )
    english = Question(
        "gas", "en", GOOD["text"], ("helium", "oxygen", "neon"), 1, "science", "train"
    )
    french = dataclasses.replace(english, language="fr", text="Quel gaz ?")
    assert load_questions(str(file), ("en", "fr")) == [english, french]


def test_gold_topic_split_and_language_may_be_left_out(tmp_path: Path) -> None:
    row = {key: GOOD[key] for key in ("id", "text", "choices")}
    (question,) = read_question_file(write_jsonl(tmp_path / "mine.jsonl", row))
    assert (question.gold, question.topic, question.language) == (None, "", "en")
    assert question.split in ("train", "held-out")


def test_a_byte_order_mark_windows_line_ends_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_bytes(f"\ufeff{json.dumps(GOOD)}\r\n\r\n".encode())
    assert len(read_question_file(file)) == 1


def test_a_line_separator_inside_a_text_does_not_end_the_row(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "mine.jsonl", {**GOOD, "text": "Which\u2028gas?\u0085"})
    assert read_question_file(file)[0].text == "Which gas?"


def test_a_comma_or_line_end_inside_a_csv_cell_is_part_of_it(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "mine.csv", {**GOOD, "text": "Well, which\ngas?"})
    assert read_question_file(file)[0].text == "Well, which gas?"


def test_texts_are_put_on_one_line_and_into_composed_unicode() -> None:
    row = {**GOOD, "text": "  Cafe\u0301 \t or\u00a0tea?\n", "choices": [" tea ", "cafe\u0301"]}
    (question,) = parse_questions([(1, row)], "here")
    assert question.text == "Café or tea?"
    assert question.choices == ("tea", "café")


def test_a_number_may_be_an_id() -> None:
    assert parse_questions([(1, {**GOOD, "id": 7})], "here")[0].id == "7"


BAD_ROWS: list[tuple[dict[str, Any], str, str]] = [
    ({"language": "xx"}, "'language': 'xx'", "Correct it"),
    ({"id": ""}, "'id' is missing or empty", "Fill it in"),
    ({"id": None}, "'id' is missing or empty", "Fill it in"),
    ({"text": "   "}, "'text' is missing or empty", "Fill it in"),
    ({"text": 7}, "'text' is missing or empty", "Fill it in"),
    ({"text": "x" * 2001}, "'text' has 2001 characters", "At most 2000 fit"),
    ({"text": "a\x00b"}, "'text' contains control characters", "Remove them"),
    ({"text": "a\u202eb"}, "'text' contains control characters", "Remove them"),
    ({"choices": None}, "'choices' is missing", "Give 2 to 8 choices"),
    ({"choices": "a|b"}, "'choices' is missing or not a list", "Give 2 to 8 choices"),
    ({"choices": ["a", 2]}, "'choices' is missing or not a list", "Give 2 to 8 choices"),
    ({"choices": ["a"], "gold": 0}, "'choices' has 1 choices", "Give 2 to 8"),
    ({"choices": list("abcdefghi")}, "'choices' has 9 choices", "Give 2 to 8"),
    ({"choices": ["a", " ", "c"]}, "'choices': choice 2 is empty", "Fill it in"),
    ({"choices": ["neon", "neon ", "c"]}, "'choices': two choices are the same", "Change one"),
    ({"gold": 3}, "'gold': 3 is not the place of a choice", "Give 0 to 2, or leave it out"),
    ({"gold": -1}, "'gold': -1 is not the place", "Give 0 to 2"),
    ({"gold": "D"}, "'gold': 'D' is not the place", "Give 0 to 2"),
    ({"gold": True}, "'gold': True is not the place", "Give 0 to 2"),
    ({"split": "test"}, "'split': 'test'", "'train' nor 'held-out'"),
]


@pytest.mark.parametrize(("change", "field", "advice"), BAD_ROWS, ids=lambda value: str(value)[:40])
def test_a_bad_row_is_named_with_its_field_and_what_to_do(
    change: dict[str, Any], field: str, advice: str, tmp_path: Path
) -> None:
    file = write_jsonl(tmp_path / "mine.jsonl", GOOD, {**GOOD, "id": "second", **change})
    with pytest.raises(CalmError) as caught:
        read_question_file(file)
    message = str(caught.value)
    assert message.startswith(f"{file}, row 2: field {field}")
    assert advice in message


def test_a_bad_csv_row_is_named_by_its_line(tmp_path: Path) -> None:
    """The header is line 1."""
    file = write_csv(tmp_path / "mine.csv", GOOD, {**GOOD, "id": "second", "choices": ["a", ""]})
    with pytest.raises(CalmError, match="row 3: field 'choices': choice 2 is empty"):
        read_question_file(file)


def test_the_same_question_twice_is_refused_with_both_rows(tmp_path: Path) -> None:
    french = {**GOOD, "language": "fr"}
    file = write_jsonl(tmp_path / "mine.jsonl", GOOD, french, GOOD)
    with pytest.raises(CalmError, match=r"row 3: field 'id': 'gas' .* for en in row 1\. Give"):
        read_question_file(file)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.jsonl", b"{not json}\n", r"row 1: this is not JSON .*must be named \.csv"),
        ("a.jsonl", b"[1, 2]\n", "row 1: a JSON object is expected"),
        ("a.jsonl", b"\n\n", "has no rows. The format is in docs/data.md"),
        ("a.csv", b"id,text\n", "has no rows"),
        ("a.jsonl", b"\xff\xfe\x00", "is not UTF-8 text. Save it as UTF-8"),
    ],
)
def test_a_file_that_is_no_question_file_is_refused_with_what_to_do(
    name: str, content: bytes, problem: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CalmError, match=problem):
        load_questions(str(tmp_path / name), ("en",))


def test_a_set_that_does_not_exist_is_refused_with_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(CalmError, match=r"cannot be read \(No such file.*'xcsqa' or 'built-in'"):
        load_questions(str(tmp_path / "nowhere.jsonl"), ("en",))


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "large.jsonl"
    with file.open("wb") as stream:
        stream.truncate((64 << 20) + 1)
    with pytest.raises(CalmError, match=r"larger than 64 MB\. Split it"):
        read_question_file(file)


def test_a_file_without_splits_is_split_by_its_ids_whatever_their_order(tmp_path: Path) -> None:
    rows = [{k: v for k, v in GOOD.items() if k != "split"} | {"id": f"q{n}"} for n in range(300)]
    first = read_question_file(write_jsonl(tmp_path / "a.jsonl", *rows))
    second = read_question_file(write_jsonl(tmp_path / "b.jsonl", *reversed(rows)))
    splits = {question.id: question.split for question in first}
    assert splits == {question.id: question.split for question in second}
    assert list(splits.values()).count("held-out") == 100


@pytest.mark.parametrize("count", range(2, 12))
def test_a_small_file_without_splits_has_questions_in_both(count: int) -> None:
    bare = {k: v for k, v in GOOD.items() if k != "split"}
    rows = [(n, {**bare, "id": f"q{n}"}) for n in range(count)]
    assert {q.split for q in parse_questions(rows, "here")} == {"train", "held-out"}


def test_a_file_without_splits_keeps_translations_together(tmp_path: Path) -> None:
    rows = [
        {k: v for k, v in GOOD.items() if k != "split"} | {"id": f"q{n}", "language": code}
        for n in range(40)
        for code in ("en", "fr", "ja")
    ]
    groups = by_id(read_question_file(write_jsonl(tmp_path / "a.jsonl", *rows)))
    splits = [{q.split for q in versions.values()} for versions in groups.values()]
    assert Counter(map(len, splits)) == {1: 40}
    assert set().union(*splits) == {"train", "held-out"}


def test_the_split_of_an_id_does_not_change_from_one_version_to_the_next() -> None:
    bare = {k: v for k, v in GOOD.items() if k != "split"}
    names = ["gas", "air", "river", "moon", "bread", "clock"]
    rows = [(n, {**bare, "id": name}) for n, name in enumerate(names)]
    held_out = [q.id for q in parse_questions(rows, "here") if q.split == "held-out"]
    assert held_out == ["gas", "river"]


EN = Question("gas", "en", "Which gas do plants take in?", ("helium", "oxygen"), 1, "science")
FR = Question("gas", "fr", "Quel gaz les plantes prennent-elles ?", ("hélium", "oxygène"), 1)
FR = dataclasses.replace(FR, topic="science")
JA = Question("gas", "ja", "植物が取り入れる気体はどれですか？", ("ヘリウム", "酸素"), 1, "science")
HELD = dataclasses.replace(EN, id="air", split="held-out", text="What do lungs take in?")


def test_a_parallel_set_in_the_right_scripts_has_no_problems() -> None:
    assert check_questions([EN, FR, JA]) == []
    assert check_questions([EN, HELD]) == []


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (
            [EN, dataclasses.replace(FR, split="held-out")],
            "gas: field 'split' differs between its languages.",
        ),
        ([EN, dataclasses.replace(FR, gold=0)], "gas: field 'gold' differs between its languages."),
        (
            [EN, dataclasses.replace(FR, topic="gas")],
            "gas: field 'topic' differs between its languages.",
        ),
        (
            [EN, dataclasses.replace(FR, choices=("a", "b", "c"))],
            "gas: field 'choices' has more entries in one language than in another.",
        ),
        (
            [dataclasses.replace(JA, text=EN.text)],
            "gas, ja: field 'text' is not written in Hiragana script: " + repr(EN.text) + ".",
        ),
        (
            [dataclasses.replace(EN, language="zh")],
            "gas, zh: field 'text' is not written in Han script: " + repr(EN.text) + ".",
        ),
        (
            [dataclasses.replace(EN, language="ar")],
            "gas, ar: field 'text' is not written in Arabic script: " + repr(EN.text) + ".",
        ),
        (
            [dataclasses.replace(JA, language="fr")],
            "gas, fr: field 'text' is not written in Latin script: " + repr(JA.text) + ".",
        ),
        (
            [EN, dataclasses.replace(HELD, text=EN.text)],
            "gas (train) repeats air (held-out) in en.",
        ),
        (
            [EN, dataclasses.replace(HELD, text="which gas do plants take in")],
            "gas (train) repeats air (held-out) in en.",
        ),
        (
            [dataclasses.replace(EN, gold=None), dataclasses.replace(HELD, text=EN.text)],
            "gas (train) repeats air (held-out) in en.",
        ),
    ],
)
def test_each_fault_of_a_set_is_found_and_no_other(rows: list[Question], problem: str) -> None:
    assert check_questions(rows) == [problem]


@pytest.mark.parametrize(
    "rows",
    [
        [EN, FR, HELD],
        [dataclasses.replace(EN, text="2 + 3 = ?")],
        [dataclasses.replace(EN, choices=("NaCl", "nacl"))],
    ],
    ids=["a language that lacks", "a text without letters", "choices unlike in capitals alone"],
)
def test_what_is_no_fault_of_a_set_is_not_told(rows: list[Question]) -> None:
    assert check_questions(rows) == []


def test_a_like_question_with_another_answer_is_no_repetition() -> None:
    other = dataclasses.replace(HELD, text=EN.text, gold=0)
    assert check_questions([EN, other]) == []
