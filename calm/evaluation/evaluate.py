"""Stage `evaluate`: accuracy per language and consistency between languages, with intervals.

An answer is read in two ways, reported side by side and never mixed: `response`, the greedy
response with its answer extracted, as a person would get it; and `likelihood`, the choice with
the highest log-probability a token. An unreadable answer is wrong and agrees with nothing; its
share is reported too. What is measured is in `calm.evaluation.metrics`.

Intervals are 95% percentile bootstrap intervals over questions (Efron, 1979), all languages of a
question drawn together; those of a change are paired. Where too few questions are there to be drawn
(`calm.intervals`), or all give the same number, that would look certain: the interval is Wilson's.
"""

import functools
import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from calm.answers.choice import read_answer
from calm.config import SamplingConfig
from calm.evaluation import metrics
from calm.evaluation.measured import Measured, itself, kappa, of_right_answers
from calm.evaluation.metrics import UNREADABLE, Answers, Golds, Values
from calm.intervals import can_tell, wilson
from calm.models.interface import LanguageModel, Prompt
from calm.questions.prompts import answer_text, choice_order, greedy, prompt_for
from calm.records import Evaluation, ModelRole, Question, Reading, Score

RESAMPLES = 10_000
MOST_DRAWN = 10_000_000
READINGS: tuple[Reading, ...] = ("response", "likelihood")
ROLES: tuple[ModelRole, ...] = ("base", "aligned")
ALL = "all"
NO_GOLD = -2


def evaluate(
    model: LanguageModel,
    questions: Sequence[Question],
    role: ModelRole,
    config: SamplingConfig,
    readings: Sequence[Reading] = READINGS,
) -> list[Evaluation]:
    """Answer the questions greedily and score their choices; a row a question and reading."""
    orders = [choice_order(config.seed, q, 0) for q in questions]

    def prompts(thinking: bool) -> list[Prompt]:
        asked = zip(questions, orders, strict=True)
        form = config.prompt_format
        return [prompt_for(model, q, order, form, thinking) for q, order in asked]

    found = {
        "response": lambda: _responses(
            model, questions, orders, prompts(config.thinking), role, config
        ),
        "likelihood": lambda: _likeliest(model, questions, prompts(False), role),
    }
    columns = [found[reading]() for reading in readings]
    return [row for rows in zip(*columns, strict=True) for row in rows]


def _responses(
    model: LanguageModel,
    questions: Sequence[Question],
    orders: Sequence[Sequence[int]],
    prompts: Sequence[Prompt],
    role: ModelRole,
    config: SamplingConfig,
) -> list[Evaluation]:
    """Answer greedily and read the answers."""
    texts = model.generate(prompts, [greedy(config)] * len(questions))
    rows = []
    for question, order, text in zip(questions, orders, texts, strict=True):
        versions = [q for q in questions if q.id == question.id and q is not question]
        said = read_answer(text, question, order, versions)
        rows.append(
            Evaluation(
                question.id, question.language, role, "response", text, said.answer, said.span
            )
        )
    return rows


def _likeliest(
    model: LanguageModel, questions: Sequence[Question], prompts: Sequence[Prompt], role: ModelRole
) -> list[Evaluation]:
    """Take the choices with the highest log-probability a token."""
    rows = []
    scores = model.score(prompts, [_choice_texts(q) for q in questions])
    for question, log_probs in zip(questions, scores, strict=True):
        best = int(np.argmax(log_probs))
        rows.append(
            Evaluation(
                question.id,
                question.language,
                role,
                "likelihood",
                question.choices[best],
                best,
                None,
                tuple(round(value, 6) for value in log_probs),
            )
        )
    return rows


def scores(
    evaluations: Iterable[Evaluation], golds: Mapping[str, int | None], languages: Sequence[str]
) -> Iterator[Score]:
    """Yield every number of the comparison: base, aligned, and the change between them.

    What asks for right answers rests on the questions that have a gold answer; where none has,
    there is none of it. What chance gives RankC is told once, as a number of the base model.
    """
    rows = list(evaluations)
    answers = answer_tables(rows, list(golds), languages)
    gold = gold_of(golds)
    for reading in READINGS:
        for found in measured(rows, golds, languages, reading):
            if found.of is itself:
                values = [parts[:, 0] for parts in found.parts]
                yield from before_and_after(reading, found.language, found.metric, values)
            else:
                yield from _whole(found)
        if reading == "likelihood":
            yield from _rank_marks(log_prob_tables(rows, list(golds), languages))
        if (gold != NO_GOLD).any():
            pair = [answers[role, reading] for role in ROLES]
            yield from _flips(reading, pair, gold, languages)


