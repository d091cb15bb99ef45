"""What `calm` says reaches the reader in the reader's language."""

import re
from pathlib import Path

import gradio as gr
import pytest
from gradio.utils import get_upload_folder

from calm.config import SamplingConfig
from calm.errors import CalmError
from calm.questions.files import MAX_PROBLEMS
from calm.questions.sets import parse_questions
from tests.ui.said_by_calm import sentences
from tests.ui.visitors import reader
from ui.parts.events import problems_shown
from ui.parts.html import warning
from ui.text.problems import PLACE, PROBLEMS, problems_of, told
from ui.text.words import INTERFACE_LANGUAGES

OTHERS = INTERFACE_LANGUAGES[1:]


def _plain(text: str) -> str:
    """Return a text without the marks that set parts of it apart."""
    return text.translate(dict.fromkeys(map(ord, "\u2066\u2068\u2069\u200f")))


def test_there_is_one_file_for_each_language_but_english() -> None:
    assert {file.stem for file in PROBLEMS.iterdir()} == set(OTHERS)


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_of_calm_exists_in_each_language_and_no_other_does(code: str) -> None:
    assert set(problems_of(code)) == sentences()


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_uses_every_place_once(code: str) -> None:
    for english, translation in problems_of(code).items():
        assert sorted(PLACE.findall(translation)) == sorted(PLACE.findall(english)), english


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_differs_from_the_english_and_is_not_empty(code: str) -> None:
    assert [e for e, text in problems_of(code).items() if text.strip() in ("", e)] == []


@pytest.mark.parametrize("code", OTHERS)
def test_code_words_stay_as_they_are(code: str) -> None:
    for english, translation in problems_of(code).items():
        for kept in re.findall(r"`[^`]+`|--[a-z-]+|\w+\.jsonl?\b", english):
            assert PLACE.sub("", kept) in PLACE.sub("", translation), english


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_is_found_again_with_its_places_filled_in(code: str) -> None:
    with reader(code):
        for english, translation in problems_of(code).items():
            filled = [f"«{n}»" for n in range(10)]
            assert _plain(told(english.format(*filled))) == translation.format(*filled), english


def test_an_english_reader_reads_the_sentence_itself() -> None:
    with reader("en"):
        assert told(CalmError("There is no file x.")) == "There is no file x."


def test_what_is_filled_in_may_be_a_sentence_itself() -> None:
    row = {"id": "a", "language": "en", "text": "", "choices": ["x", "y"]}
    with pytest.raises(CalmError) as caught, reader("de"):
        parse_questions([(3, row)], "mine.jsonl")
    with reader("de"):
        said = told(caught.value)
        assert told("field 'text' is missing or empty. Fill it in.") in said
    assert "mine.jsonl" in said
    assert "3" in said
    assert "missing" not in said


def test_a_list_of_problems_is_told_line_by_line_however_long_it_is() -> None:
    row = {"id": "a", "language": "en", "text": "", "choices": ["x" * 300]}
    with pytest.raises(CalmError) as caught:
        parse_questions([(n, row) for n in range(200)], "mine.jsonl")
    with reader("de"):
        head, first, second, *_, last = told(caught.value).splitlines()
    assert head == "Probleme in mine.jsonl, insgesamt 400:"
    assert first == "mine.jsonl, Zeile 0: Feld 'text' fehlt oder ist leer. Füllen Sie es aus."
    assert second.startswith("mine.jsonl, Zeile 0: Feld 'choices': Die Zahl der Optionen ist 1:")
    assert last == f"… und weitere: {400 - MAX_PROBLEMS}."


def test_where_the_app_keeps_a_file_is_not_told(calm_home: Path) -> None:
    runs, uploads = calm_home / "runs" / "mine", Path(get_upload_folder()) / "ab12" / "my set.csv"
    assert told(f"There is a run {runs} already.") == "There is a run mine already."
    assert told(f"{uploads} has no rows.") == "my set.csv has no rows."
    assert told("/home/me/set.csv has no rows.") == "/home/me/set.csv has no rows."


def test_a_name_that_is_filled_in_is_no_sentence() -> None:
    with reader("de"):
        assert "finished" in told("There is a run finished already. Give this one another name.")
        assert told("finished") != "finished"


def test_a_sentence_that_is_nobody_s_stays_as_it_is() -> None:
    with reader("de"):
        assert told("ValueError: no such thing") == "ValueError: no such thing"
        assert told("starting " * 500) == "starting " * 500


def test_what_was_filled_in_is_no_markup_and_no_template() -> None:
    with reader("fr"):
        shown = warning(CalmError("There is a run <b>{0}</b> already. Give this one another name."))
    assert "&lt;b&gt;{0}&lt;/b&gt;" in shown


def test_a_handler_that_fails_says_so_in_the_reader_s_language() -> None:
    with reader("es"), pytest.raises(gr.Error) as caught, problems_shown():
        SamplingConfig(num_samples=0)
    template = problems_of("es")["{0} is {1}, but must be {2}."]
    assert caught.value.message == template.format("num_samples", "0", "1 … 64")
