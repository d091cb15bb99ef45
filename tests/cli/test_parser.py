"""The command line: quick to help, and one sentence for what the user can put right."""

import dataclasses
import json
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from calm.ballots.box import BallotBox
from calm.cli.parser import main
from calm.cli.stages import STAGE_HELP
from calm.pipeline.stages import STAGES
from calm.records import Judged
from calm.runs.folder import open_run
from tests.cli.commands import QUESTION, ROOT, Output, calm, question_file, two_splits


def seconds_of_processor(*arguments: str) -> float:
    return seconds_of(lambda: calm(*arguments).returncode)


def seconds_of(call: Callable[[], int]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert call() == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_takes_less_than_half_a_second() -> None:
    """Time of the processor; the best of three.

    Where the one library that help needs takes longer by itself than 0.15 seconds, the machine is
    slow or busy, and help may take longer in proportion.
    """
    needs = [sys.executable, "-c", "import pydantic.dataclasses"]
    library = min(seconds_of(lambda: subprocess.run(needs, check=False).returncode) for _ in "123")
    help_itself = min(seconds_of_processor("--help") for _ in "123")
    assert help_itself < 0.5 * max(1.0, library / 0.15)


@pytest.mark.parametrize("arguments", [["--help"], ["align", "--help"], ["questions", "--help"]])
def test_help_imports_no_heavy_library(arguments: list[str]) -> None:
    code = (
        "import runpy, sys\n"
        f"sys.argv = ['calm', *{arguments}]\n"
        "try: runpy.run_module('calm', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert "calm" in loaded
    assert not loaded & {"torch", "gradio", "transformers", "trl", "peft", "numpy"}


def test_help_names_every_stage_as_a_command(capsys: Output) -> None:
    assert ["questions", *STAGE_HELP] == list(STAGES)
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    for command in (*STAGES, "align", "runs", "report", "prepare"):
        assert re.search(rf"^ +{command}\s+\w", shown, re.MULTILINE), command


def test_choosing_questions_makes_a_run_with_the_settings_given(
    tmp_path: Path, calm_home: Path
) -> None:
    given = ["--questions", str(two_splits(tmp_path)), "--languages", "en, fr", "--seed", "7"]
    given += ["--num-samples", "2", "--beta", "0.5", "--no-agreeing-languages"]
    given += ["--pairs-source", "both"]
    given += ["--train-precision", "fp32", "--precision", "bf16", "--max-train-questions", "9"]
    assert main(["questions", "select", "mine", *given]) == 0
    run = open_run("mine")
    assert len(run.rows("questions")) == 4
    config = run.config
    assert config.languages == ("en", "fr")
    assert (config.sampling.seed, config.train.seed, config.sampling.num_samples) == (7, 7, 2)
    assert (config.train.beta, config.pairs.agreeing_languages) == (0.5, False)
    assert config.pairs.source == "both"
    assert (config.precision, config.train.precision) == ("bf16", "fp32")
    assert (config.max_train_questions, config.max_held_out_questions) == (9, None)


def test_the_exported_built_in_set_passes_the_check(tmp_path: Path, capsys: Output) -> None:
    assert main(["questions", "export"]) == 0
    file = tmp_path / "built-in.jsonl"
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["questions", "check", str(file)]) == 0
    fields = ("text", "choices", "gold", "id", "split", "topic", "language")
    assert capsys.readouterr().out.splitlines() == [
        f"read as: {','.join(f'{name}={name}' for name in fields)}",
        f"{file}: 557 questions in ar, de, en, es, fr, it, ja, zh, all good",
    ]


def test_an_export_holds_the_languages_asked_for_alone(capsys: Output) -> None:
    assert main(["questions", "export", "--languages", "en,ja"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["language"] for row in rows} == {"en", "ja"}


def test_a_pipe_that_closes_early_does_no_harm() -> None:
    command = f"{sys.executable} -m calm questions export | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0
    assert done.stderr == b""


def test_checking_a_faulty_set_lists_every_problem(tmp_path: Path, capsys: Output) -> None:
    file = question_file(
        tmp_path,
        QUESTION,
        QUESTION | {"language": "fr", "gold": 0, "text": "Quel gaz ?"},
        QUESTION | {"id": "b", "text": "Ποιο αέριο είναι это?"},
        QUESTION | {"id": "c", "text": "", "choices": ["neon"]},
    )
    assert main(["questions", "check", str(file)]) == 2
    shown = capsys.readouterr().err.splitlines()
    assert shown == [
        f"calm: {file} has 4 problems:",
        f"{file}, row 4: field 'text' is missing or empty. Fill it in.",
        f"{file}, row 4: field 'choices' has 1 choices: ['neon']. Give 2 to 8; in a CSV file | "
        "stands between them.",
        f"{file}, row 2: gas: field 'gold' differs between its languages. It is 1 in en, 0 in fr. "
        "Give it one value.",
        f"{file}, row 3: b, en: field 'text' is not written in Latin script: "
        "'Ποιο αέριο είναι это?'. Correct the text or its language.",
    ]


def test_choices_that_point_at_others_are_told_and_no_problem(
    tmp_path: Path, capsys: Output
) -> None:
    file = question_file(tmp_path, QUESTION | {"choices": ["helium", "neon", "Both A and B"]})
    assert main(["questions", "check", str(file)]) == 0
    note, read_as, good = capsys.readouterr().out.splitlines()
    assert read_as.startswith("read as: text=text,choices=choices")
    assert note == (
        f"note: {file}, row 1: gas, en: field 'choices': 'Both A and B' points at other choices. "
        "They keep their places; write it out to have them shuffled."
    )
    assert good == f"{file}: 1 questions in en, all good"


def test_a_folder_of_samples_goes_from_import_to_export_without_a_model(
    calm_home: Path, tmp_path: Path, capsys: Output
) -> None:
    folder = tmp_path / "samples"
    folder.mkdir()
    preds = {"en": ["It glows. Answer: A"] * 3, "fr": ["Oui. Réponse : A", "Non. Réponse : B"]}
    for code, pred in preds.items():
        row = {"input": f"{code}?\nA. x\nB. y", "output": "A", "pred": pred}
        file = folder / f"x_csqa_{code}_train_sampled.json"
        file.write_text(json.dumps([row, 7]), encoding="utf-8")
    assert main(["import-responses", str(folder), "new", "--model", "llama"]) == 0
    told = capsys.readouterr().out
    assert "English: 1 questions, 3 responses" in told
    assert "left out: 2 rows without a question" in told
    for stage in ("extract", "vote", "pairs"):
        assert main([stage, "new"]) == 0
    output = tmp_path / "pairs.jsonl"
    assert main(["export", "new", "-o", str(output)]) == 0
    (line,) = output.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["chosen"] == "Explication : Oui.\nRéponse : A. x"
    assert capsys.readouterr().out == f"1 pairs in {output}\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["import-responses", "nothing", "new"], "no folder"),
        (["export", "new", "-o", "x"], "no run"),
    ],
)
def test_what_import_and_export_lack_is_one_sentence(
    arguments: list[str], told: str, calm_home: Path, capsys: Output
) -> None:
    assert main(arguments) == 2
    assert told in capsys.readouterr().err


