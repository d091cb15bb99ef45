"""The model card that goes with an adapter: what it is, how it was made, and what it did.

English Markdown with the metadata that the Hugging Face Hub reads; the text is
`calm/data/adapter_card.md`. A run may have come from elsewhere: what it says about itself is put
in as quoted text, never as markup of the card.
"""

import re
import time
from collections import Counter
from importlib.resources import files
from string import Template

from calm import __version__
from calm.evaluation.report import METRIC_NAMES, READING_TITLES, interval, report
from calm.exchange.adapter_base import AdapterBase
from calm.exchange.adapter_code import PROMPT, Example, Form, example_of, loading_code
from calm.exchange.card_words import code_of, front_matter, names_of
from calm.exchange.model_index import model_index
from calm.exchange.training_words import how_made, what_taught_it
from calm.languages.table import language
from calm.models.shipped import Packaged
from calm.pairs.edits import training_pairs
from calm.records import Score
from calm.runs.folder import Run
from calm.settings import SETTINGS, value_at
from calm.training.methods import METHODS

BETTER_WHEN_HIGHER = (
    *("accuracy", "consistency", "consistently_right", "known_consistency", "rank_consistency"),
)
BETTER_WHEN_LOWER = ("unreadable", "consistently_wrong", "split", "language_gap", "english_gap")
PARTS = ("sampling", "voting", "pairs", "train")


MADE: dict[Form, str] = {
    "adapter": "A LoRA adapter that makes {base} give",
    "merged": "{base} with a LoRA adapter merged into its weights, so as to give",
    "gguf-lora": "A LoRA adapter for llama.cpp, in GGUF, that makes {base} give",
    "gguf": "{base} in GGUF for llama.cpp, with a LoRA adapter merged into it, so as to give",
}
"""What a card says first."""
NEEDED: dict[Form, str] = {
    "adapter": "pip install torch transformers peft",
    "merged": "pip install torch transformers",
    "gguf-lora": "llama-completion --version    # of llama.cpp",
    "gguf": "llama-completion --version    # of llama.cpp",
}
FRONT: dict[Form, tuple[str, str, str]] = {
    "adapter": ("adapter", "peft", "lora"),
    "merged": ("finetune", "transformers", "merged"),
    "gguf-lora": ("adapter", "gguf", "lora"),
    "gguf": ("quantized", "gguf", "merged"),
}
"""How the base and this are related, what loads it, and a tag, as the Hub names them."""


def adapter_card(run: Run, base: AdapterBase, hub_name: str = "", form: Form = "adapter") -> str:
    """Return the card of an adapter, or of what it was made into, from what the run recorded.

    `hub_name` is the repository of the Hub that it is for; without one it lies in a folder.
    """
    scores, languages = run.rows("scores"), run.config.languages
    text = files("calm").joinpath("data/adapter_card.md").read_text(encoding="utf-8")
    example = example_of(run)
    return Template(text).substitute(
        front=_front(run, base, form),
        what_it_is=MADE[form].format(base=f"[{code_of(base.name)}]({_address(base)})"),
        needed=NEEDED[form],
        code_kind="sh" if "gguf" in form else "python",
        title=run.name,
        languages=names_of(languages),
        version=__version__,
        day=time.strftime("%Y-%m-%d", time.gmtime(run.status().updated_at)),
        how_to_load=_how_to_load(run, base, hub_name, form),
        code=loading_code(run, base, form),
        what_is_asked=_what_is_asked(example),
        about_base=_about_base(run, base, form),
        how_trained=what_taught_it(run.config),
        how_made=how_made(run),
        settings=settings_table(run),
        pairs=pairs_by_language(run),
        results=_results(scores, run.config.measured_languages),
        worse=_worse(scores),
        licence=base.licence.words.format(made="adapter" if _is_apart(form) else "merged model"),
    )


def _is_apart(form: Form) -> bool:
    """Tell whether the base is to be had besides."""
    return form in ("adapter", "gguf-lora")


def _front(run: Run, base: AdapterBase, form: Form) -> str:
    relation, library, tag = FRONT[form]
    rows: dict[str, object] = {
        "base_model": base.name,
        "base_model_relation": relation,
        "library_name": library,
        "pipeline_tag": "text-generation",
        "language": list(run.config.languages),
        "license": base.licence.hub_id or "other",
        "tags": [tag, *_method_tags(run), "calm", "cross-lingual-consistency"],
    }
    if not base.is_on_hub:  # the Hub would look for it in vain
        del rows["base_model"], rows["base_model_relation"]
    if results := model_index(run):
        rows["model-index"] = results
    return front_matter(rows)


def _method_tags(run: Run) -> list[str]:
    losses = METHODS[run.config.train.method].losses
    return ["dpo", "trl"] if "sigmoid" in losses else ["trl"] if losses else []


def _address(base: AdapterBase) -> str:
    return f"https://huggingface.co/{base.name}" if base.is_on_hub else "#the-base"


