"""Loading a model: from its name to one that answers, in the precision that suits the machine."""

import ctypes
import sys
from typing import Any, Literal

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from transformers.utils import logging

from calm.backends.causal_lm import CausalLM
from calm.backends.packed_weights import pack_weights
from calm.backends.shipped import prepare_shipped_model
from calm.config import SHIPPED_MODEL, Precision
from calm.errors import CalmError

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


def load_model(name: str, precision: Precision = "auto") -> CausalLM:
    """Load the shipped model, a local folder, or a model of the Hugging Face Hub.

    `auto` is bf16 where the processor computes it natively, else fp32; `nf4` is 4-bit with double
    quantisation. Raises CalmError where there is no such model.
    """
    source = str(prepare_shipped_model()) if name == SHIPPED_MODEL else name
    keep_freed_memory()
    logging.disable_progress_bar()
    options = _precision_options(precision)
    device = {"": 0} if torch.cuda.is_available() else None
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        model = AutoModelForCausalLM.from_pretrained(source, device_map=device, **options)
    except (OSError, ValueError) as error:
        raise CalmError(
            f"The model {name!r} cannot be loaded: it is neither a folder here nor a causal "
            "language model that the Hugging Face Hub gave us. Check the spelling and the network, "
            f"or use the model that ships: --model {SHIPPED_MODEL}. "
            f"(The reason given was: {_first_line(error)})"
        ) from error
    keep_4bit_weights_as_they_are(model)
    pack_weights(model)
    return CausalLM(name, model, tokenizer)


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


def native_precision() -> Literal["bf16", "fp32"]:
    """Return bf16 where this machine computes it natively, else fp32."""
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    return "bf16" if torch.ops.mkldnn._is_mkldnn_bf16_supported() else "fp32"


def _precision_options(precision: Precision) -> dict[str, Any]:
    if precision == "auto":
        precision = native_precision()
    if precision != "nf4":
        return {"dtype": torch.bfloat16 if precision == "bf16" else torch.float32}
    compute = torch.bfloat16 if native_precision() == "bf16" else torch.float32
    quantization = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=compute,
    )
    return {"dtype": compute, "quantization_config": quantization}


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
