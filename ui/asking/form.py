"""The form in which a question is picked from the built-in set or typed, and its languages."""

import functools
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from calm.asking.ask import Order
from calm.config import BUILT_IN, SamplingConfig
from calm.errors import CalmError
from calm.languages.table import LANGUAGES
from calm.messages import ENGLISH
from calm.questions.rows import clean_text, parse_questions
from calm.questions.sets import by_id, load_questions
from calm.records import Question
from ui.asking.texts import text_folder
from ui.parts.events import QUIET, visibility
from ui.parts.html import language_label
from ui.parts.settings import setting_control
from ui.text.words import own_language, reader_language, say, word

FIRST_LANGUAGES = ("en", "zh", "fr", "de", "es", "ar")
DISAGREED = (
    "geography-015",
    "reasoning-021",
    "nature-026",
    "nature-014",
    "technology-003",
    "body-016",
)
"""Built-in questions on which the shipped model's languages disagree and the vote is right.

Found in an alignment of that model with the default settings: of the six languages that are asked
first, two or three firmly say something else. Short enough for a button in every language.
"""

OPENING = DISAGREED[0]
"""The one whose recorded answers the page Ask opens with, and that its empty form asks."""
SAMPLED = ("num_samples", "temperature", "max_new_tokens", "seed")
CONTROLS = (
    *("text", "choices", "language", "languages", *SAMPLED, "translate_online"),
    *("with_passages", "filled"),
)
NO_CHOICES_OF_ANOTHER = """(text, choices, filled) =>
  filled && text.trim() !== filled ? ['', ''] : [choices, filled]"""
"""Takes the choices of a question away once another is typed over it: they may be folded away."""

Groups = dict[str, dict[str, Question]]


@dataclass(frozen=True)
class Form:
    """The components of the form; `CONTROLS` names those that `read_form` reads."""

    parts: tuple[Any, ...]
    """What is hidden where nothing can be asked."""
    drawers: gr.Row
    """What is folded away stands in it, side by side; a page may add to it."""
    text: gr.Textbox
    choices: gr.Textbox
    picked: gr.Dropdown
    language: gr.Dropdown
    languages: gr.CheckboxGroup
    num_samples: gr.Slider
    temperature: gr.Slider
    max_new_tokens: gr.Number
    seed: gr.Number
    translate_online: gr.Checkbox
    with_passages: gr.Checkbox
    """Seen where the app has a folder of texts."""
    filled: gr.Textbox
    """Unseen: the question that the choices came with, while it stands in the form."""
    button: gr.Button
    stop: gr.Button
    example_filled: Any
    """The event that an example has been put into the form."""

    @property
    def controls(self) -> dict[str, Any]:
        """The components that `read_form` reads, by name."""
        return {name: getattr(self, name) for name in CONTROLS}

    @property
    def question(self) -> list[Any]:
        """The components that a question is put into: text, choices, language, `filled`."""
        return [self.text, self.choices, self.language, self.filled]


@functools.cache
def built_in() -> Groups:
    """Return the built-in set in all its languages."""
    return by_id(load_questions(BUILT_IN, tuple(LANGUAGES)))


def native_names() -> list[tuple[str, str]]:
    """Return every language as (its name in itself, code)."""
    return [(row.native_name, code) for code, row in LANGUAGES.items()]


