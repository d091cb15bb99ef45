"""What each command of the command line does. Each imports what it needs when it is called."""

import argparse
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from calm.errors import CalmError
from calm.model_names import full_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from calm.config import RunConfig
    from calm.pairs.files import Rejected
    from calm.pairs.lint.findings import Linted
    from calm.pairs.lint.set_rules import Groups
    from calm.runs.folder import Run


def _config(options: argparse.Namespace) -> "RunConfig":
    """Build a run's settings from what was given; everything else keeps its default."""
    from calm.settings import SETTINGS, config_of

    given = {name: getattr(options, name) for name in SETTINGS}
    values = {name: value for name, value in given.items() if value is not None}
    if options.model is not None:
        values["model"] = full_name(options.model)
    return config_of(values)


def _settings_given(options: argparse.Namespace) -> bool:
    ignored = {"command", "action", "do", "run", "until"}
    return any(v is not None for k, v in vars(options).items() if k not in ignored)


def _open_or_create(options: argparse.Namespace) -> "Run":
    from calm.pipeline.run_questions import chosen_questions
    from calm.runs.folder import create_run, open_run, run_path

    there = run_path(options.run).exists()
    if there and not _settings_given(options):
        return open_run(options.run)
    config = _config(options)
    if not there:
        chosen_questions(config)  # before anything is made: a set that is not right leaves nothing
    return create_run(options.run, config)


def align(options: argparse.Namespace) -> None:
    from calm.pipeline.align import align
    from calm.pipeline.stages import LAST

    run = _open_or_create(options)
    _supervised(run, lambda context: align(context, options.until or LAST))
    if run.has("scores"):
        _show_report(run)


def select_questions(options: argparse.Namespace) -> None:
    from calm.pipeline.align import run_stage

    run = _open_or_create(options)
    _supervised(run, lambda context: run_stage("questions", context))


def run_one_stage(options: argparse.Namespace) -> None:
    from calm.pipeline.align import redo, run_stage
    from calm.runs.folder import open_run

    run = open_run(options.run)
    if options.redo:
        redo(options.command, run)
    _supervised(run, lambda context: run_stage(options.command, context))


def vote(options: argparse.Namespace) -> None:
    import json
    from dataclasses import asdict

    from calm.evaluation.report import gate_table
    from calm.pipeline.run_questions import choices_of, groups_of
    from calm.pipeline.stages import STAGES
    from calm.runs.folder import open_run
    from calm.voting.gate import compare_rules

    if options.json and not options.compare:
        raise CalmError("command.json-without-compare")
    run = open_run(options.run)
    if not options.compare or options.redo or not STAGES["vote"].is_done(run):
        run_one_stage(options)
    if options.compare:
        golds = {i: next(iter(v.values())).gold for i, v in groups_of(run).items()}
        rows = compare_rules(run.rows("answers"), choices_of(run), golds, run.config.voting.anchor)
        print(json.dumps([asdict(row) for row in rows]) if options.json else gate_table(rows))


def extract(options: argparse.Namespace) -> None:
    import json

    from calm.answers.audit import audit, audit_json, audit_table
    from calm.pipeline.run_questions import groups_of
    from calm.pipeline.stages import STAGES
    from calm.runs.folder import open_run

    if options.json and not options.audit:
        raise CalmError("command.json-without-audit")
    run = open_run(options.run)
    if not options.audit or options.redo or not STAGES["extract"].is_done(run):
        run_one_stage(options)
    if options.audit:
        golds = {i: next(iter(v.values())).gold for i, v in groups_of(run).items()}
        audits = audit(run.rows("answers"), golds)
        print(json.dumps(audit_json(audits)) if options.json else audit_table(audits))


def import_folder(options: argparse.Namespace) -> None:
    from pathlib import Path

    from calm.config import UNNAMED
    from calm.exchange.import_samples import import_responses, report_text

    run, report = import_responses(
        Path(options.folder), options.run, full_name(options.model or UNNAMED)
    )
    print(report_text(report))
    print(f"{run.folder}: call `python -m calm extract {options.run}` next")


def pairs(options: argparse.Namespace) -> None:
    from calm.pairs.lint.fix import write_fixed_run
    from calm.pairs.lint.report import linted
    from calm.pipeline.run_questions import groups_of
    from calm.runs.folder import open_run

    if not options.lint and (options.json or options.fix or options.cap is not None):
        raise CalmError("command.options-without-lint")
    run_one_stage(options)
    if not options.lint:
        return
    run = open_run(options.run)
    groups = groups_of(run)
    items = linted(run.rows("pairs"), groups)

    def write(mended: "Sequence[Linted]") -> list[str]:
        kept = write_fixed_run(run, mended)
        again = f"; train again: `train {options.run} --redo`" if run.adapter.exists() else ""
        return [f"{run.path('pairs')} (the old ones are in {kept.name}{again})"]

    _print_lint(options, items, groups, {}, write)


def lint_files(options: argparse.Namespace) -> None:
    from pathlib import Path

    from calm.pairs.lint.fix import write_fixed_file
    from calm.pairs.lint.report import linted_file

    paths = [Path(name) for name in options.files]
    if options.output and (len(paths) > 1 or not options.fix):
        raise CalmError("command.output-without-fix")
    by_file = {path: linted_file(path) for path in paths}
    outputs = {
        path: Path(options.output or path.with_name(f"{path.stem}.fixed.jsonl")) for path in paths
    }

    def write(mended: "Sequence[Linted]") -> list[str]:
        for path, output in outputs.items():
            write_fixed_file(path, [i for i in mended if i.file == str(path)], output)
        return [str(output) for output in outputs.values()]

    items = [item for own, _ in by_file.values() for item in own]
    left_out = {str(path): rejected for path, (_, rejected) in by_file.items() if rejected}
    _print_lint(options, items, {}, left_out, write)


