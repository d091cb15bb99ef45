"""Check a file of preference pairs."""

from pathlib import Path

from calm.pairs.lint.report import as_text, lint, linted_file

pairs, left_out = linted_file(Path("pairs.jsonl"))
print(len(pairs), "pairs,", len(left_out), "rows that are none")
print(*as_text(lint(pairs)), sep="\n")
