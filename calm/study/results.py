"""What each arm of a study comes to, over its seeds, from what its runs recorded.

An effect is a number before and after, on the same questions: of the base and the aligned model; of
English alone and the vote, where nothing was trained; of the aligned model and a vote each time.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from calm.evaluation.baselines import ENGLISH, Ways, ways_to_answers
from calm.evaluation.damage_findings import verdict
from calm.evaluation.evaluate import before_and_after, measured
from calm.evaluation.measured import ALL, Measured, itself
from calm.evaluation.metrics import Values
from calm.evaluation.seeds import SeedScore, combined
from calm.evaluation.significance import sign_flip
from calm.pipeline.run_questions import choices_of, golds_of, groups_of, languages_of, split_of
from calm.records import Evaluation, Reading, Score
from calm.runs.folder import Run
from calm.voting.gate import gate_at
from calm.voting.vote import plurality

METRICS = {
    "accuracy": (ALL, "accuracy"),
    "consistency": (ALL, "consistency"),
    "all_right": (ALL, "consistently_right"),
    "rank": (ALL, "rank_consistency"),
    "english": (ENGLISH, "accuracy"),
}
"""The numbers of a method that is trained: the language and the metric of each."""
UNSEEN, VOTE, NOW = "unseen", "vote", "now"
"""Right answers in languages not trained on; the vote against English alone, on what is trained on;
the aligned model against a vote of the base model each time a question is asked."""


@dataclass(frozen=True)
class Effect:
    """A number before and after, over all seeds of an arm; shares, from 0 to 1."""

    before: float
    after: float
    change: float
    low: float | None
    high: float | None
    """The 95% interval of the change; `None` where there is none."""
    spread: float | None
    """Standard deviation of the change between seeds; `None` for one seed."""
    questions: int
    p: float | None = None
    """That the change is none, two-sided; `None` where that is not tested."""
    p_holm: float | None = None
    """The same, for all arms of the study at once (Holm, 1979)."""

    @property
    def course(self) -> str:
        """Whether it surely `rises` or `falls`; else `unsure`."""
        if self.low is not None and self.low > 0:
            return "rises"
        return "falls" if self.high is not None and self.high < 0 else "unsure"


@dataclass(frozen=True)
class Arm:
    """One arm: the same settings with several seeds."""

    name: str
    seeds: tuple[int, ...]
    """Those that have come to a result."""
    runs: tuple[str, ...]
    languages: tuple[str, ...]
    """Those measured in."""
    effects: Mapping[str, Effect]
    ahead: Mapping[str, Effect] = field(default_factory=dict)
    """Against the arm that the others are held against, which is `before`."""
    learnt: float | None = None
    """How much of what a vote knows is in the weights; `None` where the vote knows nothing more."""
    kept: float | None = None
    kept_right: float | None = None
    """Share of the votes that the gate keeps, and how many of them are right."""
    undecided: float | None = None
    """Share of the questions without a winner."""
    looked_at: int = 0
    """Runs in which damage was looked for."""
    worse: Mapping[str, int] = field(default_factory=dict)
    """What got worse beyond chance, as `probe/measure`, and in how many runs."""
    seconds: float | None = None
    """What one run takes up to its adapter, or its votes: also what it took over from others."""


@dataclass(frozen=True)
class Gate:
    """What the smallest share that a run trusts makes of its votes; shares, from 0 to 1."""

    kept: float
    right: float | None
    undecided: float


@dataclass(frozen=True)
class Answers:
    """What one run says of each question, by metric: (before, after)."""

    values: Mapping[str, tuple[Values, Values]]
    ids: tuple[str, ...]
    """The held-out questions; none where the run was not measured."""
    languages: tuple[str, ...]
    voted: tuple[str, ...] = ()
    """The questions that votes are judged on."""
    learnt: float | None = None
    gate: Gate | None = None


def answers_of(run: Run, reading: Reading, is_measured: bool) -> Answers:
    """Return what a run says of each question: what it was measured by, or else its votes."""
    held_out = split_of(groups_of(run), "held-out")
    languages = languages_of(run, held_out)
    voted, pair, gate = _voted(run)
    values: dict[str, tuple[Values, Values]] = {}
    learnt = None
    if is_measured:
        golds, rows = golds_of(held_out), run.rows("evaluations")
        values = dict(_measured(run, rows, golds, languages, reading))
        ways = ways_to_answers(rows, golds, languages, run.rows("weights"), reading)
        values |= _against_voting_now(ways)
        learnt = ways.learnt.share if ways.learnt else None
    if pair is not None:
        values[VOTE] = pair
    return Answers(values, tuple(held_out), languages, voted, learnt, gate)


def _measured(
    run: Run,
    rows: Sequence[Evaluation],
    golds: Mapping[str, int | None],
    languages: Sequence[str],
    reading: Reading,
) -> Iterator[tuple[str, tuple[Values, Values]]]:
    """Yield each number of a run, (before, after), (questions,) each."""
    found: dict[tuple[str, str], tuple[Values, Values]] = {}
    for way in dict.fromkeys((reading, "likelihood")):
        for row in measured(rows, golds, languages, way):
            if row.of is itself and (row.metric == "rank_consistency" or way == reading):
                found[row.language, row.metric] = (row.parts[0][:, 0], row.parts[1][:, 0])
    yield from ((name, found[key]) for name, key in METRICS.items() if key in found)
    unseen = [code for code in languages if code not in run.config.languages]
    columns = [found[code, "accuracy"] for code in unseen if (code, "accuracy") in found]
    if columns:
        before, after = (np.mean([pair[side] for pair in columns], axis=0) for side in (0, 1))
        yield UNSEEN, (before, after)


def _against_voting_now(ways: Ways) -> dict[str, tuple[Values, Values]]:
    """Return the aligned model's answers, and those of a vote of the base model."""
    way = "vote" if ways.reading == "response" else "scores"
    if way not in ways.found:
        return {}
    return {NOW: (ways.found["aligned"].right, ways.found[way].right)}  # type: ignore[index]


