"""The stage `vote`: how the languages agree, and what each weighs."""

from calm.evaluation.common_ground import common_ground
from calm.messages import message
from calm.pipeline.context import Context
from calm.pipeline.run_questions import choices_of
from calm.voting.vote import vote


def count_votes(context: Context) -> None:
    run = context.run
    voting = run.config.voting
    votes, weights = vote(run.rows("answers"), choices_of(run), voting.rule, voting.anchor)
    run.write("weights", weights)
    run.write("votes", votes)
    found = common_ground(votes)
    if found and found.is_slight:
        said = message("log.slight-agreement", value=found.value, low=found.low, high=found.high)
        context.tell("vote", said)
