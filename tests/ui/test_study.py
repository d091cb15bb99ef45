"""Studies on the pages: what a plan may name, how far one is, and what its report draws."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from calm.config import BUILT_IN
from calm.errors import CalmError
from calm.records import Status
from calm.runs import jobs
from calm.study.folder import Study, open_study
from calm.study.grid import cells
from calm.study.report import read_report, write_report
from calm.study.results import Effect
from calm.study.work import do_study
from tests.study.conftest import models, question_file, study, text  # noqa: F401 - fixtures
from tests.ui.visitors import reader, script
from ui.align.kept import forget_unused, kept_file
from ui.parts.models import Models
from ui.study.figures import ticks_for
from ui.study.file import report_file, show_study
from ui.study.given import EXAMPLE, foresee_given, given_plan, go_on, start_given
from ui.study.page import looked_at, offered, read_file, stop_study
from ui.study.views import progress, report
from ui.text.words import INTERFACE_LANGUAGES

EVIL = "<img src=x onerror=alert(1)>"
Make = Callable[[], Study]


@pytest.fixture
def done(study: Make) -> Study:  # noqa: F811
    made = study()
    do_study(made, after=(write_report,))
    return made


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(jobs, "start_command", lambda job, *words: found.append(job.name))
    return found


def effect(low: float, high: float) -> Effect:
    return Effect(0.5, 0.6, (low + high) / 2, low, high, None, 100)


def test_the_report_says_and_draws_what_was_found(done: Study) -> None:
    found = read_report(done)
    for code in INTERFACE_LANGUAGES:
        with reader(code):
            page = report_file(done)
        assert page.count('<figure class="dots arms">') >= 5
        assert page.count("<svg") == page.count('role="img"')
        assert f'lang="{code}"' in page
    with reader("en"):
        page = report(found)
    assert all(str(sentence) in page for sentence in found.sentences)
    assert "Ahead of dpo" in page


def test_nothing_of_a_plan_is_run_as_markup(done: Study) -> None:
    found = read_report(done)
    arms = tuple(dataclasses.replace(arm, name=EVIL) for arm in found.arms)
    page = report(dataclasses.replace(found, title=EVIL, arms=arms, against=EVIL))
    assert "<img" not in page
    status = Status("cells", "failed", 1, 4, EVIL, 0.0, 0.0)
    assert "<img" not in progress(EVIL, status)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.03, 0.12, [0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12]),
        (-0.004, 0.004, [-0.01, 0, 0.01]),
        (-0.8, 0.9, [-1, -0.5, 0, 0.5, 1]),
        (0.0, 0.0, [0, 0.01]),
    ],
)
def test_an_axis_holds_zero_and_every_interval(low: float, high: float, ticks: list[float]) -> None:
    assert ticks_for([effect(low, high)]) == pytest.approx(ticks)


def test_how_far_a_study_is_is_said_with_the_time_that_is_left() -> None:
    running = Status("cells", "running", 3, 12, "", 1 / 60, 0.0)
    assert "mine: running, 3 of 12 runs done. About 9 mins 0 secs left." in progress(
        "mine", running
    )
    assert "warning" in progress("mine", Status("cells", "failed", 3, 12, "no room", 0.0, 0.0))


def test_a_plan_may_name_a_set_or_an_uploaded_file_and_no_path(
    calm_home: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.jsonl"
    secret.write_text('{"id": "x"}\n', encoding="utf-8")
    kept = Path(kept_file(str(secret)))
    plan = given_plan(f"settings: {{question_set: 'file:{kept.name}'}}\ngrid: {{seed: [1]}}", "a")
    assert {cell.config.question_set for cell in cells(plan)} == {str(kept)}
    assert {c.config.question_set for c in cells(given_plan("grid: {seed: [1]}", "a"))} == {
        BUILT_IN
    }
    for named in (str(secret), "/etc/passwd", "file:0000000000000000.jsonl", "file:../x.jsonl"):
        with pytest.raises(CalmError, match="no question set"):
            given_plan(f"settings: {{question_set: '{named}'}}\ngrid: {{seed: [1]}}", "a")
    with pytest.raises(CalmError):
        given_plan("grid: {seed: [1]}", "../a")


def test_a_file_that_a_study_names_stays(calm_home: Path, tmp_path: Path, started: Any) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.jsonl").write_text(f'{{"id": "{name}"}}\n', encoding="utf-8")
    one, two = (Path(kept_file(str(tmp_path / f"{name}.jsonl"))) for name in ("one", "two"))
    start_given(f"settings: {{question_set: 'file:{one.name}'}}\ngrid: {{seed: [1]}}", "a")
    forget_unused(oldest=-1.0)
    assert (one.exists(), two.exists()) == (True, False)


def test_a_study_is_started_stopped_and_goes_on(
    calm_home: Path, started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert start_given("grid: {seed: [1]}", "mine").name == "mine"
    assert looked_at("mine")[2].constructor_args["visible"] == "hidden"
    stop_study("mine")
    go_on("mine")
    assert started == ["mine", "mine"]
    assert offered("gone").constructor_args["value"] == "mine"
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    with pytest.raises(CalmError, match="lent for minutes"):
        go_on("mine")


def test_what_is_looked_at_changes_with_the_study(done: Study) -> None:
    mark, panel, stop, again = looked_at("small")
    assert mark == looked_at("small")[0]
    assert "small: done, 4 of 4 runs done." in panel
    hidden = [button.constructor_args["visible"] for button in (stop, again)]
    assert hidden == ["hidden", "hidden"]
    assert "warning" in looked_at("none")[1]
    assert "no study yet" in looked_at(None)[1]


def test_the_example_comes_to_six_runs_where_its_settings_exist(calm_home: Path) -> None:
    assert foresee_given(EXAMPLE, "study").startswith("6 runs, 2 arms, until compare")


def test_an_uploaded_plan_is_read_or_refused(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text("grid: {}", encoding="utf-8")
    assert read_file(str(file)) == "grid: {}"
    file.write_bytes(b"\xff")
    with pytest.raises(CalmError, match=r"^plan\.yaml cannot be read"):
        read_file(str(file))


def test_the_page_of_a_study_is_shown_and_can_be_kept(done: Study) -> None:
    def asked(query: str) -> Any:
        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        return show_study(Request({**scope, "query_string": query.encode()}), {})

    assert b"?study=small&amp;file=1" in asked("study=small").body
    kept = asked("study=small&file=1")
    assert kept.headers["content-disposition"] == 'attachment; filename="small.html"'
    for name in ("none", "../small"):
        with pytest.raises(CalmError):
            asked(f"study={name}")


def test_scripts_start_and_read_studies(
    done: Study, started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from gradio_client.exceptions import AppError

    with script(Models("fake")) as client:
        (told,) = client.predict(api_name="/list_studies")
        assert (told["study"], told["state"], told["done"]) == ("small", "done", 4)
        found = client.predict("small", api_name="/study_report")
        assert found["sentences"][0].startswith("Nothing that was tried (dpo, other)")
        assert [arm["name"] for arm in found["arms"]] == ["dpo", "other"]
        plan = "grid: {seed: [1, 2]}"
        assert client.predict(plan, api_name="/foresee_study").startswith("2 runs, 1 arms")
        assert client.predict(plan, "new", api_name="/start_study")["state"] == "queued"
        assert client.predict("new", api_name="/stop_study")["study"] == "new"
        assert client.predict("new", api_name="/go_on_study")["state"] == "queued"
        monkeypatch.setenv("CALM_READ_ONLY", "1")
        for call in (("grid: {seed: [1]}", "other"), ("new",)):
            name = {2: "/start_study", 1: "/stop_study"}[len(call)]
            with pytest.raises(AppError, match="looking"):
                client.predict(*call, api_name=name)
    assert started == ["new", "new"]
    assert open_study("new").name == "new"
