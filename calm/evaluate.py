"""Stage `evaluate`: accuracy per language and consistency between languages, with intervals.

An answer is read in two ways, reported side by side and never mixed: `response`, the greedy
response with its answer extracted, as a person would get it; and `likelihood`, the choice with
the highest log-probability a token. An unreadable answer is wrong and agrees with nothing; its
share is reported too.

Intervals are 95% percentile bootstrap intervals over questions (Efron, 1979), all languages of a
question drawn together; those of a change are paired.
"""

import functools
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from calm.config import SamplingConfig
from calm.extract import read_answer
from calm.model import Draw, LanguageModel
from calm.prompts import answer_text, choice_order, prompt_for
from calm.records import Evaluation, ModelRole, Question, Reading, Score

RESAMPLES = 10_000
READINGS: tuple[Reading, ...] = ("response", "likelihood")
ALL = "all"
UNREADABLE = -1
NO_GOLD = -2

Answers = npt.NDArray[np.int64]
"""Answers of one model in one reading, (questions, languages); `UNREADABLE` where none."""
Metric = Callable[[Answers, npt.NDArray[np.int64]], npt.NDArray[np.float64]]
"""Turns answers and golds, (questions,), into one value a question."""


def evaluate(
    model: LanguageModel,
    questions: Sequence[Question],
    role: ModelRole,
    config: SamplingConfig,
) -> list[Evaluation]:
    """Answer the questions greedily and score their choices; two rows a question."""
    orders = [choice_order(config.seed, q, 0) for q in questions]
    prompts = [
        prompt_for(model, q, order, config.prompt_format)
        for q, order in zip(questions, orders, strict=True)
    ]
    draws = [Draw(config.max_new_tokens)] * len(questions)
    texts = model.generate(prompts, draws)
    scores = model.score(prompts, [_choice_texts(q) for q in questions])
    rows = []
    for question, order, text, log_probs in zip(questions, orders, texts, scores, strict=True):
        versions = [q for q in questions if q.id == question.id and q is not question]
        said = read_answer(text, question, order, versions)
        rows.append(
            Evaluation(
                question.id, question.language, role, "response", text, said.answer, said.span
            )
        )
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

    Accuracy rests on the questions that have a gold answer; where none has, there is none.
    """
    answers = answer_tables(evaluations, list(golds), languages)
    gold = np.array([NO_GOLD if g is None else g for g in golds.values()])
    judged = gold != NO_GOLD
    for reading in READINGS:
        tables = {role: answers[role, reading] for role in ("base", "aligned")}
        for language, name, metric in _metrics(languages):
            rows = judged if name == "accuracy" else np.ones_like(judged)
            if name == "accuracy" and not judged.any():
                continue
            values = {role: metric(table[rows], gold[rows]) for role, table in tables.items()}
            for role in ("base", "aligned"):
                yield _score(role, reading, language, name, values[role])
            change = values["aligned"] - values["base"]
            yield _score("change", reading, language, name, change)
        for language, columns in _column_sets(languages):
            if judged.any():
                base = tables["base"][:, columns] == gold[:, None]
                aligned = tables["aligned"][:, columns] == gold[:, None]
                for name, count in (("fixed", ~base & aligned), ("broken", base & ~aligned)):
                    n = int(judged.sum())
                    yield Score(
                        "change", reading, language, name, float(count.sum()), None, None, n
                    )


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


def accuracy_of(columns: Sequence[int]) -> Metric:
    """Share of right answers over some languages."""
    return lambda answers, gold: (answers[:, columns] == gold[:, None]).mean(1)


def agreement_of(pairs: Sequence[tuple[int, int]]) -> Metric:
    """Share of language pairs that give the same, readable answer (the paper's consistency)."""
    left, right = [a for a, _ in pairs], [b for _, b in pairs]

    def agreement(answers: Answers, gold: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        same = answers[:, left] == answers[:, right]
        values: npt.NDArray[np.float64] = (same & (answers[:, left] != UNREADABLE)).mean(1)
        return values

    return agreement


def unreadable_of(columns: Sequence[int]) -> Metric:
    """Share of answers that could not be read."""
    return lambda answers, gold: (answers[:, columns] == UNREADABLE).mean(1)


def _metrics(languages: Sequence[str]) -> Iterator[tuple[str, str, Metric]]:
    for language, columns in _column_sets(languages):
        yield language, "accuracy", accuracy_of(columns)
        yield language, "unreadable", unreadable_of(columns)
        if language == ALL:
            pairs = list(itertools.combinations(columns, 2))
        else:
            pairs = [(columns[0], other) for other in range(len(languages)) if other != columns[0]]
        yield language, "consistency", agreement_of(pairs)


def _column_sets(languages: Sequence[str]) -> list[tuple[str, list[int]]]:
    every = list(range(len(languages)))
    return [(ALL, every), *((code, [column]) for column, code in enumerate(languages))]


def _score(
    role: str,
    reading: Reading,
    language: str,
    name: str,
    values: npt.NDArray[np.float64],
) -> Score:
    if not len(values):
        return Score(role, reading, language, name, float("nan"), None, None, 0)  # type: ignore[arg-type]
    means = values[_resamples(len(values))].mean(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Score(
        role,  # type: ignore[arg-type]
        reading,
        language,
        name,
        round(float(values.mean()), 6),
        round(float(low), 6),
        round(float(high), 6),
        len(values),
    )


@functools.cache
def _resamples(n: int) -> npt.NDArray[np.int64]:
    """Return which of `n` questions each resample draws, (resamples, n)."""
    return np.random.default_rng(0).integers(0, n, size=(RESAMPLES, n))


def _choice_texts(question: Question) -> list[str]:
    return [answer_text(question, index) for index in range(len(question.choices))]
