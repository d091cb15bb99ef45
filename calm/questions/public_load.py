"""A public set -> its questions, and what of it was left out and why.

Nothing of a set is trusted: each row is looked at as those of any file are, languages that do not
ask the same are left out, and what would leak from training into measuring goes from training.
Where a set has no split of ours, the hash of a question's group holds a third out: the same ones
whatever languages or part are read.
"""

import dataclasses
import functools
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from calm.config import BUILT_IN
from calm.errors import CalmError
from calm.messages import LanguageName, Message, message
from calm.questions.checks import faults
from calm.questions.public_files import Unaligned, read_bmlama, read_klar, read_medqa_folder
from calm.questions.public_rows import READERS, Fields
from calm.questions.public_sets import XCSQA, Named, named_set
from calm.questions.rows import MOST_CHOICES, read_rows
from calm.questions.xcsqa import read_xcsqa_folder
from calm.records import Question, Split

Reason = Literal["row", "alignment", "text", "repeated"]
Rewordings = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Question id -> language -> other wordings of it."""
FOLDERS: Mapping[str, Callable[[Path, Sequence[str]], Iterator[Fields]]] = {
    "klar": read_klar,
    "bmlama17": read_bmlama,
    "medqa": read_medqa_folder,
}
"""Who reads the folders of sets that are had in files."""
HIDDEN = ("group", "same", "part", "rewordings")
"""What readers say of a row that is no field of a question."""
WRONG = (KeyError, TypeError, ValueError, IndexError, AttributeError)
"""What reading a row raises that is not as the set's card says."""


@dataclass(frozen=True)
class LeftOut:
    """How many versions of questions were left out for one reason."""

    reason: Reason
    count: int
    example: str
    """The id of one of them; its language and place where it has none."""

    @property
    def said(self) -> Message:
        """The same in words."""
        return message(f"set.left-out.{self.reason}", count=self.count, example=self.example)


@dataclass(frozen=True)
class Loaded:
    """What was read of a public set."""

    named: Named
    questions: tuple[Question, ...]
    left_out: tuple[LeftOut, ...]
    rewordings: Rewordings
    revision: str
    """The Hub's commit that was read; empty for a folder, and where it did not say."""

    @property
    def said(self) -> list[Message]:
        """What there is to say of it: what it is, what was left out, and what it is not for."""
        made, languages = self.named.set, {question.language for question in self.questions}
        read = message(
            "set.read",
            count=len({question.id for question in self.questions}),
            title=self.named.title,
            languages=[LanguageName(code) for code in sorted(languages)],
            licence=made.licence,
            source=made.source,
        )
        lines = [read, *(left_out.said for left_out in self.left_out)]
        if self.named.culture != "no":
            which = "all" if self.named.culture == "yes" else "part"
            lines.append(message(f"set.culture.{which}", title=self.named.title))
        return lines

    def record(self) -> dict[str, Any]:
        """Return what a run keeps of where its questions are from."""
        made = self.named.set
        split = "its own" if all(made.splits.values()) else "by a hash of the question"
        languages = Counter(question.language for question in self.questions)
        tasks = {
            harness: {code: task for code in languages if (task := made.task(harness, code))}
            for harness in ("lm-eval", "lighteval")
        }
        return {
            "set": made.name,
            "part": self.named.part,
            "title": self.named.title,
            "licence": made.licence,
            "source": made.source,
            "revision": self.revision,
            "culture": self.named.culture,
            "split": split,
            "languages": dict(languages),
            "left_out": [dataclasses.asdict(row) for row in self.left_out],
            "tasks": tasks,
        }


def load_public(name: str, languages: Sequence[str]) -> Loaded:
    """Return what a public set has in these languages; other languages are not read.

    Raises CalmError where `name` is no public set, where its files cannot be read or fetched.
    """
    named = named_set(name)
    if named is None:
        raise CalmError("questions.unreadable", path=name, reason="no public set")
    return _loaded(named, tuple(languages), _changed(named.folder))


