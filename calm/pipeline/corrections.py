"""A person corrects the translations of a run, or gives those that nobody could make.

What a person gave is theirs (source `human`): the run asks it when it goes on, and later runs take
it before any translator.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calm.errors import CalmError
from calm.messages import LanguageName, Message, message
from calm.paths import calm_home
from calm.pipeline.align import redo
from calm.pipeline.review import check_untrained
from calm.pipeline.run_questions import plain_groups_of
from calm.questions.columns import split_cell
from calm.questions.files import (
    Numbered,
    RowProblem,
    read_sheet,
    refuse,
    row_errors,
    shown,
)
from calm.questions.rows import parse_questions
from calm.questions.translate import HUMAN, TranslationCache, original_of, translated_version
from calm.records import Question, TextSource, Untranslated
from calm.runs.folder import Run, write_whole

ROW_FIELDS = (
    *("id", "language", "original", "original_choices"),
    *("text", "choices", "source", "reason"),
)
"""The columns of a table of translations."""


@dataclass(frozen=True)
class Translation:
    """A version that is no author's own: what it says and whose it is, or why there is none."""

    original: Question
    language: str
    text: str
    """Empty, as are the choices, where nobody could make it."""
    choices: tuple[str, ...]
    source: TextSource | None
    """Who made it; `None` where nobody could."""
    reason: Message | str = ""
    """Why nobody could; empty where somebody did."""

    @property
    def key(self) -> tuple[str, str]:
        return self.original.id, self.language

    @property
    def row(self) -> dict[str, Any]:
        """What a person is given to correct, under the names of a question file."""
        return {
            "id": self.original.id,
            "language": self.language,
            "original": self.original.text,
            "original_choices": list(self.original.choices),
            "text": self.text,
            "choices": list(self.choices),
            "source": self.source or "",
            "reason": str(self.reason),
        }


def translations_of(run: Run) -> list[Translation]:
    """Return the versions of a run that no author wrote: those that lack first, then the others."""
    groups = plain_groups_of(run)
    originals = {identity: original_of(versions) for identity, versions in groups.items()}
    lacking = [
        Translation(originals[row.question_id], row.language, "", (), None, row.reason)
        for row in run.rows("untranslated")
    ]
    made = [
        Translation(originals[q.id], q.language, q.text, q.choices, q.source)
        for q in run.rows("translations")
    ]
    return [*lacking, *made]


def write_translations(translations: Iterable[Translation], path: Path) -> None:
    """Write translations to a file to be corrected in: CSV by its name, else JSON Lines."""
    rows = [translation.row for translation in translations]
    if path.suffix.lower() != ".csv":
        write_whole(path, (json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        return
    lines = io.StringIO()
    table = csv.DictWriter(lines, ROW_FIELDS)
    table.writeheader()
    table.writerows(
        {name: _cell(value) if isinstance(value, list) else value for name, value in row.items()}
        for row in rows
    )
    # The mark at the beginning tells spreadsheets that it is UTF-8.
    write_whole(path, "\ufeff" + lines.getvalue())


def read_translations(path: Path) -> list[Numbered]:
    """Return the rows of a file that translations were corrected in, for `correct`.

    Raises CalmError where it cannot be read, and one for all rows that cannot.
    """
    sheet = read_sheet(path)
    refuse(str(path), row_errors(str(path), sheet.problems))
    return [
        (number, row | {"choices": split_cell(row["choices"])})
        if isinstance(row.get("choices"), str)
        else (number, row)
        for number, row in sheet.rows
    ]


def _cell(choices: Sequence[str]) -> str:
    """Return choices as a table holds them: with | between them, or as a list where one has it."""
    if any("|" in choice or choice.startswith("[") for choice in choices):
        return json.dumps(choices, ensure_ascii=False)
    return "|".join(choices)


def correct(run: Run, rows: Sequence[Numbered], where: str) -> int:
    """Put what a person gave in the place of translations; return how many it changes.

    A row has `id`, `language`, `text` and `choices`, as in a question file; one without a text
    changes nothing. The questions that change are asked again when the run goes on, in that
    language alone; what was read, voted and paired before is made again.

    Raises one CalmError for all rows that are not right, `where` being what they stand in, and
    then nothing is changed; and once the run's training has begun.
    """
    check_untrained(run)
    known = {translation.key: translation for translation in translations_of(run)}
    given = _checked([row for row in rows if row[1].get("text")], known, where)
    changed = [q for q in given if _differs(q, known[q.id, q.language])]
    if changed:
        _keep(run, changed, known)
        said = message("status.corrected", count=len(changed))
        run.set_status("translate", "stopped", message=said)
    return len(changed)


def _differs(given: Question, before: Translation) -> bool:
    return (given.text, given.choices) != (before.text, before.choices)


def _checked(
    rows: Sequence[Numbered], known: Mapping[tuple[str, str], Translation], where: str
) -> list[Question]:
    """Return the versions that rows give, held to the checks of every question file."""
    fields = ("id", "language", "text", "choices")
    plain = [(number, {f: row[f] for f in fields if f in row}) for number, row in rows]
    questions = parse_questions(plain, where)
    made: list[Question] = []
    problems: list[RowProblem] = []
    for (number, _), question in zip(plain, questions, strict=True):
        found = known.get((question.id, question.language))
        if found is None:
            code = LanguageName(question.language)
            problem = CalmError("corrections.unknown", question=shown(question.id), language=code)
            problems.append((number, problem))
        elif len(question.choices) != len(found.original.choices):
            wanted = len(found.original.choices)
            problem = CalmError("corrections.choices", given=len(question.choices), wanted=wanted)
            problems.append((number, problem))
        else:
            texts = (question.text, *question.choices)
            made.append(translated_version(found.original, question.language, texts, HUMAN))
    refuse(where, row_errors(where, problems))
    return made


def _keep(
    run: Run, changed: Sequence[Question], known: Mapping[tuple[str, str], Translation]
) -> None:
    cache = TranslationCache(calm_home() / "translations.sqlite")
    for question in changed:
        original = known[question.id, question.language].original
        texts = (original.text, *original.choices)
        given = (question.text, *question.choices)
        cache.put(texts, original.language, question.language, HUMAN, given)
    new = {(q.id, q.language): q for q in changed}
    rows: list[Question] = run.rows("translations")
    kept = [new.get((row.id, row.language), row) for row in rows]
    have = {(row.id, row.language) for row in rows}
    left_out: list[Untranslated] = run.rows("untranslated")
    # What is to be asked again goes first: an end in between then leaves nothing that is stale.
    if run.has("responses"):
        run.write("responses", _others(run.rows("responses"), new))
        redo("extract", run)
    run.write("translations", [*kept, *(q for key, q in new.items() if key not in have)])
    run.write("untranslated", _others(left_out, new))


def _others(rows: Iterable[Any], new: Mapping[tuple[str, str], Question]) -> list[Any]:
    return [row for row in rows if (row.question_id, row.language) not in new]
