"""The history of runs, and what may be done to one."""

import dataclasses
from pathlib import Path

import gradio as gr
import pytest

from calm.asking.store import AskedStore, read_asked
from calm.config import (
    BUILT_IN,
    PairsConfig,
    RunConfig,
    SamplingConfig,
    TrainConfig,
    VotingConfig,
)
from calm.errors import CalmError
from calm.questions.public_sets import XCSQA
from calm.runs import jobs
from calm.runs.folder import Run, create_run, list_runs, open_run
from tests.free_makers import freely_asked
from tests.recorded import asked_question, finished_run
from ui.align.form import form_values, settings_from
from ui.runs.page import archived, deleted, duplicated, history, listed, opened, renamed
from ui.runs.views import Listed, history_table, settings_in_words

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def run(calm_home: Path, tmp_path: Path) -> Run:
    return finished_run("mine", tmp_path)


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALM_READ_ONLY", "1")


@pytest.fixture(autouse=True)
def own_downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.runs.page.get_upload_folder", lambda: str(tmp_path / "downloads"))


def test_a_run_is_listed_with_its_state_settings_and_result(run: Run):
    row = listed(run)
    assert (row.name, row.state, row.is_opened) == ("mine", "done", False)
    assert "On 3 held-out questions: Accuracy" in row.result
    assert "a file of its own, 3 samples each" in history_table([row])


def test_a_run_with_broken_records_is_listed_with_what_is_wrong(run: Run):
    run.path("scores").write_text("{}\n")
    assert "scores.jsonl, line 1" in listed(run).result


def test_nothing_of_a_run_is_run_as_markup():
    config = RunConfig(model=EVIL)
    row = Listed(EVIL, "failed", EVIL, 0.0, config, True, EVIL)
    assert "<img" not in history_table([row])


def test_without_runs_the_page_says_what_to_do(calm_home: Path):
    assert "Start one on the page Align" in history()[0]


def test_the_run_that_was_chosen_stays_chosen(run: Run):
    create_run("other", run.config)
    assert history("mine")[1].value == "mine"
    assert history("gone")[1].value in {"mine", "other"}


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (RunConfig(), "Questions of the built-in set, 4 samples each. Votes by reliability"),
        (RunConfig(question_set=XCSQA, max_train_questions=9), "X-CSQA (at most 9 to train on)"),
        (
            RunConfig(max_train_questions=9, max_held_out_questions=5),
            "(at most 9 to train on and 5 held out)",
        ),
        (RunConfig(imported=True), "Imported responses."),
        (RunConfig(train=TrainConfig(num_train_epochs=2)), "2 epochs"),
    ],
)
def test_settings_are_told_in_words(config: RunConfig, says: str):
    assert says in settings_in_words(config)


def test_a_renamed_run_has_its_new_name(run: Run):
    assert renamed("mine", " yours ", None) == "yours"
    assert [found.name for found in list_runs()] == ["yours"]


def test_a_run_is_deleted_once_its_name_was_typed(run: Run):
    with pytest.raises(CalmError, match="type exactly this name"):
        deleted("mine", "min", None)
    assert open_run("mine")
    deleted("mine", "mine", None)
    assert list_runs() == []


@pytest.mark.parametrize("name", ["", "../mine", "/etc", "gone"])
def test_only_a_run_that_is_there_can_be_deleted(run: Run, name: str):
    with pytest.raises(CalmError):
        deleted(name, name, None)
    assert open_run("mine")


