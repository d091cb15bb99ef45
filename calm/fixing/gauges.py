"""The three gauges of a patch, from the answers before and after it.

Efficacy: is the question answered as taught? Generality: is it in other words, and in languages
that were not trained? Locality: is everything else answered as before?
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from calm.fixes import ALL, Gauge, GaugeName, GaugeOf
from calm.probes import Probed
from calm.records import Evaluation, Reading

Pair = tuple[Evaluation, Evaluation]
"""The answers to one question in one language and reading, before and after."""
Hit = Callable[[Evaluation, Evaluation], tuple[bool, bool]]
"""Tells of a pair whether it counts before, and after."""


def efficacy(rows: Iterable[Evaluation], answers: Mapping[str, int]) -> Iterator[Gauge]:
    """Yield which share of answers to the edited questions are what was taught."""
    yield from _shares("efficacy", "question", paired(rows), _taught(answers))


def generality(
    rows: Iterable[Evaluation], answers: Mapping[str, int], trained: Sequence[str]
) -> Iterator[Gauge]:
    """Yield the same of other wordings, and of languages that are not among those trained."""
    pairs = paired(rows)
    worded = [pair for pair in pairs if pair[0].language in trained]
    others = [pair for pair in pairs if pair[0].language not in trained]
    yield from _shares("generality", "reworded", worded, _taught(answers))
    yield from _shares("generality", "languages", others, _taught(answers))


def locality(
    rows: Iterable[Evaluation], golds: Mapping[str, int | None], probed: Iterable[Probed]
) -> Iterator[Gauge]:
    """Yield what became of the probe: unchanged, right, right and kept, continuations unchanged."""
    pairs = paired(rows)
    judged = [pair for pair in pairs if golds.get(pair[0].question_id) is not None]

    def is_right(row: Evaluation) -> bool:
        return row.answer == golds[row.question_id]

    yield from _shares("locality", "unchanged", pairs, lambda a, b: (True, a.answer == b.answer))
    yield from _shares("locality", "right", judged, lambda a, b: (is_right(a), is_right(b)))
    before = [pair for pair in judged if is_right(pair[0])]
    yield from _shares("locality", "kept", before, lambda a, b: (True, is_right(b)))
    yield from _continuations(probed)


def paired(rows: Iterable[Evaluation]) -> list[Pair]:
    """Return the answers that there are of both models, in their order."""
    found: dict[tuple[str, str, str], dict[str, Evaluation]] = {}
    for row in rows:
        found.setdefault((row.question_id, row.language, row.reading), {})[row.model] = row
    return [(both["base"], both["aligned"]) for both in found.values() if len(both) > 1]


def _taught(answers: Mapping[str, int]) -> Hit:
    def hit(before: Evaluation, after: Evaluation) -> tuple[bool, bool]:
        wanted = answers[before.question_id]
        return before.answer == wanted, after.answer == wanted

    return hit


def _shares(gauge: GaugeName, of: GaugeOf, pairs: Sequence[Pair], hit: Hit) -> Iterator[Gauge]:
    """Yield the shares of pairs that count, of all languages and of each; none where none are."""
    readings: tuple[Reading, ...] = ("response", "likelihood")
    for reading in readings:
        own = [
            (before.language, hit(before, after))
            for before, after in pairs
            if before.reading == reading
        ]
        for code in (ALL, *dict.fromkeys(code for code, _ in own)):
            hits = [hit_ for language, hit_ in own if code in (ALL, language)]
            if hits:
                before, after = (sum(side) / len(hits) for side in zip(*hits, strict=True))
                yield Gauge(gauge, of, reading, code, round(before, 6), round(after, 6), len(hits))


def _continuations(probed: Iterable[Probed]) -> Iterator[Gauge]:
    texts: dict[tuple[str, str], dict[str, str]] = {}
    for row in probed:
        if row.probe == "free":
            texts.setdefault((row.item, row.language), {})[row.model] = row.text
    both = [own["base"] == own["aligned"] for own in texts.values() if len(own) > 1]
    if both:
        share = round(sum(both) / len(both), 6)
        yield Gauge("locality", "continuations", "response", ALL, 1.0, share, len(both))
