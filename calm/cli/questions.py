"""The command `questions`: choose those of a run, list public sets, export or check a set."""

import argparse
from typing import Any

from calm.cli.flags import add_command, add_preset, add_settings
from calm.cli.stages import open_or_create
from calm.cli.terminal import supervised_here


def select_questions(options: argparse.Namespace) -> None:
    from calm.pipeline.align import run_stage

    run = open_or_create(options)
    supervised_here(run, lambda context: run_stage("questions", context))


def export_questions(options: argparse.Namespace) -> None:
    import sys

    from calm.config import BUILT_IN, DEFAULT_LANGUAGES
    from calm.questions.public_load import load_public
    from calm.questions.public_sets import is_public
    from calm.questions.sets import export_rows, load_questions

    name, languages = options.question_set or BUILT_IN, options.languages or DEFAULT_LANGUAGES
    rows = load_questions(name, languages, options.columns or "")
    for line in export_rows(rows):
        print(line)
    for said in load_public(name, languages).said if is_public(name) else ():
        print(f"note: {said}", file=sys.stderr)


def list_sets(options: argparse.Namespace) -> None:
    from calm.questions.public_sets import SETS, described

    print("\n".join(line for made in SETS.values() for line in described(made)))


def check_questions_file(options: argparse.Namespace) -> None:
    from pathlib import Path

    from calm.questions.columns import said_columns
    from calm.questions.sets import by_id, check_question_file

    found, hints = check_question_file(Path(options.file), options.columns or "")
    for hint in hints:
        print(f"note: {hint}")
    parts = said_columns(found.sheet, found.columns).split(",")
    print(f"read as: {','.join(part for part in parts if not part.endswith('='))}")
    languages = ", ".join(sorted(found.languages))
    print(f"{options.file}: {len(by_id(found.questions))} questions in {languages}, all good")


def add_questions(added: Any) -> None:
    text = "choose the questions of a run; list public sets; export or check a set"
    group = added.add_parser("questions", help=text, description=text)
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION")
    select = add_command(actions, "select", select_questions, "make a run and choose its questions")
    select.add_argument("run", metavar="RUN")
    add_preset(select)
    add_settings(select)
    text = "list public question sets with their licences, languages and tasks of harnesses"
    add_command(actions, "sets", list_sets, text)
    export = add_command(actions, "export", export_questions, "print a question set as JSON lines")
    add_settings(export, "question_set", "languages", "columns")
    check = add_command(
        actions,
        "check",
        check_questions_file,
        "check a question file and say what is wrong",
    )
    check.add_argument("file", metavar="FILE")
    add_settings(check, "columns")
