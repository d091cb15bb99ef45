"""What the user can put right is told in one sentence, and leaves nothing behind."""

import json
import os
from pathlib import Path

import pytest

from calm.cli.parser import main
from calm.config import RunConfig
from calm.runs.folder import create_run
from tests.cli.commands import QUESTION, Output, calm, question_file, two_splits


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["align", "x", "--languages", "en,xx"], "There is no language 'xx'. Choose from: en, zh"),
        (["align", "x", "--languages", "en"], "a vote across languages needs at least two"),
        (["align", "x", "--num-samples", "0"], "num_samples is 0, but must be 1 … 64."),
        (["align", "x", "--beta", "-1"], "beta is -1.0, but must be > 0."),
        (["align", "x", "--method", "no"], "method is no, but must be dpo | dpo+sft | "),
        (["align", "x", "--precision", "int3"], "precision is int3, but must be auto | "),
        (
            ["align", "x", "--pairs-source", "all"],
            "pairs_source is all, but must be votes | ballots | both | gold.",
        ),
        (["align", "a b"], "'a b' cannot name a run."),
        (["align", "x", "--questions", "nowhere.jsonl"], "question set nowhere.jsonl cannot be"),
        (["vote", "nowhere"], "There is no run "),
        (["report", "nowhere"], "There is no run "),
        (["questions", "export", "--languages", "xx"], "There is no language 'xx'."),
        (["questions", "export", "--languages", "sw"], "has no question in sw."),
        (["questions", "check", "nowhere.jsonl"], "cannot be read (No such file or directory)"),
    ],
)
def test_wrong_input_ends_with_code_2_and_one_sentence_that_helps(
    arguments: list[str], problem: str, calm_home: Path, capsys: Output
) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    last = shown.err.splitlines()[-1]
    assert last.startswith("calm: ")
    assert problem in last
    assert "Traceback" not in shown.err


def test_settings_that_cannot_be_leave_no_run_behind(calm_home: Path) -> None:
    assert main(["align", "x", "--prompt-format", "essay"]) == 2
    assert not (calm_home / "runs").exists()


@pytest.mark.parametrize("arguments", [[], ["no-such-command"], ["align"], ["vote", "x", "--no"]])
def test_what_is_no_command_shows_how_to_call(arguments: list[str], capsys: Output) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: python -m calm" in capsys.readouterr().err


def test_a_question_file_with_a_missing_choice_is_named_with_row_and_field(
    tmp_path: Path, calm_home: Path
) -> None:
    file = question_file(tmp_path, QUESTION, QUESTION | {"id": "b", "choices": ["helium", ""]})
    done = calm("align", "x", "--questions", str(file), "--languages", "en,fr")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        f"calm: {file}, row 2: field 'choices': choice 2 is empty. Fill it in."
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["align"], ["questions", "select"]])
@pytest.mark.parametrize(
    "row", [{"text": "Which \ud83d?"}, {"choices": ["helium"]}, {"split": "held-out"}, {"id": []}]
)
def test_a_question_set_that_is_not_right_leaves_no_run_behind(
    command: list[str], row: dict[str, object], tmp_path: Path, calm_home: Path, capsys: Output
) -> None:
    file = question_file(tmp_path, QUESTION | row)
    assert main([*command, "x", "--questions", str(file), "--languages", "en,fr"]) == 2
    assert str(file) in capsys.readouterr().err
    assert not calm_home.exists()


def test_a_model_that_does_not_exist_is_refused_in_one_sentence(
    tmp_path: Path, calm_home: Path
) -> None:
    """Through the real loader, which imports torch: some seconds."""
    run = create_run(
        "x",
        RunConfig(
            model="nobody/no-such-model",
            question_set=str(two_splits(tmp_path)),
            languages=("en", "fr"),
        ),
    )
    done = calm("align", run.name, HF_HUB_OFFLINE="1")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("calm: ")
    assert "nobody/no-such-model" in last
    assert run.status().state == "failed"
    assert "nobody/no-such-model" in str(run.status().message)


@pytest.mark.parametrize("command", ["align", "vote", "report"])
def test_a_run_folder_of_another_version_is_refused(
    command: str, calm_home: Path, capsys: Output
) -> None:
    file = create_run("old", RunConfig()).folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"version": 0}))
    assert main([command, "old"]) == 2
    assert "is a run folder of version 0, but this program reads" in capsys.readouterr().err


def test_a_run_is_not_given_other_settings(calm_home: Path, capsys: Output) -> None:
    create_run("mine", RunConfig())
    assert main(["align", "mine", "--seed", "3"]) == 2
    assert "exists with other settings" in capsys.readouterr().err


def test_a_stage_called_too_early_names_the_one_to_run_first(
    calm_home: Path, capsys: Output
) -> None:
    create_run("early", RunConfig())
    assert main(["pairs", "early"]) == 2
    assert "Run `python -m calm vote early` first" in capsys.readouterr().err


def test_a_folder_that_is_no_run_is_told_so(calm_home: Path, capsys: Output) -> None:
    folder = calm_home / "runs" / "x"
    folder.mkdir(parents=True)
    (folder / "thesis.txt").touch()
    assert main(["align", "x", "--until", "questions"]) == 2
    assert "holds files, but no run" in capsys.readouterr().err
    (folder / "thesis.txt").unlink()
    assert main(["align", "x", "--until", "questions", "--languages", "en,fr"]) == 0
    assert (folder / "questions.jsonl").is_file()


def test_a_disk_that_is_full_ends_the_run_as_failed_in_a_sentence(
    tmp_path: Path, calm_home: Path, capsys: Output
) -> None:
    run = create_run("x", RunConfig(languages=("en", "fr")))
    (run.folder / f".questions.jsonl.{os.getpid()}.new").symlink_to("/dev/full")
    assert main(["align", "x"]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("calm: The disk is full.")
    assert run.status().state == "failed"
    assert str(run.status().message).startswith("The disk is full.")
