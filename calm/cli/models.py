"""The commands on models: prepare, check and measure one."""

import argparse
from typing import Any

from calm.cli.flags import add_command, codes, flag_help
from calm.cli.terminal import say
from calm.config import SHIPPED_MODEL
from calm.model_names import PACKAGED, full_name
from calm.settings import SETTINGS


def measure(options: argparse.Namespace) -> None:
    from calm.config import SHIPPED_MODEL
    from calm.pipeline.measure import measure_machine
    from calm.runs.rates import rate_of

    model = full_name(options.model or SHIPPED_MODEL)
    for stage, precision in measure_machine(model, say):
        rate = rate_of(model, precision, stage)
        print(f"{stage}: {rate.a_second:.3g} a second" if rate else f"{stage}: too few to tell")


def check_model(options: argparse.Namespace) -> None:
    import json
    from dataclasses import asdict

    from calm.evaluation.model_check import ASKED_IN, as_text, check_model

    found = check_model(full_name(options.name), options.languages or ASKED_IN, say)
    print(json.dumps(asdict(found)) if options.json else "\n".join(as_text(found)))


def prepare(options: argparse.Namespace) -> None:
    from calm.models.shipped import prepare_model

    prepare_model(options.name, say)


def add_models(added: Any) -> None:
    """Add `prepare`, `check-model` and `measure`."""
    prepared = add_command(added, "prepare", prepare, "prepare a packaged model, once")
    prepared.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        default=SHIPPED_MODEL,
        help=f"{' or '.join(PACKAGED)}; the first, which ships, where left out",
    )
    text = "say what works with a model, before using it"
    checked = add_command(added, "check-model", check_model, text)
    checked.add_argument(
        "name", metavar="NAME", help="packaged model, Hub id, or folder of a model or of an adapter"
    )
    checked.add_argument(
        "--languages", type=codes, metavar="CODES", help="to ask questions in; en,zh if left out"
    )
    checked.add_argument("--json", action="store_true", help="as one JSON object")
    text = "measure how fast this machine is, by a tiny alignment"
    measured = add_command(added, "measure", measure, text)
    measured.add_argument("--model", metavar="NAME", help=flag_help(SETTINGS["model"]))
