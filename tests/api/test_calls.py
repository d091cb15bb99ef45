"""The public interface: plain values in, records out, problems as CalmError."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import calm
from calm.api.given import settings
from calm.config import RunConfig, SamplingConfig
from calm.pipeline.context import Context
from calm.records import Vote
from calm.runs import jobs
from calm.runs.folder import FILES
from tests.fakes import FakeModel, make_adapter
from tests.recorded import finished_run, question_rows

GAS = {"id": "gas", "text": "Which gas do plants take in?", "choices": ["oxygen", "carbon dioxide"]}
SMALL: dict[str, Any] = {
    "languages": ["en", "fr", "ar"],
    "num_samples": 3,
    "min_vote_share": 0.25,
    "model": "fake",
}


@pytest.fixture
def fake_model(calm_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def train(model: str, pairs: Any, config: Any, adapter: Path, *_: Any, **__: Any) -> bool:
        make_adapter(adapter)
        return True

    monkeypatch.setattr(Context, "model", lambda context: FakeModel())
    monkeypatch.setattr("calm.pipeline.stage_train.train", train)


def test_only_what_is_used_is_imported() -> None:
    program = (
        "import sys, calm\nbefore = [m for m in sys.modules if m.startswith('calm.')]\n"
        "calm.Question; calm.vote\nprint(before, 'torch' in sys.modules, 'pandas' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[] False False"


def test_every_public_name_is_there_and_no_other() -> None:
    assert [name for name in calm.__all__ if not hasattr(calm, name)] == []
    assert set(calm.__all__) < set(dir(calm))
    with pytest.raises(AttributeError, match="has no attribute 'algin'"):
        calm.algin  # noqa: B018


@pytest.mark.parametrize("form", [dict, lambda row: calm.Question(**row)], ids=["dict", "record"])
def test_questions_from_memory_are_aligned_on(form: Callable[..., Any], fake_model: None) -> None:
    rows = [{k: v for k, v in row.items() if k != "split"} for row in question_rows()]
    rows = [row | {"choices": tuple(row["choices"])} for row in rows]
    lines: list[str] = []
    run = calm.align([form(row) for row in rows], run="mine", report=lines.append, **SMALL)
    assert run.status().state == "done"
    assert {question.split for question in run.rows("questions")} == {"train", "held-out"}
    assert len({question.id for question in run.rows("questions")}) == 7
    assert lines
    assert json.loads((run.folder / "config.json").read_text())["sampling"]["num_samples"] == 3


def test_a_page_sees_that_a_program_aligns_and_stops_it_without_ending_the_program(
    fake_model: None,
) -> None:
    look = (
        "from calm.runs import jobs; run = jobs.running(); print(run.name, run.status().state);"
        "jobs.stop(run)"
    )
    seen: list[str] = []

    def report(line: str) -> None:
        if line.startswith("sample: ") and not seen:
            done = subprocess.run(
                [sys.executable, "-c", look], capture_output=True, text=True, check=True
            )
            seen.append(done.stdout.strip())

    run = calm.align(question_rows(), run="mine", report=report, **SMALL)
    assert seen == ["mine running"]
    assert run.status().state == "stopped"
    assert str(run.status().message) == "stopped on request"
    assert not jobs.is_running(run) and not jobs.is_asked_to_stop(run)
    assert calm.align(question_rows(), run="mine", **SMALL).status().state == "done"


def test_the_same_call_goes_on_with_the_same_run(fake_model: None) -> None:
    first = calm.align(question_rows(), run="mine", until="pairs", **SMALL)
    assert first.has("pairs")
    assert not first.has("comparisons")
    responses = first.path("responses").stat().st_mtime_ns
    assert not jobs.is_running(first)
    assert not (first.folder / jobs.PID_FILE).exists()
    again = calm.align(question_rows(), run="mine", **SMALL)
    assert again.has("comparisons")
    assert again.path("responses").stat().st_mtime_ns == responses
    with pytest.raises(calm.CalmError, match="exists with other settings"):
        calm.align(question_rows()[:-3], run="mine", **SMALL)


def test_a_run_that_is_interrupted_says_that_it_stopped(fake_model: None) -> None:
    def interrupted(line: str) -> None:
        if line.startswith("sample: 3"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calm.align(question_rows(), run="mine", report=interrupted, questions_per_batch=1, **SMALL)
    run = calm.load_run("mine")
    assert run.status().state == "stopped"
    assert calm.align(question_rows(), run="mine", questions_per_batch=1, **SMALL).has("scores")


def test_settings_have_the_names_of_the_command_line() -> None:
    config = settings({"seed": 7, "pairs_source": "both", "train_precision": "fp32", "beta": 0.2})
    assert (config.sampling.seed, config.train.seed) == (7, 7)
    assert (config.pairs.source, config.train.precision, config.train.beta) == ("both", "fp32", 0.2)
    assert config.precision == "auto"
    assert settings({}) == RunConfig()


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda: calm.align(run="x", num_sample=3), "There is no setting 'num_sample'. There are"),
        (lambda: calm.align(run="x", num_samples=0), "num_samples is 0, but must be"),
        (lambda: calm.align(run="x", num_samples="many"), "num_samples"),
        (lambda: calm.align(run="x", version=1), "There is no setting 'version'"),
        (lambda: calm.align(run="x", question_set="x"), "There is no setting 'question_set'"),
        (lambda: calm.align(run="x", until="end"), "There is no stage 'end'"),
        (lambda: calm.align([], run="x"), "There are no questions"),
        (lambda: calm.align([3], run="x"), "Row 1 is 3, but a record or a dict"),
        (lambda: calm.align([GAS | {"choices": ["a"]}], run="x"), "has 1 choices"),
        (lambda: calm.align("nowhere.jsonl", run="x"), "nowhere.jsonl cannot be read"),
        (lambda: calm.ask("", model=FakeModel()), "'text' is missing or empty"),
        (lambda: calm.ask([], model=FakeModel()), "There is no question yet"),
        (lambda: calm.ask("Why?", languages=["xx"], model=FakeModel()), "xx"),
        (lambda: calm.ask("Why?", languages=[], model=FakeModel()), "There is no language to ask"),
        (lambda: calm.ask("Why?", language="xx", model=FakeModel()), "xx"),
        (lambda: calm.ask("Why?", samples=3, model=FakeModel()), "There is no setting 'samples'"),
        (
            lambda: calm.ask([GAS, GAS | {"language": "fr", "choices": list("abc")}]),
            "have different numbers of choices",
        ),
        (lambda: calm.vote([{"question_id": "no", "language": "en"}], [GAS]), "'no' in 'en'"),
        (lambda: calm.vote([], [GAS], rule="dice"), "rule"),
        (
            lambda: calm.vote([{"question_id": "gas", "language": "en", "answer": 2}], [GAS]),
            "Response 1 has the answer 2",
        ),
        (lambda: calm.vote(["B"], [GAS]), "Row 1 is 'B', but a record or a dict"),
        (lambda: calm.lint("nowhere.jsonl"), "nowhere.jsonl cannot be read"),
        (lambda: calm.load_run("nowhere"), "There is no run"),
    ],
)
def test_what_is_not_right_is_told(call: Callable[[], Any], problem: str, calm_home: Path) -> None:
    with pytest.raises(calm.CalmError) as caught:
        call()
    assert problem in str(caught.value)
    assert not (calm_home / "runs").exists()


def test_a_question_is_asked_with_choices_in_the_versions_given(calm_home: Path) -> None:
    versions = [GAS, GAS | {"language": "fr", "text": "Quel gaz ?", "choices": ["oxygène", "CO2"]}]
    asked = calm.ask(
        versions, languages=["en", "fr"], model=FakeModel(), num_samples=5, prompt_format="listed"
    )
    assert asked.sampling == SamplingConfig(num_samples=5, prompt_format="listed")
    assert [(v.language, v.text) for v in asked.versions] == [
        ("en", GAS["text"]),
        ("fr", "Quel gaz ?"),
    ]
    assert len(asked.responses) == 2 * 5
    assert [option.label for option in asked.options] == GAS["choices"]
    assert asked.vote is not None
    assert sum(asked.vote.counts) + asked.vote.unreadable == 10


def test_a_question_is_asked_without_choices(calm_home: Path) -> None:
    asked = calm.ask("What do bees make?", languages=["en"], model=FakeModel(), num_samples=3)
    assert not asked.has_choices
    assert asked.step == "done"
    assert len(asked.responses) == 3


def test_responses_from_memory_vote() -> None:
    texts = ["Answer: B", "They breathe in oxygen. Answer: A", "Hm."]
    rows = [{"question_id": "gas", "language": "en", "text": text} for text in texts]
    known = [{"question_id": "gas", "language": "en", "answer": 1}]
    voted = calm.vote([*rows, *known], [GAS], rule="plurality")
    assert [response.answer for response in voted.responses] == [1, 0, None, 1]
    assert [response.sample_index for response in voted.responses] == [0, 1, 2, 3]
    (decided,) = voted.votes
    assert (decided.winner, decided.counts, decided.unreadable) == (1, (1, 2), 1)
    assert voted.weights[0].language == "en"
    records = [calm.Response(**vars(response)) for response in voted.responses]
    assert calm.vote(records, [GAS], rule="plurality") == voted


def test_pairs_from_memory_are_linted_as_those_of_a_file(tmp_path: Path) -> None:
    rows = [
        {"prompt": "What do bees make?", "chosen": "honey", "rejected": "honey", "language": "en"},
        {"prompt": "What do cows make?", "chosen": "milk", "rejected": "silk", "language": "en"},
        {"prompt": "no sides"},
    ]
    file = tmp_path / "pairs.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    of_rows, of_file = calm.lint(rows), calm.lint(file)
    assert [f.rule for f in of_rows.findings] == [f.rule for f in of_file.findings]
    assert "equal-sides" in [finding.rule for finding in of_rows.findings]
    assert of_rows.pairs == of_file.pairs == 2
    assert of_rows.left_out == of_file.left_out
    assert [row.row for row in of_rows.left_out] == [3]
    pair = calm.PreferencePair("bees", "en", "What do bees make?", "honey", "honey", "en", "gold")
    assert [finding.question_id for finding in calm.lint([pair]).findings][:1] == ["bees"]


def test_the_tables_of_a_run_are_frames(calm_home: Path, tmp_path: Path) -> None:
    finished_run("mine", tmp_path)
    run = calm.load_run("mine")
    for name in FILES:
        frame = run.to_pandas(name)
        assert len(frame) == len(run.rows(name))
    votes = run.to_pandas("votes")
    assert list(votes.columns) == list(Vote.__dataclass_fields__)
    assert str(votes["winner"].dtype) == "Int64"
    winners = [vote.winner for vote in run.rows("votes")]
    assert [None if value is None else int(value) for value in winners] == [
        None if na else int(value)
        for value, na in zip(votes["winner"], votes["winner"].isna(), strict=True)
    ]
    assert list(run.to_pandas("metrics")["loss"]) == [0.7, 0.6]
    assert str(run.to_pandas("scores")["low"].dtype) == "float64"


def test_a_table_that_is_not_there_yet_has_columns_and_no_rows(fake_model: None) -> None:
    run = calm.align(question_rows(), run="mine", until="vote", **SMALL)
    frame = run.to_pandas("comparisons")
    assert (len(frame), "outcome" in frame.columns) == (0, True)
    assert len(run.to_pandas("metrics")) == 0
    with pytest.raises(calm.CalmError, match="A run has no table 'vote'"):
        run.to_pandas("vote")


def test_a_run_is_loaded_by_its_folder_too(calm_home: Path, tmp_path: Path) -> None:
    run = finished_run("mine", tmp_path)
    assert calm.load_run(run.folder) == calm.load_run("mine") == run
