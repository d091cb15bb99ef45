"""The stage `questions`: which questions are asked and which are held out."""

from calm.pipeline.context import Context
from calm.pipeline.run_questions import chosen_questions


def choose(context: Context) -> None:
    context.run.write("questions", chosen_questions(context.run.config))
