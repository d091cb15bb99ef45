"""Which version of a question, and which words of an answer, are for the reader of the page."""

from collections.abc import Sequence

from calm.asking.asked import Asked, pivot_version
from calm.records import Question
from calm.voting.groups import Option
from ui.asking.form import built_in
from ui.text.words import reader_language


def reader_version(versions: Sequence[Question]) -> Question:
    """Return the version that the page's reader understands best: see `in_reader_language`.

    Where there is none, the English one; else the first.
    """
    return in_reader_language(versions) or pivot_version(versions)


def in_reader_language(versions: Sequence[Question]) -> Question | None:
    """Return the question in the language of the interface; None where no translation exists.

    It may be one that was not asked: the built-in questions exist in every language of the
    interface. Choices stand in the same order in all versions.
    """
    code = reader_language()
    asked = next((version for version in versions if version.language == code), None)
    return asked or _built_in_versions(versions).get(code)


def in_reader_words(asked: Asked, option: int) -> str:
    """Return what an option says in the language of the interface; nothing where nobody did."""
    words = asked.options[option].words_in(reader_language())
    if words or not asked.has_choices:
        return words
    mine = in_reader_language(asked.versions)
    return mine.choices[option] if mine else ""


def words_in(option: Option, code: str) -> str:
    """Return what an option says in a language's words; in its own where it has none."""
    return option.words_in(code) or option.label


def _built_in_versions(versions: Sequence[Question]) -> dict[str, Question]:
    """Return all versions of a built-in question; nothing where these words are not from the set.

    A file of one's own may give the same id to another question.
    """
    known = built_in().get(versions[0].id, {})
    for version in versions:
        own = known.get(version.language)
        if own is not None and (own.text, own.choices) == (version.text, version.choices):
            return known
    return {}
