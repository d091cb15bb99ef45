"""`export-task`: held-out questions as a task of an evaluation harness, which gives our accuracy.

What the harness measures is what a run calls the reading `likelihood`: each choice is scored as a
continuation of the prompt, by the mean log-probability of its tokens (`calm.models.scoring`), and
the best one is the answer. Neither harness has that by default: their `acc` sums log-probabilities
and `acc_norm` divides by characters. So the folder brings its own few lines for it.

- `lm-eval`: a YAML file a language and one for all, `questions.py`, `data/<language>.jsonl`;
- `lighteval`: one Python file, a `README.md` that tells where the data lies, and the same data.

A choice begins with the space that stands before an answer in its language, so nothing is put
between prompt and choice. Both harnesses move white space from the end of a prompt to the choice:
chat templates end with some, so a task is written of prompts outside a template alone.
"""

import json
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from calm.config import RunConfig
from calm.errors import CalmError
from calm.pipeline.run_questions import groups_of, split_of
from calm.questions.prompts import answer_text, base_prompt, choice_order
from calm.questions.sets import by_id, load_questions
from calm.records import Format, Question
from calm.runs.folder import Run, write_whole

FORMS = ("lm-eval", "lighteval")
NO_NAME = re.compile(r"[^a-z0-9]+")
Groups = Mapping[str, Mapping[str, Question]]


def export_task_of_run(run: Run, form: str, folder: Path) -> str:
    """Write a run's held-out questions as it asks them; return what was done.

    Raises CalmError where it has none, or where it asks them in a chat template.
    """
    record = run.model_record()
    recorded = record.prompts.format if record and record.prompts else None
    wanted = run.config.sampling.prompt_format
    how: Format = recorded or ("cloze" if wanted == "auto" else wanted)
    if how == "chat" or (record and record.chat_template and recorded is None):
        raise CalmError("task.chat", run=run.name)
    groups = split_of(groups_of(run), "held-out")
    if not groups:
        raise CalmError("run.no-held-out", folder=run.folder)
    return write_task(groups, run.name, form, folder, run.config, how)


def export_task_of_set(config: RunConfig, form: str, folder: Path) -> str:
    """Write the held-out questions of a set as base models are asked; return what was done.

    Raises CalmError where the set cannot be read, or holds none out.
    """
    rows = load_questions(config.question_set, config.measured_languages, config.columns)
    groups = split_of(by_id(rows), "held-out")
    if not groups:
        raise CalmError("questions.one-split", questions=config.question_set)
    return write_task(groups, Path(config.question_set).stem, form, folder, config, "cloze")


def write_task(
    groups: Groups, name: str, form: str, folder: Path, config: RunConfig, how: Format
) -> str:
    """Write the questions that have a right answer as a task; return what was done.

    `how` is `cloze` or `listed`. Raises CalmError for another form of task, and where nobody has
    said which answers are right.
    """
    if form not in FORMS:
        raise CalmError("task.unknown-form", form=repr(form), forms=FORMS)
    rows: dict[str, list[dict[str, Any]]] = {code: [] for code in config.measured_languages}
    for versions in groups.values():
        for code, question in versions.items():
            if question.gold is not None and code in rows:
                rows[code].append(_row(question, config.sampling.seed, how))
    rows = {code: found for code, found in rows.items() if found}
    if not rows:
        raise CalmError("task.no-gold")
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for code, found in rows.items():
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in found)
        write_whole(folder / "data" / f"{code}.jsonl", lines)
    task = f"calm_{NO_NAME.sub('_', name.lower()).strip('_') or 'task'}"
    called = _lm_eval(folder, task, list(rows)) if form == "lm-eval" else _light(folder, task, rows)
    count = sum(map(len, rows.values()))
    without = sum(len(versions) for versions in groups.values()) - count
    left = f", {without} without a right answer left out" if without else ""
    return f"{count} questions in {len(rows)} languages in {folder}{left}. Call:\n{called}"


def _row(question: Question, seed: int, how: Format) -> dict[str, Any]:
    prompt = base_prompt(question, choice_order(seed, question, 0), how == "listed")
    return {
        "question_id": question.id,
        "prompt": prompt.text,
        "choices": [answer_text(question, place) for place in range(len(question.choices))],
        "gold": question.gold,
    }


def _lm_eval(folder: Path, task: str, codes: Sequence[str]) -> str:
    for code in codes:
        write_whole(folder / f"{task}_{code}.yaml", _task_yaml(task, code))
    names = "".join(f"  - {task}_{code}\n" for code in codes)
    write_whole(
        folder / f"{task}.yaml",
        f"group: {task}\ntask:\n{names}"
        "aggregate_metric_list:\n  - metric: acc\n    aggregation: mean\n    weight_by_size: true\n"
        "metadata:\n  version: 1.0\n",
    )
    write_whole(folder / "questions.py", _program("lm_eval.py.txt"))
    model = "--model hf --model_args pretrained=MODEL,dtype=float32"
    return f"lm_eval {model} --include_path {folder} --tasks {task}"


def _task_yaml(task: str, code: str) -> str:
    return (
        f"task: {task}_{code}\n"
        "custom_dataset: !function questions.questions\n"
        f'dataset_kwargs:\n  language: "{code}"\n'  # the code of Norwegian alone is no text in YAML
        "test_split: test\n"
        "output_type: multiple_choice\n"
        "num_fewshot: 0\n"
        "doc_to_text: prompt\n"
        "doc_to_choice: choices\n"
        "doc_to_target: gold\n"
        'target_delimiter: ""\n'
        "process_results: !function questions.process_results\n"
        "metric_list:\n  - metric: acc\n    aggregation: mean\n    higher_is_better: true\n"
        "metadata:\n  version: 1.0\n"
    )


def _light(folder: Path, task: str, codes: Mapping[str, Any]) -> str:
    program = _program("lighteval.py.txt").replace("@name@", task)
    file = folder / f"{task}.py"
    write_whole(file, program.replace("@languages@", repr(tuple(codes))))
    configs = "".join(
        f'- config_name: "{code}"\n  data_files:\n  - split: test\n    path: data/{code}.jsonl\n'
        for code in codes
    )
    write_whole(folder / "README.md", f"---\nconfigs:\n{configs}---\n")
    tasks = ",".join(f"{task}_{code}" for code in codes)
    model = "model_name=MODEL,dtype=float32"
    return f'CALM_TOKENIZER=MODEL lighteval accelerate "{model}" "{tasks}" --custom-tasks {file}'


def _program(name: str) -> str:
    return resources.files("calm").joinpath(f"data/harness/{name}").read_text(encoding="utf-8")
