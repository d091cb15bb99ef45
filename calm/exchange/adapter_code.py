"""The lines of Python that load a run's adapter anywhere, and what they ask it: one question.

The question is a held-out one, asked as CALM Studio asks it. A chat model, and one that sees its
choices listed, gets the prompt that it was measured with, so that the answer is known. Other base
models were held to the choices then, which plain `generate` does not do: they are asked without.
"""

import json
from dataclasses import dataclass
from typing import Literal

from calm.exchange.adapter_base import AdapterBase
from calm.pipeline.run_questions import groups_of, split_of
from calm.questions.prompts import base_free_prompt, chat_message, choice_order
from calm.questions.recorded_prompts import recorded_prompt
from calm.records import Question
from calm.runs.folder import Run

PROMPT = "prompt.txt"
Form = Literal["adapter", "merged", "gguf-lora", "gguf"]
"""The adapter for PEFT; merged into its base; for llama.cpp, alone, or the whole model."""
SHORT_ANSWER = 32
"""Tokens for an answer of a few words."""


@dataclass(frozen=True)
class Example:
    """What the lines ask."""

    prompt: str
    kind: str
    """`line` ends at its line, `rendered` is in the chat template, `message` is to be put in it."""
    answer: str
    """What the aligned model answered when the run was measured; empty where that is not known."""


def example_of(run: Run) -> Example:
    """Return a held-out question as the run's model was asked it, one that was put right first."""
    question = _question(run)
    record, order = run.model_record(), choice_order(run.config.sampling.seed, question, 0)
    prompts = record.prompts if record else None
    if prompts is None and record is not None and record.chat_template:
        return Example(chat_message(question, order), "message", "")
    if prompts is None or prompts.format == "cloze":
        return Example(base_free_prompt(question).text, "line", "")
    answer = next(
        (
            row.text
            for row in run.rows("evaluations")
            if (row.model, row.reading) == ("aligned", "response")
            and (row.question_id, row.language) == (question.id, question.language)
        ),
        "",
    )
    kind = "rendered" if prompts.format == "chat" else "line"
    if run.config.sampling.thinking:  # it was measured with another prompt
        answer = ""
    return Example(recorded_prompt(prompts, question, order), kind, answer)


def _question(run: Run) -> Question:
    groups = groups_of(run)
    held_out = split_of(groups, "held-out") or groups
    fixed = [row for row in run.rows("comparisons") if row.outcome == "fixed"]
    for row in fixed:
        if row.question_id in held_out:
            return held_out[row.question_id][row.language]
    return next(iter(next(iter(held_out.values())).values()))


def loading_code(run: Run, base: AdapterBase, form: Form = "adapter") -> str:
    """Return the lines; names in them are quoted as Python does, whatever is in them.

    For llama.cpp they are one line of a shell.
    """
    example, record = example_of(run), run.model_record()
    if form in ("gguf", "gguf-lora"):
        return _llama_code(run, example, form)
    kind = f", dtype={_quoted(record.dtype)}" if record else ""
    folder = "adapter" if form == "adapter" else "base"
    read = f'open(f"{{{folder}}}/{PROMPT}", encoding="utf-8").read()'
    asked = {
        "line": f'tokenizer({read}, return_tensors="pt")',
        "rendered": f'tokenizer({read}, add_special_tokens=False, return_tensors="pt")',
        "message": f'tokenizer.apply_chat_template([{{"role": "user", "content": {read}}}], '
        'add_generation_prompt=True, return_dict=True, return_tensors="pt")',
    }[example.kind]
    most = SHORT_ANSWER if example.kind == "line" else run.config.sampling.max_new_tokens
    begin = [
        "import peft, transformers",
        f"base, adapter = {_quoted(base.name)}, {_quoted(run.name)}",
        "tokenizer = transformers.AutoTokenizer.from_pretrained(base)",
        "model = peft.PeftModel.from_pretrained("
        f"transformers.AutoModelForCausalLM.from_pretrained(base{kind}), adapter)",
    ]
    if form == "merged":
        begin = [
            "import transformers",
            f"base = {_quoted(run.name)}",
            "tokenizer = transformers.AutoTokenizer.from_pretrained(base)",
            f"model = transformers.AutoModelForCausalLM.from_pretrained(base{kind})",
        ]
    return "\n".join(
        [
            *begin,
            f"asked = {asked}",
            f"print(tokenizer.decode(model.generate(**asked, max_new_tokens={most}, "
            'do_sample=False)[0][asked["input_ids"].shape[1] :]))',
        ]
    )


def _llama_code(run: Run, example: Example, form: Form) -> str:
    most = SHORT_ANSWER if example.kind == "line" else run.config.sampling.max_new_tokens
    whole, lora = f"{run.name}/{run.name}.gguf", f"{run.name}/{run.name}-lora.gguf"
    model = f"-m {whole}" if form == "gguf" else f"-m BASE.gguf --lora {lora}"
    chat = " --jinja" if example.kind == "message" else " -no-cnv"
    return f"llama-completion {model} -f {run.name}/{PROMPT} -n {most} --temp 0{chat}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=True)
