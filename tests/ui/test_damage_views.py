"""What may have been harmed, as pages show it: in sentences and as a table, in every language."""

import dataclasses
import re
from pathlib import Path

import gradio as gr
import pytest

from calm.pipeline.stage_damage import WANTED, Wanted, wanted_of
from calm.probes import Damage
from calm.runs import jobs
from calm.runs.folder import Run
from tests.recorded import finished_run
from ui.asking.damage_views import damage_body, damage_section, verdict_in_words
from ui.asking.finished import read_finished
from ui.compare.damage import asked_for
from ui.compare.page import numbers_of
from ui.report.facts import facts_of
from ui.report.views import report
from ui.text.words import INTERFACE_LANGUAGES, spoken_in

WORSE = Damage("free", "right", "all", 0.5, 0.42, -0.08, -0.12, -0.04, 24, 0.001, "worse")
LONGER = Damage("free", "length", "all", 10.0, 20.0, 0.693147, 0.6, 0.8, 24, 0.0002, "worse")
IN_FRENCH = dataclasses.replace(WORSE, language="fr")
UNCLEAR = Damage("culture", "kappa", "all", 0.31, 0.33, 0.02, -0.05, 0.09, 32, 0.3, "not clear")
FEW = Damage("languages", "right", "all", 0.5, 0.25, -0.25, None, None, 4, None, "not clear")
FINE = Damage("texts", "log_prob", "all", -2.5, -2.51, -0.01, -0.02, 0.0, 80, 0.04, "ok")
FOUND = [WORSE, LONGER, UNCLEAR, FEW, FINE, IN_FRENCH]


def test_the_verdict_names_what_got_worse_by_how_much_and_what_cannot_be_told() -> None:
    assert verdict_in_words(FOUND) == (
        "Worse than before, beyond chance: free answers: right answers (-8.0) and free answers: "
        "length in characters (×2.00). It cannot be told for: questions whose answer differs by "
        "language: Fleiss’ kappa and languages not trained on: right answers. No harm to speak of: "
        "a fixed text: log-probability a token, in nats. Each rests on 4 to 80 questions or "
        "sentences."
    )


def test_a_verdict_without_harm_says_so() -> None:
    assert verdict_in_words([FINE]) == (
        "Nothing that was looked at is worse than before beyond chance. No harm to speak of: a "
        "fixed text: log-probability a token, in nats. Each rests on 80 questions or sentences."
    )


def test_the_table_has_a_row_a_finding_with_change_and_interval() -> None:
    shown = str(damage_body(FOUND))
    rows = [re.sub(r"<[^>]+>", "|", row) for row in shown.split("<tr>")[2:]]
    assert len(rows) == len(FOUND)
    assert "50.0%" in rows[0] and "42.0%" in rows[0] and "-8.0 (-12.0 to -4.0)" in rows[0]
    assert "×2.00 (×1.82 to ×2.23)" in rows[1]
    assert "+0.02 (-0.05 to +0.09)" in rows[2] and "0.31" in rows[2]
    assert "-25.0 (too few to tell)" in rows[3]
    assert "-0.01 (-0.02 to +0.00)" in rows[4]
    assert "French" in rows[5]
    assert "<b>worse</b>" in shown


def test_of_single_languages_only_what_got_worse_is_shown() -> None:
    fine = dataclasses.replace(FINE, language="fr")
    assert "French" not in damage_body([FINE, fine])


def test_a_run_that_was_not_looked_at_says_so() -> None:
    assert "not looked for" in damage_section([])


@pytest.mark.parametrize("code", INTERFACE_LANGUAGES)
def test_it_is_said_in_every_language(code: str) -> None:
    with spoken_in(code):
        shown = damage_section(FOUND)
        assert shown.count("<tr>") == len(FOUND) + 1
        assert "{" not in shown
        if code not in ("en", "fr"):
            assert "Fleiss’ kappa" not in shown


@pytest.fixture
def run(calm_home: Path, tmp_path: Path) -> Run:
    return finished_run("mine", tmp_path)


def test_compare_and_the_report_show_what_the_run_found(run: Run) -> None:
    found = read_finished("mine")
    assert list(found.damage) == run.rows("damage")
    assert str(damage_section(found.damage)) in numbers_of(found, "response")
    assert str(damage_body(found.damage)) in report(facts_of(run))


def test_compare_shows_what_was_found_since_it_was_looked_at_first(run: Run) -> None:
    few = read_finished("mine").damage
    run.write("damage", [WORSE, *few])
    assert read_finished("mine").damage[0] == WORSE


def test_the_button_starts_a_look_at_all_questions(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr(jobs, "start", lambda run, until=None: started.append(run.name))
    nobody = gr.Request()
    assert "The page Align shows how far" in asked_for("mine", nobody)
    assert (started, wanted_of(run)) == (["mine"], Wanted(whole=True))
    assert "No alignment has finished" in asked_for(None, nobody)
    assert "no run" in asked_for("gone", nobody)
    (run.folder / WANTED).unlink()
    monkeypatch.setenv("CALM_READ_ONLY", "1")
    assert "for looking only" in asked_for("mine", nobody)
    assert started == ["mine"] and not (run.folder / WANTED).exists()
