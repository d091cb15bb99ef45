"""What a run does for its method: votes, right answers, or neither of them."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from calm.cli.parser import main
from calm.config import Method, RunConfig, TrainConfig
from calm.errors import CalmError
from calm.exchange.archive import pack, unpack
from calm.exchange.training_words import how_made, what_taught_it, what_told
from calm.pairs.edits import with_edit
from calm.pipeline.align import align, redo
from calm.pipeline.context import NotEnough
from calm.pipeline.costs import amount_of, amount_of_run, costs
from calm.pipeline.enough import check_questions, not_enough
from calm.pipeline.review import set_gate
from calm.pipeline.run_questions import chosen_questions
from calm.pipeline.stage_train import lessons_of, vote_shares
from calm.records import Question
from calm.runs.folder import Run, create_run, open_run
from calm.runs.rates import Rate, keep_rate, rate_of
from calm.training.methods import METHODS
from calm.training.schedule import schedule
from tests.fakes import training_of_nothing
from tests.pipeline.small_runs import CHOICES, LANGUAGES, SAMPLED, TRAIN, context, question_rows

pytestmark = pytest.mark.usefixtures("small_steps")
CHOICE_METHODS = [name for name, row in METHODS.items() if row.needs == "choices"]


@pytest.fixture
def run_of(new_run: Callable[[str], Run]) -> Callable[..., Run]:
    """Return what makes a run of a method, and of a source of pairs."""

    def made(method: Method, source: str = "votes", name: str = "mine", **more: Any) -> Run:
        config = new_run("as-ever").config
        train = TrainConfig(method=method)
        pairs = replace(config.pairs, source=source)
        return create_run(name, replace(config, train=train, pairs=pairs, **more))

    return made


@pytest.fixture
def trained_on(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, dict[str, Any]]]:
    """Pairs and options of each training."""
    seen: list[tuple[Any, dict[str, Any]]] = []
    nothing = training_of_nothing(2)

    def train(model: str, pairs: Any, *given: Any, **options: Any) -> bool:
        seen.append((pairs, options))
        return nothing(model, pairs, *given, **options)

    monkeypatch.setattr("calm.pipeline.stage_train.train", train)
    return seen


@pytest.mark.parametrize("method", CHOICE_METHODS)
def test_a_method_of_choices_samples_nothing_and_is_measured_as_any_other(
    method: Method, run_of: Callable[..., Run], trained_on: list[Any], tmp_path: Path
) -> None:
    run = run_of(method)
    align(context(run))
    assert run.status().state == "done"
    assert not [name for name in SAMPLED if (run.folder / name).exists()]
    ((pairs, options),) = trained_on
    assert (pairs, options["shares"]) == ([], [])
    questions = options["questions"]
    assert all(isinstance(question, Question) for question in questions)
    asked = [(f"q{n}", code) for n in range(TRAIN) for code in LANGUAGES]
    assert [(question.id, question.language) for question in questions] == asked
    assert {score.metric for score in run.rows("scores")} >= {"accuracy", "consistency"}
    assert "efficacy" not in {score.metric for score in run.rows("scores")}
    pack(run, tmp_path / "mine.zip", [], with_adapter=False)
    assert unpack(tmp_path / "mine.zip", "again").config.train == run.config.train


def test_a_method_of_both_has_pairs_and_questions(
    run_of: Callable[..., Run], trained_on: list[Any]
) -> None:
    run = run_of("dpo+dco")
    align(context(run))
    ((pairs, options),) = trained_on
    assert pairs == run.rows("pairs") != []
    assert len(options["questions"]) == TRAIN * len(LANGUAGES)


def test_pairs_of_right_answers_state_them_and_no_vote_does(
    run_of: Callable[..., Run], trained_on: list[Any]
) -> None:
    run = run_of("dpo", "gold")
    align(context(run))
    pairs = run.rows("pairs")
    assert {pair.source for pair in pairs} == {"gold"}
    assert {pair.question_id for pair in pairs} == {f"q{n}" for n in range(TRAIN)}
    for pair in pairs:
        gold = CHOICES[pair.language][int(pair.question_id[1:]) % 4]
        assert pair.chosen.strip() == gold != pair.rejected.strip()
    assert trained_on[0][1]["shares"] == [1.0] * len(pairs)
    votes = {vote.question_id: vote for vote in run.rows("votes")}
    assert any(votes[f"q{n}"].winner != n % 4 for n in range(TRAIN)), "votes stay as counted"
    events = (run.folder / "events.jsonl").read_text()
    assert "pairs-of-gold" in events
    with pytest.raises(CalmError, match="made of right answers, not of votes"):
        set_gate(replace_training(run), 0.9)


def replace_training(run: Run) -> Run:
    redo("train", run)
    return run


@pytest.mark.parametrize("golds", [None, 0])
def test_without_right_answers_there_are_no_pairs_of_them(
    golds: int | None, run_of: Callable[..., Run], tmp_path: Path
) -> None:
    rows = [{**row, "gold": golds if row["id"] == "q0" else None} for row in question_rows()]
    file = tmp_path / "unlabelled.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    run = run_of("dpo", "gold", question_set=str(file))
    if golds is None:
        with pytest.raises(CalmError, match="no training question has one"):
            check_questions(run.config, chosen_questions(run.config))
        with pytest.raises(CalmError, match="no training question has one"):
            align(context(run))
        arguments = ["--questions", str(file), "--pairs-source", "gold", "--languages", "en,fr"]
        assert main(["align", "theirs", *arguments]) == 2
    else:
        align(context(run))
        assert {pair.question_id for pair in run.rows("pairs")} == {"q0"}


def test_a_pair_weighs_as_its_vote_and_one_that_a_person_turned_round_does_not(
    whole: Run,
) -> None:
    votes = {vote.question_id: vote.share for vote in whole.rows("votes")}
    rows, questions = lessons_of(whole)
    assert (rows, questions) == (whole.rows("pairs"), [])
    assert vote_shares(whole, rows) == [votes[pair.question_id] for pair in rows]
    assert len(set(vote_shares(whole, rows))) > 1
    whole.write("pair_edits", with_edit([], rows[0], "swap"))
    turned, _ = lessons_of(whole)
    expected = [1.0, *(votes[pair.question_id] for pair in rows[1:])]
    assert vote_shares(whole, turned) == expected
    by_people = [replace(pair, source="ballot") for pair in rows]
    assert vote_shares(whole, by_people) == [1.0] * len(rows)


@pytest.mark.parametrize("stage", ["sample", "extract", "vote", "pairs"])
def test_stages_without_work_are_not_done_again(stage: str, run_of: Callable[..., Run]) -> None:
    run = run_of("dco")
    align(context(run))
    with pytest.raises(CalmError, match=f"dco needs no votes and no pairs, so {stage} is not done"):
        redo(stage, run)
    assert run.adapter.is_dir()


def test_questions_in_one_language_leave_nothing_to_a_method_of_choices(
    run_of: Callable[..., Run],
) -> None:
    run = run_of("consensus")
    align(context(run), until="translate")
    assert not_enough(run) is None
    train = [row for row in run.rows("questions") if row.split == "train"]
    run.write("questions", [row for row in run.rows("questions") if row not in train])
    run.write("questions", [*run.rows("questions"), *(r for r in train if r.language == "en")])
    told = not_enough(run)
    assert isinstance(told, NotEnough)
    assert "two choices or more in two languages" in str(told)


def test_questions_without_choices_are_refused_before_a_run_is_made() -> None:
    config = RunConfig(languages=("en", "fr"), train=TrainConfig(method="dco"))
    rows = [Question("q", code, "What is it?", ()) for code in ("en", "fr")]
    with pytest.raises(CalmError, match="This method trains on the choices"):
        check_questions(config, rows)


def test_a_file_of_pairs_and_a_method_of_choices_do_not_go_together(
    calm_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text(json.dumps({"prompt": "a?", "chosen": "b", "rejected": "c"}) + "\n")
    assert main(["align", "x", "--pairs", str(file), "--method", "dco"]) == 2
    assert "The method dco trains on no pairs" in capsys.readouterr().err


def test_what_a_method_of_choices_costs_is_its_training_and_the_measuring(
    run_of: Callable[..., Run],
) -> None:
    run = run_of("dco")
    amount = amount_of(run.config)
    assert amount is not None
    versions = TRAIN * len(LANGUAGES)
    assert (amount.responses, amount.pairs, amount.choices) == (0, 0, versions)
    assert not amount.at_most
    units = {part.stage: part.units for part in costs(run.config, amount)}
    epochs = schedule(TRAIN, run.config.train).epochs
    assert units["train"] == versions * epochs > versions
    assert {"train", "evaluate"} <= set(units) and not {"sample", "translate"} & set(units)
    keep_rate("fake", "nf4", "train", Rate(units["train"], 6, 1, 0))
    assert seconds_to_train(run) == 7, "as fast as pairs until it was timed"
    keep_rate("fake", "nf4", "train dco", Rate(units["train"], 21, 1, 0))
    assert seconds_to_train(run) == 22


def seconds_to_train(run: Run) -> float | None:
    amount = amount_of(run.config)
    assert amount is not None
    return next(part.seconds for part in costs(run.config, amount) if part.stage == "train")


def test_the_speed_of_a_method_of_choices_is_kept_by_itself(run_of: Callable[..., Run]) -> None:
    run = run_of("consensus")
    align(context(run))
    kept = rate_of("fake", "nf4", "train consensus")
    assert kept is not None and kept.units > 0
    assert rate_of("fake", "nf4", "train") is None
    amount = amount_of_run(run)
    assert amount is not None and amount.choices == TRAIN * len(LANGUAGES)


def test_right_answers_are_not_what_the_next_votes_are_told_from(
    run_of: Callable[..., Run],
) -> None:
    align(context(run_of("dpo", "gold")))
    amount = amount_of(open_run("as-ever").config)
    assert amount is not None and amount.at_most


@pytest.mark.parametrize(
    ("method", "source", "taught", "made"),
    [
        ("dpo+sft", "votes", "without labels by [CALM]", "made pairs. Method: `dpo+sft` (Pang"),
        ("dpo", "gold", "**with labels**", "right answers of the set made pairs. Method: `dpo`"),
        ("dco", "votes", "without a vote, on the choices", "`en`. Method: `dco` (Liu et al."),
    ],
)
def test_cards_say_what_an_adapter_was_trained_by(
    method: Method, source: str, taught: str, made: str, run_of: Callable[..., Run]
) -> None:
    run = run_of(method, source)
    align(context(run), until="questions")
    assert taught in what_taught_it(run.config)
    told = how_made(run)
    assert made.replace("`en`", "Japanese") in told
    used = "Gold answers were used to train." if source == "gold" else "No gold answer was used"
    assert told.count(used) == 1
    assert ("No gold answer" in what_told(run.config)) == (source != "gold")
