"""Repositories of the Hugging Face Hub: files put there as one commit, and one file fetched.

Whatever breaks off an upload, the same call goes on: large files are sent one by one and stay with
the Hub, which asks for none a second time, and the commit that shows them comes last, so that a
repository never holds half of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationDelete,
    HfApi,
    get_hf_file_metadata,
    get_token,
    hf_hub_download,
    hf_hub_url,
)
from huggingface_hub.errors import (
    EntryNotFoundError,
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
)
from huggingface_hub.hf_api import RepoFile

from calm.errors import CalmError
from calm.models.hub import limit_waiting

Kind = Literal["model", "dataset"]
NOT_ALLOWED = (401, 402, 403)


@dataclass(frozen=True)
class Sent:
    """What an upload made."""

    url: str
    """The repository's address."""
    is_private: bool
    commit: str


def send(
    name: str,
    kind: Kind,
    content: Mapping[str, bytes | Path],
    summary: str,
    is_public: bool,
    told: Callable[[str], None] = lambda path: None,
    gone: Sequence[str] = (),
    token: str | None = None,
) -> Sent:
    """Put files into a repository, which is made where there is none, and return where they are.

    Files of before that have other names stay, but those that are `gone`. `told` gets the name of
    each file whose content is with the Hub. Without a token it is sent with this machine's own.
    Raises CalmError where nobody has signed in, where the repository is public and that was not
    asked for, and where the Hub refuses or is out of reach.
    """
    token = token or own_token(name)
    limit_waiting()
    api = HfApi(token=token)
    try:
        api.create_repo(name, repo_type=kind, private=not is_public, exist_ok=True)
        is_private = bool(api.repo_info(name, repo_type=kind).private)
        if not (is_private or is_public):
            raise CalmError("hub.is-public", name=name)
        files = [CommitOperationAdd(path, _given(inside)) for path, inside in content.items()]
        for file in files:
            api.preupload_lfs_files(name, [file], repo_type=kind, free_memory=False)
            told(file.path_in_repo)
        removed = [CommitOperationDelete(path) for path in gone]
        made = api.create_commit(name, [*files, *removed], commit_message=summary, repo_type=kind)
    except CalmError:
        raise
    except Exception as error:  # what a library of web requests raises when anything goes wrong
        raise _not_sent(name, error, token) from None
    return Sent(_address(api.endpoint, name, kind), is_private, made.oid)


def own_token(name: str) -> str:
    """Return the token of this machine: `HF_TOKEN`, or what `hf auth login` has kept.

    Raises CalmError, which says what was to be written, where there is none.
    """
    token = get_token()
    if token is None:
        raise CalmError("hub.not-signed-in", name=name)
    return token


def fetch(name: str, kind: Kind, file: str, most_bytes: int) -> Path:
    """Return one file of a repository, fetched unless it is here already.

    Raises CalmError where it is not there, is larger than allowed, or cannot be had.
    """
    limit_waiting()
    try:
        about = get_hf_file_metadata(hf_hub_url(name, file, repo_type=kind))
        if about.size is None or about.size > most_bytes:
            raise CalmError("archive.too-large-file", name=file, megabytes=most_bytes >> 20)
        return Path(hf_hub_download(name, file, repo_type=kind, revision=about.commit_hash))
    except CalmError:
        raise
    except HFValidationError:
        raise CalmError("hub.bad-name", name=repr(name)) from None
    except (RepositoryNotFoundError, EntryNotFoundError):
        raise CalmError("hub.no-run", name=name, file=file) from None
    except Exception as error:  # as above
        raise CalmError("hub.not-fetched", name=name, reason=_reason(error)) from None


def listed(name: str, kind: Kind, token: str) -> dict[str, int]:
    """Return the files of a repository with their bytes, none where there is no repository yet.

    Raises CalmError where that cannot be found out.
    """
    limit_waiting()
    try:
        tree = HfApi(token=token).list_repo_tree(name, repo_type=kind, recursive=True)
        return {entry.path: entry.size for entry in tree if isinstance(entry, RepoFile)}
    except RepositoryNotFoundError:
        return {}
    except HFValidationError:
        raise CalmError("hub.bad-name", name=repr(name)) from None
    except Exception as error:  # as above
        reason = _reason(error).replace(token, "...")
        raise CalmError("hub.not-fetched", name=name, reason=reason) from None


def fetch_into(name: str, kind: Kind, files: Iterable[str], folder: Path, token: str) -> None:
    """Put files of a repository into a folder, under their paths; raises CalmError as `listed`."""
    limit_waiting()
    try:
        for file in files:
            hf_hub_download(name, file, repo_type=kind, token=token, local_dir=folder)
    except Exception as error:  # as above
        reason = _reason(error).replace(token, "...")
        raise CalmError("hub.not-fetched", name=name, reason=reason) from None


def _given(content: bytes | Path) -> bytes | str:
    return content if isinstance(content, bytes) else str(content)


def _address(endpoint: str, name: str, kind: Kind) -> str:
    return f"{endpoint}/datasets/{name}" if kind == "dataset" else f"{endpoint}/{name}"


def _not_sent(name: str, error: Exception, token: str) -> CalmError:
    """Return what a person can do; the token is never in it, whatever a library says."""
    reason = _reason(error).replace(token, "...")
    if isinstance(error, HFValidationError):
        return CalmError("hub.bad-name", name=repr(name))
    if isinstance(error, HfHubHTTPError) and error.response.status_code in NOT_ALLOWED:
        return CalmError("hub.not-allowed", name=name, reason=reason)
    return CalmError("hub.broken-off", name=name, reason=reason)


def _reason(error: Exception) -> str:
    cause = error.__cause__ if isinstance(error, RuntimeError) and error.__cause__ else error
    return str(cause).strip().split("\n", 1)[0][:300]
