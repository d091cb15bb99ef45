"""A small ZeroGPU on this machine: the platform's side of `spaces`, with quota, and no GPU.

`spaces` asks an address of its own for each lease, forks a process for it, and tells when it is
done. That is answered here. `without_a_gpu` takes the place of the two calls that compute.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class ZeroGpu:
    """What it lends, and what was asked of it."""

    url: str = ""
    quota: int = 300
    """Seconds that are left; a lease takes all that it asked for."""
    asked: list[str] = field(default_factory=list)
    """What was asked, in order: `startup-report`, `schedule 60`, `allow`, `release`."""
    tokens: list[str] = field(default_factory=list)
    """In whose name a lease was asked for; empty for nobody's."""


@contextmanager
def serving() -> Iterator[ZeroGpu]:
    """Lend until the block ends."""
    zero = ZeroGpu()
    handler = type("Handler", (_Handler,), {"zero": zero})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    zero.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield zero
    finally:
        server.shutdown()
        server.server_close()


def without_a_gpu() -> None:
    """Import `spaces` where torch has no CUDA, and let a lease begin without a device."""
    import torch

    torch.version.cuda = torch.version.cuda or "12.8"
    if not hasattr(torch._C, "_cuda_init"):
        torch._C._cuda_init = lambda: None
        torch.cuda._is_in_bad_fork = bool
    import spaces.zero.torch as on_device  # type: ignore[import-not-found,unused-ignore]

    on_device.init = lambda uuid: None
    on_device.move = lambda callback=None: None


class _Handler(BaseHTTPRequestHandler):
    zero: ZeroGpu
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = urlsplit(self.path)
        given = parse_qs(asked.query)
        name, status, told = asked.path.strip("/"), 200, {}
        headers: dict[str, str] = {}
        if name == "schedule":
            seconds = int(given["durationSeconds"][0])
            self.zero.asked.append(f"schedule {seconds}")
            self.zero.tokens.append(given.get("token", [""])[0])
            if seconds > self.zero.quota:
                status, headers["X-Approve-Result"] = 429, "quota-exceeded"
                told = {"left": self.zero.quota, "wait": 3600}
            else:
                self.zero.quota -= seconds
                told = _lease()
        else:
            self.zero.asked.append(name)
        body = json.dumps(told).encode()
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


def _lease() -> dict[str, Any]:
    return {"idle": False, "nvidiaIndex": 0, "nvidiaUUID": "GPU-0", "allowToken": "token"}
