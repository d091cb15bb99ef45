"""A run's translations, records -> HTML: a row a version, with fields to correct it in. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from calm.languages.table import language
from calm.messages import Message
from calm.pipeline.corrections import Translation
from ui.parts.html import concat, in_language, markup, note
from ui.text.problems import worded
from ui.text.words import language_name, say

ALL = "all"
KINDS: Mapping[str, Callable[[Translation], bool]] = {
    ALL: lambda row: True,
    "left_out": lambda row: row.source is None,
    "machine": lambda row: row.source not in (None, "human"),
    "human": lambda row: row.source == "human",
}
"""Which translations are shown, by name."""


def count_in_words(left_out: int, made: int) -> str:
    """Return how many versions are left out and how many were made, as the drawer's label."""
    if left_out:
        return say("align.translations.left_out_of", left_out=left_out, made=made)
    return say("align.translations.all_made", made=made)


def translation_table(
    rows: Sequence[tuple[int, Translation]],
    is_editable: bool,
    page: int,
    pages: int,
    count: int,
) -> Markup:
    """Return one page of numbered translations, in fields with a button where it is editable."""
    if not rows:
        return note(say("align.translations.none"))
    names = ("original", "version", "by")
    heads = concat(
        markup('<th scope="col">{}</th>', say(f"align.translations.{name}")) for name in names
    )
    body = concat(_row(number, row, is_editable) for number, row in rows)
    button = Markup()
    if is_editable:
        button = markup(
            '<p class="below">{}</p><p>'
            '<button type="button" class="keep" data-keep>{}</button></p>',
            say("align.translations.about"),
            say("align.translations.keep"),
        )
    return markup(
        '<p class="below">{}</p><div class="scroll" tabindex="0" role="region" aria-label="{}">'
        '<table class="pairs translations"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>'
        "</div>{}",
        say("align.translations.where", count=count, page=page, pages=pages),
        say("align.translations.table"),
        heads,
        body,
        button,
    )


def _row(number: int, row: Translation, is_editable: bool) -> Markup:
    asked = row.original
    choices = concat(markup("<li>{}</li>", choice) for choice in asked.choices)
    original = in_language(asked.language, asked.text, "div") + in_language(
        asked.language, choices, "ol", "choices"
    )
    texts = [row.text, *(row.choices or [""] * len(asked.choices))]
    version = _fields(number, row, texts) if is_editable else _read_only(row.language, texts)
    return markup(
        '<tr data-question="{}" data-language="{}" data-number="{}">'
        '<th scope="row"><small>{} · {}</small>{}</th>'
        '<td data-label="{}">{}</td><td data-label="{}">{}</td></tr>',
        asked.id,
        row.language,
        number,
        number,
        language_name(row.language),
        original,
        say("align.translations.version"),
        version,
        say("align.translations.by"),
        _by(row),
    )


def _by(row: Translation) -> Markup:
    if row.source is None:
        return markup(
            '<span class="severity error">{}</span> {}',
            say("align.translations.left_out"),
            worded(_reasons(row.reason)),
        )
    return markup("{}", say(f"align.translations.by.{row.source}"))


def _reasons(reason: Message | str) -> Any:
    """Return what each translator could not do; which question it was stands beside it."""
    values = reason.values if isinstance(reason, Message) else {}
    return values.get("reasons", reason)


def _fields(number: int, row: Translation, texts: Sequence[str]) -> Markup:
    here, name = language(row.language), language_name(row.language)
    fields = Markup()
    for place, text in enumerate(texts):
        label = say(
            "align.translations.choice" if place else "align.translations.question",
            number=number,
            language=name,
            place=place,
        )
        fields += markup(
            '<textarea rows="{}" lang="{}" dir="{}" aria-label="{}" maxlength="2000">{}</textarea>',
            1 if place else 2,
            here.code,
            here.direction,
            label,
            text,
        )
    return fields


def _read_only(code: str, texts: Sequence[str]) -> Markup:
    if not texts[0]:
        return Markup()
    choices = concat(markup("<li>{}</li>", text) for text in texts[1:])
    return in_language(code, texts[0], "div") + in_language(code, choices, "ol", "choices")