def _how_to_load(run: Run, base: AdapterBase, hub_name: str, form: Form) -> str:
    where = f"Run this beside the unpacked folder {code_of(run.name)}."
    if hub_name:
        fetch = code_of(f"hf download {hub_name} --local-dir {run.name}")
        where = f"Fetch the files with {fetch}, and run this beside the folder {code_of(run.name)}."
    if not _is_apart(form):
        return where
    if form == "gguf-lora":
        kind = f"that llama.cpp's `convert_hf_to_gguf.py` writes of {code_of(base.name)}"
        if base.packaged is not None:
            kind = f"{code_of(base.packaged.gguf)} of the package {code_of(base.packaged.package)}"
        return f"{where} `BASE.gguf` is the file {kind}."
    if not base.is_on_hub:
        where += f" Put the folder of your copy of {code_of(base.name)} in the place of its name."
    if base.packaged is not None:
        where += (
            f" {code_of(base.name)} is fetched from the Hugging Face Hub, which may ask you to "
            "agree to its terms first (`hf auth login`). The answers of CALM Studio come from the "
            "copy that it was trained on: see [the base](#the-base)."
        )
    return where


def _what_is_asked(example: Example) -> str:
    asked = f"`{PROMPT}` is one held-out question, written as CALM Studio writes it."
    if example.kind == "line":
        asked += " A base model goes on after its answer: what counts is the first line."
    if not example.answer:
        return asked
    return f"{asked} The aligned model's answer, when it was measured:\n\n{_fenced(example.answer)}"


def _about_base(run: Run, base: AdapterBase, form: Form) -> str:
    record = run.model_record()
    said = [f"{code_of(base.name)}."]
    if form == "adapter":
        said = [f"{code_of(base.name)}, which {code_of('adapter_config.json')} names too."]
    if base.revision:
        said.append(f"Its revision on the Hub was {code_of(base.revision)}.")
    if not base.is_on_hub:
        said.append("It was a folder of the machine that trained the adapter.")
    if base.packaged is not None:
        said.append(_about_package(base.packaged, form))
    if record is not None:
        said.append(f"While it answered it computed in {code_of(record.dtype)}.")
    precision = run.config.train.precision
    if precision == "nf4":
        said.append("While the adapter was trained, the base was held in 4 bits (NF4, QLoRA).")
    if record is not None:
        versions = [f"{_plain(name)} {_plain(v)}" for name, v in record.versions.items()]
        said.append(f"Versions: {', '.join(versions)}.")
    return " ".join(said)


def _about_package(packaged: Packaged, form: Form) -> str:
    copy = (
        f"the copy that the Python package {code_of(packaged.package)} carries as GGUF, 4 to 6 "
        f"bits a weight ({code_of(packaged.gguf)}, SHA-256 {code_of(packaged.sha256)})"
    )
    if form != "adapter":
        return f"The adapter was trained on {copy}; that copy is the base here."
    return (
        f"It was trained on {copy}, not on the unquantised original: on that, answers are close "
        "but not always the same. `python -m calm prepare` writes this copy as an ordinary folder, "
        f"`models/{packaged.name}` under `CALM_HOME` (`~/.cache/calm-studio` unless you set it). "
        "Its path in place of `base` above gives the answers that CALM Studio gives."
    )


def settings_table(run: Run) -> str:
    """Return the rows of a table with the settings that the run was made with."""
    shown = {
        setting.name: setting.shown(value_at(run.config, setting.places[0]))
        for setting in SETTINGS.values()
        if setting.part in PARTS
    }
    return "\n".join(f"| {code_of(name)} | {code_of(value)} |" for name, value in shown.items())


def pairs_by_language(run: Run) -> str:
    """Return the rows of a table with how many pairs were trained on."""
    counts = Counter(pair.language for pair in training_pairs(run))
    rows = [f"| {language(code).name} | {counts[code]} |" for code in run.config.languages]
    return "\n".join([*rows, f"| all | {counts.total()} |"])


def _results(scores: list[Score], languages: tuple[str, ...]) -> str:
    if not scores:
        return "This adapter was not measured."
    said = (
        "Held-out questions, answered by the base and by the aligned model. Changes are in points, "
        "with their 95% intervals, paired by question. `fixed` and `broken` count answers that "
        "became right and wrong."
    )
    return said + "\n\n" + report(scores, languages).strip().replace("### ", "#### ")


def _worse(scores: list[Score]) -> str:
    """Return every change for the worse, sure or not, and how many answers were broken."""
    rows = [row for row in scores if row.model == "change"]
    fell = [row for row in rows if _is_worse(row) and "-" not in row.language]
    lines = [_fallen(row) for row in fell]
    lines += [
        f"- {READING_TITLES[row.reading]}: {row.value:.0f} answers that were right became wrong."
        for row in rows
        if row.metric == "broken" and row.language == "all" and row.value
    ]
    if not scores:
        return "Not known: it was not measured."
    return "\n".join(lines) or "None of the numbers above fell, and no answer was broken."


def _is_worse(row: Score) -> bool:
    sign = (row.metric in BETTER_WHEN_LOWER) - (row.metric in BETTER_WHEN_HIGHER)
    return sign * row.value > 0


def _fallen(row: Score) -> str:
    where = "all languages" if row.language == "all" else language(row.language).name
    metric = METRIC_NAMES.get(row.metric, row.metric)
    low, high = row.low or 0.0, row.high or 0.0
    sure = " The interval has 0 in it: this may be chance." if low <= 0 <= high else ""
    return f"- {where}, {metric} ({READING_TITLES[row.reading]}): {interval(row)} points.{sure}"


def _plain(text: str) -> str:
    return re.sub(r"[^\w.+-]", "", text)[:40]


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.strip()}\n{fence}"
