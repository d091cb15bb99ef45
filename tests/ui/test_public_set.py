"""Public sets on the page Align, in the history and for scripts: by name, never by a folder."""

from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from calm.config import RunConfig
from calm.errors import CalmError
from calm.questions.public_sets import OF_HUB
from calm.runs import jobs
from calm.runs.folder import list_runs, open_run
from ui.align.form import asked_form, form_values, settings_from
from ui.align.public_set import about_set, known_set
from ui.parts.models import Models
from ui.parts.settings import set_name
from ui.runs.page import duplicated
from ui.scripts.start import add_start_api

LANGUAGES = ["en", "fr"]


@pytest.mark.parametrize("name", OF_HUB)
def test_a_public_set_is_chosen_and_comes_back_in_the_form(name: str):
    config = RunConfig(model="m", question_set=name, languages=("en", "de"))
    values = form_values(config)
    assert (values["question_set"], values["public_set"]) == ("public", name)
    assert settings_from(values) == config
    assert set_name(name) == OF_HUB[name].title


@pytest.mark.parametrize(
    "name", [None, "", "bmlama17", "klar:/etc", "xcsqa:/etc", 7, "/etc/passwd"]
)
def test_what_is_no_set_of_the_hub_cannot_be_chosen(name: Any):
    with pytest.raises(CalmError, match="There is no question set"):
        settings_from({"question_set": "public", "public_set": name})
    with pytest.raises(CalmError, match="There is no question set"):
        known_set(name)


def test_the_form_offers_every_set_of_the_hub():
    with gr.Blocks():
        controls, _ = asked_form()
    assert [name for _, name in controls["public_set"].choices] == list(OF_HUB)


@pytest.mark.parametrize(
    ("name", "warned"),
    [
        ("belebele", None),
        ("global-mmlu-lite:agnostic", None),
        ("global-mmlu-lite", "Some of its right answers take knowledge of one culture"),
        ("include", "Its right answers take knowledge of one culture"),
    ],
)
def test_licence_source_and_languages_are_told_and_where_agreeing_may_be_wrong(
    name: str, warned: str | None
):
    told = about_set(name)
    made = OF_HUB[name].set
    assert f"Licence: {made.licence}" in told and made.source in told and "German" in told
    assert ("culture" in told) == (warned is not None)
    assert (warned or "") in told


def test_a_public_set_in_a_folder_is_named_without_it():
    assert set_name("klar:/home/ann/klar") == "KLAR"
    assert "ann" not in set_name("belebele:/home/ann")


def test_a_run_on_a_public_set_is_duplicated_with_it(
    calm_home: Path, monkeypatch: pytest.MonkeyPatch
):
    from calm.runs.folder import create_run

    said: list[str] = []
    monkeypatch.setattr(gr, "Warning", lambda text, duration: said.append(text))
    create_run("read", RunConfig(model="fake", question_set="belebele"))
    create_run("facts", RunConfig(model="fake", question_set="klar:/home/ann/klar"))
    assert duplicated("read")["public_set"] == "belebele" and not said
    assert duplicated("facts")["question_set"] == "file" and "ann" not in said[0]


@pytest.fixture
def start(calm_home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What starts an alignment for scripts."""
    monkeypatch.setattr(jobs, "start", lambda run, until=None: None)
    with gr.Blocks() as demo:
        add_start_api(Models("fake"))
    return next(row.fn for row in demo.fns.values() if row.api_name == "start_alignment")


@pytest.mark.parametrize("name", ["belebele", "global-mmlu-lite:agnostic", "klar@main"])
def test_a_script_names_a_public_set(name: str, start: Any):
    start(gr.Request(), "mine", name, LANGUAGES, 9)
    assert open_run("mine").config.question_set == name


@pytest.mark.parametrize("name", ["klar:.", "xcsqa:/etc", "medqa:~", "bmlama17:/etc", "bmlama17"])
def test_a_script_cannot_name_a_folder_of_the_server(name: str, start: Any):
    with pytest.raises(gr.Error, match=r"There is no question set|not on the Hugging Face Hub"):
        start(gr.Request(), "mine", name, LANGUAGES, 9)
    assert list_runs() == []
