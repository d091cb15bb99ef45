"""A file of one's own on the page Align: understood, shown, mended by hand where it has to be."""

from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from calm.questions.sets import understood
from calm.questions.workbooks import workbook
from tests.ui.visitors import reader
from ui.align import own_file
from ui.align.own_file import OwnFile, connect_own_file, looked_at, own_file_area, said_by
from ui.align.own_file_views import TEMPLATE, template_links
from ui.text.words import words_of

FOREIGN = (
    "Kopf,Erste,Zweite,Wahr\n"
    "Welches Metall ist bei Raumtemperatur flüssig?,Eisen,Quecksilber,2\n"
    "Welches Gas nehmen Pflanzen am Tag auf?,Sauerstoff,Kohlendioxid,2\n"
)
KNOWN = FOREIGN.replace("Kopf,Erste,Zweite,Wahr", "Frage,A,B,Antwort")


class Page:
    """The upload on a page of its own, used without a browser."""

    def __init__(self) -> None:
        with gr.Blocks() as demo:
            self.own: OwnFile = own_file_area("columns")
            self.languages = gr.CheckboxGroup(["en", "de", "es"])
            connect_own_file(self.own, self.languages)
        self.handlers = {row.name: row.fn for row in demo.fns.values()}

    def upload(self, file: Path, checked: list[str], said: str = "", first: bool = True) -> Any:
        return self.handlers["upload"](str(file), said, checked, first)

    def say(self, file: Path, checked: list[str], **said: Any) -> Any:
        nothing = dict.fromkeys(self.own.said)
        return self.handlers["say_columns"](str(file), checked, **(nothing | said))


@pytest.fixture(scope="module")
def page() -> Page:
    return Page()


def written(folder: Path, content: str | bytes, name: str = "a.csv") -> Path:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def test_a_known_file_is_shown_as_it_was_understood(page: Page, tmp_path: Path):
    own, seen = page.own, page.upload(written(tmp_path, KNOWN), ["en", "es"])
    shown = seen[own.preview]
    assert "2 questions in German: 1 to train on, 1 held out" in shown
    assert "Right answers are numbered from 1." in shown and "q1, q2" in shown
    assert '<span lang="de" dir="ltr">Quecksilber</span></b> <small>✓ right' in shown
    assert 'class="note warning"' not in shown
    assert (seen[own.columns], seen[own.mapping].open) == ("", False)
    assert seen[own.language].value == "de"
    assert seen[page.languages].value == ["en", "de", "es"]


def test_a_file_in_several_languages_is_asked_in_these(page: Page, tmp_path: Path):
    rows = "q1,en,Which metal is liquid?,x|y\nq1,de,Welches Metall ist flüssig?,x|y\n"
    file = written(tmp_path, f"id,language,text,choices\n{rows}")
    assert page.upload(file, ["es", "fr"])[page.languages].value == ["en", "de"]


def test_an_unknown_file_opens_the_choice_of_columns_and_is_read_by_them(
    page: Page, tmp_path: Path
):
    own, file = page.own, written(tmp_path, FOREIGN)
    seen = page.upload(file, ["de", "en"])
    assert "a.csv, row 1: the first row names the columns" in seen[own.preview]
    assert seen[own.mapping].open is True
    assert [name for name, _ in seen[own.text].choices] == ["Kopf", "Erste", "Zweite", "Wahr"]
    chosen = page.say(file, ["de"], text="#1", choices=["#2", "#3"], gold="#4", language="de")
    assert "2 questions in German" in chosen[own.preview]
    assert chosen[own.columns] == "text=#1,choices=#2|#3,gold=#4,id=,language=de"
    questions = understood(file, chosen[own.columns]).questions
    assert [q.gold for q in questions] == [1, 1]
    from_0 = page.say(
        file, ["de"], text="#1", choices=["#2", "#3"], gold="#4", gold_from="0", language="de"
    )
    assert "row 2: field &#x27;gold&#x27;" in from_0[own.preview]


def test_columns_of_a_duplicated_run_are_kept_where_the_file_has_them(page: Page, tmp_path: Path):
    own, said = page.own, "text=Kopf,choices=Erste|Zweite"
    file = written(tmp_path, FOREIGN)
    assert page.upload(file, ["de"], said)[own.columns] == said
    assert page.upload(file, ["de"], said, first=False)[own.columns] == ""
    assert page.upload(written(tmp_path, KNOWN, "b.csv"), ["de"], said)[own.columns] == ""


def test_each_problem_is_told_beside_the_upload_with_its_row(page: Page, tmp_path: Path):
    rows = "".join(f"Which {n}?;x;y;7\n" for n in range(9))
    shown = page.upload(written(tmp_path, f"question;A;B;gold\n{rows}"), ["en"])[page.own.preview]
    assert "a.csv has 9 problems:" in shown and "row 2: field" in shown
    assert "… and 3 more." in shown and str(tmp_path) not in shown


def test_a_file_that_cannot_be_read_is_told_and_leaves_nothing_chosen(page: Page, tmp_path: Path):
    seen = page.upload(written(tmp_path, b"%PDF-1.7"), ["en"])
    assert "a.csv is a file of the kind PDF" in seen[page.own.preview]
    assert (seen[page.own.columns], seen[page.own.mapping].visible) == ("", "hidden")


def test_what_is_wrong_with_the_set_is_worth_a_look_in_the_readers_language(tmp_path: Path):
    rows = "".join(f"q,{code},Which metal is it?,a|b\n" for code in ("en", "de"))
    file = written(tmp_path, f"id,language,text,choices\n{rows}")
    with reader("ja"):
        shown = looked_at("a.csv", understood(file))
    assert words_of("ja")["align.file.findings"] in shown
    assert "フィールド&#x27;text&#x27;がen、deで同じです" in shown


def test_a_large_set_is_not_searched_for_repeats_on_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(own_file, "MOST_CHECKED", 1)
    monkeypatch.setattr(own_file, "set_problems", lambda found: pytest.fail("it was"))
    assert "`calm questions check` does" in looked_at("a.csv", understood(written(tmp_path, KNOWN)))


def test_what_comes_from_a_file_is_never_markup(tmp_path: Path):
    evil = "<img src=x onerror=alert(1)>"
    text = f"id;question;A;B;C\n{evil};{evil};{evil};b;{evil}c\n{evil};q;a;a;a\n"
    shown = looked_at(evil, understood(written(tmp_path, text)))
    assert "<img" not in shown and "&lt;img" in shown


def test_the_template_is_a_file_that_is_understood(tmp_path: Path):
    assert template_links().count('download="questions.') == 2
    found = understood(written(tmp_path, workbook(TEMPLATE), "a.xlsx"))
    assert [q.gold for q in found.questions] == [1, 2] and found.problems == ()


def test_no_column_is_said_as_none():
    assert said_by(None, None, None, "", None, None) == "text=,choices=,gold=,id=,language="
