"""Ways to an answer without training -> HTML, beside what the alignment reached. Pure."""

from collections.abc import Sequence

from markupsafe import Markup

from calm.evaluation.baselines import Baseline, Learnt
from calm.intervals import can_tell
from ui.asking.compare_views import with_interval
from ui.parts.figures import interval
from ui.parts.html import column_heads, concat, markup, wide_table
from ui.text.numbers import percent
from ui.text.words import language_name, say

TRAINED = ("base", "aligned")


def baseline_table(
    ways: Sequence[Baseline], learnt: Learnt | None, languages: Sequence[str]
) -> Markup:
    """Return what each way reaches and costs, and in words which are better than the training.

    `languages` are all that a vote asks. Nothing where nobody has said which answers are right.
    """
    if not ways:
        return Markup()
    body = concat(
        markup(
            '<tr><th scope="row">{}</th>{}<td>{}</td><td>{}</td>'
            '<td><bdi dir="ltr">{}</bdi></td></tr>',
            way_name(row, len(languages)),
            with_interval(row.accuracy, is_share=True),
            percent(row.consistency, 1),
            row.calls,
            "" if row.way == "aligned" else interval(row.ahead),
        )
        for row in ways
    )
    columns = ("baselines.way", "compare.accuracy", "compare.consistency")
    heads = markup(
        "<tr>{}</tr>",
        column_heads(say(key) for key in (*columns, "baselines.calls", "baselines.ahead")),
    )
    return markup(
        '<section class="baselines"><h2>{}</h2><p>{}</p>{}</section>',
        say("baselines.title"),
        " ".join(sentences(ways, learnt)),
        wide_table(say("baselines.title"), "scores agreement", heads, body),
    )


def way_name(row: Baseline, count: int) -> str:
    """Return a way in words; a vote asks `count` languages."""
    name = language_name(row.language) if row.language else ""
    return say(f"baselines.way.{row.way}", count=count, language=name)


def sentences(ways: Sequence[Baseline], learnt: Learnt | None) -> list[str]:
    """Return how much of the vote is in the weights, and what is better without a training."""
    told = []
    if learnt is not None:
        ends = {"low": percent(learnt.low), "high": percent(learnt.high)}
        told.append(say("baselines.learnt", share=percent(learnt.share), **ends))
    elif can_tell(ways[0].accuracy.n):
        told.append(say("baselines.learnt.none"))
    better = [row for row in ways if row.way not in TRAINED and is_better(row)]
    for row in better:
        name = language_name(row.language) if row.language else ""
        difference = interval(row.ahead)
        told.append(
            say(
                f"baselines.better.{row.way}", difference=difference, language=name, calls=row.calls
            )
        )
    if not better and can_tell(ways[0].accuracy.n):
        told.append(say("baselines.better.none"))
    return told


def is_better(row: Baseline) -> bool:
    """Tell whether a way is right more often than the aligned model, beyond chance."""
    low = row.ahead.low
    return can_tell(row.ahead.n) and low is not None and low > 0
