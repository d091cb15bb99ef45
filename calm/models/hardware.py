"""What this machine has: where a model would lie, and how much memory there is."""

import sys

import psutil


def memory_for_models() -> int:
    """Return the bytes of the memory that models are kept in: the GPU's, else the machine's.

    A GPU is seen once torch is there: an app that only replays recordings does not load it.
    """
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        return int(torch.cuda.get_device_properties(0).total_memory)
    return int(psutil.virtual_memory().total)
