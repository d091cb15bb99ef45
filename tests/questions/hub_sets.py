"""Rows in the very layout of public sets, and a folder of such sets as a Hub has them."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from calm.questions.public_sets import SETS

Rows = Sequence[Mapping[str, Any]]
LETTERS = "ABCD"
WORDS = {
    "en": ("Which metal is liquid", "iron", "mercury", "tin", "gold"),
    "de": ("Welches Metall ist flüssig", "Eisen", "Quecksilber", "Zinn", "Gold aus Peru"),
    "zh": ("哪种金属是液体", "铁块", "水银", "锡块", "黄金"),
    "ja": ("液体の金属はどれですか", "鉄です", "水銀です", "錫です", "金です"),
}
"""A question and four choices, the second of them right."""
MANY = 12
"""Questions of a set; its split by hash has some in each part."""


def asked(code: str, number: int) -> str:
    """Return a question that no other one is near to."""
    words = ("apple", "bridge", "castle", "dragon", "eleven", "forest", "guitar", "harbour")
    return f"{WORDS[code][0]}, {words[number % 8]} {chr(97 + number) * 9} {number * 7919}?"


def xcsqa(code: str) -> Rows:
    choices = {"label": list(LETTERS), "text": list(WORDS[code][1:])}
    return [
        {
            "id": f"q{number}",
            "lang": code,
            "question": {"stem": asked(code, number), "choices": choices},
            "answerKey": "B",
        }
        for number in range(MANY)
    ]


def global_mmlu(code: str) -> Rows:
    options = {f"option_{x.lower()}": y for x, y in zip(LETTERS, WORDS[code][1:], strict=True)}
    return [
        {
            "sample_id": f"chemistry/test/{number}",
            "subject": "high_school_chemistry",
            "question": asked(code, number),
            **options,
            "answer": "B",
            "cultural_sensitivity_label": "CS" if number % 2 else "CA",
        }
        for number in range(MANY)
    ]


def mmmlu(code: str) -> Rows:
    options = dict(zip(LETTERS, WORDS[code][1:], strict=True))
    return [
        {"": number, "Question": asked(code, number), **options, "Answer": "B", "Subject": "metals"}
        for number in range(MANY)
    ]


def belebele(code: str) -> Rows:
    """Two questions on each passage; the rows of German stand in another order."""
    rows = [
        {
            "link": f"https://en.wikibooks.org/wiki/{number // 2}",
            "question_number": 1 + number % 2,
            "flores_passage": f"{WORDS[code][0]}: {chr(97 + number // 2) * 30}.",
            "question": asked(code, number),
            **{f"mc_answer{n}": word for n, word in enumerate(WORDS[code][1:], start=1)},
            "correct_answer_num": "2",
            "dialect": code,
            "ds": "2023-05-03",
        }
        for number in range(MANY)
    ]
    return rows[::-1] if code == "de" else rows


def include(code: str) -> Rows:
    options = {f"option_{x.lower()}": y for x, y in zip(LETTERS, WORDS[code][1:], strict=True)}
    return [
        {
            "language": code,
            "country": "nowhere",
            "domain": "Chemistry",
            "question": asked(code, number),
            **options,
            "answer": 1,
        }
        for number in range(MANY)
    ]


def polyfact(code: str, split: str = "train") -> Rows:
    """The options stand in another order in each language; one fact is in both splits."""
    things = ["Q1", "Q2", "Q3", "Q4"]
    words = dict(zip(things, WORDS[code][1:], strict=True))
    order = things if code == "en" else things[::-1]
    numbers = range(80) if split == "train" else range(79, 84)
    return [
        {
            "fact_id": f"Q{number}|P36|Q2",
            "language": code,
            "subject": f"Thing {number}",
            "relation": "capital",
            "object": "mercury",
            "question": f"{WORDS[code][0]}, {number * 7919} {chr(97 + number % 26) * 12}?",
            **{f"option_{x.lower()}": words[y] for x, y in zip(LETTERS, order, strict=True)},
            "answer_text": words["Q2"],
            "answer_index": order.index("Q2"),
            "option_ids": order,
        }
        for number in numbers
    ]


def medqa(split: str) -> Rows:
    return [
        {
            "id": f"{split}-{number:05d}",
            "sent1": asked("en", number + (8 if split == "test" else 0)),
            "sent2": "",
            **{f"ending{n}": word for n, word in enumerate(WORDS["en"][1:])},
            "label": 1,
        }
        for number in range(8)
    ]


FACTS = (
    ("France", "Paris", "Francia", "París"),
    ("Japan", "Tokyo", "Japón", "Tokio"),
    ("Italy", "Rome", "Italia", "Roma"),
    ("Egypt", "Cairo", "Egipto", "El Cairo"),
)
"""Countries and capitals in English and in Spanish."""
TEMPLATES = {
    "en": (
        "What is <subject>'s capital? The answer is: <mask>",
        "Name the capital of <subject>. The answer is: <mask>",
    ),
    "es": (
        "¿Cuál es la capital de <subject>? La respuesta es: <mask>",
        "Capital de <subject> Respuesta: <mask>",
    ),
}


def klar(code: str) -> dict[str, Any]:
    """The facts of a relation; the candidates of Spanish are other ones than those of English."""
    english = code == "en"
    samples = []
    for number, (subject, capital, mine, own) in enumerate(FACTS):
        others = [fact[1] if english else fact[3] for fact in FACTS if fact[1] != capital]
        listed = [*others, capital] if english else ["Bogotá", *others[1:], own]
        fields = (
            {"subject": subject, "object": capital} if english else {"subject": mine, "object": own}
        )
        named = {} if english else {"subject_en": subject, "object_en": capital}
        samples.append({**fields, "object_candidates": ", ".join(listed), "index": number, **named})
    return {"name": "capital", "prompt_templates": list(TEMPLATES[code]), "samples": samples}


def write_klar(folder: Path) -> None:
    for code in ("en", "es"):
        (folder / code).mkdir(parents=True, exist_ok=True)
        text = json.dumps(klar(code), ensure_ascii=False, indent=2)
        (folder / code / "capital.json").write_text(text, encoding="utf-8")


def write_hub(root: Path) -> None:
    """Write every set that the Hub has, in two languages, in the layout that it has there."""
    places = {
        "xcsqa": ("{config}/validation-00000-of-00001.parquet", xcsqa),
        "global-mmlu-lite": ("{config}/test-00000-of-00001.parquet", global_mmlu),
        "mmmlu": ("test/mmlu_{config}.csv", mmmlu),
        "belebele": ("data/{config}.jsonl", belebele),
        "include": ("{config}/test-00000-of-00001.parquet", include),
    }
    for name, (place, rows) in places.items():
        made = SETS[name]
        codes = [code for code in WORDS if code in made.configs][:2]
        files = {made.configs[code]: place.format(config=made.configs[code]) for code in codes}
        split = next(iter(made.splits))
        folder = root / "datasets" / made.hub
        _write_card(folder, {config: {split: file} for config, file in files.items()})
        for code in codes:
            _write_rows(folder / files[made.configs[code]], rows(code))
    folder = root / "datasets" / SETS["polyfact-clean"].hub
    parts = ("train", "test")
    _write_card(folder, {c: {s: f"data/{c}/{s}.parquet" for s in parts} for c in ("en", "de")})
    for code in ("en", "de"):
        for part in parts:
            _write_rows(folder / f"data/{code}/{part}.parquet", polyfact(code, part))
    folder = root / "datasets" / SETS["medqa"].hub
    for part in ("train", "dev", "test"):
        _write_rows(folder / f"{part}.json", medqa(part))
    write_klar(root / "datasets" / SETS["klar"].hub)


def _write_card(folder: Path, configs: Mapping[str, Mapping[str, str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["---", "configs:"]
    for config, splits in configs.items():
        lines += [f"- config_name: {config}", "  data_files:"]
        for split, file in splits.items():
            lines += [f"  - split: {split}", f"    path: {file}"]
    (folder / "README.md").write_text("\n".join([*lines, "---", ""]), encoding="utf-8")


def _write_rows(file: Path, rows: Rows) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), file)
    elif file.suffix == ".csv":
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    else:
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        file.write_text("".join(lines), encoding="utf-8")
