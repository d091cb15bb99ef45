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
from calm.runs.rates import rate_of

LANGUAGES = ("en", "zh", "fr", "ar")
MEASURED = (
    ("sample", RunConfig.precision),
    ("train", TrainConfig.precision),
    ("evaluate", RunConfig.precision),
)
"""The stages that are measured, and in which precision."""


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
        align(Context(create_run(str(Path(folder) / "run"), config), report), "evaluate")
    return list(MEASURED)


def is_measured(model: str) -> bool:
    """Tell whether the speed of every such stage with a model is known here."""
    return all(rate_of(model, precision, stage) for stage, precision in MEASURED)
