"""Contenders in turn, round after round, each in a process of its own: rates, ratios, memory.

A process for every contender and round gives each a cold start and its own peak memory. Loading
and a warm-up on another text are not in the time. Ours computes in the precision that the product
chooses; a peer first tries bf16 and fp32 on a part of its work, and takes the faster.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from benchmarks.machine import kind, machine
from calm.records import Faster

RESULTS = Path(__file__).resolve().parent / "results"
MARK = "RESULT "
Computes = Literal["product", "better", "own"]
"""In the precision that the product chooses, in the better of both, or in quantised numbers."""
AS_USUAL = {"GOMP_SPINCOUNT": "300000"}
"""How long peers' threads spin: as where nobody says anything (`calm.models` says something)."""


@dataclass(frozen=True)
class Measured:
    """What one contender did in one round."""

    done: int
    """How many of the benchmark's units."""
    seconds: float
    details: dict[str, Any] = field(default_factory=dict)
    """What else is worth keeping: counts of tokens, times on the way."""


@dataclass(frozen=True)
class Contender:
    """One way to do the work of a benchmark."""

    name: str
    title: str
    work: Callable[[int, Faster], Measured]
    """Takes the amount, and the precision, which means nothing to who computes in his own."""
    amount: int
    """How much of the work it is given, as `work` counts it; slow ones get a part of it."""
    computes: Computes = "product"
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables of its process, beside those there are."""
    trial: int = 1
    """How much of the work it tries both precisions on."""


def run(benchmark: str, unit: str, contenders: Sequence[Contender]) -> None:
    """Run as a program: all contenders in turn, or, in the child process, the one it is told."""
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--part", type=float, default=1.0, help="share of the work, for a try")
    options.add_argument("--only", nargs="*", help="names of contenders")
    options.add_argument("--write", action="store_true", help=f"keep the numbers in {RESULTS}")
    options.add_argument("--name", help="keep them under another name")
    options.add_argument("--contender", help=argparse.SUPPRESS)
    options.add_argument("--amount", type=int, help=argparse.SUPPRESS)
    options.add_argument(
        "--precision", choices=get_args(Faster), default="fp32", help=argparse.SUPPRESS
    )
    given = options.parse_args()
    if given.contender:
        (chosen,) = (c for c in contenders if c.name == given.contender)
        print(MARK + json.dumps(_measure(chosen, given.amount, given.precision)), flush=True)
        return
    chosen_ones = [c for c in contenders if not given.only or c.name in given.only]
    result: dict[str, Any] = {"benchmark": benchmark, "unit": unit, "machine": machine()}
    for rows in _rounds(benchmark, chosen_ones, given.rounds, given.part):
        result["rows"] = rows
        if given.write:
            save(given.name or benchmark, result)
    print(shown(result))


def save(benchmark: str, result: dict[str, Any]) -> None:
    """Keep the numbers of a benchmark, with those of the same kind of processor."""
    folder = RESULTS / kind()
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    (folder / f"{benchmark}.json").write_text(text, encoding="utf-8")


def shown(result: dict[str, Any]) -> str:
    """Return the numbers as a table: median rate with its spread, ratio to the first, memory."""
    rows = [row for row in result["rows"] if row["rounds"]]
    lines = [
        f"| contender | computes in | {result['unit']}/s, median (min to max) | ours is "
        "| peak memory | load |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        rates = rates_of(row)
        done = row["rounds"][0]["done"]
        lines.append(
            f"| {row['title']} ({done}) | {computes_in(row)} | {statistics.median(rates):.2f} "
            f"({min(rates):.2f} to {max(rates):.2f}) | {ratio(rows[0], row)} "
            f"| {peak_gb(row):.2f} GB | {max(r['load'] for r in row['rounds']):.1f} |"
        )
    failed = [row for row in result["rows"] if row["failure"] and not row["rounds"]]
    lines += [f"| {row['title']} | | not measured: {row['failure']} | | | |" for row in failed]
    return "\n".join(lines)


def computes_in(row: Mapping[str, Any]) -> str:
    """Return the precision of a row, and how fast the other one was where both were tried."""
    chosen, tried = row["precision"], row["trials"]
    if not chosen:
        return "4 to 8 bits"
    others = [f"{name} {rate / tried[chosen]:.2g}x" for name, rate in tried.items()]
    return ", ".join([chosen, *(text for text in others if not text.startswith(chosen))])


def rates_of(row: dict[str, Any]) -> list[float]:
    """Return the units a second of every round."""
    return [r["done"] / r["seconds"] for r in row["rounds"]]


def ratio(ours: dict[str, Any], row: dict[str, Any]) -> str:
    """Return how many times as fast `ours` is, with the range over rounds."""
    if row is ours:
        return ""
    mine, theirs = rates_of(ours), rates_of(row)
    each = [a / b for a, b in zip(mine, theirs, strict=False)]
    middle = statistics.median(mine) / statistics.median(theirs)
    return f"{middle:.1f}x ({min(each):.1f} to {max(each):.1f})"


def peak_gb(row: dict[str, Any]) -> float:
    """Return the highest resident memory of any round, in GB."""
    return float(max(r["peak_gb"] for r in row["rounds"]))


def resident_gb() -> float:
    """Return the memory that this process has now, in GB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e9


