"""How fast this machine is, by a small alignment in a temporary run directory.

Everything is done as a run does it, by the same stages, so what they note about themselves is what
a run will take.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from calm.config import PairsConfig, RunConfig, SamplingConfig, TrainConfig
from calm.pipeline.align import align
from calm.pipeline.context import Context
from calm.runs.folder import create_run

LANGUAGES = ("en", "zh", "fr", "ar")


def measure_machine(
    model: str, report: Callable[[str], None] = lambda line: None
) -> list[tuple[str, str]]:
    """Align on a handful of questions; return the stages that were measured, and the precision.

    The rates are kept (see `calm.runs.rates`).
    """
    config = RunConfig(
        model=model,
        languages=LANGUAGES,
        max_train_questions=8,
        max_held_out_questions=4,
        sampling=SamplingConfig(num_samples=2, max_new_tokens=128),
        pairs=PairsConfig(min_vote_share=0.0, translated_chosen=False),
        train=TrainConfig(num_train_epochs=1.0, per_device_train_batch_size=24, min_steps=1),
    )
    with tempfile.TemporaryDirectory(prefix="calm-measure-") as folder:
        align(Context(create_run(str(Path(folder) / "run"), config), report))
    return [
        ("sample", config.precision),
        ("train", config.train.precision),
        ("evaluate", config.precision),
    ]
