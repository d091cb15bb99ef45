"""What training settings do, on training questions alone: what is held out is not looked at.

`python -m benchmarks.training_settings RUN SETTING [SETTING ...]`, a setting being names and values
of `TrainConfig` and `PairsConfig` such as `per_device_train_batch_size=16,num_train_epochs=2`. RUN
is a run whose responses are drawn. Its training questions are parted once more: on 150 of them the
model is aligned, by their votes alone, and asked again (*efficacy*: how many of its answers are
what the vote says); on 150 others it is asked whether it got better.
"""

import dataclasses
import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from calm.config import PairsConfig, TrainConfig
from calm.evaluation.evaluate import evaluate, scores
from calm.evaluation.report import interval
from calm.models.causal_lm import CausalLM
from calm.models.loading import load_model
from calm.pairs.build import pairs
from calm.pipeline.run_questions import Groups, golds_of, groups_of, split_of
from calm.questions.prompts import prompt_for
from calm.records import Evaluation, ModelRole, PreferencePair, Vote
from calm.runs.folder import Run, run_path
from calm.training.schedule import schedule
from calm.training.train import train
from calm.voting.vote import vote

ALIGNED_ON = 150
CHANGES = (("all", "accuracy"), ("all", "consistency"), ("en", "accuracy"))
"""What is shown of the changes: languages and metrics."""


def parted(groups: Groups, seed: int) -> tuple[Groups, Groups]:
    """Return the questions to align on and those to look at, drawn by chance."""
    ids = sorted(groups)
    random.Random(seed).shuffle(ids)
    return (
        {i: groups[i] for i in ids[:ALIGNED_ON]},
        {i: groups[i] for i in ids[ALIGNED_ON : 2 * ALIGNED_ON]},
    )


def settings_of(text: str) -> dict[str, str]:
    """Return `a=1,b=2` as names and values; "default" has none."""
    return dict(part.split("=", 1) for part in text.split(",") if "=" in part)


def configured(config: Any, given: Mapping[str, str]) -> Any:
    """Return the settings with those of the given values that they have."""
    own = {f.name: getattr(config, f.name) for f in dataclasses.fields(config)}
    new = {name: type(own[name])(value) for name, value in given.items() if name in own}
    return dataclasses.replace(config, **new)


def answered(model: CausalLM, groups: Groups, role: ModelRole, run: Run) -> list[Evaluation]:
    """Ask the questions in all their languages, some at a time, and read the greedy answers."""
    rows = []
    ids = list(groups)
    for start in range(0, len(ids), 16):
        asked = [q for i in ids[start : start + 16] for q in groups[i].values()]
        rows += evaluate(model, asked, role, run.config.sampling, readings=("response",))
    return rows


def saying_the_vote(rows: Sequence[Evaluation], winners: Mapping[str, int]) -> float:
    """Return the share of greedy answers that are what the vote says."""
    said = [
        row.answer == winners[row.question_id]
        for row in rows
        if row.reading == "response" and row.question_id in winners
    ]
    return sum(said) / len(said)


def made_pairs(
    model: CausalLM, run: Run, votes: Sequence[Vote], groups: Groups, config: PairsConfig
) -> list[PreferencePair]:
    wanted = run.config.sampling.prompt_format
    kept = [response for response in run.rows("answers") if response.question_id in groups]
    return list(
        pairs(
            votes,
            kept,
            groups,
            config,
            lambda question, order: prompt_for(model, question, order, wanted).text,
            explains=False,
        )
    )


def trusted(votes: Sequence[Vote], least: float) -> dict[str, int]:
    """Return the winners by question of the votes with at least this share."""
    return {v.question_id: v.winner for v in votes if v.winner is not None and v.share >= least}


def main(name: str, tried: Sequence[str], seed: int = 0) -> None:
    run = Run(run_path(name))
    fit, dev = parted(split_of(groups_of(run), "train"), seed)
    answers = [response for response in run.rows("answers") if response.question_id in fit]
    choices = {i: len(next(iter(v.values())).choices) for i, v in fit.items()}
    votes = vote(answers, choices, run.config.voting.rule, run.config.voting.anchor)[0]
    golds = golds_of({**fit, **dev})
    model = load_model(run.config.model, run.config.precision)
    base_dev = answered(model, dev, "base", run)
    base_fit = answered(model, fit, "base", run)
    print(machine())
    print(f"{len(fit)} questions to align on, {len(dev)} to look at, seed {seed}")
    print(
        "| setting | votes, right | pairs | steps | minutes | efficacy | accuracy | consistency "
        "| English |\n" + "|---" * 9 + "|"
    )
    for setting in tried:
        given = settings_of(setting)
        pair_config = configured(PairsConfig(), given)
        config = configured(TrainConfig(), given)
        rows = made_pairs(model, run, votes, fit, pair_config)
        winners = trusted(votes, pair_config.min_vote_share)
        right = sum(winner == golds[i] for i, winner in winners.items()) / len(winners)
        with tempfile.TemporaryDirectory() as folder:
            adapter = Path(folder) / "adapter"
            start = time.monotonic()
            train(run.config.model, rows, config, adapter, lambda logs, step, steps: None)
            minutes = (time.monotonic() - start) / 60
            with model.use(adapter):
                learned = answered(model, {i: fit[i] for i in winners}, "aligned", run)
                after = answered(model, dev, "aligned", run)
        found = {
            (s.reading, s.language, s.metric): s
            for s in scores([*base_dev, *after], {i: golds[i] for i in dev}, run.config.languages)
            if s.model == "change"
        }
        before = saying_the_vote([r for r in base_fit if r.question_id in winners], winners)
        changes = [interval(found["response", *of]) for of in CHANGES]
        steps = schedule(len(rows), config).steps
        print(
            f"| {setting} | {len(winners)}, {right:.0%} | {len(rows)} | {steps} | {minutes:.1f} |"
            f" {before:.2f} to {saying_the_vote(learned, winners):.2f} | "
            + " | ".join(changes)
            + " |",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
