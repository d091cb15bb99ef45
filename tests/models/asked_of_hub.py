"""A process that loads models of a Hub, one a line: what its environment says counts once.

    python -m tests.models.asked_of_hub < NAMES

It reads a name a line, or `again` and the name of a run that it made, and writes a line of JSON for
each: what the model answers and is recorded as, or the sentence that refuses it.
"""

import json
import sys
import traceback
from typing import Any

from calm.config import RunConfig
from calm.errors import CalmError
from calm.models.interface import Draw, Prompt
from calm.pipeline.context import Context
from calm.runs.folder import create_run, open_run


def told(asked: str, number: int) -> dict[str, Any]:
    """Return what becomes of a run with this model, or of one that goes on."""
    again, _, before = asked.partition(" ")
    try:
        run = (
            open_run(before)
            if again == "again"
            else create_run(f"run-{number}", RunConfig(model=asked, precision="fp32"))
        )
        model = Context(run).model()
        texts = model.generate([Prompt("Which planet is the largest?")], [Draw(8)])
        record = json.loads((run.folder / "model.json").read_text())
        return {
            "run": run.folder.name,
            "texts": texts,
            "record": record,
            "name_or_path": model.model.name_or_path,
        }
    except CalmError as error:
        return {"refused": str(error)}
    except Exception:  # the test reads what went wrong
        return {"traceback": traceback.format_exc()}


if __name__ == "__main__":
    for number, line in enumerate(sys.stdin):
        print(json.dumps(told(line.strip(), number)), flush=True)
