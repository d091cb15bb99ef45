"""The report of a study: what its runs come to, as data, and as a text to read.

All of it is read from the runs, so that it can be made again from them; `report.json` keeps it for
pages and programs. `report.html` is drawn by the pages (`ui.study`).
"""

import dataclasses
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from calm.errors import CalmError
from calm.evaluation.damage_report import MEASURE_NAMES, PROBE_NAMES
from calm.evaluation.power import smallest_change
from calm.evaluation.report import in_points, signed
from calm.evaluation.significance import holm
from calm.intervals import Z95
from calm.messages import Message, in_english
from calm.model_names import called
from calm.pipeline.stages import STAGES
from calm.probes import Measure, Probe
from calm.records import Reading
from calm.runs.folder import Run, from_json, to_json, write_whole
from calm.study.folder import Done, Study
from calm.study.grid import Cell, arms_of, cells
from calm.study.results import Answers, Arm, Effect, ahead_of, answers_of, effects_of, worse_in
from calm.study.sentences import sentences

TESTED = ("accuracy", "consistency", "vote")
"""The numbers that all arms are tested on at once."""
COLUMNS = {
    "accuracy": "right",
    "consistency": "consistency",
    "all_right": "all languages right",
    "rank": "RankC",
    "english": "English",
    "unseen": "languages not trained",
    "vote": "vote against English alone",
    "now": "a vote each time against it",
}
"""The numbers in the order of the report, and what heads them."""
AIM = "dpo"
"""The arm that others are held against where a plan names none and has it."""


@dataclass(frozen=True)
class Failed:
    """A run without a result."""

    run: str
    problem: Message | str


@dataclass(frozen=True)
class Report:
    """What a study found."""

    study: str
    title: str
    models: tuple[str, ...]
    reading: Reading
    against: str
    """The arm that the others are held against; empty for none."""
    sentences: tuple[Message, ...]
    arms: tuple[Arm, ...]
    runs: int
    done: int
    failed: tuple[Failed, ...]
    least: float | None
    """The smallest change of right answers that would have been seen in four of five studies."""
    made_at: float
    """In seconds since the epoch."""


def report_of(study: Study) -> Report:
    """Return what a study has found so far, read from its runs."""
    plan = study.plan
    planned, done = cells(plan), study.done()
    runs = {cell.name: Run(study.folder / "runs" / cell.name) for cell in planned}
    is_measured = list(STAGES).index(plan.until) >= list(STAGES).index("evaluate")
    answers = {
        name: answers_of(run, plan.reading, is_measured)
        for name, run in runs.items()
        if run.has("scores" if is_measured else "votes")
    }
    found = {name: given for name, given in answers.items() if given.values}
    draws = {
        arm: [cell for cell in planned if arm in cell.arms and cell.name in found]
        for arm in arms_of(planned)
    }
    against = plan.against or (AIM if draws.get(AIM) and len(draws) > 1 else "")
    arms = [
        _with_damage(_arm(name, own, found, plan.reading, done), [runs[cell.name] for cell in own])
        for name, own in draws.items()
        if own
    ]
    arms = [_held_against(arm, against, draws, found, plan.reading) for arm in arms]
    arms = _tested(arms)
    least = _least_of(arms)
    return Report(
        study=study.name,
        title=plan.title or study.name,
        models=tuple(dict.fromkeys(called(cell.config.model) for cell in planned)),
        reading=plan.reading,
        against=against,
        sentences=tuple(sentences(arms, least)),
        arms=tuple(arms),
        runs=len(planned),
        done=sum(study.is_done(cell, plan.until) for cell in planned),
        failed=tuple(
            Failed(row.run, row.problem) for row in done.values() if row.problem and row.run in runs
        ),
        least=least,
        made_at=time.time(),
    )


