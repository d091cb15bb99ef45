"""The floor: what this machine can do at most, and what each benchmark has to do at least.

`python -m benchmarks.floor [--write]` measures memory bandwidth and matrix products. `floors` sets
the operations and bytes of a benchmark against them.
"""

import argparse
import json
import statistics
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.machine import machine
from benchmarks.rounds import Clock, save
from calm.records import Faster

REPEATS = 7

LAYERS, HIDDEN, VOCABULARY = 18, 640, 262144
HEADS, KEY_VALUE_HEADS, HEAD_SIZE, INTERMEDIATE = 4, 1, 256, 2048
"""Sizes of Gemma 3 270M."""
TRUNK = LAYERS * (HIDDEN * HEAD_SIZE * 2 * (HEADS + KEY_VALUE_HEADS) + 3 * HIDDEN * INTERMEDIATE)
HEAD = HIDDEN * VOCABULARY
KEYS_AND_VALUES = LAYERS * 2 * KEY_VALUE_HEADS * HEAD_SIZE
"""Of one position."""
BYTES: dict[Faster, int] = {"bf16": 2, "fp32": 4}

Peaks = Mapping[str, float]
Details = Mapping[str, Any]


def peaks() -> dict[str, float]:
    """Return the best of several tries: GB/s of copying and reading, GFLOP/s of products."""
    import torch

    from calm.models.precision import DTYPES

    def gemm(rows: int, inner: int, columns: int, kind: torch.dtype) -> float:
        left = torch.randn(rows, inner).to(kind)
        right = torch.randn(columns, inner).to(kind)
        return 2 * rows * inner * columns / 1e9 / _best(lambda: left @ right.T)

    block = torch.zeros(1 << 27)
    other = torch.ones_like(block)
    size = block.numel() * 4 / 1e9
    sizes = {
        "gemm": (2048, 2048, 2048),
        "head": (192, HIDDEN, VOCABULARY),
        "mlp": (192, HIDDEN, INTERMEDIATE),
    }
    products = {
        f"{name}_{precision}": gemm(*of, dtype)
        for name, of in sizes.items()
        for precision, dtype in DTYPES.items()
    }
    moved = {
        "copy": 2 * size / _best(lambda: block.copy_(other)),
        "read": size / _best(other.sum),
    }
    return moved | products


def _best(work: Callable[[], object]) -> float:
    """Return the seconds of the fastest of several calls."""
    work()
    times = []
    for _ in range(REPEATS):
        clock = Clock()
        work()
        times.append(clock.seconds())
    return min(times)


def sampling(done: int, details: Details, size: int) -> list[tuple[float, float]]:
    """Return (GFLOP, GB) of reading the prompts and of every step after that.

    A step's scores of the whole vocabulary are counted as written once and read once.
    """
    questions = done / 4
    prompts = _phase(
        details["shared_tokens"] + details["question_tokens"],
        questions,
        details["languages"] + details["batches"],
        0,
        size,
    )
    steps = _phase(
        details["new_tokens"] - done,
        details["new_tokens"] - done,
        details["steps"] - details["batches"],
        details["shared_tokens"] / details["languages"] + details["question_tokens"] / questions,
        size,
    )
    return [prompts, steps]


def scoring(done: int, details: Details, size: int) -> list[tuple[float, float]]:
    """Return (GFLOP, GB) of reading the prompts and of reading the choices."""
    prompts = _phase(
        details["shared_tokens"] + details["question_tokens"],
        done,
        details["languages"] + details["batches"],
        0,
        size,
    )
    choices = _phase(
        details["choice_tokens"],
        details["choice_tokens"],
        details["batches"],
        details["shared_tokens"] / details["languages"] + details["question_tokens"] / done,
        size,
    )
    return [prompts, choices]


def ask(done: int, details: Details, size: int) -> list[tuple[float, float]]:
    """Return (GFLOP, GB) of every step of free text; what the prompts take is left out."""
    return [_phase(details["new_tokens"], details["new_tokens"], details["steps"], 0, size)]


def training(done: int, details: Details, size: int) -> list[tuple[float, float]]:
    """Return (GFLOP, GB) of all steps: forward, reference, and backward to the adapter."""
    operations, moved = _phase(
        details["tree_tokens"], details["completion_tokens"], details["steps"], 0, size
    )
    return [(3 * operations, 3 * moved)]


def _phase(
    tokens: float, scored: float, passes: float, context: float, size: int
) -> tuple[float, float]:
    """Return (GFLOP, GB) of `passes` over the weights for `tokens`, of which `scored` get scores.

    `context` is how many cached positions each token looks back at, `size` a number's bytes.
    """
    operations = 2 * TRUNK * tokens + 2 * HEAD * scored
    operations += tokens * context * 4 * LAYERS * HEADS * HEAD_SIZE
    moved = passes * (TRUNK + HEAD) + 2 * scored * VOCABULARY + tokens * context * KEYS_AND_VALUES
    return operations / 1e9, moved * size / 1e9


FLOORS = {"sampling": sampling, "scoring": scoring, "training": training, "ask": ask}


def floor_row(benchmark: str, row: Mapping[str, Any], found: Peaks) -> str:
    """Return a line of the table: operations, bytes, the floor, what we take, and the share."""
    last = row["rounds"][-1]
    precision: Faster = row["precision"]
    phases = FLOORS[benchmark](last["done"], last["details"], BYTES[precision])
    product = found[f"gemm_{precision}"]
    least = sum(max(ops / product, moved / found["read"]) for ops, moved in phases)
    took = statistics.median(r["seconds"] for r in row["rounds"])
    return (
        f"| {benchmark}, {precision} | {sum(ops for ops, _ in phases):,.0f} | "
        f"{sum(moved for _, moved in phases):,.0f} | {least:.3g} | {took:.3g} "
        f"| {took / least:.1f}x |"
    )


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--write", action="store_true")
    found = peaks()
    print(json.dumps(found, indent=1))
    if options.parse_args().write:
        save("floor", {"machine": machine(), "peaks": {k: round(v, 1) for k, v in found.items()}})
