"""The parts of the documentation that are read from the code: what a marked place in a page holds.

Each function returns Markdown. `tests/readme.py` puts it into the pages.
"""

import argparse
import ast
import contextlib
import dataclasses
import functools
import inspect
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).resolve().parent.parent
SHOWN = ("app.py", "calm", "ui", "benchmarks")
PRODUCT = ("calm", "ui")
JSON_NAMES = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "true or false",
    type(None): "null",
}


def help_text() -> str:
    """Return the help of every command under a heading, as a terminal of 96 columns shows it."""
    sections = []
    for words, command in commands():
        with _environment(COLUMNS="96"):
            text = command.format_help().rstrip()
        title = " ".join(words) or "All commands"
        shown = " ".join(("python -m calm", *words, "--help"))
        sections.append(f"## {title}\n\n```text\n$ {shown}\n{text}\n```")
    return "\n\n".join(sections)


def commands() -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    """Yield every command that does something by its words; the program itself has none."""
    from calm.cli.parser import parser

    top = parser()
    yield (), top
    yield from _below(top, ())


def _below(
    parser: argparse.ArgumentParser, words: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    for action in parser._actions:
        if not isinstance(action, argparse._SubParsersAction):
            continue
        for name, command in action.choices.items():
            inner = list(_below(command, (*words, name)))
            yield from inner or [((*words, name), command)]


def tree() -> str:
    """Return the files, folder by folder, with the first line of what each says about itself."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    paths = [Path(name) for name in listed if _is_shown(Path(name))]
    lines, folder = [], None
    for path in sorted(paths, key=lambda path: (path.parent, path.name)):
        if path.parent != folder:
            folder = path.parent
            lines.append(f"{folder}/")
        lines.append(f"  {path.name:<22}{_says(ROOT / path)}".rstrip())
    return "```text\n" + "\n".join(lines) + "\n```"


def _is_shown(path: Path) -> bool:
    return path.suffix == ".py" and path.parts[0] in SHOWN and (ROOT / path).is_file()


def _says(path: Path) -> str:
    """Return the first sentence of a module's docstring."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.split("\n", 1)[0].rstrip(".")


def story() -> str:
    """Return what the package says of its stages."""
    import calm

    parts = inspect.cleandoc(calm.__doc__ or "").split("\n\n")
    (stages,) = [part for part in parts if "responses.jsonl" in part]
    return f"```text\n{stages}\n```"


def packages() -> str:
    """Return the packages and the modules beside them, each after those that it may import."""
    from tests.test_architecture import METHOD, PAGE

    lines = []
    for whole, order in (("calm", METHOD), ("ui", PAGE)):
        for name in (name for name in order if not name.startswith("__")):
            folder, file = ROOT / whole / name, ROOT / whole / f"{name}.py"
            shown = f"{whole}/{name}/" if folder.is_dir() else f"{whole}/{name}.py"
            says = _says(folder / "__init__.py" if folder.is_dir() else file)
            lines.append(f"| `{shown}` | {says} |")
    return "\n".join(["| | |", "|---|---|", *lines])


def run_folder() -> str:
    """Return every file of a run: the stage that writes it, and its fields."""
    from calm.pipeline.stages import STAGES
    from calm.records import ModelRecord, Status
    from calm.runs.folder import FILES

    stage_of = {name: stage for stage, row in STAGES.items() for name in row.files}
    objects: dict[str, type[Any]] = {"status.json": Status, "model.json": ModelRecord}
    tables = [_heading(name, kind, "") + _fields(kind) for name, kind in objects.items()]
    first: dict[type[Any], str] = {}
    for name, kind in FILES.items():
        same = first.setdefault(kind, name)
        anchor = f"[{same}.jsonl](#{same}jsonl)"
        fields = _fields(kind) if same == name else f"The fields are those of {anchor}."
        tables.append(_heading(f"{name}.jsonl", kind, stage_of.get(name, "")) + fields)
    return "\n\n".join(tables)


def settings() -> str:
    """Return `config.json` of a run with all settings at their defaults."""
    from calm.config import RunConfig

    return f"```json\n{json.dumps(dataclasses.asdict(RunConfig()), indent=2)}\n```"


METHODS_IN_WORDS = {
    "dpo": "*chosen* rather than *rejected*, as in the paper",
    "dpo+sft": "the same, and *chosen* likelier (`--sft-weight`); the default",
    "robust": "DPO that reckons with pairs that are the wrong way round",
    "apo_zero": "*chosen* likelier than before, *rejected* less likely, each by itself",
    "ipo": "a set distance between the two, so that certain pairs are not learnt without end",
    "hinge": "pushes apart up to a margin (SLiC)",
    "sft": "*chosen* alone is learnt",
    "dco": "every language prefers of two choices what the others prefer",
    "dpo+dco": "DPO on pairs and DCO on choices (`--dco-weight`)",
    "consensus": "every language gives the choices the probabilities that all give them together",
}


def methods() -> str:
    """Return the methods as a table."""
    from calm.training.methods import METHODS

    rows = []
    for name, row in METHODS.items():
        paper, _, number = row.source.partition(", arXiv ")
        link = f", [arXiv {number}](https://arxiv.org/abs/{number})" if number else "this project"
        needs = "pairs and choices" if row.needs == "both" else row.needs
        rows.append(f"| `{name}` | {METHODS_IN_WORDS[name]} | {needs} | {paper}{link} |")
    head = ["| method | what it teaches | needs | source |", "|---|---|---|---|"]
    return "\n".join([*head, *rows])


def _heading(name: str, kind: type[Any], stage: str) -> str:
    says = inspect.cleandoc(kind.__doc__ or "").replace("\n", " ")
    by = f" Written by `{stage}`." if stage else ""
    return f"### {name}\n\n{says}{by}\n\n"


def _fields(kind: type[Any]) -> str:
    """Return a record's fields as a table."""
    hints, notes = typing.get_type_hints(kind), _field_notes(kind)
    rows = [
        f"| `{field.name}` | {_json_type(hints[field.name])} | {notes.get(field.name, '')} |"
        for field in dataclasses.fields(kind)
    ]
    return "\n".join(["| field | holds | |", "|---|---|---|", *rows])


def _field_notes(kind: type[Any]) -> dict[str, str]:
    """Return the docstrings that stand below a record's fields, those of its bases too."""
    notes: dict[str, str] = {}
    for base in reversed(kind.__mro__[:-1]):
        (node,) = ast.parse(textwrap.dedent(inspect.getsource(base))).body
        assert isinstance(node, ast.ClassDef)
        for field, note in zip(node.body, node.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(note, ast.Expr):
                assert isinstance(field.target, ast.Name)
                said = inspect.cleandoc(ast.literal_eval(note.value))
                said = said.replace("\n", " ").replace("|", "\\|").replace("`None`", "null")
                notes[field.target.id] = said
    return notes


def _json_type(hint: Any) -> str:
    """Return what a field holds in JSON, in words."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in inner)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_json_type(part) for part in inner)
    if origin is tuple and inner[-1] is not Ellipsis:
        return f"list ({', '.join(map(_json_type, inner))})"
    if origin in (tuple, list):
        return f"list of {_json_type(inner[0])}"
    if origin is dict:
        return f"object of {_json_type(inner[1])}"
    return JSON_NAMES.get(hint) or f"`{hint.__name__}`"


def endpoints() -> str:
    """Return every named endpoint of the app: what it takes, what it returns, what it says."""
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as home, _environment(CALM_HOME=home):
        from ui.app import build
        from ui.parts.models import NO_MODEL, Models

        demo = build(Models(NO_MODEL))
        says = {function.api_name: function.fn.__doc__ for function in demo.fns.values()}
        named = demo.get_api_info()["named_endpoints"]
    sections = []
    for path, info in named.items():
        name = path.removeprefix("/")
        taken = [_parameter(row) for row in info["parameters"]]
        gives = ", ".join(_python_type(row) for row in info["returns"]) or "None"
        lines = "".join(f"    {part},\n" for part in taken)
        given = f"\n{lines}" if len(taken) > 1 else "".join(taken)
        call = f"{name}({given}) -> {gives}"
        text = _as_page(inspect.cleandoc(says[name] or ""))
        sections.append(f"### /{name}\n\n```text\n{call}\n```\n\n{text}")
    return "\n\n".join(sections)


def _as_page(docstring: str) -> str:
    """Return a docstring as a page has it: arguments as a list, but settings, told of elsewhere."""
    from calm.settings import SETTINGS

    text, _, told = docstring.partition("\n\nArgs:\n")
    rows = [row.strip().partition(": ")[::2] for row in told.splitlines()]
    helps = {name: f"{setting.help}." for name, setting in SETTINGS.items()}
    listed = [f"- `{name}`: {what}" for name, what in rows if helps.get(name) != what]
    return "\n\n".join([text, *(["\n".join(listed)] if listed else [])])


def _parameter(row: dict[str, Any]) -> str:
    default = f" = {row['parameter_default']!r}" if row["parameter_has_default"] else ""
    return f"{row['parameter_name']}: {_python_type(row)}{default}"


def _python_type(row: dict[str, Any]) -> str:
    written: str = row["python_type"]["type"]
    return re.sub(r"dict\(([^()]*)\)", r"dict[\1]", written)


@contextlib.contextmanager
def _environment(**values: str) -> Iterator[None]:
    kept = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in kept.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def example(file: Path) -> str:
    """Return a program of `docs/examples` without what it says about itself."""
    text = file.read_text(encoding="utf-8")
    code = text.split('"""', 2)[2] if file.suffix == ".py" else text
    kind = {".py": "python"}.get(file.suffix, file.suffix[1:])
    return f"```{kind}\n{code.strip()}\n```"


def place(name: str) -> str:
    """Return the one file of the product whose module defines this function, class or constant.

    Raises LookupError where none or more than one does: a page then points at nothing.
    """
    found = _definitions().get(name, [])
    if len(found) != 1:
        raise LookupError(f"{name} is defined in {found or 'no module'}; a page points at it")
    return found[0]


@functools.cache
def _definitions() -> dict[str, list[str]]:
    """Return the files by what their modules define at the top."""
    files: dict[str, list[str]] = {}
    for file in sorted(path for top in PRODUCT for path in (ROOT / top).rglob("*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            for name in _names(node):
                files.setdefault(name, []).append(str(file.relative_to(ROOT)))
    return files


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
    return [target.id for target in targets if isinstance(target, ast.Name)]
