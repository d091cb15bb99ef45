"""The tables of `docs/SPEED.md`, from the numbers that the benchmarks kept.

`python -m benchmarks.speed_page`. There is one of each for every kind of processor. What
stands outside the marked parts is written by hand.
"""

import json
import re
import statistics
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks import first_use
from benchmarks.floor import FLOORS, floor_row
from benchmarks.growth import draw
from benchmarks.machine import KINDS
from benchmarks.rounds import RESULTS, peak_gb, ratio, shown

PAGE = Path(__file__).resolve().parent.parent / "docs" / "SPEED.md"

GOALS = (
    ("sampling", "ours", "generate", 8.0, "HF `generate`, the best batch measured"),
    ("sampling", "ours", "llama-prebuilt", 5.0, "llama.cpp's server, prebuilt"),
    ("sampling", "ours", "llama-native", 3.0, "llama.cpp built here"),
    ("scoring", "ours", "plain", 6.0, "one row a choice"),
    ("training", "ours", "trl", 3.0, "TRL as it is"),
    ("ask", "ours-choices", "six-calls", 6.0, "six calls of `generate`; ours as the page asks"),
    ("ask", "ours", "six-calls", 6.0, "six calls of `generate`; ours in free text, too"),
)
"""Benchmark, our contender, theirs (or how its name begins: the fastest counts), goal, title."""

PEAKS = {
    "copy": "copying memory, GB/s",
    "read": "reading memory, GB/s",
    "gemm_fp32": "product of 2048 x 2048 matrices in fp32, GFLOP/s",
    "gemm_bf16": "product of 2048 x 2048 matrices in bf16, GFLOP/s",
    "head_fp32": "192 rows through the output head in fp32, GFLOP/s",
    "head_bf16": "192 rows through the output head in bf16, GFLOP/s",
    "mlp_fp32": "192 rows through one product of the trunk in fp32, GFLOP/s",
    "mlp_bf16": "192 rows through one product of the trunk in bf16, GFLOP/s",
}
Results = Mapping[str, Any]
"""What the benchmarks kept of one kind of processor, by name."""


def main() -> None:
    of_kinds = read_results(RESULTS)
    sections = {"goals": goals, "measured": measured, "floor": floor}
    parts = {name: by_kind(of_kinds, section) for name, section in sections.items()}
    draw(of_kinds)
    text = PAGE.read_text(encoding="utf-8")
    for name, content in parts.items():
        pattern = re.compile(rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)", re.DOTALL)
        text = pattern.sub(lambda match, new=content: f"{match[1]}{new}\n{match[2]}", text)  # type: ignore[misc]
    PAGE.write_text(text, encoding="utf-8")


def read_results(folder: Path) -> dict[str, Results]:
    """Return the numbers of every kind of processor that was measured, in the order of KINDS."""
    return {
        name: {path.stem: json.loads(path.read_text("utf-8")) for path in files}
        for name in KINDS
        if (files := sorted((folder / name).glob("*.json")))
    }


def by_kind(of_kinds: Mapping[str, Results], section: Callable[[Results], str]) -> str:
    """Return a section under a heading for every kind."""
    parts = []
    for name, results in of_kinds.items():
        title = KINDS[name]
        parts.append(f"### {title[0].upper()}{title[1:]}\n\n{section(results)}\n")
    return "\n".join(parts)


def goals(results: Results) -> str:
    """Return what is to be reached and what was."""
    lines = [
        "| what | against | to reach | reached | memory, ours | theirs |",
        "|---|---|---|---|---|---|",
    ]
    for benchmark, our_name, name, goal, title in GOALS:
        if benchmark not in results:
            continue
        rows = results[benchmark]["rows"]
        ours = next(row for row in rows if row["name"] == our_name)
        peers = [row for row in rows if row["name"].startswith(name) and row["rounds"]]
        if not peers:
            lines.append(f"| {benchmark} | {title} | {goal:g}x | not measured | | |")
            continue
        best = max(peers, key=lambda row: ratio_of(ours, row, inverse=True))
        lines.append(
            f"| {benchmark} | {title} | {goal:g}x | {ratio(ours, best)} "
            f"| {peak_gb(ours):.2f} GB | {peak_gb(best):.2f} GB |"
        )
    if "ask" in results:
        for row in results["ask"]["rows"]:
            if row["rounds"]:
                lines.append(_ask_line(row))
    if "alignment" not in results:
        lines.append(
            "| default alignment | from the click to the comparison | 10 min | not measured | | |"
        )
    for name, seconds in results.get("alignment", {}).get("seconds", {}).items():
        lines.append(
            f"| default alignment | {name}, from the click to the comparison | 10 min "
            f"| {seconds / 60:.1f} min | | |"
        )
    return "\n".join(lines)


def _ask_line(row: Mapping[str, Any]) -> str:
    first = statistics.median(r["details"]["first"] for r in row["rounds"])
    every = statistics.median(r["seconds"] for r in row["rounds"])
    return (
        f"| ask, seconds | {row['title']} | first 1.5 s, all 6 s "
        f"| {first:.2f} s, {every:.2f} s | | |"
    )


def ratio_of(ours: Mapping[str, Any], row: Mapping[str, Any], inverse: bool = False) -> float:
    """Return how many times as fast `ours` is by the medians, or its inverse."""
    mine, theirs = (
        statistics.median(r["done"] / r["seconds"] for r in one["rounds"]) for one in (ours, row)
    )
    ratio: float = theirs / mine if inverse else mine / theirs
    return ratio


def measured(results: Results) -> str:
    """Return the table of every benchmark that was run, and the machine."""
    parts = []
    for name in ("sampling", "scoring", "training", "ask"):
        if name in results:
            rounds = max(len(row["rounds"]) for row in results[name]["rows"])
            said = "1 round" if rounds == 1 else f"{rounds} rounds"
            parts += [f"#### {name}, {said}", "", shown(results[name]), ""]
    if "first_use" in results:
        parts += ["#### first use, in a browser", "", *first_use.table(results["first_use"]), ""]
    machines = sorted({result["machine"] for result in results.values()})
    parts += [f"Measured on {machine}." for machine in machines]
    if any("ONEDNN" in machine for machine in machines):
        parts.append("llama.cpp has its own products: to it nothing was forbidden.")
    return "\n".join(parts)


def floor(results: Results) -> str:
    """Return the measured peaks, and how far each benchmark is from them."""
    if "floor" not in results:
        return "Not measured."
    found = results["floor"]["peaks"]
    lines = ["| peak | |", "|---|---|"]
    lines += [f"| {title} | {found[name]:,.0f} |" for name, title in PEAKS.items() if name in found]
    lines += [
        "",
        "| benchmark | GFLOP | GB | floor, s | ours, s | above the floor |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        floor_row(name, results[name]["rows"][0], found)
        for name in FLOORS
        if name in results and results[name]["rows"][0]["rounds"]
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
