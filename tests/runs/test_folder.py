"""The run folder survives whatever stops its writer, and says so when it cannot be read."""

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import pytest

from calm.config import PairsConfig, RunConfig, SamplingConfig, TrainConfig
from calm.errors import CalmError
from calm.fixes import Edit, Gauge
from calm.probes import Damage, Probed
from calm.reading import Passage
from calm.records import (
    Ballot,
    Comparison,
    Evaluation,
    LanguageWeight,
    PairEdit,
    PreferencePair,
    Question,
    Response,
    Round,
    Score,
    Status,
    TrlSettings,
    Untranslated,
    Vote,
)
from calm.runs.folder import (
    FILES,
    Run,
    create_run,
    delete_run,
    from_json,
    list_runs,
    open_run,
    rename_run,
    run_path,
    to_json,
)

QUESTION = Question(
    "q", "fr", "Quel « gaz » ?\u2028", ("néon", "氖气"), 1, "t", "held-out", "human"
)
ROWS: dict[str, Any] = {
    "questions": QUESTION,
    "translations": dataclasses.replace(QUESTION, gold=None, source="model"),
    "untranslated": Untranslated("q", "fr", "it repeats itself"),
    "responses": Response("q", "fr", 3, "fake", "Réponse :\n« B »", (1, 0)),
    "answers": Response("q", "fr", 3, "fake", "B", (1, 0), 0, (0, 1)),
    "weights": LanguageWeight("en", 1.0, 0.8, 0.5, 1.0, 40),
    "votes": Vote(
        "q", "plurality", (3, 1), (0.75, 0.25), 2, 0, 0.75, 0.5, 0.81, {"en": 0, "fr": None}
    ),
    "ballots": Ballot(
        kind="duel",
        question="?",
        language="fr",
        model="m",
        answer="oui",
        choice_order=(1, 0),
        other_model="n",
        voter="a1",
        opinion="both",
        cast_at=0.5,
    ),
    "pairs": PreferencePair("q", "fr", "?\n", " oui", " non", "en", "ballot"),
    "trl_settings": TrlSettings("trl", {"chat_template": "{{ x }}", "enable_thinking": False}),
    "pair_edits": PairEdit("q", "fr", "0123456789abcdef", "swap", 0.5),
    "evaluations": Evaluation("q", "fr", "aligned", "likelihood", "x", 1, None, (-0.25, -1.5)),
    "efficacy": Evaluation("q", "fr", "aligned", "response", "x", 1, (0, 1)),
    "scores": Score("change", "response", "all", "accuracy", 0.125, -0.5, None, 8),
    "rounds": Round(1, 40, 20, 16, 12, 90, 0.75, None, 0.5),
    "passages": Passage("q", "fr", 1, "text", "en", "en/a.txt", 0.5, "model"),
    "without_passages": Evaluation("q", "fr", "base", "response", "x", 1, (0, 1)),
    "damage_answers": Probed("free", "", "q", "fr", "base", "x", None, {"right": 0.0}),
    "damage": Damage("free", "right", "all", 0.5, 0.25, -0.25, None, None, 4, None, "not clear"),
    "comparisons": Comparison("q", "fr", None, 0, None, "a", "b", None),
    "edits": Edit("q", 1, "vote", 0.75, 0.5),
    "reworded": dataclasses.replace(QUESTION, split="train"),
    "generality": Evaluation("q", "fr", "base", "likelihood", "x", 1, None, (-0.25, -1.5)),
    "gauges": Gauge("locality", "kept", "response", "all", 1.0, 0.96875, 64),
}


@pytest.fixture
def run(calm_home: Path) -> Run:
    return create_run("mine", RunConfig())


def response(n: int) -> Response:
    return Response("q", "en", n, "fake", f"text {n}", (0, 1))


def test_there_is_a_row_here_for_every_typed_file() -> None:
    assert set(ROWS) == set(FILES)


@pytest.mark.parametrize("name", ROWS)
def test_a_row_comes_back_from_its_file_as_it_was(run: Run, name: str) -> None:
    run.append(name, [ROWS[name], ROWS[name]])
    assert run.rows(name) == [ROWS[name], ROWS[name]]


@pytest.mark.parametrize("row", [*ROWS.values(), Status("train", "running", 1, 2, "m", 0.5, 9.0)])
def test_a_row_comes_back_from_its_line_as_it_was(row: Any) -> None:
    assert from_json(type(row), to_json(row)) == row
    assert "\n" not in to_json(row)


def test_text_is_kept_as_people_write_it(run: Run) -> None:
    run.append("questions", [QUESTION])
    assert "氖气" in run.path("questions").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", ["{}", "[]", "nonsense", '{"question_id": "q"}'])
