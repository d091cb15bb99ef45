"""Public sets in folders: KLAR, BMLAMA-17 and the MedQA files of the paper's authors.

KLAR and BMLAMA-17 give each fact up to ten candidates a language, but not always the same ones:
in up to a quarter of the facts a place of the list holds other things in other languages. So the
candidates are those of English, each by what the set itself calls it in the other language: where
it is a right answer there, its English name stands beside it.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from calm.errors import CalmError
from calm.languages.table import code_of
from calm.questions.files import decoded, json_rows, read_bytes
from calm.questions.public_rows import Fields, shuffled
from calm.questions.visible import same_choices
from calm.questions.xcsqa import gold_of

REFERENCE = "en"
"""The language whose candidates are those of all."""
SUBJECT, GAP = "<subject>", "<mask>"
SENTENCE_END = re.compile(r".*[.?!？。؟！]", re.DOTALL)
LEAD_IN = re.compile(r"\s*\S+\s*[:：]\s*\Z")
"""A word with a colon before the gap: `Answer:`."""
MEDQA_FILE = re.compile(r"test_(?:native_|en2)([a-z]+)_\d+\.json")
MEDQA_CHOICE = re.compile(r"\(([A-H])\)\s*(.*)")
Names = Mapping[str, str]
"""What a language calls things, by their English names."""


class Unaligned(ValueError):
    """A version that is not the question that the other languages ask."""


def read_klar(folder: Path, codes: Sequence[str]) -> Iterator[Fields]:
    """Yield a row a fact and language: its first wording, and the others as `rewordings`.

    A row that cannot be read has a `problem` in place of its fields. The wordings ask for an
    answer and name a gap for it; both are left out. A fact and the same one asked the other way
    round (a capital, what it is the capital of) are one group. Raises CalmError where the folder
    has no English facts.
    """
    known = {file.stem: _klar(file) for file in sorted((folder / REFERENCE).glob("*.json"))}
    if not known:
        raise CalmError("questions.no-files", folder=folder, name="klar", files="en/*.json")
    for code in codes:
        for file in sorted((folder / code).glob("*.json")):
            found = _klar(file) if code != REFERENCE else known[file.stem]
            english = known.get(file.stem, {"samples": []})["samples"]
            there = {str(row.get("index")): row for row in english}
            names = _names((_english(row), row.get("object")) for row in found["samples"])
            for row in found["samples"]:
                version = there.get(str(row.get("index")))
                yield _attempt(code, row.get("index"), _klar_fact, found, row, version, names)


def _klar(file: Path) -> dict[str, Any]:
    """Return what a file holds; rows that are none are left out of it."""
    try:
        read = json.loads(decoded(file, read_bytes(file)))
    except (ValueError, RecursionError) as error:
        problem = CalmError("row.no-json", reason=error)
        raise CalmError("file.in-row", file=file, row=1, problem=problem) from None
    found = read if isinstance(read, dict) else {}
    samples = found.get("samples")
    rows = [row for row in samples if isinstance(row, dict)] if isinstance(samples, list) else []
    topic = file.stem.replace("_", " ")
    return {"prompt_templates": found.get("prompt_templates"), "samples": rows, "topic": topic}


def _english(row: Mapping[str, Any]) -> Any:
    """Return the English name of a fact's answer; an English row has no other."""
    return row.get("object_en", row.get("object"))


def _klar_fact(
    found: Mapping[str, Any],
    row: Mapping[str, Any],
    english: Mapping[str, Any] | None,
    names: Names,
) -> Fields:
    if english is None or _english(row) != english["object"]:
        raise Unaligned(row.get("index"))
    identity = f"klar-{int(row['index'])}"
    wordings = [wording(template, row["subject"]) for template in found["prompt_templates"]]
    others = dict.fromkeys(text for text in wordings[1:] if text != wordings[0])
    return {
        "id": identity,
        "text": wordings[0],
        "topic": found["topic"],
        "group": _both_ways(english["subject"], english["object"]),
        "rewordings": tuple(others),
        **_candidates(identity, english["object_candidates"], english["object"], names),
    }


def wording(template: str, subject: str) -> str:
    """Return a question without the gap that its template ends with, and the words before it."""
    asked, gap, _ = template.partition(GAP)
    ends = SENTENCE_END.match(asked)
    if not gap or SUBJECT not in asked:
        raise ValueError(template)
    if ends is None or SUBJECT in asked[ends.end() :]:
        return LEAD_IN.sub("", asked).replace(SUBJECT, subject)
    return ends[0].replace(SUBJECT, subject)


