"""The command line. Each command imports what it needs when it is called, so that help is quick."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from calm.cli import commands
from calm.config import SHIPPED_MODEL
from calm.errors import CalmError, as_line
from calm.limits import Limits
from calm.model_names import PACKAGED
from calm.settings import SETTINGS, Setting

STAGE_HELP = {
    "translate": "give every question a version in every language",
    "sample": "draw responses to the training questions in every language",
    "extract": "read the answer out of each response, or none",
    "vote": "count the answers across languages",
    "pairs": "turn votes into preference pairs",
    "train": "train a LoRA adapter on the pairs by DPO",
    "evaluate": "measure accuracy and consistency on held-out questions",
    "compare": "list the held-out answers before and after",
}
STOPPED = 130
FLAGS = {"question_set": "--questions"}
"""Settings whose flag has another name."""
METAVARS = {"model": "NAME", "question_set": "SET", "languages": "CODES"}
FORMS = {
    "question_set": "built-in, xcsqa, a JSONL or CSV file, or a folder of X-CSQA files",
    "languages": "codes, separated by commas",
    "anchor": "a language code",
}
"""How a text is written that is not one of a few."""
IN_WORDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}


def main(arguments: Sequence[str]) -> int:
    """Run one command; return 0, 2 for a problem the user can fix, 130 when stopped."""
    options = parser().parse_args(arguments)
    try:
        options.do(options)
    except CalmError as error:
        print(f"calm: {as_line(error)}", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, commands.StoppedBySignal):
        print("calm: stopped; the same command goes on from here", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser(
        prog=_called(),
        description="Make a language model answer the same in every language: sample, vote, align.",
        epilog="RUN is a name, kept under $CALM_HOME/runs, or a path with a slash. "
        f"`{_called()} COMMAND --help` tells more.",
    )
    added = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    align = _command(
        added, "align", commands.align, "run all stages on a run, or go on where it stopped"
    )
    align.add_argument("run", metavar="RUN")
    align.add_argument(
        "--until",
        metavar="STAGE",
        choices=("questions", *STAGE_HELP),
        help="stop after this stage; `pairs` leaves a look at what would be trained on",
    )
    _add_settings(align)
    _add_questions(added)
    imported = _command(
        added, "import-responses", commands.import_folder, "make a run of a folder of sample files"
    )
    imported.add_argument(
        "folder", metavar="FOLDER", help="holds x_csqa_<language>_train_sampled.json files"
    )
    imported.add_argument("run", metavar="RUN")
    imported.add_argument("--model", metavar="NAME", help="what gave the responses")
    for name, text in STAGE_HELP.items():
        stage = _command(added, name, commands.run_one_stage, text)
        stage.add_argument("run", metavar="RUN")
        stage.add_argument(
            "--redo", action="store_true", help="do it again; removes what later stages wrote"
        )
        if name == "vote":
            _add_compare(stage)
        if name == "extract":
            _add_audit(stage)
        if name == "pairs":
            stage.set_defaults(do=commands.pairs)
            stage.add_argument("--lint", action="store_true", help="then check the pairs")
            _add_lint(stage)
    lint = _command(
        added, "lint", commands.lint_files, "check files of preference pairs before training"
    )
    lint.add_argument(
        "files", metavar="FILE", nargs="+", help="TRL, LLaMA-Factory or DPO_<language>.json"
    )
    _add_lint(lint)
    lint.add_argument("-o", "--output", metavar="FILE", help="where --fix writes; one file only")
    runs = _command(added, "runs", commands.list_all, "list the runs and how far they are")
    runs.add_argument("--json", action="store_true", help="as JSON lines")
    _add_export(added)
    _add_archive(added)
    _add_ballots(added)
    report = _command(
        added, "report", commands.print_report, "print the before and after table of a run"
    )
    report.add_argument("run", metavar="RUN")
    prepared = _command(added, "prepare", commands.prepare, "prepare a packaged model, once")
    prepared.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        default=SHIPPED_MODEL,
        help=f"{' or '.join(PACKAGED)}; the first, which ships, where left out",
    )
    checked = _command(
        added, "check-model", commands.check_model, "say what works with a model, before using it"
    )
    checked.add_argument(
        "name", metavar="NAME", help="packaged model, Hub id, or folder of a model or of an adapter"
    )
    checked.add_argument(
        "--languages", type=_codes, metavar="CODES", help="to ask questions in; en,zh if left out"
    )
    checked.add_argument("--json", action="store_true", help="as one JSON object")
    measure = _command(
        added, "measure", commands.measure, "measure how fast this machine is, by a tiny alignment"
    )
    measure.add_argument("--model", metavar="NAME", help=flag_help(SETTINGS["model"]))
    return top


def _called() -> str:
    """Return how the program was called: by its command, or as a module."""
    return "calm" if Path(sys.argv[0]).stem == "calm" else "python -m calm"


def _add_audit(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--audit",
        action="store_true",
        help="print coverage, reasons of abstention, letter frequencies and position bias",
    )
    command.add_argument("--json", action="store_true", help="the audit as one JSON object")
    command.set_defaults(do=commands.extract)


def _add_lint(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="every finding, as one JSON object")
    command.add_argument("--fix", action="store_true", help="mend what is safe to mend")
    command.add_argument(
        "--cap", type=int, metavar="N", help="with --fix: at most N pairs of each language"
    )


def _add_questions(added: Any) -> None:
    text = "choose the questions of a run; export or check a set"
    group = added.add_parser("questions", help=text, description=text)
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION")
    select = _command(
        actions, "select", commands.select_questions, "make a run and choose its questions"
    )
    select.add_argument("run", metavar="RUN")
    _add_settings(select)
    export = _command(
        actions, "export", commands.export_questions, "print a question set as JSON lines"
    )
    _add_settings(export, "question_set", "languages")
    check = _command(
        actions,
        "check",
        commands.check_questions_file,
        "check a question file and say what is wrong",
    )
    check.add_argument("file", metavar="FILE")


def _add_export(added: Any) -> None:
    text = "write a run's pairs or responses as files that other programs read"
    export = _command(added, "export", commands.export_run, text)
    export.add_argument("run", metavar="RUN")
    export.add_argument("--what", choices=("pairs", "responses"), default="pairs")
    export.add_argument(
        "--format",
        help="pairs: trl (default), trl-conversational, llama-factory, parquet, authors; "
        "responses: jsonl (default), parquet, authors",
    )
    export.add_argument(
        "-o", "--output", metavar="FILE", required=True, help="a folder for the format authors"
    )


def _add_archive(added: Any) -> None:
    archive = _command(
        added, "archive", commands.archive_run, "write a run to one file that replays anywhere"
    )
    archive.add_argument("run", metavar="RUN")
    archive.add_argument("-o", "--output", metavar="FILE", required=True)
    archive.add_argument(
        "--without-adapter", action="store_true", help="smaller, but nothing can be asked anew"
    )
    archive.add_argument(
        "--without-asked", action="store_true", help="leave out what the model was asked here"
    )
    opened = _command(
        added, "open", commands.open_archive, "make a run of an archive, to be replayed"
    )
    opened.add_argument("file", metavar="FILE")
    opened.add_argument("name", metavar="NAME", nargs="?", help="its own where left out")


def _add_ballots(added: Any) -> None:
    text = "count or write what people voted in the app"
    group = added.add_parser("ballots", help=text, description=text)
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION")
    tally = _command(
        actions,
        "tally",
        commands.tally_ballots,
        "print how people voted, with 95 percent intervals",
    )
    tally.add_argument("--json", action="store_true", help="as a JSON list")
    export = _command(
        actions, "export", commands.export_ballots, "write all ballots, their voters hashed"
    )
    export.add_argument(
        "--format", default="csv", metavar="FORMAT", help="csv (default), jsonl or pairs"
    )
    export.add_argument("-o", "--output", metavar="FILE", required=True)


def _command(added: Any, name: str, do: Any, text: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = added.add_parser(name, help=text, description=text)
    made.set_defaults(do=do)
    return made


def _add_compare(stage: argparse.ArgumentParser) -> None:
    stage.add_argument(
        "--compare", action="store_true", help="show every voting rule and every language alone"
    )
    stage.add_argument("--json", action="store_true", help="what --compare shows, as a JSON list")
    stage.set_defaults(do=commands.vote)


def _codes(text: str) -> tuple[str, ...]:
    return tuple(code.strip() for code in text.split(",") if code.strip())


READERS: dict[Any, Any] = {int: int, float: float, tuple[str, ...]: _codes}
"""What reads a setting of each type; any other is a text."""


def _add_settings(command: argparse.ArgumentParser, *names: str) -> None:
    """Add a flag for each of these settings, or for all of them."""
    for name in names or SETTINGS:
        setting = SETTINGS[name]
        how: dict[str, Any] = {"dest": name, "default": None, "help": flag_help(setting)}
        if setting.kind is bool:
            how["action"] = argparse.BooleanOptionalAction
        else:
            how["type"] = READERS.get(setting.kind, str)
            how["metavar"] = METAVARS.get(name, "N" if setting.kind is int else "X")
        command.add_argument(FLAGS.get(name, f"--{name.replace('_', '-')}"), **how)


def flag_help(setting: Setting) -> str:
    """Return the help of a setting, what it may be, and what it is where it is left out."""
    text = setting.help
    if not text.split()[0][1:].isupper():
        text = text[0].lower() + text[1:]
    limits = setting.limits
    form = FORMS.get(setting.name, "" if limits.is_optional else limits_in_words(limits))
    default = setting.default
    if setting.kind is bool:
        default = "on" if default else "off"
    elif isinstance(default, tuple):
        default = ",".join(default)
    told = [form, f"default {default}" if default != "" else ""]
    return f"{text} ({'; '.join(filter(None, told))})"


def limits_in_words(limits: Limits) -> str:
    """Return what a setting may be: `1 to 64`, `above 0, at most 1`, `votes, ballots or both`."""
    if limits.options:
        return f"{', '.join(limits.options[:-1])} or {limits.options[-1]}"
    if [name for name, _ in limits.bounds] == ["ge", "le"]:
        return f"{limits.lowest} to {limits.highest}"
    return ", ".join(f"{IN_WORDS[name]} {value}" for name, value in limits.bounds)
