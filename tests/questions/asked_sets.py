"""A process that reads public sets of a Hub, one a line: what its environment says counts once.

    python -m tests.questions.asked_sets < LINES

It reads the name of a set and languages a line, `belebele en de`, and writes a line of JSON for
each: the questions and what else is told of them, or the sentence that refuses them.
"""

import dataclasses
import json
import sys
import traceback
from typing import Any

from calm.errors import CalmError
from calm.questions.public_load import load_public


def told(name: str, languages: list[str]) -> dict[str, Any]:
    try:
        loaded = load_public(name, languages)
        return {
            "questions": [dataclasses.asdict(question) for question in loaded.questions],
            "record": loaded.record(),
            "said": [str(said) for said in loaded.said],
        }
    except CalmError as error:
        return {"refused": str(error)}
    except Exception:  # the test reads what went wrong
        return {"traceback": traceback.format_exc()}


if __name__ == "__main__":
    for line in sys.stdin:
        name, *languages = line.split()
        print(json.dumps(told(name, languages)), flush=True)
