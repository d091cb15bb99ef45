"""Every command and every program that the README and the pages of `docs/` show is run.

Commands run in this process, page by page, over a small finished run `mine` and with a model that
answers by arithmetic. What takes minutes or another model is looked at instead: its options exist.
"""

import importlib.util
import json
import math
import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from calm.cli.parser import main, parser
from calm.pipeline.context import Context
from calm.pipeline.run_questions import chosen_questions
from calm.questions.rows import parse_questions
from calm.runs.folder import open_run
from calm.study.grid import cells
from calm.study.plan import read_plan
from tests.ballot_makers import thumb
from tests.cli.conftest import own_signals
from tests.fakes import FakeModel, make_adapter
from tests.questions.hub_sets import write_klar
from tests.readme import DOCS, EXAMPLES, ROOT, pages
from tests.recorded import finished_run
from tests.reference import commands
from tests.ui.browser import served, served_here

SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`]+)`")
KINDS = "sh$|python$|js$|json$|yaml$|text$"
CALM = ["python", "-m", "calm"]
ADDRESS = "http://127.0.0.1:7860"
LOADS_A_MODEL = {"check-model", "fix", "measure", "prepare"}
"""Commands that are only parsed here: they have tests of their own, with a real model."""
NAMES = [words for words, _ in commands() if words]
COMMANDS = {words[0] for words in NAMES}
ANIMALS = {"en": ("ant", "bee"), "fr": ("fourmi", "abeille"), "ja": ("アリ", "ハチ")}


def lines_of(page: Path) -> list[str]:
    """Return the command lines that a page shows, without what is said of them."""
    lines = [line for block in blocks_of(page) for line in block.split("\n")]
    return [line for line in lines if line.strip()]


def blocks_of(page: Path) -> list[str]:
    """Return the blocks of command lines of a page, but programs: these are run as a whole."""
    programs = {file.read_text("utf-8") for file in EXAMPLES.glob("*.sh")}
    return [block for block in SHELL.findall(page.read_text("utf-8")) if block not in programs]


