"""The stage `train`: an adapter learns from the run's pairs."""

from calm.messages import message
from calm.pairs.edits import training_pairs
from calm.pipeline.context import (
    Context,
    Progress,
    Stopped,
    check_named,
    faster_of,
    files_of,
    keep_model,
)
from calm.pipeline.tracking import tracking
from calm.training.train import train


def train_on_pairs(context: Context) -> None:
    run = context.run
    check_named(run)
    rows = training_pairs(run)
    run.path("metrics").unlink(missing_ok=True)
    preparing = message("status.preparing-pairs", count=len(rows))
    context.run.set_status("train", "running", message=preparing)
    context.tell("train", preparing)
    progress: list[Progress] = []

    def on_log(logs: dict[str, float], step: int, total: int) -> None:
        run.append_json("metrics", {"step": step, **logs})
        tracker.log({f"train/{name}": value for name, value in logs.items()}, step)
        if not progress:
            progress.append(Progress(context, "train", step, total))
        loss, margin = logs["loss"], logs.get("rewards/margins", 0.0)
        said = message("status.training", done=step, total=total, loss=loss, margin=margin)
        if not context.should_stop():
            progress[0].reach(step, said)

    config = run.config
    stop = context.should_stop
    with tracking(context, is_new=True) as tracker:
        finished = train(
            config.model,
            rows,
            config.train,
            run.adapter,
            on_log,
            stop,
            plain_prompts=config.imported or config.pairs_given,
            faster=faster_of(run),
            files=files_of(run),
            on_loaded=lambda model: keep_model(run, model, context.tell_here),
            report=context.tell_here,
        )
    if not finished:
        raise Stopped
