"""Runs of several methods: which ones are one method, and how they compare."""

import dataclasses
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from calm.errors import CalmError
from calm.pipeline.methods import compare_methods
from calm.records import Evaluation
from calm.runs.folder import Run, open_run, to_json
from calm.settings import config_of

pytestmark = pytest.mark.usefixtures("small_steps")


@pytest.fixture
def again(whole: Run) -> Callable[..., Run]:
    """Return the finished run once more, aligned in languages of choice to all right answers."""

    def made(name: str, all_right: bool = False, **settings: Any) -> Run:
        folder = whole.folder.with_name(name)
        shutil.copytree(whole.folder, folder)
        config = config_of(settings, whole.config)
        (folder / "config.json").write_text(to_json(config) + "\n", encoding="utf-8")
        run = open_run(name)
        if all_right:
            golds = {q.id: q.gold for q in run.rows("questions")}
            run.write("evaluations", [_right(row, golds) for row in run.rows("evaluations")])
        return run

    return made


def _right(row: Evaluation, golds: dict[str, int]) -> Evaluation:
    gold = golds[row.question_id]
    return dataclasses.replace(row, answer=gold if row.model == "aligned" else (gold + 1) % 4)


def test_runs_that_differ_in_their_seed_are_one_method(
    whole: Run, again: Callable[..., Run]
) -> None:
    runs = [whole, again("more", seed=4), again("right", all_right=True, beta=0.5)]
    found = compare_methods(runs)
    assert [(m.name, m.runs, m.settings) for m in found.methods] == [
        ("whole", ("whole", "more"), ()),
        ("right", ("right",), ("beta (0.1, 0.5)",)),
    ]
    best = next(row for row in found.alone if row.one == "right")
    assert (best.difference, best.n) == (1, 4)
    assert best.p == 2 / 16  # of sixteen ways to flip four signs two are as far from zero
    assert best.adjusted == 2 * best.p
    (pair,) = found.pairs
    assert (pair.one, pair.other) == ("whole", "right")
    alone = {row.one: row.difference for row in found.alone}
    assert pair.difference == pytest.approx(alone["whole"] - alone["right"], abs=1e-6)


def test_one_method_alone_is_compared_with_nothing(whole: Run, again: Callable[..., Run]) -> None:
    with pytest.raises(CalmError, match="two methods or more"):
        compare_methods([whole, again("more", seed=4)])


@pytest.mark.parametrize(
    ("given", "says"), [({"metric": "luck"}, "metric is luck"), ({"reading": "x"}, "reading is x")]
)
def test_a_number_that_there_is_not_is_refused(
    whole: Run, given: dict[str, Any], says: str
) -> None:
    with pytest.raises(CalmError, match=says):
        compare_methods([whole], **given)


def test_methods_with_other_questions_are_refused(whole: Run, again: Callable[..., Run]) -> None:
    with pytest.raises(CalmError, match="same held-out questions"):
        compare_methods([whole, again("two", languages=("en", "fr"))])
