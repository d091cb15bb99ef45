"""LoRA adapters as they lie in folders: which are loaded beside a model, and by what name."""

import hashlib
import json
from pathlib import Path
from typing import Any

from calm.errors import CalmError


def check_adapter(folder: Path, model: Any) -> None:
    """Raise CalmError unless `folder` holds a LoRA adapter, as safetensors, that fits `model`."""
    try:
        config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise CalmError(
            f"{folder} holds no adapter: adapter_config.json is missing or broken. "
            "Finish the run first (python -m calm align RUN)."
        ) from None
    if config.get("peft_type") != "LORA":
        raise CalmError(f"The adapter in {folder} is {config.get('peft_type')}, not LoRA.")
    if not (folder / "adapter_model.safetensors").is_file():
        raise CalmError(
            f"{folder} has no adapter_model.safetensors. Other formats can run code "
            "when they are opened and are not read: save the adapter as safetensors."
        )
    made_for = Path(str(config.get("base_model_name_or_path"))).name
    here = Path(str(model.name_or_path)).name
    if made_for != here:
        raise CalmError(
            f"The adapter in {folder} was trained for {made_for}, but the model here is {here}."
        )


def adapter_name(folder: Path) -> str:
    """Return a name for the adapter as it is now: one trained anew in its place is another."""
    weights = folder / "adapter_model.safetensors"
    made = weights.stat().st_mtime_ns if weights.is_file() else 0
    return hashlib.sha256(f"{folder.resolve()}/{made}".encode()).hexdigest()[:16]
