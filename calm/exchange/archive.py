"""A run as one file: everything needed to replay it on another machine, without the model.

A ZIP with the run folder's records, the adapter, the questions that its model was asked, and
`manifest.json` with the size and SHA-256 of each. The same run gives the same bytes. An archive
that comes from elsewhere is not trusted: only the names below are read, into a new folder, as
many bytes as are allowed, and nothing is kept unless everything is good.
"""

import hashlib
import io
import json
import os
import shutil
import stat
import struct
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Literal

from calm import __version__
from calm.asking.asked import Asked
from calm.asking.store import FILES as ASKED_FILES
from calm.asking.store import AskedStore, latest, read_asked, to_line
from calm.errors import CalmError
from calm.exchange.check import check_asked, check_run
from calm.exchange.check_adapter import check_archived_adapter
from calm.messages import message
from calm.model_names import aligned_name, called
from calm.questions.public_sets import set_called
from calm.runs.folder import FILES, NAME, OPENED, Run, from_json, run_path, runs_folder, write_whole
from calm.runs.jobs import check_idle

VERSION = 2
"""Archives of version 1 are opened too: they hold asked questions in two files."""
MANIFEST = "manifest.json"
ASKED = ASKED_FILES[0]
WEIGHTS = "adapter/adapter_model.safetensors"
ADAPTER = ("adapter/adapter_config.json", WEIGHTS)
MB = 1 << 20
LIMITS: dict[str, int] = {
    "config.json": MB,
    "status.json": MB,
    "model.json": MB,
    **{f"{name}.jsonl": 64 * MB for name in (*FILES, "metrics")},
    **dict.fromkeys(ASKED_FILES, 64 * MB),
    "adapter/adapter_config.json": MB,
    WEIGHTS: 512 * MB,
}
"""Every name that an archive may hold, and the most bytes of each."""
MOST_BYTES = 768 * MB
"""Of all members together, and of the archive itself."""
MOST_ASKED = 1000
CHUNK = 1 << 18
END_RECORD = struct.Struct("<4s4H2LH")
NO_TIME = (1980, 1, 1, 0, 0, 0)
PLAIN_FILE = stat.S_IFREG | 0o644
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError),
    *(ValueError, OSError),
)


@dataclass(frozen=True)
class Member:
    """One file in an archive."""

    size: int
    """In bytes."""
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an archive says about itself."""

    format: Literal["calm-archive"]
    version: int
    created_by: str
    """The program's version."""
    name: str
    """The run's name where it was made."""
    model: str
    members: dict[str, Member]


def pack(run: Run, path: Path, asked: Sequence[Asked] = (), with_adapter: bool = True) -> None:
    """Write the run to one file; `asked` are the questions of its model that go with it.

    Raises CalmError while the run is being aligned, and where a file is larger than an archive
    may hold.
    """
    check_idle(run)
    try:
        handle, work = tempfile.mkstemp(prefix=".", suffix=".new", dir=path.absolute().parent)
    except OSError as error:
        raise CalmError("file.not-writable", path=path, reason=error.strerror) from None
    try:
        with os.fdopen(handle, "wb") as stream, zipfile.ZipFile(stream, "w") as out:
            members = {
                name: _add(out, name, source) for name, source in _sources(run, asked, with_adapter)
            }
            total = sum(member.size for member in members.values())
            if total > MOST_BYTES:
                raise _too_large(run.name, MOST_BYTES)
            manifest = Manifest(
                "calm-archive", VERSION, __version__, run.name, called(run.config.model), members
            )
            text = json.dumps(asdict(manifest), indent=2, ensure_ascii=False, sort_keys=True)
            _add(out, MANIFEST, io.BytesIO(text.encode()))
        Path(work).chmod(0o644)
        Path(work).replace(path)
    finally:
        Path(work).unlink(missing_ok=True)


def asked_of(run: Run, store: AskedStore | None = None) -> list[Asked]:
    """Return the latest questions of a run's model that go along with it.

    Those it came with are its own; those of the store were asked on this machine, by whomever, of
    the model as it was and with the run's adapter.
    """
    model = called(run.config.model)
    kept = [
        row
        for name in (model, aligned_name(model, run.name))
        for row in (store.of_model(name, MOST_ASKED) if store else ())
    ]
    return latest([*read_asked(run.folder), *kept])[:MOST_ASKED]


