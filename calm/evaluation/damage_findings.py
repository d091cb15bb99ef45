"""What got worse: the rows of both models -> findings, each with an interval, and a verdict.

A finding is `worse` where the change to the worse side is beyond chance and may be more than the
margin of its measure (`calm.probes.MEASURES`); `ok` where a change for the worse is surely smaller
than that; else `not clear`, as are all of few questions. What is beyond chance is asked of all
findings over all languages together (Holm, Scandinavian Journal of Statistics, 1979): of many
measures on an unharmed model some would look harmed. Languages of one measure are their own family.

Questions are drawn anew (Efron, 1979), all languages of one together, both models alike.
"""

import dataclasses
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calm.evaluation import metrics
from calm.evaluation.evaluate import ROLES, resamples, score_of
from calm.evaluation.metrics import UNREADABLE, Values
from calm.intervals import can_tell
from calm.probes import ALL, MEASURES, PROBES, Damage, Finding, Measure, Probe, Probed
from calm.records import Evaluation

ALPHA = 0.025
"""How likely at most anything of an unharmed model is called worse, one-sided."""
ENGLISH = "en"
Table = dict[str, dict[str, tuple[float, float]]]
"""Item -> language -> value of the base and of the aligned model."""


def damage_of(rows: Iterable[Probed]) -> list[Damage]:
    """Return what every probe found: over all languages, and by language where there are several.

    What only one of the models was asked counts for nothing.
    """
    tables, answers = _tables(rows)
    found = []
    for probe in PROBES:
        mine = [measure for measure in MEASURES if (probe, measure) in tables]
        found += [_of_all(probe, measure, tables[probe, measure]) for measure in mine]
        if probe == "culture":
            found += _likeness(answers)
    corrected = _holm(found)
    for (probe, measure), table in tables.items():
        corrected += _holm(_by_language(probe, measure, table))
    order = {probe: place for place, probe in enumerate(PROBES)}
    return sorted(corrected, key=lambda row: (row.language != ALL, order[row.probe]))


def as_probed(
    evaluations: Iterable[Evaluation],
    golds: Mapping[str, int | None],
    untrained: frozenset[str] = frozenset(),
) -> Iterator[Probed]:
    """Yield the run's own responses to held-out questions as rows of probes: they need no asking.

    All as `asked`, those in English alone as `english` too, and those to the questions of
    `untrained`, by id, as `domain`.
    """
    for row in evaluations:
        if row.reading != "response":
            continue
        gold = golds.get(row.question_id)
        right: dict[Measure, float] = {} if gold is None else {"right": float(row.answer == gold)}
        probes: list[tuple[Probe, dict[Measure, float]]] = [
            ("asked", {"unread": float(row.answer is None)})
        ]
        if row.language == ENGLISH:
            probes.append(("english", right))
        if row.question_id in untrained:
            probes.append(("domain", right))
        for probe, values in probes:
            yield Probed(
                *(probe, "", row.question_id, row.language, row.model, "", row.answer, values)
            )


@dataclass(frozen=True)
class Verdict:
    """What there is to say of all languages together, in the order of the findings."""

    worse: tuple[Damage, ...]
    unclear: tuple[Damage, ...]
    ok: tuple[Damage, ...]

    @property
    def n(self) -> tuple[int, int]:
        """The fewest and the most questions or sentences that one of them rests on."""
        counts = [row.n for row in (*self.worse, *self.unclear, *self.ok)]
        return min(counts, default=0), max(counts, default=0)


def verdict(found: Iterable[Damage]) -> Verdict:
    """Return what got worse, what could not be told, and what is surely not much worse."""
    by_finding: dict[Finding, list[Damage]] = defaultdict(list)
    for row in found:
        if row.language == ALL:
            by_finding[row.finding].append(row)
    return Verdict(*(tuple(by_finding[name]) for name in ("worse", "not clear", "ok")))


def _tables(
    rows: Iterable[Probed],
) -> tuple[dict[tuple[Probe, Measure], Table], dict[str, dict[str, tuple[int, int]]]]:
    """Return the values that both models have, and their answers to questions of culture."""
    sides: dict[tuple[Probe, str, str], dict[str, Probed]] = defaultdict(dict)
    for row in rows:
        sides[row.probe, f"{row.set}\n{row.item}", row.language][row.model] = row
    tables: dict[tuple[Probe, Measure], Table] = defaultdict(lambda: defaultdict(dict))
    answers: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for (probe, item, code), pair in sides.items():
        if len(pair) < len(ROLES):
            continue
        base, aligned = (pair[role] for role in ROLES)
        for measure in (name for name in base.values if name in aligned.values):
            values = base.values[measure], aligned.values[measure]
            tables[probe, measure][item][code] = values
        if probe == "culture":
            answers[item][code] = _number(base.answer), _number(aligned.answer)
    return tables, answers


def _number(answer: int | None) -> int:
    return UNREADABLE if answer is None else answer


def _of_all(probe: Probe, measure: Measure, table: Table) -> Damage:
    pairs = [np.mean([_scaled(measure, v) for v in own.values()], axis=0) for own in table.values()]
    return _finding(probe, measure, ALL, np.array(pairs))


