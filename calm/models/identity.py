"""Which model it is, exactly: what a run writes down when it first loads one."""

import hashlib
import importlib.metadata
import json
from collections.abc import Iterator
from pathlib import Path

from calm.model_names import hub_revision
from calm.models import precision
from calm.models.causal_lm import CausalLM
from calm.models.sources import BASE, REVISION, Source
from calm.paths import keep, read_kept
from calm.records import ModelRecord

PATTERNS = ("*.safetensors", "*.bin", "*.model", "*config.json", "tokenizer.json", "*.jinja")
"""Files that decide what a model answers."""
FILE = "file_sums.json"
LIBRARIES = ("torch", "transformers", "peft", "trl", "bitsandbytes", "tokenizers")


def record_of(model: CausalLM) -> ModelRecord:
    """Return the record of a model that `load_model` loaded; files are summed once and kept."""
    if model.origin is None:
        raise RuntimeError("a model that was made in memory has no record")
    source, asked = model.origin.source, model.origin.precision
    given = model.tokenizer.chat_template
    template = json.dumps(given) if given else ""
    return ModelRecord(
        name=model.name,
        base=source.base.name if source.base else "",
        files=_files_of(source),
        precision=asked,
        dtype=str(model.model.dtype).removeprefix("torch."),
        faster=model.origin.faster or precision.faster_precision(),
        reason=precision.reason(),
        attention=str(model.model.config._attn_implementation or ""),
        chat_template=hashlib.sha256(template.encode()).hexdigest() if template else "",
        trust=": ".join(filter(None, (model.trust.path, model.trust.why))),
        versions={name: importlib.metadata.version(name) for name in LIBRARIES},
    )


def _files_of(source: Source) -> dict[str, str]:
    """Return what tells the files of a model apart from others, those of its base included."""
    own = _files(source.folder)
    of_base = _files_of(source.base) if source.base else {}
    return own | {f"{BASE}{name}": found for name, found in of_base.items()}


def _files(folder: Path) -> dict[str, str]:
    """Return the sums of a folder's files, or the revision that the Hub gave."""
    if revision := hub_revision(folder):
        return {REVISION: revision}
    found = sorted({file for pattern in PATTERNS for file in folder.glob(pattern)})
    return dict(_sums(found))


def _sums(files: list[Path]) -> Iterator[tuple[str, str]]:
    """Yield each file's name and SHA-256, read anew only where its size or time has changed."""
    known = _read()
    before = dict(known)
    for file in files:
        state = file.stat()
        place, mark = str(file.resolve()), f"{state.st_size} {state.st_mtime_ns}"
        if known.get(place, ("", ""))[0] != mark:
            with file.open("rb") as stream:
                known[place] = (mark, hashlib.file_digest(stream, "sha256").hexdigest())
        yield file.name, known[place][1]
    if known != before:
        keep(FILE, known)


def _read() -> dict[str, tuple[str, str]]:
    """Return what is kept; a broken file is as good as none."""
    try:
        kept = read_kept(FILE)
        return {place: (str(mark), str(found)) for place, (mark, found) in kept.items()}
    except (ValueError, TypeError, AttributeError):
        return {}
