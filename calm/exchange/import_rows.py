"""`import-responses FILE`: responses that any program wrote, a row each, become a run.

The file is JSON Lines, one JSON list, or Parquet. A row is a response:

    question_id, language     which question, and the language that it was asked in
    text                      the response itself; `response` is the same
    sample                    optional: its number, from 0, among those to the question in the
                              language; `sample_index` is the same; counted where left out
    model                     optional: what gave it
    choice_order              optional: which choice stood at each place, as indices from 0
    question, choices, gold   the question as it was asked: in one row of each language at least,
                              unless a question set has it; `gold` is an index from 0, a letter, or
                              the choice's own words, and may be left out

What `export --what responses` writes is such a file, its questions those of the run's set. Rows are
read twice, so that memory does not grow with the texts. What is left out or changed is counted by
reason, with the first rows that it was seen in, in the run's `import_report.json`.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from calm.config import UNNAMED, RunConfig, SamplingConfig
from calm.errors import CalmError
from calm.exchange.import_samples import MAX_SAMPLES, REPORT, Report, report_text
from calm.exchange.sample_files import Problem, json_values, read_response, shown
from calm.languages.table import LANGUAGES, code_of
from calm.messages import message
from calm.model_names import called
from calm.pipeline.run_questions import comparable, split_of
from calm.questions.rows import parse_questions
from calm.questions.sets import by_id, load_questions
from calm.questions.xcsqa import gold_of
from calm.records import Question, Response
from calm.runs.folder import Run, create_run, run_path, write_whole

PARQUET = b"PAR1"
LONGEST_ID = 200
Key = tuple[str, str]
"""A question's id and a language."""
Groups = Mapping[str, Mapping[str, Question]]


@dataclass(frozen=True)
class Row:
    """A row that says a response, and perhaps the question that it answers."""

    key: Key
    text: str
    sample: int | None
    model: str
    order: tuple[int, ...] | None
    asked: Mapping[str, Any]
    """`question`, `choices`, `gold` and `topic`, as far as the row has them."""
    changes: tuple[Problem, ...]


@dataclass
class Found:
    """What the first reading of a file learns: everything but the texts."""

    path: Path
    report: Report
    rows: dict[int, tuple[Key, int | None, str, tuple[int, ...] | None]] = field(
        default_factory=dict
    )
    """By number: the question, the sample's number, the model, the order of the choices."""
    questions: dict[Key, Question] = field(default_factory=dict)

    def leave_out(self, number: int, reason: str, seen: str = "") -> None:
        self.report.leave_out(Problem(reason, seen), self.path, number)

    def change(self, number: int, reason: str, seen: str = "") -> None:
        self.report.change(Problem(reason, seen), self.path, number)


