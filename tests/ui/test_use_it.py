"""The card `Use it` is there once an adapter is, and hands out one file."""

import os
import zipfile
from pathlib import Path

import pytest

from calm.errors import CalmError
from calm.exchange.adapter_base import adapter_base
from calm.exchange.adapter_code import loading_code
from tests.recorded import MODEL_RECORD, finished_run
from ui.parts import use_it
from ui.parts.html import esc
from ui.parts.use_it import adapter_file, shown


@pytest.fixture
def downloads(calm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where downloads lie, beside a finished run."""
    finished_run("mine", tmp_path)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "downloads"))
    return tmp_path / "downloads"


def test_the_card_is_seen_once_there_is_an_adapter_and_nobody_works_on_the_run(
    downloads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from calm.runs.folder import open_run

    run = open_run("mine")
    whole, card, problem = shown("mine")
    assert (whole.visible, problem) == (True, "")
    assert esc(loading_code(run, adapter_base(run))) in card
    assert "export mine --what adapter" in card
    assert "calm push mine --to OWNER/NAME" in card
    monkeypatch.setattr("calm.runs.jobs.is_running", lambda run: True)
    assert run.status().state == "done"
    assert shown("mine")[0].visible is True, "its process ends a little after its last word"
    assert Path(adapter_file("mine")).is_file()
    run.set_status("train", "running", 1, 2)
    assert shown("mine")[0].visible == "hidden"
    with pytest.raises(CalmError, match="mine"):
        adapter_file("mine")
    for name in ("", None, "gone"):
        assert shown(name)[0].visible == "hidden"


def test_without_weights_there_is_no_card(downloads: Path) -> None:
    from calm.runs.folder import open_run

    (open_run("mine").adapter / "adapter_model.safetensors").unlink()
    assert shown("mine")[0].visible == "hidden"
    with pytest.raises(CalmError, match="no adapter yet"):
        adapter_file("mine")
    assert list(downloads.glob("*/*")) == []


def test_of_an_adapter_on_an_adapter_the_card_says_why_it_cannot_leave(downloads: Path) -> None:
    import dataclasses

    from calm.runs.folder import open_run

    open_run("mine").write_model_record(dataclasses.replace(MODEL_RECORD, base="fake"))
    assert "adapter on another model" in shown("mine")[1]


def test_files_that_were_sent_make_room_for_new_ones(
    downloads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use_it, "KEPT", 2)
    made = []
    for age in range(5):
        made.append(Path(adapter_file("mine")))
        os.utime(made[-1].parent, (age, age))
    assert [path.exists() for path in made] == [False, False, True, True, True]
    with zipfile.ZipFile(made[-1]) as package:
        assert "mine/README.md" in package.namelist()
