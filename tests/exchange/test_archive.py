"""An archive brings a run back whole, and one from a stranger brings nothing else."""

import dataclasses
import hashlib
import json
from pathlib import Path

import pytest

from calm import __version__
from calm.asking.store import FILES, AskedStore, asked_id, read_asked
from calm.errors import CalmError
from calm.exchange import archive
from calm.exchange.archive import (
    ADAPTER,
    MANIFEST,
    WEIGHTS,
    asked_of,
    pack,
    unpack,
)
from calm.runs import jobs
from calm.runs.folder import Run, create_run, list_runs, open_run, with_settings
from tests.exchange.archives import BEFORE, RECORDS, made, members, nothing_is_left
from tests.free_makers import freely_asked
from tests.recorded import asked_question


def test_everything_that_the_run_recorded_comes_back_byte_by_byte(run: Run, packed: Path) -> None:
    opened = unpack(packed, "again")
    for name in set(RECORDS) - {"config.json"}:
        assert (opened.folder / name).read_bytes() == (run.folder / name).read_bytes(), name
    assert (opened.folder / WEIGHTS).read_bytes() == (run.folder / WEIGHTS).read_bytes()
    assert open_run("again").status() == run.status()


def test_an_opened_run_says_that_it_is_one(run: Run, packed: Path) -> None:
    assert not run.is_opened
    assert unpack(packed, "again").is_opened


def test_which_model_it_was_goes_along_and_is_checked(run: Run, packed: Path) -> None:
    assert unpack(packed, "again").model_record() == run.model_record() is not None
    files = members(packed) | {"model.json": b'{"name": "fake"}'}
    with pytest.raises(CalmError, match="not a ModelRecord"):
        unpack(made(packed.with_name("other.zip"), files), "other")


def test_a_model_s_folder_is_told_by_its_own_name(run: Run, tmp_path: Path) -> None:
    with_settings(run, dataclasses.replace(run.config, model=str(tmp_path / "my-model")))
    pack(open_run("mine"), tmp_path / "a.zip")
    assert str(tmp_path).encode() not in b"".join(members(tmp_path / "a.zip").values())
    assert unpack(tmp_path / "a.zip", "again").config.model == "my-model"


def test_log_and_process_stay_at_home(run: Run, tmp_path: Path) -> None:
    for name in ("log.txt", jobs.PID_FILE, "notes.txt", "adapter/training_args.bin"):
        (run.folder / name).write_text("mine")
    pack(run, tmp_path / "a.zip")
    assert set(members(tmp_path / "a.zip")) == {*RECORDS, *ADAPTER, MANIFEST}


def test_folders_of_this_machine_are_not_told(run: Run, packed: Path) -> None:
    assert str(run.folder.parent.parent.parent).encode() not in b"".join(members(packed).values())
    assert unpack(packed, "again").config == dataclasses.replace(
        run.config, question_set="questions.jsonl"
    )
    assert b'"base_model_name_or_path": "fake"' in members(packed)[ADAPTER[0]]


def test_the_same_run_gives_the_same_bytes(run: Run, packed: Path, tmp_path: Path) -> None:
    pack(run, tmp_path / "again.zip", [asked_question()])
    assert (tmp_path / "again.zip").read_bytes() == packed.read_bytes()


def test_an_opened_run_gives_the_archive_it_came_from(packed: Path, tmp_path: Path) -> None:
    opened = unpack(packed, "other")
    pack(opened, tmp_path / "again.zip", asked_of(opened, AskedStore()))
    again, first = members(tmp_path / "again.zip"), members(packed)
    assert {n: t for n, t in again.items() if n != MANIFEST} == {
        n: t for n, t in first.items() if n != MANIFEST
    }


def test_the_manifest_says_who_made_it_and_the_sum_of_every_file(packed: Path) -> None:
    files = members(packed)
    says = json.loads(files.pop(MANIFEST))
    assert (says["format"], says["version"], says["created_by"]) == ("calm-archive", 2, __version__)
    assert (says["name"], says["model"]) == ("mine", "fake")
    assert {n: m["sha256"] for n, m in says["members"].items()} == {
        n: hashlib.sha256(text).hexdigest() for n, text in files.items()
    }


def test_the_adapter_can_be_left_out(run: Run, tmp_path: Path) -> None:
    pack(run, tmp_path / "a.zip", with_adapter=False)
    assert not set(members(tmp_path / "a.zip")) & set(ADAPTER)
    assert not unpack(tmp_path / "a.zip", "again").adapter.exists()


