"""The stages in their order; a run that was stopped ends as one that was not."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from deep_translator.exceptions import RequestError

from calm.ballots.box import BallotBox
from calm.config import PairsConfig, RunConfig, SamplingConfig
from calm.errors import CalmError
from calm.exchange.check import check_run
from calm.pipeline.align import align, redo, run_stage
from calm.pipeline.context import Context, Stopped
from calm.pipeline.stage_translate import HOPELESS
from calm.pipeline.stages import STAGES
from calm.questions.recorded_prompts import prompt_record
from calm.records import Judged, PreferencePair
from calm.runs.folder import Run, create_run, open_run
from calm.runs.rates import Yield, rate_of, yield_of
from tests.fakes import FakeModel, training_of_nothing
from tests.recorded import MODEL_RECORD

LANGUAGES = ("en", "fr", "ja")
CHOICES = {
    "en": ["ant", "bee", "cow", "dog"],
    "fr": ["fourmi", "abeille", "vache", "chien"],
    "ja": ["アリ", "ハチ", "ウシ", "イヌ"],
}
TRAIN, HELD_OUT = 7, 4
SAMPLED = ("responses.jsonl", "answers.jsonl", "votes.jsonl", "pairs.jsonl")
TRAINED = ("metrics.jsonl", "evaluations.jsonl", "scores.jsonl", "comparisons.jsonl")
FILES = (*SAMPLED, *TRAINED)


def question_rows(languages: tuple[str, ...] = LANGUAGES) -> list[dict[str, Any]]:
    return [
        {
            "id": f"q{n}",
            "split": "train" if n < TRAIN else "held-out",
            "language": code,
            "text": f"{code} {n}?",
            "choices": CHOICES[code],
            "gold": n % 4,
        }
        for n in range(TRAIN + HELD_OUT)
        for code in languages
    ]


@pytest.fixture
def question_file(tmp_path: Path) -> Path:
    file = tmp_path / "questions.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in question_rows()), encoding="utf-8")
    return file


@pytest.fixture
def new_run(question_file: Path, calm_home: Path) -> Callable[[str], Run]:
    config = RunConfig(
        model="fake",
        question_set=str(question_file),
        languages=LANGUAGES,
        translate_online=True,
        sampling=SamplingConfig(num_samples=3, questions_per_batch=2),
        pairs=PairsConfig(min_vote_share=0.25),
    )
    return lambda name: create_run(name, config)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training in two steps that writes a folder and learns nothing; evaluation by twos."""
    monkeypatch.setattr("calm.pipeline.stage_train.train", training_of_nothing(2))
    monkeypatch.setattr("calm.pipeline.stage_evaluate.EVALUATE_IDS_AT_ONCE", 2)


def context(run: Run, model: FakeModel | None = None, **settings: Any) -> Context:
    return Context(run, _model=model or FakeModel(), **settings)


def contents(run: Run, names: tuple[str, ...] = FILES) -> dict[str, bytes]:
    return {name: (run.folder / name).read_bytes() for name in names}


@pytest.fixture
def whole(new_run: Callable[[str], Run]) -> Run:
    """A run that nothing interrupted."""
    run = new_run("whole")
    align(context(run))
    return run


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


def test_a_chat_model_answers_in_free_text_and_pairs_hold_what_it_said(
    new_run: Callable[[str], Run], service: list[tuple[str, str]]
) -> None:
    run = new_run("chat")
    align(context(run, FakeModel(is_chat=True)))
    answers = [row.answer for row in run.rows("answers")]
    assert None in answers
    assert len(set(answers)) == 5
    rows = run.rows("pairs")
    assert rows
    assert all(row.prompt.startswith("<user>") for row in rows)
    own = [row for row in rows if row.chosen_language == row.language]
    assert own
    assert all(": I have thought about it" in row.chosen.replace("：", ": ") for row in own)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """A translation service that puts the language before each text, and what it was asked."""
    asked: list[tuple[str, str]] = []

    def translate(texts: Sequence[str], from_code: str, to_code: str) -> list[str]:
        asked.append((from_code, to_code))
        return [f"{to_code} {text}" for text in texts]

    monkeypatch.setattr("calm.questions.translators.GOOGLE.translate", translate)
    return asked