def test_a_run_that_is_being_aligned_is_neither_renamed_nor_deleted(
    run: Run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(jobs, "is_running", lambda run: True)
    for change in (lambda: renamed("mine", "yours", None), lambda: deleted("mine", "mine", None)):
        with pytest.raises(CalmError, match="mine is being aligned"):
            change()
    assert open_run("mine")


def test_who_may_not_change_things_changes_nothing(run: Run, read_only: None, tmp_path: Path):
    for change in (
        lambda: renamed("mine", "yours", None),
        lambda: deleted("mine", "mine", None),
        lambda: opened(str(tmp_path / "a.zip"), "", None),
    ):
        with pytest.raises(CalmError, match="for looking only"):
            change()
    assert [found.name for found in list_runs()] == ["mine"]


def test_an_archive_that_was_downloaded_is_opened_again(run: Run):
    store = AskedStore()
    store.keep(asked_question())
    path = archived(store, "mine", True, None, with_asked=True)
    assert Path(path).name == "mine.zip"
    assert opened(path, "", None) == "mine-2"
    assert opened(path, " talk ", None) == "talk"
    assert read_asked(open_run("talk").folder) == [asked_question()]


def test_what_others_asked_is_for_the_owner_alone(run: Run, monkeypatch: pytest.MonkeyPatch):
    store = AskedStore()
    store.keep(asked_question())
    monkeypatch.setenv("CALM_READ_ONLY", "1")
    store.keep(freely_asked())
    with pytest.raises(CalmError, match="for looking only"):
        archived(store, "mine", False, None, with_asked=True)
    path = archived(store, "mine", False, None)
    monkeypatch.delenv("CALM_READ_ONLY")
    folder = open_run(opened(path, "talk", None)).folder
    assert read_asked(folder) == []


def test_what_others_asked_stays_here_unless_it_is_wanted(run: Run):
    store = AskedStore()
    store.keep(asked_question())
    alone = open_run(opened(archived(store, "mine", False, None), "alone", None))
    assert read_asked(alone.folder) == []
    whole = open_run(opened(archived(store, "mine", False, None, True), "whole", None))
    assert read_asked(whole.folder) == [asked_question()]
    again = open_run(opened(archived(store, "whole", False, None), "again", None))
    assert read_asked(again.folder) == [asked_question()]  # its own by now: it came with them


def test_old_downloads_make_room(run: Run, tmp_path: Path):
    for _ in range(12):
        archived(AskedStore(), "mine", False, None)
    assert len(list((tmp_path / "downloads").iterdir())) == 9


def test_a_download_that_fails_leaves_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(jobs, "is_running", lambda run: True)
    with pytest.raises(CalmError, match="is being aligned"):
        archived(AskedStore(), "mine", True, None)
    assert list((tmp_path / "downloads").iterdir()) == []


def test_no_archive_to_open_is_said(calm_home: Path):
    with pytest.raises(CalmError, match="There is no archive yet"):
        opened(None, "", None)


@pytest.mark.parametrize(
    "config",
    [
        RunConfig(),
        RunConfig(
            question_set=XCSQA,
            languages=("fr", "ar"),
            max_train_questions=7,
            voting=VotingConfig(rule="anchor", anchor="ar"),
            sampling=SamplingConfig(num_samples=2, temperature=0.3, max_new_tokens=9, seed=5),
            pairs=PairsConfig(min_vote_share=0.5, source="both"),
            train=TrainConfig(learning_rate=1e-4, beta=0.2, num_train_epochs=3, lora_r=4, seed=5),
        ),
    ],
)
def test_duplicated_settings_make_the_same_run(config: RunConfig):
    assert settings_from(form_values(config)) == config


def test_what_the_form_does_not_carry_over_is_said(run: Run, monkeypatch: pytest.MonkeyPatch):
    said: list[str] = []
    monkeypatch.setattr(gr, "Warning", lambda text, duration: said.append(text))
    create_run("plain", RunConfig(model="fake"))
    plain = duplicated("plain")
    shown = (plain["run"][:6], plain["model"], plain["question_set"], said)
    assert shown == ("align-", "fake", BUILT_IN, [])
    train = TrainConfig(seed=9)
    create_run("special", dataclasses.replace(run.config, model="big", train=train))
    assert duplicated("special")["model"] == "big"
    assert "Seed 9" in said[0]
    assert "its question file: choose it again" in said[0]


def test_imported_responses_have_no_settings_to_duplicate(calm_home: Path):
    create_run("theirs", RunConfig(imported=True))
    with pytest.raises(CalmError, match="were imported"):
        duplicated("theirs")
