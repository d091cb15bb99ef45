"""Responses from anywhere become a run; what cannot be used is told with its remedy."""

import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from calm.cli.parser import main
from calm.errors import CalmError
from calm.exchange.export import export
from calm.exchange.import_rows import import_file
from calm.exchange.import_samples import REPORT, report_text
from calm.pipeline.align import align
from calm.pipeline.context import Context
from calm.pipeline.stages import STAGES
from calm.runs.folder import Run, open_run
from tests.fakes import FakeModel
from tests.readme import DOCS
from tests.recorded import finished_run, write_adapter

pytestmark = pytest.mark.usefixtures("calm_home")
ANIMALS = {"en": ["ant", "bee", "cow"], "fr": ["fourmi", "abeille", "vache"]}


def row(code: str = "en", n: int = 0, said: str = "It flies. Answer: B", **more: Any) -> Any:
    asked = {"question": f"{code} {n}?", "choices": ANIMALS[code], "gold": 1}
    return {"question_id": f"q{n}", "language": code, "text": said, **asked, **more}


def written(folder: Path, *rows: Any) -> Path:
    file = folder / "responses.jsonl"
    text = "".join(f"{r if isinstance(r, str) else json.dumps(r)}\n" for r in rows)
    file.write_text(text, encoding="utf-8")
    return file


GOOD = [row(code, n) for code in ANIMALS for n in range(2) for _ in range(2)]


def left_out(report: dict[str, Any]) -> dict[str, list[int]]:
    return {r["reason"]: [e["row"] for e in r["examples"]] for r in report["left_out"]}


def test_rows_become_a_run_whose_answers_are_read_and_voted_on(tmp_path: Path) -> None:
    file = written(tmp_path, *GOOD)
    assert main(["import-responses", str(file), "new", "--model", "llama"]) == 0
    assert main(["extract", "new"]) == main(["vote", "new"]) == 0
    run = open_run("new")
    assert run.config.languages == ("en", "fr")
    assert run.config.sampling.num_samples == 2
    assert [(q.id, q.language, q.gold) for q in run.rows("questions")] == [
        (f"q{n}", code, 1) for code in ANIMALS for n in range(2)
    ]
    assert {(r.sample_index, r.model, r.answer) for r in run.rows("answers")} == {
        (0, "llama", 1),
        (1, "llama", 1),
    }
    assert [(v.winner, v.share) for v in run.rows("votes")] == [(1, 1.0)] * 2
    report = json.loads((run.folder / REPORT).read_text("utf-8"))
    assert report["languages"]["fr"] == {"questions": 2, "responses": 4}
    assert (report["left_out"], report["changed"]) == ([], [])


def test_parquet_is_read_as_lines_are(tmp_path: Path) -> None:
    file = tmp_path / "responses.parquet"
    pq.write_table(pa.Table.from_pylist(GOOD), file)
    run, report = import_file(file, "new")
    lines, other = import_file(written(tmp_path, *GOOD), "other")
    assert report["languages"] == other["languages"]
    for name in ("questions", "responses"):
        assert run.rows(name) == lines.rows(name)


def test_other_names_numbers_and_a_question_told_once_are_read(tmp_path: Path) -> None:
    told = [row("en", gold="B"), row("fr", gold="abeille")]
    more = [
        {"question_id": "q0", "language": "fr", "response": "Réponse : A", "sample_index": 7},
        {
            "question_id": "q0",
            "language": "fr",
            "response": "Réponse : C",
            "choice_order": [2, 1, 0],
        },
    ]
    run, _ = import_file(written(tmp_path, *more, *told), "new")
    french = [r for r in run.rows("responses") if r.language == "fr"]
    assert [(r.sample_index, r.choice_order) for r in french] == [
        (7, (0, 1, 2)),
        (0, (2, 1, 0)),
        (1, (0, 1, 2)),
    ]
    assert {q.gold for q in run.rows("questions")} == {1}
    assert run.config.sampling.num_samples == 8


BROKEN: list[tuple[Any, str]] = [
    ("{not json", "not JSON"),
    ("[1, 2]", "no object"),
    (row() | {"question_id": None}, "question_id"),
    (row() | {"language": "xx"}, "language"),
    (row() | {"text": 5}, "without a response"),
    (row(sample=-1), "sample"),
    (row(sample=True), "sample"),
    (row(choice_order=[0, 0, 1]), "choice_order"),
    (row(choice_order=[1, 0]), "as many places"),
    (row(choices=["one"]), "cannot be used"),
    (row(choices=ANIMALS["fr"]), "not those of an earlier row"),
    ({"question_id": "q9", "language": "en", "text": "A"}, "nothing tells"),
    (row("fr", 1, choices=["a", "b"]), "not those of an earlier row"),
]