def chat_run_up_to_votes(run: Run) -> Context:
    """Return a chat model's run in which every language but French agrees on the second choice."""
    made = context(run, FakeModel(is_chat=True))
    for stage in ("questions", "translate", "sample"):
        run_stage(stage, made)
    words = {"en": ("It flies.", "Answer: "), "fr": ("Elle vole.", "Réponse : ")}
    words["ja"] = ("飛ぶ。", "答え：")
    rows = [
        replace(
            row,
            text="\n".join(words[row.language]) + "ABCD"[row.choice_order.index(choice)],
        )
        for row in run.rows("responses")
        for choice in [0 if row.language == "fr" else 2 if row.sample_index == 2 else 1]
    ]
    run.write("responses", rows)
    for stage in ("extract", "vote"):
        run_stage(stage, made)
    return made


def test_a_translated_explanation_is_asked_for_once_and_kept(
    new_run: Callable[[str], Run], service: list[tuple[str, str]]
) -> None:
    made = chat_run_up_to_votes(new_run("chat"))
    run_stage("pairs", made)
    french = [row for row in made.run.rows("pairs") if row.language == "fr"]
    assert {row.chosen_language for row in french} == {"en"}
    assert {row.chosen.split("\n")[0] for row in french} == {"Explication : fr It flies."}
    assert service == [("en", "fr")]
    assert str(made.run.status().message) == f"{len(made.run.rows('pairs'))} pairs"


