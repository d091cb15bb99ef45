"""The commands that do stages: `align`, and each stage by itself."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calm.cli.damage import TEXT, add_damage
from calm.cli.flags import add_command, add_preset, add_settings
from calm.cli.pairs import add_lint_flags, pairs
from calm.cli.runs import show_report
from calm.cli.terminal import run_one_stage, supervised_here
from calm.errors import CalmError
from calm.model_names import full_name

if TYPE_CHECKING:
    from calm.config import RunConfig
    from calm.runs.folder import Run


STAGE_HELP = {
    "translate": "give every question a version in every language",
    "sample": "draw responses to the training questions in every language",
    "extract": "read the answer out of each response, or none",
    "vote": "count the answers across languages",
    "pairs": "turn votes into preference pairs",
    "train": "train a LoRA adapter by the method of the run (DPO on the pairs, unless set)",
    "evaluate": "measure accuracy and consistency on held-out questions",
    "damage": TEXT,
    "compare": "list the held-out answers before and after",
}


def config_given(options: argparse.Namespace) -> "RunConfig":
    """Build a run's settings from what was given, over a preset; all else keeps its default."""
    from calm.settings import SETTINGS, config_of, preset

    given = {name: getattr(options, name) for name in SETTINGS}
    chosen = preset(options.preset) if options.preset else {}
    values = {**chosen, **{name: value for name, value in given.items() if value is not None}}
    if options.model is not None:
        values["model"] = full_name(options.model)
    if options.context:
        values["context"] = str(Path(options.context).expanduser().absolute())
    return config_of(values)


def _settings_given(options: argparse.Namespace) -> bool:
    ignored = {"command", "action", "do", "run", "until", "pairs"}
    return any(v is not None for k, v in vars(options).items() if k not in ignored)


def open_or_create(options: argparse.Namespace, trains: bool = False) -> "Run":
    """Return the run that was named, made with the settings given where there is none yet.

    Where it `trains`, too few questions are refused before anything is made.
    """
    from calm.pipeline.enough import check_questions
    from calm.pipeline.run_passages import check_context
    from calm.pipeline.run_questions import chosen_questions
    from calm.runs.folder import create_run, open_run, run_path

    there = (run_path(options.run) / "config.json").exists()
    if there and not _settings_given(options):
        return open_run(options.run)
    config = config_given(options)
    if not there:
        # Before anything is made: a set that is not right leaves nothing.
        questions = chosen_questions(config)
        check_context(config)
        if trains:
            check_questions(config, questions)
    return create_run(options.run, config)


def open_with_pairs(options: argparse.Namespace) -> "Run":
    """Return the run that was named, made with the pairs of a file, and say what the lint finds."""
    from pathlib import Path

    from calm.cli.terminal import say
    from calm.pairs.lint.report import as_text, left_out_text, lint, linted
    from calm.pipeline.given_pairs import given_pairs, run_with_pairs
    from calm.questions.sets import by_id

    file = Path(options.pairs)
    given = given_pairs(file, config_given(options))
    run = run_with_pairs(options.run, config_given(options), given)
    groups = by_id(given.questions)
    said = as_text(lint(linted(given.pairs, groups, str(file)), groups))
    for line in (*left_out_text(str(file), given.left_out), *said):
        say(line)
    return run


def align(options: argparse.Namespace) -> None:
    from calm.pipeline.align import align
    from calm.pipeline.stages import LAST, trains

    until = options.until or LAST
    if options.pairs:
        run = open_with_pairs(options)
    else:
        run = open_or_create(options, trains=trains(until))
    supervised_here(run, lambda context: align(context, until))
    if run.has("scores"):
        show_report(run)


def vote(options: argparse.Namespace) -> None:
    import json
    from dataclasses import asdict

    from calm.evaluation.report import gate_table
    from calm.pipeline.run_questions import choices_of, golds_of, groups_of
    from calm.pipeline.stages import STAGES
    from calm.runs.folder import open_run
    from calm.voting.gate import compare_rules

    if options.json and not options.compare:
        raise CalmError("command.json-without-compare")
    run = open_run(options.run)
    if not options.compare or options.redo or not STAGES["vote"].is_done(run):
        run_one_stage(options)
    if options.compare:
        golds = golds_of(groups_of(run))
        rows = compare_rules(run.rows("answers"), choices_of(run), golds, run.config.voting.anchor)
        print(json.dumps([asdict(row) for row in rows]) if options.json else gate_table(rows))


def extract(options: argparse.Namespace) -> None:
    import json

    from calm.answers.audit import audit, audit_json, audit_table
    from calm.pipeline.run_questions import golds_of, groups_of
    from calm.pipeline.stages import STAGES
    from calm.runs.folder import open_run

    if options.json and not options.audit:
        raise CalmError("command.json-without-audit")
    run = open_run(options.run)
    if not options.audit or options.redo or not STAGES["extract"].is_done(run):
        run_one_stage(options)
    if options.audit:
        golds = golds_of(groups_of(run))
        audits = audit(run.rows("answers"), golds)
        print(json.dumps(audit_json(audits)) if options.json else audit_table(audits))


def add_align(added: Any) -> None:
    """Add the command `align`."""
    text = "run all stages on a run, or go on where it stopped"
    command = add_command(added, "align", align, text)
    command.add_argument("run", metavar="RUN")
    command.add_argument(
        "--until",
        metavar="STAGE",
        choices=("questions", *STAGE_HELP),
        help="stop after this stage; `pairs` leaves a look at what would be trained on",
    )
    command.add_argument(
        "--pairs",
        metavar="FILE",
        help="train on the preference pairs of this file (TRL, LLaMA-Factory, ShareGPT, Parquet; "
        "see `lint`) in place of votes, and measure with what the set holds out",
    )
    add_preset(command)
    add_settings(command)


def add_stages(added: Any) -> None:
    """Add a command for each stage but the first."""
    for name, text in STAGE_HELP.items():
        if name == "damage":
            add_damage(added)
            continue
        stage = add_command(added, name, run_one_stage, text)
        stage.add_argument("run", metavar="RUN")
        stage.add_argument(
            "--redo", action="store_true", help="do it again; removes what later stages wrote"
        )
        if name == "vote":
            _add_compare(stage)
        if name == "extract":
            _add_audit(stage)
        if name == "pairs":
            stage.set_defaults(do=pairs)
            stage.add_argument("--lint", action="store_true", help="then check the pairs")
            add_lint_flags(stage)


def _add_audit(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--audit",
        action="store_true",
        help="print coverage, reasons of abstention, letter frequencies and position bias",
    )
    command.add_argument("--json", action="store_true", help="the audit as one JSON object")
    command.set_defaults(do=extract)


def _add_compare(stage: argparse.ArgumentParser) -> None:
    stage.add_argument(
        "--compare", action="store_true", help="show every voting rule and every language alone"
    )
    stage.add_argument("--json", action="store_true", help="what --compare shows, as a JSON list")
    stage.set_defaults(do=vote)
