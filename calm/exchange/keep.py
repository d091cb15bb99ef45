"""What outlives this machine: runs, ballots and asked questions, kept somewhere else as well.

The disk of a Hugging Face Space is emptied when it restarts. So everything is done here, and what
changed is sent, again and again, to a private data set repository of the Hub, or copied to a
folder, such as one that a storage bucket is mounted at; at the start it is fetched back. Such a
place may show a change late, and takes one writer alone: it is never worked in. What comes from it
is checked as an archive is, and a run that was in the middle goes on.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from calm.asking.store import AskedStore, from_line, read_asked
from calm.ballots.box import BallotBox
from calm.config import MOST_ROUNDS
from calm.errors import CalmError
from calm.exchange.archive import ADAPTER, MB
from calm.exchange.archive import LIMITS as ARCHIVED
from calm.exchange.check import check_asked, check_run
from calm.exchange.check_adapter import check_archived_adapter
from calm.exchange.places import Place
from calm.paths import calm_home
from calm.pipeline.stage_damage import WANTED
from calm.records import Ballot
from calm.runs.events import EVENTS
from calm.runs.folder import NAME, OPENED, Run, from_json, runs_folder, to_json
from calm.runs.jobs import UNTIL_FILE, is_running
from calm.runs.rounds import FOLDER as ROUNDS
from calm.runs.rounds import OWN_FILES as OF_A_ROUND
from calm.runs.rounds import part_of
from calm.training.checkpoint import FILES as OF_CHECKPOINT
from calm.training.checkpoint import FOLDER as CHECKPOINT

LIMITS: dict[str, int] = {
    **ARCHIVED,
    OPENED: MB,
    UNTIL_FILE: 64,
    WANTED: MB,
    "log.txt": 64 * MB,
    f"{EVENTS}.jsonl": 64 * MB,
    **{
        f"{ROUNDS}/{number}/{name}": ARCHIVED[name]
        for number in range(1, MOST_ROUNDS)
        for name in (*(f"{file}.jsonl" for file in OF_A_ROUND), *ADAPTER)
    },
    **{f"{CHECKPOINT}/{name}": 1024 * MB for name in OF_CHECKPOINT},
}
"""Every file of a run that is kept, and the most bytes of each."""
BALLOTS, ASKED = "ballots.jsonl", "asked.jsonl"
MOST_ASKED_BYTES = 32 * MB
MOST_LINES_BYTES = 256 * MB
RUNS, STATUS = "runs/", "status.json"
LOOK_AGAIN_SECONDS = 300.0
"""A run that works is kept at each stage and each checkpoint, and every so many seconds."""


class Keeper:
    """Keeps what this app makes at a place, and fetches it back; one thread alone uses it."""

    def __init__(
        self,
        place: Place,
        box: BallotBox,
        store: AskedStore,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.place, self._box, self._store, self._clock = place, box, store, clock
        self.kept_at: float | None = None
        """When all was there last, in seconds since the epoch."""
        self.problem: CalmError | None = None
        """Why not all is there now; `None` where it is."""
        self.left_out: CalmError | None = None
        """What lies there that was not fetched, as it is not as it should be."""
        self.is_restored = False
        self._there: set[str] = set()
        """The files of ours that are there."""
        self._seen: dict[str, object] = {}
        """What each part was like when it was kept last."""

    def restore(self) -> list[Run]:
        """Fetch what was kept; return the runs that were being aligned, the newest first.

        What is here already stays as it is, and what is not as it should be is left where it lies,
        with `left_out` saying so. Raises CalmError where the place cannot be read: nothing is kept
        before it was.
        """
        there, self.left_out = self.place.listed(), None
        unfinished = []
        for name in sorted({_run_of(path) for path in there} - {""}):
            begins = f"{RUNS}{name}/"
            own = {p: size for p, size in there.items() if p.removeprefix(begins) in LIMITS}
            if not NAME.fullmatch(name) or f"{begins}config.json" not in own:
                continue
            with self._told_of(name):
                if not (runs_folder() / name).exists():
                    run = self._fetched_run(name, own)
                    if run.status().state in ("queued", "running") and not run.is_opened:
                        unfinished.append(run)
                self._there |= set(own)
        for file, put_back in ((BALLOTS, self._put_back_ballots), (ASKED, self._put_back_asked)):
            if file in there:
                with self._told_of(file):
                    put_back(self._fetched_lines(file, there[file]))
                self._there.add(file)
        self.is_restored = True
        return sorted(unfinished, key=lambda run: -run.status().updated_at)

    def keep(self) -> bool:
        """Send what changed since it was kept last; return whether anything was.

        Raises CalmError where the place does not take it: the next call tries again.
        """
        seen = self._looked()
        changed = [part for part, like in seen.items() if self._seen.get(part) != like]
        removed = [path for path in self._there if _run_of(path) not in ("", *seen)]
        if changed or removed:
            with tempfile.TemporaryDirectory(prefix=".keeping-", dir=calm_home()) as work:
                content: dict[str, bytes | Path] = {}
                for part in changed:
                    content |= self._content(part, Path(work))
                gone = [
                    path
                    for path in self._there
                    if path not in content and (path in removed or _run_of(path) in changed)
                ]
                self.place.send(content, sorted(gone), f"Kept: {', '.join(changed) or 'removals'}")
            self._there = (self._there | set(content)) - set(gone)
            self._seen = seen
        self.kept_at, self.problem = self._clock(), None
        return bool(changed or removed)

    @contextmanager
    def _told_of(self, name: str) -> Iterator[None]:
        """Leave out what is not as it should be, and say so."""
        try:
            yield
        except (CalmError, RecursionError) as error:
            reason = error if isinstance(error, CalmError) else str(error)
            self.left_out = CalmError("keep.left-out", name=name, reason=reason)

    def _looked(self) -> dict[str, object]:
        """Return what each part is like now: one that is the same was not changed."""
        seen: dict[str, object] = {}
        for folder in sorted(runs_folder().glob("[!.]*/config.json")):
            run = Run(folder.parent)
            if not NAME.fullmatch(run.name):
                continue
            if is_running(run):
                status, kept = run.status(), run.folder / CHECKPOINT
                at = kept.stat().st_mtime_ns if kept.is_dir() else 0
                seen[run.name] = (status.stage, at, self._clock() // LOOK_AGAIN_SECONDS)
            else:
                seen[run.name] = [
                    (name, found.st_size, found.st_mtime_ns)
                    for name in LIMITS
                    if (run.folder / name).is_file() and (found := (run.folder / name).stat())
                ]
        for part, file in ((BALLOTS, "ballots.sqlite"), (ASKED, "asked.sqlite")):
            found = (calm_home() / file).stat()
            seen[part] = (found.st_size, found.st_mtime_ns)
        return seen

    def _content(self, part: str, work: Path) -> Mapping[str, bytes | Path]:
        """Return the files of a part as they are now, copied: a run that works writes on."""
        if part == BALLOTS:
            return {BALLOTS: _text(map(to_json, self._box.all()))}
        if part == ASKED:
            return {ASKED: _text(self._store.newest(MOST_ASKED_BYTES))}
        # A stage reads the files of those before it. Copied the last first, and the status before
        # all, no file is older than what was made of it; sent the other way round, too.
        content: dict[str, bytes | Path] = {}
        for name in (STATUS, *(name for name in reversed(LIMITS) if name != STATUS)):
            source, copy = runs_folder() / part / name, work / part / name
            if source.is_file() and source.stat().st_size <= LIMITS[name]:
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, copy)
                content[f"{RUNS}{part}/{name}"] = copy
        return dict(reversed(content.items()))

    def _fetched_run(self, name: str, own: Mapping[str, int]) -> Run:
        for path, size in own.items():
            if size > LIMITS[path.removeprefix(f"{RUNS}{name}/")]:
                raise CalmError("archive.too-many-bytes", name=path)
        runs_folder().mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".fetching-", dir=runs_folder()))
        try:
            self.place.fetch(own, work)
            fetched = work / RUNS / name
            for path, size in own.items():
                if (work / path).stat().st_size != size:
                    raise CalmError("archive.changed-file", name=path)
            _check(Run(fetched))
            fetched.rename(runs_folder() / name)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return Run(runs_folder() / name)

    def _fetched_lines(self, file: str, size: int) -> list[bytes]:
        if size > MOST_LINES_BYTES:
            raise CalmError("archive.too-many-bytes", name=file)
        calm_home().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=calm_home()) as work:
            self.place.fetch([file], Path(work))
            return (Path(work) / file).read_bytes().splitlines()

    def _put_back_ballots(self, lines: Sequence[bytes]) -> None:
        self._box.put_back(from_json(Ballot, line) for line in lines)

    def _put_back_asked(self, lines: Sequence[bytes]) -> None:
        rows = [from_line(line) for line in reversed(lines)]
        for row in rows:
            check_asked(row)
            self._store.keep(row)


def _check(run: Run) -> None:
    """Raise CalmError unless a run that was fetched can be shown, and can go on."""
    run.config  # noqa: B018 - reading it checks it
    check_run(run)
    run.model_record()
    for row in read_asked(run.folder):
        check_asked(row)
    earlier = (part_of(run, number).adapter for number in range(1, MOST_ROUNDS))
    for folder in (run.adapter, run.folder / CHECKPOINT, *earlier):
        if folder.exists():
            check_archived_adapter(folder)


def _run_of(path: str) -> str:
    """Return the run that a file at the place is of, empty for none."""
    return path.split("/")[1] if path.startswith(RUNS) else ""


def _text(lines: Iterator[str] | Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")
