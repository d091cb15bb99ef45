"""The README and the pages of `docs/` cannot go stale."""

import ast
import functools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from calm.messages import CATALOGUES as MESSAGES
from tests.readme import DOCS, EXAMPLES, MEASURED, PART, PARTS, README, ROOT, pages, renewed

HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s#]*)(?:#([^)\s]+))?\)")
PATH = re.compile(r"`((?:calm|ui|tests|docs|benchmarks|Makefile)(?:/[\w.-]+)+)`")
MENTION = re.compile(
    r"(?<![\w/])(README|[A-Za-z][A-Za-z/-]*\.md)(?![A-Za-z])"
    r"(?:[^“«「„”.]{0,40}[“«「„][ \u202f]*([^”»」“]+?)[ \u202f]*[”»」“])?",
    re.ASCII,
)
"""A page that a message points at, and the heading in quotation marks behind it, if any."""
CATALOGUES = sorted([*(ROOT / "ui" / "text" / "locales").iterdir(), *MESSAGES.iterdir()])
"""The texts of the interface and the messages of `calm`, one file a language."""


def shown(page: Path) -> str:
    return str(page.relative_to(ROOT))


every_page = pytest.mark.parametrize("page", pages(), ids=shown)


def prose(page: Path) -> str:
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    titles = HEADING.findall(prose(page))
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@every_page
def test_the_generated_parts_are_those_of_the_code(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    # Versions of Python wrap the same words in different places.
    assert text.split() == renewed(text).split(), "call `make readme`"


def test_a_stale_part_and_a_stale_place_are_renewed() -> None:
    old = "<!-- story:begin -->\nold\n<!-- story:end -->\n<!-- file:RunConfig -->`old.py`\n"
    new = renewed(old)
    assert "old" not in new
    assert "votes.jsonl" in new
    with pytest.raises(LookupError, match="NoSuchThing is defined in no module"):
        renewed("<!-- file:NoSuchThing -->`x`")


def test_every_part_is_somewhere_and_every_example_is_shown() -> None:
    marked = [name for page in pages() for _, name, _ in PART.findall(page.read_text("utf-8"))]
    assert set(marked) == {
        *PARTS,
        *MEASURED,
        *(f"example:{file.name.removesuffix('.py')}" for file in EXAMPLES.glob("*.*")),
    }


def test_the_readme_is_short_and_begins_as_a_space_wants_it() -> None:
    text = README.read_text(encoding="utf-8")
    assert text.startswith("---\ntitle: CALM Studio\n")
    assert "\nmake run " in text
    assert "\nmake test " in text
    assert len(text.splitlines()) <= 150


@every_page
def test_every_link_leads_to_a_file_and_a_heading_that_exist(page: Path) -> None:
    for target, anchor in LINK.findall(prose(page)):
        if target.startswith(("http://", "https://")):
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.is_file(), target
        assert not anchor or anchor in anchors(file), f"{target}#{anchor}"


@pytest.mark.parametrize("page", [p for p in pages() if p.name != "CHANGELOG.md"], ids=shown)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    assert [name for name in PATH.findall(prose(page)) if not (ROOT / name).exists()] == []


def messages() -> Iterator[tuple[str, str]]:
    """Yield every text that a reader may meet, with the file that it stands in."""
    for file in sorted([*(ROOT / "calm").rglob("*.py"), *(ROOT / "ui").rglob("*.py")]):
        for node in ast.walk(without_docstrings(ast.parse(file.read_text(encoding="utf-8")))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield str(file), node.value
    for file in CATALOGUES:
        for key in texts_of(file):
            yield from ((str(file), text) for text in worded(file, key))


@functools.cache
def texts_of(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text(encoding="utf-8")))


def worded(file: Path, key: str) -> list[str]:
    """Return the wordings of a message in a catalogue, one for each form."""
    entry = texts_of(file)[key]
    return [entry] if isinstance(entry, str) else list(entry.values())


def without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [row for row in body if not is_text(row)]  # type: ignore[attr-defined]
    return tree


def is_text(row: ast.stmt) -> bool:
    return isinstance(row, ast.Expr) and isinstance(row.value, ast.Constant)


def mentions(text: str) -> list[tuple[Path, str]]:
    """Return the pages that a text points at, each with the heading that it names, or none."""
    found = MENTION.findall(text)
    return [(README if name == "README" else ROOT / name, title) for name, title in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is in the README, under “Start”.", [(README, "Start")]),
        ("dans docs/data.md, sous « Question sets ».", [(DOCS / "data.md", "Question sets")]),
        ("steht in docs/data.md unter „Question sets“.", [(DOCS / "data.md", "Question sets")]),
        ("形式はdocs/data.mdの「Question sets」を", [(DOCS / "data.md", "Question sets")]),
        ("See docs/http.md.", [(DOCS / "http.md", "")]),
        ("Nothing is named here.", []),
    ],
)
def test_a_mention_of_a_page_is_seen(text: str, found: list[tuple[Path, str]]) -> None:
    assert mentions(text) == found


def test_messages_point_only_at_pages_and_headings_that_exist() -> None:
    seen = 0
    for file, text in messages():
        for page, title in mentions(text):
            seen += 1
            assert page.is_file(), f"{file}: {text}"
            titles = HEADING.findall(prose(page))
            assert not title or title in titles, f"{file}: {text}"
    assert seen, "no message points at a page: is the pattern still right?"


def test_a_translated_message_points_where_the_english_one_does() -> None:
    pointing = 0
    for file in CATALOGUES:
        for key in texts_of(file):
            (english, *_) = worded(file.with_name("en.json"), key)
            for text in worded(file, key):
                pointing += bool(mentions(text))
                assert mentions(text) == mentions(english), f"{file}: {key}"
    assert pointing >= 7


def test_the_documentation_builds_as_a_site_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    first = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "A tour of five minutes" in first
    assert "short_description" not in first
    assert {path.name for path in tmp_path.glob("*.py")} == set()
    # Nothing is fetched from elsewhere when a page is opened.
    assert not re.findall(r'(?:src|rel="stylesheet" href)="https?://', first)
