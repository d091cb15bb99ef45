"""The commands that make and check preference pairs: `pairs` and `lint`."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from calm.cli.flags import add_command
from calm.cli.terminal import run_one_stage
from calm.errors import CalmError

if TYPE_CHECKING:
    from collections.abc import Callable

    from calm.pairs.files import Rejected
    from calm.pairs.lint.findings import Linted
    from calm.pairs.lint.set_rules import Groups


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


def add_lint(added: Any) -> None:
    """Add the command `lint`."""
    text = "check files of preference pairs before training"
    lint = add_command(added, "lint", lint_files, text)
    lint.add_argument(
        "files", metavar="FILE", nargs="+", help="TRL, LLaMA-Factory or DPO_<language>.json"
    )
    add_lint_flags(lint)
    lint.add_argument("-o", "--output", metavar="FILE", help="where --fix writes; one file only")


def add_lint_flags(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="every finding, as one JSON object")
    command.add_argument("--fix", action="store_true", help="mend what is safe to mend")
    command.add_argument(
        "--cap", type=int, metavar="N", help="with --fix: at most N pairs of each language"
    )
