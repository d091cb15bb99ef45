"""The commands `lint` and `pairs --lint`: findings, mending, and what cannot be checked."""

import json
from pathlib import Path

import pytest

from calm.cli.parser import main
from calm.config import RunConfig
from calm.records import PreferencePair, Question
from calm.runs.folder import Run, create_run
from tests.cli.commands import Output

PAIR = {
    "prompt": "Frage:Frage: Was bellt?\nA. Hund\nB. Katze",
    "chosen": "Erklärung: Er wacht.\nAntwort: A. Hund",
    "rejected": "Erklärung: Sie döst.\nAntwort: B. Katze",
}


def pair_file(folder: Path, *rows: object) -> str:
    file = folder / "DPO_de.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(file)


def test_checking_pairs_lists_what_is_wrong_and_ends_well(tmp_path: Path, capsys: Output) -> None:
    assert main(["lint", pair_file(tmp_path, PAIR, {"prompt": "?"})]) == 0
    out = capsys.readouterr().out
    assert "1 rows left out: missing field (first: row 2, there is no 'chosen' and no" in out
    assert "warning: doubled-label: 1 (de 1)" in out


def test_checking_pairs_gives_one_json_object(tmp_path: Path, capsys: Output) -> None:
    assert main(["lint", pair_file(tmp_path, PAIR, {"prompt": "?"}), "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert out["pairs"] == 1
    assert [finding["rule"] for finding in out["findings"]] == ["doubled-label"]
    assert out["surface"] == {}
    assert [row["reason"] for row in out["left_out"]] == ["missing field"]


@pytest.mark.parametrize(
    ("options", "output"),
    [(["--fix"], "DPO_de.fixed.jsonl"), (["--fix", "-o", "{}/out.jsonl"], "out.jsonl")],
)
def test_mended_pairs_are_written_beside_the_old_ones(
    options: list[str], output: str, tmp_path: Path, capsys: Output
) -> None:
    file = pair_file(tmp_path, PAIR)
    assert main(["lint", file, *(option.format(tmp_path) for option in options)]) == 0
    assert json.loads((tmp_path / output).read_text(encoding="utf-8")) == PAIR | {
        "prompt": "Frage: Was bellt?\nA. Hund\nB. Katze"
    }
    assert json.loads(Path(file).read_text(encoding="utf-8")) == PAIR
    assert "1 times prompt: doubled label removed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "help_with"),
    [
        (["lint", "{}/none.jsonl"], "cannot be read"),
        (["lint", "{}/empty.jsonl"], "it is empty"),
        (["lint", "{}/DPO_de.jsonl", "--cap", "3"], "goes with --fix"),
        (["lint", "{}/DPO_de.jsonl", "-o", "x"], "one FILE and --fix"),
        (["lint", "{}/DPO_de.jsonl", "--fix", "-o", "{}/DPO_de.jsonl"], "--output"),
        (["pairs", "none", "--json"], "Add --lint"),
    ],
)
def test_a_check_that_cannot_be_made_says_why(
    arguments: list[str], help_with: str, tmp_path: Path, capsys: Output
) -> None:
    pair_file(tmp_path, PAIR)
    (tmp_path / "empty.jsonl").touch()
    assert main([argument.format(tmp_path) for argument in arguments]) == 2
    assert help_with in capsys.readouterr().err


@pytest.fixture
def run_with_pairs(calm_home: Path) -> Run:
    """A run that has got as far as its pairs, of which one is there twice."""
    run = create_run("mine", RunConfig(languages=("en", "fr")))
    questions = [
        Question(split, code, "Which gas?", ("helium", "oxygen"), 1, split=split)
        for split in ("train", "held-out")
        for code in ("en", "fr")
    ]
    run.write("questions", questions)
    for name in ("translations", "responses", "answers", "votes"):
        run.write(name, [])
    pair = PreferencePair(
        "train", "en", "Question: Which gas?\nAnswer:", " oxygen", " helium", "en"
    )
    run.write("pairs", [pair, pair])
    return run


def test_the_pairs_of_a_run_are_checked_with_its_questions(
    run_with_pairs: Run, capsys: Output
) -> None:
    assert main(["pairs", "mine", "--lint", "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    rules = [finding["rule"] for finding in out["findings"]]
    assert rules == ["question-in-both-splits", "duplicate-pair"]


def test_mending_the_pairs_of_a_run_keeps_the_old_ones(run_with_pairs: Run, capsys: Output) -> None:
    before = run_with_pairs.path("pairs").read_bytes()
    assert main(["pairs", "mine", "--lint", "--fix"]) == 0
    assert len(run_with_pairs.rows("pairs")) == 1
    assert (run_with_pairs.folder / "pairs.before-fix-1.jsonl").read_bytes() == before
    assert "1 times dropped: there already" in capsys.readouterr().out
