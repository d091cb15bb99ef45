"""For mkdocs: what stands beside `docs/` becomes pages of the site, the README its first one."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages, with their links as they are seen from within `docs/`."""
    for name, page in PAGES.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=linked(text)))
    return files


def linked(text: str) -> str:
    """Return a page without the front matter of a Space, its links to other pages turned."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL).replace("](docs/", "](")
    for name, page in PAGES.items():
        text = text.replace(f"]({name}", f"]({page}")
    return text
