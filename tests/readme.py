"""The README and the pages of `docs/`: their generated parts, renewed.

A page marks a generated part with `<!-- NAME:begin -->` and `<!-- NAME:end -->`, and a file that it
points at with `<!-- file:NAME -->` before its path: the file that defines NAME.
`python tests/readme.py --write` renews all of them; `test_readme.py` checks that they are up to
date.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import reference  # noqa: E402 - as a script it is found from here only

README = ROOT / "README.md"
DOCS = ROOT / "docs"
EXAMPLES = DOCS / "examples"
PARTS: dict[str, Callable[[], str]] = {
    "help": reference.help_text,
    "tree": reference.tree,
    "story": reference.story,
    "packages": reference.packages,
    "settings": reference.settings,
    "run-folder": reference.run_folder,
    "endpoints": reference.endpoints,
    "methods": reference.methods,
}
PART = re.compile(r"(<!-- ([\w:.-]+):begin -->\n).*?(<!-- \2:end -->)", re.DOTALL)
PLACE = re.compile(r"(<!-- file:(\w+) -->)`[\w./-]*`")
MEASURED = ("results", "goals", "measured", "floor", "presets", "study")
"""Parts that the benchmarks write."""


def pages() -> list[Path]:
    """Return the README, what stands beside it, and the pages of `docs/`."""
    return [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def renewed(text: str) -> str:
    """Return a page with its generated parts renewed."""
    text = PART.sub(_part, text)
    return PLACE.sub(lambda match: f"{match[1]}`{reference.place(match[2])}`", text)


def _part(match: re.Match[str]) -> str:
    kind, _, name = match[2].partition(":")
    if kind in MEASURED:
        return match[0]
    made = (
        reference.example(EXAMPLES / (name if "." in name else f"{name}.py"))
        if kind == "example"
        else PARTS[kind]()
    )
    return f"{match[1]}{made}\n{match[3]}"


def main() -> None:
    """Write the pages that changed, or name them."""
    for page in pages():
        old = page.read_text(encoding="utf-8")
        new = renewed(old)
        if new != old:
            print(page.relative_to(ROOT))
            if "--write" in sys.argv:
                page.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
