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

from calm.asking.free_store import FreelyAsked, FreeStore, read_freely
from calm.asking.store import AskedStore, read_asked, to_line
from calm.errors import CalmError
from calm.exchange import archive
from calm.exchange.archive import (
    ADAPTER,
    ASKED,
    ASKED_FREELY,
    LIMITS,
    MANIFEST,
    WEIGHTS,
    asked_of,
    pack,
    unpack,
)
from calm.runs import jobs
from calm.runs.folder import Run, create_run, list_runs, open_run, with_settings
from tests.free_makers import freely_asked
from tests.recorded import asked_question, finished_run, write_adapter

RECORDS = sorted(set(LIMITS) - {ASKED, ASKED_FREELY, *ADAPTER})


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
    says = {"format": "calm-archive", "version": 1, "created_by": "x", "name": "mine"}
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
    pack(opened, tmp_path / "again.zip", asked_of(opened, AskedStore(), FreeStore()))
    again, first = members(tmp_path / "again.zip"), members(packed)
    assert {n: t for n, t in again.items() if n != MANIFEST} == {
        n: t for n, t in first.items() if n != MANIFEST
    }


def test_the_manifest_says_who_made_it_and_the_sum_of_every_file(packed: Path) -> None:
    files = members(packed)
    says = json.loads(files.pop(MANIFEST))
    assert (says["format"], says["version"], says["created_by"]) == ("calm-archive", 1, "0.1.0")
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
    assert read_asked(opened.folder / ASKED) == [asked_question()]
    assert [row.versions[0].text for row in asked_of(opened, store, FreeStore())] == [
        "Asked later?",
        "What do bees make?",
    ]


def test_questions_without_choices_go_along_too(run: Run, tmp_path: Path) -> None:
    store, free_store = AskedStore(), FreeStore()
    store.keep(asked_question())
    free_store.keep(freely_asked())
    pack(run, tmp_path / "a.zip", asked_of(run, store, free_store))
    opened = unpack(tmp_path / "a.zip", "again")
    assert read_asked(opened.folder / ASKED) == [asked_question()]
    assert read_freely(opened.folder / ASKED_FREELY) == [freely_asked()]
    free_store.keep(freely_asked(9e9, "wasps"))
    assert [row.id for row in asked_of(opened, store, free_store)] == [
        row.id for row in (freely_asked(9e9, "wasps"), asked_question(), freely_asked())
    ]


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
    made(path, files, version=2)


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
        (_other_version, "it is of version 2, and this program reads version 1"),
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


def _asked(**changes: Any) -> Callable[[dict[str, bytes]], None]:
    row = dataclasses.replace(asked_question(), **changes)
    return _put(ASKED, to_line(row).encode() + b"\n")


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
        (_asked(asked_at=float("nan")), "no time"),
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
        (_put(ASKED, b"{}\n"), "not a AskedQuestion"),
        (_asked(versions=()), "no versions"),
        (_asked(responses=(dataclasses.replace(BEES.responses[0], answer=7),)), "fit together"),
        (_asked(vote=dataclasses.replace(BEES.vote, winner=7)), "fit together"),
        (_asked(vote=dataclasses.replace(BEES.vote, by_language={})), "other languages"),
        (_asked(left_out={"<script>": "x"}), "other languages"),
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


FREE = freely_asked()


def _free(**changes: Any) -> FreelyAsked:
    return dataclasses.replace(FREE, asked=dataclasses.replace(FREE.asked, **changes))


def _compared(**changes: Any) -> FreelyAsked:
    """Return the question with something else found out, its responses those of what was found."""
    assert FREE.asked.compared is not None
    found = dataclasses.replace(FREE.asked.compared, **changes)
    return _free(compared=found, responses=found.responses)


SAYS_BEES, *OTHERS = FREE.asked.responses
VOTE = FREE.asked.compared.vote if FREE.asked.compared else None


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (_free(compared=None), "it has no answers"),
        (_free(step="answering"), "it has no answers"),
        (_free(versions=()), "it has no answers"),
        (_free(versions=FREE.asked.versions * 2), "not one question"),
        (_free(left_out={"<script>": "x"}), "unknown language"),
        (_free(prompts={"fr": "x"}), "unknown language"),
        (_free(responses=()), "not those that were compared"),
        (_free(versions=FREE.asked.versions[:1], prompts={}), "other languages"),
        (_compared(groups=()), "an answer that the question does not have"),
        (
            _compared(responses=(dataclasses.replace(SAYS_BEES, answer=7), *OTHERS)),
            "an answer that the question does not have",
        ),
        (
            _compared(responses=(dataclasses.replace(SAYS_BEES, answer_span=(0, 99)), *OTHERS)),
            "answer_span",
        ),
        (_compared(responses=(dataclasses.replace(SAYS_BEES, answer=None), *OTHERS)), "its vote"),
        (_compared(vote=dataclasses.replace(VOTE, winner=None)), "its vote"),
        (dataclasses.replace(FREE, asked_at=-1.0), "no time"),
    ],
)
def test_a_free_question_that_does_not_fit_together_is_refused(
    packed: Path, calm_home: Path, row: FreelyAsked, says: str
) -> None:
    files = {n: t for n, t in members(packed).items() if n != MANIFEST}
    files[ASKED_FREELY] = to_line(row).encode() + b"\n"
    with pytest.raises(CalmError, match=f"cannot be opened: .*{says}"):
        unpack(made(packed, files))
    assert nothing_is_left(calm_home)


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
