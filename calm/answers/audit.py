"""What a run's answers are like before anyone votes: coverage, abstentions, position bias.

The position-bias meter asks whether a place wins more often than it should. Where the choices were
shuffled for every response, each place should win equally often whatever the model knows, so the
chi-square test of Pearson (1900) is exact but for its approximation. Where they were not, the
right answers' own places are expected, and one question counts once however often it was answered,
since responses to one question in one order tell little more than one of them. In the format
`cloze` no order is shown, and the meter says nothing about the model.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from calm.languages.table import language
from calm.records import Response

LETTERS = "ABCDEFGHIJ"
SMALLEST_EXPECTED = 5
"""A test needs at least so many expected wins of each place (Cochran, 1954)."""
LIKELY_CHANCE = 0.01
"""Below this probability the table marks a language."""


@dataclass(frozen=True)
class PositionBias:
    """How often each shown place won, and whether chance explains what differs."""

    shuffled: bool
    """Whether the choices stood in more than one order."""
    expected_from: Literal["shuffling", "gold", "uniform"]
    """Equal chances as the choices were shuffled, the right answers' places, or equal chances for
    want of better: they were not shuffled, and nobody has said what is right."""
    wins: tuple[int, ...]
    """Answers by the place where their choice was shown, the first place first."""
    expected: tuple[float, ...]
    """Answers to expect at each place; adds up to as many."""
    chi_square: float | None
    """`None`, as the probability, where there are too few answers for the test."""
    p_value: float | None
    """Probability of at least so large a difference if places did not matter."""
    cramers_v: float | None
    """Size of the difference: 0 for none, 1 for the largest that there can be."""
    total_variation: float
    """Share of the answers that would have to move for the wins to be as expected."""


@dataclass(frozen=True)
class Audit:
    """One language and model: how many responses were read, how, and from which places."""

    language: str
    model: str
    responses: int
    read: int
    coverage: float
    """Part of the responses that an answer was read from."""
    how: dict[str, int]
    """Responses by how they were read, or why not, most frequent first."""
    letters: dict[str, float]
    """Part of the answers that was shown at each place: A for the first."""
    position_bias: PositionBias


@dataclass
class _Counts:
    how: Counter[str] = field(default_factory=Counter)
    wins: Counter[int] = field(default_factory=Counter)
    places: Counter[int] = field(default_factory=Counter)
    """Answers by how many choices their question has."""
    golds: dict[int, Counter[int]] = field(default_factory=dict)
    """Number of choices -> place of the right one -> answers."""
    orders: dict[int, tuple[int, ...]] = field(default_factory=dict)
    questions: set[str] = field(default_factory=set)
    shuffled: bool = False

    def add(self, response: Response, gold: int | None) -> None:
        order = response.choice_order
        self.how[response.how] += 1
        self.shuffled |= self.orders.setdefault(len(order), order) != order
        if response.answer is None:
            return
        self.questions.add(response.question_id)
        self.wins[order.index(response.answer)] += 1
        self.places[len(order)] += 1
        if gold is not None:
            self.golds.setdefault(len(order), Counter())[order.index(gold)] += 1


def audit(answered: Iterable[Response], golds: Mapping[str, int | None]) -> list[Audit]:
    """Return one audit a language and model, in the order in which they come.

    `golds` gives each question's right choice where somebody has said which that is. The rows are
    gone through once and not kept.
    """
    tallies: dict[tuple[str, str], _Counts] = {}
    for response in answered:
        tally = tallies.setdefault((response.language, response.model), _Counts())
        tally.add(response, golds.get(response.question_id))
    return [_audit(code, model, tally) for (code, model), tally in tallies.items()]


def _audit(code: str, model: str, tally: _Counts) -> Audit:
    responses, read = tally.how.total(), tally.wins.total()
    bias = _position_bias(tally)
    return Audit(
        language=code,
        model=model,
        responses=responses,
        read=read,
        coverage=read / responses,
        how=dict(tally.how.most_common()),
        letters={LETTERS[i]: n / read if read else 0.0 for i, n in enumerate(bias.wins)},
        position_bias=bias,
    )


def _position_bias(tally: _Counts) -> PositionBias:
    width = max(tally.orders)
    wins = tuple(tally.wins[place] for place in range(width))
    by_gold = not tally.shuffled and all(n in tally.golds for n in tally.places)
    expected = [0.0] * width
    for choices, answers in tally.places.items():
        right = tally.golds[choices] if by_gold else Counter(range(choices))
        for place, count in right.items():
            expected[place] += answers * count / right.total()
    answers = sum(wins)
    part = 1.0 if tally.shuffled or not answers else len(tally.questions) / answers
    chi_square, p_value, cramers_v = chi_square_test(
        [part * count for count in wins], [part * count for count in expected]
    )
    moved = sum(abs(o - e) for o, e in zip(wins, expected, strict=True)) / 2
    return PositionBias(
        shuffled=tally.shuffled,
        expected_from="shuffling" if tally.shuffled else "gold" if by_gold else "uniform",
        wins=wins,
        expected=tuple(round(count, 3) for count in expected),
        chi_square=chi_square,
        p_value=p_value,
        cramers_v=cramers_v,
        total_variation=moved / answers if answers else 0.0,
    )


def chi_square_test(
    observed: Sequence[float], expected: Sequence[float]
) -> tuple[float | None, float | None, float | None]:
    """Return Pearson's chi-square, its probability, and Cramér's V; all `None` where too few.

    Both are counts of the same total; the degrees of freedom are one less than their number.
    """
    from scipy.special import chdtrc

    if len(expected) < 2 or min(expected) < SMALLEST_EXPECTED:
        return None, None, None
    value = sum((o - e) ** 2 / e for o, e in zip(observed, expected, strict=True))
    freedom = len(expected) - 1
    largest = sum(expected) * (sum(expected) / min(expected) - 1)
    return value, float(chdtrc(freedom, value)), (value / largest) ** 0.5


def audit_table(audits: Sequence[Audit]) -> str:
    """Return the audits as Markdown: coverage and reasons, then places and the test."""
    if not audits:
        return "There are no responses to audit."
    reasons = sorted({how for row in audits for how in row.how}, key=_reason_order)
    lines = _table(
        ["language", "model", "responses", "read", *reasons],
        [
            [
                language(row.language).name,
                row.model,
                str(row.responses),
                f"{100 * row.coverage:.1f}%",
                *(str(row.how.get(how, 0)) for how in reasons),
            ]
            for row in audits
        ],
    )
    width = max(len(row.letters) for row in audits)
    lines += ["", "Answers by the place where their choice was shown (expected):", ""]
    lines += _table(
        ["language", "model", *LETTERS[:width], "shuffled", "chi-square", "p", "Cramér's V"],
        [_places(row, width) for row in audits],
    )
    notes = {row.position_bias.expected_from for row in audits}
    lines += ["", *(NOTES[note] for note in NOTES if note in notes)]
    return "\n".join(lines)


REASONS = ("letter and text", "letter", "text", "contradiction", "several", "refusal", "empty")
NOTES = {
    "shuffling": "Shuffled choices: every place should win equally often.",
    "gold": "Not shuffled: expected are the right answers' places, and a question counts once.",
    "uniform": "Not shuffled, no right answers known: equal chances are assumed, which need not be "
    "so, and a question counts once.",
}


def _reason_order(how: str) -> int:
    return REASONS.index(how) if how in REASONS else len(REASONS)


def _places(row: Audit, width: int) -> list[str]:
    bias = row.position_bias
    answers = max(sum(bias.wins), 1)
    places = [
        f"{100 * wins / answers:.1f}% ({100 * expected / answers:.1f}%)"
        for wins, expected in zip(bias.wins, bias.expected, strict=True)
    ]
    test = ["too few", "", ""]
    if bias.chi_square is not None and bias.p_value is not None and bias.cramers_v is not None:
        mark = " *" if bias.p_value < LIKELY_CHANCE else ""
        test = [f"{bias.chi_square:.1f}", f"{bias.p_value:.2g}{mark}", f"{bias.cramers_v:.3f}"]
    shuffled = "yes" if bias.shuffled else "no"
    places += [""] * (width - len(places))
    return [language(row.language).name, row.model, *places, shuffled, *test]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    cells = [head, ["---"] * len(head), *rows]
    return [
        f"| {' | '.join(' '.join(cell.replace('|', '/').split()) for cell in row)} |"
        for row in cells
    ]


def audit_json(audits: Sequence[Audit]) -> dict[str, object]:
    """Return the audits for programs: an object with one entry a language and model."""
    return {"languages": [dataclasses.asdict(row) for row in audits]}