def _by_language(probe: Probe, measure: Measure, table: Table) -> list[Damage]:
    codes = list(dict.fromkeys(code for own in table.values() for code in own))
    if len(codes) < 2:
        return []
    return [
        _finding(
            probe,
            measure,
            code,
            np.array([_scaled(measure, own[code]) for own in table.values() if code in own]),
        )
        for code in codes
    ]


def _scaled(measure: Measure, values: tuple[float, float]) -> tuple[float, ...]:
    """Return both values as they are compared: lengths by their logarithm."""
    return tuple(map(math.log1p, values)) if measure == "length" else values


def _finding(probe: Probe, measure: Measure, code: str, pairs: Values) -> Damage:
    """Return what one value a question of either model, (questions, 2), comes to."""
    base, aligned = (float(mean) for mean in pairs.mean(0))
    changes = pairs[:, 1] - pairs[:, 0]
    low, high, p = _interval(measure, changes)
    if measure == "length":
        base, aligned = math.expm1(base), math.expm1(aligned)
    return _judged(
        Damage(
            *(probe, measure, code, _round(base), _round(aligned), _round(changes.mean())),
            *(low, high, len(pairs), p, "not clear"),
        )
    )


def _interval(measure: Measure, changes: Values) -> tuple[float | None, float | None, float | None]:
    """Return the 95% interval of a mean change, and how likely chance makes one so much worse."""
    if not can_tell(len(changes)):
        return None, None, None
    means = changes[resamples(len(changes))].mean(1)
    if MEASURES[measure].is_share:
        score = score_of("change", "response", ALL, measure, changes)
        return score.low, score.high, _chance(measure, means, float(changes.mean()))
    low, high = (_round(end) for end in np.percentile(means, [2.5, 97.5]))
    return low, high, _chance(measure, means, float(changes.mean()))


def _chance(measure: Measure, means: Values, mean: float) -> float:
    """Return the share of resampled changes that are none for the worse, one-sided."""
    side = MEASURES[measure].harm
    either = 2 if side == 0 else 1
    worse = means * (side or (1 if mean > 0 else -1))
    return _round(min(1.0, either * (1 + int((worse <= 0).sum())) / (1 + len(means))))


def _likeness(answers: Mapping[str, Mapping[str, tuple[int, int]]]) -> list[Damage]:
    """Return how much alike the languages answer what they should answer differently.

    As agreement of language pairs and as Fleiss' kappa over the questions (its use for culture:
    arXiv 2605.12515).
    """
    codes = list(dict.fromkeys(code for own in answers.values() for code in own))
    whole = [own for own in answers.values() if len(own) == len(codes)]
    if len(codes) < 2 or not whole:
        return []
    tables = np.array([[own[code] for code in codes] for own in whole])
    every = [(a, b) for a in range(len(codes)) for b in range(a + 1, len(codes))]
    shares = [metrics.agreement(tables[:, :, side], every) for side in (0, 1)]
    agreement = _finding("culture", "agreement", ALL, np.stack(shares, axis=1))
    width = int(max(tables.max() + 1, 1))
    parts = [metrics.fleiss_parts(tables[:, :, side], width) for side in (0, 1)]
    base, aligned = (
        float(metrics.fleiss_kappa(seen.mean(), given.mean(0))) for seen, given in parts
    )
    low = high = p = None
    if can_tell(len(whole)):
        drawn = resamples(len(whole))
        before, after = (
            metrics.fleiss_kappa(
                seen[drawn].mean(1), np.stack([row[drawn].mean(1) for row in given.T], -1)
            )
            for seen, given in parts
        )
        changes = after - before
        low, high = (_round(end) for end in np.percentile(changes, [2.5, 97.5]))
        p = _chance("kappa", changes, aligned - base)
    change = _round(aligned - base)
    kappa = Damage(
        *("culture", "kappa", ALL, _round(base), _round(aligned), change),
        *(low, high, len(whole), p, "not clear"),
    )
    return [agreement, _judged(kappa)]


def _judged(row: Damage) -> Damage:
    """Return it with its finding, as if it were the only one."""
    if row.low is None or row.high is None or row.p is None:
        return row
    kind = MEASURES[row.measure]
    ends = [row.low * kind.harm, row.high * kind.harm] if kind.harm else [-row.low, row.high]
    finding: Finding = "not clear"
    if max(ends) < kind.margin:
        finding = "ok"
    elif row.p <= ALPHA and (min(ends) > 0 or not kind.harm):
        finding = "worse"
    return dataclasses.replace(row, finding=finding)


def _holm(found: Sequence[Damage]) -> list[Damage]:
    """Return the findings, those called worse only where that is beyond chance among all."""
    told = sorted((row for row in found if row.p is not None), key=lambda row: row.p or 0.0)
    kept: set[int] = set()
    for place, row in enumerate(told):
        if (row.p or 0.0) > ALPHA / (len(told) - place):
            break
        kept.add(id(row))
    return [
        dataclasses.replace(row, finding="not clear")
        if row.finding == "worse" and id(row) not in kept
        else row
        for row in found
    ]


def _round(value: float) -> float:
    return round(float(value), 6)
