"""An uploaded question file, as it was understood: records -> HTML. Pure."""

import base64
from collections.abc import Sequence

from markupsafe import Markup

from calm.errors import CalmError
from calm.messages import Message
from calm.questions.files import RowProblem, row_errors
from calm.questions.sets import FileRead, by_id
from calm.questions.workbooks import workbook
from calm.records import Question
from ui.parts.html import LETTERS, concat, in_a_row, in_language, joined, markup, note, warning
from ui.text.problems import worded
from ui.text.words import language_name, say

FIRST_ROWS = 3
MOST_TOLD = 6
"""Problems that are told one by one beside the upload; the others are counted."""
MOST_LETTERS = 200
TEMPLATE = (
    ("id", "language", "text", "choices", "gold", "topic"),
    ("q1", "en", "Which gas do plants take in?", "oxygen|carbon dioxide|helium", "1", "science"),
    ("q2", "en", "Which planet is the largest?", "Mars|Venus|Jupiter|Earth", "2", "science"),
)
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def template_links() -> Markup:
    """Return links to a small file to begin with, as CSV and as a workbook."""
    table = "\ufeff" + "".join(f"{','.join(row)}\r\n" for row in TEMPLATE)
    kinds = (
        ("CSV", "questions.csv", "text/csv", table.encode()),
        ("Excel", "questions.xlsx", EXCEL, workbook(TEMPLATE)),
    )
    return concat((_link(*kind) for kind in kinds), " · ")


def _link(called: str, name: str, kind: str, content: bytes) -> Markup:
    data = base64.b64encode(content).decode()
    return markup('<a download="{}" href="data:{};base64,{}">{}</a>', name, kind, data, called)


def problems_box(name: str, problems: Sequence[RowProblem]) -> Markup:
    """Return what is wrong with the rows of a file, each with its row and what to do."""
    if not problems:
        return Markup()
    errors = row_errors(name, problems[:MOST_TOLD])
    if len(problems) == 1:
        return warning(errors[0])
    if more := len(problems) - len(errors):
        errors.append(CalmError("list.more", count=more))
    return warning(CalmError("file.problems", *errors, file=name, count=len(problems)))


def understood_box(found: FileRead) -> Markup:
    """Return what a file holds and its first rows, as they were understood."""
    if not found.questions:
        return Markup()
    return markup(
        '<section class="own-file"><p class="result">{}</p><p class="source">{}</p>{}</section>',
        _counted(found.questions, found.languages),
        in_a_row(_remarks(found)),
        _first_rows(found),
    )


def _counted(questions: Sequence[Question], languages: Sequence[str]) -> str:
    groups = by_id(questions)
    train = sum(next(iter(versions.values())).split == "train" for versions in groups.values())
    return say(
        "align.file.count",
        count=len(groups),
        languages=joined([language_name(code) for code in languages]),
        train=train,
        held_out=len(groups) - train,
    )


def _remarks(found: FileRead) -> list[str]:
    """Return what was decided about the file beside its columns."""
    said = []
    if not found.has_ids:
        said.append(say("align.file.made-ids"))
    if found.counts_from_1:
        said.append(say("align.file.from-1"))
    if all(question.gold is None for question in found.questions):
        said.append(say("align.file.no-gold"))
    return said


def _first_rows(found: FileRead) -> Markup:
    heads = ("row", "language", "question", "choices")
    head = concat(
        markup('<th scope="col">{}</th>', say(f"align.file.head.{name}")) for name in heads
    )
    rows = zip(found.numbers[:FIRST_ROWS], found.questions, strict=False)
    body = concat(_row(number, question) for number, question in rows)
    caption = say("align.file.first")
    return markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table class="file-rows">'
        "<caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
        caption,
        caption,
        head,
        body,
    )


def _row(number: int, question: Question) -> Markup:
    choices = concat(
        _choice(question, place, choice) for place, choice in enumerate(question.choices)
    )
    return markup(
        '<tr><th scope="row">{} <small><bdi>{}</bdi></small></th><td>{}</td><td>{}</td>'
        "<td><ul>{}</ul></td></tr>",
        number,
        _short(question.id),
        language_name(question.language),
        in_language(question.language, _short(question.text)),
        choices,
    )


def _choice(question: Question, place: int, choice: str) -> Markup:
    text = in_language(question.language, _short(choice))
    if place != question.gold:
        return markup("<li>{}. {}</li>", LETTERS[place], text)
    right = say("align.file.right")
    return markup("<li>{}. <b>{}</b> <small>✓ {}</small></li>", LETTERS[place], text, right)


def _short(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"


def findings_box(name: str, findings: Sequence[RowProblem]) -> Markup:
    """Return what is worth a look in a set and does not stop an alignment."""
    if not findings:
        return Markup()
    lines: list[CalmError | Message] = [*row_errors(name, findings[:MOST_TOLD])]
    if more := len(findings) - len(lines):
        lines.append(CalmError("list.more", count=more))
    told = "\n".join([say("align.file.findings"), *map(worded, lines)])
    return note(told)
