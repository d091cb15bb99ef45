"""A finished adapter as one ZIP that needs nothing of CALM Studio: for transformers and PEFT.

A folder named after the run, with the adapter's weights and settings, a model card, an example
prompt and, where the base's licence asks for one, a notice. Of the run's own adapter folder only
the weights go along as they are: the settings name this machine's folder for the base, and PEFT
and TRL leave a card with that path and a pickled file beside them.
"""

import json
import os
import shutil
import stat
import tempfile
import zipfile
from pathlib import Path

from calm.errors import CalmError
from calm.exchange.adapter_base import AdapterBase, adapter_base
from calm.exchange.adapter_card import adapter_card
from calm.exchange.adapter_code import PROMPT, example_of
from calm.model_names import SETTINGS, TRAINED_ON, WEIGHTS
from calm.runs.folder import Run

NO_TIME = (1980, 1, 1, 0, 0, 0)
PLAIN_FILE = stat.S_IFREG | 0o644


def has_adapter(run: Run) -> bool:
    """Tell whether the run's training has finished and its adapter is here."""
    return (run.adapter / WEIGHTS).is_file() and (run.adapter / SETTINGS).is_file()


def package_bytes(run: Run) -> int:
    """Return about how large the package is: what the weights take, which are not compressed."""
    return (run.adapter / WEIGHTS).stat().st_size


def pack_adapter(run: Run, path: Path) -> None:
    """Write the run's adapter to one file; the same run gives the same bytes.

    Raises CalmError where the run has none yet, where its settings cannot be read, and where its
    base is an adapter itself.
    """
    texts = package_texts(run)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle, work = tempfile.mkstemp(prefix=".", suffix=".new", dir=path.parent)
    except OSError as error:
        raise CalmError("file.not-writable", path=path, reason=error.strerror) from None
    try:
        with os.fdopen(handle, "wb") as stream, zipfile.ZipFile(stream, "w") as out:
            for name, text in sorted(texts.items()):
                out.writestr(_member(run, name, zipfile.ZIP_DEFLATED), text.encode())
            member = _member(run, WEIGHTS, zipfile.ZIP_STORED)
            member.file_size = (run.adapter / WEIGHTS).stat().st_size
            with (run.adapter / WEIGHTS).open("rb") as source, out.open(member, "w") as target:
                shutil.copyfileobj(source, target)
        Path(work).chmod(0o644)
        Path(work).replace(path)
    finally:
        Path(work).unlink(missing_ok=True)


def package_texts(run: Run, hub_name: str = "") -> dict[str, str]:
    """Return every file of the package but the weights, by its name.

    `hub_name` is the repository of the Hub that they are for. Raises CalmError as `pack_adapter`.
    """
    if not has_adapter(run):
        raise CalmError(
            "export.nothing-yet", folder=run.folder, what="adapter", stage="train", run=run.name
        )
    base = adapter_base(run)
    texts = {
        "README.md": adapter_card(run, base, hub_name),
        PROMPT: example_of(run).prompt,
        SETTINGS: settings_elsewhere(run, base),
    }
    if base.packaged is not None:
        texts[TRAINED_ON] = json.dumps({"model": base.packaged.name}) + "\n"
    if base.licence.notice:
        texts["NOTICE"] = base.licence.notice
    return texts


def settings_elsewhere(run: Run, base: AdapterBase) -> str:
    """Return what `adapter_config.json` says, with the base that others have.

    Raises CalmError where it is no JSON object.
    """
    try:
        settings = json.loads((run.adapter / SETTINGS).read_bytes())
    except (OSError, ValueError, RecursionError):
        raise CalmError("adapter-settings.missing") from None
    if not isinstance(settings, dict):
        raise CalmError("adapter-settings.missing")
    settings["base_model_name_or_path"] = base.name
    settings["revision"] = base.revision or None
    return json.dumps(settings, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _member(run: Run, name: str, compression: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(f"{run.name}/{name}", NO_TIME)
    info.create_system, info.external_attr = 3, PLAIN_FILE << 16
    info.compress_type = compression
    return info
