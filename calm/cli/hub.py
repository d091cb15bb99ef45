"""The command that shares a run on the Hugging Face Hub."""

import argparse
from typing import Any

from calm.cli.flags import add_command


def push_run(options: argparse.Namespace) -> None:
    from calm.exchange.push import in_words, parcel, push
    from calm.runs.folder import open_run

    run = open_run(options.run)
    with parcel(run, options.to, options.what) as made:
        if options.dry_run:
            print(in_words(made, options.public))
            print("Nothing was sent.")
            return
        sent = push(run, made, options.public, lambda path: print(f"sent {path}", flush=True))
    print(f"{sent.url}: {'private' if sent.is_private else 'public'}, commit {sent.commit}")


def add_push(added: Any) -> None:
    """Add the command `push`."""
    text = "put a run's adapter, or its data set, on the Hugging Face Hub"
    push = add_command(added, "push", push_run, text)
    push.epilog = (
        "It needs `hf auth login`, or the variable HF_TOKEN, with the right to write. What broke "
        "off goes on with the same command."
    )
    push.add_argument("run", metavar="RUN")
    push.add_argument("--to", metavar="NAME", required=True, help="the repository, as owner/name")
    what = push.add_mutually_exclusive_group()
    what.add_argument(
        "--dataset",
        dest="what",
        action="store_const",
        const="dataset",
        default="adapter",
        help="the pairs, responses, questions and ballots, and the run to be replayed, in place "
        "of the adapter",
    )
    what.add_argument(
        "--merged",
        dest="what",
        action="store_const",
        const="merged",
        help="the whole model, with the adapter merged into it, in place of the adapter",
    )
    push.add_argument(
        "--dry-run", action="store_true", help="show all that would be sent, and send nothing"
    )
    push.add_argument(
        "--public", action="store_true", help="for everybody to see; private where left out"
    )