def _arm(
    name: str,
    own: Sequence[Cell],
    found: Mapping[str, Answers],
    reading: Reading,
    done: Mapping[str, Done],
) -> Arm:
    draws = [found[cell.name] for cell in own]
    learnt = [draw.learnt for draw in draws if draw.learnt is not None]
    gates = [draw.gate for draw in draws if draw.gate is not None]
    right = [gate.right for gate in gates if gate.right is not None]
    seconds = [s for cell in own if (s := seconds_of(cell.name, done)) is not None]
    return Arm(
        name=name,
        seeds=tuple(cell.seed for cell in own),
        runs=tuple(cell.name for cell in own),
        languages=draws[0].languages,
        effects=effects_of(draws, reading),
        learnt=_mean(learnt) if len(learnt) == len(draws) else None,
        kept=_mean([gate.kept for gate in gates]),
        kept_right=_mean(right),
        undecided=_mean([gate.undecided for gate in gates]),
        seconds=_mean(seconds),
    )


def _with_damage(arm: Arm, runs: Sequence[Run]) -> Arm:
    looked_at, worse = worse_in(runs)
    return dataclasses.replace(arm, looked_at=looked_at, worse=worse)


def _held_against(
    arm: Arm,
    against: str,
    draws: Mapping[str, Sequence[Cell]],
    found: Mapping[str, Answers],
    reading: Reading,
) -> Arm:
    """Return the arm with how far it is ahead, over the seeds that both have."""
    if not draws.get(against) or arm.name == against:
        return arm
    own, others = ({cell.seed: found[cell.name] for cell in draws[n]} for n in (arm.name, against))
    seeds = [seed for seed in own if seed in others]
    if not seeds:
        return arm
    draws_of, others_of = ([of[seed] for seed in seeds] for of in (own, others))
    ahead = ahead_of(draws_of, others_of, TESTED, reading)
    return dataclasses.replace(arm, ahead=ahead)


def _tested(arms: Sequence[Arm]) -> list[Arm]:
    """Return the arms with what chance is for all of them at once, number by number."""
    effects = _adjusted([arm.effects for arm in arms])
    ahead = _adjusted([arm.ahead for arm in arms])
    return [
        dataclasses.replace(arm, effects=own, ahead=against)
        for arm, own, against in zip(arms, effects, ahead, strict=True)
    ]


def _adjusted(rows: Sequence[Mapping[str, Effect]]) -> list[dict[str, Effect]]:
    """Return the numbers of each arm, those that are tested with Holm's p."""
    adjusted = [dict(row) for row in rows]
    for metric in TESTED:
        own = [row for row in adjusted if metric in row and row[metric].p is not None]
        values = holm([row[metric].p or 0.0 for row in own])
        for row, p in zip(own, values, strict=True):
            row[metric] = dataclasses.replace(row[metric], p_holm=round(float(p), 6))
    return adjusted


def _least_of(arms: Sequence[Arm]) -> float | None:
    """Return the smallest change that would have been seen in four of five such studies.

    It follows from the widest interval of an arm, as `calm.evaluation.power` has it.
    """
    metric = "accuracy" if any("accuracy" in arm.effects for arm in arms) else "vote"
    found = [arm.effects[metric] for arm in arms if metric in arm.effects]
    widths = [e.high - e.low for e in found if e.low is not None and e.high is not None]
    # with a deviation of one standard error there is one question, so to speak
    return round(smallest_change(max(widths) / (2 * Z95), 1), 6) if widths else None


def seconds_of(run: str, done: Mapping[str, Done]) -> float | None:
    """Return what a run takes up to its adapter, or its votes; `None` where that was not kept.

    What it took over from others counts as what it took them.
    """
    before = ("questions", "translate", "sample", "extract", "vote", "pairs", "train")
    took = [_stage_seconds(run, stage, done, set()) for stage in before]
    known = [seconds for seconds in took if seconds is not None]
    return round(sum(known), 3) if known else None


def _stage_seconds(run: str, stage: str, done: Mapping[str, Done], seen: set[str]) -> float | None:
    row = done.get(run)
    if row is None or run in seen:
        return None
    if stage in row.seconds:
        return row.seconds[stage]
    donor = row.shared.get(stage)
    return _stage_seconds(donor, stage, done, seen | {run}) if donor else None


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 6) if values else None


