"""Does each preset teach what the votes say, on small sets too?

`python -m benchmarks.presets RUN` draws sets of 5, 12 and 40 of a run's training questions, holds a
third of each out as a question file without splits does, and aligns on the rest as each preset
would: so many samples vote, so many epochs teach, the rest is the default. Then what was trained on
is asked again (*efficacy*). RUN is a run whose responses are drawn, 8 samples or more
(`python -m calm align RUN --num-samples 8 --until extract`). Held-out questions are not looked at.

Every result is kept in `benchmarks/results/presets.json`, and `--write` puts the table of all that
is there into docs/TRAINING.md.
"""

import argparse
import dataclasses
import gc
import json
import math
import random
import re
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.training_settings import answered, made_pairs
from calm.config import RunConfig
from calm.evaluation.efficacy import efficacy, taught
from calm.models.loading import load_model
from calm.pipeline.enough import LEAST_QUESTIONS
from calm.pipeline.run_questions import Groups, groups_of, split_of
from calm.records import PreferencePair
from calm.runs.folder import Run, run_path, write_whole
from calm.settings import PRESETS, config_of
from calm.training.schedule import schedule
from calm.training.train import train
from calm.voting.vote import vote

ROOT = Path(__file__).resolve().parent.parent
DOCS, KEPT = ROOT / "docs" / "TRAINING.md", ROOT / "benchmarks" / "results" / "presets.json"
SIZES = (5, 12, 40)


@dataclass(frozen=True)
class Result:
    """One training."""

    preset: str
    questions: int
    """In the set, those held out among them."""
    languages: int
    seed: int
    trained_on: int
    """Questions whose vote made pairs; below `LEAST_QUESTIONS` there is no training."""
    asked: int
    """Training questions in all."""
    pairs: int
    steps: int
    before: float
    """Efficacy: the share of answers to questions trained on that are what the vote says."""
    after: float
    machine: str


def measure(run: Run, preset: str, size: int, seed: int, languages: Sequence[str]) -> Result:
    """Align on a set of so many questions as a preset does, and ask what was trained on again."""
    config = config_of(PRESETS[preset], RunConfig(model=run.config.model))
    fit = _drawn(run, size, seed, languages, config.max_train_questions)
    model = load_model(run.config.model, run.config.precision)
    pairs = _pairs(run, fit, config, model)
    lessons = taught(pairs, fit)
    asked = {identity: fit[identity] for identity, _ in lessons}
    few = len(asked) < LEAST_QUESTIONS
    nothing = Result(
        *(preset, size, len(languages), seed, len(asked), len(fit), len(pairs), 0),
        *(float("nan"), float("nan"), machine()),
    )
    if few:
        return nothing
    base = answered(model, asked, "base", run)
    del model
    gc.collect()  # one copy at a time: the machine may be a small one
    with tempfile.TemporaryDirectory() as folder:
        adapter = Path(folder) / "adapter"
        train(run.config.model, pairs, config.train, adapter, lambda logs, step, steps: None)
        model = load_model(run.config.model, run.config.precision)
        with model.use(adapter):
            aligned = answered(model, asked, "aligned", run)
    found = {s.model: s.value for s in efficacy([*base, *aligned], lessons, languages)
             if s.language == "all"}  # fmt: skip
    steps = schedule(len(pairs), config.train).steps
    return dataclasses.replace(nothing, steps=steps, before=found["base"], after=found["aligned"])


def _drawn(run: Run, size: int, seed: int, languages: Sequence[str], most: int | None) -> Groups:
    """Return the training questions of a set of `size`, two thirds of it and `most` at most."""
    every = split_of(groups_of(run), "train")
    ids = sorted(every)
    random.Random(seed).shuffle(ids)
    kept = ids[: min(size - math.ceil(size / 3), most or size)]
    return {i: {code: q for code, q in every[i].items() if code in languages} for i in kept}


