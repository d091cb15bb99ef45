"""The messages that the program says, read from its source: their keys and the names of values."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
SAYING = ("CalmError", "NotEnough", "OutOfTime", "Refused", "message", "say_message")
"""What is called with a key of the catalogue and values by name."""
MADE = ("ui.text.problems",)
"""Modules that hand a key on."""


@dataclass(frozen=True)
class Said:
    """One place where something is said."""

    where: str
    key: str
    """The key; where it is put together, what is fixed of it, with a star for the rest."""
    values: frozenset[str]


def said_in(root: str, saying: Sequence[str] = SAYING) -> list[Said]:
    """Return everything said in a folder; raises AssertionError where it cannot be told what."""
    files = sorted((ROOT / root).rglob("*.py"))
    return [said for file in files if _name(file) not in MADE for said in said_by(file, saying)]


def said_by(file: Path, saying: Sequence[str]) -> Iterator[Said]:
    """Yield what one file says."""
    for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in saying:
            where = f"{file.name}:{call.lineno}"
            names = [keyword.arg for keyword in call.keywords]
            assert None not in names, f"{where}: name the values of a message where it is said"
            yield Said(where, _key(call.args[0], where), frozenset(filter(None, names)))


def _name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


def _key(node: ast.expr, where: str) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr), f"{where}: the key must stand where it is said"
    parts = [str(p.value) if isinstance(p, ast.Constant) else "*" for p in node.values]
    return "".join(parts)
