"""What `pip install` gives: both packages with all their data, the commands, one version."""

import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import textwrap
import tomllib
import zipfile
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

import calm
from tests.ui.browser import wait_until_up

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"requirements.lock": "", "requirements-dev.txt": "dev", "requirements-bench.txt": "bench"}
"""The files of exact versions, and the extra that each goes with."""


def sources() -> list[str]:
    """Return the files that belong to the project, as git sees them."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    return [name for name in listed if name and (ROOT / name).is_file()]


def pip(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the project's files, built apart from them."""
    folder = tmp_path_factory.mktemp("project")
    for name in sources():
        if name.startswith(("calm/", "ui/")) or "/" not in name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    pip("wheel", "--no-deps", "--no-build-isolation", "-w", str(folder / "dist"), str(folder))
    (built,) = (folder / "dist").glob("*.whl")
    return built


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
        return message_from_bytes(archive.read(name))


def test_the_wheel_holds_every_file_of_both_packages_and_no_other(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == {name for name in sources() if name.startswith(("calm/", "ui/"))}
    assert {"ui/style.css", "ui/text/locales/ja.json", "calm/py.typed"} <= held
    assert {
        "calm/data/messages/ar.json",
        "calm/data/questions/zh.jsonl",
        "calm/data/languages/ko.toml",
    } <= held


def test_the_version_stands_in_one_place(wheel: Path) -> None:
    assert metadata(wheel)["Version"] == calm.__version__
    assert wheel.name.startswith(f"calm_studio-{calm.__version__}-")
    assert calm.__version__ not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def ranges(extra: str) -> dict[str, Requirement]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    listed = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return {requirement.name: requirement for requirement in map(Requirement, listed)}


@pytest.mark.parametrize(("file", "extra"), LOCKS.items(), ids=list(LOCKS))
def test_each_exact_version_is_one_of_those_that_the_package_takes(file: str, extra: str) -> None:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    locked = dict(re.findall(r"^([\w-]+)(?:\[\w+\])?==(\S+)$", "\n".join(lines), re.MULTILINE))
    assert set(locked) == set(ranges(extra))
    for name, version in locked.items():
        assert ranges(extra)[name].specifier.contains(version), f"{name} {version}"


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of a fresh environment with the wheel; it borrows the rest."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    program = folder / "bin" / "python"
    pip("--python", str(program), "install", "--no-deps", "--no-index", str(wheel))
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return program.parent


Call = Callable[..., str]


@pytest.fixture
def call(installed: Path, tmp_path: Path) -> Call:
    """Call a program of the fresh environment from an empty folder; return what it printed."""

    def called(name: str, *arguments: str) -> str:
        home = {"CALM_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "1"}
        (tmp_path / "empty").mkdir(exist_ok=True)
        done = subprocess.run(
            [str(installed / name), *arguments],
            cwd=tmp_path / "empty",
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | home,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return called


def run(call: Call, program: str) -> str:
    """Run a program in the fresh environment, with its own `calm`."""
    found = "import sys, calm\nassert calm.__file__.startswith(sys.prefix)\n"
    return call("python", "-c", found + textwrap.dedent(program))


@pytest.mark.slow
def test_the_installed_command_tells_its_own_name(call: Call) -> None:
    assert call("calm", "--help").startswith("usage: calm [-h] COMMAND")
    assert call("calm", "prepare", "--help").startswith("usage: calm prepare ")
    assert call("python", "-m", "calm", "prepare", "--help").startswith("usage: python -m calm ")


@pytest.mark.slow
def test_the_installed_command_reads_its_data(call: Call) -> None:
    lines = call("calm", "questions", "export", "--languages", "en,ar").splitlines()
    assert len(lines) > 1000


@pytest.mark.slow
def test_the_installed_pages_are_built(call: Call) -> None:
    built = run(
        call,
        """
        from ui.app import STYLE, build
        from ui.parts.models import NO_MODEL, Models
        from calm.messages import message, said_in
        print(STYLE.is_file(), len(build(Models(NO_MODEL)).fns) > 50)
        print(said_in("de", message("program.no-language")))
        """,
    )
    assert built.split("\n")[0] == "True True"
    assert "Es gibt keine Sprache" in built


@pytest.mark.slow
def test_the_installed_app_is_served(installed: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {"CALM_HOME": str(tmp_path), "CALM_MODEL": "none", "GRADIO_SERVER_PORT": str(port)}
    with subprocess.Popen([installed / "calm-studio"], cwd=tmp_path, env=os.environ | own) as app:
        try:
            wait_until_up(f"http://127.0.0.1:{port}", app)
        finally:
            app.terminate()


@pytest.mark.slow
def test_an_installed_package_starts_its_jobs(call: Call) -> None:
    """In another folder, which holds a `calm.py` that is not ours."""
    said = run(
        call,
        """
        import pathlib, time
        pathlib.Path("calm.py").write_text("raise SystemExit('the wrong calm')")
        from calm.config import RunConfig
        from calm.runs import jobs
        from calm.runs.folder import create_run
        run = create_run("mine", RunConfig(languages=("en", "fr")))
        jobs.start(run, "questions")
        while jobs.is_running(run):
            time.sleep(0.1)
        print(run.status().state, len(run.rows("questions")) > 1000, run.log.read_text())
        """,
    )
    assert said.startswith("stopped True"), said
