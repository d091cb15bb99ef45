"""The only place that imports torch, transformers, trl, peft, datasets and deep_translator."""

import logging
import os

# Threads that wait must sleep, not spin: the app and an alignment share the same few cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# bitsandbytes tells everybody that it would rather fetch a kernel from the Hub; nothing is wrong.
logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
