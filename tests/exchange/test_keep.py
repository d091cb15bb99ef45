"""What is made here outlives the machine: kept at a Hub or in a folder, and fetched back."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from calm.asking.store import AskedStore, asked_id
from calm.ballots.box import BallotBox
from calm.errors import CalmError
from calm.exchange.keep import LIMITS, Keeper
from calm.exchange.places import Dataset, Folder, Place, place_of
from calm.pipeline.align import align
from calm.pipeline.context import Context, Stopped
from calm.records import Judged
from calm.runs import jobs
from calm.runs.folder import Run, list_runs, open_run, runs_folder
from calm.training.checkpoint import FILES
from tests.exchange.test_adapter_package import copied, finished
from tests.fakes import FakeModel
from tests.hub import Hub
from tests.pipeline.conftest import new_run, question_file, small_steps, whole
from tests.pipeline.small_runs import contents
from tests.recorded import asked_question, write_adapter
from ui.about.page import kept_in_words
from ui.serving.health import kept
from ui.serving.keeping import Keeping, go_on, keeper_here

__all__ = ["finished", "new_run", "question_file", "small_steps", "whole"]
ELEPHANT = Judged(
    kind="thumb", question="Which is largest?", language="en", model="fake", answer="elephant"
)


@pytest.fixture(params=["hub", "folder"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return Folder(tmp_path / "bucket")
    request.getfixturevalue("hub")
    return Dataset("someone/kept")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Go on as a machine whose disk is empty."""

    def restart() -> None:
        monkeypatch.setenv("CALM_HOME", str(tmp_path / "another"))
        assert list_runs() == []

    return restart


def keeper(place: Place) -> Keeper:
    return Keeper(place, BallotBox(), AskedStore())


def files(run: Run) -> dict[str, bytes]:
    return {
        name: (run.folder / name).read_bytes() for name in LIMITS if (run.folder / name).is_file()
    }


def test_runs_ballots_and_questions_are_there_again_after_a_restart(
    finished: Path,
    calm_home: Path,
    place: Place,
    elsewhere: Callable[[], None],
) -> None:
    run = copied(finished, calm_home)
    BallotBox().cast(ELEPHANT, "somebody", "up")
    asked = asked_question()
    identity = AskedStore().keep(asked)
    before = files(run)
    first = keeper(place)
    assert first.restore() == [] and first.keep() and first.kept_at
    assert not first.keep(), "nothing changed since"
    elsewhere()
    second = keeper(place)
    assert (second.restore(), second.left_out) == ([], None)
    again = open_run("mine")
    assert files(again) == before and not again.is_opened
    assert BallotBox().own(ELEPHANT, "somebody") == "up"
    assert AskedStore().find(identity) == asked == AskedStore().find(asked_id(asked))
    second.keep()
    assert not second.keep()


def test_what_was_deleted_or_renamed_here_is_so_there(
    finished: Path,
    calm_home: Path,
    place: Place,
) -> None:
    run = copied(finished, calm_home)
    own = keeper(place)
    own.restore()
    own.keep()
    run.folder.rename(run.folder.with_name("renamed"))
    assert own.keep()
    assert {path.split("/")[1] for path in place.listed() if "/" in path} == {"renamed"}


def test_what_lies_there_and_could_not_be_fetched_is_never_removed(
    calm_home: Path, place: Place
) -> None:
    place.send({"runs/bad/config.json": b"{}", "runs/a b/config.json": b"{}"}, [], "by another")
    own = keeper(place)
    assert own.restore() == []
    assert "bad was not fetched" in str(own.left_out)
    own.keep()
    assert "runs/bad/config.json" in place.listed()
    assert list_runs() == [] and not list(runs_folder().glob(".fetching*"))


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("votes.jsonl", b'{"question_id": "q0"}\n'),
        ("adapter/adapter_config.json", b'{"peft_type": "LORA", "auto_mapping": {"a": "b"}}'),
        ("checkpoint/adapter_model.safetensors", b"pickled"),
        ("job.until", b"x" * 100),
    ],
)
def test_a_run_that_was_changed_there_is_left_out(
    finished: Path,
    calm_home: Path,
    tmp_path: Path,
    elsewhere: Callable[[], None],
    file: str,
    content: bytes,
) -> None:
    place = Folder(tmp_path / "bucket")
    copied(finished, calm_home)
    keeper(place).keep()
    place.send({f"runs/mine/{file}": content}, [], "by another")
    elsewhere()
    own = keeper(place)
    own.restore()
    assert list_runs() == [] and "mine was not fetched" in str(own.left_out)


def test_wrong_ballots_and_questions_are_left_out(calm_home: Path, place: Place) -> None:
    place.send({"ballots.jsonl": b'{"kind": "thumb"}\n', "asked.jsonl": b"[]\n"}, [], "by another")
    own = keeper(place)
    own.restore()
    assert "asked.jsonl was not fetched" in str(own.left_out)
    assert BallotBox().all() == []


