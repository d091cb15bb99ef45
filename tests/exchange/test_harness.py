"""Held-out questions as a task of an evaluation harness: its accuracy is ours to the question.

Neither harness is needed here: what the folder brings is run on log-probabilities that transformers
gives. The slow test asks lm-evaluation-harness itself, where it is installed.
"""

import json
import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from calm.cli.parser import main
from calm.config import RunConfig
from calm.errors import CalmError
from calm.evaluation.evaluate import evaluate
from calm.exchange.harness import export_task_of_run, write_task
from calm.models.causal_lm import CausalLM
from calm.models.encoding import Encoding
from calm.pipeline.run_questions import split_of
from calm.questions.prompts import answer_text, base_prompt
from calm.questions.sets import by_id, load_questions
from calm.records import Evaluation, PromptRecord, Question
from calm.runs.folder import Run
from tests.models.conftest import make_tiny_gemma
from tests.recorded import MODEL_RECORD, finished_run

CODES = ("en", "zh")
CONFIG = RunConfig(languages=CODES)


def held_out(most: int) -> dict[str, dict[str, Question]]:
    groups = split_of(by_id(load_questions("built-in", CODES)), "held-out")
    return {i: groups[i] for i in list(groups)[:most]}


def rows_of(folder: Path, code: str) -> list[dict[str, Any]]:
    lines = (folder / "data" / f"{code}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def yaml_of(file: Path) -> Any:
    """Read a task's settings; what names a function is its name."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_constructor("!function", lambda loader, node: loader.construct_scalar(node))
    return yaml.load(file.read_text("utf-8"), Loader)


@pytest.fixture
def run(calm_home: Path, tmp_path: Path) -> Run:
    return finished_run("My-run.1", tmp_path)


def test_a_row_asks_as_the_run_does_and_nothing_stands_between_prompt_and_choice(
    tmp_path: Path,
) -> None:
    groups = held_out(3)
    write_task(groups, "built-in", "lm-eval", tmp_path, CONFIG, "cloze")
    for code in CODES:
        rows = rows_of(tmp_path, code)
        assert [row["question_id"] for row in rows] == list(groups)
        for row in rows:
            question = groups[row["question_id"]][code]
            assert row["prompt"] == base_prompt(question, range(4)).text
            assert row["choices"] == [answer_text(question, n) for n in range(4)]
            assert row["gold"] == question.gold
            assert row["prompt"] == row["prompt"].rstrip()
    settings = yaml_of(tmp_path / "calm_built_in_zh.yaml")
    assert settings["target_delimiter"] == ""
    assert settings["dataset_kwargs"] == {"language": "zh"}
    named = yaml_of(tmp_path / "calm_built_in.yaml")
    assert named["task"] == ["calm_built_in_en", "calm_built_in_zh"]
    assert all((tmp_path / f"{name}.yaml").is_file() for name in named["task"])


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return make_tiny_gemma(tmp_path / "tiny")


def test_choices_have_as_many_tokens_as_we_count(tmp_path: Path, tiny: Path) -> None:
    from transformers import AutoTokenizer

    write_task(held_out(3), "built-in", "lm-eval", tmp_path, CONFIG, "cloze")
    program = runpy.run_path(str(tmp_path / "questions.py"))
    encoding = Encoding(AutoTokenizer.from_pretrained(tiny))
    for code in CODES:
        for row in program["questions"](code, pretrained=str(tiny), dtype="float32")["test"]:
            _, sides = encoding.answers(row["prompt"], row["choices"])
            assert row["tokens"] == list(map(len, sides))
    with pytest.raises(ValueError, match="pretrained=NAME"):
        program["questions"]("en")


def summed(model: CausalLM, prompt: str, choice: str) -> float:
    """Return the summed log-probability of a choice, as a harness asks transformers for it."""
    import torch

    context, whole = (model.tokenizer(text)["input_ids"] for text in (prompt, prompt + choice))
    with torch.inference_mode():
        logits = model.model(torch.tensor([whole])).logits[0].log_softmax(-1)
    return sum(float(logits[n - 1, whole[n]]) for n in range(len(context), len(whole)))


def test_the_accuracy_is_ours_to_the_question(tmp_path: Path, tiny: Path) -> None:
    from calm.models.loading import load_model

    groups = held_out(2)
    write_task(groups, "built-in", "lm-eval", tmp_path, CONFIG, "cloze")
    model = load_model(str(tiny), "fp32")
    ours = evaluated(model, groups)
    program = runpy.run_path(str(tmp_path / "questions.py"))
    for code in CODES:
        for row in program["questions"](code, pretrained=str(tiny))["test"]:
            results = [(summed(model, row["prompt"], text), False) for text in row["choices"]]
            mine = ours[row["question_id"], code]
            means = [total / n for (total, _), n in zip(results, row["tokens"], strict=True)]
            assert means == pytest.approx(mine.log_probs, abs=1e-4)
            right = program["process_results"](row, results)
            assert right == {"acc": float(mine.answer == row["gold"])}


def evaluated(
    model: CausalLM, groups: dict[str, dict[str, Question]]
) -> dict[tuple[str, str], Evaluation]:
    every = [question for versions in groups.values() for question in versions.values()]
    rows = evaluate(model, every, "base", CONFIG.sampling, ("likelihood",))
    return {(row.question_id, row.language): row for row in rows}


def test_a_run_is_exported_with_its_held_out_questions(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "task"
    assert main(["export-task", run.name, "--form", "lighteval", "--to", str(folder)]) == 0
    assert "9 questions in 3 languages" in capsys.readouterr().out
    program = (folder / "calm_my_run_1.py").read_text("utf-8")
    compile(program, "calm_my_run_1.py", "exec")
    assert "LANGUAGES = ('en', 'fr', 'ar')" in program
    assert "@name@" not in program and "@languages@" not in program
    front = yaml.safe_load((folder / "README.md").read_text("utf-8").split("---\n")[1])
    for config in front["configs"]:
        (data,) = config["data_files"]
        assert (folder / data["path"]).is_file()
    assert [row["question_id"] for row in rows_of(folder, "ar")] == ["q4", "q5", "q6"]


def test_the_data_of_a_lighteval_task_is_found_by_the_library(run: Run, tmp_path: Path) -> None:
    from datasets import load_dataset

    export_task_of_run(run, "lighteval", tmp_path / "task")
    found = load_dataset(str(tmp_path / "task"), "fr", cache_dir=str(tmp_path / "cache"))
    assert [dict(row) for row in found["test"]] == rows_of(tmp_path / "task", "fr")


def test_questions_without_a_right_answer_are_left_out_and_counted(tmp_path: Path) -> None:
    groups = held_out(2)
    first, second = groups
    groups[first] = {c: replace(q, gold=None) for c, q in groups[first].items()}
    said = write_task(groups, "x", "lm-eval", tmp_path, CONFIG, "cloze")
    assert "2 without a right answer left out" in said
    assert [row["question_id"] for row in rows_of(tmp_path, "en")] == [second]
    del groups[second]
    with pytest.raises(CalmError, match="has a right answer"):
        write_task(groups, "x", "lm-eval", tmp_path, CONFIG, "cloze")


def test_a_chat_template_is_refused(run: Run, tmp_path: Path) -> None:
    run.write_model_record(replace(MODEL_RECORD, prompts=PromptRecord("chat", "<user>", "<model>")))
    with pytest.raises(CalmError, match="chat template"):
        export_task_of_run(run, "lm-eval", tmp_path / "task")
    assert not (tmp_path / "task").exists()


def test_choices_that_were_listed_are_listed(run: Run, tmp_path: Path) -> None:
    run.write_model_record(replace(MODEL_RECORD, prompts=PromptRecord("listed")))
    export_task_of_run(run, "lm-eval", tmp_path / "task")
    asked = rows_of(tmp_path / "task", "en")[0]["prompt"].rpartition("\n\n")[2]
    assert "ant" in asked and "dog" in asked


@pytest.mark.parametrize(
    "given", [["--questions", "built-in"], ["--languages", "en,fr"], ["--columns", "text=a"]]
)
def test_a_run_brings_its_questions(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["export-task", "mine", "--form", "lm-eval", "--to", str(tmp_path), *given]
    assert main(words) == 2
    assert "brings its questions" in capsys.readouterr().err


@pytest.mark.slow
def test_lm_evaluation_harness_chooses_as_we_do(shipped_folder: Path, tmp_path: Path) -> None:
    lm_eval = pytest.importorskip("lm_eval", reason="pip install lm-eval")
    from lm_eval.tasks import TaskManager

    from calm.models.loading import load_model

    groups = held_out(20)
    write_task(groups, "check", "lm-eval", tmp_path, CONFIG, "cloze")
    ours = evaluated(load_model("gemma-3-270m", "fp32"), groups)
    args = {"pretrained": str(shipped_folder), "dtype": "float32"}
    tasks = TaskManager(include_path=str(tmp_path), include_defaults=False, metadata=args)
    found = lm_eval.simple_evaluate(
        "hf", args, ["calm_check"], device="cpu", task_manager=tasks, log_samples=True
    )
    for code in CODES:
        for sample in found["samples"][f"calm_check_{code}"]:
            row, sums = sample["doc"], [float(total) for total, _ in sample["filtered_resps"]]
            mine = ours[row["question_id"], code]
            means = [total / n for total, n in zip(sums, row["tokens"], strict=True)]
            assert means == pytest.approx(mine.log_probs, abs=1e-3)
            assert sample["acc"] == float(mine.answer == row["gold"])