def test_a_line_that_is_not_such_a_row_is_refused(line: str) -> None:
    with pytest.raises(CalmError, match="not a Response: "):
        from_json(Response, line)


def test_a_file_that_is_not_there_has_no_rows(run: Run) -> None:
    assert run.rows("responses") == []
    assert not run.has("responses")


def test_a_torn_last_line_is_not_read(run: Run) -> None:
    run.append("responses", [response(0), response(1)])
    whole = run.path("responses").read_bytes()
    run.path("responses").write_bytes(whole[:-5])
    assert run.rows("responses") == [response(0)]


def test_appending_cuts_a_torn_last_line_first(run: Run) -> None:
    run.append("responses", [response(0)])
    with run.path("responses").open("ab") as stream:
        stream.write('{"question_id": "氖'.encode()[:-1])
    run.append("responses", [response(1)])
    assert run.rows("responses") == [response(0), response(1)]


def test_a_file_that_holds_nothing_but_a_torn_line_begins_anew(run: Run) -> None:
    run.path("responses").write_bytes(b'{"question')
    run.append("responses", [response(0)])
    assert run.rows("responses") == [response(0)]


def test_appending_nothing_marks_the_stage_as_begun(run: Run) -> None:
    run.append("translations", [])
    assert run.has("translations")
    assert run.rows("translations") == []


def test_a_broken_line_in_the_middle_is_named_with_what_to_do(run: Run) -> None:
    run.append("responses", [response(0)])
    with run.path("responses").open("a") as stream:
        stream.write('{"question_id": 3}\n')
    run.append("responses", [response(1)])
    with pytest.raises(CalmError, match=r"responses\.jsonl, line 2: .*Correct or remove the line"):
        run.rows("responses")


def test_writing_replaces_the_file_as_a_whole(run: Run) -> None:
    run.write("responses", [response(0), response(1)])
    run.write("responses", [response(2)])
    assert run.rows("responses") == [response(2)]


def test_writing_that_fails_half_way_leaves_the_old_rows(run: Run) -> None:
    run.write("responses", [response(0)])

    def failing() -> Any:
        yield response(1)
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        run.write("responses", failing())
    assert run.rows("responses") == [response(0)]


def test_writing_leaves_nothing_else_behind(run: Run) -> None:
    run.write("responses", [response(0)])
    run.set_status("sample", "running")
    names = sorted(path.name for path in run.folder.iterdir())
    assert names == ["config.json", "responses.jsonl", "status.json"]


def test_what_training_logs_comes_back_without_a_torn_line(run: Run) -> None:
    assert run.metrics() == []
    run.append_json("metrics", {"step": 1, "rewards/margins": 0.5})
    with run.path("metrics").open("a") as stream:
        stream.write('{"step": 2, "rew')
    assert run.metrics() == [{"step": 1, "rewards/margins": 0.5}]


def test_a_run_that_has_not_begun_says_so(run: Run) -> None:
    assert (run.status().stage, run.status().state) == ("questions", "queued")


def test_the_status_is_what_was_set_last(run: Run) -> None:
    run.set_status("sample", "running", 1, 9, "1 of 9", 2.0)
    run.set_status("train", "failed", message="out of memory")
    status = run.status()
    assert (status.stage, status.state, status.total, status.message) == (
        "train",
        "failed",
        0,
        "out of memory",
    )


def test_a_broken_status_is_named_with_what_to_do(run: Run) -> None:
    (run.folder / "status.json").write_text('{"stage": "train"}')
    with pytest.raises(CalmError, match=r"status\.json: .*Delete the file"):
        run.status()


SETTINGS = RunConfig(
    model="some/model",
    languages=("en", "ja"),
    max_train_questions=3,
    sampling=SamplingConfig(num_samples=2, temperature=0.5, seed=7),
    pairs=PairsConfig(min_vote_share=0.5),
    train=TrainConfig(beta=0.2, method="ipo"),
)


def test_a_run_keeps_its_settings(calm_home: Path) -> None:
    create_run("mine", SETTINGS)
    assert open_run("mine").config == SETTINGS


def test_creating_a_run_again_with_the_same_settings_opens_it(calm_home: Path) -> None:
    create_run("mine", SETTINGS).append("responses", [response(0)])
    assert create_run("mine", SETTINGS).rows("responses") == [response(0)]


def test_creating_a_run_again_with_other_settings_is_refused(calm_home: Path) -> None:
    create_run("mine", SETTINGS)
    with pytest.raises(CalmError, match=r"exists with other settings\. Give the new run another"):
        create_run("mine", RunConfig())


