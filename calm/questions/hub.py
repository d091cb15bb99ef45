"""Data sets of the Hugging Face Hub, through `datasets`."""

from collections.abc import Iterator
from typing import Any

from calm.errors import CalmError


def load_hub_rows(name: str, config: str, split: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of one split; raises CalmError where the Hub cannot be reached."""
    from datasets import load_dataset

    try:
        rows = load_dataset(name, config, split=split)
    except (OSError, ValueError, RuntimeError) as error:
        raise CalmError(
            f"The data set {name} ({config}) cannot be had from the Hugging Face Hub. Check the "
            f"network, or use the built-in set. (The reason given was: {str(error).strip()[:200]})"
        ) from error
    yield from rows
