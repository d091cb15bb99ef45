"""The answers of the responses that the paper's authors released (Llama 3 8B, X-CSQA).

`tests/data/llama_answers.jsonl` has a row a question: its gold letter, and for each language the
letters that were read from three responses, `-` where none was. The texts themselves carry no
licence and are not here. `python -m tests.llama FOLDER` reads them anew from a folder that has
them; a test that finds them checks that the rows are what is read.
"""

import json
import sys
from pathlib import Path

from calm.answers.choice import extract
from calm.questions.sets import by_id, load_questions
from calm.records import Response

LANGUAGES = ("en", "zh", "fr", "de", "it", "ja")
ROWS = Path(__file__).parent / "data" / "llama_answers.jsonl"
LETTERS = "ABCDE"
Row = dict[str, str]


def rows() -> list[Row]:
    """Return the rows of the file, in the order of the questions."""
    return [json.loads(line) for line in ROWS.read_text(encoding="utf-8").splitlines()]


def answered_llama_responses() -> tuple[list[Response], dict[str, int | None]]:
    """Return three responses a question and language, without texts, and each gold answer."""
    responses = [
        Response(str(number), code, n, "llama", "", (0, 1, 2, 3, 4), _number(letter))
        for code in LANGUAGES
        for number, row in enumerate(rows())
        for n, letter in enumerate(row[code])
    ]
    return responses, {str(n): _number(row["gold"]) for n, row in enumerate(rows())}


def answered_from_texts(data: Path) -> tuple[list[Response], dict[str, int | None]]:
    """Return the responses with their texts, answers read, and each question's gold answer."""
    folder = data / "xcsqa" / "samples"
    groups = by_id(load_questions(str(folder), LANGUAGES))
    responses = []
    for code in LANGUAGES:
        file = folder / f"x_csqa_{code.replace('zh', 'cn')}_train_sampled.json"
        samples = json.loads(file.read_text(encoding="utf-8"))
        for identity, sample in zip(groups, samples, strict=True):
            responses += [
                Response(identity, code, n, "llama", text, (0, 1, 2, 3, 4))
                for n, text in enumerate(sample["pred"])
            ]
    golds = {identity: next(iter(v.values())).gold for identity, v in groups.items()}
    return list(extract(responses, groups)), golds


def rows_of(responses: list[Response], golds: dict[str, int | None]) -> list[Row]:
    """Return the rows that say what was read."""
    found = {identity: {"gold": _letter(gold)} for identity, gold in golds.items()}
    for response in responses:
        row = found[response.question_id]
        row[response.language] = row.get(response.language, "") + _letter(response.answer)
    return list(found.values())


def _letter(answer: int | None) -> str:
    return "-" if answer is None else LETTERS[answer]


def _number(letter: str) -> int | None:
    return None if letter == "-" else LETTERS.index(letter)


if __name__ == "__main__":
    read = rows_of(*answered_from_texts(Path(sys.argv[1])))
    ROWS.write_text("".join(json.dumps(row) + "\n" for row in read), encoding="utf-8")
