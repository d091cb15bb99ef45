"""Several runs as one number: what varies between them, and how sure their mean is."""

import numpy as np
import pytest

from calm.errors import CalmError
from calm.evaluation.evaluate import scores
from calm.evaluation.measured import Measured
from calm.evaluation.seeds import SeedScore, changes_by_question, combined, over_seeds
from calm.records import Evaluation, ModelRole

LANGUAGES = ("en", "fr")
Right = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def rows(base: Right, aligned: Right) -> list[Evaluation]:
    """Return the evaluations of one run of which it is known what is right, (questions, 2)."""
    roles: dict[ModelRole, Right] = {"base": base, "aligned": aligned}
    return [
        Evaluation(f"q{n}", code, role, "response", "", 0 if right[n, place] else 1)
        for role, right in roles.items()
        for place, code in enumerate(LANGUAGES)
        for n in range(len(right))
    ]


def golds(count: int) -> dict[str, int | None]:
    return {f"q{n}": 0 for n in range(count)}


def together(runs: list[list[Evaluation]], count: int) -> dict[tuple[str, str, str], SeedScore]:
    found = over_seeds(runs, golds(count), LANGUAGES)
    return {(s.model, s.language, s.metric): s for s in found if s.reading == "response"}


def drawn(seed: int, change: float, count: int = 40) -> list[Evaluation]:
    """Return a run whose base is always the same and whose aligned model is right more often."""
    base = np.random.default_rng(0).random((count, 2)) < 0.5
    more = np.random.default_rng(seed).random((count, 2)) < change
    return rows(base, base | more)


def test_mean_and_spread_by_hand() -> None:
    """Of ten questions in two languages 10, 14 and 18 answers are right: .5, .7 and .9."""
    base = np.zeros((10, 2), dtype=bool)
    runs = []
    for right in (10, 14, 18):
        aligned = base.copy().ravel()
        aligned[:right] = True
        runs.append(rows(base, aligned.reshape(10, 2)))
    found = together(runs, 10)["aligned", "all", "accuracy"]
    assert found.value == pytest.approx(0.7)
    assert found.spread == pytest.approx(0.2)
    assert (found.least, found.most, found.seeds, found.n) == (0.5, 0.9, 3, 10)
    before = together(runs, 10)["base", "all", "accuracy"]
    assert (before.value, before.spread) == (0, 0)


def test_the_rows_are_those_of_one_run_and_their_values_its_means() -> None:
    runs = [drawn(seed, 0.3) for seed in (1, 2, 3)]
    alone = [list(scores(run, golds(40), LANGUAGES)) for run in runs]
    counted = {"fixed", "broken", "mcnemar_p"}
    plain = [
        (row, [same.value for same in others])
        for row, *others in zip(alone[0], *alone, strict=True)
        if row.metric not in counted and row.reading == "response"
    ]
    found = [row for row in over_seeds(runs, golds(40), LANGUAGES) if row.reading == "response"]
    assert len(found) == len(plain) > 20
    for score, (row, values) in zip(found, plain, strict=True):
        assert (score.model, score.language, score.metric) == (row.model, row.language, row.metric)
        assert score.value == pytest.approx(np.mean(values), abs=1e-5)
        assert score.least - 1e-5 <= score.value <= score.most + 1e-5


def test_the_interval_of_runs_that_agree_is_that_of_the_questions() -> None:
    """Three times the same run teaches nothing about the questions."""
    run = drawn(1, 0.3)
    alone = next(
        s
        for s in scores(run, golds(40), LANGUAGES)
        if (s.model, s.language, s.metric) == ("change", "all", "accuracy")
    )
    found = together([run, run, run], 40)["change", "all", "accuracy"]
    assert (found.low, found.high) == pytest.approx((alone.low, alone.high), abs=0.02)


def test_seeds_that_differ_widen_the_interval() -> None:
    alike = together([drawn(seed, 0.3) for seed in (1, 2, 3)], 40)["change", "all", "accuracy"]
    apart = together([drawn(n, c) for n, c in ((1, 0.0), (2, 0.3), (3, 0.6))], 40)
    other = apart["change", "all", "accuracy"]
    assert alike.low is not None and alike.high is not None
    assert other.low is not None and other.high is not None
    assert other.high - other.low > 1.5 * (alike.high - alike.low)
    assert other.low <= 0.05


def test_the_interval_holds_the_true_change_as_often_as_it_says() -> None:
    """Questions and seeds both vary: 95 of 100 intervals hold what all of both would give."""
    random, held, tries, count = np.random.default_rng(4), 0, 100, 60
    nothing = np.zeros((count, 1))
    for _ in range(tries):
        question = random.normal(0.1, 0.2, (count, 1))
        runs = []
        for _ in range(3):
            change = question + random.normal(0, 0.02) + random.normal(0, 0.1, (count, 1))
            runs.append(Measured("response", "all", "accuracy", (nothing, change)))
        found = list(combined(runs))[-1]
        assert found.low is not None and found.high is not None
        held += found.low <= 0.1 <= found.high
    assert 0.9 <= held / tries <= 0.99


def test_few_questions_all_alike_are_not_made_certain() -> None:
    sure = np.ones((3, 2), dtype=bool)
    found = together([rows(sure, sure)] * 2, 3)["aligned", "all", "accuracy"]
    assert found.value == 1
    assert found.low is not None and found.low < 0.6


def test_one_run_is_none() -> None:
    with pytest.raises(CalmError, match="two runs or more"):
        list(over_seeds([drawn(1, 0.3)], golds(40), LANGUAGES))


def test_changes_by_question_are_means_over_runs() -> None:
    base = np.zeros((2, 2), dtype=bool)
    one = rows(base, np.array([[True, True], [False, False]]))
    two = rows(base, np.array([[True, False], [False, False]]))
    found = changes_by_question([one, two], golds(2), LANGUAGES, "response", "accuracy")
    assert found.tolist() == [0.75, 0]
    with pytest.raises(ValueError, match="no mean"):
        changes_by_question([one, two], golds(2), LANGUAGES, "response", "fleiss_kappa")
