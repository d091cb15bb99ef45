"""An adapter that comes with an archive: nothing is read but a plain LoRA adapter."""

import json
import math
import re
import struct
from pathlib import Path
from typing import Any

from calm.errors import CalmError
from calm.model_names import SETTINGS, WEIGHTS

MAX_HEADER = 8 << 20
WIDTHS = {"F32": 4, "F16": 2, "BF16": 2}
"""Bytes of a number in an adapter's weights, by its type."""
MAX_RANK = 256
LORA: dict[str, Any] = {
    "base_model_name_or_path": str,
    "bias": "none",
    "inference_mode": bool,
    "init_lora_weights": bool,
    "lora_alpha": (int, float),
    "lora_dropout": (int, float),
    "megatron_core": "megatron.core",
    "peft_type": "LORA",
    "peft_version": str,
    "qalora_group_size": int,
    "r": int,
    "target_modules": list,
    "task_type": "CAUSAL_LM",
    "use_rslora": bool,
}
"""What an adapter's settings may say, by value or by type. Anything else must be off: PEFT has
settings that name Python modules to import, or start long computations."""
MODULE = re.compile(r"[A-Za-z0-9_.]{1,100}")


def check_archived_adapter(folder: Path) -> None:
    """Raise CalmError unless the folder holds a plain LoRA adapter as safetensors."""
    try:
        config = json.loads((folder / SETTINGS).read_bytes())
    except (OSError, ValueError, RecursionError):
        raise CalmError("adapter-settings.missing") from None
    if not isinstance(config, dict) or config.get("peft_type") != "LORA":
        raise CalmError("adapter-settings.no-lora")
    for key, value in config.items():
        if not _is_plain(value, LORA.get(key)):
            raise CalmError("adapter-settings.not-read", name=key, value=repr(str(value)[:80]))
    modules = config.get("target_modules") or []
    if not 1 <= config.get("r", 0) <= MAX_RANK or not all(
        isinstance(name, str) and MODULE.fullmatch(name) for name in modules
    ):
        raise CalmError("adapter-settings.not-plain")
    _check_safetensors(folder / WEIGHTS)


def _is_plain(value: Any, allowed: Any) -> bool:
    if allowed is None or not value:
        return not value
    if isinstance(allowed, str):
        return bool(value == allowed)
    return isinstance(value, allowed)


def _check_safetensors(path: Path) -> None:
    """Check the header: LoRA tensors of plain numbers that lie inside the file."""
    damaged = CalmError("adapter-weights.damaged")
    if not path.is_file():
        raise CalmError("adapter-weights.missing")
    with path.open("rb") as stream:
        first = stream.read(8)
        length = struct.unpack("<Q", first)[0] if len(first) == 8 else MAX_HEADER + 1
        if length > MAX_HEADER:
            raise damaged
        try:
            header = json.loads(stream.read(length))
        except (ValueError, RecursionError):
            raise damaged from None
    room = path.stat().st_size - 8 - length
    if not isinstance(header, dict):
        raise damaged
    for name, tensor in header.items():
        if name != "__metadata__" and not ("lora_" in name and _fits(tensor, room)):
            raise damaged


def _fits(tensor: Any, room: int) -> bool:
    try:
        start, end = tensor["data_offsets"]
        size = math.prod(tensor["shape"]) * WIDTHS[tensor["dtype"]]
        return bool(0 <= start <= end <= room and end - start == size)
    except (KeyError, TypeError, ValueError):
        return False