def import_file(
    path: Path, name: str, model: str = UNNAMED, question_set: str = "", columns: str = ""
) -> tuple[Run, dict[str, Any]]:
    """Make a run of a file of responses; return it and the report, as `import_report.json` has it.

    `question_set` names the questions that the rows do not tell; those that it holds out are there
    to measure with. `model` is what is trained, and which rows are taken where they name several.

    Raises CalmError where the file cannot be read, where fewer than two languages have usable
    rows, or where there is a run of that name already.
    """
    if run_path(name).exists():
        raise CalmError("run.exists", name=run_path(name))
    if not path.is_file():
        raise CalmError("import.no-folder", folder=path)
    found = Found(path, Report())
    _read(found)
    _of_one_model(found, model)
    held_out = _with_set(found, question_set, columns)
    _alike_in_all_languages(found)
    places = _places(found)
    asked_in = {found.rows[number][0][1] for number in places}
    languages = tuple(code for code in LANGUAGES if code in asked_in)
    if len(languages) < 2:
        said = report_text(found.report.as_json())
        raise CalmError("import.too-few-rows", file=path, report=said)
    config = RunConfig(
        model=model,
        question_set=question_set or str(path),
        columns=columns,
        languages=languages,
        sampling=SamplingConfig(num_samples=max(places.values()) + 1),
        imported=True,
    )
    run = create_run(name, config)
    answered = {found.rows[number][0] for number in places}
    own = [question for key, question in found.questions.items() if key in answered]
    run.write("questions", [*own, *_compared(held_out, languages)])
    run.write("translations", [])
    run.write("responses", _responses(found, places, called(model)))
    summary = {
        "file": str(path),
        "model": called(model),
        "languages": _counts(found, places, languages),
        **found.report.as_json(),
    }
    write_whole(run.folder / REPORT, json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
    run.set_status("sample", "stopped", message=message("status.imported"))
    return run, summary


def read_file(path: Path) -> Iterator[tuple[int, Row | Problem]]:
    """Yield every row of a file with its number, or what keeps it from being one.

    Raises CalmError where a Parquet file is broken.
    """
    with path.open("rb") as stream:
        is_parquet = stream.read(len(PARQUET)) == PARQUET
    values: Iterable[Any]
    if is_parquet:
        from calm.runs.parquet import read_parquet

        values = read_parquet(path)
    else:
        values = json_values(path)
    for number, value in enumerate(values, start=1):
        yield number, value if isinstance(value, Problem) else _row(value)


class _UnusableError(Exception):
    """A row cannot be used: why, with what to do, and what was seen."""


def _row(value: Any) -> Row | Problem:
    try:
        if not isinstance(value, dict):
            raise _UnusableError("rows that are no object: write each as {...}", value)
        key, said = _key(value), _first(value, "text", "response")
        text, changes = read_response(said)
        if text is None:
            raise _UnusableError("rows without a response: give it as `text` or `response`", said)
        sample = _first(value, "sample", "sample_index")
        if sample is not None and (type(sample) is not int or sample < 0):
            raise _UnusableError("rows whose `sample` is no number from 0: correct it", sample)
        order = value.get("choice_order")
        if order is not None and not _is_order(order):
            reason = "rows whose `choice_order` does not name every choice once: count from 0"
            raise _UnusableError(reason, order)
    except _UnusableError as error:
        return Problem(error.args[0], shown(error.args[1]))
    model = value.get("model")
    return Row(
        key,
        text,
        sample,
        model if isinstance(model, str) else "",
        None if order is None else tuple(order),
        {name: value.get(name) for name in ("question", "choices", "gold", "topic")},
        tuple(changes),
    )


def _key(value: Mapping[str, Any]) -> Key:
    identity = value.get("question_id")
    identity = str(identity) if type(identity) is int else identity
    if not isinstance(identity, str) or not 0 < len(identity.strip()) <= LONGEST_ID:
        reason = f"rows without `question_id`: give one of {LONGEST_ID} characters at most"
        raise _UnusableError(reason, identity)
    given = value.get("language")
    code = code_of(given) if isinstance(given, str) else None
    if code is None:
        codes = ", ".join(LANGUAGES)
        raise _UnusableError(f"rows whose `language` is none of {codes}: give its code", given)
    return identity.strip(), code


def _first(value: Mapping[str, Any], *names: str) -> Any:
    return next((value[name] for name in names if value.get(name) is not None), None)


def _is_order(order: Any) -> bool:
    whole = isinstance(order, list) and all(type(place) is int for place in order)
    return whole and sorted(order) == list(range(len(order)))


def _read(found: Found) -> None:
    """Read the file once: keep what its rows are to and the questions that they tell."""
    for number, row in read_file(found.path):
        if isinstance(row, Problem):
            found.report.leave_out(row, found.path, number)
            continue
        if row.asked["question"] is not None and not _learn_question(found, number, row):
            continue
        for change in row.changes:
            found.report.change(change, found.path, number)
        found.rows[number] = (row.key, row.sample, row.model, row.order)


def _learn_question(found: Found, number: int, row: Row) -> bool:
    """Keep the question that a row tells; return whether the row can be used."""
    identity, code = row.key
    choices = row.asked["choices"]
    fields = {"id": identity, "split": "train", "language": code, "text": row.asked["question"]}
    fields |= {"choices": choices, "topic": row.asked["topic"] or ""}
    try:
        (question,) = parse_questions([(0, fields)], "", distinct=False)
    except CalmError as error:
        seen = str(error).removeprefix(", row 0: ")
        found.leave_out(number, "rows whose `question` or `choices` cannot be used", seen)
        return False
    gold = _gold(row.asked["gold"], question.choices)
    if gold is None and row.asked["gold"] not in (None, ""):
        reason = "gold answers that are no choice: give an index from 0, a letter or the words"
        found.change(number, reason, shown(row.asked["gold"]))
    known = found.questions.setdefault(row.key, replace(question, gold=gold))
    if (known.text, known.choices) != (question.text, question.choices):
        reason = "rows whose `question` or `choices` are not those of an earlier row: use other ids"
        found.leave_out(number, reason, shown(question.text))
        return False
    return True


def _gold(given: Any, choices: Sequence[str]) -> int | None:
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    if type(given) is int:
        return given if 0 <= given < len(choices) else None
    return gold_of(given, choices)


def _of_one_model(found: Found, model: str) -> None:
    """Leave out the rows of other models. Raises CalmError where nobody says which is meant."""
    named = Counter(said for _, _, said, _ in found.rows.values() if said)
    if len(named) < 2:
        return
    if not named.keys() & {model, called(model)}:
        raise CalmError("import.several-models", file=found.path, models=sorted(named))
    for number, (_, _, said, _) in list(found.rows.items()):
        if said and said not in (model, called(model)):
            found.leave_out(number, "rows of other models than the one that was named", shown(said))
            del found.rows[number]


def _with_set(found: Found, question_set: str, columns: str) -> Groups:
    """Let a question set tell its questions; return those that it holds out."""
    if not question_set:
        return {}
    codes = {code for (_, code), *_ in found.rows.values()}
    languages = tuple(code for code in LANGUAGES if code in codes)
    groups = by_id(load_questions(question_set, languages, columns))
    train = split_of(groups, "train")
    told = {(q.id, q.language): q for versions in train.values() for q in versions.values()}
    held_out = split_of(groups, "held-out")
    for number, (key, *_) in list(found.rows.items()):
        if key[0] in held_out:
            reason = "rows to questions that the set holds out to measure with"
            found.leave_out(number, reason, shown(key[0]))
            del found.rows[number]
    found.questions = {**found.questions, **told}
    return held_out


def _alike_in_all_languages(found: Found) -> None:
    """Leave out versions with another number of choices, and gold answers that contradict."""
    groups: dict[str, dict[str, Question]] = defaultdict(dict)
    for (identity, code), question in found.questions.items():
        groups[identity][code] = question
    first: dict[Key, int] = {}
    for number, (key, *_) in found.rows.items():
        first.setdefault(key, number)
    for identity, versions in groups.items():
        sizes = Counter(len(question.choices) for question in versions.values())
        size = sizes.most_common(1)[0][0]
        golds = {question.gold for question in versions.values()} - {None}
        gold = golds.pop() if len(golds) == 1 else None
        for code, question in versions.items():
            told_in = first.get((identity, code))
            if len(question.choices) != size:
                reason = "questions whose number of choices is not that of the other languages"
                if told_in:
                    found.leave_out(told_in, reason, f"{identity} in {code}")
                del found.questions[identity, code]
                continue
            if golds and told_in:
                reason = "gold answers that differ between languages: none is taken"
                found.change(told_in, reason, f"{identity} in {code}")
            found.questions[identity, code] = replace(question, gold=gold)


def _places(found: Found) -> dict[int, int]:
    """Return the number of the sample that each usable row is, by the number of the row."""
    taken: dict[Key, set[int]] = defaultdict(set)
    places: dict[int, int] = {}
    for number, (key, sample, _, order) in found.rows.items():
        question = found.questions.get(key)
        if question is None:
            reason = "rows to a question that nothing tells: give `question` and `choices` in one "
            reason += "row of each language, or name a set with --questions"
            found.leave_out(number, reason, f"{key[0]} in {key[1]}")
        elif order is not None and len(order) != len(question.choices):
            reason = "rows whose `choice_order` has not as many places as there are choices"
            found.leave_out(number, reason, f"{len(order)} of {len(question.choices)}")
        elif sample is not None and sample in taken[key]:
            reason = "rows whose `sample` an earlier row to the same question has: number them anew"
            found.leave_out(number, reason, f"{sample}")
        else:
            free = (n for n in range(MAX_SAMPLES + 1) if n not in taken[key])
            place = sample if sample is not None else next(free)
            if place >= MAX_SAMPLES:
                found.leave_out(number, f"responses behind the first {MAX_SAMPLES}")
                continue
            taken[key].add(place)
            places[number] = place
    return places


def _compared(held_out: Groups, languages: Sequence[str]) -> list[Question]:
    ids, codes = comparable(held_out, languages)
    return [
        question
        for identity, versions in held_out.items()
        for code, question in versions.items()
        if identity in ids and code in codes
    ]


def _responses(found: Found, places: Mapping[int, int], model: str) -> Iterator[Response]:
    """Read the file again and yield its usable responses."""
    for number, row in read_file(found.path):
        if number not in places or isinstance(row, Problem):
            continue
        order = row.order or tuple(range(len(found.questions[row.key].choices)))
        yield Response(*row.key, places[number], row.model or model, row.text, order)


def _counts(
    found: Found, places: Mapping[int, int], languages: Sequence[str]
) -> dict[str, dict[str, int]]:
    keys = [found.rows[number][0] for number in places]
    responses = Counter(code for _, code in keys)
    questions = Counter(code for _, code in set(keys))
    return {
        code: {"questions": questions[code], "responses": responses[code]} for code in languages
    }