def write_report(study: Study) -> None:
    """Write `report.json` and `report.md` of what there is."""
    found = report_of(study)
    write_whole(study.report("json"), to_json(found) + "\n")
    write_whole(study.report("md"), as_markdown(found))


def read_report(study: Study) -> Report:
    """Return the report that was written last; raises CalmError where there is none yet."""
    try:
        return from_json(Report, (study.report("json")).read_bytes())
    except FileNotFoundError:
        raise CalmError("study.no-report", name=study.name) from None


def as_markdown(found: Report) -> str:
    """Return the report in English."""
    lines = [f"# {found.title}", ""]
    lines += [line for said in found.sentences for line in (str(said), "")]
    if not found.sentences:
        lines += ["There is no result yet.", ""]
    if found.arms:
        lines += _table(found)
    if found.failed:
        lines += ["", "Runs without a result:", ""]
        lines += [f"- `{row.run}`: {row.problem}" for row in found.failed]
    made = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(found.made_at))
    lines += [
        "",
        f"{found.done} of {found.runs} runs, {', '.join(found.models)}. {made}.",
        "Changes are in points with 95% intervals, over seeds and questions; ± is the standard "
        "deviation between seeds. p is two-sided, of all arms at once (Holm).",
        "",
    ]
    return "\n".join(lines)


def columns_of(found: Report) -> list[str]:
    """Return the numbers that any arm has, in the order of the report."""
    return [name for name in COLUMNS if any(name in arm.effects for arm in found.arms)]


def _table(found: Report) -> list[str]:
    names = columns_of(found)
    extra = ["of the vote learnt", "minutes"] if "accuracy" in names else ["kept", "minutes"]
    heads = ["arm", "seeds", *(COLUMNS[name] for name in names)]
    heads += [f"right, ahead of {found.against}"] if found.against else []
    has_damage = any(arm.looked_at for arm in found.arms)
    heads += ["p", *(["worse"] if has_damage else []), *extra]
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for arm in found.arms:
        cells_: list[str] = [arm.name.replace("|", "/"), str(len(arm.seeds))]
        cells_ += [_cell(arm.effects.get(name)) for name in names]
        if found.against:
            cells_.append(_cell(arm.ahead.get("accuracy") or arm.ahead.get("vote")))
        tested = next((arm.effects[n] for n in ("accuracy", "vote") if n in arm.effects), None)
        cells_.append("" if tested is None or tested.p_holm is None else f"{tested.p_holm:.3f}")
        cells_ += [_worse(arm)] if has_damage else []
        share = arm.learnt if "accuracy" in names else arm.kept
        cells_.append("" if share is None else f"{share:.0%}")
        cells_.append("" if arm.seconds is None else f"{arm.seconds / 60:.1f}")
        lines.append(f"| {' | '.join(cells_)} |")
    return lines


def _worse(arm: Arm) -> str:
    """Return what got worse beyond chance, and in how many of the runs."""
    if not arm.looked_at:
        return ""
    things = []
    for thing, count in arm.worse.items():
        probe, measure = parts_of(thing)
        told = f"{PROBE_NAMES[probe]}, {MEASURE_NAMES[measure]}"
        things.append(f"{told} ({count} of {arm.looked_at})")
    return "; ".join(things) or "nothing beyond chance"


def parts_of(thing: str) -> tuple[Probe, Measure]:
    """Return the probe and the measure of what got worse, as `Arm.worse` names it."""
    probe, _, measure = thing.partition("/")
    return probe, measure  # type: ignore[return-value]


def _cell(effect: Effect | None) -> str:
    if effect is None:
        return ""
    text = f"{effect.before:.3f} → {effect.after:.3f}, {signed(effect.change)}"
    if effect.low is not None and effect.high is not None:
        text += f" ({signed(effect.low)} to {signed(effect.high)})"
    return text if effect.spread is None else f"{text} ± {in_points(effect.spread):.1f}"


def as_data(found: Report) -> dict[str, Any]:
    """Return the report as plain data for programs, what it says in English."""
    data: dict[str, Any] = in_english(found)
    return data
