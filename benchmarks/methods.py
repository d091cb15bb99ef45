"""What each method of training does to the model that ships, and what a vote would do untrained.

`python -m benchmarks.methods RUN [RUN ...]` takes finished runs of any methods and seeds, such as
`python -m calm align c0 --method consensus --learning-rate 4e-4` leaves, keeps what they measured
on held-out questions in `benchmarks/results/methods.json`, and puts the tables into docs/STUDY.md.
A whole grid is made and told by `calm study docs/examples/study-methods.yaml` instead.
"""

import argparse
import dataclasses
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import machine
from calm.evaluation.baselines import Ways, ways_to_answers
from calm.evaluation.report import interval
from calm.pipeline.run_questions import golds_of, groups_of, split_of
from calm.probes import ALL, Damage
from calm.records import Reading, Score
from calm.runs.folder import Run, open_run, write_whole

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "benchmarks" / "results" / "methods.json"
DOCS = ROOT / "docs" / "STUDY.md"
READINGS: tuple[Reading, ...] = ("response", "likelihood")
SHOWN = (
    ("all", "accuracy"),
    ("all", "consistency"),
    ("en", "accuracy"),
    ("all", "consistently_right"),
    ("all", "rank_consistency"),
)
"""Languages and metrics of the changes that are shown, a column each."""


@dataclass(frozen=True)
class Result:
    """What one run measured, as texts of a table."""

    method: str
    settings: str
    seed: int
    questions: int
    changes: dict[str, list[str]]
    """By reading, in the order of `SHOWN`; empty where a reading has no such number."""
    learnt: str
    worse: list[str]
    """What its alignment harmed beyond chance, all languages together."""
    minutes: float
    machine: str


def result_of(run: Run) -> Result:
    config, scores = run.config, list(run.rows("scores"))
    found = {(s.reading, s.language, s.metric): s for s in scores if s.model == "change"}
    learnt = ways_of(run, "response").learnt
    share = f"{learnt.share:.0%} ({learnt.low:.0%} to {learnt.high:.0%})" if learnt else "-"
    train = config.train
    return Result(
        train.method,
        f"learning rate {train.learning_rate:g}, {train.num_train_epochs:g} epochs at least",
        train.seed,
        len({row.question_id for row in run.rows("evaluations")}),
        {reading: [_told(found.get((reading, *of))) for of in SHOWN] for reading in READINGS},
        share,
        worse_in(run.rows("damage")),
        round(minutes_of(run), 1),
        machine(),
    )


def ways_of(run: Run, reading: Reading) -> Ways:
    golds = golds_of(split_of(groups_of(run), "held-out"))
    rows, weights = list(run.rows("evaluations")), list(run.rows("weights"))
    return ways_to_answers(rows, golds, run.config.languages, weights, reading)


def worse_in(findings: Iterable[Damage]) -> list[str]:
    """Return what got worse over all languages, by probe and measure."""
    rows = [row for row in findings if row.language == ALL and row.finding == "worse"]
    return [f"{row.probe}: {row.measure} {row.change:+.2f}" for row in rows]


def minutes_of(run: Run) -> float:
    """Return the minutes from the first event of a run to its last, whatever else ran meanwhile."""
    lines = run.folder.joinpath("events.jsonl").read_text(encoding="utf-8").splitlines()
    times = [float(json.loads(line)["at"]) for line in lines]
    return (max(times) - min(times)) / 60


def _told(score: Score | None) -> str:
    return interval(score) if score else ""


def table(rows: Sequence[Result], reading: Reading) -> str:
    """Return the changes of all runs in one reading, in points."""
    names = ["right", "consistency", "English right", "all languages right", "RankC"]
    shown = [place for place in range(len(SHOWN)) if any(r.changes[reading][place] for r in rows)]
    head = ["method", "seed", *(names[place] for place in shown)]
    if reading == "response":
        head += ["of the vote's gain", "minutes"]
    lines = [head, ["---"] * len(head)]
    for row in rows:
        cells = [f"`{row.method}`", str(row.seed), *(row.changes[reading][p] for p in shown)]
        lines.append(cells + ([row.learnt, f"{row.minutes:.0f}"] if reading == "response" else []))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def harm(rows: Sequence[Result]) -> str:
    """Return what each run harmed beyond chance."""
    told = [f"- `{r.method}`, seed {r.seed}: {'; '.join(r.worse) or 'nothing'}" for r in rows]
    return "\n".join(told)


def page(rows: Sequence[Result]) -> str:
    ordered = sorted(rows, key=lambda row: (row.method, row.seed))
    said = [f"{row.method}: {row.settings}" for row in ordered]
    where = " ".join(dict.fromkeys(f"Measured on {row.machine}." for row in ordered))
    return "\n\n".join(
        [
            f"{ordered[0].questions} held-out questions in eight languages; changes in points with "
            f"95% intervals. {where} Settings: {'; '.join(dict.fromkeys(said))}; the rest is the "
            "default.",
            "**Greedy responses**\n\n" + table(ordered, "response"),
            "**The choice with the highest log-probability a token**\n\n"
            + table(ordered, "likelihood"),
            "**Worse beyond chance**\n\n" + harm(ordered),
        ]
    )


def kept() -> list[Result]:
    if not KEPT.is_file():
        return []
    return [Result(**row) for row in json.loads(KEPT.read_text(encoding="utf-8"))]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("runs", metavar="RUN", nargs="*", help="without any: the page alone")
    new = [result_of(open_run(name)) for name in options.parse_args().runs]
    keys = {(row.method, row.settings, row.seed) for row in new}
    rows = [row for row in kept() if (row.method, row.settings, row.seed) not in keys] + new
    write_whole(KEPT, json.dumps([dataclasses.asdict(r) for r in rows], indent=1) + "\n")
    text = DOCS.read_text(encoding="utf-8")
    pattern = re.compile(r"(<!-- study:begin -->\n).*?(<!-- study:end -->)", re.DOTALL)
    DOCS.write_text(pattern.sub(lambda m: f"{m[1]}{page(rows)}\n{m[2]}", text), encoding="utf-8")


if __name__ == "__main__":
    main()
