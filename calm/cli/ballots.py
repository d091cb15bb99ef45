"""The command `ballots`: count or write what people voted."""

import argparse
from typing import Any

from calm.cli.flags import add_command


def tally_ballots(options: argparse.Namespace) -> None:
    import json
    from dataclasses import asdict

    from calm.ballots.box import BallotBox
    from calm.ballots.tally import tally, tally_table

    shares = tally(BallotBox().all())
    print(json.dumps([asdict(row) for row in shares]) if options.json else tally_table(shares))


def export_ballots(options: argparse.Namespace) -> None:
    from pathlib import Path

    from calm.ballots.box import BallotBox
    from calm.ballots.export import export_ballots

    print(export_ballots(BallotBox().anonymous(), options.format, Path(options.output)))


def add_ballots(added: Any) -> None:
    text = "count or write what people voted in the app"
    group = added.add_parser("ballots", help=text, description=text)
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION")
    tally = add_command(
        actions,
        "tally",
        tally_ballots,
        "print how people voted, with 95 percent intervals",
    )
    tally.add_argument("--json", action="store_true", help="as a JSON list")
    export = add_command(
        actions, "export", export_ballots, "write all ballots, their voters hashed"
    )
    export.add_argument(
        "--format", default="csv", metavar="FORMAT", help="csv (default), jsonl or pairs"
    )
    export.add_argument("-o", "--output", metavar="FILE", required=True)
