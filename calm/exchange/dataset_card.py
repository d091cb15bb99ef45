"""The card of a run's data set: what its files hold, how they came about, whose licence holds.

English Markdown with the metadata that the Hugging Face Hub reads; the text is
`calm/data/dataset_card.md`.
"""

import json
import time
from collections.abc import Mapping
from importlib.resources import files
from string import Template

from calm import __version__
from calm.config import BUILT_IN
from calm.exchange.adapter_base import GEMMA, adapter_base
from calm.exchange.adapter_card import pairs_by_language, settings_table
from calm.exchange.card_words import code_of, front_matter, names_of, own_name
from calm.exchange.training_words import what_told
from calm.model_names import called
from calm.questions.public_sets import public_set_of
from calm.runs.folder import Run

HOLDS = {
    "pairs": "what was asked, an answer to prefer and one to reject, as trained on",
    "responses": "one answer of the model, and the choice that was read out of it",
    "questions": "one question in one language, with its choices",
    "ballots": "what one person said of an answer",
}
SIZES = ((1000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"))
"""The Hub's names of how many rows a data set has."""
GEMMA_OUTPUT = (
    "The responses are output of Gemma. The [Gemma Terms of Use](https://ai.google.dev/gemma/terms)"
    " hold for a model that is trained on them to perform like Gemma: it is a model derivative in "
    "their sense, with the use restrictions of their section 3.2 and the [Prohibited Use Policy]"
    "(https://ai.google.dev/gemma/prohibited_use_policy). Whoever passes this on passes that on."
)


def dataset_card(run: Run, rows: Mapping[str, int], names: Mapping[str, str], name: str) -> str:
    """Return the card of the data set `name`.

    `rows` counts the rows of each part, `names` has its file.
    """
    text = files("calm").joinpath("data/dataset_card.md").read_text(encoding="utf-8")
    languages = run.config.languages
    return Template(text).substitute(
        front=_front(run, rows, names),
        title=f"Answers and preference pairs of {run.name}",
        questions=len({row.id for row in run.rows("questions")}),
        languages=names_of(languages),
        model=code_of(called(run.config.model)),
        version=__version__,
        day=time.strftime("%Y-%m-%d", time.gmtime(run.status().updated_at)),
        files="\n".join(f"| `{names[part]}` | {n} | {HOLDS[part]} |" for part, n in rows.items()),
        name=json.dumps(name),
        hub_name=name,
        settings=settings_table(run),
        pairs=pairs_by_language(run),
        told=what_told(run.config),
        people=_people(rows),
        licence=_licence(run),
    )


def _front(run: Run, rows: Mapping[str, int], names: Mapping[str, str]) -> str:
    most = max(rows.values())
    size = next((named for limit, named in SIZES if most < limit), "100K<n<1M")
    return front_matter(
        {
            "language": list(run.config.languages),
            "license": "unknown",
            "task_categories": ["question-answering", "text-generation"],
            "size_categories": [size],
            "tags": ["dpo", "preference", "calm", "cross-lingual-consistency"],
            "configs": [{"config_name": part, "data_files": names[part]} for part in rows],
        }
    )


def _people(rows: Mapping[str, int]) -> str:
    if "ballots" not in rows:
        return "No person's ballot is among this."
    return (
        "`ballots.jsonl` has what people said of answers in CALM Studio. Who they are is not in "
        "it: a voter is the hash of a random id, with a key that stays where they voted."
    )


def _licence(run: Run) -> str:
    asked, known = own_name(run.config.question_set), public_set_of(run.config.question_set)
    if run.config.question_set == BUILT_IN:
        said = "The questions were written for CALM Studio and are under its MIT licence."
    elif known:
        said = (
            f"The questions come from [{known.title}]({known.source}). Their licence: "
            f"{known.licence}. It holds for them and for what quotes them."
        )
    else:
        said = (
            f"The questions come from the set {code_of(asked)}, whose licence CALM Studio does not "
            "know: it holds for them and for what quotes them."
        )
    licence = adapter_base(run).licence
    return f"{said} {GEMMA_OUTPUT}" if licence is GEMMA else said
