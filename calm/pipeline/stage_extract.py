"""The stage `extract`: the answer is read out of each response."""

from calm.answers.choice import extract
from calm.pipeline.context import Context
from calm.pipeline.run_questions import groups_of


def extract_answers(context: Context) -> None:
    run = context.run
    run.write("answers", extract(run.rows("responses"), groups_of(run)))