def _voted(run: Run) -> tuple[tuple[str, ...], tuple[Values, Values] | None, Gate | None]:
    """Return the questions judged, whether English alone and the vote are right, and the gate.

    `None` where nothing was voted on, or nobody has said what is right, or English was not asked.
    """
    votes = run.rows("votes")
    if not votes:
        return (), None, None
    golds = golds_of(split_of(groups_of(run), "train"))
    judged = [vote for vote in votes if golds.get(vote.question_id) is not None]
    gate = gate_at(run.config.voting.rule, votes, golds, run.config.pairs.min_vote_share)
    undecided = sum(vote.winner is None for vote in votes) / len(votes)
    found = Gate(gate.kept / gate.of, gate.precision, undecided)
    alone = _english_alone(run)
    if not judged or not alone:
        return (), None, found
    gold = [golds[vote.question_id] for vote in judged]
    said = [[alone.get(vote.question_id) for vote in judged], [vote.winner for vote in judged]]
    before, after = (
        np.array([float(a == g) for a, g in zip(row, gold, strict=True)]) for row in said
    )
    return tuple(vote.question_id for vote in judged), (before, after), found


def _english_alone(run: Run) -> dict[str, int | None]:
    """Return what most of the English responses say to each question trained on."""
    said: dict[str, list[int | None]] = {}
    asked = choices_of(run)
    for row in run.rows("answers"):
        if row.language == ENGLISH and row.question_id in asked:
            said.setdefault(row.question_id, []).append(row.answer)
    return {identity: plurality(answers) for identity, answers in said.items()}


def effects_of(draws: Sequence[Answers], reading: Reading) -> dict[str, Effect]:
    """Return every number that all runs of an arm have, over them."""
    names = [n for n in draws[0].values if all(n in draw.values for draw in draws)]
    return {
        name: effect
        for name in names
        if (effect := effect_of([draw.values[name] for draw in draws], name, reading)) is not None
    }


def effect_of(draws: Sequence[tuple[Values, Values]], name: str, reading: Reading) -> Effect | None:
    """Return one number over the runs of an arm; `None` where it rests on no question.

    `draws` are those of each run, (before, after), one value a question.
    """
    same = [
        Measured(reading, ALL, name, (before[:, None], after[:, None])) for before, after in draws
    ]
    if not len(draws[0][0]) or len({len(before) for before, _ in draws}) > 1:
        return None
    rows: list[Score] = list(
        combined(same)
        if len(same) > 1
        else before_and_after(reading, ALL, name, [parts[:, 0] for parts in same[0].parts])
    )
    of = {row.model: row for row in rows}
    change = of["change"]
    by_question: Values = np.mean([after - before for before, after in draws], axis=0)
    return Effect(
        before=of["base"].value,
        after=of["aligned"].value,
        change=change.value,
        low=change.low,
        high=change.high,
        spread=change.spread if isinstance(change, SeedScore) else None,
        questions=change.n,
        p=sign_flip(by_question),
    )


def ahead_of(
    draws: Sequence[Answers],
    others: Sequence[Answers],
    names: Sequence[str],
    reading: Reading,
) -> dict[str, Effect]:
    """Return how far one arm is ahead of another, which is `before`, draw by draw.

    Both have the same seeds. Nothing of what was not measured on the same questions.
    """
    found = {}
    for name in names:
        if not all(name in draw.values for draw in (*draws, *others)):
            continue
        if _rests_on(draws[0], name) != _rests_on(others[0], name):
            continue
        pairs = zip(others, draws, strict=True)
        both = [(other.values[name][1], draw.values[name][1]) for other, draw in pairs]
        effect = effect_of(both, name, reading)
        if effect is not None:
            found[name] = effect
    return found


def _rests_on(draw: Answers, name: str) -> object:
    return draw.voted if name == VOTE else (draw.ids, draw.languages)


def worse_in(runs: Sequence[Run]) -> tuple[int, dict[str, int]]:
    """Return in how many runs damage was looked for, and what got worse in how many of them."""
    looked = [verdict(run.rows("damage")) for run in runs if run.has("damage")]
    count = Counter(f"{row.probe}/{row.measure}" for found in looked for row in found.worse)
    return len(looked), dict(count)
