"""On the page `Align`: a question file of one's own, what was understood of it, and its columns.

The file is read as its columns are known by name; beside the upload stand its first rows and what
is wrong, and below them every column can be said by hand.
"""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from calm.errors import CalmError
from calm.languages.table import LANGUAGES
from calm.questions.columns import Columns
from calm.questions.files import SUFFIXES, Sheet
from calm.questions.sets import FileRead, set_problems, understood
from ui.align.own_file_views import (
    findings_box,
    problems_box,
    template_links,
    understood_box,
)
from ui.asking.form import language_labels
from ui.parts.events import QUIET, visibility
from ui.parts.html import concat, html_place, markup, note, warning, word_markup
from ui.text.words import say, word

MOST_CHECKED = 3000
"""Questions up to which the set as a whole is looked at on the page: beyond, it takes a while."""
LONGEST_NAME = 60
NUMBERINGS = ("", "0", "1")


@dataclass(frozen=True)
class OwnFile:
    """The components of an own file; `columns` is the setting that the others say."""

    file: gr.File
    columns: gr.Textbox
    preview: gr.HTML
    language: gr.Dropdown
    mapping: gr.Accordion
    text: gr.Dropdown
    choices: gr.Dropdown
    gold: gr.Dropdown
    gold_from: gr.Radio
    id: gr.Dropdown

    @property
    def said(self) -> dict[str, Any]:
        """What a person says about columns, by the names of `said_by`."""
        names = ("text", "choices", "gold", "gold_from", "language", "id")
        return {name: getattr(self, name) for name in names}

    @property
    def outputs(self) -> list[Any]:
        """What is shown of a file that was read."""
        return [self.columns, self.preview, self.mapping, *self.said.values()]


def own_file_area(columns_id: str) -> OwnFile:
    """Lay out the upload, its preview and the choice of columns.

    The style sheet shows it where an own file is the question set.
    """
    with gr.Column(elem_id="align-own"):
        file = gr.File(
            label=word("align.file"), file_types=list(SUFFIXES), height=150, elem_id="align-file"
        )
        html_place(
            markup(
                '<p class="source">{} {}</p>',
                word_markup("align.file.template"),
                template_links(),
            ),
            elem_id="align-template",
        )
        preview = html_place(elem_id="align-file-preview")
        language = _dropdown("language", visible="hidden", info=word("align.file.language.info"))
        with gr.Accordion(
            word("align.file.mapping"), open=False, visible="hidden", elem_id="align-mapping"
        ) as mapping:
            text, gold = _dropdown("text"), _dropdown("gold")
            choices = _dropdown("choices", multiselect=True)
            gold_from = gr.Radio(
                [(word("align.file.gold_from.file"), ""), ("0", "0"), ("1", "1")],
                value="",
                label=word("align.file.gold_from"),
                elem_id="align-column-gold-from",
            )
            identity = _dropdown("id")
        columns = gr.Textbox(
            "",
            label=word("setting.columns"),
            info=word("setting.columns.help"),
            visible="hidden",
            elem_id=columns_id,
        )
    return OwnFile(
        file, columns, preview, language, mapping, text, choices, gold, gold_from, identity
    )


def _dropdown(name: str, **look: Any) -> gr.Dropdown:
    return gr.Dropdown(
        [], value=None, label=word(f"align.file.{name}"), elem_id=f"align-column-{name}", **look
    )


