"""What can be wrong with a set of preference pairs as a whole, though each pair is good."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import sqrt

from calm.pairs.lint.findings import Finding, Linted, found
from calm.pairs.lint.form import Surface, drawn
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
        shown = "; ".join(f"{f.feature} ({f.accuracy:.0%} by it alone): {f.seen}" for f in leaks)
        yield found(
            "told-apart-by-surface",
            f"form alone tells {surface.accuracy:.0%} of the sides apart (95% interval "
            f"{surface.low:.0%} to {surface.high:.0%}, chance {surface.baseline:.0%}, "
            f"{surface.pairs} pairs). {shown or 'No single feature does it alone'}",
            surface.language,
            fixable=False,
        )


def _languages(items: Sequence[Linted]) -> Iterator[Finding]:
    counts = Counter(item.pair.language for item in items).most_common()
    if len(items) < MIN_COUNT or len(counts) < 2:
        return
    (most, many), (least, few) = counts[0], counts[-1]
    if many > TIMES_AS_MANY * few:
        listed = ", ".join(f"{code} {count}" for code, count in counts)
        yield found(
            "unbalanced-languages",
            f"{most} has {many} pairs and {least} {few}, {many / few:.1f} times fewer: {listed}",
        )


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
            off = _too_often(Counter(key[2] for key in mine), list(mine.values()))
            if off and not (code != "all" and len({key[1] for key in answers}) == 1):
                yield found("unbalanced-positions", f"{side}: {off}", code)


def _too_often(counts: Counter[int], choices: Sequence[int]) -> str:
    total = counts.total()
    if total < MIN_COUNT:
        return ""
    position, count = counts.most_common(1)[0]
    expected = sum(1 / n for n in choices if n > position) / total
    share, error = count / total, sqrt(expected * (1 - expected) / total)
    if share < OFF_BY * expected or share < expected + Z * error:
        return ""
    shares = ", ".join(f"{'ABCDEFGH'[p]} {counts[p] / total:.0%}" for p in sorted(counts))
    return (
        f"{'ABCDEFGH'[position]} is the answer of {share:.0%} ({expected:.0%} expected) of "
        f"{total} questions: {shares}"
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
                f"{topic}: {share:.0%} of the pairs, but {due:.0%} of the questions",
            )


def _in_both_splits(items: Sequence[Linted], groups: Groups) -> Iterator[Finding]:
    held_out = {
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
            where = f"question {pair.question_id} is held out"
        elif same := [held_out[key] for key in keys if key in held_out]:
            where = f"the question of {item.place} is held out too, as {same[0]}"
        else:
            continue
        yield found("question-in-both-splits", where, pair.language)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