@pytest.mark.parametrize(("wrong", "reason"), BROKEN)
def test_a_row_that_cannot_be_used_is_told_with_its_number_and_the_others_are_taken(
    wrong: Any, reason: str, tmp_path: Path
) -> None:
    run, report = import_file(written(tmp_path, *GOOD, wrong), "new")
    ((said, rows),) = left_out(report).items()
    assert reason in said
    assert rows == [len(GOOD) + 1]
    assert len(run.rows("responses")) == len(GOOD)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    file = written(tmp_path, *(wrong for wrong, _ in BROKEN))
    with pytest.raises(CalmError, match="fewer than two languages") as told:
        import_file(file, "new")
    assert str(told.value).count("left out: ") >= len(BROKEN) - 4
    assert not (tmp_path / "runs" / "new").exists()


def test_a_second_row_with_the_same_number_is_left_out(tmp_path: Path) -> None:
    twice = [row("en", sample=0), row("en", sample=0), row("fr", sample=0)]
    _, report = import_file(written(tmp_path, *twice), "new")
    assert list(left_out(report).values()) == [[2]]


def test_golds_that_contradict_between_languages_are_none(tmp_path: Path) -> None:
    run, report = import_file(written(tmp_path, row("en"), row("fr", gold=2)), "new")
    assert {q.gold for q in run.rows("questions")} == {None}
    assert "differ between languages" in report_text(report)


def test_of_several_models_one_has_to_be_named(tmp_path: Path) -> None:
    both = [row(code, model=name) for code in ANIMALS for name in ("a/one", "b/two")]
    file = written(tmp_path, *both)
    with pytest.raises(CalmError, match=r"a/one.*b/two"):
        import_file(file, "new")
    run, report = import_file(file, "new", "b/two")
    assert {r.model for r in run.rows("responses")} == {"b/two"}
    assert list(left_out(report).values()) == [[1, 3]]


def exported(tmp_path: Path) -> tuple[Run, Path]:
    mine, file = finished_run("mine", tmp_path), tmp_path / "out.jsonl"
    export(mine, "responses", "jsonl", file)
    return mine, file


def test_exported_responses_come_back_with_the_questions_of_their_set(tmp_path: Path) -> None:
    mine, file = exported(tmp_path)
    run, report = import_file(file, "again", "fake", mine.config.question_set)
    assert (report["left_out"], report["changed"]) == ([], [])
    key = ("question_id", "language", "sample_index", "text", "choice_order")
    assert [[getattr(r, name) for name in key] for r in run.rows("responses")] == [
        [getattr(r, name) for name in key] for r in mine.rows("responses")
    ]
    assert run.rows("questions") == mine.rows("questions")


def test_what_the_set_holds_out_is_measured(tmp_path: Path) -> None:
    mine, file = exported(tmp_path)
    run, _ = import_file(file, "again", "fake", mine.config.question_set)
    write_adapter(run.adapter)
    align(Context(run, _model=FakeModel()))
    assert run.has("scores")
    assert STAGES["compare"].is_done(run)
    assert len(run.rows("comparisons")) == len(mine.rows("comparisons"))


def test_a_response_to_a_held_out_question_is_left_out(tmp_path: Path) -> None:
    mine, file = exported(tmp_path)
    stray = {"question_id": "q6", "language": "en", "text": "Answer: A"}
    file.write_text(file.read_text("utf-8") + json.dumps(stray) + "\n", "utf-8")
    _, report = import_file(file, "again", "fake", mine.config.question_set)
    (reason,) = left_out(report)
    assert "holds out" in reason


@pytest.mark.parametrize("given", [["--questions", "built-in"], ["--columns", "text=a"]])
def test_a_folder_tells_its_questions_itself(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import-responses", str(tmp_path), "new", *given]) == 2
    assert "sample files" in capsys.readouterr().err


def test_the_rows_of_the_documentation_are_read_as_they_stand(tmp_path: Path) -> None:
    text = (DOCS / "interop.md").read_text(encoding="utf-8")
    (rows,) = re.findall(r"^```json\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "rows.json").write_text(rows, encoding="utf-8")
    run, report = import_file(tmp_path / "rows.json", "new")
    assert (report["left_out"], report["changed"]) == ([], [])
    assert [(r.language, r.sample_index) for r in run.rows("responses")] == [
        *(("en", 0), ("en", 1), ("fr", 0)),
    ]
    assert {(q.id, q.gold) for q in run.rows("questions")} == {("q1", 1)}


def test_a_broken_parquet_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.parquet"
    file.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(CalmError, match="Parquet"):
        import_file(file, "new")