def connect_own_file(own: OwnFile, languages: gr.CheckboxGroup) -> None:
    """Show what was understood of a file whenever there is another, or its columns are said."""
    outputs = [*own.outputs, languages]

    def upload(file: str | None, said: str, checked: list[str], is_first: bool) -> dict[Any, Any]:
        if not file:
            return cleared(own)
        try:
            found, kept = first_understood(Path(file), said if is_first else "")
        except CalmError as problem:
            return {**cleared(own), own.preview: warning(problem)}
        known = found.columns.text and found.columns.choices
        return {
            own.columns: kept,
            own.preview: looked_at(Path(file).name, found),
            own.mapping: gr.Accordion(visible=visibility(True), open=not known),
            languages: languages_with(found.languages, checked, is_new=True),
            **column_controls(own, found.sheet, found.columns),
        }

    def say_columns(file: str | None, checked: list[str], **said: Any) -> dict[Any, Any]:
        if not file:
            return cleared(own)
        columns = said_by(**said)
        try:
            found = understood(Path(file), columns)
        except CalmError as problem:
            return {own.columns: columns, own.preview: warning(problem)}
        return {
            own.columns: columns,
            own.preview: looked_at(Path(file).name, found),
            languages: languages_with(found.languages, checked, is_new=False),
        }

    is_first = gr.State(True)
    own.file.upload(upload, [own.file, own.columns, languages, is_first], outputs, **QUIET).then(
        lambda: False, None, is_first, **QUIET
    )
    own.file.clear(lambda: cleared(own), None, own.outputs, **QUIET)
    gr.on(
        [control.input for control in own.said.values()],
        say_columns,
        None,
        outputs,
        inputs_kwargs={"file": own.file, "checked": languages, **own.said},
        trigger_mode="always_last",
        **QUIET,
    )


def cleared(own: OwnFile) -> dict[Any, Any]:
    """Return what is shown where there is no file, or none that can be read."""
    return {
        own.columns: "",
        own.preview: "",
        own.mapping: gr.Accordion(visible=visibility(False)),
        own.language: gr.Dropdown(visible=visibility(False)),
    }


def first_understood(path: Path, said: str) -> tuple[FileRead, str]:
    """Return a new file, and the columns that it was read by: those said before, where it has them.

    Else they are known by their names. Raises CalmError where the file itself cannot be read.
    """
    if said:
        with contextlib.suppress(CalmError):
            return understood(path, said), said
    return understood(path), ""


def looked_at(name: str, found: FileRead) -> Any:
    """Return what is shown of a file: what is wrong, what it holds, what is worth a look."""
    parts = [problems_box(name, found.problems), understood_box(found)]
    if len(found.questions) > MOST_CHECKED:
        parts.append(note(say("align.file.not-checked")))
    elif found.questions:
        wrong, worth = set_problems(found)
        parts.append(findings_box(name, [*wrong, *worth]))
    return concat(parts)


def languages_with(there: Sequence[str], checked: Sequence[str], is_new: bool) -> Any:
    """Return the languages to ask in: those of the file, and of one in a single language others.

    A file in several languages is asked in these, a file in one also in those that were chosen.
    """
    if not there:
        return gr.skip()
    wanted = set(there) if is_new and len(there) > 1 else {*there, *checked}
    return gr.CheckboxGroup(value=[code for code in LANGUAGES if code in wanted])


def column_controls(own: OwnFile, sheet: Sheet, columns: Columns) -> Mapping[Any, Any]:
    """Return the controls of columns, as they were understood."""
    places = {key: f"#{n}" for n, key in enumerate(sheet.names, start=1)}
    names = [(name[:LONGEST_NAME] or places[key], places[key]) for key, name in sheet.names.items()]
    optional = [(say("align.file.none"), ""), *names]
    of_columns = [(say("align.file.column", name=name), place) for name, place in names]
    return {
        own.text: gr.Dropdown(names, value=places.get(columns.text)),
        own.choices: gr.Dropdown(
            names, multiselect=True, value=[places[name] for name in columns.choices]
        ),
        own.gold: gr.Dropdown(optional, value=places.get(columns.gold, "")),
        own.gold_from: gr.Radio(value="" if columns.gold_from is None else str(columns.gold_from)),
        own.id: gr.Dropdown(
            [(say("align.file.made"), ""), *names], value=places.get(columns.id, "")
        ),
        own.language: gr.Dropdown(
            [*language_labels(), *of_columns],
            value=places.get(columns.language, columns.file_language),
            visible=visibility(True),
        ),
    }


def said_by(
    text: str | None,
    choices: Sequence[str] | None,
    gold: str | None,
    gold_from: str | None,
    language: str | None,
    id: str | None,
) -> str:
    """Return the columns that were chosen as the setting `columns` says them."""
    parts = [f"text={text or ''}", f"choices={'|'.join(choices or ())}", f"gold={gold or ''}"]
    parts += [f"id={id or ''}", f"language={language or ''}"]
    if gold_from in NUMBERINGS[1:]:
        parts.append(f"gold_from={gold_from}")
    return ",".join(parts)
