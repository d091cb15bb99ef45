"""From a model's files to a model in memory: read whole and checked, or refused in a sentence."""

import dataclasses
import json
import re
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from calm.config import SHIPPED_MODEL
from calm.errors import CalmError
from calm.languages.table import LANGUAGES
from calm.models.adapters import merged
from calm.models.sources import Source
from calm.paths import calm_home

LFS_POINTER = b"version https://git-lfs"
PROBE = 3
"""Tokens of the text by which a model is tried."""
LEAKS = 0.01
"""A causal model gives earlier positions the same numbers whatever comes behind them. What they
may change by, in parts of what the last position changes by."""


def read_model(source: Source, options: dict[str, Any]) -> Any:
    """Return the model of a folder; an adapter's base has the adapter merged in.

    Raises CalmError where the files are no causal language model, are damaged, incomplete or hold
    other weights than the model has.
    """
    model = _read_merged(source, options) if source.base else _read_whole(source, options)
    model.name_or_path = model.config._name_or_path = source.given
    return model


def read_tokenizer(source: Source) -> Any:
    """Return the tokenizer, with an end of text and a padding token.

    An adapter's own goes before that of its base. Raises CalmError where it cannot be read, or
    lacks an end of text.
    """
    name, folder = source.name, source.folder
    if source.base and not (folder / "tokenizer_config.json").is_file():
        return read_tokenizer(dataclasses.replace(source.base, name=name))
    _check_files(folder, name)
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:  # strangers' files raise whatever a library's depths raise
        raise refusal(error, name, str(folder)) from error
    if tokenizer.eos_token is None:
        raise CalmError("model.no-end-of-text", model=name)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def check_computes(model: Any, tokenizer: Any, name: str) -> None:
    """Raise CalmError unless the model computes, from left to right, and knows its tokens."""
    rows = model.get_input_embeddings().weight.shape[0]
    _check_vocabulary(tokenizer, rows, name)
    ids = torch.arange(PROBE, device=model.device).repeat(2, 1) % rows
    ids[1, -1] = (PROBE + 1) % rows
    try:
        with torch.no_grad():
            logits = model(ids, use_cache=False).logits.float()
    except Exception as error:  # whatever its layers need and this machine lacks
        raise CalmError("model.no-computing", model=name, reason=_first_line(error)) from error
    if not bool(logits.isfinite().all()):
        raise CalmError("model.no-numbers", model=name)
    change = (logits[0] - logits[1]).abs().amax(-1)
    if change[:-1].max() > LEAKS * change[-1]:
        raise CalmError("model.encoder", model=name)


def limit_positions(model: Any, name: str) -> None:
    """Have a model with learnt positions tell which text is too long, where it would break off."""
    longest = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    if longest is None or not _learns_positions(model, longest):
        return

    def check(module: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        positions, embedded = kwargs.get("position_ids"), kwargs.get("inputs_embeds")
        given: Any = kwargs.get("input_ids", args[0] if args else embedded)
        length = int(given.shape[1]) if positions is None else int(positions.max()) + 1
        if length > longest:
            raise CalmError("model.text-too-long", length=length, model=name, longest=longest)

    model.base_model.register_forward_pre_hook(check, with_kwargs=True)


def refusal(error: Exception, name: str, source: str) -> CalmError:
    """Return what a person can do about a model that could not be read from `source`."""
    reason = _first_line(error).replace(source, name)
    text = f"{error!r} {error} {error.__cause__!r}"
    for pattern, said in REFUSALS:
        if re.search(pattern, text, re.IGNORECASE):
            return said(name, reason)
    return CalmError("model.not-loaded", model=repr(name), shipped=SHIPPED_MODEL, reason=reason)


REFUSALS: tuple[tuple[str, Callable[[str, str], CalmError]], ...] = (
    (
        r"trust_remote_code|custom code|execute the",
        lambda name, reason: CalmError("model.own-code", model=name),
    ),
    (
        r"size mismatch|ignore_mismatched_sizes|mismatched",
        lambda name, reason: CalmError("model.other-sizes", model=name),
    ),
    (
        r"no file named",
        lambda name, reason: CalmError("model.no-weights", model=name),
    ),
    (
        r"SafetensorError|deserializ|incomplete metadata|header|Unpickling|PytorchStream",
        lambda name, reason: CalmError("model.damaged-weights", model=name, reason=reason),
    ),
    (
        r"does not recognize this architecture|should have a `model_type`|Unrecognized model",
        lambda name, reason: CalmError("model.unknown-kind", model=name, reason=reason),
    ),
    (
        r"Unrecognized configuration class",
        lambda name, reason: CalmError("model.not-causal", model=name),
    ),
    (
        r"tokenizer",
        lambda name, reason: CalmError("tokenizer.unreadable", model=name, reason=reason),
    ),
)
"""What transformers says, and what it means to a person, the plainer ones first."""


def _read_merged(source: Source, options: dict[str, Any]) -> Any:
    """Return the adapter's base with the adapter in it.

    Into 4-bit weights a small change cannot be added without loss: for these the merged model is
    written beside our other models, read from there in 4 bits, and removed.
    """
    assert source.base
    quantized = "quantization_config" in options
    plain = {key: value for key, value in options.items() if key != "quantization_config"}
    model = merged(read_model(source.base, plain), source.folder)
    if quantized:
        calm_home().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".merged-", dir=calm_home()) as work:
            model.save_pretrained(work)
            model = _read_whole(Source(source.name, Path(work)), options)
    return model


