"""The command that writes a task for an evaluation harness."""

import argparse
from typing import Any

from calm.cli.flags import add_command, add_settings
from calm.errors import CalmError


def export_task(options: argparse.Namespace) -> None:
    from pathlib import Path

    from calm.exchange.harness import export_task_of_run, export_task_of_set
    from calm.runs.folder import open_run
    from calm.settings import config_of

    folder = Path(options.to)
    names = ("question_set", "languages", "columns")
    given = {name: v for name in names if (v := getattr(options, name)) is not None}
    if options.run and given:
        raise CalmError("command.questions-with-run")
    if options.run:
        print(export_task_of_run(open_run(options.run), options.form, folder))
    else:
        print(export_task_of_set(config_of(given), options.form, folder))


def add_export_task(added: Any) -> None:
    """Add the command `export-task`."""
    text = "write held-out questions as a task that an evaluation harness gives our accuracy on"
    command = add_command(added, "export-task", export_task, text)
    command.add_argument(
        "run",
        metavar="RUN",
        nargs="?",
        help="its held-out questions, as it asks them; left out, those of a question set",
    )
    command.add_argument("--form", choices=("lm-eval", "lighteval"), required=True)
    command.add_argument("--to", metavar="FOLDER", required=True)
    add_settings(command, "question_set", "languages", "columns")
