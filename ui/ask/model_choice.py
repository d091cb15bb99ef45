"""Which model answers and which is aligned: one that comes with the app, a listed one, any other.

A model is named, never uploaded: what is loaded is a folder on this machine or comes from the
Hugging Face Hub, and only who may change things here can say which.
"""

import time
from collections.abc import Iterator
from typing import Any

import gradio as gr
from markupsafe import Markup

from calm.config import DEFAULT_LANGUAGES
from calm.errors import CalmError
from calm.evaluation.model_check import CheckedModel, checked
from calm.model_names import full_name
from calm.models.catalogue import GIB, LISTED, ListedModel, suitable
from ui.parts.events import QUIET, problem_place
from ui.parts.html import concat, html_place, in_a_row, markup, note, warning
from ui.parts.models import NO_MODEL, Models
from ui.parts.rights import check_rights
from ui.text.numbers import decimal
from ui.text.words import language_name, say, word
from ui.votes.gate_views import ground_note

LOOK_EVERY_SECONDS = 0.5
LONGEST_NAME = 400
FACTS = ("is_packaged", "is_gated", "only_english")
"""What is told of a listed model where it is so."""


def model_field(models: Models, label: str, elem_id: str) -> gr.Dropdown:
    """Lay out the choice of a model, and below it what the one that is chosen takes.

    Any name can be typed.
    """
    field = gr.Dropdown(
        [models.called],
        value=models.called,
        allow_custom_value=True,
        label=word(label),
        info=word("setting.model.help"),
        elem_id=elem_id,
    )
    about = html_place(elem_id=f"{elem_id}-about")
    field.change(details, field, about, **QUIET)
    return field


def details(name: str | None) -> Markup:
    """Return what a listed model takes, and under which licence; nothing of any other."""
    model = next((model for model in LISTED if model.name == name), None)
    if model is None:
        return Markup()
    said = [
        say(
            "model.details",
            answer=decimal(model.bytes_to_answer / GIB, 1),
            train=decimal(model.bytes_to_train / GIB, 1),
            licence=model.licence,
        )
    ]
    said += [say(f"model.details.{fact}") for fact in FACTS if getattr(model, fact)]
    return markup('<p class="source">{}</p>', in_a_row(said))


def listed(models: Models) -> gr.Dropdown:
    """Return the models that suit this machine, and the one that is here."""
    from calm.models.hardware import memory_for_models

    choices = [(_told(model), model.name) for model in suitable(memory_for_models())]
    if models.called not in [name for _, name in choices] and not models.is_absent:
        choices.insert(0, (models.called, models.called))
    return gr.Dropdown(choices)


def checked_model(models: Models, name: str | None) -> str:
    """Return the one name of the model that was typed; that of the one here by what it is called.

    Raises CalmError where there is none, or it is no name.
    """
    wanted = (name or "").strip()
    if not wanted or len(wanted) > LONGEST_NAME or not wanted.isprintable():
        raise CalmError("model.no-name")
    return models.name if wanted == models.called else full_name(wanted)


def model_panel(models: Models) -> tuple[gr.Dropdown, gr.Dropdown, list[Any]]:
    """Lay out, on the page Ask, who answers; open where the app has no model.

    Returns who does, the model, and what takes handlers that run once another model answers.
    """
    with gr.Accordion(word("model.title"), open=models.is_absent, elem_id="model-panel"):
        answerer = gr.Dropdown([], label=word("ask.who"), elem_id="ask-model")
        name = model_field(models, "model.field", "model-name")
        with gr.Row():
            load = gr.Button(word("model.load"), elem_id="model-load", min_width=100)
            check = gr.Button(word("model.check"), elem_id="model-check", min_width=100)
            unload = gr.Button(word("model.unload"), elem_id="model-unload", min_width=100)
        said = problem_place("model-said")

    def choose(request: gr.Request, wanted: str | None) -> Iterator[Markup]:
        yield from chosen(models, wanted, request)

    def let_go(request: gr.Request) -> Markup:
        try:
            check_rights(request)
        except CalmError as problem:
            return warning(problem)
        models.choose(NO_MODEL)
        return note(say("model.unloaded"))

    def check_it(request: gr.Request) -> Iterator[Markup]:
        yield from checked_here(models, request)

    check.click(check_it, None, said, concurrency_limit=1, **QUIET)
    loads = load.click(choose, name, said, **QUIET)
    unloads = unload.click(let_go, None, said, **QUIET)
    return answerer, name, [loads.then, unloads.then]


def chosen(models: Models, wanted: str | None, request: gr.Request | None) -> Iterator[Markup]:
    """Load a model and yield what is going on, at last that it answers or why it does not."""
    try:
        check_rights(request)
        name = checked_model(models, wanted)
        models.choose(name)
    except CalmError as problem:
        yield warning(problem)
        return
    while models.name == name and not models.is_loaded and not models.has_failed:
        yield note(models.message(), "busy")
        time.sleep(LOOK_EVERY_SECONDS)
    if models.has_failed:
        yield note(models.message(), "warning")
    else:
        said = [say("model.loaded", model=models.called)]
        if (model := models.get()) is not None and model.path == "plain":
            said.append(say("model.checked.way.plain"))
        yield note(in_a_row(said))


def checked_here(models: Models, request: gr.Request | None) -> Iterator[Markup]:
    """Ask the model that is here ten questions in the default languages; yield what it is like."""
    try:
        check_rights(request)
        yield note(say("model.checking", languages=len(DEFAULT_LANGUAGES)), "busy")
        model = models.get()
        yield checked_in_words(checked(model, DEFAULT_LANGUAGES))
    except CalmError as problem:
        yield warning(problem)


def checked_in_words(found: CheckedModel) -> Markup:
    """Return what a model is like: how it is asked, what it takes, and how each language does."""
    way = "fast" if found.record.trust.startswith("fast") else "plain"
    said = [
        say(f"model.checked.kind.{found.kind}"),
        say(f"model.checked.way.{way}"),
        say(
            "model.checked.memory",
            ask=decimal(found.gb_to_ask, 1),
            train=decimal(found.gb_to_train, 1),
            seconds=decimal(found.seconds_an_answer, 2),
        ),
        say("model.checked.asked", questions=found.asked),
    ]
    columns = ("language", "readable", "right", "tokens")
    heads = concat(markup('<th scope="col">{}</th>', say(f"model.checked.{c}")) for c in columns)
    rows = concat(
        markup(
            '<tr><th scope="row">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>',
            language_name(code),
            found.readable[code],
            found.right[code],
            decimal(found.tokens_a_character[code], 2),
        )
        for code in found.readable
    )
    title = say("model.checked", model=found.record.name)
    return markup(
        '<p class="result">{}</p><p class="source">{}</p>{}'
        '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table class="scores">'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
        title,
        in_a_row(said),
        ground_note(found.agreement),
        title,
        heads,
        rows,
    )


def _told(model: ListedModel) -> str:
    memory = model.bytes_to_answer / GIB
    return say("model.listed", name=model.name, memory=decimal(memory, 1))
