"""The history of runs -> HTML. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from calm.config import RunConfig
from calm.pipeline.stages import STAGES
from calm.records import State
from calm.training.methods import needs_votes, trains_on_pairs
from ui.parts.html import column_heads, concat, listed, markup, note, wide_table
from ui.parts.settings import set_name
from ui.text.numbers import moment, percent
from ui.text.words import language_name, model_name, say


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


def history_table(rows: Sequence[Listed]) -> Markup:
    """Return the runs as a table, in the order given."""
    if not rows:
        return note(say("history.none"))
    names = ("run", "state", "model", "settings", "result")
    heads = markup("<tr>{}</tr>", column_heads(say(f"history.head.{name}") for name in names))
    return wide_table(say("tab.runs"), "history", heads, concat(_row(row) for row in rows))


def _row(row: Listed) -> Markup:
    day = moment(row.changed_at) if row.changed_at else ""
    where = "" if row.state == "done" else markup("<small>{}</small>", _stage(row.stage))
    opened = markup('<small class="opened">{}</small>', say("history.from-archive"))
    names = listed([language_name(code) for code in row.config.languages])
    state = say(f"align.state.{row.state}")
    return markup(
        '<tr><th scope="row"><bdi>{}</bdi> {}<small>{}</small></th><td>'
        '<small class="state {}">{}</small>{}</td><td><bdi>{}</bdi><small>{}</small></td>'
        '<td>{}</td><td dir="auto">{}</td></tr>',
        row.name,
        opened if row.is_opened else "",
        day,
        row.state,
        state,
        where,
        model_name(row.config.model),
        names,
        settings_in_words(row.config),
        row.result,
    )


def _stage(stage: str) -> str:
    """Return what a run is at; a stage that is not known here by its own name."""
    return say(f"history.stage.{stage}") if stage in STAGES else stage


def settings_in_words(config: RunConfig) -> str:
    """Return what a run was made with, in a few sentences."""
    train, epochs = config.train, config.train.num_train_epochs
    key = "training" if trains_on_pairs(train) else "training-choices"
    trained = say(
        f"history.settings.{key}",
        rule=say(f"history.rule.{config.voting.rule}"),
        share=percent(config.pairs.min_vote_share),
        rank=train.lora_r,
        rate=f"{train.learning_rate:g}",
        beta=f"{train.beta:g}",
        count=int(epochs) if epochs == int(epochs) else epochs,
        seed=train.seed,
    )
    said = [_asked(config), trained]
    said.append(say("history.settings.method", method=say(f"setting.method.{train.method}")))
    if needs_votes(config) and config.pairs.source == "gold":
        said.append(say("history.settings.labels"))
    return " ".join(said)


def _asked(config: RunConfig) -> str:
    if config.imported:
        return say("history.settings.imported")
    if config.pairs_given:
        return say("history.settings.pairs-given")
    if not needs_votes(config):
        return say("history.settings.choices", which=set_name(config.question_set))
    limits = {"train": config.max_train_questions, "held-out": config.max_held_out_questions}
    given = [name for name, limit in limits.items() if limit]
    which = {0: "all", 1: f"at-most-{''.join(given)}", 2: "at-most-both"}[len(given)]
    return say(
        f"history.settings.{which}",
        which=set_name(config.question_set),
        train=limits["train"],
        held_out=limits["held-out"],
        samples=config.sampling.num_samples,
    )
