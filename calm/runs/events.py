"""What happened to a run, in order: messages with their stage and time, for whoever reads later.

`log.txt` holds all that the process said, in English; what lies here is the part for people, worded
in the language of each reader, however the run was begun: by a page, a command or a program.
"""

import dataclasses
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

from calm.messages import Message
from calm.runs.folder import Run

EVENTS = "events"
"""The name of the file before `.jsonl`."""
READ_BYTES = 1 << 16
"""How much of the file's end is read: more than the events of many starts."""


@dataclass(frozen=True)
class Event:
    """One thing that happened."""

    at: float
    """In seconds since the epoch."""
    stage: str
    said: Message | str
    """A text where it is no message of ours, such as one of a library."""


def note_event(run: Run, stage: str, said: Message | str) -> None:
    """Write down that something happened now."""
    text = dataclasses.asdict(said) if isinstance(said, Message) else said
    run.append_json(EVENTS, {"at": time.time(), "stage": stage, "said": text})


def last_events(run: Run, most: int) -> list[Event]:
    """Return the last things that happened, the newest last; a line that is none is left out."""
    path = run.path(EVENTS)
    if not path.is_file():
        return []
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - READ_BYTES))
        lines = stream.read().split(b"\n")
    return list(_events(lines))[-most:]


def _events(lines: list[bytes]) -> Iterator[Event]:
    for line in lines:
        try:
            row = json.loads(line)
            said = row["said"]
            text = Message.from_json(said) if isinstance(said, dict) else str(said)
            yield Event(float(row["at"]), str(row["stage"]), text)
        except (ValueError, TypeError, KeyError):
            continue
