"""The stage `train`: an adapter learns from the run's pairs."""

import json

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
from calm.runs.folder import Run, write_whole
from calm.training.train import train


def train_on_pairs(context: Context) -> None:
    run = context.run
    check_named(run)
    rows = training_pairs(run)
    preparing = message("status.preparing-pairs", count=len(rows))
    context.run.set_status("train", "running", message=preparing)
    context.tell("train", preparing)
    progress: list[Progress] = []

    def on_begin(step: int) -> None:
        forget_metrics_behind(run, step)
        if step:
            context.tell("train", message("log.training-goes-on", step=step))

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
    with tracking(context, is_new=not run.metrics()) as tracker:
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
            on_begin=on_begin,
        )
    if not finished:
        raise Stopped


def forget_metrics_behind(run: Run, step: int) -> None:
    """Leave what was logged of the first steps: those behind them are trained again."""
    rows = [row for row in run.metrics() if row["step"] <= step]
    write_whole(run.path("metrics"), "".join(json.dumps(row) + "\n" for row in rows))
    if not rows:
        run.path("metrics").unlink()