def test_without_a_network_pairs_that_need_a_translation_are_left_out_and_told(
    new_run: Callable[[str], Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def google(from_code: str, to_code: str) -> Any:
        calls.append(to_code)
        raise RequestError

    monkeypatch.setattr("calm.questions.translators.GOOGLE._resting_until", 0.0)
    monkeypatch.setattr("calm.questions.translators._google", google)
    made = chat_run_up_to_votes(new_run("chat"))
    run_stage("pairs", made)
    assert {row.language for row in made.run.rows("pairs")} == {"en", "ja"}
    assert f"; {TRAIN} times no response of the language agreed" in str(made.run.status().message)
    assert calls == ["fr"]


def test_pairs_stop_between_translations_when_asked_to(
    new_run: Callable[[str], Run], service: list[tuple[str, str]]
) -> None:
    made = chat_run_up_to_votes(new_run("chat"))
    made.should_stop = lambda: True
    with pytest.raises(Stopped):
        run_stage("pairs", made)
    assert not made.run.has("pairs")


def cast(run: Run, opinions: dict[str, str], identity: str = "q0") -> None:
    """Put thumbs of one voter on English answers in the home's box: answer -> up or down."""
    question = next(q for q in run.rows("questions") if (q.id, q.language) == (identity, "en"))
    for answer, opinion in opinions.items():
        judged = Judged(
            kind="thumb", question=question.text, language="en", model="fake", answer=answer
        )
        BallotBox().cast(judged, "ann", opinion)


def paired(run: Run, source: str) -> list[PreferencePair]:
    """Return the pairs of a copy of a run up to its votes, made of votes, ballots or both."""
    config = replace(run.config, pairs=replace(run.config.pairs, source=source))  # type: ignore[arg-type]
    other = create_run(f"{run.name}-{source}", config)
    for name in ("questions", "translations", "responses", "answers", "weights", "votes"):
        other.write(name, run.rows(name))
    run_stage("pairs", context(other))
    return other.rows("pairs")


def test_pairs_come_from_votes_from_ballots_or_from_both(whole: Run) -> None:
    cast(whole, {"dog": "up", "cow": "down"})
    votes, ballots, both = (paired(whole, source) for source in ("votes", "ballots", "both"))
    assert {pair.source for pair in votes} == {"vote"}
    assert [(p.question_id, p.chosen, p.rejected, p.source) for p in ballots] == [
        ("q0", " dog", " cow", "ballot")
    ]
    assert {pair.source for pair in both} == {"vote", "ballot"}


def test_a_run_keeps_the_ballots_it_took_without_the_ids_of_voters(whole: Run) -> None:
    cast(whole, {"dog": "up", "cow": "down"})
    paired(whole, "ballots")
    kept = open_run("whole-ballots").rows("ballots")
    assert [(ballot.answer, ballot.question_id) for ballot in kept] == [
        ("dog", "q0"),
        ("cow", "q0"),
    ]
    assert "ann" not in {ballot.voter for ballot in kept}


def test_with_both_the_vote_makes_no_pair_where_people_say_something_else(whole: Run) -> None:
    vote = next(vote for vote in whole.rows("votes") if vote.winner is not None)
    winner = CHOICES["en"][vote.winner]
    cast(whole, {winner: "down"}, vote.question_id)
    both = paired(whole, "both")
    assert ("en", vote.question_id) not in {(p.language, p.question_id) for p in both}
    assert "en" in {pair.language for pair in both}


def test_ballots_on_held_out_questions_are_never_trained_on(whole: Run) -> None:
    cast(whole, {"dog": "up", "cow": "down"}, f"q{TRAIN}")
    with pytest.raises(CalmError, match="None of the 0 ballots"):
        paired(whole, "ballots")


def stop_at(moment: int) -> Callable[[], bool]:
    """Return a `should_stop` that says yes from its `moment`-th call on."""
    calls = iter(range(1, 10_000))
    return lambda: next(calls) >= moment


def test_a_run_stopped_at_any_moment_and_continued_ends_as_one_that_was_not(
    whole: Run, new_run: Callable[[str], Run]
) -> None:
    stopped_in = []
    for moment in range(1, 1000):
        run = new_run(f"stopped-{moment}")
        try:
            align(context(run, should_stop=stop_at(moment)))
        except Stopped:
            stopped_in.append(run.status().stage)
            align(context(run))
            assert contents(run) == contents(whole), moment
        else:
            break
    assert {"sample", "train", "evaluate"} <= set(stopped_in)
    assert stopped_in.count("sample") >= TRAIN // 2


def test_a_run_whose_model_fails_at_any_call_and_continued_ends_as_one_that_did_not(
    whole: Run, new_run: Callable[[str], Run]
) -> None:
    failed = 0
    for call in range(1, 1000):
        run = new_run(f"failed-{call}")
        try:
            align(context(run, FakeModel(fails_at=call)))
        except RuntimeError:
            failed += 1
            align(context(run))
            assert contents(run) == contents(whole), call
        else:
            break
    assert failed > TRAIN // 2


def test_a_run_asked_to_stop_before_it_begins_does_nothing(new_run: Callable[[str], Run]) -> None:
    run = new_run("early")
    with pytest.raises(Stopped):
        align(context(run, should_stop=lambda: True))
    assert not run.has("questions")


def test_a_run_stopped_time_and_again_ends_as_one_that_was_not(
    whole: Run, new_run: Callable[[str], Run]
) -> None:
    run = new_run("often")
    for _ in range(100):
        try:
            align(context(run, should_stop=stop_at(5)))
        except Stopped:
            continue
        break
    align(context(run))
    assert contents(run) == contents(whole)


@pytest.mark.parametrize("kept", [0, 1, 17, 18, 19, 62])
def test_responses_cut_off_anywhere_are_completed_to_the_same_file(
    whole: Run, new_run: Callable[[str], Run], kept: int
) -> None:
    run = new_run("cut")
    run_stage("questions", context(run))
    lines = (whole.folder / "responses.jsonl").read_bytes().splitlines(keepends=True)
    torn = lines[kept][: len(lines[kept]) // 2]
    (run.folder / "responses.jsonl").write_bytes(b"".join(lines[:kept]) + torn)
    align(context(run))
    assert contents(run) == contents(whole)


@pytest.mark.parametrize("kept", [0, 1, 11, 12, 13, 30, 47])
def test_evaluations_cut_off_anywhere_are_completed_to_the_same_file(whole: Run, kept: int) -> None:
    before = contents(whole)
    redo("compare", whole)
    whole.path("scores").unlink()
    lines = whole.path("evaluations").read_bytes().splitlines(keepends=True)
    torn = lines[kept][: len(lines[kept]) // 2]
    whole.path("evaluations").write_bytes(b"".join(lines[:kept]) + torn)
    align(context(whole))
    assert contents(whole) == before


@pytest.mark.parametrize("call", [3, 7, 15], ids=["in sampling", "of what was taught", "held out"])
def test_what_was_answered_before_a_failure_is_not_asked_again(
    new_run: Callable[[str], Run], call: int
) -> None:
    once, first, second = FakeModel(), FakeModel(fails_at=call), FakeModel()
    align(context(new_run("once"), once))
    run = new_run("twice")
    with pytest.raises(RuntimeError):
        align(context(run, first))
    align(context(run, second))
    assert len(run.rows("evaluations")) == len(new_run("once").rows("evaluations"))
    assert (first.calls - 1) + second.calls == once.calls == 16


def test_a_finished_run_does_nothing_more(whole: Run) -> None:
    before = contents(whole)
    model = FakeModel()
    align(context(whole, model))
    assert model.calls == 0
    assert contents(whole) == before


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


def test_a_stage_that_is_half_done_is_not_done(new_run: Callable[[str], Run], whole: Run) -> None:
    run = new_run("half")
    for name in ("questions", "translate"):
        run_stage(name, context(run))
    run.append("responses", whole.rows("responses")[:-1])
    with pytest.raises(CalmError, match="needs sample, which is not finished"):
        run_stage("extract", context(run))


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
    assert sorted(path.stem for path in whole.folder.glob("*.jsonl")) == sorted(left)
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
    assert "train: step 2 of 2, loss 0.350, reward margin 0.00" in said
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
    held_out = {(str(n), "ja") for n in range(TRAIN, TRAIN + HELD_OUT)}
    translator.fails = held_out
    with pytest.raises(CalmError, match="no held-out question exists in every language"):
        align(context(english_run))
    assert translator.calls == 2 * (TRAIN + HELD_OUT)
    translator.fails = set()
    run_stage("translate", context(english_run))
    assert translator.calls == 2 * (TRAIN + HELD_OUT) + len(held_out)
    assert STAGES["translate"].is_done(english_run)
    assert english_run.rows("untranslated") == []


def test_a_language_that_nothing_can_be_put_into_ends_the_run_soon(
    english_run: Run, translator: NumberingTranslator
) -> None:
    translator.fails = {(str(n), "fr") for n in range(TRAIN + HELD_OUT)}
    with pytest.raises(CalmError, match=r"could not be put into French.*Leave this language out"):
        align(context(english_run))
    assert translator.calls == 2 * HOPELESS - 1


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


def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: Any) -> None:
        raise AssertionError("the model is loaded")

    monkeypatch.setattr("calm.models.loading.load_model", refuse)


@pytest.mark.parametrize("is_chat", [False, True])
def test_pairs_are_made_again_without_the_model_where_its_prompts_are_recorded(
    new_run: Callable[[str], Run], monkeypatch: pytest.MonkeyPatch, is_chat: bool
) -> None:
    run, model = new_run("mine"), FakeModel(is_chat)
    align(context(run, model), "pairs")
    files = ("pairs.jsonl", "trl_settings.jsonl")
    before = contents(run, files)
    assert b"<user>" in before["pairs.jsonl"] or not is_chat
    no_model(monkeypatch)
    redo("pairs", run)
    with pytest.raises(AssertionError, match="the model is loaded"):
        run_stage("pairs", Context(run))
    run.write_model_record(replace(MODEL_RECORD, prompts=prompt_record(model, "auto")))
    run_stage("pairs", Context(run))
    assert contents(run, files) == before