def question_form(
    prefix: str,
    button_says: str,
    is_seen: bool = True,
    choices_open: bool = False,
    has_examples: bool = True,
) -> Form:
    """Lay the form out; element ids begin with `prefix`.

    The question and its button come first; what need not be changed is folded away. Without
    examples, the page has its own.
    """
    with gr.Column(visible=visibility(is_seen), elem_id=f"{prefix}-live") as top:
        with gr.Row(elem_classes="question-row"):
            text = gr.Textbox(
                label=word("pick.text"),
                lines=1,  # so that Enter asks, and a new line is begun with Shift
                max_lines=6,
                placeholder=word("pick.text.placeholder"),
                max_length=2000,
                scale=8,
                min_width=320,
                elem_id=f"{prefix}-text",
            )
            button = gr.Button(
                button_says, variant="primary", elem_id=f"{prefix}-button", scale=1, min_width=90
            )
            stop = gr.Button(word("common.stop"), elem_id=f"{prefix}-stop", scale=1, min_width=80)
        examples = gr.Dataset(
            components=["textbox"],
            samples=[[identity] for identity in DISAGREED],
            sample_labels=_example_labels(),
            label=word("pick.examples.ask"),
            visible=has_examples,
            elem_id=f"{prefix}-examples",
            elem_classes="samples",
        )
        translate_online = setting_control(
            "translate_online", prefix, container=False, elem_classes="online"
        )
        with_passages = gr.Checkbox(
            True,
            label=word("pick.passages"),
            container=False,
            elem_classes="online",
            visible=text_folder() is not None,
            elem_id=f"{prefix}-passages",
        )
    shown = visibility(is_seen)
    with gr.Row(elem_classes="drawers") as drawers:
        with gr.Accordion(
            word("pick.choices.title"), open=choices_open, visible=shown, elem_id=f"{prefix}-with"
        ) as with_which:
            choices = gr.Textbox(
                label=word("pick.choices"),
                lines=4,
                placeholder=word("pick.choices.placeholder"),
                elem_id=f"{prefix}-choices",
            )
        with gr.Accordion(
            word("pick.how"), open=False, visible=shown, elem_id=f"{prefix}-how"
        ) as how:
            picked = gr.Dropdown(
                _questions(),
                value=None,
                label=say("pick.picked", count=len(built_in())),
                elem_id=f"{prefix}-picked",
            )
            language = gr.Dropdown(
                language_labels(),
                value=ENGLISH,
                label=word("pick.language"),
                elem_id=f"{prefix}-language",
            )
            languages = gr.CheckboxGroup(
                native_names(),
                value=list(FIRST_LANGUAGES),
                label=word("pick.languages"),
                elem_classes="compact",
                elem_id=f"{prefix}-languages",
            )
            sampling = {name: setting_control(name, prefix) for name in SAMPLED}
    filled = gr.Textbox(label=word("pick.text"), visible="hidden", elem_id=f"{prefix}-filled")
    of_question = [text, choices, language, filled]
    picked.input(_fill, picked, of_question, **QUIET)
    text.input(None, [text, choices, filled], [choices, filled], js=NO_CHOICES_OF_ANOTHER, **QUIET)
    example_filled = examples.click(_fill_example, examples, [picked, *of_question], **QUIET)
    gr.on(None, _speak, None, [picked, examples, language, languages], **QUIET)
    return Form(
        parts=(top, with_which, how),
        drawers=drawers,
        text=text,
        choices=choices,
        picked=picked,
        language=language,
        languages=languages,
        **sampling,
        translate_online=translate_online,
        with_passages=with_passages,
        filled=filled,
        button=button,
        stop=stop,
        example_filled=example_filled,
    )


def first_languages(reader: str) -> list[str]:
    """Return the languages that are asked first: six, the reader's own among them if we know it."""
    if reader in FIRST_LANGUAGES or reader not in LANGUAGES:
        return list(FIRST_LANGUAGES)
    return [*FIRST_LANGUAGES[:-1], reader]


def _speak(
    request: gr.Request,
) -> tuple[gr.Dropdown, gr.Dataset, gr.Dropdown, gr.CheckboxGroup]:
    """Put the form's questions and languages into the reader's language when a page is opened."""
    reader = reader_language()
    linked = "asked" in request.query_params  # then the link fills the form
    own = own_language(request.headers.get("accept-language", ""))
    asked_in = gr.skip() if linked else gr.CheckboxGroup(value=first_languages(own))
    if reader == ENGLISH:
        return gr.skip(), gr.skip(), gr.skip(), asked_in
    label = say("pick.picked", count=len(built_in()))
    written_in: dict[str, Any] = {} if linked else {"value": reader}
    return (
        gr.Dropdown(_questions(), label=label),
        gr.Dataset(sample_labels=_example_labels()),
        gr.Dropdown(language_labels(), **written_in),
        asked_in,
    )


