"""`export`: the pairs, the responses or the adapter of a run as files that other programs read.

Pairs, one row each, always with `question_id`, `language`, `chosen_language` and `source`:

- `trl`: TRL's preference data, texts as the model sees them; JSON Lines;
- `trl-conversational`: what was asked and answered, which TRL puts in the model's own template;
- `llama-factory`: its alpaca form with `chosen` and `rejected`, one JSON list;
- `sharegpt`: `conversations` and a message a side, which LLaMA-Factory takes too, one JSON list;
- `parquet`: the fields of `PreferencePair`;
- `authors`: as the paper's authors, a folder with `DPO_<language>.json` (`cn` is zh).

Responses: `jsonl` and `parquet` with the fields of `Response`, or `authors`, a folder of the
sample files that `import-responses` reads. `calm.pairs.files` reads the pairs back.

The adapter: `peft`, one ZIP for transformers and PEFT (see `calm.exchange.adapter_package`); or a
folder (see `calm.exchange.model_folder`): `merged` into its base for transformers; for llama.cpp,
`gguf-lora` the adapter alone and `gguf` the whole of a packaged model.

Both TRL forms are lists of `{role, content}`, and each row brings `chat_template_kwargs`, from
which TRL makes the same token ids that the run trains on: the beginning token once, an answer
ended as the template ends it or, outside a template, with its line. TRL's plain form would add the
beginning token to a text that has it and the end of the text to every answer. It is written only
where the run does not know how its model is asked, as with imported responses.
"""

import dataclasses
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from calm.errors import CalmError
from calm.exchange.adapter_code import Form
from calm.exchange.adapter_package import pack_adapter
from calm.exchange.model_folder import write_model
from calm.languages.table import language
from calm.pairs.edits import training_pairs
from calm.questions.prompts import chat_message
from calm.questions.sets import by_id
from calm.records import PreferencePair, Question, Response
from calm.runs.folder import Run, to_json, write_whole

FORMATS = {
    "pairs": ("trl", "trl-conversational", "llama-factory", "sharegpt", "parquet", "authors"),
    "responses": ("jsonl", "parquet", "authors"),
    "adapter": ("peft", "merged", "gguf-lora", "gguf"),
}
LETTERS = "ABCDEFGHIJ"
METADATA = ("question_id", "language", "chosen_language", "source")


