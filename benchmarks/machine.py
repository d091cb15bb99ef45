"""What machine a number was measured on, and which kind of processor that makes it.

Products in bf16 are what processors differ in most: matrix units (AMX), a vector instruction
(AVX512_BF16), or neither. `ONEDNN_MAX_CPU_ISA` forbids instructions, so that a processor stands in
for a lesser kind; numbers of each kind are kept apart.
"""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("torch", "transformers", "trl", "peft", "bitsandbytes")
KINDS = {
    "amx": "a processor with AMX",
    "avx512_bf16": "a processor with bf16 instructions, but no AMX",
    "no_bf16": "a processor without bf16 instructions",
}
"""Folder of the numbers, and the words for it; the first has the most instructions."""
ALLOWED_BY = {"avx512_bf16": ("BF16", "FP16", "AMX", "AVX10"), "amx_bf16": ("AMX",)}
"""Feature -> what the values of `ONEDNN_MAX_CPU_ISA` that allow it have in their names."""
NOTHING_FORBIDDEN = ("", "DEFAULT", "ALL")


def machine() -> str:
    """Return processor, cores, memory, what was forbidden and versions in one sentence."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{os.cpu_count()} cores of {processor()}{forbidden()}, {memory:.0f} GiB of memory, "
        f"no GPU used; Python {platform.python_version()}, {versions}"
    )


def processor() -> str:
    """Return the processor's name, with the bf16 instructions it has."""
    facts = _facts()
    name = facts.get("model name", platform.processor() or platform.machine())
    has = ", ".join(flag for flag in ALLOWED_BY if flag in facts.get("flags", "").split())
    return f"{name} ({has or 'no bf16 instructions'})"


def forbidden() -> str:
    """Return in words which instructions are forbidden; nothing where none are."""
    most = _most()
    if most in NOTHING_FORBIDDEN:
        return ""
    return f" with instructions beyond {most} forbidden (ONEDNN_MAX_CPU_ISA={most})"


def kind() -> str:
    """Return which of KINDS the processor is, with what is forbidden to it."""
    has = _facts().get("flags", "").split()
    most = _most()
    usable = [
        flag
        for flag, names in ALLOWED_BY.items()
        if flag in has and (most in NOTHING_FORBIDDEN or any(name in most for name in names))
    ]
    return "amx" if "amx_bf16" in usable else "avx512_bf16" if usable else "no_bf16"


def _most() -> str:
    return os.environ.get("ONEDNN_MAX_CPU_ISA", "").upper()


def _facts() -> dict[str, str]:
    """Return what the system tells of its first core; nothing where it tells nothing."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return {}
    lines = [line.partition(":") for line in text.split("\n\n", 1)[0].splitlines()]
    return {name.strip(): value.strip() for name, _, value in lines}
