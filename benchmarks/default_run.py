"""Align the model that ships on the built-in set with the default settings, and report it.

`python -m benchmarks.default_run NAME --write` puts the tables into the README, with the wall time
and the machine. A run that is finished already is only reported.
"""

import argparse
import json
import re
import sys
import time
from pathlib import Path

from benchmarks.machine import machine
from calm.cli import main
from calm.report import report
from calm.runs import Run, run_path, write_whole

README = Path(__file__).resolve().parent.parent / "README.md"
TIMES = "wall_time.json"


def results(run: Run) -> str:
    """Return the section of the README."""
    seconds, where = json.loads((run.folder / TIMES).read_text(encoding="utf-8"))
    votes = [v for v in run.rows("votes") if v.winner is not None]
    gold = {q.id: q.gold for q in run.rows("questions")}
    kept = [v for v in votes if v.share >= run.config.pairs.min_vote_share]
    right = sum(v.winner == gold[v.question_id] for v in kept)
    config = run.config
    return (
        f"`python -m calm align {run.name}`: the built-in set, default settings, one seed. "
        f"{len(run.rows('responses'))} responses to {len(gold) - held_out(run)} training questions "
        f"in {len(config.languages)} languages; {len(kept)} votes had a share of at least "
        f"{config.pairs.min_vote_share} and named the right answer in {right / len(kept):.0%} of "
        f"the cases (nobody told it); {len(run.rows('pairs'))} pairs. "
        f"{seconds / 60:.1f} minutes from the first question to the comparison, on {where}.\n\n"
        + report(run.rows("scores"), config.languages)
    ).rstrip()


def held_out(run: Run) -> int:
    return len({q.id for q in run.rows("questions") if q.split == "held-out"})


def run_it(name: str) -> Run:
    """Align a fresh run and note how long that took."""
    run = Run(run_path(name))
    if not (run.folder / TIMES).is_file():
        if run.folder.exists():
            sys.exit(f"{run.folder} exists but was not timed. Give another name.")
        start = time.monotonic()
        if main(["align", name]) != 0:
            sys.exit(1)
        passed = round(time.monotonic() - start, 1)
        write_whole(run.folder / TIMES, json.dumps([passed, machine()]))
    return run


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("name")
    options.add_argument("--write", action="store_true", help="into the README")
    given = options.parse_args()
    section = results(run_it(given.name))
    print(section)
    if given.write:
        pattern = re.compile(r"(<!-- results:begin -->\n).*?(<!-- results:end -->)", re.DOTALL)
        text = README.read_text(encoding="utf-8")
        new = pattern.sub(lambda match: f"{match[1]}{section}\n{match[2]}", text)
        README.write_text(new, encoding="utf-8")
