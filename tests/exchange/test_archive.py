"""An archive brings a run back whole, and one from a stranger brings nothing else."""

import dataclasses
import hashlib
import json
import shutil
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calm.asking.asked import Asked
from calm.asking.store import FILES, AskedStore, asked_id, read_asked, to_line
from calm.errors import CalmError
from calm.exchange import archive
from calm.exchange.archive import (
    ADAPTER,
    ASKED,
    LIMITS,
    MANIFEST,
    WEIGHTS,
    asked_of,
    pack,
    unpack,
)
from calm.records import Response
from calm.runs import jobs
from calm.runs.folder import Run, create_run, list_runs, open_run, with_settings
from tests.free_makers import freely_asked
from tests.recorded import asked_question, finished_run, write_adapter

BEFORE = Path(__file__).parents[1] / "data" / "before"
"""Where an archive lies that was made when asked questions were of two kinds."""
RECORDS = sorted(set(LIMITS) - {*FILES, *ADAPTER})


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run's folder, made once and copied for every test."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALM_HOME", str(folder / "home"))
        return finished_run("mine", folder).folder


@pytest.fixture
def run(calm_home: Path, finished: Path) -> Run:
    shutil.copytree(finished, calm_home / "runs" / "mine")
    return open_run("mine")


@pytest.fixture
def packed(run: Run, tmp_path: Path) -> Path:
    path = tmp_path / "mine.zip"
    pack(run, path, [asked_question()])
    return path


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def made(path: Path, files: dict[str, bytes], **manifest: Any) -> Path:
    """Write an archive of these files whose manifest is right, but for what is given."""
    noted = {
        name: {"size": len(text), "sha256": hashlib.sha256(text).hexdigest()}
        for name, text in files.items()
        if name != MANIFEST
    }
    says = {"format": "calm-archive", "version": 2, "created_by": "x", "name": "mine"}
    says |= {"model": "fake", "members": noted} | manifest
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in {**files, MANIFEST: json.dumps(says).encode()}.items():
            out.writestr(name, text)
    return path


def nothing_is_left(home: Path) -> bool:
    return [path.name for path in (home / "runs").iterdir()] == ["mine"]


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
    assert (says["format"], says["version"], says["created_by"]) == ("calm-archive", 2, "0.1.0")
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


@pytest.mark.parametrize(
    "name",
    [
        *("../evil.txt", "/etc/evil", "adapter/../../evil", "evil.py", "adapter/adapter_model.bin"),
        *("adapter/", "opened.json", "log.txt", "C:\\evil", "sub/config.json", "CONFIG.JSON"),
    ],
)
def test_a_name_that_belongs_to_no_run_is_refused(packed: Path, calm_home: Path, name: str) -> None:
    files = members(packed)
    files[name] = b"evil"
    with pytest.raises(CalmError, match=r"mine\.zip cannot be opened: "):
        unpack(made(packed, files))
    assert nothing_is_left(calm_home)
    assert not list(calm_home.parent.rglob("evil*"))


def _link(path: Path, files: dict[str, bytes]) -> None:
    made(path, {name: text for name, text in files.items() if name not in (MANIFEST, ASKED)})
    with zipfile.ZipFile(path, "a") as out:
        info = zipfile.ZipInfo(ASKED)
        info.create_system = 3
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        out.writestr(info, "/etc/passwd")


def _twice(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "a") as out, pytest.warns(UserWarning, match="Duplicate"):
        out.writestr("config.json", files["config.json"])


