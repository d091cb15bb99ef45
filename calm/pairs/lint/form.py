"""Whether the two sides of preference pairs can be told apart without reading what they say.

A small classifier guesses from form alone (label words, length, blank lines, how the answer is
written) whether a side was chosen or rejected. Half right is chance; where it is clearly better,
training teaches that form. DPO then learns to write "Erklärung", not to answer right.
"""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calm.intervals import Z95
from calm.languages.identify import identified
from calm.messages import Message, message
from calm.pairs.lint.findings import Linted
from calm.pairs.lint.side import Side, parse_side

MIN_PAIRS = 40
"""Pairs below which an accuracy says nothing."""
MOST_PAIRS = 4000
"""Pairs that are looked at: of more, whole questions drawn with a fixed seed."""
FOLDS = 5
CHANCE = 0.5
LEAKS_FROM = 0.6
"""A surface leaks where the lower end of the accuracy's interval is above this."""
RARE = 0.02
"""Share of sides below which a value of a feature is not looked at by itself."""
BINS = 8
OTHER = "(other)"

Value = str | float
Form = dict[str, Value]
"""What one side looks like, by feature."""
Forms = dict[Linted, list[Form]]
"""The form of the chosen and of the rejected side of pairs."""


@dataclass(frozen=True)
class FeatureLeak:
    """How well one feature alone tells the sides apart."""

    feature: str
    accuracy: float
    """Share of sides told right, cross-validated; .5 is chance."""
    low: float
    """Lower end of its 95% interval."""
    seen: Message
    """What it is like on either side, for people."""

    @property
    def called(self) -> Message:
        """What the feature is called, for people."""
        return message(f"lint.feature.{self.feature.replace(' ', '-')}")


@dataclass(frozen=True)
class Surface:
    """How well form alone tells chosen from rejected."""

    language: str
    """A language, or `all`."""
    pairs: int
    """Pairs that the numbers rest on."""
    accuracy: float
    """Share of sides told right by all features together, cross-validated by question."""
    low: float
    high: float
    """95% interval, by question."""
    baseline: float
    features: tuple[FeatureLeak, ...]
    """Each feature alone, the one that leaks most first."""

    @property
    def leaks(self) -> bool:
        return self.low > LEAKS_FROM


def surfaces(items: Sequence[Linted]) -> list[Surface]:
    """Return how well form alone tells the sides apart: for all pairs, then for each language.

    Languages with fewer than 40 pairs are left out; so is `all` where there is one language.
    """
    by_language: dict[str, list[Linted]] = defaultdict(list)
    for item in items:
        by_language[item.pair.language].append(item)
    known: Forms = {}
    groups = dict(sorted(by_language.items()))
    if len(groups) > 1:
        groups = {"all": list(items), **groups}
    return [
        _surface(code, drawn(group), known)
        for code, group in groups.items()
        if len(group) >= MIN_PAIRS
    ]


def features(side: Side) -> Form:
    """Return the form of one side: words count by themselves, numbers by their size."""
    text, body = side.text, side.body
    start, end = side.answer_at or (len(text), len(text))
    label = LEADING_LABEL.match(text)
    told, probability = identified(body or text)
    return {
        "opening label": label["label"].strip() if label else "(none)",
        "after the opening label": _space(text, label.end() if label else 0),
        "answer label": side.answer_label or "(none)",
        "before the answer line": _space_before(text, side.body_at[1]),
        "before the answer": re.split(r"\w", text[:start][-12:])[-1]
        if side.answer_at
        else "(none)",
        "form of the answer": _answer_form(text[start:end]),
        "colons": "，".join(sorted(set(re.findall(r" ?[:：]", text[:2000])))) or "(none)",
        "first word": FIRST_WORD.sub(r"\1", body.strip()[:40]).casefold(),
        "ending": _ending(text),
        "markdown": "yes" if re.search(r"\*\*|^#{1,6} |^[*-] |```", text, re.MULTILINE) else "no",
        "language": told if probability > 0.9 else "(unsure)",
        "length": float(len(text)),
        "lines": float(text.strip().count("\n") + 1),
        "blank lines": float(len(re.findall(r"\n[ \t]*\n", text.strip()))),
        "text after the answer": float(len(text) - side.after_at) if side.answer_at else 0.0,
    }


