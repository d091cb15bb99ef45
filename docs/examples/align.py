"""Align a model on a part of the built-in questions."""

from calm.config import RunConfig, SamplingConfig
from calm.pipeline.align import Context, align
from calm.runs.folder import create_run

config = RunConfig(
    languages=("en", "de", "fr"),
    max_train_questions=40,
    max_held_out_questions=20,
    sampling=SamplingConfig(num_samples=3),
)
run = create_run("from-python", config)
align(Context(run, report=print))
