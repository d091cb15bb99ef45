"""The stage `train`: an adapter learns from the run's pairs, or from the choices themselves."""

import json

from calm.messages import Message, message
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
from calm.pipeline.run_questions import choice_questions
from calm.pipeline.tracking import tracking
from calm.records import PreferencePair, Question
from calm.runs.folder import Run, write_whole
from calm.runs.rounds import last_adapter
from calm.training.methods import trains_on_choices, trains_on_pairs
from calm.training.train import train


def train_adapter_of(context: Context) -> None:
    run = context.run
    check_named(run)
    rows, questions = lessons_of(run)
    preparing = message("status.preparing-pairs", count=len(rows))
    if not rows:
        ids = {question.id for question in questions}
        preparing = message("status.preparing-questions", count=len(ids))
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
        if not context.should_stop():
            progress[0].reach(step, _told(logs, step, total))

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
            shares=vote_shares(run, rows),
            questions=questions,
            prompt_format=config.sampling.prompt_format,
            begin=last_adapter(run),
        )
    if not finished:
        raise Stopped


def lessons_of(run: Run) -> tuple[list[PreferencePair], list[Question]]:
    """Return the pairs and the questions that a run trains on, as its method needs them."""
    config = run.config.train
    rows = training_pairs(run) if trains_on_pairs(config) else []
    return rows, choice_questions(run) if trains_on_choices(config) else []


def vote_shares(run: Run, rows: list[PreferencePair]) -> list[float]:
    """Return the share of the vote behind each pair; 1 where people or right answers stand behind.

    A pair whose sides a person swapped is that person's, not the vote's.
    """
    shares = {vote.question_id: vote.share for vote in run.rows("votes")}
    made = {pair for pair in run.rows("pairs") if pair.source == "vote"}
    return [shares.get(pair.question_id, 1.0) if pair in made else 1.0 for pair in rows]


def _told(logs: dict[str, float], step: int, total: int) -> Message:
    loss, margin = logs["loss"], logs.get("rewards/margins")
    if margin is None:
        return message("status.training-without-margin", done=step, total=total, loss=loss)
    return message("status.training", done=step, total=total, loss=loss, margin=margin)


def forget_metrics_behind(run: Run, step: int) -> None:
    """Leave what was logged of the first steps: those behind them are trained again."""
    rows = [row for row in run.metrics() if row["step"] <= step]
    write_whole(run.path("metrics"), "".join(json.dumps(row) + "\n" for row in rows))
    if not rows:
        run.path("metrics").unlink()