def _rounds(
    benchmark: str, contenders: Sequence[Contender], rounds: int, part: float
) -> Iterator[list[dict[str, Any]]]:
    """Yield what is measured so far after every round."""
    rows = [_prepared(benchmark, contender, part) for contender in contenders]
    for number in range(rounds):
        for contender, row in zip(contenders, rows, strict=True):
            if row["failure"]:
                continue
            load = os.getloadavg()[0]
            amount = max(1, round(contender.amount * part))
            measured = _child(benchmark, contender, amount, row["precision"])
            if isinstance(measured, str):
                row["failure"] = measured
                continue
            row["rounds"].append(measured | {"load": round(load, 2)})
            _say(f"round {number + 1}, {contender.name}", measured)
        yield rows


def _prepared(benchmark: str, contender: Contender, part: float) -> dict[str, Any]:
    """Return the row of a contender that knows its precision; a peer's is tried out."""
    row: dict[str, Any] = {
        "name": contender.name,
        "title": contender.title,
        "precision": "",
        "trials": {},
        "rounds": [],
        "failure": "",
    }
    if contender.computes == "product":
        from calm.models.precision import faster_precision

        row["precision"] = faster_precision()
    elif contender.computes == "better":
        for name in get_args(Faster):
            amount = max(1, round(contender.trial * part))
            measured = _child(benchmark, contender, amount, name)
            if isinstance(measured, str):
                row["failure"] = measured
                continue
            row["trials"][name] = measured["done"] / measured["seconds"]
            _say(f"trial in {name}, {contender.name}", measured)
        if row["trials"]:
            row["precision"] = max(row["trials"], key=row["trials"].__getitem__)
            row["failure"] = ""
    return row


def _child(
    benchmark: str, contender: Contender, amount: int, precision: str
) -> dict[str, Any] | str:
    """Return what a contender measures in a process of its own, or why it could not."""
    command = [sys.executable, "-m", f"benchmarks.{benchmark}"]
    command += ["--contender", contender.name, "--amount", str(amount)]
    command += ["--precision", precision] if precision else []
    environment = os.environ | contender.environment
    child = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    for line in child.stdout.splitlines():
        if line.startswith(MARK):
            found: dict[str, Any] = json.loads(line.removeprefix(MARK))
            return found
    failure = (child.stderr.strip().splitlines() or ["no result"])[-1][:200]
    print(f"{contender.name}: {failure}", file=sys.stderr, flush=True)
    return failure


def _say(what: str, measured: Mapping[str, Any]) -> None:
    print(
        f"{what}: {measured['done']} in {measured['seconds']:.1f} s, {measured['peak_gb']:.2f} GB",
        file=sys.stderr,
        flush=True,
    )


def _measure(contender: Contender, amount: int, precision: Faster) -> dict[str, Any]:
    measured = asdict(contender.work(amount, precision))
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return measured | {"peak_gb": round(peak * 1024 / 1e9, 3)}


class Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    def seconds(self) -> float:
        return time.perf_counter() - self._start
