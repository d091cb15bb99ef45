"""What would stop the app is said before it is served, and it ends as the system asks."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psutil
import pytest
from gradio_client import Client

from calm.config import RunConfig
from calm.errors import CalmError
from calm.runs.folder import create_run, open_run
from tests.ui.browser import ROOT, wait_until_up
from tests.ui.visitors import PATIENT
from ui.serving.start import check_free, check_home, server_port
from ui.serving.watch import watch

LANGUAGES = ("en", "fr")
IN_A_CONTAINER = ["unshare", "--pid", "--fork", "--mount-proc"]
SECONDS = 10
"""How long a container has to end before it is killed."""


@pytest.mark.parametrize("told", ["abc", "0", "-1", "65536", "7860.0", "٧٨٦٠", "9" * 5000])
def test_what_is_no_port_is_refused(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.setenv("GRADIO_SERVER_PORT", told)
    with pytest.raises(CalmError, match=r"GRADIO_SERVER_PORT holds .* Give a whole number"):
        server_port()


@pytest.mark.parametrize(("told", "port"), [("", 7860), (" 80 ", 80), ("65535", 65535)])
def test_a_port_is_a_number(monkeypatch: pytest.MonkeyPatch, told: str, port: int) -> None:
    monkeypatch.setenv("GRADIO_SERVER_PORT", told)
    assert server_port() == port


def test_a_port_in_use_is_said_with_another_to_take() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CalmError, match=f"Port {port} is in use.*GRADIO_SERVER_PORT="):
            check_free("127.0.0.1", port)
    check_free("127.0.0.1", port)


@pytest.mark.parametrize("name", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_that_is_not_this_machine_s_is_said(name: str) -> None:
    with pytest.raises(CalmError, match=f"cannot listen at {name}"):
        check_free(name, 7860)


def test_a_home_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CALM_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(CalmError, match="cannot be written"):
        check_home()
    monkeypatch.setenv("CALM_HOME", str(tmp_path / "home"))
    check_home()
    assert list((tmp_path / "home").iterdir()) == []


def test_a_program_that_cannot_be_served_says_so_and_ends(tmp_path: Path) -> None:
    own = {"CALM_HOME": str(tmp_path), "GRADIO_SERVER_PORT": "abc"}
    done = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("calm: The variable GRADIO_SERVER_PORT")
    assert "Traceback" not in done.stderr


@contextmanager
def app(home: Path, around: list[str]) -> Iterator[tuple[str, psutil.Process]]:
    """Serve the app without a model; give its address and its own process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {"CALM_HOME": str(home), "CALM_MODEL": "none", "GRADIO_SERVER_PORT": str(port)}
    with (home / "app.log").open("wb") as log:
        started = subprocess.Popen(
            [*around, sys.executable, "app.py"],
            cwd=ROOT,
            env=os.environ | own,
            stdout=log,
            stderr=log,
        )
    try:
        where = f"http://127.0.0.1:{port}"
        wait_until_up(where, started)
        process = psutil.Process(started.pid)
        yield where, process.children()[0] if around else process
        started.wait(SECONDS)
    finally:
        started.kill()
        started.wait()


def can_unshare() -> bool:
    if shutil.which("unshare") is None:
        return False
    return (
        subprocess.run([*IN_A_CONTAINER, "true"], capture_output=True, check=False).returncode == 0
    )


def test_asked_to_end_it_is_gone_also_as_process_1_of_a_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    around = IN_A_CONTAINER if can_unshare() else []
    with app(tmp_path, around) as (where, process):
        with urllib.request.urlopen(f"{where}/healthz") as answer:
            assert json.load(answer) == {"model": "absent"}
        monkeypatch.setenv("GRADIO_SERVER_PORT", where.rpartition(":")[2])
        assert watch() == ""
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)
    assert "refused" in watch()
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(where)


def test_asked_to_end_it_has_its_run_save(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALM_HOME", str(tmp_path))
    pipe = tmp_path / "questions.jsonl"
    os.mkfifo(pipe)
    create_run("mine", RunConfig(model="no/model", question_set=str(pipe), languages=LANGUAGES))
    rows = [
        {"id": split, "split": split, "language": code, "text": "?", "choices": ["a", "b"]}
        for split in ("train", "held-out")
        for code in LANGUAGES
    ]
    with app(tmp_path, []) as (where, process):
        client = Client(where, verbose=False, analytics_enabled=False, httpx_kwargs=PATIENT)
        client.predict("mine", api_name="/go_on_alignment")
        run = open_run("mine")
        end = time.monotonic() + 60
        while run.status().state != "running":
            assert time.monotonic() < end
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        pipe.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert (run.status().state, str(run.status().message)) == ("stopped", "stopped on request")
    assert len(run.rows("questions")) == len(rows)


@pytest.mark.parametrize(
    ("answer", "said"),
    [((503, {"model": "failed"}), "the model is failed"), ((200, {"model": "answers"}), "")],
)
def test_whoever_watches_a_container_hears_of_its_model(
    monkeypatch: pytest.MonkeyPatch, answer: tuple[int, dict[str, str]], said: str
) -> None:
    class Told(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/studio/healthz"
            self.send_response(answer[0])
            self.end_headers()
            self.wfile.write(json.dumps(answer[1]).encode())

        def log_message(self, format: str, *args: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Told) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        monkeypatch.setenv("GRADIO_SERVER_NAME", "0.0.0.0")
        monkeypatch.setenv("GRADIO_SERVER_PORT", str(server.server_port))
        monkeypatch.setenv("GRADIO_ROOT_PATH", "/studio")
        assert watch() == said
