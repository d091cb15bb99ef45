"""The command line: quick to help, and one sentence for what the user can put right."""

import dataclasses
import json
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from calm.ballots.box import BallotBox
from calm.cli.parser import main
from calm.cli.stages import STAGE_HELP
from calm.config import RunConfig, SamplingConfig
from calm.evaluation.evaluate import READINGS
from calm.pipeline.stages import STAGES
from calm.records import Judged, PreferencePair, Question, Response, Score
from calm.runs.folder import Run, create_run, open_run

ROOT = Path(__file__).parents[2]
QUESTION = {
    "id": "gas",
    "split": "train",
    "language": "en",
    "text": "Which gas?",
    "choices": ["helium", "oxygen"],
    "gold": 1,
}
Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    """Commands set their own handlers of signals; the tests' are put back."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def calm(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "calm", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def question_file(folder: Path, *rows: dict[str, object]) -> Path:
    file = folder / "mine.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def two_splits(folder: Path) -> Path:
    rows = [
        QUESTION | {"id": split, "split": split, "language": code}
        for split in ("train", "held-out")
        for code in ("en", "fr")
    ]
    return question_file(folder, *rows)


def seconds_of_processor(*arguments: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert calm(*arguments).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_takes_less_than_half_a_second() -> None:
    """Time of the processor, which a busy machine does not lengthen; the best of three."""
    assert min(seconds_of_processor("--help") for _ in range(3)) < 0.5


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


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["align", "x", "--languages", "en,xx"], "There is no language 'xx'. Choose from: en, zh"),
        (["align", "x", "--languages", "en"], "a vote across languages needs at least two"),
        (["align", "x", "--num-samples", "0"], "num_samples is 0, but must be 1 … 64."),
        (["align", "x", "--beta", "-1"], "beta is -1.0, but must be > 0."),
        (["align", "x", "--loss-type", "no"], "loss_type is no, but must be sigmoid | "),
        (["align", "x", "--precision", "int3"], "precision is int3, but must be auto | "),
        (
            ["align", "x", "--pairs-source", "all"],
            "pairs_source is all, but must be votes | ballots | both.",
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


def test_a_stage_called_too_early_names_the_one_to_run_first(
    calm_home: Path, capsys: Output
) -> None:
    create_run("early", RunConfig())
    assert main(["pairs", "early"]) == 2
    assert "Run `python -m calm vote early` first" in capsys.readouterr().err


def test_the_exported_built_in_set_passes_the_check(tmp_path: Path, capsys: Output) -> None:
    assert main(["questions", "export"]) == 0
    file = tmp_path / "built-in.jsonl"
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["questions", "check", str(file)]) == 0
    shown = capsys.readouterr().out
    assert shown == f"{file}: 557 questions in ar, de, en, es, fr, it, ja, zh, all good\n"


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
    note, good = capsys.readouterr().out.splitlines()
    assert note == (
        f"note: {file}, row 1: gas, en: field 'choices': 'Both A and B' points at other choices. "
        "They keep their places; write it out to have them shuffled."
    )
    assert good == f"{file}: 1 questions in en, all good"


def test_runs_are_listed_with_how_far_they_are(calm_home: Path, capsys: Output) -> None:
    create_run("mine", RunConfig()).set_status("train", "failed", message="out of memory")
    assert main(["runs"]) == 0
    assert capsys.readouterr().out == "mine  train  failed  out of memory\n"


def test_runs_are_listed_as_json_lines(calm_home: Path, capsys: Output) -> None:
    create_run("mine", RunConfig()).set_status("train", "running", 1, 4, "{half}")
    assert main(["runs", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["run"], row["stage"], row["done"], row["message"]) == ("mine", "train", 1, "{half}")


def test_a_report_shows_before_after_and_change_with_its_interval(
    calm_home: Path, capsys: Output
) -> None:
    run = create_run("mine", RunConfig(languages=("en", "fr")))
    rows = [
        Score(model, reading, "all", metric, value, low, high, 10)
        for reading in READINGS
        for metric in ("accuracy", "consistency")
        for model, value, low, high in (
            ("base", 0.4, 0.3, 0.5),
            ("aligned", 0.55, 0.4, 0.7),
            ("change", 0.15, 0.05, 0.25),
        )
    ]
    counts = [
        Score("change", "response", "all", name, value, None, None, 10)
        for name, value in (("fixed", 4), ("broken", 1))
    ]
    run.write("scores", [*rows, *counts])
    assert main(["report", "mine"]) == 0
    shown = capsys.readouterr().out
    assert "| all | accuracy | 0.400 | 0.550 | +15.0 (+5.0 to +25.0) | 4 | 1 |" in shown
    assert "| all | consistency | 0.400 | 0.550 | +15.0 (+5.0 to +25.0) |  |  |" in shown
    assert "10 held-out questions." in shown


def test_a_report_without_scores_says_what_is_missing(calm_home: Path, capsys: Output) -> None:
    create_run("mine", RunConfig())
    assert main(["report", "mine"]) == 0
    assert "the stage evaluate is not done" in capsys.readouterr().out


def sampled(name: str) -> Run:
    """A run with its responses drawn and not read: one answer and one refusal a language."""
    config = RunConfig(languages=("en", "fr"), sampling=SamplingConfig(num_samples=2))
    run = create_run(name, config)
    questions = [Question("gas", code, "Which?", ("helium", "oxygen"), 1) for code in ("en", "fr")]
    run.write("questions", questions)
    run.write("translations", [])
    texts = ("Answer: B. oxygen", "I cannot say.")
    run.write(
        "responses",
        [
            Response("gas", q.language, n, "fake", text, (0, 1))
            for q in questions
            for n, text in enumerate(texts)
        ],
    )
    return run


def test_an_audit_reads_the_answers_first_where_nobody_has(calm_home: Path, capsys: Output) -> None:
    run = sampled("mine")
    assert main(["extract", "mine", "--audit"]) == 0
    assert [row.how for row in run.rows("answers")] == ["letter and text", "refusal"] * 2
    shown = capsys.readouterr().out
    assert "| English | fake | 2 | 50.0% | 1 | 1 |" in shown
    assert "| French | fake | 2 | 50.0% | 1 | 1 |" in shown


def test_an_audit_as_json_is_one_object(calm_home: Path, capsys: Output) -> None:
    sampled("mine")
    assert main(["extract", "mine", "--audit", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["languages"]
    assert [(row["language"], row["responses"], row["read"]) for row in rows] == [
        ("en", 2, 1),
        ("fr", 2, 1),
    ]
    assert rows[0]["position_bias"]["shuffled"] is False


def test_an_audit_of_a_run_that_is_done_changes_nothing(calm_home: Path, capsys: Output) -> None:
    run = sampled("mine")
    assert main(["extract", "mine"]) == 0
    before = {file: file.stat().st_mtime_ns for file in run.folder.iterdir()}
    assert main(["extract", "mine", "--audit"]) == 0
    assert {file: file.stat().st_mtime_ns for file in run.folder.iterdir()} == before


def test_every_rule_and_every_language_alone_are_compared(calm_home: Path, capsys: Output) -> None:
    sampled("mine")
    assert main(["extract", "mine"]) == 0
    capsys.readouterr()
    assert main(["vote", "mine", "--compare", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"plurality", "dawid-skene", "reliability", "language alone"} <= {
        r["rule"] for r in rows
    }
    alone = {r["language"]: r["precision"] for r in rows if r["language"]}
    assert alone == {"en": 1.0, "fr": 1.0}
    everything = [r for r in rows if r["rule"] == "plurality" and r["fraction"] == 1.0]
    assert [(r["kept"], r["of"], r["precision"]) for r in everything] == [(1, 1, 1.0)]
    assert main(["vote", "mine", "--compare"]) == 0
    assert "| English | 1.000 |" in capsys.readouterr().out


def test_json_without_a_comparison_is_refused(calm_home: Path, capsys: Output) -> None:
    sampled("mine")
    assert main(["vote", "mine", "--json"]) == 2
    assert "--json is for what --compare shows." in capsys.readouterr().err


def test_json_without_an_audit_is_refused(calm_home: Path, capsys: Output) -> None:
    sampled("mine")
    assert main(["extract", "mine", "--json"]) == 2
    assert "--json is for what --audit prints." in capsys.readouterr().err


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
