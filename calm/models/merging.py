"""An adapter merged into its base for good, as an ordinary folder of a model."""

from collections.abc import Mapping
from pathlib import Path

from calm.errors import CalmError
from calm.model_names import full_name
from calm.models.adapters import merged
from calm.models.checkpoints import read_model, read_tokenizer
from calm.models.sources import find_source


def write_merged(base: str, files: Mapping[str, str], adapter: Path, folder: Path) -> None:
    """Write the base with the adapter in its weights, and its tokenizer, into a folder.

    The weights keep the base's own precision: those of a base that was trained on in 4 bits are
    the unquantised ones. `files` are those of the run's model record, so that the base is of the
    same revision. Raises CalmError where the base cannot be had or read, holds quantised weights,
    or the adapter does not fit it.
    """
    source = find_source(full_name(base), files)
    tokenizer = read_tokenizer(source)
    model = read_model(source, {"dtype": "auto"})
    if getattr(model.config, "quantization_config", None) is not None:
        raise CalmError("export.quantised-base", model=source.name)
    model = merged(model, adapter)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
