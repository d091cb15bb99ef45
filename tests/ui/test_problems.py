"""What `calm` says reaches the reader in the reader's language."""

import errno
import sqlite3
from pathlib import Path

import gradio as gr
import pytest
from gradio.utils import get_upload_folder

from calm.config import SamplingConfig
from calm.errors import CalmError, disk_problem
from calm.messages import message
from calm.questions.files import MAX_PROBLEMS
from calm.questions.rows import parse_questions
from tests.ui.visitors import reader
from ui.parts.events import problems_shown, said_of
from ui.parts.html import warning
from ui.text.problems import worded


def test_a_problem_is_told_in_the_reader_s_language() -> None:
    with reader("en"):
        assert worded(CalmError("run.exists", name="x")).startswith("There is a run x already.")
    with reader("de"):
        assert worded(CalmError("run.exists", name="x")).startswith("Den Lauf x gibt es schon.")


def test_what_is_filled_in_may_be_a_problem_itself() -> None:
    row = {"id": "a", "language": "en", "text": "", "choices": ["x", "y"]}
    with pytest.raises(CalmError) as caught:
        parse_questions([(3, row)], "mine.jsonl")
    with reader("de"):
        assert worded(caught.value) == (
            "mine.jsonl, Zeile 3: Feld 'text' fehlt oder ist leer. Füllen Sie es aus."
        )


def test_a_list_of_problems_is_told_line_by_line_however_long_it_is() -> None:
    row = {"id": "a", "language": "en", "text": "", "choices": ["x" * 300]}
    with pytest.raises(CalmError) as caught:
        parse_questions([(n, row) for n in range(200)], "mine.jsonl")
    with reader("de"):
        head, first, second, *_, last = worded(caught.value).splitlines()
    assert head == "Probleme in mine.jsonl, insgesamt 400:"
    assert first == "mine.jsonl, Zeile 0: Feld 'text' fehlt oder ist leer. Füllen Sie es aus."
    assert second.startswith("mine.jsonl, Zeile 0: Feld 'choices': Die Zahl der Optionen ist 1:")
    assert last == f"… und weitere: {400 - MAX_PROBLEMS}."


def test_where_the_app_keeps_a_file_is_not_told(calm_home: Path) -> None:
    runs, uploads = calm_home / "runs" / "mine", Path(get_upload_folder()) / "ab12" / "my set.csv"
    assert worded(f"There is a run {runs} already.") == "There is a run mine already."
    assert worded(CalmError("file.too-large", path=uploads)).startswith("my set.csv is larger")
    assert worded("/home/me/set.csv has no rows.") == "/home/me/set.csv has no rows."


def test_a_text_that_is_no_message_stays_as_it_is() -> None:
    with reader("de"):
        assert worded("ValueError: no such thing") == "ValueError: no such thing"
        assert worded("finished") == "finished"
        assert worded(message("status.finished")) == "fertig"


def test_what_was_filled_in_is_no_markup() -> None:
    with reader("fr"):
        shown = warning(CalmError("run.exists", name="<b>{0}</b>"))
    assert "&lt;b&gt;{0}&lt;/b&gt;" in shown


def test_a_handler_that_fails_says_so_in_the_reader_s_language() -> None:
    problem = CalmError("setting.out-of-range", name="num_samples", value=0, allowed="1 … 64")
    with reader("es"), pytest.raises(gr.Error) as caught, problems_shown():
        SamplingConfig(num_samples=0)
    with reader("es"):
        assert caught.value.message == worded(problem) != str(problem)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "Der Datenträger ist voll."),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "Der Datenträger ist voll."),
        (PermissionError(errno.EACCES, "Permission denied", "/x/y"), "/x/y kann nicht"),
        (OSError(errno.EROFS, "Read-only file system"), "CALM_HOME kann nicht"),
    ],
)
def test_what_the_disk_refuses_is_told_in_the_readers_language(error: OSError, said: str) -> None:
    def act() -> None:
        raise error

    with reader("de"):
        assert said in said_of(act)
        with pytest.raises(gr.Error, match=said), problems_shown():
            act()


def test_a_database_on_a_full_disk_says_so_too(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "x.sqlite") as db:
        db.execute("PRAGMA max_page_count = 1")
        with pytest.raises(sqlite3.OperationalError) as caught:
            db.execute("CREATE TABLE x (a)")
    assert str(disk_problem(caught.value)).startswith("The disk is full.")


def test_another_error_keeps_its_traceback() -> None:
    with pytest.raises(FileNotFoundError), problems_shown():
        Path("/nowhere").read_bytes()
    with pytest.raises(sqlite3.OperationalError), problems_shown():
        sqlite3.connect(":memory:").execute("no SQL")
