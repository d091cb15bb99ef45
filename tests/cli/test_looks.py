"""The commands that look: runs, reports, audits of the reading, rules beside each other."""

import json
from pathlib import Path

from calm.cli.parser import main
from calm.config import RunConfig, SamplingConfig
from calm.evaluation.evaluate import READINGS
from calm.records import Question, Response, Score
from calm.runs.folder import Run, create_run
from tests.cli.commands import Output


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
