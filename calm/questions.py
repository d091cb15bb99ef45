"""Where questions come from: the built-in set, a file, or X-CSQA; and the checks they pass.

The documented format, as JSON Lines or CSV, one row a question and language:
`id, split, language, text, choices, gold, topic`. `choices` is a list (in CSV: separated by `|`),
`gold` an index from 0. `split` is `train` or `held-out`; where a file gives none, a third of the
ids is held out. `gold` and `topic` may be left out.
"""

import csv
import dataclasses
import hashlib
import io
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, cast

from calm.config import BUILT_IN
from calm.errors import CalmError
from calm.languages import LANGUAGES, language
from calm.records import Question, Split

XCSQA = "xcsqa"
XCSQA_HUB = "INK-USC/xcsr"
SPLITS = ("train", "held-out")
MAX_FILE_BYTES = 64 << 20
MAX_TEXT = 2000
MAX_CHOICES = 8
NEAR_DUPLICATE = 0.8
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def load_questions(name: str, languages: Sequence[str]) -> list[Question]:
    """Return the questions of a set that are in one of `languages`, in the set's order.

    `name` is `built-in`, `xcsqa` (from the Hugging Face Hub), a JSONL or CSV file, or a folder of
    X-CSQA files (`x_csqa_<language>_test.json`). Raises CalmError where there is no such set or
    where a row is not right, naming the row, the field and what to do.
    """
    for code in languages:
        language(code)
    if name == BUILT_IN:
        rows = [q for code in languages for q in _built_in(code)]
    elif name == XCSQA:
        rows = _xcsqa_from_hub(languages)
    else:
        path = Path(name).expanduser()
        rows = _xcsqa_from_folder(path) if path.is_dir() else read_question_file(path)
    kept = [question for question in rows if question.language in languages]
    if not kept:
        raise CalmError(
            f"The question set {name} has no question in {', '.join(languages)}. "
            "Choose other languages or another set."
        )
    return kept


def by_id(questions: Iterable[Question]) -> dict[str, dict[str, Question]]:
    """Group translations: id -> language -> question, in the order of first appearance."""
    groups: dict[str, dict[str, Question]] = defaultdict(dict)
    for question in questions:
        groups[question.id][question.language] = question
    return dict(groups)


