"""What the page of a run holds: its pieces, and the plain data by which it shows them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from calm.asking.asked import Asked
from calm.errors import CalmError
from calm.intervals import LEAST, Z95
from calm.languages.table import language
from calm.records import Comparison, Evaluation, Question, Vote
from calm.runs.folder import Run
from ui.asking.before_after import BeforeAfter, marks, what_changed
from ui.asking.cards import answer_cards
from ui.asking.compare_views import CHANGED, compared, is_outcome, spans_of
from ui.asking.finished import Finished, found_by
from ui.asking.panel import vote_panel
from ui.asking.readers import reader_version
from ui.asking.replay import QUESTION, recorded_questions, replayed, replayed_both
from ui.compare.page import numbers_of
from ui.duel.examples import changed_most
from ui.parts.html import concat, note
from ui.static.fragments import Fragments
from ui.static.views import Parts, frame, readings_of
from ui.text.numbers import percent
from ui.text.words import INTERFACE_LANGUAGES, model_name, say, spoken_in, words_of
from ui.votes.grid_views import Shown, are_judged, disagrees, grid_row
from ui.votes.page import Voted, voted_of

SAID = (
    *("common.sentences", "compare.list.found", "compare.list.none"),
    *("votes.grid.count", "votes.grid.dropped", "votes.grid.kept", "votes.grid.none"),
    *("votes.grid.undecided", "votes.measured.all", "votes.measured.none", "votes.measured.some"),
    *("votes.plot.says", "votes.plot.says_expected", "votes.plot.says_measured", "votes.range"),
    *("votes.tile.expected", "votes.tile.few", "votes.tile.kept"),
)
"""What the page itself words, of what its reader chooses."""
Data = dict[str, Any]


@dataclass(frozen=True)
class Recorded:
    """A question that the page replays, and how it was answered."""

    kind: str
    """`asked` on a page, `held-out`, or `train`."""
    sides: tuple[Asked, ...]
    """One side, or the one before the alignment and the one after it."""

    @property
    def versions(self) -> tuple[Question, ...]:
        return self.sides[0].versions


class Texts:
    """Texts by their numbers, each kept once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Return the number of a text."""
        return self._numbers.setdefault(text, len(self._numbers))

    def all(self) -> list[str]:
        """Return the texts by their numbers."""
        return list(self._numbers)


def content_of(run: Run, asked: Sequence[Asked]) -> tuple[Data, bytes]:
    """Return the data of a run's page, and the numbers of its pieces.

    `asked` are the questions of its model that go along. Raises CalmError where nothing is there
    to be replayed.
    """
    found = found_by(run) if run.has("comparisons") else None
    voted = voted_of(run) if run.has("votes") else None
    rows = recorded(run, asked, found)
    if not rows:
        raise CalmError("static.nothing", run=run.name)
    pieces, texts = Fragments(), Texts()
    parts = Parts(run, found, voted, frozenset(row.kind for row in rows))
    data: Data = {
        "codes": INTERFACE_LANGUAGES,
        "directions": {code: language(code).direction for code in INTERFACE_LANGUAGES},
        "words": {code: {key: words_of(code)[key] for key in SAID} for code in INTERFACE_LANGUAGES},
        "percent": {code: _percent(code) for code in INTERFACE_LANGUAGES},
        "least": LEAST,
        "z": Z95,
        "frame": pieces.add(lambda: frame(parts)),
        "questions": [_question(run, row, pieces, texts) for row in rows],
        "first": _first(rows, found),
        "votes": _votes(voted, pieces) if voted else [],
        "share": run.config.pairs.min_vote_share,
        "readings": [
            _reading(found, reading, pieces, texts) for reading in readings_of(found) if found
        ],
    }
    data |= {"texts": texts.all(), "tokens": pieces.tokens, "ends": pieces.ends}
    return data, pieces.numbers()


def recorded(run: Run, asked: Sequence[Asked], found: Finished | None) -> list[Recorded]:
    """Return what a run can replay: what was asked on a page, then held out, then trained on."""
    keys = [key for _, key in recorded_questions(run) if key.startswith(QUESTION)]
    return [
        *(Recorded("asked", (row,)) for row in asked),
        *(_held_out(found) if found else ()),
        *(Recorded("train", (replayed(run, key),)) for key in keys),
    ]


def _held_out(found: Finished) -> Iterator[Recorded]:
    for identity, versions in found.groups.items():
        rows = found.evaluations.get(identity, ())
        whole = [question for question in versions.values() if _has_both(rows, question.language)]
        if whole:
            yield Recorded("held-out", replayed_both(rows, whole, found.model, "response"))


def _has_both(rows: Sequence[Evaluation], code: str) -> bool:
    """Tell whether a language's response was recorded before and after."""
    there = {row.model for row in rows if (row.language, row.reading) == (code, "response")}
    return there == {"base", "aligned"}


