"""The report of a run: what it tells, that it needs nothing else, and that it is only text."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from calm.cli.parser import main
from calm.config import RunConfig
from calm.records import Comparison, Outcome, Question, Score
from calm.runs.folder import Run, create_run, open_run
from tests.recorded import HELD_OUT, TRAIN, finished_run
from tests.ui.english_left import texts_left
from ui.app import middleware
from ui.report.examples import CHANGED, MOST, examples
from ui.report.facts import Facts, facts_of
from ui.report.file import report_file
from ui.report.views import MOST_CHARACTERS, SECTIONS, excerpt, report
from ui.text.words import INTERFACE_LANGUAGES, spoken_in, words_of

MOST_BYTES = 2_000_000
EVIL = "</style></title><script>alert(1)</script><img src=http://example.org onerror=alert(2)>"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run, made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALM_HOME", str(tmp_path_factory.mktemp("finished")))
        return finished_run("mine", tmp_path_factory.mktemp("files")).folder


@pytest.fixture
def run(finished: Path, calm_home: Path) -> Run:
    """A copy of it, for a test to do with what it likes."""
    shutil.copytree(finished, calm_home / "runs" / "mine")
    return open_run("mine")


@pytest.fixture(scope="module")
def facts(finished: Path) -> Facts:
    return facts_of(open_run(str(finished)))


def section(shown: str, name: str) -> str:
    """Return one part of a report, as text."""
    (found,) = re.findall(rf'<section id="{name}">(.*?)</section>', shown, re.S)
    return re.sub(r"<[^>]*>", " ", found)


def test_a_report_tells_what_was_asked_and_what_came_of_it(run: Run, facts: Facts) -> None:
    shown = report_file(run)
    assert "What aligning fake changed" in shown
    assert f"to train on {TRAIN}, held out {HELD_OUT}" in section(shown, "how")
    assert f"{len(run.rows('pairs'))} preference pairs were made" in section(shown, "how")
    assert "2 steps" in section(shown, "how")
    assert f"On {HELD_OUT} held-out questions" in section(shown, "result")
    assert f"of {TRAIN} questions kept" in section(shown, "votes")
    assert "torch" in section(shown, "made")
    assert "see the model’s own page" in section(shown, "made")
    assert re.findall(r'<section id="(\w+)">', shown) == list(SECTIONS)


def test_a_report_is_one_file_that_asks_for_nothing(run: Run) -> None:
    shown = report_file(run)
    assert len(shown.encode()) < MOST_BYTES
    assert "default-src &#x27;none&#x27;" in shown
    assert "<script" not in shown
    assert not re.findall(r"(?:src|href)=", shown)


def test_texts_of_models_and_question_files_are_only_text(run: Run) -> None:
    run.write("evaluations", [replace(row, text=EVIL) for row in run.rows("evaluations")])
    run.write(
        "questions",
        [
            replace(q, text=EVIL + q.id, choices=(EVIL, *q.choices[1:]))
            for q in run.rows("questions")
        ],
    )
    shown = report_file(run)
    assert "&lt;script&gt;" in shown
    assert not re.search(r"<(script|img)\b", shown)


@pytest.mark.parametrize("code", INTERFACE_LANGUAGES[1:])
def test_a_report_speaks_its_readers_language_and_nothing_in_it_is_english(
    run: Run, code: str
) -> None:
    with spoken_in(code):
        shown = report_file(run)
    assert f'<html lang="{code}"' in shown
    assert str(words_of(code)["report.limits.same"]) in shown
    known = ("plurality", "sigmoid")  # names of TRL's and of rules, the same for everybody
    assert [text for text in texts_left(shown, code) if text not in known] == []


def test_a_run_that_has_not_finished_has_no_report_yet(calm_home: Path) -> None:
    create_run("mine", RunConfig())
    assert main(["report", "mine", "--html", "report.html"]) == 2


# What got worse


def change(
    language: str, value: float, low: float, high: float, metric: str = "accuracy"
) -> list[Score]:
    """Return the scores of one metric before and after, and the change between them."""
    numbers = {"base": (0.5, 0.4, 0.6), "aligned": (0.5 + value, 0.3, 0.7)}
    return [
        Score(model, "response", language, metric, *numbers.get(model, (value, low, high)), 100)
        for model in ("base", "aligned", "change")
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([change("fr", 0.1, 0.05, 0.15)], ["Neither accuracy nor consistency fell"]),
        ([change("fr", -0.1, -0.15, -0.05)], ["French: accuracy fell, by points -10.0"]),
        (
            [change("all", -0.1, -0.15, -0.05, "consistency")],
            ["All languages: consistency fell, by points -10.0"],
        ),
        (
            [change("fr", -0.02, -0.06, 0.02), change("ar", -0.1, -0.2, 0.1)],
            ["Neither accuracy nor consistency fell", "not beyond chance, in French and Arabic"],
        ),
    ],
)
def test_what_got_worse_is_told_language_by_language(
    facts: Facts, changes: list[list[Score]], said: list[str]
) -> None:
    held = change("all", 0.0, -0.1, 0.1)
    scores = [
        *held,
        *change("all", 0.0, -0.1, 0.1, "consistency"),
        *(s for own in changes for s in own),
    ]
    shown = section(report(replace(facts, found=replace(facts.found, scores=scores))), "worse")
    assert [words for words in said if words not in shown] == []


def compared(outcomes: list[Outcome | None]) -> list[Comparison]:
    return [
        Comparison("q4", "en", None if o is None else 0, 0, 1, "ant", "bee", o) for o in outcomes
    ]


def worse(facts: Facts, outcomes: list[Outcome | None]) -> str:
    found = replace(facts.found, comparisons={"response": compared(outcomes)})
    return section(report(replace(facts, found=found)), "worse")


def test_answers_that_were_broken_are_counted_among_those_that_were_right(facts: Facts) -> None:
    shown = worse(facts, ["broken", "still right", "still right", "still wrong"])
    assert "Of the 3 answers that were right before, 1 is wrong now (33.3%)" in shown
    assert "No answer was right before" in worse(facts, ["fixed", "still wrong"])
    assert "Nobody has said which answers are right here" in worse(facts, [None])


# Examples


def test_examples_are_of_as_many_languages_and_questions_as_there_are() -> None:
    rows = [
        Comparison(f"q{n}", code, 0, 1, 0, "", "", "fixed")
        for code in ("en", "fr", "de")
        for n in range(4)
    ]
    chosen = examples(rows)["fixed"]
    assert len(chosen) == MOST
    assert {row.language for row in chosen} == {"en", "fr", "de"}
    assert len({row.question_id for row in chosen}) == MOST
    assert examples(rows)["broken"] == []


def test_where_nobody_has_said_what_is_right_the_examples_are_answers_that_changed() -> None:
    same = Comparison("q9", "en", None, 1, 1, "", "", None)
    chosen = examples([same, *compared([None, None])])
    assert list(chosen) == [CHANGED]
    assert same not in chosen[CHANGED]


@pytest.mark.parametrize(
    ("text", "span", "start", "end"),
    [
        ("honey", (0, 5), "<mark>honey</mark>", "</mark>"),
        ("a" * 1000, None, "a", "a…"),
        ("a" * 900 + "honey" + "b" * 900, (900, 905), "…a", "b…"),
        ("honey" + "b" * 900, (0, 5), "<mark>honey</mark>b", "b…"),
    ],
)
def test_a_long_response_is_cut_around_its_answer(
    text: str, span: tuple[int, int] | None, start: str, end: str
) -> None:
    shown = excerpt(text, span)
    assert shown.startswith(start)
    assert shown.endswith(end)
    assert len(shown) < MOST_CHARACTERS + 40
    assert ("<mark>honey</mark>" in shown) is (span is not None)


# From the command line, and from the app


def test_the_command_writes_the_report_in_the_language_that_is_asked_for(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "report.html"
    assert main(["report", str(run.folder), "--html", str(file), "--language", "de"]) == 0
    assert capsys.readouterr().out == f"{file}\n"
    with spoken_in("de"):
        assert file.read_text(encoding="utf-8") == report_file(open_run("mine"))


def test_where_the_file_cannot_be_written_the_command_says_so(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "mine", "--html", str(tmp_path / "no" / "report.html")]) == 2
    told = capsys.readouterr().err
    assert "was not written" in told
    assert "No such file or directory" in told


@pytest.fixture
def app(run: Run) -> Iterator[TestClient]:
    with TestClient(Starlette(middleware=middleware())) as client:
        yield client


def test_the_app_shows_the_report_and_gives_it_as_a_file(app: TestClient, run: Run) -> None:
    shown = app.get("/?report=mine", headers={"accept-language": "fr"})
    assert '<html lang="fr"' in shown.text
    assert 'href="?report=mine&amp;file=1"' in shown.text
    file = app.get("/?report=mine&file=1")
    assert file.headers["content-disposition"] == 'attachment; filename="mine.html"'
    assert file.text == report_file(run)


@pytest.mark.parametrize("name", ["none", "../mine", "/etc", "<script>"])
def test_what_is_no_run_has_no_report(app: TestClient, name: str) -> None:
    answer = app.get("/", params={"report": name})
    assert answer.status_code == 404
    assert "<script>" not in answer.text


def test_a_run_of_before_without_votes_and_records_of_its_model_has_a_report(run: Run) -> None:
    for name in ("votes.jsonl", "metrics.jsonl", "model.json", "pairs.jsonl"):
        (run.folder / name).unlink()
    shown = report_file(run)
    assert "votes" not in re.findall(r'<section id="(\w+)">', shown)
    assert "licence of the model" in section(shown, "made")


def test_questions_without_gold_answers_have_a_report(run: Run) -> None:
    rows: list[Question] = run.rows("questions")
    run.write("questions", [replace(row, gold=None) for row in rows])
    shown = report_file(run)
    assert "Nobody has said which answers are right here" in section(shown, "worse")
    assert "Changed; nobody has said which is right" in section(shown, "examples")