def _no_manifest(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("config.json", files["config.json"])


def _other_version(path: Path, files: dict[str, bytes]) -> None:
    del files[MANIFEST]
    made(path, files, version=3)


def _other_sum(path: Path, files: dict[str, bytes]) -> None:
    says = json.loads(files.pop(MANIFEST))
    says["members"]["votes.jsonl"]["sha256"] = "0" * 64
    made(path, files, **says)


def _other_size(path: Path, files: dict[str, bytes]) -> None:
    says = json.loads(files.pop(MANIFEST))
    says["members"]["votes.jsonl"]["size"] += 1
    made(path, files, **says)


def _other_list(path: Path, files: dict[str, bytes]) -> None:
    says = json.loads(files.pop(MANIFEST))
    del says["members"]["votes.jsonl"]
    made(path, files, **says)


def _lzma(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as out:
        for name, text in files.items():
            out.writestr(name, text)


def _comment(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "a") as out:
        out.comment = b"hello"


def _cut(path: Path, files: dict[str, bytes]) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _bytes_changed(path: Path, files: dict[str, bytes]) -> None:
    raw = bytearray(path.read_bytes())
    raw[200:220] = bytes(20)
    path.write_bytes(bytes(raw))


def _many_members(path: Path, files: dict[str, bytes]) -> None:
    raw = bytearray(path.read_bytes())
    struct.pack_into("<2H", raw, len(raw) - 14, 60000, 60000)
    path.write_bytes(bytes(raw))


def _no_archive(path: Path, files: dict[str, bytes]) -> None:
    path.write_bytes(b"hello")


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (_link, "asked.jsonl is a link"),
        (_twice, "it holds config.json twice"),
        (_no_manifest, "it has no manifest"),
        (_other_version, "it is of version 3, and this program reads version 2"),
        (_other_sum, "votes.jsonl is not what the manifest says"),
        (_other_size, "votes.jsonl is not what the manifest says"),
        (_other_list, "its manifest lists other files"),
        (_lzma, "compressed in an unusual way"),
        (_comment, "no archive of CALM Studio"),
        (_cut, "no archive of CALM Studio"),
        (_bytes_changed, "damaged"),
        (_many_members, "no archive of CALM Studio"),
        (_no_archive, "it is no archive"),
    ],
)
def test_what_is_no_good_archive_says_why_and_leaves_nothing(
    packed: Path, calm_home: Path, harm: Callable[[Path, dict[str, bytes]], None], says: str
) -> None:
    harm(packed, members(packed))
    with pytest.raises(CalmError, match=f"mine.zip cannot be opened: .*{says}"):
        unpack(packed)
    assert nothing_is_left(calm_home)


