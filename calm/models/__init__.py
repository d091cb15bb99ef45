"""Language models: loaded, asked, scored, and each fast way seen to equal the plain one."""

import logging
import os

# How long a thread that waits spins before it sleeps (libgomp; read when torch is loaded). Waking
# up costs more than most products of one answer; spinning long takes the cores from others. An
# alignment's threads sleep at once (`calm.runs.jobs`): its products are long, and people ask
# meanwhile.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# bitsandbytes tells everybody that it would rather fetch a kernel from the Hub; nothing is wrong.
logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
