"""Which precision is the faster one on this machine: measured once, and kept.

Libraries tell whether bf16 is supported, which includes processors that only imitate it: there a
product takes three times as long as in fp32. So both are timed, in a few tenths of a second.
"""

import os
import platform
import time
from pathlib import Path

import torch

from calm.models.hardware import has_gpu
from calm.paths import keep, read_kept
from calm.records import Faster

DTYPES: dict[Faster, torch.dtype] = {"bf16": torch.bfloat16, "fp32": torch.float32}
ROWS, WIDTH, HIDDEN = 256, 640, 2048
"""Of the product that is timed: a small model's layer over a batch of prompts."""
REPEATS = 20
"""So many that a busy machine has a quiet moment among them."""
FILE = "precision.json"


def faster_precision() -> Faster:
    """Return bf16 where this machine computes it at least as fast as fp32, else fp32."""
    times = measured()
    return "bf16" if times["bf16"] <= times["fp32"] else "fp32"


def measured() -> dict[Faster, float]:
    """Return the milliseconds of one product in each precision, from this machine's file.

    They are measured where the file lacks this processor with this version of torch.
    """
    known = _read()
    machine = machine_name()
    if machine not in known:
        known = _read() | {machine: _measure()}
        keep(FILE, known)
    return known[machine]


def machine_name() -> str:
    """Return what the choice depends on: processor, torch, threads, forbidden instructions."""
    if has_gpu():
        return f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
    forbidden = os.environ.get("ONEDNN_MAX_CPU_ISA", "")
    parts = [_processor(), f"torch {torch.__version__}", f"{torch.get_num_threads()} threads"]
    return ", ".join([*parts, *([f"at most {forbidden}"] if forbidden else [])])


def reason() -> str:
    """Return the measurement in words."""
    times = measured()
    return f"a product takes {times['bf16']:.3g} ms in bf16 and {times['fp32']:.3g} ms in fp32"


def _measure() -> dict[Faster, float]:
    """Time both in turns and keep the best of each, so that a busy moment decides nothing."""
    device = "cuda" if has_gpu() else "cpu"
    best: dict[Faster, float] = {}
    for repeat in range(REPEATS + 1):
        for name, dtype in DTYPES.items():
            taken = _time(dtype, device)
            if repeat:  # the first of each builds its kernels
                best[name] = min(taken, best.get(name, taken))
    return best


def _time(dtype: torch.dtype, device: str) -> float:
    rows = torch.ones(ROWS, WIDTH, dtype=dtype, device=device)
    weights = torch.ones(HIDDEN, WIDTH, dtype=dtype, device=device)
    _wait(device)
    start = time.perf_counter()
    torch.nn.functional.linear(rows, weights)
    _wait(device)
    return (time.perf_counter() - start) * 1000


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def _processor() -> str:
    """Return the processor's name with its features, which a virtual machine may hide."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    lines = [line.partition(":") for line in text.split("\n\n", 1)[0].splitlines()]
    fields = {name.strip(): value.strip() for name, _, value in lines}
    flags = fields.get("flags", "").split()
    own = " ".join(flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in flags)
    return f"{fields.get('model name', platform.machine())} {own}".strip()


def _read() -> dict[str, dict[Faster, float]]:
    """Return what is kept; a broken file is as good as none."""
    try:
        kept = read_kept(FILE)
        return {m: {"bf16": t["bf16"], "fp32": t["fp32"]} for m, t in kept.items()}
    except (KeyError, TypeError, AttributeError):
        return {}
