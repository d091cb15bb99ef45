"""Facts of BMLAMA-17 as question sets: the field's own data, which nobody wrote for this project.

BMLAMA-17 (Qi et al., EMNLP 2023, github.com/Betswish/Cross-Lingual-Consistency, Apache-2.0) has
6,792 factual sentences with a gap, parallel by their place in a file a language, and ten
candidates for the gap. The sentences were made from templates, not always in good grammar.
"""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from calm.questions.rows import parse_questions
from calm.questions.sets import check_questions
from calm.records import Question

LANGUAGES = ("en", "es", "fr", "ja", "nl", "ru", "vi", "zh")
"""Those of the 17 that the language table knows."""
GAP = "<mask>"
CANDIDATES, CHOICES = 10, 4
MOST_FACTS = 400
Versions = dict[str, tuple[str, list[str]]]
"""Language -> the sentence and all its candidates."""


def facts(folder: Path, relation: str = "") -> list[Question]:
    """Return up to 400 facts in eight languages, drawn at random, a third of them held out.

    `relation` is how their English sentence begins; any if empty. A training fact that repeats a
    held-out one is left out, and so is a sentence with no letter of its language's script.
    """
    drawn = enumerate(_drawn(folder, relation))
    raw = [row for number, fact in drawn for row in _rows(number, fact)]
    questions = parse_questions(list(enumerate(raw, start=1)), str(folder))
    bad = {problem.split(" ")[0].rstrip(",") for problem in check_questions(questions)}
    return [question for question in questions if question.id not in bad]


def _drawn(folder: Path, relation: str) -> list[tuple[int, Versions, int]]:
    """Return facts as (place in the file, versions, place of the right candidate)."""
    files = {code: _sentences(folder / f"{code}.tsv") for code in LANGUAGES}
    count = len(files["en"])
    if any(len(rows) != count for rows in files.values()):
        raise ValueError(f"The files in {folder} do not have equally many facts.")
    places = [n for n in range(count) if files["en"][n][0].startswith(relation)]
    random.Random(0).shuffle(places)
    kept = []
    for place in places:
        cells = {code: rows[place] for code, rows in files.items()}
        versions = {code: (c[0], [w.strip() for w in c[2].split(",")]) for code, c in cells.items()}
        golds = {_only(c[1].strip(), versions[code][1]) for code, c in cells.items()}
        if golds.isdisjoint({None}) and len(golds) == 1:
            kept.append((place, versions, golds.pop() or 0))
    return kept[:MOST_FACTS]


def _sentences(file: Path) -> list[list[str]]:
    """Return the rows of a file: sentence, answer, candidates. A header may take two lines."""
    lines = file.read_text(encoding="utf-8").split("\n")
    first = next(n for n, line in enumerate(lines) if GAP in line)
    return [line.split("\t") for line in lines[first:] if line]


def _only(answer: str, candidates: Sequence[str]) -> int | None:
    """Return the place of the answer; None where it stands there twice or not at all."""
    clear = candidates.count(answer) == 1 and len(candidates) == CANDIDATES
    return candidates.index(answer) if clear else None


def _rows(number: int, fact: tuple[int, Versions, int]) -> Iterator[dict[str, object]]:
    """Yield the fact as rows of a question file, with four of its candidates as choices."""
    place, versions, gold = fact
    chance = random.Random(place)
    others = chance.sample([n for n in range(CANDIDATES) if n != gold], CHOICES - 1)
    choices = chance.sample([gold, *others], CHOICES)
    listed = {code: [words[n] for n in choices] for code, (_, words) in versions.items()}
    if any(len({word.casefold() for word in words}) < CHOICES for words in listed.values()):
        return
    for code, (sentence, _) in versions.items():
        yield {
            "id": f"bmlama-{place:04d}",
            "split": "held-out" if number % 3 == 0 else "train",
            "language": code,
            "text": sentence.replace(GAP, "___"),
            "choices": listed[code],
            "gold": choices.index(gold),
        }
