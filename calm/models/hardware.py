"""What this machine has: where a model would lie, and how much memory there is."""

import os
import sys

IS_LENT = "SPACES_ZERO_GPU"
"""The variable by which a Space says that its GPU is lent: for one call, to the call's process."""
_LEASES: set[int] = set()
"""The processes that a GPU is lent to: this one, or none."""


def is_gpu_lent() -> bool:
    """Tell whether a GPU is here for the time of a call alone (ZeroGPU), as the Space says."""
    return os.environ.get(IS_LENT, "").lower() in ("1", "t", "true")


def take_lease() -> None:
    """Say that a GPU is lent to this process from now on, until it ends."""
    _LEASES.add(os.getpid())


def has_gpu() -> bool:
    """Tell whether a model may be put on a GPU now; loads torch.

    A lent one is there within a call alone. Elsewhere `torch.cuda` claims that it is, and fails
    when something is computed.
    """
    import torch

    if is_gpu_lent() and os.getpid() not in _LEASES:
        return False
    return bool(torch.cuda.is_available())


def memory_for_models() -> int:
    """Return the bytes of the memory that models are kept in: the GPU's, else the machine's.

    A GPU is seen once torch is there: an app that only replays recordings does not load it.
    """
    import psutil

    torch = sys.modules.get("torch")
    if torch is not None and has_gpu():
        return int(torch.cuda.get_device_properties(0).total_memory)
    return int(psutil.virtual_memory().total)
