"""Single edits for scripts: a question that was asked is taught, read about, and undone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from calm.asking.asked import Asked, voted
from calm.asking.store import AskedStore
from calm.records import Question, Response
from calm.runs import jobs
from calm.runs.folder import list_runs, open_run
from tests.ui.visitors import script

ANIMALS = {"en": ("ant", "bee"), "fr": ("fourmi", "abeille"), "de": ("Ameise", "Biene")}


def asked(**answers: int) -> Asked:
    """Return a question that was asked once in each language, with what was answered."""
    versions = tuple(Question("q", c, f"{c}?", ANIMALS[c], topic="nature") for c in answers)
    responses = tuple(
        Response("q", c, n, "fake", "", (0, 1), answer)
        for c, answer in answers.items()
        for n in range(3)
    )
    return voted(Asked("comparing", "fake", versions=versions, responses=responses))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The commands that were started, none of which runs."""
    found: list[tuple[str, ...]] = []

    def start(run: Any, command: str, *options: str, by: str = "") -> None:
        found.append((command, by, run.name))

    monkeypatch.setattr(jobs, "start_command", start)
    return found


@pytest.fixture
def client(calm_home: Path, started: list[Any]) -> Iterator[Client]:
    from ui.parts.models import Models

    with script(Models("fake")) as served:
        yield served


def test_a_question_is_taught_read_and_taken_back(
    client: Client, started: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    agreed = AskedStore().keep(asked(en=1, fr=1, de=0))
    told = client.predict(agreed, api_name="/fix_question")
    assert (told["patch"], told["state"]) == ("fixes", "queued")
    run = open_run("fixes")
    assert set(run.config.languages) == set(ANIMALS)
    found = client.predict("fixes", api_name="/read_fix")
    (edit,) = found["edits"]
    assert (edit["answer"], edit["by"], edit["share"]) == (1, "vote", 0.666667)
    assert {version["language"] for version in edit["versions"]} == set(ANIMALS)
    assert found["gauges"] == []

    split = AskedStore().keep(replace(asked(en=0, fr=1), asked_at=1.0))
    with pytest.raises(AppError, match="do not agree"):
        client.predict(split, api_name="/fix_question")
    told = client.predict(split, answer=1, patch_name="other", api_name="/fix_question")
    assert open_run("other").rows("edits")[0].by == "person"
    assert client.predict("other", api_name="/undo_fix") is None
    assert [run.name for run in list_runs()] == ["fixes"]
    assert started == [("fix", "--patch", "fixes"), ("fix", "--patch", "other")]

    for wrong, said in (("0" * 16, "asked"), ("../x", "asked")):
        with pytest.raises(AppError, match=said):
            client.predict(wrong, api_name="/fix_question")
    with pytest.raises(AppError, match="no choice 9"):
        client.predict(agreed, answer=9, patch_name="new", api_name="/fix_question")
    with pytest.raises(AppError, match="cannot name"):
        client.predict(agreed, patch_name="../new", api_name="/fix_question")
    assert [run.name for run in list_runs()] == ["fixes"]

    monkeypatch.setenv("CALM_READ_ONLY", "1")
    for given, name in (((agreed,), "/fix_question"), (("fixes",), "/undo_fix")):
        with pytest.raises(AppError, match="looking"):
            client.predict(*given, api_name=name)
    assert len(started) == 2