def read_question_file(path: Path) -> list[Question]:
    """Read a JSONL or CSV file in the documented format."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise CalmError(f"{path} is larger than 64 MB. Split it into several files.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CalmError(
            f"The question set {path} cannot be read ({error.strerror}). Name a JSONL or CSV file, "
            f"a folder of X-CSQA files, {XCSQA!r} or {BUILT_IN!r}."
        ) from None
    except UnicodeDecodeError:
        raise CalmError(f"{path} is not UTF-8 text. Save it as UTF-8.") from None
    raw = list(_csv_rows(text) if path.suffix.lower() == ".csv" else _json_rows(path, text))
    if not raw:
        raise CalmError(f"{path} has no rows. The format is in the README, under “Add a set”.")
    return parse_questions(raw, str(path))


def parse_questions(
    raw: Sequence[tuple[int, dict[str, Any]]], where: str, distinct: bool = True
) -> list[Question]:
    """Turn numbered rows into questions; raises CalmError for the first that is not right.

    `distinct` false lets two choices of a question be the same, as in X-CSQA's translations.
    """
    questions = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in raw:
        try:
            question = _question(row, distinct)
        except CalmError as error:
            raise CalmError(f"{where}, row {number}: {error}") from None
        key = (question.id, question.language)
        if key in seen:
            raise CalmError(
                f"{where}, row {number}: field 'id': {question.id!r} was already used for "
                f"{question.language} in row {seen[key]}. Give every question its own id."
            )
        seen[key] = number
        questions.append(question)
    return _with_splits(questions, [bool(row.get("split")) for _, row in raw])


def check_questions(questions: Sequence[Question]) -> list[str]:
    """Return what is wrong with a set as a whole, one sentence a problem; none is good.

    Translations must be parallel (same languages for every id, same number of choices, gold,
    split and topic), written in their language's script, and no held-out question may repeat a
    question of the train split.
    """
    problems = list(_not_parallel(by_id(questions)))
    for question in questions:
        problems += _wrong_script(question)
    problems += _repeated_across_splits(questions)
    return problems


def export_rows(questions: Iterable[Question]) -> Iterator[str]:
    """Yield the questions as JSON Lines in the documented format."""
    for q in questions:
        row = {
            "id": q.id,
            "split": q.split,
            "language": q.language,
            "text": q.text,
            "choices": list(q.choices),
            "gold": q.gold,
            "topic": q.topic,
        }
        yield json.dumps(row, ensure_ascii=False)


def _built_in(code: str) -> list[Question]:
    file = resources.files("calm").joinpath(f"data/questions/{code}.jsonl")
    if not file.is_file():
        return []
    text = file.read_text(encoding="utf-8")
    return parse_questions(list(_json_rows(Path(f"{code}.jsonl"), text)), "built-in set")


def _json_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise CalmError(
                f"{path}, row {number}: this is not JSON ({error}). One JSON object a line is "
                "expected; a CSV file must be named .csv."
            ) from None
        if not isinstance(row, dict):
            raise CalmError(f"{path}, row {number}: a JSON object is expected, not {line[:40]!r}.")
        yield number, row


def _csv_rows(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, row in enumerate(csv.DictReader(io.StringIO(text)), start=2):
        cells: dict[str, Any] = {k: v for k, v in row.items() if k and v not in (None, "")}
        if "choices" in cells:
            cells["choices"] = [choice.strip() for choice in cells["choices"].split("|")]
        if re.fullmatch(r"-?\d+", str(cells.get("gold", ""))):
            cells["gold"] = int(cells["gold"])
        yield number, cells


def _question(row: dict[str, Any], distinct: bool) -> Question:
    code = row.get("language", "en")
    if code not in LANGUAGES:
        raise CalmError(
            f"field 'language': {code!r} is not one of {', '.join(LANGUAGES)}. Correct it."
        )
    identity = _text(row, "id")
    choices = _choices(row.get("choices"), distinct)
    gold = row.get("gold")
    if gold is not None and (type(gold) is not int or not 0 <= gold < len(choices)):
        raise CalmError(
            f"field 'gold': {gold!r} is not the place of a choice. Give 0 to {len(choices) - 1}, "
            "or leave it out."
        )
    split = row.get("split") or "train"
    if split not in SPLITS:
        raise CalmError(f"field 'split': {split!r} is neither 'train' nor 'held-out'.")
    topic = str(row.get("topic") or "")
    return Question(identity, code, _text(row, "text"), choices, gold, topic, cast(Split, split))


def _text(row: dict[str, Any], field: str) -> str:
    value = row.get(field)
    if isinstance(value, int) and field == "id":
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise CalmError(f"field {field!r} is missing or empty. Fill it in.")
    return clean_text(value, field)


def clean_text(value: str, field: str) -> str:
    """Return the text on one line, trimmed; raises CalmError if too long or unprintable."""
    if len(value) > MAX_TEXT:
        raise CalmError(f"field {field!r} has {len(value)} characters. At most {MAX_TEXT} fit.")
    if CONTROL.search(value):
        raise CalmError(f"field {field!r} contains control characters. Remove them.")
    return " ".join(unicodedata.normalize("NFC", value).split())


def _choices(value: Any, distinct: bool) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(choice, str) for choice in value):
        raise CalmError("field 'choices' is missing or not a list of texts. Give 2 to 8 choices.")
    if not 2 <= len(value) <= MAX_CHOICES:
        raise CalmError(f"field 'choices' has {len(value)} choices. Give 2 to {MAX_CHOICES}.")
    choices = tuple(clean_text(choice, "choices") for choice in value)
    if "" in choices:
        raise CalmError(f"field 'choices': choice {choices.index('') + 1} is empty. Fill it in.")
    if distinct and len({choice.casefold() for choice in choices}) < len(choices):
        raise CalmError(f"field 'choices': two choices are the same in {list(choices)}.")
    return choices


def _with_splits(questions: list[Question], given: Sequence[bool]) -> list[Question]:
    """Hold out a third of the ids whose rows name no split: those with the lowest hashes."""
    without = {q.id for q, has in zip(questions, given, strict=True) if not has}
    ranked = sorted(without, key=lambda identity: hashlib.sha256(identity.encode()).digest())
    held_out = set(ranked[: -(-len(ranked) // 3)]) if len(ranked) > 1 else set()
    return [
        dataclasses.replace(question, split="held-out") if question.id in held_out else question
        for question in questions
    ]


def _not_parallel(groups: dict[str, dict[str, Question]]) -> Iterator[str]:
    everywhere = {code for versions in groups.values() for code in versions}
    for identity, versions in groups.items():
        lacking = sorted(everywhere - set(versions))
        if lacking:
            yield f"{identity}: there is no version in {', '.join(lacking)}."
        for field in ("split", "gold", "topic"):
            if len({getattr(q, field) for q in versions.values()}) > 1:
                yield f"{identity}: field '{field}' differs between its languages."
        if len({len(q.choices) for q in versions.values()}) > 1:
            yield f"{identity}: field 'choices' has more entries in one language than in another."


def _wrong_script(question: Question) -> Iterator[str]:
    script = language(question.language).script
    prefix = {"Han": "CJK"}.get(script, script.upper())
    names = [unicodedata.name(c, "") for c in question.text if c.isalpha()]
    fitting = sum(name.startswith(prefix) for name in names)
    needed = 1 if script == "Hiragana" else len(names) / 2
    if fitting < needed or not names:
        yield (
            f"{question.id}, {question.language}: field 'text' is not written in {script} script: "
            f"{question.text[:60]!r}."
        )


def _repeated_across_splits(questions: Sequence[Question]) -> Iterator[str]:
    by_language: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        by_language[question.language].append(question)
    for code, rows in by_language.items():
        held_out = [(q, _shingles(q.text)) for q in rows if q.split == "held-out"]
        for question in (q for q in rows if q.split == "train"):
            mine = _shingles(question.text)
            for other, theirs in held_out:
                if _same_answer(question, other) and _overlap(mine, theirs) >= NEAR_DUPLICATE:
                    yield f"{question.id} (train) repeats {other.id} (held-out) in {code}."


def _same_answer(a: Question, b: Question) -> bool:
    if a.gold is None or b.gold is None:
        return True
    return a.choices[a.gold].casefold() == b.choices[b.gold].casefold()


def _shingles(text: str) -> frozenset[str]:
    letters = "".join(c for c in text.casefold() if c.isalnum() or c == " ")
    return frozenset(letters[i : i + 3] for i in range(max(1, len(letters) - 2)))


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b)


XCSQA_INPUT = re.compile(
    r"^(?:[^:：\n]{1,20}[:：]\s*)?(?P<text>.+?)\n+\s*(?P<choices>A\..+?)(?:\n+[^\n]*[:：]\s*)*$",
    re.DOTALL,
)
XCSQA_CHOICE = re.compile(r"^[A-H]\.\s*(.*)$", re.MULTILINE)


def _xcsqa_from_folder(folder: Path) -> list[Question]:
    """Read `x_csqa_<language>_test.json` and `..._train_sampled.json` files (`cn` is zh)."""
    rows = []
    for path in sorted(folder.glob("x_csqa_*.json")):
        code = path.name.split("_")[2].replace("cn", "zh")
        if code not in LANGUAGES:
            raise CalmError(f"{path}: there is no language {code!r} in the language table.")
        split = "held-out" if path.stem.endswith("test") else "train"
        for number, row in enumerate(json.loads(path.read_text(encoding="utf-8")), start=1):
            rows.append((number, _xcsqa_row(row, f"{split}-{number:04d}", code, split)))
    if not rows:
        raise CalmError(f"{folder} has no files x_csqa_<language>_test.json. Name another folder.")
    return parse_questions(rows, str(folder), distinct=False)


def _xcsqa_row(row: dict[str, Any], identity: str, code: str, split: str) -> dict[str, Any]:
    match = XCSQA_INPUT.match(str(row.get("input", "")).strip() + "\n:")
    if match is None:
        raise CalmError(
            f"question {identity} in {code}: field 'input' is not a question with A. B."
        )
    gold = "ABCDEFGH".find(str(row.get("output", "")).strip()[:1])
    return {
        "id": f"xcsqa-{identity}",
        "split": split,
        "language": code,
        "text": match["text"],
        "choices": XCSQA_CHOICE.findall(match["choices"]),
        "gold": gold if gold >= 0 else None,
    }


def _xcsqa_from_hub(languages: Sequence[str]) -> list[Question]:
    from calm.backends.hub import load_hub_rows

    rows = []
    for code in languages:
        for number, row in enumerate(load_hub_rows(XCSQA_HUB, f"X-CSQA-{code}", "validation"), 1):
            choices = row["question"]["choices"]
            gold = list(choices["label"]).index(row["answerKey"]) if row["answerKey"] else None
            rows.append(
                (
                    number,
                    {
                        "id": f"xcsqa-{row['id']}",
                        "language": code,
                        "text": row["question"]["stem"],
                        "choices": list(choices["text"]),
                        "gold": gold,
                    },
                )
            )
    return parse_questions(rows, XCSQA_HUB, distinct=False)
