"""Whether a request comes from the machine that the app runs on."""

import ipaddress
import re
import socket

from starlette.requests import HTTPConnection

HOST = re.compile(r"([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(:\d{1,5})?", re.I)
"""A name or a number with its port: whatever else a request says its host is, is not repeated."""
WENT_THROUGH = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""Headers of a request that a proxy passes on: who sent it is not who it comes from."""


def is_this_machine(asks: HTTPConnection) -> bool:
    """Tell whether a request was sent by this machine itself, and not passed on by it.

    The name that it was sent to must be one of the machine's own, too: a page of the web can have
    a name of its own lead here, and a browser of this machine would send it what it asks for.
    """
    if any(name in asks.headers for name in WENT_THROUGH) or asks.client is None:
        return False
    machine = _number(str((asks.scope.get("server") or ("",))[0]))
    sender = _number(asks.client.host)
    if sender is None or not (sender.is_loopback or sender == machine):
        return False
    host = HOST.fullmatch(asks.headers.get("host", ""))
    if host is None:
        return False
    name = host[1].strip("[]").lower()
    is_number = machine is not None and _number(name) == machine
    return is_number or only_here(name) or name == socket.gethostname().lower()


def only_here(name: str) -> bool:
    """Tell whether a host's name or number means the machine itself, wherever it is said."""
    name = name.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        number = ipaddress.ip_address(name)
    except ValueError:
        return False
    return number.is_loopback or number.is_unspecified


def _number(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return a machine's number, as IPv4 where it is one within IPv6; None for a name."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
