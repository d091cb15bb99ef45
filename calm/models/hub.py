"""From the Hugging Face Hub: models and data sets, fetched once and found again offline."""

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from huggingface_hub import get_session, set_client_factory, snapshot_download
from huggingface_hub.constants import HF_HUB_ETAG_TIMEOUT
from huggingface_hub.errors import (
    GatedRepoError,
    HFValidationError,
    IncompleteSnapshotError,
    RepositoryNotFoundError,
)

from calm.config import SHIPPED_MODEL
from calm.errors import CalmError

SMALL = ("*.json", "*.jinja", "*.model", "*.txt", "*.tiktoken")
SAFETENSORS, PICKLED = ("*.safetensors",), ("pytorch_model*.bin",)
OTHERS = ("*/*", "consolidated*", "*.fp16*", "*.bf16*")
"""The same weights once more: for other programs, or in another precision."""
WEIGHTS = ("*.safetensors", "*.bin")


def fetched_model(name: str, revision: str | None = None) -> Path:
    """Return the folder with a model's files, fetched where they are not here.

    Without a `revision` they are the newest ones.
    Where the Hub is out of reach, the files that were fetched before are used. The folder is that
    of one revision. Raises CalmError where the model cannot be had.
    """
    limit_waiting()
    try:
        folder = _fetch(name, (*SMALL, *SAFETENSORS), revision)
        if not any(folder.glob(SAFETENSORS[0])):
            _fetch(name, PICKLED, folder.name)
        return folder
    except Exception as error:  # what a library of web requests raises when anything goes wrong
        raise _out_of_reach(name, error) from error


def _fetch(name: str, patterns: tuple[str, ...], revision: str | None) -> Path:
    """Return the folder with the files of these patterns; those of before where none are given."""
    fetch = functools.partial(
        snapshot_download,
        name,
        revision=revision,
        allow_patterns=list(patterns),
        ignore_patterns=list(OTHERS),
    )
    try:
        return Path(fetch())
    except (RepositoryNotFoundError, HFValidationError):
        raise
    except Exception as error:
        try:
            return Path(fetch(local_files_only=True))
        except IncompleteSnapshotError as found:
            folder = Path(found.snapshot_path)  # another program may have fetched what it needs
            if any(any(folder.glob(pattern)) for pattern in WEIGHTS):
                return folder
            raise error from None
        except Exception:
            raise error from None


def limit_waiting() -> None:
    """Have requests fail in time that would wait for a silent Hub for ever."""
    session = get_session()
    hooks = session.event_hooks["request"]
    if _limit not in hooks:
        made = functools.partial(type(session), follow_redirects=True, timeout=session.timeout)
        set_client_factory(functools.partial(made, event_hooks={"request": [*hooks, _limit]}))


def _limit(request: Any) -> None:
    """Give a request that has no time limit the one that others have."""
    limits = request.extensions.get("timeout", {})
    request.extensions["timeout"] = {
        kind: HF_HUB_ETAG_TIMEOUT if limits.get(kind) is None else limits[kind]
        for kind in ("connect", "read", "write", "pool")
    }


def _out_of_reach(name: str, error: Exception) -> CalmError:
    """Return what a person can do about a model that the Hub does not give."""
    reason = str(error).strip().split("\n", 1)[0][:300]
    if isinstance(error, GatedRepoError):
        return CalmError("model.gated", model=name)
    if isinstance(error, RepositoryNotFoundError):
        return CalmError("model.not-on-hub", model=name)
    if isinstance(error, HFValidationError):
        return CalmError("model.no-folder", model=name)
    return CalmError("model.not-fetched", model=name, shipped=SHIPPED_MODEL, reason=reason)


def load_hub_rows(
    name: str, config: str, split: str, revision: str = ""
) -> Iterator[dict[str, Any]]:
    """Yield the rows of one split of a data set, the newest without a `revision`.

    Raises CalmError where the Hub cannot be reached, and for a set that is no plain data.
    """
    from datasets import load_dataset

    limit_waiting()
    try:
        rows = load_dataset(name, config, split=split, revision=revision or None)
    except Exception as error:  # what a library of web requests raises when anything goes wrong
        raise _set_out_of_reach(name, config, error) from error
    yield from rows


def fetched_set_files(name: str, patterns: Sequence[str], revision: str = "") -> Path:
    """Return the folder with the files of a data set that have one of these names.

    Raises CalmError where the Hub cannot be reached.
    """
    limit_waiting()
    try:
        folder = snapshot_download(
            name,
            repo_type="dataset",
            revision=revision or None,
            allow_patterns=list(patterns),
        )
    except Exception as error:  # what a library of web requests raises when anything goes wrong
        raise _set_out_of_reach(name, ", ".join(patterns), error) from error
    return Path(folder)


def set_revision(name: str, revision: str = "") -> str:
    """Return the commit that a revision of a data set is; empty where the Hub does not say."""
    from huggingface_hub import HfApi

    limit_waiting()
    try:
        return str(HfApi().dataset_info(name, revision=revision or None).sha or "")
    except Exception:  # out of reach: what was fetched before is used, or its reader says so
        return ""


def _set_out_of_reach(name: str, config: str, error: Exception) -> CalmError:
    return CalmError("hub.unreachable", name=name, config=config, reason=str(error).strip()[:200])
