"""Between votes and training: change what is trained on, while it still can be changed."""

from dataclasses import replace

from calm.errors import CalmError
from calm.pairs.edits import FILE, pair_key, with_edit
from calm.pipeline.align import redo
from calm.records import EditAction, PairEdit
from calm.runs import jobs
from calm.runs.folder import Run, with_settings


def edit_pair(run: Run, key: str, action: EditAction | None) -> None:
    """Exclude a pair of the run, swap its sides, or with `None` take either back.

    Raises CalmError where there is no such pair, and once its training has begun.
    """
    check_untrained(run)
    edits: list[PairEdit] = run.rows(FILE)
    pair = next((pair for pair in run.rows("pairs") if pair_key(pair) == key), None)
    if pair is not None:
        run.write(FILE, with_edit(edits, pair, action))
    elif action is None and any(edit.pair == key for edit in edits):
        run.write(FILE, [edit for edit in edits if edit.pair != key])
    else:
        raise CalmError("pair.unknown", run=run.name, pair=repr(key[:40]))


def set_gate(run: Run, min_vote_share: float) -> Run:
    """Give the run another smallest vote share and take away its pairs, to be made again.

    Returns the run with it. Raises CalmError once its training has begun.
    """
    check_untrained(run)
    if run.config.imported:
        raise CalmError("run.imported-pairs", run=run.name)
    if run.config.pairs_given:
        raise CalmError("run.pairs-given", folder=run.folder, stage="pairs")
    if run.config.pairs.source == "gold":
        raise CalmError("run.pairs-of-gold", run=run.name)
    pairs = replace(run.config.pairs, min_vote_share=min_vote_share)
    run = with_settings(run, replace(run.config, pairs=pairs))
    redo("pairs", run)
    return run


def check_untrained(run: Run) -> None:
    """Raise CalmError unless what the run trains on can still be changed."""
    if run.is_opened:
        raise CalmError("run.is-record", run=run.name)
    jobs.check_idle(run)
    if training_has_begun(run):
        raise CalmError("run.training-began", run=run.name)


def training_has_begun(run: Run) -> bool:
    """Tell whether the run has an adapter, or a training of it has made a step."""
    return run.adapter.is_dir() or run.has("metrics")


def can_be_looked_at(run: Run) -> bool:
    """Tell whether the run has its pairs, and waits for somebody to look before it trains."""
    return (
        run.has("pairs")
        and not (run.config.imported or run.config.pairs_given or run.is_opened)
        and not training_has_begun(run)
        and not jobs.is_running(run)
    )
