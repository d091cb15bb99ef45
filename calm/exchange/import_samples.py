"""`import-responses`: a folder of samples that another program drew becomes a run.

The files are those of `calm.exchange.sample_files`, `x_csqa_<language>_train*_sampled.json` or
`.jsonl`, one a language, parallel by position (`cn` is zh). Several files of a language are parts,
told apart by what stands between `train` and `_sampled`. They are read row by row, three times
over, so that memory does not grow with the texts. Nothing is lost without a word: what is left out
or changed is counted by reason, with examples, in the run's `import_report.json`.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from calm.config import UNNAMED, RunConfig, SamplingConfig
from calm.errors import CalmError
from calm.exchange.sample_files import Problem, Row, read_response, read_rows
from calm.languages.table import LANGUAGES, code_of
from calm.messages import message
from calm.model_names import called
from calm.records import Question, Response
from calm.runs.folder import Run, create_run, run_path, write_whole

FILE = re.compile(r"x_csqa_(?P<language>[^_]+)_train(?P<part>.*)_sampled\.jsonl?")
MAX_SAMPLES = 64
EXAMPLES = 3
REPORT = "import_report.json"
STRAY_ROWS, STRAY_SHARE = 10, 0.05
"""A file whose gold answers differ from the other files' in at least so many rows, and in more than
this share of them, is out of step: a row is missing somewhere, and all behind it are others'."""

Files = dict[str, Path]
"""The files of one part by language."""


@dataclass(frozen=True)
class Place:
    """What a row must have in common with those at its place in the other files."""

    choices: int
    gold: int | None


@dataclass
class Part:
    """Files that are parallel, and what they hold in common."""

    name: str
    files: Files
    places: dict[str, list[Place | None]] = field(default_factory=dict)
    """By language and position; `None` for a row that cannot be used."""
    torn: set[str] = field(default_factory=set)
    """Languages whose file could not be read to its end."""
    kept: list[Place | None] = field(default_factory=list)
    """By position; `None` where nothing is kept."""


