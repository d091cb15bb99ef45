"""The only place that imports torch, transformers, trl, peft, datasets and deep_translator."""

import os

# Threads that wait must sleep, not spin: the app and an alignment share the same few cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
