"""The clients of `docs/clients.md`, run as the page shows them, on the app as it is served."""

import contextlib
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calm.records import Score
from calm.runs import jobs
from calm.runs.folder import open_run
from tests.fakes import FakeModel
from tests.readme import DOCS, EXAMPLES
from tests.ui.browser import served_here

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ADDRESS = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app with a model made for tests; runs are aligned with it, too."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CALM_HOME", str(tmp_path_factory.mktemp("clients")))
        patched.setattr(jobs, "CALM", (sys.executable, "-m", "tests.aligned_by_fake"))
        with served_here(FakeModel()) as where:
            yield where.rstrip("/")


def program(name: str, where: str) -> str:
    return (EXAMPLES / name).read_text(encoding="utf-8").replace(ADDRESS, where)


def accuracies_of(run: str) -> list[Score]:
    """Return what lies in the folder of a run that an app has finished."""
    rows = [row for row in open_run(run).rows("scores") if row.metric == "accuracy"]
    found = [row for row in rows if row.language == "all"]
    assert {row.model for row in found} == {"base", "aligned", "change"}
    return found


def check_said(said: str, run: str) -> None:
    """Check what a program printed, line by line, against what lies in the run's folder."""
    vote, state, *accuracies = said.splitlines()
    assert re.fullmatch(r"(honey|milk|silk) (1(\.0)?|0\.\d+) \w+", vote)
    assert state == "done compare"
    rows = accuracies_of(run)
    given = [line.split() for line in accuracies]
    assert [line[:2] for line in given] == [[row.model, row.reading] for row in rows]
    assert [float(line[2]) for line in given] == [row.value for row in rows]


def test_the_client_in_python(app: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(program("clients.py", app), {})
    check_said(said.getvalue().partition("\n")[2], "from-python")


def test_the_client_in_javascript_without_a_browser(app: str, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node.js")
    file = tmp_path / "client.mjs"
    file.write_text(program("clients.js", app).replace("from-javascript", "from-node"), "utf-8")
    done = subprocess.run([node, file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    check_said(done.stdout, "from-node")


def test_the_client_in_javascript_in_a_browser(app: str, chromium: "Browser") -> None:
    page = chromium.new_page()
    said: list[str] = []
    page.goto(f"{app}/gradio_api/info")  # any address of the app: a light one
    page.on("console", lambda message: said.append(message.text))
    page.evaluate(f"async () => {{ {program('clients.js', app)} }}")
    page.close()
    check_said("\n".join(said), "from-javascript")


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_the_client_with_curl(app: str) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", program("clients.sh", app)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    vote, started, state, *scores = done.stdout.strip().splitlines()
    assert re.fullmatch(r'"winner": [012], "share": [\d.]+', vote)
    assert json.loads(started)[0]["state"] == "queued"
    assert state == '"state": "done"'
    values = [json.loads(f"{{{line}}}")["value"] for line in scores]
    assert values == [row.value for row in accuracies_of("from-curl")]


def test_what_is_refused_is_said_to_each_client(app: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALM_READ_ONLY", "1")
    code = program("clients.sh", app).partition("question=")[0]
    call = f'{code}\ncall stop_alignment \'{{"run": "gone"}}\''
    done = subprocess.run(["bash", "-c", call], capture_output=True, text=True, check=False)
    assert "for looking only" in done.stdout


def test_the_page_shows_these_programs_and_where_the_tools_are() -> None:
    text = (DOCS / "clients.md").read_text(encoding="utf-8")
    for suffix in ("py", "js", "sh"):
        code = (EXAMPLES / f"clients.{suffix}").read_text(encoding="utf-8")
        assert (code.split('"""', 2)[2] if suffix == "py" else code).strip() in text
    (block,) = re.findall(r"^```json\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (server,) = json.loads(block)["mcpServers"].values()
    assert server["url"] == f"{ADDRESS}/gradio_api/mcp/"
