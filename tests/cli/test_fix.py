"""The command `fix`: a question is taught, edits are looked at, dropped and undone."""

from pathlib import Path
from typing import Any

import pytest

from calm.cli.parser import main
from calm.runs.folder import list_runs, open_run
from tests.cli.commands import QUESTION, Output, question_file
from tests.fixing.conftest import trainings  # noqa: F401 - a fixture

ASKED = ["fix", "Is ice cold?", "--choices", "yes|no", "--languages", "en,de", "--model", "fake"]
GAS = "Which gas must people breathe in to stay alive?"


@pytest.fixture(autouse=True)
def patched(trainings: list[Any]) -> list[Any]:  # noqa: F811
    return trainings


def test_a_given_answer_is_taught_and_told(patched: list[Any], capsys: Output) -> None:
    asked = ["fix", GAS, "--choices", "neon|oxygen|helium|methane", "--languages", "en,de"]
    assert main([*asked, "--answer", "2", "--patch", "mine"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith(f"1. {GAS} -> oxygen (person)")
    assert "locality: other answers unchanged" in said.out
    assert "every language prefers what it was taught, after 2 steps" in said.err
    assert patched == [[(GAS, 1)]]
    assert main(["fix", "--patch", "mine"]) == 0, "there is nothing left to do"
    assert main(["fix", "--patch", "mine", "--undo"]) == 0
    assert "the patch is gone" in capsys.readouterr().out
    assert list_runs() == [] and len(patched) == 1


def test_a_file_teaches_what_the_languages_agree_on(
    patched: list[Any], tmp_path: Path, capsys: Output
) -> None:
    rows = [
        QUESTION | {"id": f"gas-{n}", "text": f"{code}: which gas, {n}?", "language": code}
        for n in range(8)
        for code in ("en", "de")
    ]
    file = question_file(tmp_path, *rows)
    arguments = ["--questions", str(file), "--languages", "en,de", "--num-samples", "3"]
    assert main(["fix", *arguments]) == 0
    edits = open_run("fixes").rows("edits")
    left_out = capsys.readouterr().err.count("do not agree on")
    assert 0 < len(edits) < 8 and len(edits) + left_out == 8
    assert {edit.by for edit in edits} == {"vote"}
    assert len(patched[0]) == len(edits)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([*ASKED, "--undo"], "one thing at a time"),
        (["fix", "Is ice cold?"], "two choices"),
        (["fix", "--answer", "1"], "give the question"),
        (["fix", "--undo", "--patch", "none"], "none is no patch"),
        (["fix", "--patch", "../up"], "no patch"),
        ([*ASKED, "--answer", "3", "--language", "xx"], "xx"),
    ],
)
def test_what_cannot_be_is_told_and_leaves_nothing(
    arguments: list[str], said: str, capsys: Output
) -> None:
    assert main(arguments) == 2
    assert said in capsys.readouterr().err
    assert list_runs() == []


def test_an_order_and_a_drop_by_place(patched: list[Any], capsys: Output) -> None:
    asked = ["--choices", "neon|oxygen|helium|methane", "--languages", "en,de"]
    assert main(["fix", GAS, *asked, "--answer", "2"]) == 0
    stone = "Which force pulls a dropped stone down to the ground?"
    forces = "gravity|magnetism|friction|buoyancy"
    code = main(["fix", stone, "--choices", forces, "--answer", "1"])
    assert (code, patched[-1][0]) == (0, (GAS, 1)), capsys.readouterr().err
    assert main(["fix", "--order", "2,1"]) == 0
    assert [name for name, _ in patched[-1]] == [stone, GAS]
    assert main(["fix", "--drop", "1"]) == 0
    assert patched[-1] == [(GAS, 1)]
    for wrong in (["--order", "x"], ["--drop", "9"]):
        assert main(["fix", *wrong]) == 2