def rewordings_of(name: str, languages: Sequence[str]) -> Rewordings:
    """Return other wordings of a set's questions, by id and language; empty where it has none.

    KLAR words each fact five times. Raises CalmError where the set cannot be read.
    """
    if name == BUILT_IN:
        return {code: own for code, own in _built_in_rewordings(languages).items() if own}
    return load_public(name, languages).rewordings if named_set(name) else {}


def _built_in_rewordings(languages: Sequence[str]) -> Rewordings:
    found: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for code in languages:
        file = resources.files("calm").joinpath(f"data/rewordings/{code}.jsonl")
        if file.is_file():
            for row in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
                found[row["id"]][code] = (*found[row["id"]].get(code, ()), row["text"])
    return dict(found)


def _changed(folder: Path | None) -> int:
    """Return when a folder's files were last changed, so that it is read anew then."""
    if folder is None:
        return 0
    try:
        files = (file for pattern in ("*.*", "*/*.json") for file in folder.glob(pattern))
        return max((file.stat().st_mtime_ns for file in files), default=0)
    except OSError as error:
        raise CalmError("file.unreadable", path=folder, reason=error.strerror) from None


@functools.lru_cache(maxsize=2)
def _loaded(named: Named, languages: tuple[str, ...], changed_at: int) -> Loaded:
    """Do the work of `load_public`: a run asks for its set before and after it is made."""
    revision = ""
    if named.folder is not None and named.set.name == XCSQA:
        kept = [q for q in read_xcsqa_folder(named.folder) if q.language in languages]
        return Loaded(named, tuple(kept), (), {}, revision)
    if named.folder is not None:
        rows = list(FOLDERS[named.set.name](named.folder, languages))
    else:
        revision, rows = _from_hub(named, languages)
    counts = _Counts()
    questions = _questions(named, rows, counts)
    wordings: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    kept_ids = {(question.id, question.language) for question in questions}
    for row in rows:
        if row.get("rewordings") and (row["id"], row["language"]) in kept_ids:
            wordings[row["id"]][row["language"]] = row["rewordings"]
    return Loaded(named, tuple(questions), counts.rows, dict(wordings), revision)


def _from_hub(named: Named, languages: Sequence[str]) -> tuple[str, list[Fields]]:
    """Return the commit that was read and its rows."""
    from calm.models.hub import fetched_set_files, load_hub_rows, set_revision

    made = named.set
    codes = [code for code in languages if code in made.configs]
    revision = set_revision(made.hub, named.revision)
    fetched = revision or named.revision
    if made.name not in READERS:
        patterns = [f"{made.configs[code]}/*" for code in dict.fromkeys(("en", *codes))]
        folder = fetched_set_files(made.hub, patterns, fetched)
        return revision, list(FOLDERS[made.name](folder, codes))
    rows: list[Fields] = []
    for code in codes:
        for split, ours in made.splits.items():
            found = load_hub_rows(made.hub, made.configs[code], split, fetched)
            for place, row in enumerate(found):
                fields = _read(named, row, place, code, ours)
                if fields is not None:
                    rows.append(fields)
    return revision, rows


def _read(named: Named, row: Mapping[str, Any], place: int, code: str, split: str) -> Fields | None:
    """Return a row's fields, or its `problem`; `None` where it is not of the part asked for."""
    made = named.set
    try:
        fields = READERS[made.name](row, place)
    except WRONG as error:
        return {"language": code, "id": f"{code} {place}", "problem": error}
    if not made.is_parallel:
        fields["id"] = f"{fields['id']}-{code}"
    if named.part and fields.get("part") != made.parts[named.part]:
        return None
    if split == "train" and hash_share(fields["id"]) >= made.train_share:
        return None
    return {**fields, "language": code, "split": split}