def test_only_what_is_kept_is_fetched_of_a_run(
    finished: Path,
    calm_home: Path,
    tmp_path: Path,
    elsewhere: Callable[[], None],
) -> None:
    place = Folder(tmp_path / "bucket")
    copied(finished, calm_home)
    keeper(place).keep()
    place.send({"runs/mine/adapter/training_args.bin": b"pickle"}, [], "by another")
    elsewhere()
    keeper(place).restore()
    assert not (open_run("mine").adapter / "training_args.bin").exists()


@pytest.mark.usefixtures("small_steps")
def test_a_run_in_the_middle_goes_on_after_a_restart_and_ends_as_one_that_was_not(
    whole: Run,
    new_run: Callable[[str], Run],
    place: Place,
    elsewhere: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = contents(whole)
    shutil.rmtree(whole.folder)
    run, looks = new_run("middle"), iter(range(99))
    with pytest.raises(Stopped):
        align(Context(run, _model=FakeModel(), should_stop=lambda: next(looks) > 8))
    jobs.note_end(run, "compare")
    write_adapter(run.folder / "checkpoint")
    for name in set(FILES) - {path.name for path in (run.folder / "checkpoint").iterdir()}:
        (run.folder / "checkpoint" / name).write_text("{}")
    assert run.status().stage == "sample" and run.status().state == "running"
    keeper(place).keep()
    elsewhere()
    started: list[tuple[str, str | None]] = []

    def start(found: Run, until: str | None) -> None:
        started.append((found.name, until))
        align(Context(found, _model=FakeModel()))

    monkeypatch.setattr("ui.parts.lent_runs.start", start)
    own = keeper(place)
    keeping = Keeping(own, 60.0)
    keeping.end(60.0)
    assert started == [("middle", "compare")] and own.problem is None
    assert contents(open_run("middle")) == expected
    assert any(path.startswith("runs/middle/comparisons") for path in place.listed())


def test_where_a_gpu_is_lent_a_run_in_the_middle_waits_for_somebody(
    new_run: Callable[[str], Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    run = new_run("middle")
    go_on([run])
    assert not jobs.is_running(run)


def test_a_status_never_tells_more_than_the_files_beside_it(
    finished: Path,
    calm_home: Path,
    tmp_path: Path,
) -> None:
    sent: list[str] = []
    place = Folder(tmp_path / "bucket")
    put = place._put
    place._put = lambda target, inside: (sent.append(target.name), put(target, inside))  # type: ignore[method-assign,assignment,func-returns-value]
    copied(finished, calm_home)
    keeper(place).keep()
    own = [name for name in sent if name not in ("ballots.jsonl", "asked.jsonl")]
    assert own[-1] == "status.json"
    assert own.index("evaluations.jsonl") < own.index("scores.jsonl")
    assert own.index("scores.jsonl") < own.index("comparisons.jsonl")


def test_a_hub_out_of_reach_is_told_and_tried_again(
    hub: Hub,
    calm_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CALM_KEEP", "hf:datasets/someone/kept")
    own = keeper_here()
    assert own and kept(own) == "not yet"
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda seconds: None)
    assert "hf:datasets/someone/kept" in kept_in_words(own) and "yet" in kept_in_words(own)
    hub.is_down = True
    Keeping(own, 60.0).end(60.0)
    assert kept(own) == "failed" and not own.is_restored and hub.writes.commits == []
    assert hub.writes.token not in str(own.problem) and "warning" in kept_in_words(own)
    hub.is_down = False
    Keeping(own, 60.0).end(60.0)
    assert kept(own) == "yes" and own.problem is None
    assert hub.writes.private == {"datasets/someone/kept"}
    assert "All was there at" in kept_in_words(own)


def test_a_public_repository_takes_nothing(hub: Hub, calm_home: Path) -> None:
    (hub.root / "datasets/someone/open").mkdir(parents=True)
    own = keeper(Dataset("someone/open"))
    own.restore()
    with pytest.raises(CalmError, match="public"):
        own.keep()
    assert hub.writes.commits == []


@pytest.mark.parametrize(
    ("setting", "token", "said"),
    [
        ("hf:datasets/someone/kept", "", "set HF_TOKEN"),
        ("hf:buckets/someone/kept", "x", "which is no place"),
        ("hf:datasets/../kept", "x", "which is no place"),
        ("kept", "x", "which is no place"),
    ],
)
def test_a_setting_that_names_no_place_ends_the_start_in_a_sentence(
    setting: str, token: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(CalmError, match=said):
        place_of(setting)


def test_a_folder_that_cannot_be_written_is_told(calm_home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CalmError, match="cannot be used to keep"):
        keeper(Folder(tmp_path / "file" / "below")).keep()


def test_without_the_variable_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CALM_KEEP", raising=False)
    assert keeper_here() is None


def test_an_older_ballot_does_not_take_the_place_of_a_newer_one(calm_home: Path) -> None:
    box = BallotBox()
    box.cast(ELEPHANT, "somebody", "up")
    (old,) = box.all()
    box.cast(ELEPHANT, "somebody", "down")
    assert box.put_back([old]) == 0
    assert box.own(ELEPHANT, "somebody") == "down"
