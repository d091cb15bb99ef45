"""The sentences that `calm` composes and the page shows, read from its source."""

import ast
from collections.abc import Iterator
from pathlib import Path

CALM = Path(__file__).resolve().parents[2] / "calm"
COMMAND_LINE = (
    *("cli/parser.py", "cli/commands.py", "exchange/import_samples.py"),
    *("pairs/lint/fix.py", "pairs/lint/report.py"),
)
"""Modules whose problems nobody meets on a page."""
PROBLEM = "CalmError"
MESSAGE = "message"
"""The name of a variable, and of an argument, that holds what is said of a run's state."""


def sentences() -> set[str]:
    """Return every sentence, with numbered places for what is filled in."""
    found = set()
    for file in CALM.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        found |= set(_of_runs(tree))
        if file.relative_to(CALM).as_posix() not in COMMAND_LINE:
            found |= set(_problems(tree))
    return {text for text in found if any(letter.isalpha() for letter in _without_places(text))}


def _problems(tree: ast.Module) -> Iterator[str]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _name(call.func) == PROBLEM:
            yield _sentence(call.args[0])


def _of_runs(tree: ast.Module) -> Iterator[str]:
    """Yield what is said of a run's state, where it is said or in a variable before."""
    for node in ast.walk(tree):
        texts: list[ast.expr] = []
        if isinstance(node, ast.Call) and _name(node.func) == "set_status":
            texts = [*node.args[4:], *(k.value for k in node.keywords if k.arg == MESSAGE)]
        elif isinstance(node, ast.Assign) and MESSAGE in map(_name, node.targets):
            texts = [node.value]
        yield from (_sentence(text) for text in texts if _is_text(text))


def _name(node: ast.expr) -> str:
    """Return the name of a variable, a function or a method; empty for anything else."""
    return getattr(node, "id", "") or getattr(node, "attr", "")


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _sentence(node: ast.expr) -> str:
    """Return a text of the source as a template; raises AssertionError where it is computed."""
    assert _is_text(node), f"line {node.lineno}: a problem's sentence must stand where it is raised"
    if isinstance(node, ast.Constant):
        return str(node.value)
    parts, place = [], 0
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        else:
            parts.append(f"{{{place}}}")
            place += 1
    return "".join(parts)


def _without_places(text: str) -> str:
    return "".join(part.partition("}")[2] or part for part in text.split("{"))
