"""The stage `sample`: what the model answers to each question in each language."""

from typing import Any

from calm.answers.sample import check_room, expected_keys, response_key, sample
from calm.messages import message
from calm.pipeline.context import Context, Progress
from calm.pipeline.run_questions import groups_of, split_of
from calm.questions.prompts import resolve_format
from calm.runs.folder import Run
from calm.runs.rounds import last_adapter


def sample_missing(context: Context) -> None:
    run = context.run
    config = run.config.sampling
    groups = split_of(groups_of(run), "train")
    have = {response_key(response) for response in run.rows("responses")}
    total = len(_sample_keys(run))
    model = context.model()
    form = resolve_format(config.prompt_format, model.is_chat)
    context.tell("sample", message(f"log.asked-as.{form}"))
    check_room(
        model, (q for versions in groups_of(run).values() for q in versions.values()), config
    )
    progress = Progress(context, "sample", len(have), total)
    with model.use(last_adapter(run)):
        for batch in sample(model, groups, config, frozenset(have), context.should_stop):
            run.append("responses", batch)
            have.update(map(response_key, batch))
            progress.reach(len(have))
    progress.reach(len(have))


def _sample_keys(run: Run) -> list[Any]:
    train_split = split_of(groups_of(run), "train")
    asked = [question for versions in train_split.values() for question in versions.values()]
    return expected_keys(asked, run.config.sampling.num_samples)


def is_sampled(run: Run) -> bool:
    if not run.has("responses") or run.config.imported:
        return run.has("responses")
    return set(_sample_keys(run)) <= {response_key(response) for response in run.rows("responses")}