def spans_of(page: Path) -> list[list[str]]:
    """Return the commands that stand within a page's sentences, as words."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    spans = [tuple(span.replace("…", "").split()) for span in SPAN.findall(text)]
    return [
        list(words)
        for words in spans
        if words[0] in ("python", "make", *COMMANDS) and len(words) > 1 and words not in NAMES
    ]


def shown(page: Path) -> str:
    return str(page.relative_to(ROOT))


__all__ = ["own_signals"]
"""Pytest finds the fixture by its name."""

SHOWING = [page for page in pages() if lines_of(page)]
MENTIONING = [page for page in pages() if spans_of(page)]


@pytest.fixture
def furnished(calm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that commands are called in: a run `mine`, and the files that pages name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("calm.questions.translators.GOOGLE._resting_until", math.inf)
    monkeypatch.setattr(Context, "model", lambda context: FakeModel())
    monkeypatch.setattr("calm.models.loading.load_model", lambda *_: FakeModel())
    monkeypatch.setattr("calm.pipeline.stage_train.train", train)
    # The languages of the fake model hardly agree: what is shown here is the commands.
    monkeypatch.setattr("calm.pipeline.align.not_enough", lambda run: None)
    (tmp_path / "own.csv").write_text("Kopf,Erste,Zweite,Wahr\nWas bellt?,Hund,Katze,1\n", "utf-8")
    finished_run("mine", tmp_path)
    asked = "settings: {model: fake, question_set: questions.jsonl, languages: [en, fr, ar]}"
    (tmp_path / "plan.yaml").write_text(f"{asked}\ngrid: {{seed: [0, 1]}}\nuntil: vote\n", "utf-8")
    assert main(["export", "mine", "--format", "trl", "-o", "pairs.jsonl"]) == 0
    ballot(thumb("up", "dog"))
    (tmp_path / "samples").mkdir()
    for code, animals in ANIMALS.items():
        asked = [f"{code} {n}?\nA. {animals[0]}\nB. {animals[1]}" for n in range(3)]
        preds = ["Answer: A"] if code == "ja" else ["Answer: B"]
        rows = [{"input": text, "output": "B", "pred": preds * 2} for text in asked]
        file = tmp_path / "samples" / f"x_csqa_{code}_train_sampled.json"
        file.write_text(json.dumps(rows), encoding="utf-8")
    write_klar(tmp_path / "klar")
    return tmp_path


def train(model_name: str, pairs: Any, config: Any, adapter: Path, *rest: Any, **more: Any) -> bool:
    make_adapter(adapter)
    return True


def ballot(row: Any) -> None:
    from calm.ballots.box import BallotBox
    from calm.records import Judged

    box = BallotBox()
    judged = Judged(kind=row.kind, question=row.question, language="en", model="m", answer="dog")
    box.cast(judged, "ann", row.opinion)


@pytest.mark.parametrize("page", SHOWING, ids=shown)
def test_the_commands_of_a_page_run_in_their_order(
    page: Path, furnished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for line in lines_of(page):
        words = shlex.split(line, comments=True)
        if words[:3] == CALM and words[3] not in LOADS_A_MODEL and not needs_the_hub(words):
            called, _, output = line.split("#")[0].partition(">")
            code = main(shlex.split(called)[3:])
            said = capsys.readouterr()
            assert code == 0, f"{line}\n{said.err}"
            if output:
                Path(output.strip()).write_text(said.out, encoding="utf-8")
        elif words[0] not in ("curl", "CALM_MODEL=none") and not words[0].startswith("id="):
            look_at(words)


def needs_the_hub(words: list[str]) -> bool:
    """Tell whether a command sends to the Hub or fetches from it; `test_push` runs these."""
    sends = words[3] == "push" and "--dry-run" not in words
    return sends or any(word.startswith("hf:") for word in words)


@pytest.mark.parametrize("page", MENTIONING, ids=shown)
def test_a_command_within_a_sentence_can_be_called_so(page: Path) -> None:
    for words in spans_of(page):
        look_at([*CALM, *words] if words[0] in COMMANDS else words)


def look_at(words: list[str]) -> None:
    """Check a command that is not run: what it names exists, and takes these options."""
    if words[:3] == CALM:
        parses(words[3:])
    elif words[0] == "make":
        subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, check=True, capture_output=True)
    elif words[:2] == ["python", "-m"] and words[2].startswith("benchmarks."):
        file = ROOT / f"{words[2].replace('.', '/')}.py"
        source = file.read_text("utf-8") + (ROOT / "benchmarks" / "rounds.py").read_text("utf-8")
        assert '__name__ == "__main__"' in source
        assert [w for w in words[3:] if w.startswith("--") and f'"{w}"' not in source] == []
    elif words[:2] == ["python", "-m"]:
        assert importlib.util.find_spec(words[2]), f"what is {words}?"
    elif words[0] == "hf":
        called = [Path(sys.executable).with_name("hf"), *words[1:3], "--help"]
        said = subprocess.run(called, check=True, capture_output=True, text=True).stdout
        assert [w for w in words if w.startswith("--") and w not in said] == []
    elif re.fullmatch(r"[A-Z_]+=\S*", words[0]):
        look_at(words[1:])
    elif words[:1] == ["."]:
        assert f"VENV := {words[1].removesuffix('/bin/activate')}\n" in makefile()
    else:
        assert words[0] == "python" and (ROOT / words[1]).is_file(), f"what is {words}?"


def parses(words: list[str]) -> None:
    try:
        parser().parse_args(words)
    except SystemExit as error:
        assert error.code == 0, words


def makefile() -> str:
    return (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words",
    [
        ["make", "no-such-target"],
        [*CALM, "vote", "mine", "--no-such-option"],
        ["python", "-m", "benchmarks.voting", "RUN", "--no-such-option"],
        [".", "elsewhere/bin/activate"],
        ["no-such-program"],
        ["python", "-m", "no_such_module"],
        ["hf", "repos", "create", "--no-such-option"],
        ["PORT=1", "no-such-program"],
    ],
)
def test_a_command_that_does_not_exist_is_noticed(words: list[str]) -> None:
    with pytest.raises((AssertionError, subprocess.CalledProcessError)):
        look_at(words)


def test_the_row_of_a_question_set_that_a_page_shows_is_one() -> None:
    text = (DOCS / "data.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"^```json\n(.*)\n```$", text, re.MULTILINE)
    (question,) = parse_questions([(1, json.loads(row))], "data.md")
    assert question.choices[question.gold or 0] == "carbon dioxide"


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_plan_of_the_examples_can_be_done(file: Path) -> None:
    found = cells(read_plan(file))
    assert len(found) >= 9
    for cell in found:
        assert {q.split for q in chosen_questions(cell.config)} == {"train", "held-out"}


def test_no_shell_block_and_no_program_of_a_page_escapes_these_tests() -> None:
    known = {EXAMPLES / f"{name}.py" for name in (*PROGRAMS, "over_http", "clients")}
    assert set(EXAMPLES.glob("*.py")) == known
    for page in pages():
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"^```(?!sh$|python$|js$|json$|yaml$|text$|$)", text, re.MULTILINE), (
            page
        )
        opened = re.findall(r"^```(.*)\n(?:(?!```).*\n)*```$", text, re.MULTILINE)
        assert "" not in opened, f"{page}: a block says what it is: {KINDS}"
        for code in PYTHON.findall(text):
            assert any(code in f"{file.read_text('utf-8')}" for file in known), code


def test_every_file_of_a_run_is_told_of(furnished: Path) -> None:
    text = (DOCS / "run-folder.md").read_text(encoding="utf-8")
    names = [path.name for path in open_run("mine").folder.iterdir()]
    assert len(names) > 10
    assert [name for name in names if name not in text] == []


PROGRAMS = {
    "start": "question_id  winner",
    "read_a_run": "mine done",
    "align": "pairs: ",
    "vote": "1 0.666667 1",
    "lint": "pairs, 0 rows that are none",
    "rule": "[[1. 0.]]",
}
"""What a program of `docs/examples` prints, among other things."""


@pytest.mark.parametrize(("name", "prints"), PROGRAMS.items(), ids=list(PROGRAMS))
def test_a_program_of_a_page_runs_and_prints_what_it_should(
    name: str, prints: str, furnished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runpy.run_path(str(EXAMPLES / f"{name}.py"))
    assert prints in capsys.readouterr().out
    if name == "align":
        assert open_run("from-python").has("comparisons")


@pytest.mark.slow
def test_the_program_of_the_readme_runs_with_the_model_that_ships(
    home_with_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("calm.questions.translators.GOOGLE._resting_until", math.inf)
    made = runpy.run_path(str(EXAMPLES / "start.py"))
    assert len(made["asked"].responses) == 3 * 4
    assert len(made["run"].rows("votes")) == 12
    assert PROGRAMS["start"] in re.sub(" +", "  ", capsys.readouterr().out)


def test_the_program_that_asks_the_app_gets_an_answer(
    furnished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = (EXAMPLES / "over_http.py").read_text(encoding="utf-8")
    with served_here(FakeModel()) as where:
        exec(code.replace(ADDRESS, where), {})
    answer = capsys.readouterr().out
    assert re.search(r"^(honey|milk|silk) [\d.]+ [0-9a-f]{16}$", answer, re.MULTILINE)
    assert "'held_out': 16" in answer


def test_the_app_starts_without_a_model_and_answers_plain_http(furnished: Path) -> None:
    """The command and the calls are those that pages show."""
    lines = [line for page in SHOWING for line in lines_of(page)]
    (start,) = {line.split("#")[0].strip() for line in lines if "python app.py" in line}
    assert start == "CALM_MODEL=none python app.py"
    (calls,) = [block for page in SHOWING for block in blocks_of(page) if "curl" in block]
    with served(Path(os.environ["CALM_HOME"]), "docs.log", CALM_MODEL="none") as (where, _):
        called = subprocess.run(
            ["bash", "-ec", calls.replace(ADDRESS, where)],
            capture_output=True,
            text=True,
            check=True,
        )
    assert "event: complete" in called.stdout
    assert '"name": "mine"' in called.stdout
