"""An adapter for llama.cpp: beside a base in a file of its own, or added to a packaged base.

A GGUF file of a LoRA adapter has the two small matrices of each layer under the layer's name in
GGUF (llama.cpp, `convert_lora_to_gguf.py`). A whole model needs its tokenizer in GGUF, which a
packaged model has already: the layers that the adapter changes are written anew there, in 16 bits,
and all else stays as it is.
"""

import json
import math
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from safetensors import SafetensorError
from safetensors.torch import load_file

from calm.errors import CalmError
from calm.model_names import WEIGHTS, full_name
from calm.models.adapters import adapter_settings
from calm.models.shipped import Packaged, take_out
from calm.models.sources import find_source

ARCHITECTURES = {
    "gemma3": gguf.MODEL_ARCH.GEMMA3,
    "gemma3_text": gguf.MODEL_ARCH.GEMMA3,
    "llama": gguf.MODEL_ARCH.LLAMA,
    "qwen2": gguf.MODEL_ARCH.QWEN2,
    "qwen3": gguf.MODEL_ARCH.QWEN3,
}
"""By `model_type`: the kinds of which it is known how their layers lie in GGUF."""
LAYER = re.compile(r"base_model\.model\.(.+)\.lora_([AB])\.weight")
UNLIKE_PLAIN = ("use_dora", "rank_pattern", "alpha_pattern", "modules_to_save", "fan_in_fan_out")
"""Settings of a LoRA that GGUF has no place for."""
ALIGNMENT = "general.alignment"
FILE_TYPE = "general.file_type"


@dataclass(frozen=True)
class Layers:
    """A LoRA adapter as GGUF has it."""

    architecture: gguf.MODEL_ARCH
    alpha: float
    """What it adds is multiplied by alpha / rank."""
    parts: Mapping[str, tuple[np.ndarray, np.ndarray]]
    """By the tensor's name in GGUF: A, of rank x inputs, and B, of outputs x rank."""


def read_layers(base: str, files: Mapping[str, str], adapter: Path) -> Layers:
    """Return the adapter's layers under their names in GGUF.

    Raises CalmError for a base of a kind that is not in `ARCHITECTURES`, and for an adapter that
    is more than a plain LoRA.
    """
    config = _config(find_source(full_name(base), files).folder)
    kind = str(config.get("model_type"))
    architecture = ARCHITECTURES.get(kind)
    if architecture is None:
        raise CalmError("gguf.unknown-kind", kind=kind, known=", ".join(ARCHITECTURES))
    settings = adapter_settings(adapter)
    unlike = [name for name in UNLIKE_PLAIN if settings.get(name)]
    if unlike or settings.get("bias", "none") != "none":
        raise CalmError("gguf.no-plain-lora", settings=", ".join(unlike or ["bias"]))
    rank, alpha = int(settings["r"]), float(settings["lora_alpha"])
    names = gguf.get_tensor_name_map(architecture, int(config["num_hidden_layers"]))
    parts = {}
    for layer, (a, b) in _pairs(adapter).items():
        name = names.get_name(layer)
        if name is None:
            raise CalmError("gguf.unknown-layer", layer=layer, kind=kind)
        parts[f"{name}.weight"] = a, _as_gguf_lies(b, layer, config)
    return Layers(
        architecture, alpha * math.sqrt(rank) if settings.get("use_rslora") else alpha, parts
    )


def write_lora(layers: Layers, name: str, path: Path) -> None:
    """Write the adapter as a GGUF file, to be given to llama.cpp with `--lora`."""
    writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[layers.architecture])
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, layers.alpha)
    writer.add_name(name)
    for tensor, (a, b) in sorted(layers.parts.items()):
        writer.add_tensor(f"{tensor}.lora_a", a)
        writer.add_tensor(f"{tensor}.lora_b", b)
    _finish(writer)


def write_whole_model(packaged: Packaged, layers: Layers, name: str, path: Path) -> None:
    """Write the packaged model with the adapter in it as one GGUF file.

    Raises CalmError where the package is not installed or damaged, or has no such layer.
    """
    with tempfile.TemporaryDirectory(prefix=".gguf-", dir=path.parent) as work:
        reader = gguf.GGUFReader(take_out(packaged, Path(work)))
        missing = set(layers.parts) - {tensor.name for tensor in reader.tensors}
        if missing:
            raise CalmError("gguf.unknown-layer", layer=min(missing), kind=packaged.name)
        writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[layers.architecture])
        _copy_fields(reader, writer, name)
        for tensor in reader.tensors:
            if tensor.name not in layers.parts:
                writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
                continue
            a, b = layers.parts[tensor.name]
            weights = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
            added = weights + (layers.alpha / a.shape[0]) * (b @ a)
            writer.add_tensor(tensor.name, added.astype(np.float16))
        _finish(writer)


def _copy_fields(reader: gguf.GGUFReader, writer: gguf.GGUFWriter, name: str) -> None:
    """Take over what a file says of its model, but its name and how its weights are written."""
    own = (gguf.Keys.General.ARCHITECTURE, gguf.Keys.General.NAME, FILE_TYPE, ALIGNMENT)
    writer.add_name(name)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    for field in reader.fields.values():
        if field.name in own or field.name.startswith("GGUF."):
            continue
        kind = field.types[0]
        inside = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), kind, sub_type=inside)


def _finish(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _config(folder: Path) -> dict[str, Any]:
    """Return a base's settings; those of its text part, where it has others."""
    config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    text = config.get("text_config")
    return {**config, **text} if isinstance(text, dict) else config


def _pairs(adapter: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return the two matrices of each layer, by the layer's name in the model."""
    try:
        weights = load_file(adapter / WEIGHTS)
    except (OSError, SafetensorError) as error:
        raise CalmError("adapter.damaged", folder=adapter.name, reason=error) from None
    found: dict[str, dict[str, np.ndarray]] = {}
    for key, tensor in weights.items():
        named = LAYER.fullmatch(key)
        if named is None:
            raise CalmError("gguf.unknown-layer", layer=key, kind="LoRA")
        found.setdefault(named[1], {})[named[2]] = tensor.float().numpy()
    return {layer: (both["A"], both["B"]) for layer, both in found.items()}


def _as_gguf_lies(b: np.ndarray, layer: str, config: Mapping[str, Any]) -> np.ndarray:
    """Return B with its rows where GGUF has them: Llama's heads lie interleaved there."""
    heads = int(config["num_attention_heads"])
    if layer.endswith(".k_proj"):
        heads = int(config.get("num_key_value_heads") or heads)
    elif not layer.endswith(".q_proj"):
        heads = 0
    if config.get("model_type") != "llama" or not heads:
        return b
    halves = b.reshape(heads, 2, b.shape[0] // heads // 2, b.shape[1])
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(b.shape))