def _read_whole(source: Source, options: dict[str, Any]) -> Any:
    name, folder = source.name, source.folder
    _check_files(folder, name)
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:  # strangers' files raise whatever a library's depths raise
        raise refusal(error, name, str(folder)) from error
    if getattr(config, "is_encoder_decoder", False):
        raise CalmError("model.encoder-decoder", model=name, kind=config.model_type)
    try:
        model, found = AutoModelForCausalLM.from_pretrained(
            folder, output_loading_info=True, trust_remote_code=False, **options
        )
    except Exception as error:
        told = _quantized(config, name, str(folder), error) or refusal(error, name, str(folder))
        raise told from error
    _check_whole(found, name)
    return model


def _quantized(config: Any, name: str, source: str, error: Exception) -> CalmError | None:
    """Return why a quantised checkpoint cannot be read; `None` for any other."""
    how = getattr(config, "quantization_config", None)
    if how is None:
        return None
    method = how.get("quant_method") if isinstance(how, dict) else how.quant_method
    reason = _first_line(error).replace(source, name)
    return CalmError(
        "model.quantised", model=name, method=getattr(method, "value", method), reason=reason
    )


def _check_whole(found: dict[str, Any], name: str) -> None:
    """Raise CalmError where weights were missing, which would be random, or left over."""
    missing, left_over = sorted(found["missing_keys"]), sorted(found["unexpected_keys"])
    if missing or left_over:
        raise CalmError(
            "model.other-architecture",
            model=name,
            missing=len(missing),
            left_over=len(left_over),
            example=(missing or left_over)[0],
        )


def _check_files(folder: Path, name: str) -> None:
    """Raise CalmError where files of a folder are stand-ins for others, or cut off."""
    for file in sorted([*folder.glob("*.safetensors"), *folder.glob("*.bin")]):
        _check_weights_file(file, name)
    for file in folder.glob("*.json"):
        _check_no_pointer(file, name)


def _check_no_pointer(file: Path, name: str) -> None:
    with file.open("rb") as stream:
        if stream.read(len(LFS_POINTER)) == LFS_POINTER:
            raise CalmError("model.lfs-pointer", file=file.name, model=name)


def _check_weights_file(file: Path, name: str) -> None:
    _check_no_pointer(file, name)
    if file.suffix == ".safetensors" and not _is_whole(file):
        raise CalmError("model.damaged-file", file=file.name, model=name)


def _is_whole(file: Path) -> bool:
    """Tell whether a safetensors file is as long as its header says."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        start = stream.read(8)
        if len(start) < 8:
            return False
        (length,) = struct.unpack("<Q", start)
        if length > size - 8:
            return False
        try:
            header = json.loads(stream.read(length))
            ends = [int(t["data_offsets"][1]) for k, t in header.items() if k != "__metadata__"]
        except (ValueError, KeyError, TypeError, AttributeError):
            return False
    return size == 8 + int(length) + max(ends, default=0)


def _check_vocabulary(tokenizer: Any, rows: int, name: str) -> None:
    names = " ".join(known.native_name for known in LANGUAGES.values())
    highest = max(tokenizer(names)["input_ids"], default=0)
    if highest >= rows:
        raise CalmError("tokenizer.too-large", model=name, token=highest, known=rows)


def _learns_positions(model: Any, longest: int) -> bool:
    """Tell whether some table of the model, other than its tokens', has a row for each position."""
    tokens = model.get_input_embeddings()
    tables = (m for m in model.modules() if isinstance(m, torch.nn.Embedding) and m is not tokens)
    return any(0 <= table.num_embeddings - longest <= 4 for table in tables)


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:300]