def hash_share(text: str) -> float:
    """Return a number of 0 to 1 that depends on the text alone, evenly spread over texts."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / (1 << 48)


def split_by_hash(group: str) -> Split:
    """Return the split of a group of questions: about a third of them is held out."""
    return "held-out" if hash_share(group) < 1 / 3 else "train"


class _Counts:
    """What was left out, by reason."""

    def __init__(self) -> None:
        self.found: dict[Reason, list[str]] = defaultdict(list)

    def add(self, reason: Reason, identity: Any) -> None:
        self.found[reason].append(str(identity))

    @property
    def rows(self) -> tuple[LeftOut, ...]:
        return tuple(LeftOut(reason, len(ids), ids[0][:80]) for reason, ids in self.found.items())


def _questions(named: Named, rows: Sequence[Fields], counts: _Counts) -> list[Question]:
    """Return the rows that are questions, in their splits, and count the others."""
    good: list[tuple[int, Fields]] = []
    for number, row in enumerate(rows):
        if problem := row.get("problem"):
            counts.add("alignment" if isinstance(problem, Unaligned) else "row", row["id"])
        else:
            split = row.get("split") or split_by_hash(str(row.get("group") or row["id"]))
            good.append((number, {**row, "split": split}))
    held_out = {row["id"] for _, row in good if row["split"] == "held-out"}
    fit = [(n, row) for n, row in good if row["split"] == "held-out" or row["id"] not in held_out]
    fit_numbers = {n for n, _ in fit}
    for _, row in (found for found in good if found[0] not in fit_numbers):
        counts.add("repeated", row["id"])
    plain = [(n, {k: v for k, v in row.items() if k not in HIDDEN}) for n, row in fit]
    read, problems = read_rows(plain, not named.set.has_same_choices, MOST_CHOICES)
    for number in dict.fromkeys(number for number, _ in problems):
        counts.add("row", rows[number].get("id"))
    same = {number: rows[number].get("same") for number, _ in read}
    return _without_faults(list(_aligned(read, same, counts)), counts)


def _aligned(
    read: Iterable[tuple[int, Question]], same: Mapping[int, Any], counts: _Counts
) -> Iterator[Question]:
    """Yield the versions of each question that ask the same as most of its languages do.

    That is: as many choices, the same one right, and what the set says of all. Of two camps of one
    size it is that with English, else the first. A version that does not say what is right is told
    by the others.
    """
    groups: dict[str, list[tuple[Any, Question]]] = defaultdict(list)
    for number, question in read:
        groups[question.id].append((same[number], question))
    for versions in groups.values():
        known = [q.gold for _, q in versions if q.gold is not None]
        gold = Counter(known).most_common(1)[0][0] if known else None
        camps: dict[tuple[Any, ...], list[Question]] = defaultdict(list)
        for said, question in versions:
            right = gold if question.gold is None else question.gold
            camps[len(question.choices), right, str(said)].append(question)
        camp = max(camps, key=lambda key: (len(camps[key]), _has_english(camps[key])))
        for key, others in camps.items():
            for question in others if key != camp else ():
                counts.add("alignment", question.id)
        for question in camps[camp]:
            topic = camps[camp][0].topic
            yield dataclasses.replace(question, gold=camp[1], topic=topic)


def _has_english(questions: Iterable[Question]) -> bool:
    return any(question.language == "en" for question in questions)


def _without_faults(questions: list[Question], counts: _Counts) -> list[Question]:
    """Leave out what every set is checked for: see `calm.questions.checks`."""
    texts: set[tuple[str, str]] = set()
    repeated: set[str] = set()
    for finding in faults(questions):
        question, key = finding.question, finding.what.key
        if key == "finding.repeated":
            repeated.add(question.id)
        elif key == "finding.same-text":
            codes = [code for code in finding.what.values["languages"] if code != "en"]
            texts |= {(question.id, code) for code in codes}
        else:
            texts.add((question.id, question.language))
    kept = []
    for question in questions:
        if question.id in repeated:
            counts.add("repeated", question.id)
        elif (question.id, question.language) in texts:
            counts.add("text", question.id)
        else:
            kept.append(question)
    return kept
