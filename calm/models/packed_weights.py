"""Weights kept in the order in which the processor multiplies them, for answering on a CPU.

oneDNN brings a bf16 matrix into blocks before every product. With the few rows of a decoding step
that takes as long as the product itself. Here each matrix is brought into blocks once, at the
first product in inference mode; the results are the same (tested). The originals leave the memory
where they are pages of the model's file as it lies on the disk: who needs them reads them again.
Training and models in other precisions go the plain way.
"""

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn

OPERATIONS = ("_is_mkldnn_bf16_supported", "_reorder_linear_weight", "_linear_pointwise")
ROWS_IN_MIND = 64
"""The number of rows that the blocks are chosen for; they serve any other number as well."""
COLUMNS_AT_ONCE = 1 << 16
"""An output head is multiplied in parts: whole, it takes up to twice as long (oneDNN 3.11)."""
MADV_DONTNEED, PAGE = 4, 4096
"""Of Linux's `madvise`: these pages leave this process now."""
Spans = list[range]


def pack_weights(model: Any) -> None:
    """Have the linear layers of `model` multiply by packed weights when they answer.

    Call it on a model whose weights stay as they are. Does nothing where `can_pack` says no.
    """
    if not can_pack():
        return
    on_disk = list(_unchanged_files())
    for module in model.modules():
        if type(module) is nn.Linear and module.bias is None and _is_bf16_on_cpu(module.weight):
            module.forward = _Packed(module, on_disk)


def can_pack() -> bool:
    """Tell whether this processor multiplies bf16 in blocks, and this torch has the operations.

    That of macOS has none of them, others may lack some.
    """
    operations = getattr(torch.ops, "mkldnn", None)
    if not all(hasattr(operations, name) for name in OPERATIONS):
        return False
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def unpack_weights(model: Any) -> None:
    """Have the linear layers of `model` multiply by their own weights again."""
    for module in model.modules():
        if isinstance(vars(module).get("forward"), _Packed):
            del module.forward


def _is_bf16_on_cpu(weight: torch.Tensor) -> bool:
    return weight.device.type == "cpu" and weight.dtype == torch.bfloat16


class _Packed:
    """The forward of one linear layer."""

    def __init__(self, layer: nn.Linear, on_disk: Spans) -> None:
        self._layer = layer
        self._on_disk = on_disk
        self._parts: list[torch.Tensor] = []

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        if not torch.is_inference_mode_enabled() or rows.dtype != torch.bfloat16:
            return nn.functional.linear(rows, self._layer.weight)
        if not self._parts:
            for part in self._layer.weight.detach().split(COLUMNS_AT_ONCE):
                self._parts.append(torch.ops.mkldnn._reorder_linear_weight(part, ROWS_IN_MIND))
                _release(part, self._on_disk)
        products = [
            torch.ops.mkldnn._linear_pointwise(rows, part, None, "none", [], "")
            for part in self._parts
        ]
        return products[0] if len(products) == 1 else torch.cat(products, dim=-1)


def _release(weight: torch.Tensor, on_disk: Spans) -> None:
    """Take a tensor's pages out of this process where the disk has the same; nothing elsewhere."""
    start = -(-weight.data_ptr() // PAGE) * PAGE
    end = (weight.data_ptr() + weight.nbytes) // PAGE * PAGE
    if start < end and any(span.start <= start and end <= span.stop for span in on_disk):
        libc = ctypes.CDLL(None)
        libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), MADV_DONTNEED)


def _unchanged_files() -> Iterator[range]:
    """Yield the addresses of the files in memory of which this process has changed no page.

    Linux tells (`/proc/self/smaps`); on another system there are none.
    """
    table = Path("/proc/self/smaps")
    if not table.exists():
        return
    for entry in re.split(r"\n(?=[0-9a-f]+-[0-9a-f]+ )", table.read_text(encoding="utf-8")):
        of_file = re.match(r"([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ [1-9]\d* +/", entry)
        unchanged = re.search(r"\nPrivate_Dirty: +0 kB\n(.*\n)*Anonymous: +0 kB", entry)
        if of_file and unchanged:
            yield range(int(of_file[1], 16), int(of_file[2], 16))
