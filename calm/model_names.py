"""One model, one name: which model a name stands for, and what it is called in records."""

import re
from pathlib import Path

PACKAGED = ("gemma-3-270m", "smollm2-135m-instruct")
"""The models that come as packages, by the names that `--model` takes."""
SETTINGS, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
"""The files that an adapter is, by PEFT's names."""
TRAINED_ON = "trained_on.json"
"""Lies beside an adapter that was given away, and names the packaged model it was trained on."""
HUB_FOLDER = re.compile(r"models--([^/\\]+)[/\\]snapshots[/\\](\w+)[/\\]?\Z")
"""How the Hub's cache names a folder: after the model, and then after its revision."""


def full_name(given: str) -> str:
    """Return the one name of a model: a folder's whole path, else the name without end slashes.

    However a folder is spelt, relative, with a slash or through a link, it is the same model, and
    another process with another working folder finds it.
    """
    if given in PACKAGED:
        return given
    folder = Path(given).expanduser()
    return str(folder.resolve()) if folder.is_dir() else given.rstrip("/")


def called(name: str) -> str:
    """Return what a model is called in records: a folder by its own name, without its place.

    A run's adapter is called by the run's name, too, for all of them lie in a folder `adapter`. A
    folder of the Hub's cache is called what the Hub calls the model.
    """
    path = Path(name)
    if not path.is_absolute():
        return name
    own = "/".join(path.parts[-2:]) if path.name == "adapter" else path.name
    return hub_name(path) or own


def aligned_name(model: str, run: str) -> str:
    """Return what a model is called that answers with the adapter of a run."""
    return f"{model} + {run}"


def hub_name(folder: Path) -> str:
    """Return the Hub's name of the model in a folder of its cache; empty for any other folder."""
    found = HUB_FOLDER.search(str(folder))
    return found[1].replace("--", "/") if found else ""


def hub_revision(folder: Path) -> str:
    """Return the commit that a folder of the Hub's cache holds; empty for any other folder."""
    found = HUB_FOLDER.search(str(folder))
    return found[2] if found else ""
