"""Where things can be kept beside this machine: a data set repository of the Hub, or a folder."""

import filecmp
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from calm.errors import CalmError
from calm.exchange.adapter_base import HUB_ID

SETTING = "CALM_KEEP"
"""The variable that says where: `hf:datasets/OWNER/NAME`, or the path of a folder."""
DATASET = "hf:datasets/"
TOKEN = "HF_TOKEN"


class Place(Protocol):
    """Somewhere that files lie under their paths, with `/` between their parts."""

    @property
    def name(self) -> str: ...

    def listed(self) -> dict[str, int]:
        """Return the files that are there, with their bytes."""
        ...

    def fetch(self, paths: Iterable[str], folder: Path) -> None:
        """Put files into a folder, under their paths."""
        ...

    def send(self, content: Mapping[str, bytes | Path], gone: Sequence[str], summary: str) -> None:
        """Put files there, and remove those that are gone."""
        ...


class Dataset:
    """A private data set repository of the Hugging Face Hub; a change is one commit."""

    def __init__(self, repository: str) -> None:
        self.repository = repository
        self.name = f"{DATASET}{repository}"

    def listed(self) -> dict[str, int]:
        from calm.models.hub_repositories import listed

        return listed(self.repository, "dataset", _token(self.name))

    def fetch(self, paths: Iterable[str], folder: Path) -> None:
        from calm.models.hub_repositories import fetch_into

        fetch_into(self.repository, "dataset", paths, folder, _token(self.name))

    def send(self, content: Mapping[str, bytes | Path], gone: Sequence[str], summary: str) -> None:
        from calm.models.hub_repositories import send

        token = _token(self.name)
        send(self.repository, "dataset", content, summary, False, gone=gone, token=token)


class Folder:
    """A folder, such as one that a storage bucket is mounted at."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.name = folder, str(folder)

    def listed(self) -> dict[str, int]:
        found = (
            path for path in self.folder.rglob("*") if path.is_file() and not path.is_symlink()
        )
        return {path.relative_to(self.folder).as_posix(): path.stat().st_size for path in found}

    def fetch(self, paths: Iterable[str], folder: Path) -> None:
        for path in paths:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            with self._problems():
                shutil.copyfile(self.folder / path, folder / path)

    def send(self, content: Mapping[str, bytes | Path], gone: Sequence[str], summary: str) -> None:
        with self._problems():
            for path, inside in content.items():
                self._put(self.folder / path, inside)
            for path in gone:
                (self.folder / path).unlink(missing_ok=True)

    def _put(self, target: Path, inside: bytes | Path) -> None:
        """Write a file as a whole; one that is there already is left alone."""
        if isinstance(inside, Path):
            if target.is_file() and filecmp.cmp(inside, target, shallow=False):
                return
        elif target.is_file() and target.read_bytes() == inside:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        work = target.with_name(f".{target.name}.{os.getpid()}.new")
        if isinstance(inside, Path):
            shutil.copyfile(inside, work)
        else:
            work.write_bytes(inside)
        work.replace(target)

    def _problems(self) -> "_Problems":
        return _Problems(self.name)


class _Problems:
    """Says of a folder that cannot be used what is wrong with it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, OSError):
            reason = error.strerror or error
            raise CalmError("keep.folder", folder=self._name, reason=reason) from error


def place_of(setting: str) -> Place:
    """Return the place that a setting names; raises CalmError where it names none."""
    repository = setting.removeprefix(DATASET)
    if repository != setting and HUB_ID.fullmatch(repository) and ".." not in repository:
        _token(setting)
        return Dataset(repository)
    if Path(setting).is_absolute():
        return Folder(Path(setting))
    raise CalmError("keep.no-place", setting=repr(setting[:80]))


def _token(name: str) -> str:
    token = os.environ.get(TOKEN, "").strip()
    if not token:
        raise CalmError("keep.no-token", place=name)
    return token
