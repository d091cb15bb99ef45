"""What can be wrong with a set of preference pairs as a whole, though each pair is good."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import sqrt

from calm.messages import Message, message, one_after_another
from calm.pairs.lint.findings import Finding, Linted, found
from calm.pairs.lint.form import FeatureLeak, Surface, drawn
from calm.pairs.lint.side import stated
from calm.records import Question

Groups = Mapping[str, Mapping[str, Question]]
"""Questions by id and language."""

MIN_COUNT = 40
"""Pairs below which a share says nothing."""
TIMES_AS_MANY = 1.5
"""A language has too many pairs if it has more than so many times those of another."""
Z = 3.0
"""Standard errors by which a share must be off: one false alarm in some hundred sets."""
OFF_BY = 1.25
"""And so many times what is expected, at least."""
SHOWN = 6
"""Features that are named for each language."""
MOST_READ = 10_000
"""Pairs whose answers are counted; of more, questions drawn at random."""


def set_findings(
    items: Sequence[Linted], groups: Groups, surfaces: Iterable[Surface]
) -> Iterator[Finding]:
    """Yield what is wrong with the set; `groups` are the questions, as far as they are known."""
    yield from _told_apart(surfaces)
    yield from _languages(items)
    yield from _positions(drawn(items, MOST_READ))
    yield from _topics(items, groups)
    yield from _in_both_splits(items, groups)


def _told_apart(surfaces: Iterable[Surface]) -> Iterator[Finding]:
    for surface in surfaces:
        if not surface.leaks:
            continue
        leaks = [f for f in surface.features if f.low > surface.baseline + 0.1][:SHOWN]
        seen = message(
            "lint.seen.told-apart",
            accuracy=surface.accuracy,
            low=surface.low,
            high=surface.high,
            baseline=surface.baseline,
            pairs=surface.pairs,
            features=_features(leaks),
        )
        yield found(
            "told-apart-by-surface",
            seen,
            surface.language,
            fixable=False,
        )


def _features(leaks: Sequence[FeatureLeak]) -> Message:
    """Say by which features the sides are told apart."""
    if not leaks:
        return message("lint.seen.no-single-feature")
    told = [
        message("lint.seen.feature", feature=f.called, accuracy=f.accuracy, seen=f.seen)
        for f in leaks
    ]
    return one_after_another(told)


def _languages(items: Sequence[Linted]) -> Iterator[Finding]:
    counts = Counter(item.pair.language for item in items).most_common()
    if len(items) < MIN_COUNT or len(counts) < 2:
        return
    (most, many), (least, few) = counts[0], counts[-1]
    if many > TIMES_AS_MANY * few:
        seen = message(
            "lint.seen.more-pairs",
            most=most,
            many=many,
            least=least,
            few=few,
            times=many / few,
            counts=[message("lint.seen.language-count", language=c, count=n) for c, n in counts],
        )
        yield found("unbalanced-languages", seen)


def _positions(items: Sequence[Linted]) -> Iterator[Finding]:
    """Say which letter one side has too often, over all and by language; a question counts once."""
    for side in ("chosen", "rejected"):
        answers: dict[tuple[str, str, int], int] = {}
        for item in items:
            pair, choices = item.pair, len(item.question.choices)
            answer, _ = stated(pair.chosen if side == "chosen" else pair.rejected, item.question)
            if answer is not None:
                answers[pair.question_id, pair.language, answer] = choices
        for code in ("all", *sorted({language for _, language, _ in answers})):
            mine = {key: n for key, n in answers.items() if code in ("all", key[1])}
            off = _too_often(side, Counter(key[2] for key in mine), list(mine.values()))
            if off and not (code != "all" and len({key[1] for key in answers}) == 1):
                yield found("unbalanced-positions", off, code)


def _too_often(side: str, counts: Counter[int], choices: Sequence[int]) -> Message | None:
    total = counts.total()
    if total < MIN_COUNT:
        return None
    position, count = counts.most_common(1)[0]
    expected = sum(1 / n for n in choices if n > position) / total
    share, error = count / total, sqrt(expected * (1 - expected) / total)
    if share < OFF_BY * expected or share < expected + Z * error:
        return None
    shares = [
        message("lint.seen.letter-share", letter="ABCDEFGH"[p], share=counts[p] / total)
        for p in sorted(counts)
    ]
    return message(
        "lint.seen.one-letter",
        side=message(f"lint.side.{side}"),
        letter="ABCDEFGH"[position],
        share=share,
        expected=expected,
        total=total,
        shares=shares,
    )


def _topics(items: Sequence[Linted], groups: Groups) -> Iterator[Finding]:
    """Say which topic has far more or fewer pairs than its share of the questions."""
    asked = [next(iter(versions.values())) for versions in groups.values() if versions]
    questions = Counter(q.topic for q in asked if q.split == "train" and q.topic)
    known = {q.id: q.topic for q in asked}
    pairs = Counter(topic for item in items if (topic := known.get(item.pair.question_id, "")))
    if pairs.total() < MIN_COUNT or len(questions) < 2:
        return
    for topic, count in questions.items():
        share, due = pairs[topic] / pairs.total(), count / questions.total()
        error = sqrt(due * (1 - due) / len({i.pair.question_id for i in items}))
        if abs(share - due) > Z * error and not 1 / TIMES_AS_MANY <= share / due <= TIMES_AS_MANY:
            yield found(
                "unbalanced-topics",
                message("lint.seen.topic", topic=topic, share=share, due=due),
            )


def _in_both_splits(items: Sequence[Linted], groups: Groups) -> Iterator[Finding]:
    held_out: dict[tuple[str, str], str | Message] = {
        (q.language, _plain(q.text)): q.id
        for versions in groups.values()
        for q in versions.values()
        if q.split == "held-out"
    }
    ids = set(held_out.values())
    held_out |= {(i.pair.language, _plain(i.pair.prompt)): i.place for i in items if i.held_out}
    told = set()
    for item in items:
        pair = item.pair
        if item.held_out or (pair.question_id, pair.language) in told:
            continue
        told.add((pair.question_id, pair.language))
        question = groups.get(pair.question_id, {}).get(pair.language)
        texts = [pair.prompt, question.text] if question else [pair.prompt]
        keys = [(pair.language, _plain(text)) for text in texts]
        if pair.question_id in ids:
            where = message("lint.seen.held-out", question=pair.question_id)
        elif same := [held_out[key] for key in keys if key in held_out]:
            where = message("lint.seen.held-out-as", place=item.place, other=same[0])
        else:
            continue
        yield found("question-in-both-splits", where, pair.language)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
