"""What machine a number was measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("torch", "transformers", "trl", "peft", "bitsandbytes")


def machine() -> str:
    """Return processor, cores, memory and versions in one sentence."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{os.cpu_count()} cores of {processor()}, {memory:.0f} GiB of memory, no GPU used; "
        f"Python {platform.python_version()}, {versions}"
    )


def processor() -> str:
    """Return the processor's name, with the bf16 instructions it has."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    facts = {name.strip(): value.strip() for name, value in facts.items()}
    extras = [
        flag for flag in ("avx512_bf16", "amx_bf16") if flag in facts.get("flags", "").split()
    ]
    name = facts.get("model name", platform.machine())
    return f"{name} ({', '.join(extras)})" if extras else name
