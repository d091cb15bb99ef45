"""What a report says is what its runs recorded, worked out again."""

import dataclasses
import re
from collections.abc import Callable

import numpy as np
import pytest

from calm.evaluation.baselines import ways_to_answers
from calm.evaluation.damage_findings import verdict
from calm.evaluation.evaluate import answer_tables
from calm.evaluation.significance import holm, sign_flip
from calm.messages import LANGUAGES, said_in
from calm.pipeline.run_questions import golds_of, groups_of, split_of
from calm.study.folder import Study
from calm.study.grid import cells
from calm.study.report import COLUMNS, Report, as_data, as_markdown, read_report, write_report
from calm.study.results import Arm, Effect
from calm.study.sentences import sentences
from calm.study.work import do_study
from tests.study.test_work import runs_of


@pytest.fixture
def done(study: Callable[[], Study]) -> Study:
    made = study()
    do_study(made, after=(write_report,))
    return made


def effect(change: float = 0.1, half: float = 0.02, p: float | None = 0.01) -> Effect:
    return Effect(
        *(0.5, 0.5 + change, change, change - half, change + half, 0.01, 100), p=p, p_holm=p
    )


def arm(name: str, **effects: Effect) -> Arm:
    return Arm(name, (0, 1), ("r0", "r1"), ("en", "fr"), effects, undecided=0.1)


def test_its_numbers_are_those_of_the_runs(done: Study) -> None:
    found, runs = read_report(done), runs_of(done)
    for row in found.arms:
        tables, before = [], []
        for seed in (0, 1):
            run = runs[row.name, seed]
            golds = golds_of(split_of(groups_of(run), "held-out"))
            gold = np.array(list(golds.values()))[:, None]
            both = answer_tables(run.rows("evaluations"), list(golds), ("en", "fr", "ja"))
            before.append((both["base", "response"] == gold).mean(1))
            tables.append((both["aligned", "response"] == gold).mean(1))
        accuracy = row.effects["accuracy"]
        assert accuracy.before == pytest.approx(np.mean(before), abs=1e-6)
        assert accuracy.after == pytest.approx(np.mean(tables), abs=1e-6)
        changes = np.mean(tables, axis=0) - np.mean(before, axis=0)
        assert accuracy.p == sign_flip(changes)
        per_seed = np.mean(tables, axis=1) - np.mean(before, axis=1)
        assert accuracy.spread == pytest.approx(per_seed.std(ddof=1), abs=1e-6)
    p = [row.effects["accuracy"].p for row in found.arms]
    assert [row.effects["accuracy"].p_holm for row in found.arms] == pytest.approx(holm(p))  # type: ignore[arg-type]


def test_a_vote_each_time_is_that_of_the_baselines(done: Study) -> None:
    (first, _), runs = read_report(done).arms, runs_of(done)
    right = []
    for seed in (0, 1):
        run = runs["dpo", seed]
        golds = golds_of(split_of(groups_of(run), "held-out"))
        rows, weights = run.rows("evaluations"), run.rows("weights")
        ways = ways_to_answers(rows, golds, ("en", "fr", "ja"), weights, "response")
        right.append(ways.found["vote"].right.mean())
    assert first.effects["now"].after == pytest.approx(np.mean(right), abs=1e-6)


def test_others_are_held_against_dpo_and_what_was_shared_counts_as_time(done: Study) -> None:
    found, noted = read_report(done), done.done()
    dpo, other = found.arms
    assert (found.against, dict(dpo.ahead)) == ("dpo", {})
    assert other.ahead["accuracy"].before == dpo.effects["accuracy"].after
    first, second = cells(done.plan)[:2]
    sampled = noted[first.name].seconds["sample"]
    assert "sample" not in noted[second.name].seconds
    assert other.seconds is not None and other.seconds > sampled


def test_it_tells_what_got_worse_and_in_how_many_runs(done: Study) -> None:
    first = read_report(done).arms[0]
    assert first.looked_at == 2
    lost = dataclasses.replace(first, worse={"free/right": 1})
    assert "free answers, right (1 of 2)" in as_markdown(
        dataclasses.replace(read_report(done), arms=(lost,))
    )
    found = [verdict(runs_of(done)["dpo", seed].rows("damage")).worse for seed in (0, 1)]
    assert sum(first.worse.values()) == sum(map(len, found))


def test_it_is_the_same_when_it_is_made_again(done: Study) -> None:
    before = read_report(done)
    write_report(done)
    again = read_report(done)
    assert (again.arms, again.sentences) == (before.arms, before.sentences)


def test_it_opens_with_five_sentences_each_with_numbers(done: Study) -> None:
    text = (done.folder / "report.md").read_text(encoding="utf-8")
    opening = text.split("| arm |")[0].strip().split("\n\n")[1:]
    assert len(opening) == 5
    assert all(len(re.findall(r"\d", said)) >= 2 for said in opening)
    assert "4 questions, 3 languages and 2 seeds" in opening[-1]
    assert text.count("\n| dpo |") == text.count("\n| other |") == 1


@pytest.mark.parametrize(
    ("effects", "keys"),
    [
        (
            {name: effect() for name in ("accuracy", "consistency", "now", "english")},
            ["best.sure", "consistency.rises", "now.rises", "english.rises", "doubt.seeds"],
        ),
        (
            {name: effect(-0.1) for name in ("accuracy", "consistency", "now", "english")},
            ["best.unsure", "consistency.falls", "now.falls", "english.falls", "doubt.seeds"],
        ),
        (
            {"accuracy": effect(0.0), "consistency": effect(0.0)},
            ["best.unsure", "consistency.unsure", "no-vote-now", "no-english", "doubt.seeds"],
        ),
        (
            {"accuracy": effect(p=0.2), "consistency": effect(), "english": effect(0.0)},
            ["best.unsure", "consistency.rises", "no-vote-now", "english.unsure", "doubt.seeds"],
        ),
        ({"vote": effect()}, ["vote.rises", "votes", "gate.none", "undecided", "doubt.seeds"]),
        ({"vote": effect(-0.1)}, ["vote.falls", "votes", "gate.none", "undecided", "doubt.seeds"]),
    ],
)
def test_its_sentences_say_what_is_sure_and_what_is_not(
    effects: dict[str, Effect], keys: list[str]
) -> None:
    said = sentences([arm("one", **effects), arm("two", **effects)], 0.05)
    assert [row.key for row in said] == [f"study.{key}" for key in keys]
    for code in LANGUAGES:
        assert all(re.search(r"\{\w", said_in(code, row)) is None for row in said)


def test_the_best_is_the_one_that_gains_most() -> None:
    rows = [arm("low", accuracy=effect(0.05), consistency=effect()), arm("none")]
    rows.append(arm("high", accuracy=effect(0.2), consistency=effect()))
    assert str(sentences(rows, None)[0]).startswith("Of all that was tried (low, high), high makes")
    assert sentences([arm("none")], None) == []


def test_what_no_run_has_come_to_is_said(study: Callable[[], Study]) -> None:
    made = study()
    write_report(made)
    found: Report = read_report(made)
    assert (found.arms, found.sentences, found.done) == ((), (), 0)
    assert "There is no result yet." in as_markdown(found)
    assert as_data(found)["runs"] == 4
    assert set(COLUMNS) >= {"accuracy", "consistency", "all_right", "rank", "english"}
