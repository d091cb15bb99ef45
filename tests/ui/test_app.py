"""The page as a whole: quick to come up, and what it lets scripts call."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PUBLIC = {
    *("ask", "ask_freely", "asked_question", "cast_ballot", "judge_vote", "choose_model"),
    *("ask_both", "list_models", "export_adapter"),
    *("run_votes", "run_pairs", "edit_pair", "set_gate", "go_on_alignment", "stop_alignment"),
    *("start_alignment", "estimate_alignment", "measure_machine", "upload_questions"),
    *("alignment_status", "alignment_metrics", "alignment_log", "lint_run", "compare_run"),
    *("ballot_tally", "ballots", "ballot_disagreements", "export_ballots"),
    *("list_runs", "rename_run", "delete_run", "archive_run", "open_archive"),
    *("archive_html", "push_run", "upload_pairs", "compare_seeds", "compare_methods"),
    "measure_damage",
    *("list_recorded", "replay", "run_translations", "correct_translation"),
    *("start_study", "foresee_study", "list_studies", "study_report", "stop_study", "go_on_study"),
    *("fix_question", "undo_fix", "read_fix"),
}
HEAVY = {"torch", "transformers", "trl", "peft", "datasets"}


@pytest.fixture
def demo(calm_home: Path):
    from ui.app import build
    from ui.parts.models import Models

    return build(Models("no-model"))


def test_the_page_is_built_without_what_takes_long_to_import(calm_home: Path):
    program = (
        "import sys; from ui.app import build; from ui.parts.models import Models\n"
        "build(Models('m')); "
        f"print(*sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.split() == []


def test_scripts_may_call_named_functions_and_each_says_what_it_does(demo):
    info = demo.get_api_info()["named_endpoints"]
    assert {name.strip("/") for name in info} == PUBLIC
    assert all(endpoint["description"] for endpoint in info.values())


def test_the_page_asks_no_other_host_for_anything(demo):
    from ui.app import STYLE
    from ui.parts.theme import theme

    assert theme()._stylesheets == []
    assert "url(" not in STYLE.read_text() and "@import" not in STYLE.read_text()


def test_every_control_that_a_visitor_sets_has_a_label(demo):
    import gradio as gr

    kinds = (gr.Textbox, gr.Dropdown, gr.CheckboxGroup, gr.Radio, gr.Slider, gr.Number, gr.File)
    controls = [block for block in demo.blocks.values() if isinstance(block, kinds)]
    assert len(controls) > 20
    assert [control.elem_id for control in controls if not control.label] == []


@pytest.mark.parametrize(
    ("button", "place"),
    [
        ("align-button", "align-not-started"),
        ("align-look-button", "align-not-started"),
        ("align-go-on", "align-problem"),
        ("align-stop", "align-problem"),
        ("align-measure", "align-not-measured"),
        ("look-train", "look-not-trained"),
        ("look-apply", "look-not-applied"),
        ("look-pairs", "look-not-changed"),
        ("votes-apply", "votes-not-applied"),
        ("both-answers", "both-not-cast"),
    ],
)
def test_what_went_wrong_is_said_by_the_control_that_was_used(demo, button: str, place: str):
    ids = {block.elem_id: number for number, block in demo.blocks.items() if block.elem_id}
    filled = [
        [output._id for output in handler.outputs]
        for handler in demo.fns.values()
        if (ids[button], "click") in handler.targets and handler.outputs
    ]
    assert any(ids[place] in outputs for outputs in filled)
