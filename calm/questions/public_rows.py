"""The rows of public sets as the Hub has them -> the fields of questions.

Rows come from outside: a reader takes what the set's card says and leaves it to
`calm.questions.rows` to look at each value. A row without a column raises KeyError, one with
something else in it TypeError or ValueError: who reads a set leaves such rows out and counts them.

Beside the fields of a question a row may name its `group`: questions of one group (on one passage,
or of one fact both ways round) are in one split. What it gives as `same` has to be the same in all
languages.
"""

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from calm.questions.public_sets import XCSQA

Fields = dict[str, Any]
Reader = Callable[[Mapping[str, Any], int], Fields]
"""Takes a row and its place in its split."""
LETTERS = "ABCD"
OPTIONS = tuple(f"option_{letter.lower()}" for letter in LETTERS)


def read_xcsqa(row: Mapping[str, Any], place: int) -> Fields:
    """`id`, `question` with `stem` and `choices` of `label` and `text`, `answerKey`."""
    choices, key = row["question"]["choices"], row.get("answerKey")
    labels = list(choices["label"])
    return {
        "id": f"xcsqa-{row['id']}",
        "text": row["question"]["stem"],
        "choices": list(choices["text"]),
        "gold": labels.index(key) if key in labels else None,
    }


def read_global_mmlu(row: Mapping[str, Any], place: int) -> Fields:
    """`sample_id`, `subject`, `question`, `option_a` to `option_d`, `answer` as a letter."""
    return {
        "id": f"global-mmlu-{row['sample_id']}",
        "text": row["question"],
        "choices": [row[name] for name in OPTIONS],
        "gold": _right(row["answer"]),
        "topic": str(row.get("subject") or "").replace("_", " "),
        "part": row.get("cultural_sensitivity_label"),
    }


def read_mmmlu(row: Mapping[str, Any], place: int) -> Fields:
    """`Question`, `A` to `D`, `Answer` as a letter, `Subject`; the first column counts the rows."""
    return {
        "id": f"mmmlu-{int(row.get('Unnamed: 0', place)):05d}",
        "text": row["Question"],
        "choices": [row[letter] for letter in LETTERS],
        "gold": _right(row["Answer"]),
        "topic": str(row.get("Subject") or "").replace("_", " "),
        "same": row.get("Subject"),
    }


def read_belebele(row: Mapping[str, Any], place: int) -> Fields:
    """`flores_passage`, `question`, `mc_answer1` to `mc_answer4`, `correct_answer_num` from 1.

    `link` and `question_number` name the question. The passage stands in front of it, and all
    questions on a passage are one group: what it tells would leak.
    """
    passage = hashlib.sha256(str(row["link"]).encode()).hexdigest()[:10]
    return {
        "id": f"belebele-{passage}-{int(row['question_number'])}",
        "text": f"{_text(row['flores_passage'])}\n{_text(row['question'])}",
        "choices": [row[f"mc_answer{number}"] for number in range(1, 5)],
        "gold": int(row["correct_answer_num"]) - 1,
        "group": passage,
    }


def read_include(row: Mapping[str, Any], place: int) -> Fields:
    """`question`, `option_a` to `option_d`, `answer`, `domain`; no ids, no translations."""
    return {
        "id": f"include-{place:04d}",
        "text": row["question"],
        "choices": [row[name] for name in OPTIONS],
        "gold": _right(row["answer"]),
        "topic": str(row.get("domain") or ""),
    }


def read_polyfact(row: Mapping[str, Any], place: int) -> Fields:
    """`fact_id`, `question`, `option_a` to `option_d`, `answer_index` from 0, `option_ids`.

    The options are shuffled in each language; `option_ids` name the things, so that each choice
    can have the same place in all of them. `relation` is the topic.
    """
    fact, things = str(row["fact_id"]), [str(thing) for thing in row["option_ids"]]
    if len(set(things)) != len(OPTIONS):
        raise ValueError(fact)
    order = shuffled(fact, sorted(things))
    at = [things.index(thing) for thing in order]
    right = row["answer_index"]
    return {
        "id": f"polyfact-{fact}",
        "text": row["question"],
        "choices": [row[OPTIONS[place]] for place in at],
        "gold": at.index(right),
        "topic": str(row.get("relation") or ""),
    }


def read_medqa(row: Mapping[str, Any], place: int) -> Fields:
    """`id`, `sent1`, `ending0` to `ending3`, `label` from 0."""
    return {
        "id": f"medqa-{row['id']}",
        "text": row["sent1"],
        "choices": [row[f"ending{number}"] for number in range(4)],
        "gold": row["label"],
        "topic": "medicine",
    }


READERS: Mapping[str, Reader] = {
    XCSQA: read_xcsqa,
    "global-mmlu-lite": read_global_mmlu,
    "mmmlu": read_mmmlu,
    "belebele": read_belebele,
    "include": read_include,
    "polyfact-clean": read_polyfact,
    "medqa": read_medqa,
}
"""Who reads the rows of each set that the Hub has as rows."""


def shuffled(seed: str, things: Sequence[str]) -> list[str]:
    """Return things in an order that depends on `seed` alone."""
    order = list(things)
    random.Random(seed).shuffle(order)
    return order


def _right(value: Any) -> int:
    """Return the place of the right option, which sets give as a number from 0 or as a letter."""
    if type(value) is int:
        return value
    letter = _text(value).strip().upper()
    if len(letter) != 1:
        raise ValueError(value)
    return LETTERS.index(letter)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    return value