def _percent(code: str) -> Sequence[str]:
    """Return what a language writes before, within, and behind the digits of 12.3%."""
    with spoken_in(code):
        shape = re.fullmatch(r"(.*)12(.*)3(.*)", percent(0.123, 1))
    if shape is None:
        raise ValueError(f"the percents of {code} are not written in these digits")
    return shape.groups()


def _question(run: Run, row: Recorded, pieces: Fragments, texts: Texts) -> Data:
    def shown(side: Asked) -> int:
        return pieces.add(lambda: _answered(run, row, side))

    labels = _for_readers(row.versions, texts)
    return {"kind": row.kind, "labels": labels, "sides": [shown(side) for side in row.sides]}


def _answered(run: Run, row: Recorded, side: Asked) -> Markup:
    """Return a side of a question: who answered, what changed, the vote, and the cards."""
    if len(row.sides) == 1:
        said = note(say("ask.as-recorded", run=run.name, model=model_name(side.model)))
        return concat([said, vote_panel(side), answer_cards(side)])
    both = BeforeAfter(*row.sides)
    said = note(say("duel.as-recorded")) + note(what_changed(both))
    return concat([said, vote_panel(side), answer_cards(side, marks=marks(both, side))])


def _first(rows: Sequence[Recorded], found: Finished | None) -> int:
    """Return the question to begin with: the one in which most answers were fixed, or the first."""
    best = changed_most(found.comparisons["response"], 1).questions if found else ()
    held_out = (n for n, row in enumerate(rows) if row.kind == "held-out")
    return next((n for n in held_out if rows[n].versions[0].id in best), 0)


def _votes(voted: Voted, pieces: Fragments) -> list[Data]:
    rows = [
        Shown(vote, voted.groups[vote.question_id], voted.by_question.get(vote.question_id, {}))
        for vote in voted.votes
    ]
    judged = are_judged(rows)

    def data_of(row: Shown) -> Data:
        piece = pieces.add(lambda: grid_row(row, voted.languages, 0, judged))
        return {"row": piece, **_vote(row.vote, voted.golds)}

    return [data_of(row) for row in rows]


def _vote(vote: Vote, golds: Mapping[str, int | None]) -> Data:
    """Return the numbers of a vote that a gate looks at."""
    gold, winner = golds.get(vote.question_id), vote.winner
    return {
        "share": vote.share,
        "margin": vote.margin,
        "decided": winner is not None,
        "right": None if gold is None else winner == gold,
        "plain": 0 if winner is None else vote.counts[winner] / sum(vote.counts),
        "disagrees": disagrees(vote),
    }


def _reading(found: Finished, reading: str, pieces: Fragments, texts: Texts) -> Data:
    spans = spans_of([row for rows in found.evaluations.values() for row in rows], reading)

    def data_of(row: Comparison) -> Data:
        versions = found.groups[row.question_id]
        readers = _for_readers(tuple(versions.values()), texts)
        changed = [CHANGED] if is_outcome(row, CHANGED) else []
        return {
            "row": pieces.add(lambda: compared(row, versions, spans)),
            "language": row.language,
            "outcomes": ["all", *changed, row.outcome],
            "texts": [texts.number(versions[row.language].text), *readers],
        }

    rows = [data_of(row) for row in found.comparisons[reading]]
    numbers = pieces.add(lambda: numbers_of(found, reading))  # type: ignore[arg-type]
    return {"name": reading, "numbers": numbers, "rows": rows}


def _for_readers(versions: Sequence[Question], texts: Texts) -> list[int]:
    """Return a question as readers of each language of the interface know it."""
    labels = []
    for code in INTERFACE_LANGUAGES:
        with spoken_in(code):
            labels.append(texts.number(reader_version(versions).text))
    return labels
