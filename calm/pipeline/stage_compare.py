"""The stage `compare`: answer by answer, what the adapter changed."""

from calm.evaluation.compare import compare_answers
from calm.pipeline.context import Context
from calm.pipeline.run_questions import groups_of, split_of


def write_comparisons(context: Context) -> None:
    run = context.run
    held_out = split_of(groups_of(run), "held-out")
    run.write("comparisons", compare_answers(run.rows("evaluations"), held_out))