def unpack(path: Path, name: str | None = None) -> Run:
    """Make a run of an archive and return it.

    Without a name it has the one it had, with a number behind it where that is taken. Raises
    CalmError where the name given is taken, and where anything in the archive is not as it should
    be; nothing is left behind then.
    """
    if not path.is_file():
        raise CalmError("archive.no-file", path=path)
    folder = None if name is None else run_path(name)
    if folder is not None and folder.exists():
        raise CalmError("run.exists", name=folder)
    parent = (folder or runs_folder() / "any").parent
    parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".opening-", dir=parent))
    try:
        try:
            manifest = _extract(path, work)
            _check(Run(work), manifest)
        except (CalmError, RecursionError) as error:
            raise _not_opened(path, work, error) from None
        work.chmod(0o755)
        for target in [folder] if folder else _free_folders(manifest.name):
            try:
                work.rename(target)
            except OSError:  # taken since we looked
                continue
            return Run(target)
        raise CalmError("run.exists", name=folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _not_opened(path: Path, work: Path, error: CalmError | RecursionError) -> CalmError:
    """Return what is wrong with an archive, without where it was being opened."""

    def without(text: str) -> str:
        return text.replace(f"{work}{os.sep}", "").replace(str(work), "this")

    reason = error.message.changed(without) if isinstance(error, CalmError) else str(error)
    return CalmError("archive.not-opened", name=path.name, reason=reason)


def _sources(
    run: Run, asked: Sequence[Asked], with_adapter: bool
) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield what goes into the archive, in its order."""
    for name in sorted(LIMITS):
        source = run.folder / name
        if name in ASKED_FILES:
            if name == ASKED and asked:
                yield name, io.BytesIO("".join(to_line(row) + "\n" for row in asked).encode())
        elif name in ADAPTER and not (with_adapter and (run.folder / WEIGHTS).is_file()):
            continue
        elif name in ("config.json", ADAPTER[0]) and source.is_file():
            yield name, io.BytesIO(_without_folders(source.read_bytes()))
        elif source.is_file():
            with source.open("rb") as stream:
                yield name, stream


def _without_folders(text: bytes) -> bytes:
    """Shorten paths of this machine in settings to what they are called: nobody else needs more."""
    raw = json.loads(text)
    for key in ("model", "question_set", "base_model_name_or_path"):
        if isinstance(raw.get(key), str):
            raw[key] = called(set_called(raw[key]) if key == "question_set" else raw[key])
    if isinstance(raw.get("context"), str):
        raw["context"] = Path(raw["context"]).name
    return json.dumps(raw, indent=2, ensure_ascii=False).encode() + b"\n"


def _add(out: zipfile.ZipFile, name: str, source: IO[bytes]) -> Member:
    info = zipfile.ZipInfo(name, NO_TIME)
    info.create_system = 3
    info.external_attr = PLAIN_FILE << 16
    info.compress_type = zipfile.ZIP_STORED if name == WEIGHTS else zipfile.ZIP_DEFLATED
    digest, size = hashlib.sha256(), 0
    with out.open(info, "w") as target:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > LIMITS.get(name, MB):
                raise _too_large(name, LIMITS.get(name, MB))
            digest.update(chunk)
            target.write(chunk)
    return Member(size, digest.hexdigest())


def _too_large(name: str, most: int) -> CalmError:
    return CalmError("archive.too-large-file", name=name, megabytes=most // MB)


def _extract(path: Path, work: Path) -> Manifest:
    """Write the members of an archive into `work`, each counted and its sum checked."""
    try:
        _check_directory(path)
        with zipfile.ZipFile(path) as archive:
            infos = _checked_infos(archive)
            with archive.open(infos.pop(MANIFEST)) as stream:
                manifest = _manifest(stream.read(MB + 1))
            if set(manifest.members) != set(infos):
                raise CalmError("archive.other-files")
            left = MOST_BYTES
            for name, info in infos.items():
                target = work / name
                target.parent.mkdir(exist_ok=True)
                with archive.open(info) as stream:
                    found = _copy(stream, target, min(LIMITS[name], left))
                left -= found.size
                if found != manifest.members[name]:
                    raise CalmError("archive.changed-file", name=name)
    except BROKEN as error:
        raise CalmError("archive.damaged", reason=error) from None
    return manifest


def _check_directory(path: Path) -> None:
    """Look at the end of the file before anything is read by it: how many members it claims.

    A directory of millions of entries would fill the memory before one could be looked at.
    Archives of ours have no comment behind it and are never of the 64-bit kind.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise CalmError("archive.too-large", megabytes=MOST_BYTES // MB)
    tail = END_RECORD.size + 20
    with path.open("rb") as stream:
        stream.seek(max(0, size - tail))
        end = stream.read()
    if len(end) < END_RECORD.size:
        raise CalmError("archive.none")
    signature, _, _, _, members, directory, _, comment = END_RECORD.unpack(end[-END_RECORD.size :])
    is_ours = signature == b"PK\x05\x06" and not comment and b"PK\x06\x07" not in end
    if not is_ours or members > 2 * len(LIMITS) or directory > MB:
        raise CalmError("archive.not-ours")


def _checked_infos(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.filename not in LIMITS and info.filename != MANIFEST:
            raise CalmError("archive.foreign-file", name=repr(info.filename[:80]))
        if info.filename in infos:
            raise CalmError("archive.file-twice", name=info.filename)
        if kind not in (0, stat.S_IFREG):
            raise CalmError("archive.no-plain-file", name=info.filename)
        if info.flag_bits & 1 or info.compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise CalmError("archive.unusual-file", name=info.filename)
        infos[info.filename] = info
    if MANIFEST not in infos:
        raise CalmError("archive.no-manifest")
    return infos


def _manifest(text: bytes) -> Manifest:
    if len(text) > MB:
        raise CalmError("archive.large-manifest")
    manifest = from_json(Manifest, text)
    if not 1 <= manifest.version <= VERSION:
        raise CalmError("archive.other-version", version=manifest.version, ours=VERSION)
    return manifest


def _copy(stream: IO[bytes], target: Path, most: int) -> Member:
    """Write at most so many bytes, whatever the directory says of the size."""
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as out:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > most:
                raise CalmError("archive.too-many-bytes", name=target.name)
            digest.update(chunk)
            out.write(chunk)
    return Member(size, digest.hexdigest())


def _check(run: Run, manifest: Manifest) -> None:
    check_run(run)
    run.model_record()
    for row in read_asked(run.folder):
        check_asked(row)
    if run.adapter.exists():
        check_archived_adapter(run.adapter)
    status = run.status()
    if status.state in ("queued", "running"):
        unfinished = message("status.archived-unfinished")
        run.set_status(status.stage, "stopped", status.done, status.total, unfinished)
    note = {"created_by": manifest.created_by, "opened_at": time.time()}
    write_whole(run.folder / OPENED, json.dumps(note) + "\n")


def _free_folders(name: str) -> Iterator[Path]:
    base = name if NAME.fullmatch(name) else "opened"
    for number in range(1, 1000):
        folder = runs_folder() / (base if number == 1 else f"{base[:58]}-{number}")
        if not folder.exists():
            yield folder
