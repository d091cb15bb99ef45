"""Align the model that ships with the default settings, and report what that does.

`python -m benchmarks.default_run --write` puts a table into the README, with the wall time and the
machine, and every language into docs/RESULTS.md. A run that is finished already is only reported.
The facts of BMLAMA-17 (`benchmarks/bmlama.py`) are there if `--bmlama` names their folder once.
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from benchmarks.bmlama import LANGUAGES, facts
from benchmarks.machine import machine
from benchmarks.rounds import save
from calm.config import RunConfig
from calm.evaluation.report import interval, report
from calm.questions.sets import export_rows
from calm.runs import jobs
from calm.runs.folder import Run, create_run, run_path, write_whole

ROOT = Path(__file__).resolve().parent.parent
README, RESULTS = ROOT / "README.md", ROOT / "docs" / "RESULTS.md"
TIMES = "wall_time.json"
SETS = {
    "built-in": "the built-in set",
    "bmlama-capitals": "capitals of BMLAMA-17",
    "bmlama-all": "any facts of BMLAMA-17",
}
"""What is aligned on: its name, and the words for it."""
RELATIONS = {"bmlama-capitals": "The capital of ", "bmlama-all": ""}
MEASURED = (
    ("accuracy, greedy answers", "response", "all", "accuracy"),
    ("consistency, greedy answers", "response", "all", "consistency"),
    ("accuracy in English, greedy answers", "response", "en", "accuracy"),
    ("accuracy, likeliest choices", "likelihood", "all", "accuracy"),
    ("consistency, likeliest choices", "likelihood", "all", "consistency"),
    ("accuracy in English, likeliest choices", "likelihood", "en", "accuracy"),
)
"""What the README shows: its words, and the reading, language and metric of the scores."""


def run_it(name: str, which: str, folder: Path | None) -> Run | None:
    """Return the run of a set, aligned and timed now if it is new; None without its data."""
    run = Run(run_path(name))
    if (run.folder / TIMES).is_file():
        return run
    if run.folder.exists():
        sys.exit(f"{run.folder} exists but was not timed. Give another name.")
    config = RunConfig()
    if which in RELATIONS:
        if folder is None:
            return None
        file = run.folder.parent / f"{name}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, "\n".join(export_rows(facts(folder, RELATIONS[which]))) + "\n")
        config = RunConfig(question_set=str(file), languages=LANGUAGES)
    start = time.monotonic()
    align(create_run(name, config))
    passed = round(time.monotonic() - start, 1)
    write_whole(run.folder / TIMES, json.dumps([passed, machine()]))
    return run


def align(run: Run) -> None:
    """Align as the page's button does, in a process of its own, and wait for the end."""
    jobs.start(run)
    while jobs.is_running(run):
        status = run.status()
        print(f"{run.name}: {status.stage}, {status.done} of {status.total}", flush=True)
        time.sleep(1)
    if run.status().state != "done":
        sys.exit(f"{run.name} ended as {run.status().state}: {run.status().message}")


def summary(runs: Mapping[str, Run]) -> str:
    """Return the README's table, a column a run."""
    heads = [SETS[which] for which in runs]
    rows: list[tuple[str, Callable[[Run], str]]] = [
        ("questions to train on, held out", lambda run: " and ".join(map(str, _split(run)))),
        ("votes that made pairs, of them right", _kept),
        ("pairs", lambda run: f"{len(run.rows('pairs'))}"),
        ("minutes from the click to the comparison", _minutes),
    ]
    rows += [(said, partial(_change, which)) for said, *which in MEASURED]
    rows.append(("greedy answers fixed, broken", _flips))
    lines = [f"| | {' | '.join(heads)} |", "|---|" + "---|" * len(runs)]
    lines += [f"| {said} | {' | '.join(map(tell, runs.values()))} |" for said, tell in rows]
    return "\n".join([*lines, "", f"Measured on {_times(next(iter(runs.values())))[1]}."])


def results(which: str, run: Run) -> str:
    """Return the section of docs/RESULTS.md."""
    train, _ = _split(run)
    told = (
        f"Default settings, one seed. {len(run.rows('responses'))} responses to {train} training "
        f"questions in {len(run.config.languages)} languages. Measured on {_times(run)[1]}."
    )
    title = SETS[which]
    tables = report(run.rows("scores"), run.config.languages).rstrip()
    return f"## {title[0].upper()}{title[1:]}\n\n{told}\n\n{tables}"


def _times(run: Run) -> tuple[float, str]:
    seconds, where = json.loads((run.folder / TIMES).read_text(encoding="utf-8"))
    return seconds, where


def _minutes(run: Run) -> str:
    return f"{_times(run)[0] / 60:.1f}"


def _split(run: Run) -> tuple[int, int]:
    of_split = [
        {q.id for q in run.rows("questions") if q.split == split} for split in ("train", "held-out")
    ]
    return len(of_split[0]), len(of_split[1])


def _kept(run: Run) -> str:
    gold = {q.id: q.gold for q in run.rows("questions")}
    least = run.config.pairs.min_vote_share
    kept = [v for v in run.rows("votes") if v.winner is not None and v.share >= least]
    right = sum(v.winner == gold[v.question_id] for v in kept)
    return f"{len(kept)}, {right / len(kept):.0%}"


def _change(which: list[str], run: Run) -> str:
    found = {s.model: s for s in run.rows("scores") if [s.reading, s.language, s.metric] == which}
    return f"{found['base'].value:.3f} to {found['aligned'].value:.3f}, {interval(found['change'])}"


def _flips(run: Run) -> str:
    of = {
        s.metric: s.value
        for s in run.rows("scores")
        if (s.reading, s.language, s.model) == ("response", "all", "change")
    }
    return f"{of['fixed']:.0f}, {of['broken']:.0f}"


def _put(file: Path, section: str) -> None:
    """Put the section between the marks of a file."""
    pattern = re.compile(r"(<!-- results:begin -->\n).*?(<!-- results:end -->)", re.DOTALL)
    text = file.read_text(encoding="utf-8")
    new = pattern.sub(lambda match: f"{match[1]}{section}\n{match[2]}", text)
    file.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    for which in SETS:
        name = f"results-{which}"
        options.add_argument(f"--{which}", default=name, metavar="RUN", help=f"or {name}")
    options.add_argument("--bmlama", type=Path, metavar="FOLDER", help="its files, such as en.tsv")
    options.add_argument("--write", action="store_true", help="into the README and docs/RESULTS.md")
    given = vars(options.parse_args())
    names = {which: given[which.replace("-", "_")] for which in SETS}
    tried = {which: run_it(name, which, given["bmlama"]) for which, name in names.items()}
    runs = {which: run for which, run in tried.items() if run is not None}
    print(summary(runs))
    if given["write"]:
        _put(README, summary(runs))
        _put(RESULTS, "\n\n".join(results(which, run) for which, run in runs.items()))
        seconds = {SETS[which]: _times(run)[0] for which, run in runs.items()}
        save("alignment", {"machine": _times(runs["built-in"])[1], "seconds": seconds})
