"""The history of runs -> HTML. Pure."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from calm.config import BUILT_IN, RunConfig
from calm.languages import language
from calm.questions import XCSQA
from calm.records import State
from ui.views import esc, joined, note

SETS = {BUILT_IN: "the built-in set", XCSQA: "X-CSQA"}
NO_RUNS = note(
    "There are no runs yet. Start one on the page Align, or open an archive that someone gave you."
)


@dataclass(frozen=True)
class Listed:
    """One run of the history."""

    name: str
    state: State
    stage: str
    changed_at: float
    """In seconds since the epoch."""
    config: RunConfig
    is_opened: bool
    """Whether it came from an archive."""
    result: str
    """In words; empty where nothing has been measured."""


def history_table(rows: Sequence[Listed]) -> str:
    """Return the runs as a table, in the order given."""
    if not rows:
        return NO_RUNS
    heads = "".join(
        f'<th scope="col">{name}</th>'
        for name in ("run", "state", "model and languages", "settings", "result")
    )
    body = "".join(_row(row) for row in rows)
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Runs">'
        f'<table class="history"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _row(row: Listed) -> str:
    day = time.strftime("%Y-%m-%d %H:%M", time.gmtime(row.changed_at)) if row.changed_at else ""
    where = "" if row.state == "done" else f" in {esc(row.stage)}"
    opened = '<small class="opened">from an archive</small>' if row.is_opened else ""
    names = ", ".join(language(code).name for code in row.config.languages)
    return (
        f'<tr><th scope="row">{esc(row.name)} {opened}<small>{esc(day)} UTC</small></th>'
        f'<td><small class="state {esc(row.state)}">{esc(row.state)}</small>{where}</td>'
        f"<td>{esc(row.config.model)}<small>{esc(names)}</small></td>"
        f"<td>{esc(settings_in_words(row.config))}</td>"
        f"<td>{esc(row.result)}</td></tr>"
    )


def settings_in_words(config: RunConfig) -> str:
    """Return what a run was made with, in two sentences."""
    if config.imported:
        asked = "Imported responses"
    else:
        which = SETS.get(config.question_set, "a file of its own")
        limits = [
            f"{limit} {kind}"
            for limit, kind in (
                (config.max_train_questions, "to train on"),
                (config.max_held_out_questions, "held out"),
            )
            if limit
        ]
        most = f" (at most {joined(limits)})" if limits else ""
        asked = f"Questions of {which}{most}, {config.sampling.num_samples} samples each"
    train = config.train
    epochs = f"{train.num_train_epochs:g} epoch{'' if train.num_train_epochs == 1 else 's'}"
    return (
        f"{asked}. Votes by {config.voting.rule} from a share of {config.pairs.min_vote_share:g}; "
        f"rank {train.lora_r}, learning rate {train.learning_rate:g}, beta {train.beta:g}, "
        f"{epochs}, seed {train.seed}."
    )