def export(run: Run, what: str, form: str, path: Path) -> str:
    """Write what a run holds to a file or, in some formats, a folder; return what was done.

    Raises CalmError where the run has none of it, or where the format cannot hold it.
    """
    if form not in FORMATS[what]:
        raise CalmError(
            "export.unknown-format", format=repr(form), what=what, formats=FORMATS[what]
        )
    if what == "adapter":
        if form == "peft":
            pack_adapter(run, path)
        else:
            write_model(run, cast(Form, form), path)
        return f"the adapter of {run.name} in {path}. Its README.md tells how to load it"
    if not run.has(what):
        stage = "pairs" if what == "pairs" else "sample"
        raise CalmError(
            "export.nothing-yet", folder=run.folder, what=what, stage=stage, run=run.name
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    if what == "responses":
        return _export_responses(run, form, path)
    pairs = training_pairs(run)
    if form not in ("trl", "parquet"):
        pairs = list(_asked_plainly(run, pairs))
    told = {row.form: row.chat_template_kwargs for row in run.rows("trl_settings")}
    return write_pairs(pairs, form, path, told.get(form))


def write_pairs(
    pairs: Sequence[PreferencePair],
    form: str,
    path: Path,
    template_kwargs: Mapping[str, str | bool] | None = None,
) -> str:
    """Write pairs in one of the formats; return what was done and what to do with it.

    `template_kwargs` are what TRL is told of the model's template in its two forms, `None` where
    that is not known.
    """
    done = f"{len(pairs)} pairs in {path}"
    if form == "parquet":
        from calm.runs.parquet import write_parquet

        write_parquet(path, PreferencePair, pairs)
    elif form == "authors":
        path.mkdir(exist_ok=True)
        for code, own in _by_language(pairs).items():
            file = path / f"DPO_{language(code).codes.authors or code}.json"
            write_whole(file, _json_list(map(_alpaca, own)))
    elif form in ("llama-factory", "sharegpt"):
        row = _alpaca if form == "llama-factory" else _sharegpt
        write_whole(path, _json_list(map(row, pairs)))
        return f"{done}. Its entry in dataset_info.json beside it:\n{dataset_info(path, form)}"
    else:
        plain = form == "trl" and template_kwargs is None
        told = {"chat_template_kwargs": template_kwargs} if template_kwargs else {}
        rows = ((_standard if plain else _conversation)(pair) | told for pair in pairs)
        write_whole(path, (json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return done


def dataset_info(path: Path, form: str = "llama-factory") -> str:
    """Return what LLaMA-Factory must be told of a file in its `dataset_info.json`."""
    columns = {"prompt": "instruction", "query": "input"}
    if form == "sharegpt":
        columns = {"messages": "conversations"}
    columns |= {"chosen": "chosen", "rejected": "rejected"}
    entry: dict[str, Any] = {"file_name": path.name, "ranking": True, "columns": columns}
    if form == "sharegpt":
        entry["formatting"] = form
    return json.dumps({path.stem: entry}, indent=2, ensure_ascii=False)


def _standard(pair: PreferencePair) -> dict[str, Any]:
    sides = {"prompt": pair.prompt, "chosen": pair.chosen, "rejected": pair.rejected}
    return sides | _metadata(pair)


def _conversation(pair: PreferencePair) -> dict[str, Any]:
    return {
        "prompt": [{"role": "user", "content": pair.prompt}],
        "chosen": [{"role": "assistant", "content": pair.chosen}],
        "rejected": [{"role": "assistant", "content": pair.rejected}],
        **_metadata(pair),
    }


def _alpaca(pair: PreferencePair) -> dict[str, Any]:
    asked = {"instruction": pair.prompt, "input": ""}
    return asked | {"chosen": pair.chosen, "rejected": pair.rejected} | _metadata(pair)


def _sharegpt(pair: PreferencePair) -> dict[str, Any]:
    return {
        "conversations": [{"from": "human", "value": pair.prompt}],
        "chosen": {"from": "gpt", "value": pair.chosen},
        "rejected": {"from": "gpt", "value": pair.rejected},
        **_metadata(pair),
    }


def _metadata(pair: PreferencePair) -> dict[str, str]:
    return {name: getattr(pair, name) for name in METADATA}


def _asked_plainly(run: Run, pairs: Iterable[PreferencePair]) -> Iterator[PreferencePair]:
    """Yield the pairs with prompts out of the model's chat template: whoever reads them adds one.

    Prompts of base models are in no template and stay as they are.
    """
    groups = by_id([*run.rows("questions"), *run.rows("translations")])
    orders: dict[str, set[tuple[int, ...]]] = defaultdict(set)
    for response in run.rows("responses"):
        orders[response.question_id].add(response.choice_order)
    for pair in pairs:
        question = groups.get(pair.question_id, {}).get(pair.language)
        seen = sorted(orders[question.id]) if question else []
        messages = (chat_message(question, order) for order in seen if question)
        plain = next((text for text in messages if text in pair.prompt), pair.prompt)
        yield dataclasses.replace(pair, prompt=plain)


def _export_responses(run: Run, form: str, path: Path) -> str:
    responses: list[Response] = run.rows("answers" if run.has("answers") else "responses")
    done = f"{len(responses)} responses in {path}"
    if form == "jsonl":
        write_whole(path, (to_json(row) + "\n" for row in responses))
    elif form == "parquet":
        from calm.runs.parquet import write_parquet

        write_parquet(path, Response, responses)
    else:
        groups = by_id([*run.rows("questions"), *run.rows("translations")])
        asked = {i: v for i, v in groups.items() if next(iter(v.values())).split == "train"}
        return f"{done}{_write_samples(asked, responses, run.config.languages, path)}"
    return done


def _write_samples(
    groups: Mapping[str, Mapping[str, Question]],
    responses: Iterable[Response],
    languages: Sequence[str],
    folder: Path,
) -> str:
    """Write a file a language, parallel by position; return what could not be written."""
    given: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in sorted(responses, key=lambda row: row.sample_index):
        if row.choice_order != tuple(range(len(row.choice_order))):
            raise CalmError("export.different-orders")
        given[row.question_id, row.language].append(row.text)
    whole = {i: versions for i, versions in groups.items() if set(languages) <= set(versions)}
    folder.mkdir(exist_ok=True)
    for code in languages:
        rows = (_sampled(v[code], given.get((i, code), [])) for i, v in whole.items())
        name = f"x_csqa_{language(code).codes.authors or code}_train_sampled.json"
        write_whole(folder / name, _json_list(rows))
    lacking = len(groups) - len(whole)
    if not lacking:
        return ""
    return f", without {lacking} questions that lack a language: the files are parallel"


def _sampled(question: Question, texts: list[str]) -> dict[str, Any]:
    row = language(question.language)
    choices = [f"{a}. {text}" for a, text in zip(LETTERS, question.choices, strict=False)]
    return {
        "instruction": row.instruction.format(answer=row.answer + row.colon.rstrip()),
        "input": "\n".join([question.text, *choices]),
        "output": "" if question.gold is None else LETTERS[question.gold],
        "pred": texts,
    }


def _by_language(pairs: Iterable[PreferencePair]) -> dict[str, list[PreferencePair]]:
    found: dict[str, list[PreferencePair]] = defaultdict(list)
    for pair in pairs:
        found[pair.language].append(pair)
    return found


def _json_list(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a JSON list, one row a line."""
    between = "[\n"
    for row in rows:
        yield between + json.dumps(row, ensure_ascii=False)
        between = ",\n"
    yield "\n]\n" if between != "[\n" else "[]\n"
