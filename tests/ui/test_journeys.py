"""A person with questions of their own aligns a model, takes it away; a researcher scripts it all.

The real app and model, no network. How a speaker comes along is in `test_browser` and
`test_stage_browser`.
"""

import json
import re
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file

from tests.ui.browser import (
    LONG,
    ROOT,
    artefact,
    choose_languages,
    home_that_was_measured,
    open_tab,
    served,
    unfold,
    visit,
)
from tests.ui.visitors import PATIENT

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.slow

QUESTIONS = """\
Question;A;B;C;Answer
What do bees make?;honey;milk;silk;A
Which animal barks?;the cat;the dog;the cow;B
What colour is snow?;black;red;white;C
How many legs has a spider?;six;eight;ten;B
What do cows eat?;grass;stones;fish;A
Where do fish live?;in trees;in water;in sand;B
What is frozen water called?;ice;steam;rain;A
Which planet do we live on?;Mars;Venus;Earth;C
What do plants need to grow?;light;music;paint;A
Which of these can fly?;the eagle;the horse;the snake;A
What comes after Monday?;Friday;Tuesday;Sunday;B
How many days has a week?;five;seven;nine;B
What is the sun?;a star;a planet;a moon;A
Which of these is a metal?;wood;iron;glass;B
What do we hear with?;the eyes;the ears;the hands;B
Which animal gives wool?;the sheep;the frog;the shark;A
What is two plus two?;three;four;five;B
What colour is a ripe banana?;yellow;blue;black;A
Which season is the coldest?;summer;winter;spring;B
What do we breathe?;air;oil;sand;A
"""
TAKEN_AWAY = """
import json, sys
from pathlib import Path
from calm.config import SamplingConfig
from calm.evaluation.evaluate import evaluate
from calm.models.loading import load_model
from calm.runs.folder import Run
from calm.pipeline.run_questions import groups_of, split_of
run = Run(Path(sys.argv[1]))
groups = split_of(groups_of(run), "held-out").values()
held_out = [question for versions in groups for question in versions.values()]
record = run.model_record()
model = load_model(sys.argv[2], record.faster)  # what it computed in, whatever is faster now
rows = evaluate(model, held_out, "aligned", run.config.sampling)
print(json.dumps([[r.question_id, r.language, r.reading, r.answer, r.log_probs] for r in rows]))
"""


@dataclass(frozen=True)
class Aligned:
    """What the person with questions of their own has in the end."""

    address: str
    home: Path
    package: Path


@pytest.fixture(scope="module")
def aligned(
    chromium: "playwright.Browser", tmp_path_factory: pytest.TempPathFactory, shipped_folder: Path
) -> Iterator[Aligned]:
    """Upload twenty questions, align for German and Spanish, and take the adapter away."""
    folder = tmp_path_factory.mktemp("journey")
    home = home_that_was_measured(tmp_path_factory.mktemp("home"), shipped_folder)
    file = folder / "mine.csv"
    file.write_text(QUESTIONS, encoding="utf-8")
    with served(home, "journey.log") as (address, _):
        outside: list[str] = []
        page = visit(chromium, address, "desktop", outside)
        _set_up(page, file)
        page.click("#align-button")
        page.locator("#align-progress .current").wait_for()

        page.reload()  # the alignment goes on, and the address knows the page
        page.locator("#align-progress h2", has_text="journey").wait_for()
        page.locator("#align-progress .state.done").wait_for(timeout=LONG)
        _see_result(page)
        with page.expect_download() as download:
            page.click("#align-use-button")
        package = folder / download.value.suggested_filename
        download.value.save_as(package)
        page.screenshot(path=artefact("align-desktop.png"), full_page=True)
        _see_comparison(page)
        page.close()
        assert outside == []
        assert "Traceback" not in (home / "app.log").read_text(encoding="utf-8", errors="replace")
        yield Aligned(address, home, package)


def _set_up(page: "playwright.Page", file: Path) -> None:
    open_tab(page, "Align")
    page.locator("#align-question-set label", has_text="My own file").click()
    page.locator("#align-file input[type=file]").set_input_files(str(file))
    page.locator("#align-file-preview", has_text="20 questions in English").wait_for()
    choose_languages(page, "#align-languages", ("English", "Deutsch", "Español"))
    page.fill("#align-max-train-questions input", "6")
    page.fill("#align-max-held-out-questions input", "4")
    name = page.locator("#align-name input, #align-name textarea")
    playwright.expect(name).to_have_value(re.compile("^align-"))
    name.fill("journey")
    unfold(page, "#align-how")
    for part in ("pairs", "train"):
        unfold(page, f"#align-how-{part}")
    page.fill("#align-num-samples input[type=number]", "2")
    page.fill("#align-min-vote-share input[type=number]", "0")
    page.fill("#align-min-steps input", "8")
    page.fill("#align-lora-r input", "4")


