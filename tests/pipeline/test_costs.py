"""What a run costs is told from measured rates alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from calm.config import RunConfig, SamplingConfig, TrainConfig
from calm.errors import CalmError
from calm.pairs.edits import with_edit
from calm.pipeline.costs import Part, amount_of, amount_of_run, costs, total
from calm.questions.public_sets import XCSQA
from calm.runs.folder import create_run
from calm.runs.rates import Rate, Yield, keep_rate, keep_yield
from calm.training.schedule import schedule
from tests.recorded import finished_run

pytestmark = pytest.mark.usefixtures("calm_home")
SMALL = RunConfig(
    model="m",
    languages=("en", "fr"),
    max_train_questions=10,
    max_held_out_questions=5,
    sampling=SamplingConfig(num_samples=3),
)


def test_questions_times_languages_times_samples() -> None:
    amount = amount_of(SMALL)
    assert amount is not None
    assert (amount.train, amount.held_out) == (10, 5)
    assert (amount.responses, amount.translations) == (60, 0)


def test_held_out_questions_and_those_trained_on_are_asked_before_and_after() -> None:
    amount = amount_of(SMALL)
    assert amount is not None and amount.answers == 2 * (5 + 10) * 2
    keep_yield("m", SMALL.pairs.min_vote_share, Yield(40, 50))
    fewer = amount_of(SMALL)
    assert fewer is not None and fewer.answers == 2 * (5 + 8) * 2


def test_few_pairs_are_gone_through_more_often_and_that_is_counted() -> None:
    amount = amount_of(SMALL)
    assert amount is not None
    units = {part.stage: part.units for part in costs(SMALL, amount)}
    assert units["train"] == amount.pairs * schedule(amount.pairs, SMALL.train).epochs
    assert units["train"] > amount.pairs


def test_before_any_vote_pairs_are_the_most_that_there_can_be() -> None:
    amount = amount_of(SMALL)
    assert amount is not None and (amount.pairs, amount.at_most) == (20, True)


def test_after_a_run_as_many_pairs_are_expected_as_its_votes_gave() -> None:
    keep_yield("m", SMALL.pairs.min_vote_share, Yield(40, 50))
    amount = amount_of(SMALL)
    assert amount is not None and (amount.pairs, amount.at_most) == (16, False)


def test_a_part_without_a_measured_rate_has_no_time_and_so_has_the_whole() -> None:
    keep_rate("m", "auto", "sample", Rate(20, 10, 3, 0))
    amount = amount_of(SMALL)
    assert amount is not None
    parts = costs(SMALL, amount)
    assert parts[0] == Part("sample", 60, 33.0)
    assert [part.seconds for part in parts[1:]] == [None, None, None]
    assert total(parts) is None


def test_time_is_that_of_all_parts_with_what_is_around_them() -> None:
    keep_rate("m", "auto", "sample", Rate(20, 10, 3, 0))
    keep_rate("m", "auto", "evaluate", Rate(10, 10, 0, 0))
    keep_rate("m", "nf4", "train", Rate(60, 30, 5, 0))
    config = replace(SMALL, train=TrainConfig(num_train_epochs=2, min_steps=1))
    amount = amount_of(config)
    assert amount is not None
    parts = {part.stage: part for part in costs(config, amount)}
    assert parts["train"] == Part("train", 40, 25.0)
    probed = parts["damage"].units
    assert probed == amount.probed > 0
    assert total(parts.values()) == 33 + 25 + 60 + probed / 2
    keep_rate("m", "auto", "damage", Rate(40, 10, 1, 0))
    assert costs(config, amount)[-1] == Part("damage", probed, 1 + probed / 4)


def test_a_set_that_is_not_here_has_no_amount_unless_its_questions_are_limited() -> None:
    assert amount_of(RunConfig(question_set=XCSQA)) is None
    limited = amount_of(replace(SMALL, question_set=XCSQA))
    assert limited is not None and limited.responses == 60


def test_a_file_that_is_not_there_is_said() -> None:
    with pytest.raises(CalmError, match="cannot be read"):
        amount_of(replace(SMALL, question_set="/nowhere.jsonl"))


def test_a_run_with_pairs_knows_how_many_it_learns(tmp_path: Path) -> None:
    run = finished_run("mine", tmp_path)
    run.write("pair_edits", with_edit([], run.rows("pairs")[0], "exclude"))
    amount = amount_of_run(run)
    assert amount is not None
    assert (amount.pairs, amount.at_most) == (len(run.rows("pairs")) - 1, False)
    assert amount_of_run(create_run("empty", SMALL)) is None
