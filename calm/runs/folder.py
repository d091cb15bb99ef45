"""The run folder: all that one alignment did; pages and commands only read it, and so agree."""

import dataclasses
import functools
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from calm.checked import is_beyond, problem_of
from calm.config import FORMAT_VERSION, RunConfig
from calm.errors import NO_ROOM, CalmError
from calm.fixes import FILES as OF_PATCHES
from calm.messages import Message, message
from calm.paths import calm_home
from calm.probes import Damage, Probed
from calm.reading import Passage
from calm.records import (
    Ballot,
    Comparison,
    Evaluation,
    LanguageWeight,
    ModelRecord,
    PairEdit,
    PreferencePair,
    Question,
    Response,
    Round,
    Score,
    State,
    Status,
    TrlSettings,
    Untranslated,
    Vote,
)
from calm.runs.old_settings import in_todays_names

if TYPE_CHECKING:
    from pandas import DataFrame

Row = TypeVar("Row")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
MODEL = "model.json"
OPENED = "opened.json"
"""Marks a run that came from an archive (see `calm.exchange.archive`)."""

FILES: dict[str, type[Any]] = {
    "questions": Question,
    "translations": Question,
    "untranslated": Untranslated,
    "passages": Passage,
    "responses": Response,
    "answers": Response,
    "weights": LanguageWeight,
    "votes": Vote,
    "ballots": Ballot,
    "pairs": PreferencePair,
    "trl_settings": TrlSettings,
    "pair_edits": PairEdit,
    "evaluations": Evaluation,
    "efficacy": Evaluation,
    "without_passages": Evaluation,
    "scores": Score,
    "rounds": Round,
    "damage_answers": Probed,
    "damage": Damage,
    "comparisons": Comparison,
    **OF_PATCHES,
}
"""The typed files of a run, by the name before `.jsonl`. `metrics` holds what TRL logs."""


@dataclasses.dataclass(frozen=True)
class Run:
    """A run folder that exists."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def adapter(self) -> Path:
        """Where the trained adapter lies; the folder appears when training has finished."""
        return self.folder / "adapter"

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"

    @property
    def is_opened(self) -> bool:
        """Whether it came from an archive: a record of what happened elsewhere."""
        return (self.folder / OPENED).is_file()

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.jsonl"

    def has(self, name: str) -> bool:
        return self.path(name).is_file()

    @functools.cached_property
    def config(self) -> RunConfig:
        """Its settings; raises CalmError where they are broken or of another version."""
        return read_config(self.folder / "config.json")

    def rows(self, name: str) -> list[Any]:
        """Return the rows of a typed file, none where it is missing.

        A last line without its line end was being written when the run was stopped: it is left
        out. Raises CalmError, naming file and line, for any other line that cannot be read.
        """
        return list(self._rows(name))

    def _rows(self, name: str) -> Iterator[Any]:
        path = self.path(name)
        if not path.is_file():
            return
        adapter = _adapter(FILES[name])
        with path.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                if not line.endswith(b"\n"):
                    return
                try:
                    yield adapter.validate_json(line)
                except ValidationError as error:
                    raise CalmError(
                        "run-file.in-line", path=path, line=number, problem=first_problem(error)
                    ) from None

    def append(self, name: str, rows: Iterable[Any]) -> None:
        """Add rows in one write, behind the last whole line of the file."""
        self._append_text(name, "".join(to_json(row) + "\n" for row in rows))

    def append_json(self, name: str, row: dict[str, Any]) -> None:
        """Add a row that has no type of its own, such as what TRL logs."""
        self._append_text(name, json.dumps(row, ensure_ascii=False) + "\n")

    def _append_text(self, name: str, text: str) -> None:
        path = self.path(name)
        cut_torn_line(path)
        with path.open("a", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())

    def write(self, name: str, rows: Iterable[Any]) -> None:
        """Put the rows in the file's place all at once: it never holds half of them."""
        write_whole(self.path(name), (to_json(row) + "\n" for row in rows))

    def metrics(self) -> list[dict[str, float]]:
        """Return what TRL logged, one row a step, under TRL's own names."""
        path = self.path("metrics")
        if not path.is_file():
            return []
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def to_pandas(self, name: str) -> "DataFrame":
        """Return one of the run's tables: a row a record, a column a field, in their order.

        `name` is one of `FILES`, or `metrics`; raises CalmError for another, and as `rows` does. A
        table that was not written yet has no rows. Whole numbers that may lack are `Int64`, other
        numbers `float64`; a share is from 0 to 1.
        """
        from calm.runs.frames import frame_of, frame_of_metrics

        if name == "metrics":
            return frame_of_metrics(self.metrics())
        return frame_of(name, FILES, self.rows)

    def model_record(self) -> ModelRecord | None:
        """Return which model the run used; `None` before it was loaded for the first time."""
        path = self.folder / MODEL
        try:
            return from_json(ModelRecord, path.read_bytes())
        except FileNotFoundError:
            return None

    def write_model_record(self, record: ModelRecord) -> None:
        text = json.dumps(dataclasses.asdict(record), indent=1, ensure_ascii=False)
        write_whole(self.folder / MODEL, text + "\n")

    def status(self) -> Status:
        """Return how far the run is."""
        path = self.folder / "status.json"
        try:
            return _adapter(Status).validate_json(path.read_bytes())  # type: ignore[no-any-return]
        except FileNotFoundError:
            return Status("questions", "queued", 0, 0, message("status.not-started"), 0.0, 0.0)
        except ValidationError as error:
            raise CalmError("run-file.delete", path=path, problem=first_problem(error)) from None

    def set_status(
        self,
        stage: str,
        state: State,
        done: int = 0,
        total: int = 0,
        message: Message | str = "",
        rate: float = 0.0,
    ) -> None:
        """Record how far the run is."""
        row = Status(stage, state, done, total, message, rate, time.time())
        file, text = self.folder / "status.json", to_json(row) + "\n"
        try:
            write_whole(file, text)
        except OSError as error:
            if error.errno not in NO_ROOM or not file.is_file():
                raise
            _write_over(file, text)