def test_a_file_that_unpacks_to_more_than_is_allowed_is_given_up_on_the_way(
    packed: Path, calm_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = members(packed)
    files["votes.jsonl"] = b"\n" * (8 << 20)
    made(packed, {name: text for name, text in files.items() if name != MANIFEST})
    monkeypatch.setitem(archive.LIMITS, "votes.jsonl", 1 << 20)
    with pytest.raises(CalmError, match=r"votes\.jsonl has more bytes than a run needs"):
        unpack(packed)
    assert nothing_is_left(calm_home)


def test_all_files_together_have_a_limit_too(
    packed: Path, calm_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", packed.stat().st_size + 10)
    with pytest.raises(CalmError, match="has more bytes than a run needs"):
        unpack(packed)
    assert nothing_is_left(calm_home)


def test_a_size_that_the_directory_lies_about_is_not_believed(
    packed: Path, calm_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The directory says 10 bytes; the data behind it unpacks to eight million."""
    files = {n: t for n, t in members(packed).items() if n != MANIFEST}
    files["votes.jsonl"] = b"\n" * (8 << 20)
    made(packed, files)
    raw = packed.read_bytes()
    packed.write_bytes(raw.replace(struct.pack("<L", 8 << 20), struct.pack("<L", 10)))
    with pytest.raises(CalmError, match="cannot be opened"):
        unpack(packed)
    assert nothing_is_left(calm_home)


def _first(name: str, **changes: Any) -> Callable[[dict[str, bytes]], None]:
    """Return what changes fields in the first row of a file."""

    def change(files: dict[str, bytes]) -> None:
        first, _, rest = files[f"{name}.jsonl"].partition(b"\n")
        row = json.dumps(json.loads(first) | changes)
        files[f"{name}.jsonl"] = row.encode() + b"\n" + rest

    return change


def _without_first(name: str) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        files[f"{name}.jsonl"] = files[f"{name}.jsonl"].partition(b"\n")[2]

    return change


def _put(name: str, text: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.__setitem__(name, text)


BEES = asked_question()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_put("config.json", b"{"), "config.json cannot be read"),
        (_put("config.json", b"[" * 100_000), ""),
        (_put("config.json", b'{"version": 1}'), "of version 1"),
        (_put("status.json", b"{}"), "status.json: "),
        (
            _put(
                "status.json",
                b'{"stage": "train", "state": "done", "done": 0, "total": 0,'
                b'"message": "", "rate": 0, "updated_at": 1e300}',
            ),
            "no time",
        ),
        (_put("votes.jsonl", b"nonsense\n"), "votes.jsonl, line 1: not a Vote"),
        (_put("metrics.jsonl", b'{"step": "many"}\n'), "not a dict"),
        (_put("metrics.jsonl", b'{"loss": 1}\n'), "metrics.jsonl, line 1"),
        (_put("metrics.jsonl", '{"step": 1, "a\u2028": 1}\n'.encode()), "metrics.jsonl, line 1"),
        (_first("questions", text="x" * 3000), "3000 characters"),
        (_first("questions", choices=["one"]), "Give 2 to 8"),
        (_first("questions", gold=4), "gold"),
        (_first("questions", language="ja"), "ja is not one of the run's languages"),
        (_first("questions", language="tlh"), "'tlh' is not one of"),
        (_first("responses", question_id="other"), "a question that is not there"),
        (_first("responses", language="ja"), "none of the run's languages"),
        (_first("responses", choice_order=[0, 0, 1, 2]), "choice_order"),
        (_first("answers", answer=4), "an answer that the question does not have"),
        (_first("answers", answer=-1), "an answer that the question does not have"),
        (_first("answers", answer_span=[3, 10_000]), "answer_span lies outside"),
        (_first("votes", counts=[1]), "one number a choice"),
        (_first("votes", winner=9), "an answer that the question does not have"),
        (_first("votes", by_language={"en": 7}), "an answer that the question does not have"),
        (_first("votes", by_language={"ja": 0}), "none of the run's languages"),
        (_first("ballots", question_id="other"), "a question that is not there"),
        (_first("ballots", language="ja"), "none of the run's languages"),
        (_first("ballots", kind="<b>"), "not a Ballot"),
        (_first("ballots", opinion="wrong"), "'wrong' is no opinion of a thumb"),
        (_first("ballots", choice_order=[0, 0, 1, 2]), "choice_order"),
        (_first("ballots", cast_at=-1), "cast at no time"),
        (_first("pairs", chosen_language="<b>"), "none of the run's languages"),
        (_first("comparisons", base_answer=9), "an answer that the question does not have"),
        (_without_first("evaluations"), "lacks the answer of the base model"),
        (_without_first("scores"), "there is no score for"),
        (_first("scores", language="all-of-them"), "none of the run's languages"),
        (_put("adapter/adapter_config.json", b"[]"), "LoRA"),
        (_put(WEIGHTS, b"\x80\x04nonsense"), "damaged or not an adapter"),
        (_put(ASKED, b"{}\n"), "not a Asked"),
    ],
)
def test_records_that_do_not_fit_together_are_refused_with_their_place(
    packed: Path, calm_home: Path, change: Callable[[dict[str, bytes]], None], says: str
) -> None:
    files = {n: t for n, t in members(packed).items() if n != MANIFEST}
    change(files)
    with pytest.raises(CalmError, match=f"cannot be opened: .*{says}") as caught:
        unpack(made(packed, files))
    assert ".opening-" not in str(caught.value)
    assert nothing_is_left(calm_home)


def changed(row: Asked, **changes: Any) -> Asked:
    return dataclasses.replace(row, **changes)


def first_says(row: Asked, **changes: Any) -> tuple[Response, ...]:
    """Return the responses of a question, the first of them changed."""
    return (dataclasses.replace(row.responses[0], **changes), *row.responses[1:])


FREE = freely_asked()


@pytest.mark.parametrize("row", [BEES, FREE], ids=["with", "none"])
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (lambda row: {"vote": None}, "no vote"),
        (lambda row: {"step": "answering"}, "no vote"),
        (lambda row: {"versions": ()}, "no versions"),
        (lambda row: {"versions": row.versions * 2}, "not one question"),
        (lambda row: {"left_out": {"<script>": "x"}}, "unknown language"),
        (lambda row: {"prompts": ("x",)}, "one prompt a response"),
        (lambda row: {"responses": (), "prompts": ()}, "its vote|its options"),
        (lambda row: {"options": ()}, "an answer that the question does not have|its options"),
        (lambda row: {"responses": first_says(row, answer=7)}, "an answer that the|its options"),
        (lambda row: {"responses": first_says(row, answer=None)}, "its vote|its options"),
        (lambda row: {"responses": first_says(row, answer_span=(0, 99))}, "answer_span"),
        (lambda row: {"responses": first_says(row, choice_order=(0, 0))}, "choice_order"),
        (lambda row: {"responses": first_says(row, question_id="x")}, "a question that is not"),
        (lambda row: {"responses": first_says(row, language="ja")}, "not there|its options"),
        (lambda row: {"vote": dataclasses.replace(row.vote, winner=7)}, "an answer that the"),
        (lambda row: {"vote": dataclasses.replace(row.vote, winner=None)}, "its vote"),
        (lambda row: {"vote": dataclasses.replace(row.vote, by_language={})}, "other languages"),
        (lambda row: {"vote": dataclasses.replace(row.vote, share=2.0)}, "its vote"),
        (lambda row: {"asked_at": -1.0}, "no time"),
        (lambda row: {"asked_at": float("nan")}, "no time"),
    ],
)
def test_an_asked_question_that_does_not_fit_together_is_refused(
    packed: Path, calm_home: Path, row: Asked, changes: Callable[[Any], dict[str, Any]], says: str
) -> None:
    files = {n: t for n, t in members(packed).items() if n != MANIFEST}
    files[ASKED] = to_line(changed(row, **changes(row))).encode() + b"\n"
    with pytest.raises(CalmError, match=f"cannot be opened: .*({says})"):
        unpack(made(packed, files))
    assert nothing_is_left(calm_home)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (changed(FREE, versions=FREE.versions[:1]), "not there"),
        (changed(BEES, options=FREE.options), "its options are not its choices"),
        (
            changed(
                FREE,
                options=tuple(dataclasses.replace(option, wordings=()) for option in FREE.options),
            ),
            "a group without answers",
        ),
        (
            changed(
                BEES,
                versions=(dataclasses.replace(BEES.versions[0], choices=()), *BEES.versions[1:]),
            ),
            "more choices in one language",
        ),
    ],
)
def test_options_that_are_not_those_of_the_question_are_refused(
    packed: Path, calm_home: Path, row: Asked, says: str
) -> None:
    files = {n: t for n, t in members(packed).items() if n != MANIFEST}
    files[ASKED] = to_line(row).encode() + b"\n"
    with pytest.raises(CalmError, match=f"cannot be opened: .*{says}"):
        unpack(made(packed, files))
    assert nothing_is_left(calm_home)


def test_a_question_of_before_is_held_to_the_same(calm_home: Path, tmp_path: Path) -> None:
    whole = members(BEFORE / "run.zip")
    files = {name: text for name, text in whole.items() if name != MANIFEST}
    for name in FILES:
        changed_vote = files[name].replace(b'"winner": 0', b'"winner": null')
        harmed = made(tmp_path / f"{name}.zip", files | {name: changed_vote}, version=1)
        with pytest.raises(CalmError, match="its vote is not that of its answers"):
            unpack(harmed, "harmed")
    assert unpack(made(tmp_path / "whole.zip", files, version=1), "whole")


@pytest.mark.parametrize(
    "config",
    [
        {"auto_mapping": {"parent_library": "os"}},
        {"peft_type": "PROMPT_TUNING"},
        {"r": 10_000},
        {"r": "16"},
        {"target_modules": "(a+)+$"},
        {"target_modules": ["(a+)+$"]},
        {"init_lora_weights": "pissa"},
        {"modules_to_save": ["lm_head"]},
        {"megatron_core": "os"},
        {"unheard_of": 1},
    ],
)
def test_an_adapter_may_not_say_more_than_a_plain_one(
    packed: Path, tmp_path: Path, config: dict[str, Any]
) -> None:
    write_adapter(tmp_path / "adapter", config)
    files = {n: t for n, t in members(packed).items() if n != MANIFEST}
    files[ADAPTER[0]] = (tmp_path / "adapter" / "adapter_config.json").read_bytes()
    with pytest.raises(CalmError, match=r"adapter_config\.json"):
        unpack(made(packed, files))


def _weights(tensors: dict[str, Any], data: bytes = bytes(4)) -> bytes:
    header = json.dumps(tensors).encode()
    return struct.pack("<Q", len(header)) + header + data


TENSOR = {"dtype": "BF16", "shape": [1, 2], "data_offsets": [0, 4]}


@pytest.mark.parametrize(
    "weights",
    [
        b"",
        struct.pack("<Q", 1 << 62),
        _weights({"q_proj.weight": TENSOR}),
        _weights({"lora_A": TENSOR | {"data_offsets": [0, 8]}}),
        _weights({"lora_A": TENSOR | {"shape": [1 << 40, 1]}}),
        _weights({"lora_A": TENSOR | {"dtype": "object"}}),
        _weights({"lora_A": "nonsense"}),
        struct.pack("<Q", 50_000) + b"[" * 50_000,
    ],
)
def test_weights_that_are_no_lora_are_refused(packed: Path, weights: bytes) -> None:
    files = {n: t for n, t in members(packed).items() if n != MANIFEST}
    files[WEIGHTS] = weights
    with pytest.raises(CalmError, match=r"adapter_model\.safetensors"):
        unpack(made(packed, files))


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
