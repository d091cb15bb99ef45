"""The commands on several runs: seeds of one method, methods against each other."""

import json
import shutil
from pathlib import Path

import pytest

from calm.cli.parser import main
from calm.runs.folder import open_run, to_json
from calm.settings import config_of
from tests.cli.commands import Output
from tests.fakes import training_of_nothing
from tests.recorded import finished_run


@pytest.fixture
def three_runs(calm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seeds of one method, `one` and `two`, and another method, `three`."""
    monkeypatch.setattr("calm.pipeline.stage_train.train", training_of_nothing(1))
    run = finished_run("one", tmp_path)
    for name, settings in (("two", {"seed": 7}), ("three", {"beta": 0.5})):
        folder = run.folder.with_name(name)
        shutil.copytree(run.folder, folder)
        config = config_of(settings, run.config)
        (folder / "config.json").write_text(to_json(config) + "\n", encoding="utf-8")


@pytest.mark.usefixtures("three_runs")
def test_seeds_of_a_method_are_shown_as_one(capsys: Output) -> None:
    assert main(["seeds", "one", "two"]) == 0
    shown = capsys.readouterr().out
    assert "| language | metric | base | aligned | change (95% interval) | spread |" in shown
    assert "| English | consistency |" in shown
    assert "2 seeds, 3 held-out questions." in shown
    assert "(too few to tell)" in shown
    assert main(["seeds", "one", "two", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["runs"] == ["one", "two"]
    row = next(row for row in found["scores"] if row["metric"] == "known_consistency")
    assert (row["seeds"], row["spread"], row["n"]) == (2, 0, 3)
    assert row["least"] == row["value"] == row["most"]


@pytest.mark.usefixtures("three_runs")
def test_another_method_is_no_seed(capsys: Output) -> None:
    assert main(["seeds", "one", "two", "three"]) == 2
    assert (
        "three and one differ in more than their seed: beta (0.1, 0.5)" in capsys.readouterr().err
    )


@pytest.mark.usefixtures("three_runs")
def test_methods_are_shown_against_each_other(capsys: Output) -> None:
    assert main(["methods", "one", "two", "three", "--metric", "consistency"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("one: one, two\nthree: three; beta (0.1, 0.5)\n")
    assert "| one | three | +0.0 (" in shown
    assert "3 held-out questions. These are too few to tell." in shown
    assert main(["methods", "one", "three", "--reading", "likelihood", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["reading"], found["metric"]) == ("likelihood", "accuracy")
    assert [row["adjusted"] for row in found["pairs"]] == [1]


@pytest.mark.usefixtures("three_runs")
def test_a_report_says_what_chance_gives_rankc(capsys: Output) -> None:
    assert open_run("one").has("scores")
    assert main(["report", "one"]) == 0
    shown = capsys.readouterr().out
    assert "| all | RankC, chance gives 0.377, at least 0.090 |" in shown
    assert "| all | best language ahead of the worst |" in shown
