"""A folder of texts is read with care, and a question finds its passage in it."""

import json
import os
from pathlib import Path

import pytest

from calm.errors import CalmError
from calm.languages.table import LANGUAGES
from calm.questions import texts
from calm.questions.passages import (
    TextFolder,
    behind,
    find,
    is_whole,
    terms_of,
    without_passages,
)
from calm.questions.prompts import prompt_for
from calm.questions.texts import passages, pieces_of
from calm.reading import Passage, WithPassages
from calm.records import Question
from tests.fakes import FakeModel

EN = Question("q1", "en", "How many legs does a spider have?", ("six", "eight"), 1)
DE = Question("q1", "de", "Wie viele Beine hat eine Spinne?", ("sechs", "acht"), 1)
JA = Question("q1", "ja", "クモの足は何本ですか。", ("六本", "八本"), 1)
FR = Question("q1", "fr", "Combien de pattes a une araignée ?", ("six", "huit"), 1)
VERSIONS = {question.language: question for question in (EN, DE, JA, FR)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Texts in three languages: by a file's name, by a folder, by a row."""
    (tmp_path / "de").mkdir()
    english = "# Spiders\n\nA spider has eight legs.\n\nA whale is no fish.\n"
    (tmp_path / "animals.en.md").write_text(english, encoding="utf-8")
    german = "Eine Spinne hat acht Beine.\n\nEin Wal ist kein Fisch.\n"
    (tmp_path / "de" / "tiere.txt").write_text(german, encoding="utf-8")
    rows = [
        {"language": "ja", "text": "昆虫の足は六本です。"},
        {"language": "ja", "text": "クモの足は八本です。"},
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (tmp_path / "all.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path


def refused(folder: Path) -> str:
    with pytest.raises(CalmError) as error:
        pieces_of(folder, 400)
    return error.value.message.key


def test_a_text_is_in_the_language_that_its_row_its_name_or_its_folder_says(folder: Path) -> None:
    found = {(piece.file, piece.language) for piece in pieces_of(folder, 400)}
    assert found == {("all.jsonl", "ja"), ("animals.en.md", "en"), ("de/tiere.txt", "de")}


def test_else_it_is_in_the_one_that_it_is_seen_to_be_in(tmp_path: Path) -> None:
    long = "Die Erde dreht sich in einem Jahr einmal um die Sonne, und der Mond um die Erde."
    (tmp_path / "a.txt").write_text(long, encoding="utf-8")
    (tmp_path / "b.txt").write_text("42", encoding="utf-8")
    assert [piece.language for piece in pieces_of(tmp_path, 400)] == ["de", "en"]


def test_a_question_is_looked_up_in_its_own_language_else_in_english(folder: Path) -> None:
    rows = list(find(TextFolder(folder).library(), VERSIONS, tuple(VERSIONS), 1))
    assert [(row.language, row.text, row.found_in, row.file) for row in rows] == [
        ("en", "Spiders: A spider has eight legs.", "en", "animals.en.md"),
        ("de", "Eine Spinne hat acht Beine.", "de", "de/tiere.txt"),
        ("ja", "クモの足は八本です。", "ja", "all.jsonl"),
        ("fr", "Spiders: A spider has eight legs.", "en", "animals.en.md"),
    ]
    assert all(row.place == 1 and row.source == "original" and is_whole(row) for row in rows)


def test_what_english_finds_is_translated_where_that_can_be_done(folder: Path) -> None:
    library = TextFolder(folder).library()
    asked = []

    def translate(text: str, from_code: str, to_code: str) -> tuple[str, str]:
        asked.append((text, from_code, to_code))
        return "Une araignée a huit pattes.", "google"

    rows = list(find(library, VERSIONS, ("de", "fr"), 1, translate))  # type: ignore[arg-type]
    assert asked == [("Spiders: A spider has eight legs.", "en", "fr")]
    assert [(row.text, row.source) for row in rows] == [
        ("Eine Spinne hat acht Beine.", "original"),
        ("Une araignée a huit pattes.", "google"),
    ]


def test_without_words_in_common_nothing_is_found(folder: Path) -> None:
    library = TextFolder(folder).library()
    other = Question("q2", "en", "Who wrote Faust?", ("Goethe", "Kant"))
    assert list(find(library, {"en": other}, ("en",), 3)) == []
    assert library.search("?!", "en", 3) == library.search("ragno", "it", 3) == []


def test_several_passages_come_with_the_best_first(folder: Path) -> None:
    rows = list(find(TextFolder(folder).library(), {"ja": JA}, ("ja",), 5))
    assert [row.place for row in rows] == [1, 2]
    assert rows[0].score > rows[1].score > 0


def test_a_changed_text_is_read_anew(folder: Path) -> None:
    texts_of = TextFolder(folder)
    assert texts_of.library() is texts_of.library()
    (folder / "fr.txt").write_text("Une araignée a huit pattes.", encoding="utf-8")
    (row,) = find(texts_of.library(), VERSIONS, ("fr",), 1)
    assert (row.found_in, row.file) == ("fr", "fr.txt")


@pytest.mark.parametrize("form", ["cloze", "listed", "chat"])
def test_passages_stand_before_the_question_in_every_format(form: str) -> None:
    (asked,) = behind([DE], [Passage("q1", "de", 1, "Acht Beine.", "de", "de.txt", 1.0)])
    plain, read = (
        prompt_for(FakeModel(is_chat=form == "chat"), q, (0, 1), form)  # type: ignore[arg-type]
        for q in (DE, asked)
    )
    assert read.text.replace("Text: Acht Beine.\n", "") == plain.text
    assert read.text.index("Text: Acht Beine.") < read.text.index(DE.text)
    assert read.shared == plain.shared and read.choices == plain.choices


@pytest.mark.parametrize("is_chat", [False, True])
def test_they_stand_before_a_question_without_choices_too(is_chat: bool) -> None:
    asked = WithPassages("q1", "zh", "蜘蛛有几条腿？", (), passages=("八条。", "六条。"))
    read = prompt_for(FakeModel(is_chat), asked, (), "auto").text
    assert "短文：八条。\n短文：六条。\n问题：蜘蛛" in read
    assert without_passages(asked) == Question("q1", "zh", "蜘蛛有几条腿？", ())


def test_every_language_has_a_word_for_a_passage() -> None:
    for row in LANGUAGES.values():
        assert row.passage.strip() and row.passage not in (row.question, row.answer, row.choices)


def test_long_paragraphs_are_cut_at_sentences_and_words() -> None:
    sentence = "One two three four. "
    assert list(passages(sentence * 3, 45)) == [
        "One two three four. One two three four.",
        sentence.strip(),
    ]
    assert list(passages("八" * 5 + "。" + "六" * 25, 10)) == [
        "八八八八八。",
        "六" * 10,
        "六" * 10,
        "六" * 5,
    ]
    assert list(passages("aaa bbb ccc", 8)) == ["aaa bbb", "ccc"]
    assert list(passages("a\x00b\u202ec\n\n---\n\n", 100)) == ["a b c"]


def test_words_of_scripts_with_vowel_marks_and_without_spaces_stay_whole() -> None:
    assert len(terms_of("मकड़ी के पैर", "hi")) == 3
    assert terms_of("クモの足 DNA", "ja") == ["クモ", "モの", "の足", "dna"]


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path / "none") == "context.no-folder"
    assert refused(tmp_path) == "context.empty"
    (tmp_path / "a.txt").write_bytes("Größe".encode("latin-1"))
    assert refused(tmp_path) == "context.not-utf8"
    (tmp_path / "a.txt").unlink()
    for line in ('{"text": 1}', "[" * 100_000, '{"text": "x", "language": "klingon"}', "{", '"x"'):
        (tmp_path / "a.jsonl").write_text(f'{{"text": "good"}}\n{line}\n', encoding="utf-8")
        assert refused(tmp_path) == "context.bad-row"


def test_links_hidden_files_and_pipes_are_passed_over(folder: Path, tmp_path: Path) -> None:
    before = pieces_of(folder, 400)
    secret = tmp_path.parent / f"{tmp_path.name}-secret"
    secret.mkdir()
    (secret / "key.txt").write_text("A spider is the password.", encoding="utf-8")
    (folder / "link.txt").symlink_to(secret / "key.txt")
    (folder / "linked").symlink_to(secret)
    (folder / ".hidden.txt").write_text("hidden", encoding="utf-8")
    (folder / "image.png").write_bytes(b"\x89PNG")
    os.mkfifo(folder / "pipe.txt")
    assert pieces_of(folder, 400) == before


def test_too_many_files_or_bytes_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MOST_FILES", 2)
    assert refused(folder) == "context.too-much"
    monkeypatch.setattr(texts, "MOST_FILES", 20)
    monkeypatch.setattr(texts, "MOST_BYTES", 50)
    assert refused(folder) == "context.too-much"


@pytest.mark.parametrize(
    "changes",
    [{"text": "a\nb"}, {"text": ""}, {"found_in": "xx"}, {"place": 0}, {"score": float("nan")}],
    ids=str,
)
def test_a_passage_of_elsewhere_has_to_be_whole(changes: dict[str, object]) -> None:
    values = {**vars(Passage("q1", "de", 1, "Acht.", "de", "de.txt", 1.0)), **changes}
    assert not is_whole(Passage(**values))  # type: ignore[arg-type]
