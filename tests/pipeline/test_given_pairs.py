"""A run trains on the pairs of a file, and is measured with what its question set holds out."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import calm
from calm.cli.parser import main
from calm.errors import CalmError
from calm.exchange.archive import pack, unpack
from calm.exchange.export import export, write_pairs
from calm.pairs.edits import training_pairs
from calm.pipeline.align import align, redo
from calm.pipeline.context import Context
from calm.pipeline.costs import amount_of_run
from calm.pipeline.given_pairs import given_pairs, run_with_pairs, with_given_pairs
from calm.pipeline.review import can_be_looked_at
from calm.pipeline.stages import STAGES
from calm.records import PreferencePair
from calm.runs.folder import Run, open_run
from calm.training.train import in_template
from tests.cli.conftest import own_signals
from tests.fakes import FakeModel, training_of_nothing
from tests.recorded import finished_run
from ui.asking.finished import read_finished
from ui.runs.page import history_rows

__all__ = ["own_signals"]
"""Pytest finds the fixture by its name."""

FORMS = ("trl", "trl-conversational", "llama-factory", "sharegpt", "parquet")


@pytest.fixture
def mine(calm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr("calm.pipeline.stage_train.train", training_of_nothing(2))
    monkeypatch.setattr(Context, "model", lambda context: FakeModel())
    return finished_run("mine", tmp_path)


def written(run: Run, folder: Path, form: str = "trl") -> Path:
    file = folder / f"pairs.{'parquet' if form == 'parquet' else 'json'}"
    export(run, "pairs", form, file)
    return file


def settings_of(run: Run) -> list[str]:
    codes = ",".join(run.config.languages)
    return ["--questions", run.config.question_set, "--languages", codes, "--model", "fake"]


def ending(run: Run, file: Path, name: str = "theirs") -> Run:
    made = run_with_pairs(name, run.config, given_pairs(file, run.config))
    align(Context(made, _model=FakeModel()))
    return made


@pytest.mark.parametrize("form", FORMS)
def test_exported_pairs_come_back_as_they_were(form: str, mine: Run, tmp_path: Path) -> None:
    given = given_pairs(written(mine, tmp_path, form), mine.config)
    assert (list(given.pairs), given.left_out) == (training_pairs(mine), ())


def test_the_command_trains_on_them(mine: Run, tmp_path: Path) -> None:
    file = written(mine, tmp_path)
    assert main(["align", "theirs", "--pairs", str(file), *settings_of(mine)]) == 0
    run = open_run("theirs")
    assert run.rows("pairs") == training_pairs(mine)
    assert run.status().state == "done"


def test_the_authors_files_are_read_one_by_one(mine: Run, tmp_path: Path) -> None:
    export(mine, "pairs", "authors", tmp_path / "dpo")
    for code in ("en", "fr"):
        given = given_pairs(tmp_path / "dpo" / f"DPO_{code}.json", mine.config)
        assert list(given.pairs) == [p for p in training_pairs(mine) if p.language == code]


def test_nothing_is_sampled_and_the_held_out_questions_are_measured(
    mine: Run, tmp_path: Path
) -> None:
    run = ending(mine, written(mine, tmp_path))
    assert not any(run.has(name) for name in ("responses", "answers", "votes"))
    assert run.rows("comparisons") == mine.rows("comparisons")
    assert {s.metric for s in run.rows("scores")} == {s.metric for s in mine.rows("scores")}
    amount = amount_of_run(run)
    assert amount is not None
    assert (amount.responses, amount.pairs) == (0, len(run.rows("pairs")))


FOREIGN = [
    PreferencePair(f"x{n}", "de", f"Frage {n}", "Ja, so ist es.", "Nein, nie.", "de")
    for n in range(3)
]


def test_pairs_in_other_languages_on_other_questions_are_measured_too(
    mine: Run, tmp_path: Path
) -> None:
    write_pairs(FOREIGN, "trl-conversational", tmp_path / "foreign.jsonl")
    run = ending(mine, tmp_path / "foreign.jsonl")
    assert run.rows("pairs") == FOREIGN
    assert {q.split for q in run.rows("questions")} == {"held-out"}
    assert {s.metric for s in run.rows("scores")} >= {"accuracy", "consistency"}
    assert "efficacy" not in {s.metric for s in run.rows("scores")}


def test_such_a_run_is_archived_and_replayed_and_told_in_the_history(
    mine: Run, tmp_path: Path
) -> None:
    write_pairs(FOREIGN, "sharegpt", tmp_path / "foreign.json")
    run = ending(mine, tmp_path / "foreign.json")
    pack(run, tmp_path / "theirs.zip", [], with_adapter=False)
    opened = unpack(tmp_path / "theirs.zip", "again")
    assert opened.rows("pairs") == FOREIGN
    assert read_finished("again").scores == run.rows("scores")
    assert "came from a file" in history_settings("theirs")
    assert export(opened, "pairs", "llama-factory", tmp_path / "out.json").startswith("3 pairs")


def history_settings(name: str) -> str:
    from ui.runs.views import settings_in_words

    (row,) = [row for row in history_rows() if row.name == name]
    return settings_in_words(row.config)


def test_a_pair_that_asks_what_is_held_out_is_left_out_and_told(
    mine: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leak = replace(FOREIGN[0], language="en", prompt="So: en: which animal is number 6? Say!")
    write_pairs([*FOREIGN, leak], "trl", tmp_path / "leaking.jsonl")
    given = given_pairs(tmp_path / "leaking.jsonl", mine.config)
    assert list(given.pairs) == FOREIGN
    assert [(r.row, r.reason) for r in given.left_out] == [(4, "held-out question")]
    file = str(tmp_path / "leaking.jsonl")
    assert main(["align", "theirs", "--pairs", file, *settings_of(mine)]) == 0
    said = capsys.readouterr().err
    assert "'q6', which is held out" in said
    assert "3 pairs: de 3" in said


def test_rows_that_are_no_pairs_are_told_all_at_once_and_the_others_are_trained_on(
    mine: Run, tmp_path: Path
) -> None:
    file = tmp_path / "some.jsonl"
    write_pairs(FOREIGN, "trl", file)
    wrong = [{"prompt": "x"}, {"prompt": "x", "chosen": 1, "rejected": "y"}]
    file.write_text(file.read_text("utf-8") + "".join(json.dumps(r) + "\n" for r in wrong))
    given = given_pairs(file, mine.config)
    assert list(given.pairs) == FOREIGN
    assert [row.row for row in given.left_out] == [4, 5]


def test_an_id_that_the_set_has_for_another_question_becomes_another(
    mine: Run, tmp_path: Path
) -> None:
    same = [replace(pair, question_id=f"q{n}") for n, pair in enumerate(FOREIGN)]
    write_pairs(same, "trl", tmp_path / "same.jsonl")
    given = given_pairs(tmp_path / "same.jsonl", mine.config)
    assert [pair.question_id for pair in given.pairs] == ["given-q0", "given-q1", "given-q2"]


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        ([], "no preference pair"),
        ([FOREIGN[0]], "about one question"),
        ([FOREIGN[0], replace(FOREIGN[0], chosen="Doch.")], "about one question"),
    ],
)
def test_a_file_that_teaches_nothing_is_refused_and_no_run_is_made(
    pairs: list[PreferencePair], says: str, mine: Run, tmp_path: Path, calm_home: Path
) -> None:
    write_pairs(pairs, "trl", tmp_path / "few.jsonl")
    with pytest.raises(CalmError, match=says):
        calm.align(
            mine.config.question_set,
            run="theirs",
            pairs=tmp_path / "few.jsonl",
            languages=mine.config.languages,
        )
    assert not (calm_home / "runs" / "theirs").exists()


def test_the_same_call_goes_on_and_other_pairs_are_refused(mine: Run) -> None:
    def again(pairs: list[PreferencePair]) -> Run:
        return calm.align(
            mine.config.question_set,
            run="theirs",
            pairs=pairs,
            languages=mine.config.languages,
            until="pairs",
        )

    assert again(FOREIGN).rows("pairs") == again(FOREIGN).rows("pairs") == FOREIGN
    assert not can_be_looked_at(open_run("theirs"))
    with pytest.raises(CalmError, match="with other pairs"):
        again(FOREIGN[:2])


def test_what_leads_to_pairs_is_not_done_again(mine: Run, tmp_path: Path) -> None:
    run = ending(mine, written(mine, tmp_path))
    before = run.rows("pairs")
    for stage in ("translate", "sample", "extract", "vote", "pairs"):
        with pytest.raises(CalmError, match="came from a file"):
            redo(stage, run)
    assert run.rows("pairs") == before
    redo("train", run)
    assert not STAGES["train"].is_done(run)


def test_a_set_that_holds_everything_out_is_enough(mine: Run, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in Path(mine.config.question_set).read_text().splitlines()]
    all_held_out = tmp_path / "held-out.jsonl"
    all_held_out.write_text("".join(json.dumps(r | {"split": "held-out"}) + "\n" for r in rows))
    config = with_given_pairs(replace(mine.config, question_set=str(all_held_out)))
    write_pairs(FOREIGN, "trl", tmp_path / "foreign.jsonl")
    assert len(given_pairs(tmp_path / "foreign.jsonl", config).questions) == len(rows)


@pytest.mark.parametrize(
    ("prompt", "there"),
    [("Why?", "<user>Why?<model>"), ("<user>Why?<model>", "<user>Why?<model>")],
)
def test_a_prompt_is_put_into_the_template_once(prompt: str, there: str) -> None:
    assert in_template(FakeModel(is_chat=True), prompt) == there


def test_prompts_come_into_the_template_of_a_chat_model(
    mine: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain: list[bool] = []

    def train(*given: object, plain_prompts: bool = False, **more: object) -> bool:
        plain.append(plain_prompts)
        nothing: Callable[..., bool] = training_of_nothing(1)
        return nothing(*given, **more)

    monkeypatch.setattr("calm.pipeline.stage_train.train", train)
    calm.align(
        mine.config.question_set, run="theirs", pairs=FOREIGN, languages=mine.config.languages
    )
    assert plain == [True]
