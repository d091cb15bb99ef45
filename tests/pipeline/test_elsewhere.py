"""A run may be measured in languages and topics that it does not train on."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from calm.config import PairsConfig, RunConfig, SamplingConfig
from calm.errors import CalmError
from calm.exchange.check import check_run
from calm.pipeline.align import align
from calm.pipeline.costs import amount_of
from calm.pipeline.run_questions import chosen_questions
from calm.runs.folder import Run, create_run
from tests.pipeline.small_runs import context, question_rows

Make = Callable[..., RunConfig]


@pytest.fixture
def config(tmp_path: Path, calm_home: Path) -> Make:
    """Return what makes settings on eleven questions, of the topics `odd` and `even` in turn."""
    file = tmp_path / "questions.jsonl"
    rows = [{**row, "topic": ("even", "odd")[int(row["id"][1:]) % 2]} for row in question_rows()]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    def made(**settings: object) -> RunConfig:
        return RunConfig(
            model="fake",
            question_set=str(file),
            languages=("en", "fr"),
            sampling=SamplingConfig(num_samples=2),
            pairs=PairsConfig(min_vote_share=0.0),
            **settings,  # type: ignore[arg-type]
        )

    return made


def aligned(name: str, config: RunConfig) -> Run:
    run = create_run(name, config)
    align(context(run))
    return run


def test_other_languages_are_measured_and_neither_sampled_nor_trained_on(
    config: Make, small_steps: None
) -> None:
    run = aligned("mine", config(measure_languages=("ja",)))
    assert {row.language for row in run.rows("responses")} == {"en", "fr"}
    assert {row.language for row in run.rows("pairs")} <= {"en", "fr"}
    assert {row.language for row in run.rows("efficacy")} <= {"en", "fr"}
    assert {row.language for row in run.rows("evaluations")} == {"en", "fr", "ja"}
    assert {row.language for row in run.rows("scores")} >= {"ja", "en-ja", "fr-ja"}
    assert {row.language for row in run.rows("comparisons")} == {"en", "fr", "ja"}
    assert {q.language for q in run.rows("questions") if q.split == "train"} == {"en", "fr"}
    check_run(run)


def test_runs_on_other_languages_measure_in_the_same_order(config: Make) -> None:
    every = ("fr", "ja", "en")
    assert config(measure_languages=every).measured_languages == every
    assert config(measure_languages=("ja",)).measured_languages == ("en", "fr", "ja")
    assert config().measured_languages == ("en", "fr")
    with pytest.raises(CalmError, match="'xx'"):
        config(measure_languages=("xx",))


def test_what_is_measured_besides_is_counted(config: Make) -> None:
    plain, more = amount_of(config()), amount_of(config(measure_languages=("ja",)))
    assert plain is not None and more is not None
    assert more.answers - plain.answers == 2 * plain.held_out
    assert (more.responses, more.pairs) == (plain.responses, plain.pairs)


def test_what_lacks_in_a_language_to_measure_in_has_to_be_translated(config: Make) -> None:
    amount = amount_of(config(measure_languages=("de",)))
    assert amount is not None
    assert amount.translations == amount.held_out


def test_one_topic_is_trained_on_and_another_measured(config: Make, small_steps: None) -> None:
    run = aligned("mine", config(train_topics=("even",), measure_topics=("odd",)))
    topics = {(row.split, row.topic) for row in run.rows("questions")}
    assert topics == {("train", "even"), ("held-out", "odd")}
    assert len({row.question_id for row in run.rows("responses")}) == 4


def test_a_topic_that_the_set_has_not_is_refused_with_those_it_has(config: Make) -> None:
    with pytest.raises(CalmError, match=r"topic 'add'. Its topics are: even, odd"):
        chosen_questions(config(train_topics=("add",)))
    with pytest.raises(CalmError, match="topic 'x'"):
        chosen_questions(config(measure_topics=("odd", "x")))
