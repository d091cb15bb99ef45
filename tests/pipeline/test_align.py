"""The stages in their order; a run that was stopped ends as one that was not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calm.config import PairsConfig, RunConfig, SamplingConfig
from calm.errors import CalmError
from calm.exchange.check import check_run
from calm.pipeline.align import align, redo, run_stage
from calm.pipeline.context import Stopped
from calm.pipeline.stages import STAGES
from calm.runs.events import EVENTS
from calm.runs.folder import Run, create_run
from calm.runs.rates import Yield, rate_of, yield_of
from tests.fakes import FakeModel
from tests.pipeline.small_runs import (
    HELD_OUT,
    LANGUAGES,
    TRAIN,
    contents,
    context,
    question_rows,
    stop_at,
)

pytestmark = pytest.mark.usefixtures("small_steps")


def test_a_run_goes_through_all_stages_and_is_done(whole: Run) -> None:
    assert all(stage.is_done(whole) for stage in STAGES.values())
    assert (whole.status().stage, whole.status().state) == ("compare", "done")


def test_each_stage_writes_as_many_rows_as_it_should(whole: Run) -> None:
    count = {name: len(whole.rows(name)) for name in ("questions", "responses", "answers", "votes")}
    assert count == {
        "questions": (TRAIN + HELD_OUT) * 3,
        "responses": TRAIN * 3 * 3,
        "answers": TRAIN * 3 * 3,
        "votes": TRAIN,
    }
    assert len(whole.rows("pairs")) > 0
    assert len(whole.rows("evaluations")) == HELD_OUT * 3 * 2 * 2
    assert len(whole.rows("comparisons")) == HELD_OUT * 3
    assert whole.metrics() == [{"step": 1, "loss": 0.7}, {"step": 2, "loss": 0.35}]


def test_held_out_questions_are_neither_voted_on_nor_trained_on(whole: Run) -> None:
    held_out = {q.id for q in whole.rows("questions") if q.split == "held-out"}
    assert len(held_out) == HELD_OUT
    for name in ("responses", "votes", "pairs"):
        assert not held_out & {row.question_id for row in whole.rows(name)}
    for name in ("evaluations", "comparisons"):
        assert held_out == {row.question_id for row in whole.rows(name)}


def test_base_and_aligned_are_asked_the_same_and_the_adapter_makes_the_difference(
    whole: Run,
) -> None:
    by_model: dict[str, list[Any]] = {"base": [], "aligned": []}
    for row in whole.rows("evaluations"):
        by_model[row.model].append(row)
    keys = [
        [(r.question_id, r.language, r.reading) for r in by_model[role]]
        for role in ("base", "aligned")
    ]
    assert keys[0] == keys[1]
    assert [r.answer for r in by_model["base"]] != [r.answer for r in by_model["aligned"]]


def test_the_same_settings_give_the_same_files(whole: Run, new_run: Callable[[str], Run]) -> None:
    again = new_run("again")
    align(context(again))
    assert contents(again) == contents(whole)


def test_stages_called_one_by_one_do_what_align_does(
    whole: Run, new_run: Callable[[str], Run]
) -> None:
    run = new_run("by-hand")
    for name in STAGES:
        run_stage(name, context(run))
    assert contents(run) == contents(whole)


@pytest.mark.parametrize(
    ("stage", "first"),
    [
        ("translate", "questions"),
        ("sample", "translate"),
        ("extract", "sample"),
        ("vote", "extract"),
        ("pairs", "vote"),
        ("train", "pairs"),
        ("evaluate", "train"),
        ("compare", "evaluate"),
    ],
)
def test_a_stage_called_too_early_names_the_stage_to_run_first(
    new_run: Callable[[str], Run], stage: str, first: str
) -> None:
    with pytest.raises(CalmError) as caught:
        run_stage(stage, context(new_run("early")))
    assert f"The stage {stage} needs {first}" in str(caught.value)
    assert f"`python -m calm {first} early`" in str(caught.value)


@pytest.mark.parametrize(
    ("stage", "left"),
    [
        ("questions", []),
        ("sample", ["questions", "translations"]),
        ("vote", ["questions", "translations", "responses", "answers"]),
        (
            "train",
            [
                *("questions", "translations", "responses", "answers", "weights", "votes"),
                *("trl_settings", "pairs"),
            ],
        ),
    ],
)
def test_redo_removes_what_a_stage_and_later_ones_wrote(
    whole: Run, stage: str, left: list[str]
) -> None:
    redo(stage, whole)
    assert sorted(path.stem for path in whole.folder.glob("*.jsonl")) == sorted([EVENTS, *left])
    assert not whole.adapter.exists()


def test_redoing_a_late_stage_keeps_the_adapter(whole: Run) -> None:
    redo("evaluate", whole)
    assert whole.adapter.is_dir()
    assert len(whole.metrics()) == 2


def test_a_run_done_again_ends_the_same(whole: Run) -> None:
    before = contents(whole)
    redo("sample", whole)
    align(context(whole))
    assert contents(whole) == before


def test_progress_is_reported_in_the_words_of_the_stages(new_run: Callable[[str], Run]) -> None:
    said: list[str] = []
    align(context(new_run("loud"), report=said.append))
    assert "sample: 63 of 63 responses" in said
    assert "train: step 2 of 2, loss 0.350" in said
    assert "evaluate: 66 of 66 answers, base and aligned" in said


@pytest.mark.parametrize(
    ("is_chat", "said"),
    [(True, "in the model's chat template"), (False, "behind worked examples")],
)
def test_a_run_says_how_its_questions_are_asked(
    is_chat: bool, said: str, new_run: Callable[[str], Run]
) -> None:
    told: list[str] = []
    align(context(new_run("asked"), FakeModel(is_chat), report=told.append), until="sample")
    assert any(line.startswith(f"sample: questions are asked {said}") for line in told)


def test_a_question_too_long_for_the_model_is_told_before_any_is_asked(
    new_run: Callable[[str], Run],
) -> None:
    run, model = new_run("long"), FakeModel()
    model.most_tokens = 300
    with pytest.raises(CalmError, match=r"but fake takes 300\. Leave the longest questions out"):
        align(context(run, model))
    assert model.calls == 0 and not run.has("responses")


def test_the_number_of_questions_can_be_limited(question_file: Path, calm_home: Path) -> None:
    config = RunConfig(
        question_set=str(question_file),
        languages=LANGUAGES,
        max_train_questions=3,
        max_held_out_questions=2,
    )
    run = create_run("few", config)
    run_stage("questions", context(run))
    ids = list(dict.fromkeys(q.id for q in run.rows("questions")))
    assert ids == ["q0", "q2", "q4", "q7", "q9"]


@pytest.mark.parametrize("split", ["train", "held-out"])
def test_a_set_without_one_of_the_splits_is_refused(
    split: str, tmp_path: Path, calm_home: Path
) -> None:
    file = tmp_path / "one-split.jsonl"
    rows = [row | {"split": split} for row in question_rows()]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    run = create_run("lopsided", RunConfig(question_set=str(file), languages=LANGUAGES))
    with pytest.raises(CalmError, match="needs questions in both splits"):
        run_stage("questions", context(run))


class NumberingTranslator:
    """Translates by naming the language; each call counts.

    What is asked in `fails` gets a notice instead, as (id of the question, language).
    """

    source = "google"

    def __init__(self) -> None:
        self.calls = 0
        self.fails: set[tuple[str, str]] = set()

    def translate(self, texts: tuple[str, ...], from_code: str, to_code: str) -> list[str]:
        self.calls += 1
        if any((word.strip("?"), to_code) in self.fails for word in texts[0].split()):
            return ["Error 429: Too many requests"] * len(texts)
        return [f"{to_code}: {text}" for text in texts]


@pytest.fixture
def translator(monkeypatch: pytest.MonkeyPatch) -> NumberingTranslator:
    made = NumberingTranslator()
    monkeypatch.setattr("calm.questions.translators.translators_for", lambda model, online: [made])
    return made


def test_versions_that_a_set_lacks_are_translated_and_a_stopped_run_goes_on(
    tmp_path: Path, calm_home: Path, translator: NumberingTranslator
) -> None:
    file = tmp_path / "english.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in question_rows(("en",))))
    run = create_run("translated", RunConfig(question_set=str(file), languages=LANGUAGES))
    with pytest.raises(Stopped):
        align(context(run, should_stop=stop_at(7)))
    done = len(run.rows("translations"))
    assert 0 < done < 2 * (TRAIN + HELD_OUT)
    run_stage("translate", context(run))
    rows = run.rows("translations")
    assert [(q.id, q.language) for q in rows] == [
        (f"q{n}", code) for n in range(TRAIN + HELD_OUT) for code in ("fr", "ja")
    ]
    assert {q.source for q in rows} == {"google"}
    assert translator.calls == 2 * (TRAIN + HELD_OUT)


@pytest.fixture
def english_run(tmp_path: Path, calm_home: Path) -> Run:
    file = tmp_path / "english.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in question_rows(("en",))))
    sampling = SamplingConfig(num_samples=3, questions_per_batch=2)
    pairs = PairsConfig(min_vote_share=0.25)
    return create_run(
        "english",
        RunConfig(question_set=str(file), languages=LANGUAGES, sampling=sampling, pairs=pairs),
    )


def test_a_version_that_nobody_can_make_is_left_out_and_the_run_goes_on(
    english_run: Run, translator: NumberingTranslator, tmp_path: Path
) -> None:
    translator.fails = {("1", "fr"), ("4", "ja"), (str(TRAIN), "ja")}
    said: list[str] = []
    align(context(english_run, report=said.append))
    assert english_run.status().state == "done"
    assert [(r.question_id, r.language) for r in english_run.rows("untranslated")] == [
        *(("q1", "fr"), ("q4", "ja"), (f"q{TRAIN}", "ja"))
    ]
    all_of_them = 2 * (TRAIN + HELD_OUT)
    told = (
        f"3 of {all_of_them} translations could not be made: 2 questions for training lack a "
        "language, and 1 held-out questions are left out. The first: The question 'en 1?'"
    )
    assert any(told in line and "notice instead" in line for line in said)
    asked = {(r.question_id, r.language) for r in english_run.rows("responses")}
    assert {code for identity, code in asked if identity == "q1"} == {"en", "ja"}
    measured = {(r.question_id, r.language) for r in english_run.rows("evaluations")}
    assert len(measured) == (HELD_OUT - 1) * len(LANGUAGES)
    assert f"q{TRAIN}" not in {identity for identity, _ in measured}
    assert {s.n for s in english_run.rows("scores") if s.metric == "accuracy"} == {HELD_OUT - 1}
    check_run(english_run)


def test_what_was_translated_before_a_run_failed_is_not_asked_for_again(
    english_run: Run, translator: NumberingTranslator
) -> None:
    held_out = {(str(n), code) for n in range(TRAIN, TRAIN + HELD_OUT) for code in ("fr", "ja")}
    translator.fails = held_out
    with pytest.raises(CalmError, match="too few questions are left that exist in two languages"):
        align(context(english_run))
    assert translator.calls == 2 * (TRAIN + HELD_OUT)
    assert not STAGES["translate"].is_done(english_run)
    translator.fails = set()
    run_stage("translate", context(english_run))
    assert translator.calls == 2 * (TRAIN + HELD_OUT) + len(held_out)
    assert STAGES["translate"].is_done(english_run)
    assert english_run.rows("untranslated") == []


def test_a_run_goes_on_without_a_language_that_nothing_can_be_put_into(
    english_run: Run, translator: NumberingTranslator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calm.pipeline.stage_translate.HOPELESS", 5)
    translator.fails = {(str(n), "fr") for n in range(TRAIN + HELD_OUT)}
    said: list[str] = []
    align(context(english_run, report=said.append))
    assert translator.calls == TRAIN + HELD_OUT + 5
    assert len(english_run.rows("untranslated")) == TRAIN + HELD_OUT
    assert any("The models are compared in English, Japanese" in line for line in said)
    assert {row.language for row in english_run.rows("evaluations")} == {"en", "ja"}
    assert english_run.status().state == "done"
    check_run(english_run)


def test_translations_that_are_made_again_are_all_tried_again(
    english_run: Run, translator: NumberingTranslator
) -> None:
    translator.fails = {("1", "fr")}
    align(context(english_run), until="translate")
    redo("translate", english_run)
    translator.fails = set()
    align(context(english_run), until="translate")
    assert len(english_run.rows("translations")) == 2 * (TRAIN + HELD_OUT)


def test_a_set_that_lacks_nothing_is_not_translated(
    new_run: Callable[[str], Run], translator: NumberingTranslator
) -> None:
    run = new_run("complete")
    run_stage("questions", context(run))
    run_stage("translate", context(run))
    assert translator.calls == 0
    assert run.rows("translations") == []


def test_without_pairs_training_says_what_to_do(
    new_run: Callable[[str], Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    from calm.training.train import train

    monkeypatch.setattr("calm.pipeline.stage_train.train", train)
    run = new_run("agreed")
    for name in ("questions", "translate", "sample", "extract", "vote"):
        run_stage(name, context(run))
    run.write("pairs", [])
    with pytest.raises(CalmError, match=r"no preference pairs.*lower --min-vote-share"):
        run_stage("train", context(run))


def test_a_run_can_end_after_a_stage_and_goes_on_from_there(
    new_run: Callable[[str], Run], whole: Run
) -> None:
    run = new_run("looked-at")
    align(context(run), until="pairs")
    assert [name for name, stage in STAGES.items() if stage.is_done(run)][-1] == "pairs"
    assert (run.status().stage, run.status().state) == ("pairs", "stopped")
    align(context(run))
    assert run.status().state == "done"
    assert contents(run) == contents(whole)


def test_a_run_that_is_further_already_stays_so(whole: Run) -> None:
    align(context(whole), until="pairs")
    assert whole.status().state == "done"


def test_a_stage_that_ends_leaves_how_fast_it_was(whole: Run) -> None:
    for precision, stage in (("auto", "sample"), ("nf4", "train"), ("auto", "evaluate")):
        rate = rate_of("fake", precision, stage)
        assert rate is not None and rate.a_second > 0 and rate.around >= 0
    made = yield_of("fake", 0.25)
    assert made == Yield(len(whole.rows("pairs")), TRAIN * 3)