LEADING_LABEL = re.compile(
    r"[\s>*_#]{0,12}(?P<label>[^\W\d_][^\n:：.。,，!?]{0,24}?)[*_]{0,4}\s?[:：]"
)
FIRST_WORD = re.compile(r"^\W*([^\W\d_]{1,2}(?=[\u3040-\u9fff])|\w+).*", re.DOTALL)


def _space(text: str, at: int) -> str:
    return (re.compile(r"[\s*_]*").match(text[at : at + 8]) or [""])[0] if at else "(none)"


def _space_before(text: str, at: int) -> str:
    before = text[max(0, at - 8) : at]
    return before[len(before.rstrip()) :]


def _answer_form(answer: str) -> str:
    if not answer:
        return "(none)"
    if len(answer.strip()) == 1:
        return "letter"
    match = re.match(r"\w(\W+)", answer)
    return f"letter{match[1]}text" if match else "text"


def _ending(text: str) -> str:
    last = text.rstrip(" ")[-1:]
    if last.isalpha():
        return "letter"
    return "digit" if last.isdigit() else last


def drawn(items: Sequence[Linted], most: int = MOST_PAIRS) -> list[Linted]:
    """Return all items, or of many those of questions drawn at random, the same each time."""
    if len(items) <= most:
        return list(items)
    questions = sorted({item.pair.question_id for item in items})
    random.Random(0).shuffle(questions)
    place = {identity: number for number, identity in enumerate(questions)}
    return sorted(items, key=lambda item: place[item.pair.question_id])[:most]


def _surface(code: str, items: Sequence[Linted], known: Forms) -> Surface:
    rows: list[Form] = []
    for item in items:
        if item not in known:
            sides = (item.pair.chosen, item.pair.rejected)
            known[item] = [features(parse_side(text, item.question)) for text in sides]
        rows += known[item]
    is_chosen = np.tile([True, False], len(items))
    questions = np.repeat([item.pair.question_id for item in items], 2)
    folds = _folds(questions)
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    right = _classified(columns, is_chosen, folds) == is_chosen
    accuracy, low, high = _by_question(right, questions)
    alone = []
    for name, values in columns.items():
        told, at_least, _ = _by_question(_guessed(values, is_chosen, folds) == is_chosen, questions)
        alone.append(FeatureLeak(name, told, at_least, _described(values, is_chosen)))
    alone.sort(key=lambda leak: -leak.accuracy)
    return Surface(code, len(items), accuracy, low, high, CHANCE, tuple(alone))


def _folds(questions: NDArray[np.str_]) -> NDArray[np.int_]:
    """Return a fold for each side, all sides of a question in the same."""
    names = sorted(set(questions.tolist()))
    random.Random(1).shuffle(names)
    fold_of = {name: number % FOLDS for number, name in enumerate(names)}
    return np.array([fold_of[name] for name in questions.tolist()])


def _classified(
    columns: Mapping[str, Sequence[Value]], is_chosen: NDArray[np.bool_], folds: NDArray[np.int_]
) -> NDArray[np.bool_]:
    """Return what a logistic regression on all features guesses for the sides left out."""
    from sklearn.linear_model import LogisticRegression

    matrix = np.column_stack([c for values in columns.values() for c in _encoded(values)])
    guesses = np.zeros(len(folds), dtype=np.bool_)
    for fold in sorted(set(folds.tolist())):
        out = folds == fold
        if out.all():
            continue
        mean, deviation = matrix[~out].mean(axis=0), matrix[~out].std(axis=0)
        scaled = (matrix - mean) / np.where(deviation > 0, deviation, 1.0)
        model = LogisticRegression(C=0.1, max_iter=300).fit(scaled[~out], is_chosen[~out])
        guesses[out] = model.predict(scaled[out])
    return guesses


def _encoded(values: Sequence[Value]) -> Iterable[NDArray[np.float64]]:
    """Return the columns of a feature: a number and its logarithm, or one for each common word."""
    if isinstance(values[0], float):
        numbers = np.array(values, dtype=np.float64)
        return [numbers, np.log1p(numbers)]
    return [np.array([v == word for v in values], dtype=np.float64) for word in _common(values)]


