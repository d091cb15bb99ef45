"""What a script does through `gradio_client`, against the app as it is served, without a model."""

import math
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from calm.asking.store import AskedStore
from calm.ballots.box import BallotBox
from calm.pipeline.stage_damage import Wanted, wanted_of
from calm.records import Judged
from calm.runs import jobs
from calm.runs.folder import list_runs, open_run
from tests.fakes import FakeModel
from tests.free_makers import freely_asked
from tests.recorded import asked_question, finished_run
from tests.ui.visitors import PATIENT, launched, script


@pytest.fixture
def client(calm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    from ui.app import build
    from ui.parts.models import NO_MODEL, Models

    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    finished_run("mine", tmp_path)
    with launched(build(Models(NO_MODEL))) as where:
        yield Client(
            where,
            verbose=False,
            analytics_enabled=False,
            download_files=str(tmp_path),
            httpx_kwargs=PATIENT,
        )


def test_a_run_goes_round_as_an_archive_and_is_replayed(client: Client):
    file = client.predict("mine", True, api_name="/archive_run")
    assert client.predict(handle_file(file), "talk", api_name="/open_archive") == "talk"
    (text, key), *_ = client.predict("talk", api_name="/list_recorded")
    assert text == "en: which animal is number 0?"
    seen = client.predict("talk", key, api_name="/replay")
    assert [r["text"] for r in seen["responses"]] == [
        r.text for r in open_run("mine").rows("answers") if r.question_id == "q0"
    ]
    assert {row["name"] for row in client.predict(api_name="/list_runs")} == {"mine", "talk"}
    compared = client.predict("talk", api_name="/compare_run")
    assert len(compared["comparisons"]["response"]) == 9
    assert len(compared["damage"]["findings"]) == len(open_run("mine").rows("damage"))
    assert compared["damage"]["verdict"].startswith("Nothing that was looked at is worse")


def test_all_questions_are_looked_at_for_damage_when_a_script_asks(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    started: list[str] = []
    monkeypatch.setattr(jobs, "start", lambda run, until=None: started.append(run.name))
    assert client.predict("mine", api_name="/measure_damage")["stage"] == "compare"
    assert started == ["mine"]
    assert wanted_of(open_run("mine")) == Wanted(whole=True)
    file = client.predict("mine", False, api_name="/archive_run")
    client.predict(handle_file(file), "talk", api_name="/open_archive")
    with pytest.raises(AppError, match="to be replayed"):
        client.predict("talk", api_name="/measure_damage")


def test_a_finished_adapter_is_taken_away_as_a_file(client: Client):
    file = client.predict("mine", api_name="/export_adapter")
    with zipfile.ZipFile(file) as package:
        assert {"mine/README.md", "mine/adapter_model.safetensors"} <= set(package.namelist())
    with pytest.raises(AppError, match="no run"):
        client.predict("gone", api_name="/export_adapter")


def test_a_run_is_taken_away_as_a_page(client: Client, monkeypatch: pytest.MonkeyPatch):
    file = client.predict("mine", False, api_name="/archive_html")
    assert Path(file).name == "mine.html"
    assert 'id="calm-run"' in Path(file).read_text(encoding="utf-8")
    monkeypatch.setenv("CALM_READ_ONLY", "1")
    with pytest.raises(AppError, match="for looking only"):
        client.predict("mine", True, api_name="/archive_html")


def test_runs_are_renamed_and_deleted(client: Client):
    assert client.predict("mine", "yours", api_name="/rename_run") == "yours"
    with pytest.raises(AppError, match="type exactly this name"):
        client.predict("yours", "", api_name="/delete_run")
    assert client.predict("yours", "yours", api_name="/delete_run") == "yours"
    assert list_runs() == []


def test_who_may_only_look_is_told_so(client: Client, monkeypatch: pytest.MonkeyPatch):
    file = client.predict("mine", True, api_name="/archive_run")
    monkeypatch.setenv("CALM_READ_ONLY", "1")
    for name, values in (
        ("/rename_run", ("mine", "yours")),
        ("/delete_run", ("mine", "mine")),
        ("/open_archive", (handle_file(file), "talk")),
    ):
        with pytest.raises(AppError, match="for looking only"):
            client.predict(*values, api_name=name)
    assert [run.name for run in list_runs()] == ["mine"]


def test_what_was_asked_is_found_by_the_id_of_its_link(client: Client):
    identity = AskedStore().keep(asked_question())
    seen = client.predict(identity, api_name="/asked_question")
    assert seen["vote"]["counts"] == [3, 1]
    with pytest.raises(AppError, match="not kept here"):
        client.predict("0" * 16, api_name="/asked_question")


def test_a_free_question_goes_round_in_an_archive_and_is_found_by_its_link(client: Client):
    identity = AskedStore().keep(freely_asked())
    alone = client.predict("mine", False, api_name="/archive_run")
    client.predict(handle_file(alone), "alone", api_name="/open_archive")
    with_asked = client.predict("mine", False, True, api_name="/archive_run")
    client.predict(handle_file(with_asked), "talk", api_name="/open_archive")
    unasked = [key for _, key in client.predict("alone", api_name="/list_recorded")]
    (_, key), *_ = client.predict("talk", api_name="/list_recorded")
    assert key not in unasked, "what was asked here goes along only when it is asked for"
    seen = client.predict("talk", key, api_name="/replay")
    assert [group["label"] for group in seen["groups"]] == ["bees"]
    assert client.predict(identity, api_name="/asked_question") == seen


def test_without_a_model_asking_says_what_to_do(client: Client):
    with pytest.raises(AppError, match="started without a model"):
        client.predict("What?", ["a", "b"], "en", ["en"], 1, api_name="/ask")


def test_two_models_are_asked_at_once(
    calm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from ui.parts.models import Models

    monkeypatch.setattr("calm.questions.translators.GOOGLE._resting_until", math.inf)
    finished_run("mine", tmp_path)
    models = Models("fake")
    models._model, models._message = FakeModel(), ""  # type: ignore[assignment]
    with script(models) as client:
        assert client.predict(api_name="/list_models") == [
            {"key": ":base", "name": "fake"},
            {"key": "mine", "name": "fake + mine"},
        ]
        question = ("What do bees make?", ["honey", "milk"], "en", ["en"], 3)
        one, other = client.predict(*question, ":base", "mine", api_name="/ask_both")
        assert (one["model"], other["model"]) == ("fake", "fake + mine")
        assert len(one["responses"]) == len(other["responses"]) == 3
        assert [r["text"] for r in one["responses"]] != [r["text"] for r in other["responses"]]
        assert one["vote"] and other["vote"]
        alone = client.predict(*question, adapter="mine", api_name="/ask")
        assert alone["model"] == "fake + mine"
        assert [r["text"] for r in alone["responses"]] == [r["text"] for r in other["responses"]]
        assert client.predict(alone["id"], api_name="/asked_question")["model"] == "fake + mine"
        with pytest.raises(AppError, match="No model called gone"):
            client.predict(*question, adapter="gone", api_name="/ask")
        with pytest.raises(AppError, match="two different ones"):
            client.predict(*question, "mine", "mine", api_name="/ask_both")


def test_ballots_are_taken_home_as_a_file(client: Client):
    BallotBox().cast(
        Judged(kind="thumb", question="Q?", language="en", model="m", answer="a"), "v", "up"
    )
    path = client.predict("csv", api_name="/export_ballots")
    assert "thumb" in Path(path).read_text(encoding="utf-8")
    with pytest.raises(AppError, match="There is no format"):
        client.predict("../x", api_name="/export_ballots")


def test_without_a_model_nobody_can_be_asked(client: Client):
    assert client.predict(api_name="/list_models") == []
    with pytest.raises(AppError, match="started without a model"):
        client.predict("What?", ["a", "b"], "en", ["en"], 1, ":base", "mine", api_name="/ask_both")


def test_a_file_on_the_server_cannot_be_named_as_an_archive(client: Client, tmp_path: Path):
    """Only what was uploaded is read: a path of the server is refused by Gradio itself."""
    from calm.exchange.archive import pack

    pack(open_run("mine"), tmp_path / "secret.zip")
    sent = {"path": str(tmp_path / "secret.zip"), "meta": {"_type": "gradio.FileData"}}
    call = f"{client.src}gradio_api/call/open_archive"
    begun = httpx.post(call, json={"data": [sent, "talk"]}).json()
    assert "event: error" in httpx.get(f"{call}/{begun['event_id']}").text
    assert [run.name for run in list_runs()] == ["mine"]