class Report:
    """What was left out and what was changed: how often for each reason, and where first."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, list[Any]]] = {"left_out": {}, "changed": {}}

    def leave_out(self, problem: Problem, file: Path, row: int | None = None) -> None:
        self._add("left_out", problem, file, row)

    def change(self, problem: Problem, file: Path, row: int | None = None) -> None:
        self._add("changed", problem, file, row)

    def _add(self, kind: str, problem: Problem, file: Path, row: int | None) -> None:
        counted = self._found[kind].setdefault(problem.reason, [0, []])
        counted[0] += 1
        if len(counted[1]) < EXAMPLES:
            counted[1].append({"file": file.name, "row": row, "seen": problem.seen})

    def as_json(self) -> dict[str, list[dict[str, Any]]]:
        return {
            kind: [
                {"reason": reason, "count": count, "examples": examples}
                for reason, (count, examples) in found.items()
            ]
            for kind, found in self._found.items()
        }


def import_responses(folder: Path, name: str, model: str = UNNAMED) -> tuple[Run, dict[str, Any]]:
    """Make a run of a folder of samples; return it and the report, as `import_report.json` has it.

    Raises CalmError where no two languages have questions in common, where files are out of step,
    or where there is a run of that name already.
    """
    if run_path(name).exists():
        raise CalmError("run.exists", name=run_path(name))
    report = Report()
    parts = _parts(folder, report)
    most = max((_read_places(part, report) for part in parts), default=0)
    for part in parts:
        _drop_files_out_of_step(part, report)
        part.kept = _parallel(part, report)
    counts: dict[str, Counter[str]] = {"questions": Counter(), "responses": Counter()}
    for part in parts:
        for code, places in part.places.items():
            pairs = zip(places, part.kept, strict=False)
            counts["questions"][code] += sum(None not in pair for pair in pairs)
    languages = tuple(code for code in LANGUAGES if counts["questions"][code])
    if len(languages) < 2:
        raise CalmError(
            "import.too-few-languages",
            folder=folder,
            languages=LANGUAGES,
            report=report_text(report.as_json()),
        )
    config = RunConfig(
        model=model,
        question_set=str(folder),
        languages=languages,
        sampling=SamplingConfig(num_samples=min(max(1, most), MAX_SAMPLES)),
        imported=True,
    )
    run = create_run(name, config)
    run.write("questions", (q for part in parts for q, _, _ in _rows(part, languages)))
    run.write("translations", [])
    run.write("responses", _responses(parts, languages, called(model), report, counts["responses"]))
    summary = {
        "folder": str(folder),
        "model": called(model),
        "languages": {
            code: {kind: number[code] for kind, number in counts.items()} for code in languages
        },
        **report.as_json(),
    }
    write_whole(run.folder / REPORT, json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
    run.set_status("sample", "stopped", message=message("status.imported"))
    return run, summary


def report_text(report: Mapping[str, Any]) -> str:
    """Return the report for people: one line a reason, with the first place it was seen at."""
    lines = [
        f"{LANGUAGES[code].name}: {n['questions']} questions, {n['responses']} responses"
        for code, n in report.get("languages", {}).items()
    ]
    for kind, title in (("left_out", "left out"), ("changed", "changed")):
        for found in report[kind]:
            first = found["examples"][0]
            row = f", row {first['row']}" if first["row"] else ""
            seen = f": {first['seen']}" if first["seen"] else ""
            lines.append(
                f"{title}: {found['count']} {found['reason']} (first {first['file']}{row}{seen})"
            )
    return "\n".join(lines)


def _parts(folder: Path, report: Report) -> list[Part]:
    """Return the files of a folder, those together that are parallel."""
    if not folder.is_dir():
        raise CalmError("import.no-folder", folder=folder)
    found: dict[str, Files] = defaultdict(dict)
    for path in sorted(folder.glob("*.json*")):
        match = FILE.fullmatch(path.name)
        code = code_of(match["language"]) if match else None
        if not match:
            name = "x_csqa_<language>_train_sampled.json"
            report.leave_out(Problem(f"files not named {name}", ""), path)
        elif code is None:
            seen = match["language"]
            report.leave_out(Problem("files in a language that is not in the table", seen), path)
        elif code in found[match["part"]]:
            report.leave_out(Problem("files of a language that has one already", code), path)
        else:
            found[match["part"]][code] = path
    files = [(code, path) for group in found.values() for code, path in group.items()]
    if len({code for code, _ in files}) == len(files):
        return [Part("", dict(files))]
    return [Part(name, group) for name, group in found.items()]


def _read_places(part: Part, report: Report) -> int:
    """Learn what stands at each place of each file; return the most responses of a row."""
    most = 0
    for code, path in part.files.items():
        places = part.places.setdefault(code, [])
        for number, row in enumerate(read_rows(path, code), start=1):
            if isinstance(row, Problem):
                report.leave_out(row, path, number)
                if row.ends_file:
                    part.torn.add(code)
                else:
                    places.append(None)
                continue
            for change in row.changes:
                report.change(change, path, number)
            places.append(Place(len(row.question.choices), row.question.gold))
            most = max(most, len(row.pred) if isinstance(row.pred, list) else 0)
    return most


def _drop_files_out_of_step(part: Part, report: Report) -> None:
    """Leave out the files that are about other questions than most files are at the same place.

    Raises CalmError where those that are left still differ: nothing tells which of them is right.
    """
    strays: Counter[str] = Counter()
    for golds in _golds(part):
        ranked = Counter(golds.values()).most_common(1)
        if ranked and 2 * ranked[0][1] > len(golds):
            strays.update(code for code, gold in golds.items() if gold != ranked[0][0])
    for code, number in strays.items():
        rows = len(part.places[code])
        if _too_many(number, rows):
            seen = f"{number} of {rows} gold answers differ from the other languages'"
            problem = Problem("files out of step with the others: a row is missing or added", seen)
            report.leave_out(problem, part.files.pop(code))
            del part.places[code]
    differing = [len(set(golds.values())) > 1 for golds in _golds(part)]
    if _too_many(sum(differing), len(differing)):
        names = ", ".join(path.name for path in part.files.values())
        raise CalmError(
            "import.not-parallel", files=names, differing=sum(differing), rows=len(differing)
        )


def _golds(part: Part) -> Iterator[dict[str, int]]:
    """Yield, place by place, the gold answer that each language's file gives."""
    for here in zip_longest(*part.places.values()):
        named = zip(part.places, here, strict=True)
        yield {code: p.gold for code, p in named if p is not None and p.gold is not None}


