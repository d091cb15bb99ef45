"""The command `translations`: what a run was translated to, to be looked at and corrected."""

import argparse
from typing import Any

from calm.cli.flags import add_command


def translations(options: argparse.Namespace) -> None:
    from pathlib import Path

    from calm.pipeline.corrections import (
        correct,
        read_translations,
        translations_of,
        write_translations,
    )
    from calm.runs.folder import open_run

    run = open_run(options.run)
    if options.read:
        changed = correct(run, read_translations(Path(options.read)), options.read)
        print(f"{changed} translations corrected; `python -m calm align {options.run}` goes on")
        return
    found = translations_of(run)
    if options.write:
        write_translations(found, Path(options.write))
        print(f"{options.write}: {len(found)} translations; correct `text` and `choices`")
        return
    for row in found:
        said = row.text or row.reason
        print(f"{row.original.id}  {row.language}  {row.source or 'left out'}  {said}")
    left_out = sum(row.source is None for row in found)
    print(f"{left_out} of {len(found)} translations left out")


def add_translations(added: Any) -> None:
    """Add the command `translations`."""
    text = "list a run's translations and those left out; write them to a file, read corrected ones"
    command = add_command(added, "translations", translations, text)
    command.add_argument("run", metavar="RUN")
    way = command.add_mutually_exclusive_group()
    way.add_argument(
        "--export", dest="write", metavar="FILE", help="a CSV or JSONL file to correct them in"
    )
    way.add_argument(
        "--import",
        dest="read",
        metavar="FILE",
        help="put the texts of this file in their place; the run asks these questions anew",
    )
