"""What is no good archive says why, and leaves nothing behind."""

import json
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from calm.errors import CalmError
from calm.exchange import archive
from calm.exchange.archive import (
    ASKED,
    MANIFEST,
    unpack,
)
from tests.exchange.archives import made, members, nothing_is_left


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