def _too_many(number: int, rows: int) -> bool:
    return number >= STRAY_ROWS and number > STRAY_SHARE * rows


def _parallel(part: Part, report: Report) -> list[Place | None]:
    """Return what all languages have in common at each place, `None` where they differ."""
    whole = [len(places) for code, places in part.places.items() if code not in part.torn]
    kept: list[Place | None] = []
    for at, places in enumerate(zip_longest(*part.places.values())):
        here = {code: p for code, p in zip(part.places, places, strict=True) if p is not None}
        golds = {place.gold for place in here.values()} - {None}
        sizes = {place.choices for place in here.values()}
        problem = None
        if whole and at >= min(whole):
            seen = f"the shortest file has {min(whole)} rows"
            problem = Problem("questions that not every file has", seen)
        elif len(sizes) > 1:
            problem = Problem("questions whose number of choices differs", _by_language(here))
        elif len(golds) > 1:
            problem = Problem("questions whose gold answer differs", _by_language(here))
        if here and problem:
            report.leave_out(problem, part.files[next(iter(here))], at + 1)
        gold = next(iter(golds), None)
        kept.append(Place(sizes.pop(), gold) if here and not problem else None)
    return kept


def _by_language(here: Mapping[str, Place]) -> str:
    return ", ".join(
        f"{code} {'-' if place.gold is None else place.gold + 1} of {place.choices}"
        for code, place in here.items()
    )


def _rows(part: Part, languages: Sequence[str]) -> Iterator[tuple[Question, Row, int]]:
    """Yield the kept questions, language by language of each, with their rows and numbers."""
    codes = [code for code in languages if code in part.files]
    in_step = zip_longest(*(read_rows(part.files[code], code) for code in codes))
    for number, (place, rows) in enumerate(zip(part.kept, in_step, strict=False), start=1):
        for row in rows:
            if place and isinstance(row, Row):
                identity = f"xcsqa-train{part.name}-{number:04d}"
                yield replace(row.question, id=identity, gold=place.gold), row, number


def _responses(
    parts: Sequence[Part],
    languages: Sequence[str],
    model: str,
    report: Report,
    numbers: Counter[str],
) -> Iterator[Response]:
    """Yield the responses to the kept questions and count them by language."""
    for part in parts:
        for question, row, number in _rows(part, languages):
            path = part.files[question.language]
            if not isinstance(row.pred, list):
                seen = f"{row.pred!r:.80}"
                problem = Problem("questions whose `pred` is no list of responses", seen)
                report.leave_out(problem, path, number)
                continue
            for index, value in enumerate(row.pred):
                text, problems = read_response(value)
                if text is None or index >= MAX_SAMPLES:
                    more = Problem(f"responses behind the first {MAX_SAMPLES}", "")
                    report.leave_out(problems[0] if text is None else more, path, number)
                    continue
                for change in problems:
                    report.change(change, path, number)
                numbers[question.language] += 1
                order = tuple(range(len(question.choices)))
                yield Response(question.id, question.language, index, model, text, order)
