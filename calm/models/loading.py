"""Loading a model: from its name to one that answers, in the precision that suits the machine."""

import ctypes
import sys
from collections.abc import Mapping
from typing import Any

from transformers import BitsAndBytesConfig
from transformers.utils import logging

from calm.errors import CalmError
from calm.model_names import full_name
from calm.models.causal_lm import CausalLM, Origin
from calm.models.checkpoints import (
    check_computes,
    limit_positions,
    read_model,
    read_tokenizer,
)
from calm.models.hardware import has_gpu
from calm.models.packed_weights import pack_weights
from calm.models.precision import DTYPES, faster_precision
from calm.models.sources import find_source
from calm.records import Faster, Precision

MALLOPT_TRIM_THRESHOLD, MALLOPT_MMAP_MAX = -1, -4
"""Numbers of two parameters of glibc's `mallopt`."""


def keep_freed_memory() -> None:
    """Have glibc keep freed blocks for the next tensors instead of returning them to the system.

    Every step allocates the same large blocks; fetching them anew costs a page fault each 4 KiB,
    a fifth of the time of sampling on two cores. Elsewhere than on glibc this does nothing.
    """
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "gnu_get_libc_version"):
        libc.mallopt(MALLOPT_MMAP_MAX, 0)
        libc.mallopt(MALLOPT_TRIM_THRESHOLD, 2**31 - 1)


def load_model(
    name: str,
    precision: Precision = "auto",
    faster: Faster | None = None,
    files: Mapping[str, str] | None = None,
) -> CausalLM:
    """Load a packaged model, a folder, a LoRA adapter's folder, or a model of the Hub.

    `auto` is the precision that this machine computes faster, measured, unless `faster` tells what
    was chosen before; `nf4` is 4-bit with double quantisation and computes in it. `files` are those
    of a run's record: of the Hub the same revision is loaded again. Raises CalmError where there is
    no such model, or where it cannot be used.
    """
    keep_freed_memory()
    logging.disable_progress_bar()
    source = find_source(full_name(name), files or {})
    shown = source.name
    tokenizer = read_tokenizer(source)
    model = read_model(source, _options(precision, faster))
    keep_4bit_weights_as_they_are(model)
    check_computes(model, tokenizer, shown)
    limit_positions(model, shown)
    pack_weights(model)
    loaded = CausalLM(shown, model, tokenizer)
    loaded.origin = Origin(source, precision, faster)
    check_template(loaded)
    return loaded


def check_template(model: CausalLM) -> None:
    """Raise CalmError where the chat template fails on an ordinary question."""
    if not model.is_chat:
        return
    try:
        model.chat_prompt("Which planet is the largest?")
    except Exception as error:  # a template is a program, and raises what it likes
        raise CalmError("chat-template.fails", model=model.name, reason=error) from error


def keep_4bit_weights_as_they_are(model: Any) -> None:
    """Stop bitsandbytes from repacking 4-bit weights on CPUs with AVX512-BF16.

    bitsandbytes 0.50 repacks a `Linear4bit` in place on its first forward without gradients.
    From then on no gradient flows through the base weights and `state_dict` unpacks them with
    loss. Without the repacked copy a single-token step is slower; everything else is right.
    """
    if model.device.type != "cpu":
        return
    from bitsandbytes.nn import Linear4bit

    for module in model.modules():
        if isinstance(module, Linear4bit):
            module.support_avx512bf16_for_cpu = False


def _options(precision: Precision, faster: Faster | None) -> dict[str, Any]:
    """Return what `from_pretrained` is told."""
    device = {"": 0} if has_gpu() else None
    computes = precision if precision in DTYPES else faster or faster_precision()
    options: dict[str, Any] = {"device_map": device, "dtype": DTYPES[computes]}
    if precision == "nf4":
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=options["dtype"],
        )
    return options
