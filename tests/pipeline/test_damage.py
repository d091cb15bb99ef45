"""The stage `damage`: a part of every probe by itself, all of it when it is asked for."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calm.config import BUILT_IN, DEFAULT_LANGUAGES, PairsConfig, RunConfig, SamplingConfig
from calm.errors import CalmError
from calm.intervals import LEAST
from calm.pipeline import stage_damage
from calm.pipeline.align import align, redo
from calm.pipeline.context import Stopped
from calm.pipeline.run_questions import groups_of
from calm.pipeline.stage_damage import (
    Wanted,
    answers_in_part,
    forget,
    is_looked_at,
    untrained_questions,
    want,
)
from calm.probes import ALL, Probed
from calm.questions.sets import load_questions
from calm.runs.folder import Run, create_run
from tests.fakes import FakeModel
from tests.pipeline.small_runs import HELD_OUT, LANGUAGES, context, question_rows

pytestmark = pytest.mark.usefixtures("small_steps")


def asked(run: Run) -> dict[str, set[tuple[str, str, str]]]:
    """Return set, item and language of all that was asked, by probe."""
    found: dict[str, set[tuple[str, str, str]]] = {}
    for row in run.rows("damage_answers"):
        found.setdefault(row.probe, set()).add((row.set, row.item, row.language))
    return found


def look(run: Run, wanted: Wanted) -> FakeModel:
    model = FakeModel()
    want(run, wanted)
    align(context(run, model))
    return model


def test_a_run_looks_at_a_part_of_every_probe_by_itself(whole: Run) -> None:
    found = asked(whole)
    assert {(item, code) for _, item, code in found["free"]} == {
        (f"q{n}", code) for n in range(7, 7 + HELD_OUT) for code in LANGUAGES
    }
    assert len(found["texts"]) == 10 * len(LANGUAGES)
    untrained = {code for _, _, code in found["languages"]}
    assert untrained == set(DEFAULT_LANGUAGES) - set(LANGUAGES)
    assert len({item for _, item, _ in found["languages"]}) == LEAST
    assert len({item for _, item, _ in found["domain"]}) == LEAST
    findings = whole.rows("damage")
    assert {"free", "asked", "english", "texts", "languages", "domain"} <= {
        row.probe for row in findings if row.language == ALL
    }


def test_both_models_are_asked_the_same(whole: Run) -> None:
    rows = [dataclasses.replace(row, text="", values={}, answer=None) for row in probed(whole)]
    base, aligned = (
        [dataclasses.replace(row, model="base") for row in rows if row.model == role]
        for role in ("base", "aligned")
    )
    assert base == aligned


def probed(run: Run) -> list[Probed]:
    return run.rows("damage_answers")


def test_all_questions_are_asked_when_somebody_wants_it_and_those_asked_are_not_asked_again(
    whole: Run,
) -> None:
    before, kept = asked(whole), probed(whole)
    want(whole, Wanted(whole=True))
    assert not is_looked_at(whole)
    assert whole.has("damage"), "what was found stands until there is more"
    align(context(whole))
    assert is_looked_at(whole)
    assert (whole.status().stage, whole.status().state) == ("compare", "done")
    built_in = load_questions(BUILT_IN, ("en",))
    held_out = sum(question.split == "held-out" for question in built_in)
    assert len({item for _, item, _ in asked(whole)["domain"]}) == held_out
    assert before["domain"] < asked(whole)["domain"]
    assert probed(whole)[: len(kept)] == kept
    every = [(r.probe, r.set, r.item, r.language, r.model) for r in probed(whole)]
    assert len(every) == len(set(every))


def test_a_look_that_is_stopped_goes_on_to_the_same_findings(
    whole: Run, new_run: Callable[[str], Run]
) -> None:
    run = new_run("stopped")
    align(context(run), "evaluate")
    for most in (1, 60, 150):
        with pytest.raises(Stopped):
            align(context(run, should_stop=lambda most=most: len(probed(run)) >= most))
        assert most <= len(probed(run)) < len(probed(whole)) and not run.has("damage")
    align(context(run))
    assert run.path("damage").read_bytes() == whole.path("damage").read_bytes()


def test_how_far_it_is_is_told_with_what_there_is_to_do(new_run: Callable[[str], Run]) -> None:
    told: list[str] = []
    align(context(new_run("told"), report=told.append))
    said = [line for line in told if line.startswith("damage: ") and " of " in line]
    done, total = said[-1].removeprefix("damage: ").split(" answers")[0].split(" of ")
    assert done == total


def test_a_finished_run_of_before_is_left_alone_until_somebody_wants_it(whole: Run) -> None:
    forget(whole)
    assert is_looked_at(whole)
    align(context(whole))
    assert not whole.has("damage")
    look(whole, Wanted())
    assert whole.has("damage")


def test_training_anew_asks_the_new_adapter(whole: Run) -> None:
    redo("train", whole)
    assert not whole.has("damage") and not whole.has("damage_answers")


def test_topics_that_no_pair_is_about_are_another_domain(
    tmp_path: Path, new_run: Callable[[str], Run]
) -> None:
    rows = [
        row | {"topic": "bees" if row["split"] == "train" or row["id"] == "q7" else "cows"}
        for row in question_rows()
    ]
    file = Path(new_run("first").config.question_set)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    run = new_run("topics")
    align(context(run))
    domain = next(r for r in run.rows("damage") if (r.probe, r.language) == ("domain", ALL))
    of_built_in = len({item for _, item, _ in asked(run)["domain"]})
    assert domain.n == of_built_in + HELD_OUT - 1


def test_without_pairs_the_questions_to_train_on_tell_which_topics_are_known(whole: Run) -> None:
    groups = groups_of(whole)
    ids = ("q0", "q7")
    topics = {
        i: {c: dataclasses.replace(q, topic=i if i in ids else "bees") for c, q in v.items()}
        for i, v in groups.items()
    }
    whole.write("pairs", [])
    assert untrained_questions(whole, topics) == {"q7"}


def rows_of_another_set(codes: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {"id": identity, "language": code, "text": f"{identity} in {code}?"}
        | {"choices": [f"{code} yes", f"{code} no"], "gold": 1, "split": split}
        for identity, split in (("q7", "held-out"), ("other", "held-out"), ("skipped", "train"))
        for code in codes
    ]


def test_another_set_is_asked_in_its_languages_and_as_other_words_of_known_questions(
    tmp_path: Path, whole: Run
) -> None:
    file = tmp_path / "another.jsonl"
    rows = rows_of_another_set(("en", "ko", "tr"))
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    look(whole, Wanted(question_set=str(file)))
    mine = {
        probe: {(item, code) for of_set, item, code in items if of_set}
        for probe, items in asked(whole).items()
    }
    assert mine["reworded"] == {("q7", "en")}
    assert mine["domain"] == {("other", "en")}
    assert mine["languages"] == {(i, c) for i in ("q7", "other") for c in ("ko", "tr")}
    look(whole, Wanted(question_set=str(file), languages=("tr",)))
    assert {code for of_set, _, code in asked(whole)["languages"] if of_set} == {"ko", "tr"}


def test_facts_of_klar_are_asked_in_korean_and_turkish(
    tmp_path: Path, whole: Run, real_data: Path
) -> None:
    rows = []
    for code in ("ko", "tr"):
        facts = json.loads((real_data / "klar" / code / "capital.json").read_text(encoding="utf-8"))
        template = facts["prompt_templates"][1].split("<mask>")[0]
        for fact in facts["samples"][:10]:
            others = [c.strip() for c in fact["object_candidates"].split(",")]
            wrong = [c for c in dict.fromkeys(others) if c and c != fact["object"]][:5]
            text = template.replace("<subject>", fact["subject"])
            row = {"id": str(fact["index"]), "split": "held-out", "language": code, "text": text}
            rows.append(row | {"choices": [fact["object"], *wrong], "gold": 0})
    file = tmp_path / "klar.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    look(whole, Wanted(question_set=str(file)))
    by_language = {r.language: r for r in whole.rows("damage") if r.probe == "languages"}
    assert (by_language["ko"].n, by_language["tr"].n) == (10, 10)


def test_what_cannot_be_looked_at_is_refused_before_anything_is_written(
    whole: Run, new_run: Callable[[str], Run]
) -> None:
    with pytest.raises(CalmError, match="no adapter that was measured"):
        want(new_run("new"), Wanted())
    with pytest.raises(CalmError, match="tlh"):
        want(whole, Wanted(languages=("tlh",), question_set=BUILT_IN))
    with pytest.raises(CalmError, match="nowhere"):
        want(whole, Wanted(question_set="/nowhere.jsonl"))
    assert is_looked_at(whole)


def test_a_file_of_wants_that_somebody_broke_is_told(whole: Run) -> None:
    (whole.folder / stage_damage.WANTED).write_text('{"whole": "perhaps"}\n')
    with pytest.raises(CalmError, match="Wanted"):
        align(context(whole))


def test_what_a_run_costs_tells_how_many_answers_the_look_takes(calm_home: Path) -> None:
    config = RunConfig(
        model="fake",
        languages=("en", "fr", "ja", "ar"),
        max_train_questions=8,
        max_held_out_questions=10,
        sampling=SamplingConfig(num_samples=1),
        pairs=PairsConfig(min_vote_share=0.0),
    )
    run = create_run("built-in", config)
    align(context(run))
    real = len(run.rows("damage_answers"))
    lacking = (8 * 4 - len(asked(run).get(probe, ())) for probe in ("culture", "reworded"))
    assert real == answers_in_part(config, 10) - 2 * sum(lacking)