def test_a_run_that_has_only_begun_is_packed_and_opened_too(
    calm_home: Path, tmp_path: Path, run: Run
) -> None:
    new = create_run("new", run.config)
    new.set_status("sample", "running", 1, 9)
    pack(new, tmp_path / "a.zip")
    opened = unpack(tmp_path / "a.zip", "again")
    assert (opened.status().state, opened.status().done) == ("stopped", 1)


def test_a_run_that_is_being_aligned_is_not_packed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "is_running", lambda run: True)
    with pytest.raises(CalmError, match="mine is being aligned"):
        pack(run, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_what_is_larger_than_an_archive_may_hold_is_said_and_leaves_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(archive.LIMITS, WEIGHTS, 10)
    (tmp_path / "out").mkdir()
    with pytest.raises(CalmError, match=r"adapter_model\.safetensors is larger than"):
        pack(run, tmp_path / "out" / "a.zip")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_questions_that_the_model_was_asked_go_along(packed: Path, calm_home: Path) -> None:
    store = AskedStore()
    store.keep(asked_question("Asked later?", 9e9))
    opened = unpack(packed, "again")
    assert read_asked(opened.folder) == [asked_question()]
    assert [row.versions[0].text for row in asked_of(opened, store)] == [
        "Asked later?",
        "What do bees make?",
    ]


def test_questions_without_choices_go_along_too(run: Run, tmp_path: Path) -> None:
    store = AskedStore()
    store.keep(asked_question())
    store.keep(freely_asked())
    pack(run, tmp_path / "a.zip", asked_of(run, store))
    opened = unpack(tmp_path / "a.zip", "again")
    assert read_asked(opened.folder) == [asked_question(), freely_asked()]
    store.keep(freely_asked(9e9, "wasps"))
    assert asked_of(opened, store) == [
        *(freely_asked(9e9, "wasps"), asked_question(), freely_asked())
    ]


def test_an_archive_of_before_gives_one_of_today(calm_home: Path, tmp_path: Path) -> None:
    opened = unpack(BEFORE / "run.zip", "before")
    assert (opened.folder / FILES[1]).is_file()
    pack(opened, tmp_path / "again.zip", asked_of(opened, AskedStore()))
    assert FILES[1] not in members(tmp_path / "again.zip")
    again = unpack(tmp_path / "again.zip", "again")
    ids = [sorted(map(asked_id, read_asked(run.folder))) for run in (opened, again)]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 4


def test_without_a_name_it_has_its_own_and_a_number_where_that_is_taken(packed: Path) -> None:
    assert [unpack(packed).name, unpack(packed).name] == ["mine-2", "mine-3"]


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "", "a b", "x" * 65])
def test_a_name_in_the_manifest_that_cannot_be_one_is_not_taken(packed: Path, name: str) -> None:
    files = members(packed)
    del files[MANIFEST]
    assert unpack(made(packed, files, name=name)).name == "opened"


def test_a_name_that_is_taken_is_refused(packed: Path, calm_home: Path) -> None:
    with pytest.raises(CalmError, match=r"There is a run .*mine already\. Give this one another"):
        unpack(packed, "mine")
    assert nothing_is_left(calm_home)


def test_a_file_that_is_not_there_is_said(calm_home: Path) -> None:
    with pytest.raises(CalmError, match=r"There is no file nowhere\.zip"):
        unpack(Path("nowhere.zip"))


def test_a_torn_last_line_is_no_reason_to_refuse_a_run(run: Run, tmp_path: Path) -> None:
    with run.path("pairs").open("ab") as stream:
        stream.write(b'{"question_id": "q')
    pack(run, tmp_path / "a.zip")
    assert len(unpack(tmp_path / "a.zip", "again").rows("pairs")) == len(run.rows("pairs"))


def test_a_run_is_listed_only_once_it_is_whole(
    packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    real = archive.check_run
    monkeypatch.setattr(
        archive,
        "check_run",
        lambda run: (seen.append([r.name for r in list_runs()]), real(run)),
    )
    unpack(packed, "again")
    assert seen == [["mine"]]


def test_an_opened_run_is_not_aligned_from_the_page(packed: Path) -> None:
    with pytest.raises(CalmError, match="Duplicate its settings to align anew"):
        jobs.start(unpack(packed, "again"))
