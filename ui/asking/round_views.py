"""The rounds of a run -> HTML: what each voted, and what its model reached. Pure."""

from collections.abc import Sequence

from markupsafe import Markup

from calm.records import Round, Score
from ui.parts.html import column_heads, concat, markup, wide_table
from ui.text.numbers import percent
from ui.text.words import say

COLUMNS = (
    *("rounds.round", "rounds.questions", "rounds.kept", "rounds.right", "rounds.pairs"),
    *("rounds.efficacy", "compare.accuracy", "compare.consistency"),
)


def rounds_section(rounds: Sequence[Round], scores: Sequence[Score]) -> Markup:
    """Return the rounds beside each other, behind the base model; nothing of a run of one round."""
    if not rounds:
        return Markup()
    heads = markup("<tr>{}</tr>", column_heads(map(say, COLUMNS)))
    body = _row(say("compare.base"), ["", "", "", "", *_of_base(scores)])
    body += concat(_row(str(row.number), _cells(row)) for row in rounds)
    table = wide_table(say("rounds.title"), "scores agreement", heads, body)
    return markup(
        '<section class="rounds"><h2>{}</h2><p>{}</p>{}</section>',
        say("rounds.title"),
        say("rounds.about"),
        table,
    )


def _row(name: str, cells: Sequence[str]) -> Markup:
    told = concat(markup("<td>{}</td>", cell) for cell in cells)
    return markup('<tr><th scope="row">{}</th>{}</tr>', name, told)


def _cells(row: Round) -> list[str]:
    right = row.right / row.judged if row.judged else None
    shares = (row.efficacy, row.accuracy, row.consistency)
    counts = (str(row.questions), str(row.kept), _share(right), str(row.pairs))
    return [*counts, *map(_share, shares)]


def _of_base(scores: Sequence[Score]) -> list[str]:
    found = {
        s.metric: s.value
        for s in scores
        if (s.model, s.reading, s.language) == ("base", "response", "all")
    }
    return [_share(found.get(name)) for name in ("efficacy", "accuracy", "consistency")]


def _share(value: float | None) -> str:
    return "" if value is None else percent(value, 1)