def language_labels() -> list[tuple[str, str]]:
    """Return every language as (its name in itself and in the reader's language, code)."""
    return [(language_label(code), code) for code in LANGUAGES]


def _questions() -> list[tuple[str, str]]:
    return [(_readable(versions).text, identity) for identity, versions in built_in().items()]


def _example_labels() -> list[str]:
    return [_readable(built_in()[identity]).text for identity in DISAGREED]


def _readable(versions: dict[str, Question]) -> Question:
    return versions[reader_language()]


def _fill(identity: str | None) -> tuple[str, str, str, str]:
    if identity is None:
        return "", "", reader_language(), ""
    question = _readable(built_in()[identity])
    return question.text, "\n".join(question.choices), question.language, question.text


def _fill_example(sample: list[str]) -> tuple[str, str, str, str, str]:
    return sample[0], *_fill(sample[0])


def read_form(values: Mapping[str, Any]) -> Order:
    """Return what the form asks for, its values by name; an empty one asks `OPENING`.

    That is the question that the empty fields show. Raises CalmError for what cannot be asked.
    """
    sampling = SamplingConfig(
        num_samples=int(values["num_samples"]),
        temperature=float(values["temperature"]),
        max_new_tokens=int(values["max_new_tokens"]),
        seed=int(values["seed"]),
    )
    text, choices = values["text"] or "", values["choices"] or ""  # `None` while folded away
    language = values["language"]
    if _are_of_another(choices, text, values.get("filled") or ""):
        choices = ""
    if not text.strip() and not choices.strip():
        text, choices, language, _ = _fill(OPENING)
    asked_in, online = values["languages"], bool(values["translate_online"])
    order = order_for(text, choices.splitlines(), language, asked_in, sampling, online)
    return order if values.get("with_passages", True) else replace(order, texts=None)


def _are_of_another(choices: str, text: str, filled: str) -> bool:
    """Tell whether choices came with a question that another one was typed, or pasted, over."""
    if not filled or text.strip() == filled:
        return False
    questions = (q for versions in built_in().values() for q in versions.values())
    return any(q.text == filled and list(q.choices) == choices.splitlines() for q in questions)


def order_for(
    text: str,
    choices: Sequence[str],
    language: str,
    languages: Sequence[str],
    sampling: SamplingConfig,
    translate_online: bool = False,
) -> Order:
    """Return what is to be asked, its languages in the table's order and each of them once.

    Passages stand before it where the app has a folder of texts.
    """
    ordered = tuple(code for code in LANGUAGES if code in languages)
    if not ordered:
        raise CalmError("languages.none")
    question, known = find_question(text, choices, language)
    return Order(question, known, ordered, sampling, translate_online, text_folder())


def find_question(
    text: str, choices: Sequence[str], code: str
) -> tuple[Question, dict[str, Question]]:
    """Return the question and the versions of it that exist: many if it is a built-in one.

    Without choices it has those of a built-in question with the same words.
    """
    if not text.strip():
        raise CalmError("question.none")
    listed = [choice.strip() for choice in choices if choice.strip()]
    if not listed:
        return _without_choices(clean_text(text, "text"), code)
    if len(listed) < 2:
        raise CalmError("question.too-few-choices")
    identity = f"typed-{zlib.crc32(' / '.join([code, text, *listed]).encode()):08x}"
    row = {"id": identity, "language": code, "text": text, "choices": listed, "split": "train"}
    typed = parse_questions([(1, row)], say("pick.your-question"))[0]
    for versions in built_in().values():
        version = versions.get(code)
        if version and (version.text, version.choices) == (typed.text, typed.choices):
            return version, versions
    return typed, {code: typed}


def _without_choices(text: str, code: str) -> tuple[Question, dict[str, Question]]:
    question = Question(f"free-{zlib.crc32(f'{code}/{text}'.encode()):08x}", code, text, ())
    for versions in built_in().values():
        if code in versions and versions[code].text == text:
            return question, versions
    return question, {code: question}


def with_choices(order: Order) -> Order:
    """Return what is to be asked; raises CalmError where it has no choices."""
    if not order.question.choices:
        raise CalmError("question.too-few-choices")
    return order
