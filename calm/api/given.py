"""What a program hands in, checked: questions, responses, settings, as plain values or records."""

import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from calm.config import BUILT_IN, UNNAMED, RunConfig, SamplingConfig, VotingConfig
from calm.errors import CalmError
from calm.languages.table import language
from calm.model_names import full_name
from calm.paths import calm_home
from calm.questions.files import shown
from calm.questions.rows import clean_text, parse_questions
from calm.questions.sets import by_id, export_rows
from calm.records import Question, Response
from calm.runs.folder import first_problem, write_whole
from calm.settings import SETTINGS, config_of

QuestionRow = Question | Mapping[str, Any]
ResponseRow = Response | Mapping[str, Any]
Record = TypeVar("Record")


def settings(given: Mapping[str, Any], question_set: str = BUILT_IN) -> RunConfig:
    """Return a run's settings from those given by their names, as the command line takes them.

    Raises CalmError for a name that is no setting, and for a value that cannot be.
    """
    known = sorted(SETTINGS.keys() - {"question_set"})
    _check_known(given, known)
    values = {**given, "question_set": question_set}
    if isinstance(values.get("model"), str):
        values["model"] = full_name(values["model"])
    return config_of(values)


def sampling_settings(given: Mapping[str, Any]) -> SamplingConfig:
    """Return how responses are drawn; raises CalmError as `settings` does."""
    _check_known(given, [name for name, row in SETTINGS.items() if row.part == "sampling"])
    return config_of(given).sampling


def voting_settings(rule: str, anchor: str | None) -> VotingConfig:
    """Return how answers are weighed; raises CalmError for a rule or a language there is none."""
    return VotingConfig(rule, anchor)  # type: ignore[arg-type]  # it checks what it is given


def _check_known(given: Mapping[str, Any], known: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            raise CalmError("program.no-setting", name=repr(name), known=known)


def questions_given(rows: Iterable[QuestionRow]) -> list[Question]:
    """Return questions from memory, one row a question and language, checked as those of a file.

    A third of the ids is held out where no row names a split; records that all say `train` name
    none. Raises one CalmError for all rows that are not right.
    """
    plain = [_row(row, n) for n, row in enumerate(rows, start=1)]
    if all(row.get("split", "train") == "train" for row in plain):
        plain = [{name: v for name, v in row.items() if name != "split"} for row in plain]
    if not plain:
        raise CalmError("program.no-questions")
    return parse_questions(list(enumerate(plain, start=1)), "questions")


def keep_questions(questions: Sequence[Question]) -> Path:
    """Write questions to a file of `CALM_HOME` that is named after them, and return it.

    A run's settings name it, so that the run can be resumed by another process.
    """
    text = "".join(f"{line}\n" for line in export_rows(questions))
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    file = calm_home() / "questions" / f"{name}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, text)
    return file


def versions_given(
    question: str | QuestionRow | Sequence[QuestionRow],
    choices: Sequence[str],
    language_of_text: str,
) -> list[Question]:
    """Return one question in the languages it is there in, the first of them as it was asked.

    A text has its choices beside it; rows have their own. Raises CalmError where it is no question,
    or where its versions do not go together.
    """
    if isinstance(question, str):
        question = {"text": question, "choices": list(choices), "language": language_of_text}
    listed = question if isinstance(question, Sequence) else [question]
    rows = [_row(row, n) for n, row in enumerate(listed, start=1)]
    if not rows:
        raise CalmError("program.no-question")
    first = repr((rows[0].get("language"), rows[0].get("text"), rows[0].get("choices")))
    identity = rows[0].get("id") or f"asked-{zlib.crc32(first.encode()):08x}"
    rows = [{**row, "id": identity} for row in rows]
    if not rows[0].get("choices"):
        return [_without_choices(row, identity) for row in rows]
    versions = parse_questions(list(enumerate(rows, start=1)), "question")
    if len({len(version.choices) for version in versions}) > 1:
        raise CalmError("program.other-choices", id=repr(identity))
    return versions


def _without_choices(row: Mapping[str, Any], identity: str) -> Question:
    text = row.get("text")
    clean = clean_text(text, "text") if isinstance(text, str) else ""
    if not clean:
        raise CalmError("field.missing", field="'text'")
    code = language(str(row.get("language", "en"))).code
    return Question(str(identity), code, clean, ())


def responses_given(
    rows: Iterable[ResponseRow], groups: Mapping[str, Mapping[str, Question]]
) -> list[Response]:
    """Return responses from memory. A row has `question_id`, `language`, and `text` or `answer`.

    `sample_index` counts the responses to a question in a language where it is left out,
    `choice_order` is that of the question. Raises CalmError, naming the row, for one that is none.
    """
    found: list[Response] = []
    counts: dict[tuple[str, str], int] = {}
    for number, given in enumerate(rows, start=1):
        row = _row(given, number)
        key = (str(row.get("question_id")), str(row.get("language")))
        question = groups.get(key[0], {}).get(key[1])
        if question is None:
            raise CalmError(
                "program.no-such-question", row=number, id=repr(key[0]), language=repr(key[1])
            )
        places, index = range(len(question.choices)), counts.get(key, 0)
        counts[key] = index + 1
        filled = {"sample_index": index, "model": UNNAMED, "text": "", "choice_order": [*places]}
        read = _record(Response, {**filled, **row}, f"response {number}")
        known = read.answer is None or read.answer in places
        if sorted(read.choice_order) != list(places) or not known:
            raise CalmError(
                "program.other-answer",
                row=number,
                answer=str(read.answer),
                order=str(read.choice_order),
                number=len(places),
            )
        found.append(read)
    return found


def groups_given(rows: Iterable[QuestionRow]) -> dict[str, dict[str, Question]]:
    """Return questions from memory by id and language, in the order of their first appearance."""
    plain = [_row(row, n) for n, row in enumerate(rows, start=1)]
    groups = by_id(parse_questions(list(enumerate(plain, start=1)), "questions", distinct=False))
    for identity, versions in groups.items():
        if len({len(version.choices) for version in versions.values()}) > 1:
            raise CalmError("program.other-choices", id=repr(identity))
    return groups


def _row(row: Any, number: int) -> dict[str, Any]:
    """Return a row's fields, its tuples as lists; raises CalmError where it has none."""
    if isinstance(row, Question | Response):
        row = vars(row)
    if not isinstance(row, Mapping):
        raise CalmError("program.no-row", row=number, value=shown(row))
    as_list: Callable[[Any], Any] = lambda v: list(v) if isinstance(v, tuple) else v  # noqa: E731
    return {str(name): as_list(value) for name, value in row.items()}


def _record(kind: type[Record], raw: Mapping[str, Any], what: str) -> Record:
    try:
        return TypeAdapter(kind).validate_python(raw)
    except ValidationError as error:
        raise CalmError("program.not-right", name=what, problem=first_problem(error)) from None