def runs_folder() -> Path:
    return calm_home() / "runs"


def run_path(name: str) -> Path:
    """Return the folder that a run's name or path stands for.

    A bare name lies under `CALM_HOME`; anything with a separator is a path of its own.
    """
    if os.sep in name or name in (".", ".."):
        return Path(name).expanduser().absolute()
    if not NAME.fullmatch(name):
        raise CalmError("run.bad-name-or-path", name=repr(name))
    return runs_folder() / name


def create_run(name: str, config: RunConfig) -> Run:
    """Make the folder with its settings and return it.

    Raises CalmError where there is one of that name with other settings: a run keeps its own; and
    where something else has that name. An empty folder is taken.
    """
    folder = run_path(name)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    if folder.exists():
        if not (folder / "config.json").is_file():
            raise CalmError("run.no-run-there", folder=folder)
        run = open_run(name)
        if run.config != config:
            raise CalmError("run.other-settings", folder=folder)
        return run
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    work.chmod(0o755)
    _write_config(work, config)
    work.rename(folder)
    return Run(folder)


def with_settings(run: Run, config: RunConfig) -> Run:
    """Give a run other settings and return it with them; what they change is to be made again."""
    _write_config(run.folder, config)
    return Run(run.folder)


def _write_config(folder: Path, config: RunConfig) -> None:
    text = json.dumps(dataclasses.asdict(config), indent=2, ensure_ascii=False)
    write_whole(folder / "config.json", text + "\n")


def open_run(name: str) -> Run:
    """Return the run of that name or path, its settings checked.

    Raises CalmError where there is none, or where it is of another version.
    """
    folder = run_path(name)
    if not (folder / "config.json").is_file():
        raise CalmError("run.none", folder=folder, name=name)
    run = Run(folder)
    run.config  # noqa: B018 - reading it checks it
    return run


def list_runs() -> list[Run]:
    """Return the readable runs under `CALM_HOME`, the newest first."""
    folders = [path.parent for path in runs_folder().glob("[!.]*/config.json")]
    folders.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
    return [Run(folder) for folder in folders if _is_readable(folder)]


def rename_run(run: Run, name: str) -> Run:
    """Give the run another name, where it lies; return it under that name.

    Raises CalmError where the name is taken or cannot be one. A run that is being aligned must
    not be renamed (see `calm.runs.jobs.check_idle`): its process would look for it in vain.
    """
    if not NAME.fullmatch(name):
        raise CalmError("run.bad-name", name=repr(name))
    target = run.folder.with_name(name)
    if target.exists():
        raise CalmError("run.name-taken", name=name)
    run.folder.rename(target)
    return Run(target)


def delete_run(run: Run) -> None:
    shutil.rmtree(run.folder)


def read_config(path: Path) -> RunConfig:
    """Read `config.json`; raises CalmError for another version or a setting that cannot be."""
    try:
        raw = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CalmError("file.unreadable", path=path, reason=error) from None
    version = raw.get("version") if isinstance(raw, dict) else None
    if version != FORMAT_VERSION:
        raise CalmError(
            "run.other-version", folder=path.parent, version=version, ours=FORMAT_VERSION
        )
    try:
        now = in_todays_names(raw)
        return _adapter(RunConfig).validate_python(now)  # type: ignore[no-any-return]
    except ValidationError as error:
        if is_beyond(error):
            raise problem_of(error, RunConfig) from None
        raise CalmError("run-file.problem", path=path, problem=first_problem(error)) from None


def to_json(row: Any) -> str:
    """Return a record as one line of JSON, its fields in their order."""
    return json.dumps(vars(row), ensure_ascii=False, default=dataclasses.asdict)


def from_json(kind: type[Row], line: str | bytes) -> Row:
    """Read a record back; raises CalmError where it is not one."""
    try:
        return _adapter(kind).validate_json(line)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise CalmError("record.other", kind=kind.__name__, problem=first_problem(error)) from None


def first_problem(error: ValidationError) -> str:
    """Return the first thing wrong, as `field: what`."""
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    return f"{field}: {first['msg']}" if field else str(first["msg"])


def write_whole(path: Path, text: str | Iterable[str]) -> None:
    """Replace a file at once, so that a reader sees the old or the new text, never a part.

    A text in parts is written as they come, and never whole in memory.
    """
    work = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with work.open("w", encoding="utf-8") as stream:
            stream.writelines([text] if isinstance(text, str) else text)
            stream.flush()
            os.fsync(stream.fileno())
        work.replace(path)
    finally:
        work.unlink(missing_ok=True)


def _write_over(path: Path, text: str) -> None:
    """Write a short text into a file that has its room already: a full disk takes no new one."""
    with path.open("r+b") as stream:
        stream.write(text.encode())
        stream.truncate()
        stream.flush()
        os.fsync(stream.fileno())


def cut_torn_line(path: Path) -> None:
    """Remove a last line that has no line end: its writer was stopped in the middle."""
    text = path.read_bytes() if path.is_file() else b""
    if text and not text.endswith(b"\n"):
        with path.open("r+b") as stream:
            stream.truncate(text.rfind(b"\n") + 1)


def _is_readable(folder: Path) -> bool:
    try:
        read_config(folder / "config.json")
    except CalmError:
        return False
    return True


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return _ADAPTERS.get(kind) or _ADAPTERS.setdefault(kind, TypeAdapter(kind))
