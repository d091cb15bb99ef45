"""What the small Hub of the tests does when its clients write: the requests that they really make.

As `huggingface_hub` sends them without Xet: `repos/create`, `validate-yaml`, `preupload`, the Git
LFS batch with its upload and its check, and the commit as lines of JSON. Files lie as `tests.hub`
gives them: `owner/name` below its folder, data sets under `datasets/`.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LARGE = (".safetensors", ".parquet", ".zip")
"""What goes through LFS, as in the Hub's `.gitattributes`."""
OWNER = "someone"
Answer = tuple[int, Any]
"""A status, and what is sent as JSON; a text is the reason of a refusal."""


@dataclass
class Writes:
    """What was written, and what goes wrong."""

    token: str = "hf_secret"
    """The only one that may write, and read what is private."""
    private: set[str] = field(default_factory=set)
    large: dict[str, bytes] = field(default_factory=dict)
    """What came through LFS, by its SHA-256."""
    commits: list[dict[str, Any]] = field(default_factory=list)
    """Each commit's summary and the paths in it."""
    broken: set[str] = field(default_factory=set)
    """Steps that fail, once each: `commit`, or the beginning of a large file's content."""


def written(writes: Writes, root: Path, url: str, path: list[str], body: bytes) -> Answer:
    """Do what a request asks; `path` is its address in parts."""
    if path[0] == "lfs":
        return _upload(writes, path[1], body)
    given = [json.loads(line) for line in body.splitlines() if line]
    if path[:3] == ["api", "repos", "create"]:
        return _create(writes, root, url, given[0])
    if path[:2] == ["api", "validate-yaml"]:
        return 200, {"errors": [], "warnings": []}
    if path[-3:] == ["lfs", "objects", "batch"]:
        return 200, {"objects": [_large(writes, url, one) for one in given[0]["objects"]]}
    repository = "/".join(path[2:4])
    place = f"datasets/{repository}" if path[1] == "datasets" else repository
    if path[4] == "preupload":
        return 200, {"files": [_preupload(root / place, one) for one in given[0]["files"]]}
    assert path[4] == "commit", path
    return _commit(writes, root, place, url, given)


def _create(writes: Writes, root: Path, url: str, asked: dict[str, Any]) -> Answer:
    owner = asked["organization"] or OWNER
    if owner != OWNER:
        return 403, f"You don't have the rights to create a model under the namespace {owner!r}"
    name = f"{owner}/{asked['name']}"
    place = f"datasets/{name}" if asked["type"] == "dataset" else name
    if (root / place).is_dir():
        return 409, {"error": "You already created this repo", "url": f"{url}/{place}"}
    (root / place).mkdir(parents=True)
    if asked["visibility"] == "private":
        writes.private.add(place)
    return 200, {"url": f"{url}/{place}"}


def _preupload(folder: Path, one: dict[str, Any]) -> dict[str, Any]:
    is_large, file = one["path"].endswith(LARGE), folder / one["path"]
    content = file.read_bytes() if file.is_file() else None
    told = {"path": one["path"], "shouldIgnore": False}
    told["uploadMode"] = "lfs" if is_large else "regular"
    if content is not None:
        told["oid"] = hashlib.sha256(content).hexdigest() if is_large else _git_hash(content)
    return told


def _git_hash(content: bytes) -> str:
    blob = b"blob %d\0" % len(content) + content
    return hashlib.sha1(blob, usedforsecurity=False).hexdigest()


def _large(writes: Writes, url: str, one: dict[str, Any]) -> dict[str, Any]:
    if one["oid"] in writes.large:
        return one
    return one | {"actions": {"upload": {"href": f"{url}/lfs/{one['oid']}"}}}


def _upload(writes: Writes, oid: str, body: bytes) -> Answer:
    for start in writes.broken:
        if body.startswith(start.encode()):
            writes.broken.remove(start)
            return 400, "The upload broke off"
    assert hashlib.sha256(body).hexdigest() == oid
    writes.large[oid] = body
    return 200, {}


def _commit(
    writes: Writes, root: Path, place: str, url: str, lines: list[dict[str, Any]]
) -> Answer:
    folder = root / place
    if "commit" in writes.broken:
        writes.broken.remove("commit")
        return 500, "Internal error"
    header, *operations = lines
    for operation in operations:
        value = operation["value"]
        file = folder / value["path"]
        if operation["key"] == "deletedFile":
            file.unlink()
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        if operation["key"] == "lfsFile":
            file.write_bytes(writes.large[value["oid"]])
        else:
            file.write_bytes(base64.b64decode(value["content"]))
    paths = sorted(operation["value"]["path"] for operation in operations)
    writes.commits.append({"summary": header["value"]["summary"], "paths": paths})
    oid = hashlib.sha1(str(writes.commits).encode(), usedforsecurity=False).hexdigest()
    return 200, {"commitUrl": f"{url}/{place}/commit/{oid}", "commitOid": oid}
