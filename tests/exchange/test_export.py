"""What a run holds is written for other programs, and comes back as it was."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from calm.config import RunConfig, SamplingConfig
from calm.errors import CalmError
from calm.exchange.export import FORMATS, dataset_info, export, write_pairs
from calm.exchange.import_samples import import_responses
from calm.questions.prompts import chat_message
from calm.records import PreferencePair, Question, Response, TrlSettings
from calm.runs.folder import Run, create_run, from_json
from calm.runs.parquet import read_parquet
from tests.pair_makers import read_pairs

AWKWARD = [
    PreferencePair("q 1", "ar", "ما الغاز؟\nأ. «نعم»\u200f", "الإجابة: أ. نعم", "لا", "en"),
    PreferencePair("q 1", "zh", '哪种"气体"？\\n\t', "答案：A\n\n🌍👩‍🚀", "答案：B", "zh", "gold"),
    PreferencePair("q\u2028 2", "fr", " Quel gaz ? ", " abeille", "", "fr", "ballot"),
    PreferencePair("3", "en", "</script><b>?", "\u2028\x85", "'\"`{[", "en"),
]
QUESTION = {
    code: Question("q", code, f"{code}?", ("x", "y", "z"), 1) for code in ("en", "fr", "ja")
}


@pytest.mark.parametrize("form", ["trl", "trl-conversational", "llama-factory", "parquet"])
def test_pairs_come_back_as_they_were_written(form: str, tmp_path: Path) -> None:
    path = tmp_path / "pairs"
    assert write_pairs(AWKWARD, form, path).startswith(f"4 pairs in {path}")
    assert read_pairs(path) == (AWKWARD, [])


def test_pairs_in_the_authors_form_are_one_file_a_language(tmp_path: Path) -> None:
    write_pairs(AWKWARD, "authors", tmp_path / "dpo")
    files = sorted(path.name for path in (tmp_path / "dpo").iterdir())
    assert files == ["DPO_ar.json", "DPO_cn.json", "DPO_en.json", "DPO_fr.json"]
    assert [read_pairs(tmp_path / "dpo" / name)[0] for name in files] == [
        [pair] for pair in (AWKWARD[0], AWKWARD[1], AWKWARD[3], AWKWARD[2])
    ]


@pytest.mark.parametrize("form", ["trl", "trl-conversational", "llama-factory", "parquet"])
def test_no_pairs_are_a_file_without_rows(form: str, tmp_path: Path) -> None:
    write_pairs([], form, tmp_path / "pairs")
    assert read_pairs(tmp_path / "pairs") == ([], [])


def test_a_broken_parquet_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "pairs.parquet"
    path.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(CalmError, match="Parquet"):
        read_pairs(path)


def test_llama_factory_is_told_that_the_file_is_ranked(tmp_path: Path) -> None:
    info = json.loads(dataset_info(tmp_path / "calm.json"))
    assert info["calm"]["file_name"] == "calm.json"
    assert info["calm"]["ranking"] is True
    rows = tmp_path / "calm.json"
    write_pairs(AWKWARD, "llama-factory", rows)
    assert set(info["calm"]["columns"].values()) <= set(json.loads(rows.read_text())[0])


def new_run(order: tuple[int, ...] = (0, 1, 2), codes: tuple[str, ...] = ("en", "fr")) -> Run:
    config = RunConfig(languages=codes, sampling=SamplingConfig(num_samples=2))
    run = create_run("chat", config)
    questions = [replace(QUESTION[code], id=f"q{n}") for n in range(2) for code in codes]
    run.write("questions", questions)
    rows = [
        Response(q.id, q.language, n, "unnamed", f"Réponse « {n} » : B\n", order)
        for q in questions
        for n in range(2)
    ]
    run.write("responses", rows)
    return run


@pytest.mark.parametrize("form", ["trl-conversational", "llama-factory"])
def test_a_chat_template_is_taken_off_where_the_reader_puts_it_on(
    form: str, calm_home: Path, tmp_path: Path
) -> None:
    run = new_run((2, 0, 1))
    asked = chat_message(replace(QUESTION["fr"], id="q1"), (2, 0, 1))
    templated = PreferencePair("q1", "fr", f"<user>{asked}<model>", "yes", "no", "fr")
    run.write("pairs", [templated])
    export(run, "pairs", form, tmp_path / "out")
    ((pair,), _) = read_pairs(tmp_path / "out")
    assert pair.prompt == asked
    export(run, "pairs", "trl", tmp_path / "trl")
    assert read_pairs(tmp_path / "trl")[0] == [templated]


def test_trl_is_told_row_by_row_how_the_model_is_asked(calm_home: Path, tmp_path: Path) -> None:
    run = new_run()
    pair = PreferencePair("q1", "fr", "<user>Quoi ?<model>", "yes", "no", "fr")
    run.write("pairs", [pair])
    told = {"trl": {"chat_template": "x"}, "trl-conversational": {"enable_thinking": False}}
    run.write("trl_settings", [TrlSettings(form, given) for form, given in told.items()])  # type: ignore[arg-type]
    for form, given in told.items():
        export(run, "pairs", form, tmp_path / form)
        (row,) = [json.loads(line) for line in (tmp_path / form).read_text().splitlines()]
        assert row["chat_template_kwargs"] == given
        assert [message["role"] for message in row["prompt"] + row["chosen"]] == [
            "user",
            "assistant",
        ]
        assert read_pairs(tmp_path / form) == ([pair], [])


def test_responses_come_back_from_json_lines_and_parquet(calm_home: Path, tmp_path: Path) -> None:
    run = new_run((2, 0, 1))
    rows = [replace(row, answer=1, answer_span=(0, 3)) for row in run.rows("responses")]
    rows[0] = replace(rows[0], answer=None, answer_span=None)
    run.write("answers", rows)
    export(run, "responses", "jsonl", tmp_path / "r.jsonl")
    lines = (tmp_path / "r.jsonl").read_text(encoding="utf-8").split("\n")
    assert [from_json(Response, line) for line in lines if line] == rows
    export(run, "responses", "parquet", tmp_path / "r.parquet")
    back = [from_json(Response, json.dumps(row)) for row in read_parquet(tmp_path / "r.parquet")]
    assert back == rows


def test_responses_in_the_authors_form_can_be_imported_again(
    calm_home: Path, tmp_path: Path
) -> None:
    run = new_run(codes=("en", "fr", "ja"))
    export(run, "responses", "authors", tmp_path / "samples")
    again, report = import_responses(tmp_path / "samples", "again")
    assert [(r.language, r.sample_index, r.text) for r in again.rows("responses")] == [
        (r.language, r.sample_index, r.text) for r in run.rows("responses")
    ]
    assert [(q.text, q.choices, q.gold) for q in again.rows("questions")] == [
        (q.text, q.choices, q.gold) for q in run.rows("questions")
    ]
    assert report["left_out"] == report["changed"] == []


def test_a_question_that_lacks_a_language_is_left_out_of_parallel_files_and_told(
    calm_home: Path, tmp_path: Path
) -> None:
    run = new_run()
    run.write("questions", run.rows("questions")[:-1])
    told = export(run, "responses", "authors", tmp_path / "samples")
    assert "without 1 questions" in told
    assert len(json.loads((tmp_path / "samples" / "x_csqa_fr_train_sampled.json").read_text())) == 1


def test_shuffled_choices_have_no_place_in_the_authors_form(
    calm_home: Path, tmp_path: Path
) -> None:
    with pytest.raises(CalmError, match="different orders"):
        export(new_run((2, 0, 1)), "responses", "authors", tmp_path / "samples")


def test_what_a_run_does_not_have_yet_is_named_with_the_command_that_makes_it(
    calm_home: Path, tmp_path: Path
) -> None:
    with pytest.raises(CalmError, match="calm pairs chat"):
        export(new_run(), "pairs", "trl", tmp_path / "x")


@pytest.mark.parametrize(("what", "form"), [("pairs", "jsonl"), ("responses", "trl")])
def test_a_format_that_there_is_not_is_refused_with_those_there_are(
    what: str, form: str, calm_home: Path, tmp_path: Path
) -> None:
    with pytest.raises(CalmError, match=", ".join(FORMATS[what])):
        export(new_run(), what, form, tmp_path / "x")
