"""The page of a run as a file that opens anywhere, and as a folder that is a static Space."""

import base64
import gzip
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from calm import __version__
from calm.asking.asked import Asked
from calm.errors import CalmError
from calm.model_names import called
from calm.runs.folder import Run
from calm.runs.jobs import check_idle
from ui.parts.html import concat, markup
from ui.parts.plain import NAME, document
from ui.static.content import content_of
from ui.text.words import INTERFACE_LANGUAGES, say, spoken_in

PAGE, README = "index.html", "README.md"
MARK = 'id="calm-run"'
"""Stands in every page of a run, and tells it from other files."""
LOOK_FOR_MARK = 1 << 20
"""Bytes of a page in which the mark stands: behind its style, before its data."""
TITLE = 60
"""Most characters of a Space's title."""


def page_of(run: Run, asked: Sequence[Asked]) -> Markup:
    """Return a run as one page; `asked` are the questions of its model that go along.

    Raises CalmError while it is being aligned, and where there is nothing to replay.
    """
    check_idle(run)
    data, numbers = content_of(run, asked)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    body = markup(
        '<main id="calm-run"><div id="needs">{}</div></main>{}{}',
        concat(_needs(code) for code in INTERFACE_LANGUAGES),
        _packed("content", text.encode("utf-8", "replace")),
        _packed("numbers", numbers),
    )
    title = f"{NAME} · {run.name}"
    styles = ["report/report.css", "static/static.css"]
    return document(title, body, styles, "static/static.js", has_server=False)


def _needs(code: str) -> Markup:
    """Return, in a language, what a reader needs who still sees it."""
    with spoken_in(code):
        words = say("static.needs")
    return markup('<p lang="{}" dir="auto">{}</p>', code, words)


def _packed(name: str, content: bytes) -> Markup:
    """Return bytes as an element that holds them and is never run."""
    text = base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()
    return markup('<script type="text/plain" id="{}">{}</script>', name, text)


def write_page(run: Run, folder: Path, asked: Sequence[Asked]) -> int:
    """Write a run's page into a folder of its own, with what a static Space needs; return its size.

    The size is in bytes. A page that was written there before is replaced, its README.md stays.
    Raises CalmError where the folder holds anything else, and as `page_of` does.
    """
    folder = folder.expanduser().absolute()
    _check_free(folder)
    page = page_of(run, asked).encode("utf-8", "replace")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".page-", dir=folder.parent))
        try:
            (work / PAGE).write_bytes(page)
            (work / README).write_text(_readme(run), encoding="utf-8")
            work.chmod(0o755)
            _put(work, folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise CalmError("file.not-writable", path=folder, reason=error.strerror) from None
    return len(page)


def _check_free(folder: Path) -> None:
    """Raise CalmError where a folder holds anything but a page of a run."""
    if not folder.exists() and not folder.is_symlink():
        return
    if folder.is_symlink() or not folder.is_dir():
        raise CalmError("static.taken", folder=folder)
    names = {path.name for path in folder.iterdir()}
    if names and not (names <= {PAGE, README} and _is_ours(folder / PAGE)):
        raise CalmError("static.taken", folder=folder)


def _is_ours(page: Path) -> bool:
    if page.is_symlink() or not page.is_file():
        return False
    with page.open("rb") as stream:
        return MARK.encode() in stream.read(LOOK_FOR_MARK)


def _put(work: Path, folder: Path) -> None:
    """Put a finished folder in its place: all of it at once, or the page of one that is there."""
    if folder.is_dir() and any(folder.iterdir()):
        (work / PAGE).replace(folder / PAGE)
        if not (folder / README).exists():
            (work / README).replace(folder / README)
    else:
        work.replace(folder)


def _readme(run: Run) -> str:
    """Return the README.md of a static Space: its settings, and what the page is."""
    title = json.dumps(f"CALM: {run.name}"[:TITLE], ensure_ascii=False)
    return (
        f"---\ntitle: {title}\nemoji: 🗳️\ncolorFrom: green\ncolorTo: gray\nsdk: static\n"
        f"app_file: {PAGE}\npinned: false\n"
        "short_description: An alignment across languages, recorded\n"
        "tags:\n- calm\n- multilingual\n---\n\n"
        f"# The run {run.name}\n\n"
        f"What aligning {called(run.config.model)} across languages changed, recorded by CALM\n"
        f"Studio {__version__}: questions and answers, votes, training, the numbers before and\n"
        "after. The page needs no server. The terms of the model hold for what it wrote.\n"
    )
