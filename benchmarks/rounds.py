"""Contenders in turn, round after round, each in a process of its own: rates, ratios, memory.

A process for every contender and round gives each a cold start and its own peak memory. Loading
and a warm-up on another text are not in the time.
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
from typing import Any

from benchmarks.machine import machine

RESULTS = Path(__file__).resolve().parent / "results"
MARK = "RESULT "
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
    work: Callable[[int], Measured]
    amount: int
    """How much of the work it is given, as `work` counts it; slow ones get a part of it."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables of its process, beside those there are."""


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
    given = options.parse_args()
    if given.contender:
        (chosen,) = (c for c in contenders if c.name == given.contender)
        print(MARK + json.dumps(_measure(chosen, given.amount)), flush=True)
        return
    chosen_ones = [c for c in contenders if not given.only or c.name in given.only]
    result: dict[str, Any] = {"benchmark": benchmark, "unit": unit, "machine": machine()}
    for rows in _rounds(benchmark, chosen_ones, given.rounds, given.part):
        result["rows"] = rows
        if given.write:
            save(given.name or benchmark, result)
    print(shown(result))


def save(benchmark: str, result: dict[str, Any]) -> None:
    """Keep the numbers of a benchmark."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    (RESULTS / f"{benchmark}.json").write_text(text, encoding="utf-8")


def shown(result: dict[str, Any]) -> str:
    """Return the numbers as a table: median rate with its spread, ratio to the first, memory."""
    rows = [row for row in result["rows"] if row["rounds"]]
    lines = [
        f"| contender | {result['unit']}/s, median (min to max) | ours is | peak memory | load |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        rates = rates_of(row)
        done = row["rounds"][0]["done"]
        lines.append(
            f"| {row['title']} ({done}) | {statistics.median(rates):.2f} "
            f"({min(rates):.2f} to {max(rates):.2f}) | {ratio(rows[0], row)} "
            f"| {peak_gb(row):.2f} GB | {max(r['load'] for r in row['rounds']):.1f} |"
        )
    lines += [f"| {row['title']} | {row['failure']} |" for row in result["rows"] if row["failure"]]
    return "\n".join(lines)


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
    rows: list[dict[str, Any]] = [
        {"name": c.name, "title": c.title, "rounds": [], "failure": ""} for c in contenders
    ]
    for number in range(rounds):
        for contender, row in zip(contenders, rows, strict=True):
            if row["failure"]:
                continue
            load = os.getloadavg()[0]
            amount = max(1, round(contender.amount * part))
            command = [sys.executable, "-m", f"benchmarks.{benchmark}"]
            command += ["--contender", contender.name, "--amount", str(amount)]
            environment = os.environ | contender.environment
            child = subprocess.run(
                command, capture_output=True, text=True, check=False, env=environment
            )
            found = [line for line in child.stdout.splitlines() if line.startswith(MARK)]
            if not found:
                row["failure"] = (child.stderr.strip().splitlines() or ["no result"])[-1][:200]
                print(f"{contender.name}: {row['failure']}", file=sys.stderr, flush=True)
                continue
            measured = json.loads(found[0].removeprefix(MARK)) | {"load": round(load, 2)}
            row["rounds"].append(measured)
            print(
                f"round {number + 1}, {contender.name}: {measured['done']} in "
                f"{measured['seconds']:.1f} s, {measured['peak_gb']:.2f} GB",
                file=sys.stderr,
                flush=True,
            )
        yield rows


def _measure(contender: Contender, amount: int) -> dict[str, Any]:
    measured = asdict(contender.work(amount))
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