@pytest.mark.parametrize("version", [0, 1, None, "2"])
def test_a_run_folder_of_another_version_is_not_read(run: Run, version: object) -> None:
    file = run.folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "version": version}))
    with pytest.raises(CalmError, match=rf"of version {version}, but this program reads version 2"):
        open_run("mine")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "cannot be read"),
        ("[1]", "of version None"),
        ('{"version": 2, "languages": "en"}', "languages: "),
        ('{"version": 2, "sampling": {"num_samples": "many"}}', r"sampling\.num_samples: "),
    ],
)
def test_broken_settings_are_named(run: Run, text: str, problem: str) -> None:
    (run.folder / "config.json").write_text(text)
    with pytest.raises(CalmError, match=problem):
        open_run("mine")


@pytest.mark.parametrize(
    "name", ["", "-x", ".hidden", "a b", "naïve", "x" * 65, "a\n", "$(id)", "a:b", "a\\b"]
)
def test_a_name_that_is_no_good_is_refused_with_what_is(calm_home: Path, name: str) -> None:
    with pytest.raises(CalmError, match=r"cannot name a run\. Use up to 64 letters"):
        create_run(name, RunConfig())


@pytest.mark.parametrize("name", ["a", "2026-01-31_first.try", "x" * 64])
def test_a_bare_name_lies_under_the_home(calm_home: Path, name: str) -> None:
    assert run_path(name) == calm_home / "runs" / name


def test_a_path_is_taken_as_it_is(calm_home: Path, tmp_path: Path) -> None:
    assert run_path(f"{tmp_path}/any where") == tmp_path / "any where"
    assert run_path("./here") == Path.cwd() / "here"


def test_a_run_that_does_not_exist_is_named_with_what_to_do(calm_home: Path) -> None:
    with pytest.raises(CalmError, match=r"There is no run .*nowhere.*python -m calm align nowhere"):
        open_run("nowhere")


def test_runs_are_listed_newest_first_and_unreadable_ones_left_out(calm_home: Path) -> None:
    for age, name in enumerate(["new", "old", "broken", "not-a-run"]):
        folder = create_run(name, RunConfig()).folder
        os.utime(folder, (1000 - age, 1000 - age))
    (calm_home / "runs" / "broken" / "config.json").write_text("{}")
    (calm_home / "runs" / "not-a-run" / "config.json").unlink()
    assert [run.name for run in list_runs()] == ["new", "old"]


def test_without_a_home_there_are_no_runs(calm_home: Path) -> None:
    assert list_runs() == []


def test_a_deleted_run_is_gone(run: Run) -> None:
    delete_run(run)
    assert list_runs() == []
    assert not run.folder.exists()


def test_a_renamed_run_keeps_everything_but_its_name(run: Run) -> None:
    run.append("responses", [response(0)])
    renamed = rename_run(run, "yours")
    assert [found.name for found in list_runs()] == ["yours"]
    assert renamed.rows("responses") == [response(0)]


def test_a_name_that_is_taken_is_not_given_twice(run: Run) -> None:
    create_run("yours", RunConfig())
    with pytest.raises(CalmError, match=r"There is a run yours already\. Choose another name"):
        rename_run(run, "yours")
    assert sorted(found.name for found in list_runs()) == ["mine", "yours"]


@pytest.mark.parametrize("name", ["", ".hidden", "../up", "a/b", "a b", "x" * 65])
def test_a_run_is_renamed_within_its_folder_only(run: Run, name: str) -> None:
    with pytest.raises(CalmError, match=r"cannot name a run\. Use up to 64 letters"):
        rename_run(run, name)
    assert run.folder.is_dir()


def test_a_full_disk_takes_the_word_that_a_run_has_failed(calm_home: Path) -> None:
    """What is new has no room; the status has its own, and is written there."""
    run = create_run("mine", RunConfig())
    run.set_status("sample", "running", 3, 10, "a long text that is longer than the next one")
    (run.folder / f".status.json.{os.getpid()}.new").symlink_to("/dev/full")
    run.set_status("sample", "failed", 3, 10, "full")
    assert (run.status().state, run.status().message) == ("failed", "full")
    assert (run.folder / "status.json").read_text().endswith("\n")


def test_an_empty_folder_is_taken_for_a_run_and_one_with_other_files_is_not(
    calm_home: Path,
) -> None:
    for name in ("empty", "other"):
        run_path(name).mkdir(parents=True)
    (run_path("other") / "thesis.txt").touch()
    assert create_run("empty", RunConfig()).config == RunConfig()
    with pytest.raises(CalmError, match=r"other holds files, but no run: its config\.json"):
        create_run("other", RunConfig())
    assert list_runs() == [open_run("empty")]
