"""The parts of the README that are generated: the command help and the file tree.

`python tests/readme.py --write` renews them; `test_readme.py` checks that they are up to date.
"""

import ast
import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
COMMANDS = (
    "",
    "align",
    "questions export",
    "questions check",
    "extract",
    "vote",
    "pairs",
    "lint",
    "import-responses",
    "export",
    "archive",
    "open",
    "ballots tally",
    "ballots export",
    "measure",
    "check-model",
)


def help_text() -> str:
    """Return the help of the main commands, as a terminal of 96 columns shows it."""
    sys.path.insert(0, str(ROOT))
    os.environ["COLUMNS"] = "96"
    from calm.cli.parser import parser

    parts = []
    for command in COMMANDS:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
            parser().parse_args([*command.split(), "--help"])
        parts.append(f"```\n$ python -m calm {command} --help".replace("  ", " "))
        parts.append(out.getvalue().rstrip() + "\n```")
    return "\n".join(parts)


def tree() -> str:
    """Return the files with the first line of what each says about itself."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    lines, folder = [], None
    for name in sorted(path for path in listed if is_shown(path)):
        path = Path(name)
        if path.parent != folder:
            folder = path.parent
            lines.append(f"{folder}/" if str(folder) != "." else "./")
        lines.append(f"  {path.name:<22}{says(ROOT / path)}".rstrip())
    return "```\n" + "\n".join(lines) + "\n```"


def is_shown(name: str) -> bool:
    path = Path(name)
    return path.suffix == ".py" and path.parts[0] in ("app.py", "calm", "ui", "benchmarks")


def says(path: Path) -> str:
    """Return the first sentence of a module's docstring."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.split("\n", 1)[0].rstrip(".")


def renewed(text: str) -> str:
    """Return the README with its generated parts renewed."""
    for name, content in (("help", help_text()), ("tree", tree())):
        pattern = re.compile(rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)", re.DOTALL)
        text = pattern.sub(lambda match, new=content: f"{match[1]}{new}\n{match[2]}", text)
    return text


if __name__ == "__main__":
    new = renewed(README.read_text(encoding="utf-8"))
    if "--write" in sys.argv:
        README.write_text(new, encoding="utf-8")
    else:
        print(new)
