"""The command line. Each command imports what it needs when it is called, so that help is quick."""

import argparse
import os
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from calm.cli.ballots import add_ballots
from calm.cli.fix import add_fix
from calm.cli.hub import add_push
from calm.cli.models import add_models
from calm.cli.pairs import add_lint
from calm.cli.questions import add_questions
from calm.cli.runs import add_import, add_report, add_runs
from calm.cli.several import add_several
from calm.cli.stages import add_align, add_stages
from calm.cli.study import add_study
from calm.cli.tasks import add_export_task
from calm.cli.terminal import StoppedBySignal
from calm.cli.translations import add_translations
from calm.errors import CalmError, as_line, disk_problem

STOPPED = 130


def main(arguments: Sequence[str]) -> int:
    """Run one command; return 0, 2 for a problem the user can fix, 130 when stopped."""
    options = parser().parse_args(arguments)
    try:
        options.do(options)
    except CalmError as error:
        print(f"calm: {as_line(error)}", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, StoppedBySignal):
        print("calm: stopped; the same command goes on from here", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, sqlite3.Error) as error:
        problem = disk_problem(error)
        if problem is None:
            raise
        print(f"calm: {as_line(problem)}", file=sys.stderr)
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of all"""
    top = argparse.ArgumentParser(
        prog=_called(),
        description="Make a language model answer the same in every language: sample, vote, align.",
        epilog="RUN is a name, kept under $CALM_HOME/runs, or a path with a slash. "
        f"`{_called()} COMMAND --help` tells more.",
    )
    added = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_align(added)
    add_questions(added)
    add_import(added)
    add_stages(added)
    add_study(added)
    add_fix(added)
    add_translations(added)
    add_lint(added)
    add_runs(added)
    add_export_task(added)
    add_push(added)
    add_ballots(added)
    add_report(added)
    add_several(added)
    add_models(added)
    return top


def _called() -> str:
    """Return how the program was called: by its command, or as a module."""
    return "calm" if Path(sys.argv[0]).stem == "calm" else "python -m calm"
