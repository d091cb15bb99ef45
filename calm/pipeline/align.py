"""The order of the stages: all of a run, one of them, or one anew.

Every stage looks at what its file holds and does what is missing, so a run that was stopped goes
on where it stopped, and one that is finished does nothing.
"""

import itertools
import time
from collections.abc import Callable

from calm.errors import CalmError
from calm.messages import message
from calm.pipeline.context import Context, Stopped
from calm.pipeline.costs import passes_of, training_rate
from calm.pipeline.enough import not_enough
from calm.pipeline.power import keep_base_spread
from calm.pipeline.run_questions import groups_of, split_of
from calm.pipeline.stages import IMPORTED, LAST, PAIRS_GIVEN, STAGES, trains
from calm.runs.events import note_event
from calm.runs.folder import Run
from calm.runs.rates import Rate, Yield, keep_rate, keep_yield
from calm.runs.rounds import FOLDER as ROUNDS
from calm.runs.rounds import end_round, forget_answers, round_of
from calm.training.checkpoint import FOLDER, discard
from calm.training.loggers import check_logger
from calm.training.methods import needs_votes, trains_on_pairs

BEFORE_ROUNDS = ("questions", "translate", "sample")
"""What is done again makes all rounds anew."""


def align(
    context: Context,
    until: str = LAST,
    do: Callable[[str, Context], None] | None = None,
) -> None:
    """Run every stage that is not done yet, the last of them `until`.

    `do` runs one of them, by its name, to its end; by default it is run here. Raises Stopped when
    asked to stop in between, NotEnough where votes leave too little to train on, and CalmError for
    imported responses without held-out questions to measure with, and for a logger that is not
    installed.
    """
    run = context.run
    if run.config.imported and not split_of(groups_of(run), "held-out"):
        raise CalmError(
            "run.imported-without-held-out", folder=context.run.folder, run=context.run.name
        )
    context.trains = trains(until)
    if context.trains and not STAGES["train"].is_done(run):
        check_logger(run.config.train.report_to)
    _do_stages(context, until, do or run_stage)
    if STAGES[LAST].is_done(context.run):
        context.run.set_status(LAST, "done", 1, 1, message("status.finished"))
    else:
        said = message("status.stopped-after", stage=message(f"stage.name.{until}"))
        context.run.set_status(until, "stopped", 1, 1, said)


def _do_stages(context: Context, until: str, do: Callable[[str, Context], None]) -> None:
    """Do the stages one after the other; where a round is over and another follows, from the first.

    A stage that is done does nothing, and after a round `sample` is the first that is not.
    """
    run, names = context.run, list(STAGES)
    left = names[: names.index(until) + 1]
    while left:
        if context.should_stop():
            raise Stopped
        end_round(run)  # one that was cut off between training and this
        name, number = left.pop(0), round_of(run)
        do(name, context)
        if round_of(run) > number:
            left = names[: names.index(until) + 1]
        elif name == "pairs" and left and not STAGES["train"].is_done(run):
            _check_enough(context)


def _check_enough(context: Context) -> None:
    """Raise NotEnough, once the votes are counted, where a training would teach nothing."""
    problem = not_enough(context.run)
    if problem is not None:
        context.run.set_status("pairs", "running")
        raise problem


def run_stage(name: str, context: Context) -> None:
    """Do what is missing of one stage.

    Raises CalmError, naming the command to call first, where an earlier stage is not done.
    """
    stage = STAGES[name]
    end_round(context.run)
    for needed in stage.needs:
        if not STAGES[needed].is_done(context.run):
            raise CalmError(
                "stage.needs",
                stage=name,
                needed=needed,
                folder=context.run.folder,
                run=context.run.name,
            )
    if not stage.is_done(context.run):
        if name != "damage":
            _check_no_patch(context.run)
        starting = message("status.starting")
        context.run.set_status(name, "running", message=starting)
        note_event(context.run, name, starting)
        context.progress, began = None, time.monotonic()
        stage.do(context)
        _keep_rate(name, context, time.monotonic() - began)
        said = context.run.status().message
        note_event(context.run, name, message("status.finished") if said == starting else said)
    if end_round(context.run):
        number, of = round_of(context.run), context.run.config.train.rounds
        context.tell("train", message("log.next-round", number=number, of=of))


def _check_no_patch(run: Run) -> None:
    """Raise CalmError for a patch: it is trained on what it was taught (`calm.fixing`)."""
    if run.has("edits"):
        raise CalmError("run.is-a-patch", run=run.name)


def _keep_rate(name: str, context: Context, passed: float) -> None:
    """Remember how fast a stage was, so that the next run's time can be told before it starts."""
    config, progress = context.run.config, context.progress
    counts = needs_votes(config) and config.pairs.source != "gold" and not config.imported
    if name == "pairs" and counts and round_of(context.run) == 1:
        asked = sum(len(v) for v in split_of(groups_of(context.run), "train").values())
        made = Yield(len(context.run.rows("pairs")), asked)
        keep_yield(config.model, config.pairs.min_vote_share, made)
    if name == "evaluate":
        keep_base_spread(context.run)
    if progress is None or not progress.units:
        return
    units, around = float(progress.units), passed - progress.seconds
    precision = config.precision
    if name == "train":  # it is counted in steps, from the end of the first one, and told in rows
        around -= progress.seconds / units
        units *= passes_of(context.run) / progress.total
        name, precision = training_rate(config.train), config.train.precision
    rate = Rate(units, progress.seconds, max(0.0, around), time.time())
    keep_rate(config.model, precision, name, rate)


def redo(name: str, run: Run) -> None:
    """Remove what a stage and the stages after it wrote, so that they are done again.

    In a run of several rounds `sample` and what is before it begins with the first of them again;
    `extract` to `train` are those of the last round. Raises CalmError for what was imported or
    given: no stage of this run could make it again.
    """
    import shutil

    _check_no_patch(run)
    if run.config.imported and name in IMPORTED:
        raise CalmError("run.imported-stage", folder=run.folder, stage=name)
    if not trains_on_pairs(run.config.train) and name in ("sample", "extract", "vote", "pairs"):
        raise CalmError(
            "run.needs-no-pairs", folder=run.folder, stage=name, method=run.config.train.method
        )
    if run.config.pairs_given and name in PAIRS_GIVEN:
        raise CalmError("run.pairs-given", folder=run.folder, stage=name)

    forget_answers(run)
    if name in BEFORE_ROUNDS:
        shutil.rmtree(run.folder / ROUNDS, ignore_errors=True)
    for later in itertools.dropwhile(lambda other: other != name, STAGES):
        for file in STAGES[later].files:
            run.path(file).unlink(missing_ok=True)
        if later == "train":
            shutil.rmtree(run.adapter, ignore_errors=True)
            discard(run.folder / FOLDER)
