"""The command `damage`: look for what an alignment may have harmed, and print what was found."""

import argparse
from typing import TYPE_CHECKING, Any

from calm.cli.flags import add_command
from calm.cli.terminal import supervised_here
from calm.errors import CalmError

if TYPE_CHECKING:
    from calm.pipeline.context import Context

TEXT = "look for what the alignment may have harmed, and print it"


def damage(options: argparse.Namespace) -> None:
    import json
    from dataclasses import asdict

    from calm.evaluation.damage_report import damage_report, verdict_in_words
    from calm.pipeline.stage_damage import Wanted, forget, is_looked_at, want
    from calm.runs.folder import open_run

    run = open_run(options.run)
    codes = tuple(filter(None, (options.languages or "").split(",")))
    if codes and not options.set:
        raise CalmError("command.languages-without-set")
    asked = options.whole or options.set or options.redo
    if run.is_opened and (asked or not run.has("damage")):
        raise CalmError("run.only-replayed", run=run.name)
    if asked or (is_looked_at(run) and not run.has("damage")):
        want(run, Wanted(options.whole, options.set or "", codes))
        if options.redo:
            forget(run)
    if not is_looked_at(run):
        supervised_here(run, look)
    found = run.rows("damage")
    if options.json:
        rows = [asdict(row) for row in found]
        print(json.dumps({"verdict": verdict_in_words(found), "findings": rows}))
    else:
        print(damage_report(found))


def look(context: "Context") -> None:
    """Do the stage `damage`; a run that was finished is so again."""
    from calm.messages import message
    from calm.pipeline.align import run_stage
    from calm.pipeline.stages import LAST, STAGES

    run_stage("damage", context)
    if STAGES[LAST].is_done(context.run):
        context.run.set_status(LAST, "done", 1, 1, message("status.finished"))


def add_damage(added: Any) -> None:
    """Add the command `damage`."""
    command = add_command(added, "damage", damage, TEXT)
    command.add_argument("run", metavar="RUN")
    command.add_argument(
        "--whole",
        action="store_true",
        help="ask all questions; without, a part of them, once, as `align` does by itself",
    )
    command.add_argument(
        "--set",
        metavar="SET",
        help="another question set to ask, as `align` takes them: what it holds out, of another "
        "domain, or in languages that were not trained on",
    )
    command.add_argument(
        "--languages", metavar="CODES", help="those of the set to ask in (default: all it has)"
    )
    command.add_argument(
        "--redo", action="store_true", help="ask everything again, also what was asked before"
    )
    command.add_argument("--json", action="store_true", help="as one JSON object")
