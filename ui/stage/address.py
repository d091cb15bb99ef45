"""Where phones find this app: what a code on the stage leads to, if it leads anywhere.

A code that no phone can follow is worse than none. So an app that its own machine alone can reach
has no address, and the stage says how to start one that others can.
"""

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request

from calm.errors import CalmError
from ui.parts.machine import HOST, only_here

EVERYWHERE = ("0.0.0.0", "::")
"""Names of no machine: who listens at one of them listens to all that can reach it."""
ELSEWHERE = "192.0.2.1"
"""An address for documentation (RFC 5737). The way to it is looked up; nothing is sent there."""
CONTAINERS = (Path("/.dockerenv"), Path("/run/.containerenv"))
"""Files that are there in a container, whose own address no phone can reach."""


def server_name() -> str:
    """Return the name or number that the app listens at: of this machine alone, unless set."""
    return os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1"


def public_address(request: Request) -> str | None:
    """Return the app's address for other devices, with a slash at its end; None for no such one.

    That is what `CALM_PUBLIC_URL` says; else the Space's own; else where the request itself came
    to, unless its host is this machine's name for itself; else this machine in its network, where
    the app listens to that. Raises CalmError where the variable holds no address.
    """
    told = os.environ.get("CALM_PUBLIC_URL", "").strip()
    if told:
        return checked_address(told)
    space = os.environ.get("SPACE_HOST", "")
    if space:
        return checked_address(f"https://{space}")
    prefix = os.environ.get("GRADIO_ROOT_PATH", "").strip("/")
    if prefix.startswith(("http://", "https://")):
        return checked_address(prefix)
    host = HOST.fullmatch(request.headers.get("host", ""))
    if host and not only_here(host[1]):
        where = host[0]
    else:
        machine = _in_network()
        if machine is None:
            return None
        where = f"{machine}:{(request.scope.get('server') or (machine, 80))[1]}"
    return f"{request.url.scheme}://{where}/{prefix + '/' if prefix else ''}"


def checked_address(told: str) -> str:
    """Return an address that somebody has told, with a slash at its end.

    Raises CalmError for what is no plain `http` or `https` address.
    """
    try:
        parts = urlsplit(told)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not HOST.fullmatch(parts.netloc):
        raise CalmError("address.not-public", address=f"{told!r:.100}")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"


def is_open_here_alone() -> bool:
    """Tell whether the app listens to its own machine and to no other."""
    return only_here(server_name()) and server_name() not in EVERYWHERE


def _in_network() -> str | None:
    """Return where others in the network find this machine; None where that cannot be told."""
    listens = server_name()
    if not only_here(listens):
        return f"[{listens}]" if ":" in listens else listens
    if is_open_here_alone() or any(path.exists() for path in CONTAINERS):
        return None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect((ELSEWHERE, 9))
        except OSError:
            return None
        machine = str(way.getsockname()[0])
    return None if only_here(machine) else machine
