"""The form in which a question is picked from the built-in set or typed, and its languages."""

import functools
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from calm.config import BUILT_IN, SamplingConfig
from calm.errors import CalmError
from calm.languages import LANGUAGES
from calm.questions import by_id, load_questions, parse_questions
from calm.records import Question
from ui.asking import Order
from ui.events import QUIET
from ui.views import language_label

FIRST_LANGUAGES = ("en", "zh", "fr", "de", "es", "ar")
READER = "en"
EXAMPLES = 4

Groups = dict[str, dict[str, Question]]


@dataclass(frozen=True)
class Form:
    """The components of the form, in the order of `read_form`'s arguments."""

    text: gr.Textbox
    choices: gr.Textbox
    language: gr.Dropdown
    languages: gr.CheckboxGroup
    num_samples: gr.Slider
    temperature: gr.Slider
    max_new_tokens: gr.Number
    seed: gr.Number

    @property
    def inputs(self) -> list[Any]:
        return list(vars(self).values())


@functools.cache
def built_in() -> Groups:
    """Return the built-in set in all its languages."""
    return by_id(load_questions(BUILT_IN, tuple(LANGUAGES)))


def native_names() -> list[tuple[str, str]]:
    """Return every language as (its name in itself, code)."""
    return [(row.native_name, code) for code, row in LANGUAGES.items()]


def question_form(prefix: str) -> Form:
    """Lay the form out; element ids begin with `prefix`."""
    groups = built_in()
    examples = list(groups)[:: max(1, len(groups) // EXAMPLES)][:EXAMPLES]
    picked = gr.Dropdown(
        [(versions[READER].text, identity) for identity, versions in groups.items()],
        value=None,
        label=f"Pick one of {len(groups)} questions, or type to search",
        elem_id=f"{prefix}-picked",
    )
    samples = gr.Dataset(
        components=["textbox"],
        samples=[[identity] for identity in examples],
        sample_labels=[groups[identity][READER].text for identity in examples],
        label="Or begin with one of these",
        elem_id=f"{prefix}-examples",
        elem_classes="samples",
    )
    form = _fields(prefix)
    filled = [form.text, form.choices, form.language]
    picked.input(_fill, picked, filled, **QUIET)
    samples.click(_fill_example, samples, [picked, *filled], **QUIET)
    return form


def _fields(prefix: str) -> Form:
    defaults = SamplingConfig()
    text = gr.Textbox(
        label="Question",
        lines=2,
        placeholder="What do bees make?",
        max_length=2000,
        elem_id=f"{prefix}-text",
    )
    choices = gr.Textbox(
        label="Choices, one a line",
        lines=4,
        placeholder="honey\nmilk\nbread\nwine",
        elem_id=f"{prefix}-choices",
    )
    language = gr.Dropdown(
        [(language_label(code), code) for code in LANGUAGES],
        value=READER,
        label="The question is written in",
        elem_id=f"{prefix}-language",
    )
    languages = gr.CheckboxGroup(
        native_names(),
        value=list(FIRST_LANGUAGES),
        label="Ask it in",
        elem_classes="compact",
        elem_id=f"{prefix}-languages",
    )
    with gr.Accordion("How it is asked", open=False):
        num_samples = gr.Slider(
            1,
            16,
            defaults.num_samples,
            step=1,
            label="Samples a language",
            elem_id=f"{prefix}-samples",
        )
        temperature = gr.Slider(
            0,
            2,
            defaults.temperature,
            step=0.05,
            label="Temperature",
            info="0 always takes the likeliest answer",
            elem_id=f"{prefix}-temperature",
        )
        max_new_tokens = gr.Number(
            defaults.max_new_tokens,
            precision=0,
            label="Longest response, in tokens",
            elem_id=f"{prefix}-tokens",
        )
        seed = gr.Number(
            defaults.seed,
            precision=0,
            label="Seed",
            info="The same seed draws the same responses",
            elem_id=f"{prefix}-seed",
        )
    return Form(text, choices, language, languages, num_samples, temperature, max_new_tokens, seed)


def _fill(identity: str | None) -> tuple[str, str, str]:
    if identity is None:
        return "", "", READER
    question = built_in()[identity][READER]
    return question.text, "\n".join(question.choices), READER


def _fill_example(sample: list[str]) -> tuple[str, str, str, str]:
    return sample[0], *_fill(sample[0])


def read_form(
    text: str,
    choices: str,
    language: str,
    languages: Sequence[str],
    num_samples: int,
    temperature: float,
    max_new_tokens: int,
    seed: int,
) -> Order:
    """Return what the form asks for; raises CalmError where it cannot be asked."""
    sampling = SamplingConfig(
        num_samples=int(num_samples),
        temperature=float(temperature),
        max_new_tokens=int(max_new_tokens),
        seed=int(seed),
    )
    return order_for(text, choices.splitlines(), language, languages, sampling)


def order_for(
    text: str,
    choices: Sequence[str],
    language: str,
    languages: Sequence[str],
    sampling: SamplingConfig,
) -> Order:
    """Return what is to be asked, its languages in the table's order and each of them once."""
    ordered = tuple(code for code in LANGUAGES if code in languages)
    if not ordered:
        raise CalmError("No language is chosen. Choose at least one to ask the question in.")
    question, known = find_question(text, choices, language)
    return Order(question, known, ordered, sampling)


def find_question(
    text: str, choices: Sequence[str], code: str
) -> tuple[Question, dict[str, Question]]:
    """Return the question and the versions of it that exist: many if it is a built-in one."""
    if not text.strip():
        raise CalmError("There is no question yet. Type one, or pick one from the set.")
    listed = [choice.strip() for choice in choices if choice.strip()]
    if len(listed) < 2:
        raise CalmError("A question needs at least two choices. Write one on each line.")
    identity = f"typed-{zlib.crc32(' / '.join([code, text, *listed]).encode()):08x}"
    row = {"id": identity, "language": code, "text": text, "choices": listed, "split": "train"}
    typed = parse_questions([(1, row)], "Your question")[0]
    for versions in built_in().values():
        version = versions.get(code)
        if version and (version.text, version.choices) == (typed.text, typed.choices):
            return version, versions
    return typed, {code: typed}
