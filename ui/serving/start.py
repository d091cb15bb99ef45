"""Before the app is served: what would stop it later is said now, in a sentence."""

import errno
import os
import socket
import tempfile

from calm.errors import CalmError
from calm.paths import calm_home
from ui.asking.texts import check_texts
from ui.stage.address import server_name

PORT = 7860
LAST_PORT = 65535


def check_start() -> None:
    """Raise CalmError where the app cannot be served, before Gradio is imported: it looks too."""
    check_free(server_name(), server_port())
    check_home()
    check_texts()


def server_port() -> int:
    """Return the port that the app listens at; raise CalmError where the variable holds none."""
    told = os.environ.get("GRADIO_SERVER_PORT", "").strip() or str(PORT)
    if not (told.isascii() and told.isdigit() and 0 < int(told[:9]) <= LAST_PORT):
        raise CalmError("server.bad-port", port=f"{told!r:.40}")
    return int(told)


def check_free(name: str, port: int) -> None:
    """Raise CalmError where the app cannot listen there: a port in use, or no such address."""
    host = name.strip("[]")
    try:
        kind, way, proto, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind, way, proto) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(where)
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            other = port + 1 if port < LAST_PORT else PORT
            raise CalmError("server.port-in-use", port=port, other=other) from None
        reason = problem.strerror or problem
        raise CalmError("server.cannot-listen", address=name, port=port, reason=reason) from None


def check_home() -> None:
    """Raise CalmError where nothing can be written into the folder that all is kept in."""
    home = calm_home()
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home) as tried:
            tried.write(b"x" * 4096)
            tried.flush()
    except OSError as problem:
        reason = problem.strerror or problem
        raise CalmError("home.not-writable", folder=home, reason=reason) from None
