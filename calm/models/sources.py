"""Where the files of a model lie: a packaged one, a folder, or one fetched from the Hub."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from calm.errors import CalmError
from calm.model_names import PACKAGED, SETTINGS, TRAINED_ON, called, full_name, hub_name
from calm.models.adapters import adapter_settings
from calm.models.hub import fetched_model

REVISION, BASE = "revision", "base/"
"""What a record calls the Hub's commit, and what the names of an adapter's base begin with."""
MOST_ADAPTERS = 8
"""So many adapters may have been trained one on the other."""


@dataclass(frozen=True)
class Source:
    """A model's files, all of one revision."""

    name: str
    """What the model is called."""
    folder: Path
    base: "Source | None" = None
    """What the LoRA adapter in the folder was trained on; `None` where it holds a whole model."""

    @property
    def given(self) -> str:
        """What another machine or process finds it by: its name on the Hub, or its folder."""
        return hub_name(self.folder) or str(self.folder)


def find_source(name: str, files: Mapping[str, str], most_adapters: int = MOST_ADAPTERS) -> Source:
    """Return where a model's files lie, prepared or fetched where they are not here yet.

    `name` is a full one (see `calm.model_names`). Where `files`, which are those of a `ModelRecord`
    or none, tell a revision of the Hub, it is taken, else the newest. Raises CalmError where there
    is no such model, or an adapter lacks its base.
    """
    folder = _folder_of(name, files.get(REVISION))
    if not (folder / SETTINGS).is_file():
        return Source(called(name), folder)
    base = base_of(folder)
    if most_adapters == 0:
        raise CalmError("adapter.of-adapters", adapter=called(name))
    of_base = {key.removeprefix(BASE): files[key] for key in files if key.startswith(BASE)}
    return Source(called(name), folder, find_source(base, of_base, most_adapters - 1))


def _folder_of(name: str, revision: str | None) -> Path:
    from calm.models.shipped import prepare_model

    if name in PACKAGED:
        return prepare_model(name)
    folder = Path(name)
    return folder if folder.is_dir() else fetched_model(name, revision)


def base_of(folder: Path) -> str:
    """Return the name of the model that the adapter in `folder` was trained on.

    A folder of another machine is looked for among the packaged models by its own name. Raises
    CalmError where no base is named, or none that is here.
    """
    if packaged := _packaged_base(folder):
        return packaged
    named = str(adapter_settings(folder).get("base_model_name_or_path") or "")
    base = full_name(named) if named else ""
    if Path(base).is_absolute() and not Path(base).is_dir():
        base = hub_name(Path(base)) or (called(base) if called(base) in PACKAGED else "")
    if not base or base == full_name(str(folder)):
        raise CalmError("adapter.base-missing", adapter=called(str(folder)), base=called(named))
    return base


def _packaged_base(folder: Path) -> str:
    """Return the packaged model that an adapter says it was trained on; empty where it says none.

    Its settings name the original on the Hub, which others have: those are not the same weights.
    """
    try:
        said = json.loads((folder / TRAINED_ON).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return ""
    name = said.get("model") if isinstance(said, dict) else None
    return name if isinstance(name, str) and name in PACKAGED else ""
