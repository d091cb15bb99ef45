"""The command line in tests: called in a process of its own, and files to call it on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUESTION = {
    "id": "gas",
    "split": "train",
    "language": "en",
    "text": "Which gas?",
    "choices": ["helium", "oxygen"],
    "gold": 1,
}
Output = pytest.CaptureFixture[str]


def calm(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "calm", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def question_file(folder: Path, *rows: dict[str, object]) -> Path:
    file = folder / "mine.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def two_splits(folder: Path) -> Path:
    rows = [
        QUESTION | {"id": split, "split": split, "language": code}
        for split in ("train", "held-out")
        for code in ("en", "fr")
    ]
    return question_file(folder, *rows)