def _see_result(page: "playwright.Page") -> None:
    page.locator("#align-result", has_text="held-out questions").wait_for()
    loss = page.locator("#align-plots [data-plot=loss] polyline")
    loss.wait_for(state="attached")
    assert re.fullmatch(r"(\d+\.\d+,\d+\.\d+ ?)+", loss.get_attribute("points") or "")
    playwright.expect(page.locator("#align-use-card")).to_contain_text("google/gemma-3-270m")


def _see_comparison(page: "playwright.Page") -> None:
    page.click("#align-compare")
    page.locator("#compare-numbers figure.dots").first.wait_for()
    assert page.locator("#compare-run input").input_value() == "journey"
    assert page.locator("#compare-numbers .scores:not(.agreement) tbody tr").count() >= 3
    assert page.locator("#compare-numbers .scores.agreement tbody tr").count() >= 1
    page.screenshot(path=artefact("compare-desktop.png"), full_page=True)


def test_the_adapter_that_was_taken_away_answers_elsewhere_as_it_did_here(
    aligned: Aligned, tmp_path: Path, shipped_folder: Path
) -> None:
    with zipfile.ZipFile(aligned.package) as package:
        package.extractall(tmp_path)
    run = aligned.home / "runs" / "journey"
    elsewhere = tmp_path / "home"
    elsewhere.mkdir()
    (elsewhere / "models").symlink_to(shipped_folder.parent)
    done = subprocess.run(
        [sys.executable, "-c", TAKEN_AWAY, str(run), str(tmp_path / "journey")],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "CALM_HOME": str(elsewhere), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    there = {tuple(row[:3]): row[3:] for row in json.loads(done.stdout.splitlines()[-1])}
    here = [
        json.loads(line) for line in (run / "evaluations.jsonl").read_text("utf-8").splitlines()
    ]
    here = [row for row in here if row["model"] == "aligned"]
    assert len(here) == len(there) >= 2 * 2 * 2
    for row in here:
        answer, log_probs = there[row["question_id"], row["language"], row["reading"]]
        # There the adapter is merged into the weights of its base, which rounds otherwise.
        assert log_probs == pytest.approx(row["log_probs"], abs=0.25)
        two = sorted(row["log_probs"])[-2:]
        if row["reading"] == "response" or two[1] - two[0] > 0.25:
            assert answer == row["answer"]


def test_a_researcher_replays_inspects_and_exports_it_by_scripts_alone(
    aligned: Aligned, tmp_path: Path
) -> None:
    app = Client(aligned.address, verbose=False, download_files=tmp_path, httpx_kwargs=PATIENT)

    def call(name: str, *values: Any) -> Any:
        return app.predict(*values, api_name=f"/{name}")

    assert call("alignment_status", "journey")["state"] == "done"
    votes = call("run_votes", "journey", 0.6)
    assert len(votes["votes"]) == 6
    pairs = call("run_pairs", "journey")
    assert pairs and {pair["language"] for pair in pairs} <= {"en", "de", "es"}
    steps = call("alignment_metrics", "journey")
    assert [row["step"] for row in steps] == list(range(1, len(steps) + 1))
    compared = call("compare_run", "journey")
    assert {"base", "aligned", "change"} <= {score["model"] for score in compared["scores"]}

    archive = call("archive_run", "journey")
    assert call("open_archive", handle_file(archive), "again") == "again"
    assert call("compare_run", "again") == compared
    recorded = call("list_recorded", "again")
    assert call("replay", "again", recorded[0][1])["vote"]
    report = urllib.request.urlopen(f"{aligned.address}/?report=again", timeout=60).read()
    assert b"<html" in report and b"<script" not in report

    question, choices = "Which animal gives wool?", ["the sheep", "the frog", "the shark"]
    asked = call("ask", question, choices, "en", ["en"], 2, False, "journey")
    again = call("asked_question", asked["id"])
    assert again["responses"] == asked["responses"]