def _print_lint(
    options: argparse.Namespace,
    items: "Sequence[Linted]",
    groups: "Groups",
    left_out: "dict[str, list[Rejected]]",
    write: "Callable[[Sequence[Linted]], list[str]]",
) -> None:
    """Check the pairs, mend them where that is wanted, and say both."""
    import dataclasses
    import json

    from calm.pairs.lint.fix import fixed
    from calm.pairs.lint.report import as_json, as_text, fixed_text, left_out_text, lint

    if options.cap is not None and (options.cap < 1 or not options.fix):
        raise CalmError("command.cap-without-fix")
    report = lint(items, groups)
    mended = fixed(items, options.cap) if options.fix else None
    after = lint(mended.items, groups) if mended else None
    written = write(mended.items) if mended else []
    if options.json:
        out = as_json(report)
        out["left_out"] = [
            {"file": name, **dataclasses.asdict(row)}
            for name, rows in left_out.items()
            for row in rows
        ]
        if mended and after:
            changes = [dataclasses.asdict(change) for change in mended.changes]
            out["fixed"] = {"written": written, "changes": changes, **as_json(after)}
        print(json.dumps(out, ensure_ascii=False))
        return
    for name, rows in left_out.items():
        print("\n".join(left_out_text(name, rows)))
    print("\n".join(as_text(report)))
    if mended and after:
        print("\n".join(["", *fixed_text(mended, written), "", *as_text(after)]))


class StoppedBySignal(Exception):
    """SIGTERM or Ctrl-C came."""


def _supervised(run: "Run", work: Any) -> None:
    """Do the work with progress on the terminal; keep the run's status right however it ends."""
    from calm.pipeline.context import Context, Stopped
    from calm.pipeline.supervise import supervised

    asked: list[int] = []
    try:
        with supervised(run):
            signal.signal(signal.SIGTERM, lambda number, frame: asked.append(number))
            signal.signal(signal.SIGINT, lambda number, frame: asked.append(number))
            work(Context(run, _say, lambda: bool(asked)))
    except Stopped:
        raise StoppedBySignal from None


def _say(line: object) -> None:
    print(line, file=sys.stderr, flush=True)


def list_all(options: argparse.Namespace) -> None:
    from dataclasses import replace

    from calm.runs.folder import list_runs, to_json

    for run in list_runs():
        status = run.status()
        if options.json:
            words = replace(status, message=str(status.message))
            print(to_json(words).replace("{", f'{{"run": "{run.name}", ', 1))
        else:
            print(f"{run.name}  {status.stage}  {status.state}  {status.message}")


def print_report(options: argparse.Namespace) -> None:
    from calm.runs.folder import open_run

    _show_report(open_run(options.run))


def _show_report(run: "Run") -> None:
    from calm.evaluation.report import report

    print(report(run.rows("scores"), run.config.languages))


def export_run(options: argparse.Namespace) -> None:
    from pathlib import Path

    from calm.exchange.export import FORMATS, export
    from calm.runs.folder import open_run

    form = options.format or FORMATS[options.what][0]
    print(export(open_run(options.run), options.what, form, Path(options.output)))


def archive_run(options: argparse.Namespace) -> None:
    from pathlib import Path

    from calm.asking.store import AskedStore
    from calm.exchange.archive import asked_of, pack
    from calm.runs.folder import open_run

    run, path = open_run(options.run), Path(options.output)
    asked = [] if options.without_asked else asked_of(run, AskedStore())
    pack(run, path, asked, with_adapter=not options.without_adapter)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, {len(asked)} asked questions")


def open_archive(options: argparse.Namespace) -> None:
    from pathlib import Path

    from calm.exchange.archive import unpack

    run = unpack(Path(options.file), options.name)
    print(f"{run.folder}: choose it on the pages Ask and Compare to replay it")


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


def export_questions(options: argparse.Namespace) -> None:
    from calm.config import BUILT_IN, DEFAULT_LANGUAGES
    from calm.questions.sets import export_rows, load_questions

    rows = load_questions(options.question_set or BUILT_IN, options.languages or DEFAULT_LANGUAGES)
    for line in export_rows(rows):
        print(line)


def check_questions_file(options: argparse.Namespace) -> None:
    from pathlib import Path

    from calm.questions.sets import by_id, check_question_file

    questions, hints = check_question_file(Path(options.file))
    for hint in hints:
        print(f"note: {hint}")
    languages = sorted({question.language for question in questions})
    print(f"{options.file}: {len(by_id(questions))} questions in {', '.join(languages)}, all good")


def measure(options: argparse.Namespace) -> None:
    from calm.config import SHIPPED_MODEL
    from calm.pipeline.measure import measure_machine
    from calm.runs.rates import rate_of

    model = full_name(options.model or SHIPPED_MODEL)
    for stage, precision in measure_machine(model, _say):
        rate = rate_of(model, precision, stage)
        print(f"{stage}: {rate.a_second:.3g} a second" if rate else f"{stage}: too few to tell")


def check_model(options: argparse.Namespace) -> None:
    import json
    from dataclasses import asdict

    from calm.evaluation.model_check import ASKED_IN, as_text, check_model

    found = check_model(full_name(options.name), options.languages or ASKED_IN, _say)
    print(json.dumps(asdict(found)) if options.json else "\n".join(as_text(found)))


def prepare(options: argparse.Namespace) -> None:
    from calm.models.shipped import prepare_model

    prepare_model(options.name, _say)