def measured(
    evaluations: Iterable[Evaluation],
    golds: Mapping[str, int | None],
    languages: Sequence[str],
    reading: Reading,
) -> Iterator[Measured]:
    """Yield what every number of one reading is made of, for both models, question by question."""
    rows = list(evaluations)
    answers = answer_tables(rows, list(golds), languages)
    gold = gold_of(golds)
    pair, judged = [answers[role, reading] for role in ROLES], gold != NO_GOLD
    for language, name, values in _measures(pair, gold, languages):
        yield Measured(reading, language, name, tuple(column[:, None] for column in values))
    if reading == "likelihood":
        ranks = log_prob_tables(rows, list(golds), languages)
        if len(ranks) == len(ROLES):
            every = pairs_of(languages)
            found = [metrics.rank_consistency(ranks[role], every) for role in ROLES]
            columns = tuple(column[:, None] for column in found)
            yield Measured(reading, ALL, "rank_consistency", columns)
    if len(gold):
        yield kappa(reading, pair)
    if judged.any():
        yield from of_right_answers(reading, [t[judged] for t in pair], gold[judged], languages)


def gold_of(golds: Mapping[str, int | None]) -> Golds:
    """Return the right answers as an array, (questions,); `NO_GOLD` where nobody says which."""
    return np.array([NO_GOLD if g is None else g for g in golds.values()], dtype=np.int64)


def _measures(
    pair: Sequence[Answers], gold: Golds, languages: Sequence[str]
) -> Iterator[tuple[str, str, list[Values]]]:
    """Yield (language or `en-fr`, metric, one value a question for base and for aligned)."""
    judged = gold != NO_GOLD
    for language, columns in _column_sets(languages):
        if judged.any():
            yield (
                language,
                "accuracy",
                [metrics.accuracy(t[judged][:, columns], gold[judged]) for t in pair],
            )
        yield language, "unreadable", [metrics.unreadable(t[:, columns]) for t in pair]
        if language == ALL:
            pairs = pairs_of(languages)
        else:
            pairs = [(columns[0], other) for other in range(len(languages)) if other != columns[0]]
        yield language, "consistency", [metrics.agreement(t, pairs) for t in pair]
    for left, right in pairs_of(languages):
        name = f"{languages[left]}-{languages[right]}"
        yield name, "consistency", [metrics.agreement(t, [(left, right)]) for t in pair]
    if judged.any():
        for name in ("consistently_right", "consistently_wrong", "split"):
            measure = getattr(metrics, name)
            yield ALL, name, [measure(t[judged], gold[judged]) for t in pair]


def before_and_after(
    reading: Reading, language: str, name: str, values: Sequence[Values]
) -> Iterator[Score]:
    """Yield a number of the base and of the aligned model, and the change, with intervals.

    `values` are those of base and aligned, one a question each, (questions,).
    """
    base, aligned = values
    yield score_of("base", reading, language, name, base)
    yield score_of("aligned", reading, language, name, aligned)
    yield score_of("change", reading, language, name, aligned - base)


def _whole(found: Measured) -> Iterator[Score]:
    """Yield a number that is no mean over questions: all questions are resampled together."""
    base, aligned = (float(found.of(parts.mean(0))) for parts in found.parts)
    if math.isnan(base + aligned):
        return
    weights = resample_weights(len(found.parts[0]))
    before, after = (found.of(weights @ parts) for parts in found.parts)
    results = ((base, before), (aligned, after), (aligned - base, after - before))
    for role, (value, resampled) in zip((*ROLES, "change"), results, strict=True):
        low, high = _middle(found.draws(role, value, resampled))
        yield Score(
            role,  # type: ignore[arg-type]
            found.reading,
            found.language,
            found.metric,
            round(value, 6),
            low,
            high,
            len(found.parts[0]),
        )


def _rank_marks(ranks: Mapping[str, Values]) -> Iterator[Score]:
    """Yield what RankC is for two rankings that have nothing to do with each other, and at least.

    Both are of the questions' numbers of choices, whatever a model says.
    """
    if len(ranks) < len(ROLES) or not len(ranks["base"]):
        return
    sizes = np.isfinite(ranks["base"][:, 0]).sum(1)
    for name, mark in (
        ("rank_consistency_chance", metrics.rank_chance),
        ("rank_consistency_floor", metrics.rank_floor),
    ):
        value = round(float(np.mean([mark(int(size)) for size in sizes])), 6)
        yield Score("base", "likelihood", ALL, name, value, None, None, len(sizes))


def _flips(
    reading: Reading, pair: Sequence[Answers], gold: Golds, languages: Sequence[str]
) -> Iterator[Score]:
    """Yield how many answers were fixed and broken; for one language, whether that is chance.

    Answers to one question in several languages are not independent: all of them together have an
    interval, but no such test.
    """
    n = int((gold != NO_GOLD).sum())
    for language, columns in _column_sets(languages):
        base, aligned = (table[:, columns] == gold[:, None] for table in pair)
        fixed, broken = int((~base & aligned).sum()), int((base & ~aligned).sum())
        counts = {"fixed": float(fixed), "broken": float(broken)}
        if language != ALL:
            counts["mcnemar_p"] = round(metrics.mcnemar(fixed, broken), 6)
        for name, value in counts.items():
            yield Score("change", reading, language, name, value, None, None, n)


