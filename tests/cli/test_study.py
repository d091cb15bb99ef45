"""The command `study`: says what it would do, does it, and writes the report in three forms."""

from pathlib import Path

import pytest

from calm.cli.parser import main
from calm.runs import jobs
from calm.study.folder import create_study, open_study, start_study
from calm.study.plan import read_plan
from tests.cli.commands import Output
from tests.fakes import FakeModel
from tests.study.conftest import models, question_file, text  # noqa: F401 - fixtures


@pytest.fixture
def plan(text: str, models: list[FakeModel], tmp_path: Path) -> Path:  # noqa: F811
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_dry_run_tells_what_is_shared_and_makes_nothing(
    plan: Path, calm_home: Path, capsys: Output
) -> None:
    assert main(["study", str(plan), "--dry-run"]) == 0
    first, *runs, left = capsys.readouterr().out.splitlines()
    assert first == "4 runs, 2 arms, until compare"
    assert ["sample, base" in line for line in runs] == [False, True, False, True]
    assert "`calm measure`" in left
    assert not (calm_home / "studies").exists()


def test_a_study_ends_with_its_report_in_three_forms(plan: Path, capsys: Output) -> None:
    assert main(["study", str(plan), "--language", "de"]) == 0
    said = capsys.readouterr()
    study = open_study("mine")
    assert said.out.strip() == (study.folder / "report.md").read_text(encoding="utf-8").strip()
    assert "study: 4 of 4 runs done" in said.err
    page = (study.folder / "report.html").read_text(encoding="utf-8")
    assert '<html lang="de"' in page
    assert page.count("<li>") >= 5
    assert "src=" not in page and "href=" not in page, "it needs nothing else"
    assert main(["study", "mine"]) == 0, "by its name it goes on, with nothing left to do"
    assert main(["study", str(study.folder), "--dry-run"]) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "There is no study nowhere"),
        (["nowhere.yaml"], "nowhere.yaml cannot be read"),
        (["../up", "--dry-run"], "cannot name a run"),
    ],
)
def test_what_is_no_plan_and_no_study_is_told(
    arguments: list[str], said: str, calm_home: Path, capsys: Output
) -> None:
    assert main(["study", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_study_is_started_in_a_process_of_its_own(
    plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = create_study(read_plan(plan))
    started: list[tuple[str, ...]] = []
    monkeypatch.setattr(
        jobs, "start_command", lambda job, *words: started.append((job.name, *words))
    )
    start_study(study)
    assert started == [("mine", "study")]
    assert study.job.status().state == "queued"
