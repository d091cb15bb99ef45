"""A small Hugging Face Hub on this machine: what its clients ask of the real one, from folders.

`tests.hub_writes` has what it does when they write.
"""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.hub_writes import Writes, written

REFUSALS = {
    "gated": (401, "GatedRepo", "Access to this model is restricted."),
    "forbidden": (403, "GatedRepo", "You are not in the authorized list."),
    "missing": (401, "RepoNotFound", "Invalid username or password."),
    "broken": (500, "", "Internal error."),
}
"""Status, X-Error-Code and X-Error-Message, as the Hub sends them."""


@dataclass
class Hub:
    """What the server gives: every folder `owner/name` below `root` is a model.

    Every folder `datasets/owner/name` is a data set.
    """

    root: Path
    url: str = ""
    behaviour: dict[str, str] = field(default_factory=dict)
    """By model: one of REFUSALS (for all its files), `silent`, or `cut`: its weights break off in
    the middle, once."""
    is_down: bool = False
    """Whether every connection is closed without an answer."""
    asked: list[str] = field(default_factory=list)
    """Every request, as method and path."""
    writes: Writes = field(default_factory=Writes)

    def commit(self, model: str) -> str:
        """Return a hash of the files as they are now: another one once a file changes."""
        found = hashlib.sha1(usedforsecurity=False)
        for file in self.files(model):
            found.update(file.name.encode() + file.read_bytes())
        return found.hexdigest()

    def files(self, model: str) -> list[Path]:
        return sorted(path for path in (self.root / model).rglob("*") if path.is_file())


@contextmanager
def serving(root: Path) -> Iterator[Hub]:
    """Serve the folders below `root` until the block ends."""
    hub = Hub(root)
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_POST(self) -> None:
        self._write()

    def do_PUT(self) -> None:
        self._write()

    def log_message(self, *args: Any) -> None:
        pass

    def _answer(self, with_body: bool) -> None:
        if self.hub.is_down:
            self.close_connection = True
            return
        self.hub.asked.append(f"{self.command} {self.path}")
        parts = self._parts()
        of_api = parts[0] == "api"
        if not of_api:
            parts = [*(["models"] if parts[0] != "datasets" else []), *parts]
        kind, owner, name, *rest = [*parts[of_api:], "", "", ""]
        model = f"datasets/{owner}/{name}" if kind == "datasets" else f"{owner}/{name}"
        behaviour = self.hub.behaviour.get(model, "")
        if behaviour == "silent":
            time.sleep(60)
        hidden = model in self.hub.writes.private and not self._may_write()
        if hidden or not name or not (self.hub.root / model).is_dir():
            self._refuse(*REFUSALS["missing"])
        elif behaviour in REFUSALS and (behaviour == "broken" or not of_api):
            self._refuse(*REFUSALS[behaviour])
        elif of_api:
            self._tell(model, rest)
        else:
            self._give(model, "/".join(rest[2:]).rstrip("/"), with_body)

    def _parts(self) -> list[str]:
        return [unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")]

    def _may_write(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {self.hub.writes.token}"

    def _write(self) -> None:
        self.hub.asked.append(f"{self.command} {self.path}")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = self._parts()
        if parts[0] != "lfs" and not self._may_write():
            self._refuse(401, "", "Invalid username or password.")
            return
        status, told = written(self.hub.writes, self.hub.root, self.hub.url, parts, body)
        if isinstance(told, str):
            self._refuse(status, "", told)
        else:
            self._send_json(told, status)

    def _tell(self, model: str, rest: list[str]) -> None:
        files, folder = self.hub.files(model), self.hub.root / model
        if rest[:1] == ["tree"]:
            self._send_json([_entry(file, folder) for file in files])
            return
        names = [{"rfilename": file.relative_to(folder).as_posix()} for file in files]
        self._send_json(
            {
                "id": model,
                "sha": self.hub.commit(model),
                "siblings": names,
                "private": model in self.hub.writes.private,
            }
        )

    def _give(self, model: str, name: str, with_body: bool) -> None:
        file = self.hub.root / model / name
        if not file.is_file():
            self._refuse(404, "EntryNotFound", "Entry not found")
            return
        content = file.read_bytes()
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
        self.send_response(206 if start else 200)
        self.send_header("X-Repo-Commit", self.hub.commit(model))
        self.send_header("ETag", f'"{_blob(file)}"')
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if with_body:
            cut = name.endswith(".safetensors") and self.hub.behaviour.get(model) == "cut"
            if cut:
                del self.hub.behaviour[model]
            self.wfile.write(content[start : len(content) // 2 if cut else None])
            self.close_connection = cut

    def _send_json(self, told: Any, status: int = 200) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _refuse(self, status: int, code: str, message: str) -> None:
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("X-Error-Message", message)
        self.send_header("Content-Length", "0")
        self.end_headers()


def _entry(file: Path, folder: Path) -> dict[str, Any]:
    size, name = file.stat().st_size, file.relative_to(folder).as_posix()
    return {"type": "file", "oid": _blob(file), "size": size, "path": name}


def _blob(file: Path) -> str:
    return hashlib.sha1(file.read_bytes(), usedforsecurity=False).hexdigest()
