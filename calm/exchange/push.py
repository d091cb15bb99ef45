"""`push`: what a run has learnt as a repository of the Hugging Face Hub, and a run fetched back.

A model repository holds the adapter's package (see `calm.exchange.adapter_package`), or the whole
model with the adapter merged into it (see `calm.exchange.model_folder`); a data set
holds the pairs, the responses with their answers, the questions, the ballots that were trained on,
a card, and the run without its adapter as an archive. Which files those are is known before
anything is sent, so that all of it can be looked at first.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from calm.ballots.export import export_ballots
from calm.errors import CalmError
from calm.exchange.adapter_base import HUB_ID
from calm.exchange.adapter_package import package_texts
from calm.exchange.archive import MOST_BYTES, pack, unpack
from calm.exchange.dataset_card import dataset_card
from calm.exchange.model_folder import write_model
from calm.model_names import WEIGHTS
from calm.pairs.edits import training_pairs
from calm.records import PreferencePair, Question, Response
from calm.runs.folder import Run
from calm.runs.jobs import check_idle

if TYPE_CHECKING:
    from calm.models.hub_repositories import Sent

What = Literal["adapter", "dataset", "merged"]
WHAT: tuple[What, ...] = get_args(What)
SUMMARIES: dict[What, str] = {"adapter": "adapter", "dataset": "data", "merged": "merged model"}
ARCHIVE = "run.zip"
"""The run, in its data set."""
ON_HUB = "hf:"
"""Begins the name of a run's data set on the Hub, where a file could be meant too."""
CARD_LINES = 12


@dataclass(frozen=True)
class Parcel:
    """All that would be sent."""

    name: str
    """The repository, as `owner/name`."""
    what: What
    content: dict[str, bytes | Path]
    """By path in the repository: the content, or the file that has it."""

    @property
    def sizes(self) -> dict[str, int]:
        """In bytes, by path."""
        return {path: _size(content) for path, content in sorted(self.content.items())}

    def text(self, path: str) -> str:
        """Return the content of a text file in it."""
        content = self.content[path]
        return (content if isinstance(content, bytes) else content.read_bytes()).decode()


@contextmanager
def parcel(run: Run, name: str, what: What) -> Iterator[Parcel]:
    """Give what would be sent; files that are made for it are gone when the block ends.

    Raises CalmError while the run is being aligned, where it has nothing to send yet, for a name
    that no repository can have, and for what is none of `WHAT`.
    """
    if not HUB_ID.fullmatch(name):
        raise CalmError("hub.bad-name", name=repr(name))
    if what not in WHAT:
        raise CalmError("hub.bad-what", what=repr(what), choices=", ".join(WHAT))
    check_idle(run)
    if what == "adapter":
        texts = package_texts(run, name)
        content: dict[str, bytes | Path] = {path: text.encode() for path, text in texts.items()}
        yield Parcel(name, what, content | {WEIGHTS: run.adapter / WEIGHTS})
        return
    if what == "merged":
        with tempfile.TemporaryDirectory(prefix=".push-", dir=run.folder.parent) as made:
            folder = Path(made) / "model"
            write_model(run, "merged", folder, name)
            yield Parcel(name, what, {file.name: file for file in sorted(folder.iterdir())})
        return
    if not run.has("pairs"):
        raise CalmError(
            "export.nothing-yet", folder=run.folder, what="pairs", stage="pairs", run=run.name
        )
    with tempfile.TemporaryDirectory(prefix=".push-", dir=run.folder.parent) as work:
        yield Parcel(name, what, _dataset(run, name, Path(work)))


def _dataset(run: Run, name: str, work: Path) -> dict[str, bytes | Path]:
    from calm.runs.parquet import write_parquet

    rows = {
        "pairs": write_parquet(work / "pairs.parquet", PreferencePair, training_pairs(run)),
        "responses": write_parquet(
            work / "responses.parquet",
            Response,
            run.rows("answers" if run.has("answers") else "responses"),
        ),
        "questions": write_parquet(
            work / "questions.parquet",
            Question,
            [*run.rows("questions"), *run.rows("translations")],
        ),
    }
    if ballots := run.rows("ballots"):
        export_ballots(ballots, "jsonl", work / "ballots.jsonl")
        rows["ballots"] = len(ballots)
    names = {part: f"{part}.{'jsonl' if part == 'ballots' else 'parquet'}" for part in rows}
    pack(run, work / ARCHIVE, with_adapter=False)
    files: dict[str, bytes | Path] = {file: work / file for file in (*names.values(), ARCHIVE)}
    return files | {"README.md": dataset_card(run, rows, names, name).encode()}


def in_words(parcel: Parcel, is_public: bool) -> str:
    """Return what would be sent: every path with its size, and how the card begins."""
    sizes = parcel.sizes
    kind = "data set" if parcel.what == "dataset" else "model"
    seen = "public" if is_public else "private"
    width = max(map(len, sizes))
    card = parcel.text("README.md").splitlines()
    shown = [line if len(line) <= 100 else line[:97] + "..." for line in card[:CARD_LINES]]
    return "\n".join(
        [
            f"{parcel.name}, a {seen} {kind} on the Hugging Face Hub: "
            f"{len(sizes)} files, {sum(sizes.values()) / 1e6:.2f} MB",
            *(f"  {path:{width}}  {size:>12,} bytes" for path, size in sizes.items()),
            f"README.md, the first of {len(card)} lines:",
            *(f"  {line}" for line in shown),
        ]
    )


def push(
    run: Run,
    parcel: Parcel,
    is_public: bool = False,
    told: Callable[[str], None] = lambda path: None,
    token: str | None = None,
) -> "Sent":
    """Send a parcel, with this machine's own token where none is given.

    Raises CalmError as `calm.models.hub_repositories.send` does.
    """
    from calm.models.hub_repositories import send

    kind: Literal["model", "dataset"] = "dataset" if parcel.what == "dataset" else "model"
    summary = f"The {SUMMARIES[parcel.what]} of {run.name}"
    return send(parcel.name, kind, parcel.content, summary, is_public, told, token=token)


def open_from_hub(name: str, new_name: str | None = None) -> Run:
    """Make a run of a data set that `push` made, checked as every archive is, and return it.

    Raises CalmError where there is none, and as `calm.exchange.archive.unpack` does.
    """
    from calm.models.hub_repositories import fetch

    return unpack(fetch(name, "dataset", ARCHIVE, MOST_BYTES), new_name)


def _size(content: bytes | Path) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size
