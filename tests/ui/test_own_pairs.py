"""On the page Align and for scripts: a file of pairs is checked, trained on, and told of."""

import json
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from calm.config import RunConfig
from calm.exchange.export import write_pairs
from calm.pipeline.given_pairs import run_with_pairs
from calm.records import PreferencePair
from calm.runs.folder import list_runs, open_run
from tests.ui.test_start_api import client, started
from ui.align.estimate import reckoned
from ui.align.form import form_values, settings_from
from ui.align.own_pairs import looked_at
from ui.runs.page import duplicated

__all__ = ["client", "started"]
"""Pytest finds the fixtures by their names."""

PAIRS = [
    PreferencePair(f"x{n}", "en", f"Is it number {n}?", "Yes, it is.", "No, it is not.", "en")
    for n in range(3)
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three pairs, and a row that is none."""
    path = tmp_path / "pairs.jsonl"
    write_pairs(PAIRS, "trl-conversational", path)
    path.write_text(path.read_text("utf-8") + json.dumps({"prompt": "x"}) + "\n", "utf-8")
    return path


def test_a_file_is_checked_as_soon_as_it_is_there(file: Path) -> None:
    shown = looked_at(str(file))
    assert "Rows left out: 1. The first is row 4 (missing field" in shown
    assert "3 pairs checked" in shown
    assert looked_at(None) == ""


def test_a_file_without_pairs_says_what_a_row_needs(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_text('{"a": "<b>"}\n')
    shown = looked_at(str(tmp_path / "none.jsonl"))
    assert "no preference pair" in shown
    assert "<b>" not in shown


def test_what_it_costs_is_the_training_on_these_pairs_and_no_sampling(
    file: Path, calm_home: Path
) -> None:
    config = RunConfig(model="fake", languages=("en", "fr"))
    values = form_values(config) | {"pairs_file": str(file)}
    assert settings_from(values).pairs_given
    _, box, _ = reckoned(settings_from, values)
    assert "Responses to sample" not in box
    assert "samples" not in box
    assert "Pairs to train on" in box
    _, voted, _ = reckoned(settings_from, values | {"pairs_file": None})
    assert "Responses to sample" in voted


def test_a_script_uploads_pairs_and_trains_on_them(
    client: Client, started: list[Any], file: Path
) -> None:
    named = client.predict(handle_file(str(file)), api_name="/upload_pairs")
    told = client.predict(
        "mine", "built-in", ["en", "fr"], 0, pairs=named, api_name="/start_alignment"
    )
    assert (told["state"], started) == ("queued", [("mine", None)])
    run = open_run("mine")
    assert run.rows("pairs") == PAIRS
    assert run.config.pairs_given
    assert {q.split for q in run.rows("questions")} == {"held-out"}


@pytest.mark.parametrize(
    "named", ["/etc/passwd", "pairs:0123456789abcdef.jsonl", "pairs:../x.json"]
)
def test_no_other_file_can_be_named(client: Client, started: list[Any], named: str) -> None:
    with pytest.raises(AppError, match="no file of pairs"):
        client.predict(
            "mine", "built-in", ["en", "fr"], 0, pairs=named, api_name="/start_alignment"
        )
    assert started == list_runs() == []


def test_a_file_that_is_none_is_not_kept(client: Client, tmp_path: Path, calm_home: Path) -> None:
    (tmp_path / "none.jsonl").write_text('{"a": 1}\n')
    with pytest.raises(AppError, match="no preference pair"):
        client.predict(handle_file(str(tmp_path / "none.jsonl")), api_name="/upload_pairs")
    assert not list((calm_home / "uploads").glob("*"))


def test_a_duplicate_says_that_the_pairs_have_to_be_chosen_again(
    calm_home: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from calm.pipeline.given_pairs import given_pairs

    config = RunConfig(model="fake", languages=("en", "fr"))
    run_with_pairs("mine", config, given_pairs(file, config))
    said: list[str] = []
    monkeypatch.setattr("ui.runs.page.gr.Warning", lambda text, **more: said.append(text))
    assert duplicated("mine")["pairs_file"] is None
    assert "its file of pairs: choose it again" in said[0]
