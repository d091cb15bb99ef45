"""The command `study`: a plan of alignments, done one by one, and its report."""

import argparse
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calm.cli.flags import add_command
from calm.cli.runs import written_by
from calm.cli.stages import STAGE_HELP
from calm.cli.terminal import StoppedBySignal, say
from calm.errors import CalmError
from calm.messages import LANGUAGES

if TYPE_CHECKING:
    from calm.messages import Message
    from calm.study.folder import Study


def study(options: argparse.Namespace) -> None:
    """Do a study, or say what it would do."""
    from calm.pipeline.context import Stopped
    from calm.study.report import write_report
    from calm.study.work import do_study

    if options.dry_run:
        print(_foreseen(options))
        return
    found = _study_of(options)
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: asked.append(number))
    say(f"study: {found.folder}")
    try:
        do_study(
            found,
            options.until or "",
            say,
            lambda: bool(asked),
            after=(write_report, lambda it: _write_html(it, options.language)),
        )
    except Stopped:
        raise StoppedBySignal from None
    finally:
        if found.report("md").is_file() and not asked:
            print(found.report("md").read_text(encoding="utf-8"))


def _study_of(options: argparse.Namespace) -> "Study":
    """Return the study that was named: a plan's, made where there is none yet, or one by name."""
    from calm.study.folder import create_study, open_study, study_at
    from calm.study.plan import read_plan

    named = Path(options.plan)
    if named.is_dir():
        return study_at(named)
    if not named.suffix and not named.exists():
        return open_study(options.plan)
    return create_study(read_plan(named, options.name or ""), options.resume)


def _foreseen(options: argparse.Namespace) -> str:
    from calm.study.folder import open_study
    from calm.study.foresee import foreseen
    from calm.study.plan import read_plan

    named = Path(options.plan)
    by_name = not named.suffix and not named.exists()
    plan = open_study(options.plan).plan if by_name else read_plan(named, options.name or "")
    return foreseen(plan)


def _write_html(found: "Study", code: str) -> None:
    file = found.report("html")

    def failed(reason: "Message | str") -> CalmError:
        return CalmError("report.not-written", file=file, reason=reason)

    written_by("ui.study", [str(found.folder), str(file), "--language", code], failed)
    say(f"study: {file}")


def add_study(added: Any) -> None:
    """Add the command `study`."""
    text = "try settings against each other by a plan, in runs that share what they can, and report"
    command = add_command(added, "study", study, text)
    command.add_argument(
        "plan", metavar="PLAN", help="a YAML file, or the name of a study that has begun"
    )
    command.add_argument("--name", metavar="NAME", help="of the study; the file's where left out")
    command.add_argument(
        "--resume",
        action="store_true",
        help="go on with a plan that was changed; runs that both plans have are kept",
    )
    command.add_argument(
        "--until",
        metavar="STAGE",
        choices=("questions", *STAGE_HELP),
        help="end each run after this stage",
    )
    command.add_argument(
        "--dry-run",
        action="store_true",
        help="print the runs, what they share and how long they take, and do nothing",
    )
    command.add_argument(
        "--language", choices=LANGUAGES, default="en", help="of report.html (default en)"
    )
