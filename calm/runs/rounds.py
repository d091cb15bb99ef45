"""Rounds: a run votes and trains again, with the model as its last round left it.

While a run is in a round, its files lie where those of a run with one round lie. Where another
round follows, what a trained round made is put aside, into `rounds/1`, `rounds/2` ... of the run's
folder: so every stage from `sample` to `train` is to be done again, and is, with the adapter of the
last round. One adapter is trained on through all rounds. The files of the last round stay where
they are: they are those of the run.
"""

from pathlib import Path

from calm.config import MOST_ROUNDS
from calm.runs.folder import Run

FOLDER = "rounds"
OWN_FILES = (
    *("responses", "answers", "weights", "votes", "ballots", "trl_settings", "pairs"),
    *("pair_edits", "metrics"),
)
"""What each round makes anew, beside the adapter."""
ADAPTER = "adapter"


def round_of(run: Run) -> int:
    """Return which round a run is in, from 1; one that was measured is in its last."""
    rounds = run.config.train.rounds
    if rounds == 1 or run.has("scores"):
        return rounds
    numbers = range(1, min(rounds, MOST_ROUNDS))
    return next((n for n in numbers if not part_of(run, n).adapter.is_dir()), rounds)


def is_last_round(run: Run) -> bool:
    return round_of(run) == run.config.train.rounds


def part_of(run: Run, number: int) -> Run:
    """Return where the files of an earlier round lie, to be read as a run's are."""
    return Run(run.folder / FOLDER / str(number))


def earlier_rounds(run: Run) -> list[tuple[int, Run]]:
    """Return the rounds that are over, with where their files lie, in their order."""
    parts = [(number, part_of(run, number)) for number in range(1, round_of(run))]
    return [(number, part) for number, part in parts if part.adapter.is_dir()]


def last_adapter(run: Run) -> Path | None:
    """Return the adapter that the round before this one left; `None` in the first round."""
    number = round_of(run)
    return part_of(run, number - 1).adapter if number > 1 else None


def end_round(run: Run) -> bool:
    """Put aside what a trained round made, where another one follows; return whether one does.

    The adapter goes last: where this was cut off, a new call goes on with it.
    """
    if not run.adapter.is_dir() or is_last_round(run):
        return False
    part = part_of(run, round_of(run))
    part.folder.mkdir(parents=True, exist_ok=True)
    for name in OWN_FILES:
        if run.has(name):
            run.path(name).replace(part.path(name))
    run.adapter.rename(part.adapter)
    return True


def forget_answers(run: Run) -> None:
    """Remove what the models of earlier rounds answered when the run was measured."""
    for _, part in earlier_rounds(run):
        for name in ("evaluations", "efficacy"):
            part.path(name).unlink(missing_ok=True)