def answer_tables(
    evaluations: Iterable[Evaluation], ids: Sequence[str], languages: Sequence[str]
) -> dict[tuple[str, str], Answers]:
    """Return (role, reading) -> answers, (questions, languages)."""
    row_of = {identity: row for row, identity in enumerate(ids)}
    column_of = {code: column for column, code in enumerate(languages)}
    tables: dict[tuple[str, str], Answers] = defaultdict(
        lambda: np.full((len(ids), len(languages)), UNREADABLE)
    )
    for e in evaluations:
        answer = UNREADABLE if e.answer is None else e.answer
        tables[e.model, e.reading][row_of[e.question_id], column_of[e.language]] = answer
    return tables


def log_prob_tables(
    evaluations: Iterable[Evaluation], ids: Sequence[str], languages: Sequence[str]
) -> dict[str, Values]:
    """Return role -> log-probabilities of choices, (questions, languages, choices).

    Places beyond a question's own choices hold `-inf`; a role that lacks any is left out.
    """
    rows = [e for e in evaluations if e.log_probs]
    width = max((len(e.log_probs) for e in rows), default=0)
    row_of = {identity: row for row, identity in enumerate(ids)}
    column_of = {code: column for column, code in enumerate(languages)}
    tables = {role: np.full((len(ids), len(languages), width), -np.inf) for role in ROLES}
    for e in rows:
        place = (row_of[e.question_id], column_of[e.language])
        tables[e.model][place][: len(e.log_probs)] = e.log_probs
    return {
        role: table for role, table in tables.items() if np.isfinite(table).any(-1).all() and width
    }


def pairs_of(languages: Sequence[str]) -> list[tuple[int, int]]:
    """Return every pair of languages, as their columns."""
    return list(itertools.combinations(range(len(languages)), 2))


def _column_sets(languages: Sequence[str]) -> list[tuple[str, list[int]]]:
    every = list(range(len(languages)))
    return [(ALL, every), *((code, [column]) for column, code in enumerate(languages))]


def score_of(
    role: str,
    reading: Reading,
    language: str,
    name: str,
    values: npt.NDArray[np.float64],
) -> Score:
    """Return the mean of one value a question with its interval, not a number where there is none.

    The values of a change go from -1 to 1, all others from 0 to 1.
    """
    if not len(values):
        return Score(role, reading, language, name, float("nan"), None, None, 0)  # type: ignore[arg-type]
    low, high = interval_of(values, role == "change")
    return Score(
        role,  # type: ignore[arg-type]
        reading,
        language,
        name,
        round(float(values.mean()), 6),
        low,
        high,
        len(values),
    )


def interval_of(values: Values, is_change: bool) -> tuple[float, float]:
    """Return the 95% interval of a mean of values from 0 to 1, of changes from -1 to 1.

    No value of such a range varies more than that of a share with the same mean, so that Wilson's
    interval is wide enough for each. Many questions without any change are known to be that.
    """
    alike = bool((values == values[0]).all())
    unchanged = is_change and alike and not values[0]
    if can_tell(len(values)) and (unchanged or not alike):
        return _middle(values[resamples(len(values))].mean(1))
    least, width = (-1.0, 2.0) if is_change else (0.0, 1.0)
    ends = wilson((float(values.mean()) - least) / width * len(values), len(values))
    low, high = (round(least + width * end, 6) for end in ends)
    return low, high


def _middle(means: Values) -> tuple[float, float]:
    """Return between which numbers 95% of the resampled ones lie."""
    low, high = (round(float(end), 6) for end in np.nanpercentile(means, [2.5, 97.5]))
    return low, high


@functools.cache
def resamples(n: int) -> npt.NDArray[np.int64]:
    """Return which of `n` questions each resample draws, (resamples, n).

    Many questions need fewer resamples for an interval as sharp, and their memory stays bounded.
    """
    rows = max(1000, min(RESAMPLES, MOST_DRAWN // n))
    return np.random.default_rng(0).integers(0, n, size=(rows, n))


@functools.lru_cache(maxsize=2)
def resample_weights(n: int) -> Values:
    """Return what each of `n` questions weighs in each resample, (resamples, n): rows sum to 1."""
    drawn = resamples(n)
    places = drawn + n * np.arange(len(drawn))[:, None]
    counts = np.bincount(places.ravel(), minlength=drawn.size).reshape(drawn.shape)
    values: Values = counts / n
    return values


def _choice_texts(question: Question) -> list[str]:
    return [answer_text(question, index) for index in range(len(question.choices))]