def _pairs(run: Run, fit: Groups, config: RunConfig, model: object) -> list[PreferencePair]:
    answers = [
        row
        for row in run.rows("answers")
        if row.sample_index < config.sampling.num_samples
        and row.language in fit.get(row.question_id, ())
    ]
    choices = {i: len(next(iter(versions.values())).choices) for i, versions in fit.items()}
    votes = vote(answers, choices, config.voting.rule, config.voting.anchor)[0]
    return made_pairs(model, run, votes, fit, config.pairs)  # type: ignore[arg-type]


def table(results: Sequence[Result]) -> str:
    """Return what was measured: a row a preset and size, the range over seeds, and the machines."""
    grouped: dict[tuple[str, int, int], list[Result]] = defaultdict(list)
    for row in results:
        grouped[row.preset, row.questions, row.languages].append(row)
    lines = [
        "| preset | questions in the set | languages | seeds | trained on | pairs | steps "
        "| efficacy before | after |",
        "|---" * 9 + "|",
    ]
    order = {name: place for place, name in enumerate(PRESETS)}
    for (preset, size, codes), rows in sorted(
        grouped.items(), key=lambda item: (order[item[0][0]], *item[0][1:])
    ):
        trained = [row for row in rows if row.steps]
        cells = [
            _range([float(getattr(row, name)) for row in trained], digits)
            for name, digits in (("pairs", 0), ("steps", 0), ("before", 2), ("after", 2))
        ]
        on = _range([float(row.trained_on) for row in rows], 0)
        seeds = f"{len(rows)}"
        if len(trained) < len(rows):
            seeds += f", {len(rows) - len(trained)} stopped untrained"
        lines.append(
            f"| {preset} | {size} | {codes} | {seeds} | {on} of {rows[0].asked} | "
            + " | ".join(cells)
            + " |"
        )
    where = "; ".join(dict.fromkeys(row.machine for row in results))
    return "\n".join([*lines, "", f"Measured on {where}."])


def _range(values: Sequence[float], digits: int) -> str:
    """Return the mean, and the range where values differ; a dash for none."""
    if not values:
        return "-"
    mean = f"{statistics.mean(values):.{digits}f}"
    if len(set(values)) == 1:
        return mean
    return f"{mean} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def kept() -> list[Result]:
    """Return all results that were kept."""
    rows = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else []
    return [Result(**row) for row in rows]


def keep(new: Result) -> None:
    """Keep a result in the place of one of the same preset, set and seed."""
    key = ("preset", "questions", "languages", "seed")
    same = [getattr(new, name) for name in key]
    rows = [row for row in kept() if [getattr(row, name) for name in key] != same]
    text = json.dumps([dataclasses.asdict(row) for row in [*rows, new]], indent=1)
    write_whole(KEPT, text + "\n")


def write() -> None:
    """Put the table between the marks of docs/TRAINING.md."""
    mark = "<!-- presets:{} -->"
    begin, end = mark.format("begin"), mark.format("end")
    pattern = re.compile(rf"({begin}\n).*?({end})", re.DOTALL)
    text = DOCS.read_text(encoding="utf-8")
    DOCS.write_text(pattern.sub(lambda m: f"{m[1]}{table(kept())}\n{m[2]}", text), encoding="utf-8")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("run", metavar="RUN")
    options.add_argument("--presets", default=",".join(PRESETS), metavar="NAMES")
    options.add_argument("--sizes", default=",".join(map(str, SIZES)), metavar="NUMBERS")
    options.add_argument("--seeds", default="0,1,2", metavar="NUMBERS")
    options.add_argument("--languages", default="", metavar="CODES", help="the run's without it")
    options.add_argument("--write", action="store_true", help="the table into docs/TRAINING.md")
    given = options.parse_args()
    run = Run(run_path(given.run))
    languages = tuple(filter(None, given.languages.split(","))) or run.config.languages
    for size in map(int, filter(None, given.sizes.split(","))):
        for preset in given.presets.split(","):
            for seed in map(int, given.seeds.split(",")):
                keep(measure(run, preset, size, seed, languages))
                print(table(kept()), flush=True)
    if given.write:
        write()


if __name__ == "__main__":
    main()
