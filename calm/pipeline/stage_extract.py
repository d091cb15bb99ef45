"""The stage `extract`: the answer is read out of each response."""

from calm.answers.choice import extract
from calm.pipeline.context import Context
from calm.pipeline.run_questions import groups_of


def extract_answers(context: Context) -> None:
    run = context.run
    groups = groups_of(run)
    asked = [r for r in run.rows("responses") if r.language in groups.get(r.question_id, ())]
    run.write("answers", extract(asked, groups))
