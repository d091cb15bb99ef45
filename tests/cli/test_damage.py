"""The command `damage`: what an alignment may have harmed, looked for and printed."""

import json
from pathlib import Path

import pytest

from calm.cli.parser import main
from calm.pipeline.context import Context
from calm.pipeline.stage_damage import WANTED, forget
from calm.runs.folder import OPENED, Run
from tests.cli.commands import Output
from tests.fakes import FakeModel
from tests.recorded import finished_run


@pytest.fixture
def run(calm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(Context, "model", lambda context: FakeModel())
    return finished_run("mine", tmp_path)


def test_what_was_found_is_printed_with_a_verdict_and_a_table(run: Run, capsys: Output) -> None:
    assert main(["damage", "mine"]) == 0
    printed = capsys.readouterr().out
    assert "Nothing is worse beyond chance; not clear: free answers, right" in printed
    assert "(from 3 to 30 questions or sentences each)." in printed
    assert "| a fixed text | log-probability a token | all |" in printed
    assert "| free answers | right | all | 0.000 | 0.000 | +0.0 (too few to tell) | 3 |" in printed
    assert main(["report", "mine"]) == 0
    assert printed.strip() in capsys.readouterr().out


def test_all_questions_are_asked_and_the_run_is_finished_again(run: Run, capsys: Output) -> None:
    few = len(run.rows("damage_answers"))
    assert main(["damage", "mine", "--whole", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"].endswith("questions or sentences each).")
    assert len(told["findings"]) == len(run.rows("damage"))
    assert len(run.rows("damage_answers")) > few
    assert (run.status().stage, run.status().state) == ("compare", "done")
    assert not (run.folder / WANTED).exists()


def test_a_run_of_before_is_looked_at_when_it_is_asked_about(run: Run, capsys: Output) -> None:
    forget(run)
    assert main(["report", "mine"]) == 0
    assert "Damage was not looked for yet" in capsys.readouterr().out
    assert main(["damage", "mine"]) == 0
    assert run.has("damage") and "### What the alignment" in capsys.readouterr().out


def test_looking_anew_asks_everything_again(run: Run, capsys: Output) -> None:
    before = run.path("damage").read_bytes()
    run.write("damage", run.rows("damage")[:1])
    run.write("damage_answers", [])
    assert main(["damage", "mine", "--redo"]) == 0
    assert run.path("damage").read_bytes() == before


def test_languages_of_no_set_are_refused(run: Run, capsys: Output) -> None:
    assert main(["damage", "mine", "--languages", "ko"]) == 2
    assert "name the set as well (--set)" in capsys.readouterr().err
    assert main(["damage", "mine", "--set", "/nowhere.csv"]) == 2
    assert "nowhere.csv" in capsys.readouterr().err


def test_an_opened_run_is_shown_and_not_asked(run: Run, capsys: Output) -> None:
    (run.folder / OPENED).write_text("{}")
    assert main(["damage", "mine"]) == 0
    assert main(["damage", "mine", "--whole"]) == 2
    assert "to be replayed" in capsys.readouterr().err