def read_bmlama(folder: Path, codes: Sequence[str]) -> Iterator[Fields]:
    """Yield a row a fact and language: a sentence with a gap, parallel by position.

    A row that cannot be read has a `problem` in place of its fields. Raises CalmError where the
    folder has no English sentences.
    """
    if not (folder / f"{REFERENCE}.tsv").is_file():
        raise CalmError("questions.no-files", folder=folder, name="bmlama17", files="en.tsv")
    english = _sentences(folder / f"{REFERENCE}.tsv")
    for code in codes:
        file = folder / f"{code}.tsv"
        if not file.is_file():
            continue
        rows = _sentences(file)
        if len(rows) != len(english):
            yield {"language": code, "id": file.name, "problem": Unaligned(file.name)}
            continue
        pairs = list(zip(english, rows, strict=True))
        names = _names((a[1], b[1]) for a, b in pairs if len(a) > 2 and len(b) > 2)
        for place, (mine, theirs) in enumerate(pairs):
            yield _attempt(code, place, _bmlama_fact, place, mine, theirs, names)


def _sentences(file: Path) -> list[list[str]]:
    """Return the rows of a file: sentence, answer, candidates, subject. A header has no gap."""
    lines = decoded(file, read_bytes(file)).split("\n")
    first = next((n for n, line in enumerate(lines) if GAP in line), len(lines))
    return [[cell.strip() for cell in line.split("\t")] for line in lines[first:] if line.strip()]


def _bmlama_fact(place: int, english: list[str], row: list[str], names: Names) -> Fields:
    sentence, answer = row[0], english[1]
    if GAP not in sentence:
        raise ValueError(sentence)
    identity = f"bmlama-{place:04d}"
    return {
        "id": identity,
        "text": sentence.replace(GAP, "___"),
        "group": _both_ways(english[3], answer),
        **_candidates(identity, english[2], answer, names),
    }


def _names(pairs: Any) -> dict[str, str]:
    """Return what things are called, the first name where there are several."""
    names: dict[str, str] = {}
    for english, name in pairs:
        names.setdefault(str(english).strip(), str(name).strip())
    return names


def _candidates(identity: str, listed: Any, answer: str, names: Names) -> Fields:
    """Return the candidates in the words of a language and which is right, in a fixed order."""
    candidates = [word.strip() for word in str(listed).split(",")]
    if candidates.count(answer.strip()) != 1:
        raise ValueError(listed)
    if not names.keys() >= set(candidates):
        raise Unaligned(listed)
    order = shuffled(identity, candidates)
    choices = [names[word] for word in order]
    if same_choices(choices):
        raise Unaligned(listed)
    return {"choices": choices, "gold": order.index(answer.strip())}


def _both_ways(subject: Any, answer: Any) -> str:
    return "\n".join(sorted((str(subject).strip().casefold(), str(answer).strip().casefold())))


def read_medqa_folder(folder: Path, codes: Sequence[str]) -> Iterator[Fields]:
    """Yield a row a question and language of `test_native_en_*.json` and `test_en2cn_*.json`.

    They are parallel by position; `(A)` and the like begin the choices. A row that cannot be read
    has a `problem` in place of its fields. Raises CalmError where there is no such file.
    """
    named = ((MEDQA_FILE.fullmatch(file.name), file) for file in sorted(folder.glob("*.json")))
    files = [(found, file) for found, file in named if found]
    if not files:
        raise CalmError("questions.no-files", folder=folder, name="medqa", files="test_*.json")
    for found, file in files:
        code = code_of(found[1])
        if code is None or code not in codes:
            continue
        rows, _ = json_rows(decoded(file, read_bytes(file)))
        for place, row in rows:
            yield _attempt(code, place, _medqa_question, place, row)


def _medqa_question(place: int, row: Mapping[str, Any]) -> Fields:
    lines = [line.strip() for line in row["input"].splitlines() if line.strip()]
    found = [MEDQA_CHOICE.fullmatch(line) for line in lines]
    first = next(n for n, match in enumerate(found) if match)
    listed = [match for match in found[first:] if match]
    letters = "".join(match[1] for match in listed)
    if len(listed) != len(found) - first or not "ABCDEFGH".startswith(letters):
        raise ValueError(place)
    choices = [match[2] for match in listed]
    right = MEDQA_CHOICE.fullmatch(row["output"].strip())
    return {
        "id": f"medqa-test-{place:04d}",
        "text": "\n".join(lines[:first]),
        "choices": choices,
        "gold": gold_of(right[1] if right else row["output"], choices),
        "topic": "medicine",
    }


def _attempt(code: str, place: Any, read: Any, *given: Any) -> Fields:
    """Return what `read` makes of a row, with its language; what is wrong with it, where it is."""
    try:
        return {"language": code, **read(*given)}
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, StopIteration) as error:
        return {"language": code, "id": f"{code} {place}", "problem": error}