def _common(values: Sequence[Value]) -> list[Value]:
    counts = Counter(values)
    return [word for word, count in counts.most_common(20) if count >= RARE * len(values)]


def _guessed(
    values: Sequence[Value], is_chosen: NDArray[np.bool_], folds: NDArray[np.int_]
) -> NDArray[np.bool_]:
    """Return the guess from one feature: the side that its value mostly had in the other folds.

    Numbers are put in eight bins of equal size. A value never seen is guessed against the truth
    half of the time, by its place.
    """
    if isinstance(values[0], float):
        numbers = np.array(values, dtype=np.float64)
        edges = np.unique(np.quantile(numbers, np.linspace(0, 1, BINS + 1)[1:-1]))
        keys = np.searchsorted(edges, numbers, side="right").tolist()
    else:
        common = set(_common(values))
        keys = [value if value in common else OTHER for value in values]
    codes = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    coded = np.array([codes[key] for key in keys])
    guesses = np.zeros(len(folds), dtype=np.bool_)
    coin = np.arange(len(folds)) // 2 % 2 == 0
    for fold in set(folds.tolist()):
        out = folds == fold
        chosen = np.bincount(coded[~out & is_chosen], minlength=len(codes))
        rejected = np.bincount(coded[~out & ~is_chosen], minlength=len(codes))
        lean = (chosen - rejected)[coded[out]]
        guesses[out] = np.where(lean == 0, coin[out], lean > 0)
    return guesses


def _by_question(
    right: NDArray[np.bool_], questions: NDArray[np.str_]
) -> tuple[float, float, float]:
    """Return the share that is right with its 95% interval.

    Sides of one question are no independent trials: the interval is that of a ratio of sums over
    questions (the cluster-robust, linearised one).
    """
    _, place = np.unique(questions, return_inverse=True)
    sizes = np.bincount(place)
    hits = np.bincount(place, weights=right.astype(np.float64))
    accuracy = float(hits.sum() / sizes.sum())
    spread = hits - accuracy * sizes
    groups = len(sizes)
    half = Z95 * float(np.sqrt((spread**2).sum() * groups / max(1, groups - 1)) / sizes.sum())
    half = max(half, Z95**2 / (2 * groups + 2 * Z95**2)) if accuracy in (0.0, 1.0) else half
    return accuracy, max(0.0, accuracy - half), min(1.0, accuracy + half)


def _described(values: Sequence[Value], is_chosen: NDArray[np.bool_]) -> Message:
    """Say what a feature is like on either side."""
    chosen = [v for v, yes in zip(values, is_chosen.tolist(), strict=True) if yes]
    rejected = [v for v, yes in zip(values, is_chosen.tolist(), strict=True) if not yes]
    if isinstance(values[0], float):
        middle = [float(np.median(np.array(side))) for side in (chosen, rejected)]
        mean = [float(np.mean(np.array(side))) for side in (chosen, rejected)]
        return message(
            "lint.seen.medians",
            chosen=f"{middle[0]:g}",
            rejected=f"{middle[1]:g}",
            chosen_mean=mean[0],
            rejected_mean=mean[1],
        )
    mine, often = _typical(chosen, rejected)
    theirs, as_often = _typical(rejected, chosen)
    return message(
        "lint.seen.words",
        chosen=_shown(mine),
        chosen_share=often,
        rejected=_shown(theirs),
        rejected_share=as_often,
    )


def _typical(side: Sequence[Value], other: Sequence[Value]) -> tuple[Value, float]:
    """Return the value that a side has most often beside the other, and on what share of it."""
    counts, others = Counter(side), Counter(other)
    word = max(counts, key=lambda w: counts[w] - others[w])
    if counts[word] <= others[word]:
        word = counts.most_common(1)[0][0]
    return word, counts[word] / len(side)


def _shown(value: Value) -> str:
    text = str(value)
    return text if text.startswith("(") else f"“{text}”".replace("\n", "⏎")
