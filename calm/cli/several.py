"""The commands on several runs at once: seeds of one method, and methods against each other."""

import argparse
from typing import TYPE_CHECKING, Any

from calm.cli.flags import add_command

if TYPE_CHECKING:
    from calm.runs.folder import Run


def seeds(options: argparse.Namespace) -> None:
    import json
    from dataclasses import asdict

    from calm.evaluation.many_runs import seeds_report
    from calm.pipeline.seeds import as_seeds

    found = as_seeds(_named(options.runs))
    print(
        json.dumps(asdict(found)) if options.json else seeds_report(found.scores, found.languages)
    )


def methods(options: argparse.Namespace) -> None:
    import json
    from dataclasses import asdict

    from calm.evaluation.many_runs import methods_report
    from calm.pipeline.methods import compare_methods

    found = compare_methods(_named(options.runs), options.metric, options.reading)
    if options.json:
        print(json.dumps(asdict(found)))
        return
    for method in found.methods:
        runs, settings = ", ".join(method.runs), ", ".join(method.settings)
        print(f"{method.name}: {runs}{f'; {settings}' if settings else ''}")
    print()
    print(methods_report(found.alone, found.pairs, found.metric))


def _named(names: list[str]) -> list["Run"]:
    from calm.runs.folder import open_run

    return [open_run(name) for name in names]


def add_several(added: Any) -> None:
    """Add `seeds` and `methods`."""
    text = "say what runs that differ in their seeds alone found together, and how far they differ"
    one = add_command(added, "seeds", seeds, text)
    one.add_argument("runs", metavar="RUN", nargs="+")
    one.add_argument("--json", action="store_true", help="as JSON, with every number")
    text = "compare runs with different settings, and say which differences are more than chance"
    many = add_command(added, "methods", methods, text)
    many.add_argument(
        "runs", metavar="RUN", nargs="+", help="those that differ in their seed alone are one"
    )
    many.add_argument("--metric", choices=("accuracy", "consistency"), default="accuracy")
    many.add_argument(
        "--reading",
        choices=("response", "likelihood"),
        default="response",
        help="greedy answers (default), or the likeliest choices",
    )
    many.add_argument("--json", action="store_true", help="as JSON")