def test_a_run_goes_into_an_archive_and_comes_out_of_it(
    calm_home: Path, tmp_path: Path, capsys: Output
) -> None:
    from tests.recorded import finished_run

    run, file = finished_run("mine", tmp_path), tmp_path / "mine.zip"
    assert main(["archive", "mine", "-o", str(file)]) == 0
    assert main(["open", str(file), "again"]) == 0
    assert open_run("again").rows("votes") == run.rows("votes")
    assert open_run("again").adapter.is_dir()
    assert main(["archive", "mine", "-o", str(file), "--without-adapter"]) == 0
    assert main(["open", str(file), "light"]) == 0
    assert not open_run("light").adapter.exists()
    assert main(["open", str(tmp_path / "questions.jsonl")]) == 2
    assert "questions.jsonl cannot be opened" in capsys.readouterr().err


def test_what_others_asked_goes_into_the_archive_where_that_is_wanted(
    calm_home: Path, tmp_path: Path
) -> None:
    from calm.asking.store import AskedStore, read_asked
    from tests.recorded import asked_question, finished_run

    finished_run("mine", tmp_path)
    AskedStore().keep(asked_question())
    for name, flags in (("with", ["--with-asked"]), ("without", []), ("none", ["--without-asked"])):
        assert main(["archive", "mine", "-o", str(tmp_path / "a.zip"), *flags]) == 0
        assert main(["open", str(tmp_path / "a.zip"), name]) == 0
    assert read_asked(open_run("with").folder) == [asked_question()]
    assert read_asked(open_run("without").folder) == read_asked(open_run("none").folder) == []
    for name, flags in (("its-own", []), ("nothing", ["--without-asked"])):
        assert main(["archive", "with", "-o", str(tmp_path / "a.zip"), *flags]) == 0
        assert main(["open", str(tmp_path / "a.zip"), name]) == 0
    assert read_asked(open_run("its-own").folder) == [asked_question()]
    assert read_asked(open_run("nothing").folder) == []


def test_ballots_are_counted_and_exported(tmp_path: Path, calm_home: Path, capsys: Output) -> None:
    thumb = Judged(
        kind="thumb",
        question="Which gas?",
        language="en",
        model="m",
        answer="oxygen",
        prompt="Which gas? Answer:",
        response=" oxygen",
    )
    BallotBox().cast(thumb, "ann", "up")
    BallotBox().cast(dataclasses.replace(thumb, answer="neon", response=" neon"), "ann", "down")
    assert main(["ballots", "tally"]) == 0
    assert capsys.readouterr().out.startswith("thumb: m, all: 50% (9 to 91), 1 up, 1 down\n")
    assert main(["ballots", "tally", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["good"] == 1
    for form, lines in (("csv", 3), ("jsonl", 2), ("pairs", 1)):
        output = tmp_path / form
        assert main(["ballots", "export", "--format", form, "-o", str(output)]) == 0
        text = output.read_text(encoding="utf-8")
        assert len(text.splitlines()) == lines
        assert "ann" not in text


def test_another_format_of_ballots_is_refused(calm_home: Path, capsys: Output) -> None:
    assert main(["ballots", "export", "--format", "xlsx", "-o", "x"]) == 2
    assert "Use csv, jsonl, pairs." in capsys.readouterr().err
