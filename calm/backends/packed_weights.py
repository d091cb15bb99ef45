"""Weights kept in the order in which the processor multiplies them, for answering on a CPU.

oneDNN brings a bf16 matrix into blocks before every product. With the few rows of a decoding step
that takes as long as the product itself. Here each matrix is brought into blocks once, at the
first product in inference mode; the results are the same (tested). The originals, which are part
of the model's file, leave the memory until someone needs them. Training and models in other
precisions go the plain way.
"""

import ctypes
import sys
from typing import Any

import torch
from torch import nn

ROWS_IN_MIND = 64
"""The number of rows that the blocks are chosen for; they serve any other number as well."""
MADV_PAGEOUT, PAGE = 21, 4096
"""Of Linux's `madvise`: these pages are not needed soon."""


def pack_weights(model: Any) -> None:
    """Have the linear layers of `model` multiply by packed weights when they answer.

    Call it on a model whose weights stay as they are. Does nothing where there is no bf16
    hardware on a CPU, or another torch without these operations.
    """
    operations = getattr(torch.ops, "mkldnn", None)
    known = hasattr(operations, "_reorder_linear_weight") and hasattr(
        operations, "_linear_pointwise"
    )
    if not known or not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return
    for module in model.modules():
        if type(module) is nn.Linear and module.bias is None and _is_bf16_on_cpu(module.weight):
            module.forward = _Packed(module)


def _is_bf16_on_cpu(weight: torch.Tensor) -> bool:
    return weight.device.type == "cpu" and weight.dtype == torch.bfloat16


class _Packed:
    """The forward of one linear layer."""

    def __init__(self, layer: nn.Linear) -> None:
        self._layer = layer
        self._blocks: torch.Tensor | None = None

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        if not torch.is_inference_mode_enabled() or rows.dtype != torch.bfloat16:
            return nn.functional.linear(rows, self._layer.weight)
        if self._blocks is None:
            weight = self._layer.weight.detach()
            self._blocks = torch.ops.mkldnn._reorder_linear_weight(weight, ROWS_IN_MIND)
            _page_out(weight)
        return torch.ops.mkldnn._linear_pointwise(  # type: ignore[no-any-return]
            rows, self._blocks, None, "none", [], ""
        )


def _page_out(weight: torch.Tensor) -> None:
    """Have Linux take a tensor out of memory; it reads it from the model's file when it is used.

    A hint that changes no value: pages that no file holds stay where they are.
    """
    if not sys.platform.startswith("linux"):
        return
    start = -(-weight.data_ptr() // PAGE) * PAGE
    end = (weight.data_ptr() + weight.nbytes) // PAGE * PAGE
    if end > start:
        libc = ctypes.CDLL(None)
        libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), MADV_PAGEOUT)
