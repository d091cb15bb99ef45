"""Who is let in: this machine alone, until whoever runs the app says who else.

Whoever reaches the pages can start runs, fill the disk and load models. So a request from elsewhere
is refused in a sentence, whatever the app listens to, but for the page on which an audience votes
(`/?asked=ID&vote=1`): it shows one question, by an id that cannot be guessed, and keeps ballots.

`CALM_AUTH` asks everybody for a name and a password (HTTP Basic, so that a page, a script and a
plain page are asked alike), `CALM_AUTH_HEADER` takes the name that a proxy's sign-in gives, and
`CALM_OPEN=1` lets everybody in. A Hugging Face Space is open: it has rights of its own.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from calm.errors import CalmError
from ui.parts.html import markup, warning
from ui.parts.machine import is_this_machine
from ui.parts.plain import GUEST, NAME, document, is_front, page
from ui.text.problems import worded
from ui.text.words import preferred, spoken_in

STARTS = "/gradio_api/startup-events"
"""What Gradio asks of itself when it starts, without a name."""
A_PHONE = {"asked", "vote"}
"""The parameters of the page on which an audience votes."""


@dataclass(frozen=True)
class Entry:
    """Who is let in beside this machine."""

    accounts: Mapping[str, str]
    """Passwords by name; with any, everybody has to give theirs."""
    header: str
    """In which header a proxy names who has signed in there; empty for none."""
    is_open: bool

    @property
    def has_names(self) -> bool:
        """Whether those who are let in have names."""
        return bool(self.accounts or self.header)


def entry() -> Entry:
    """Return who is let in, as the variables say; raise CalmError where one cannot be read."""
    accounts = {}
    for part in os.environ.get("CALM_AUTH", "").split():
        name, _, password = part.partition(":")
        if not name or not password:
            raise CalmError("server.auth")
        accounts[name] = password
    is_open = os.environ.get("CALM_OPEN") == "1" or bool(os.environ.get("SPACE_ID"))
    return Entry(accounts, os.environ.get("CALM_AUTH_HEADER", "").strip(), is_open)


def visitor(let_in: Entry, asks: HTTPConnection) -> str | None:
    """Return the name of who asks, None for nobody who is let in by name."""
    if let_in.accounts:
        return _signed_in(let_in.accounts, asks.headers.get("authorization", ""))
    return (asks.headers.get(let_in.header, "").strip() or None) if let_in.header else None


def check_entry(let_in: Entry, asks: HTTPConnection) -> None:
    """Raise CalmError, with why, where this request is to be refused."""
    if let_in.has_names:
        if visitor(let_in, asks) is not None:
            return
        if let_in.accounts:
            raise CalmError("server.sign-in")
        raise CalmError("server.proxy-alone")
    if not (let_in.is_open or is_this_machine(asks)):
        raise CalmError("server.this-machine")


class Door:
    """Middleware (ASGI) that comes before all that shows or keeps anything."""

    def __init__(self, app: Callable[..., Any], let_in: Entry) -> None:
        self._app, self._let_in = app, let_in

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Let a request in, or answer it with why not."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        asks = HTTPConnection(scope)
        try:
            check_entry(self._let_in, asks)
        except CalmError as problem:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            elif _is_phone(scope) or _is_start(asks):
                await self._app({**scope, GUEST: True}, receive, send)
            else:
                await refusal(problem, Request(scope))(scope, receive, send)
            return
        await self._app(scope, receive, send)


def refusal(problem: CalmError, request: Request) -> Response:
    """Return the answer to who is not let in: a page for a browser, plain data for a script."""
    is_asked = problem.message.key == "server.sign-in"
    status = 401 if is_asked else 403
    with spoken_in(preferred(request.headers.get("accept-language", ""))):
        if "text/html" in request.headers.get("accept", ""):
            body = markup('<main class="plain">{}</main>', warning(problem))
            answer: Response = page(document(NAME, body), status)
        else:
            answer = JSONResponse({"detail": worded(problem)}, status)
    if is_asked:
        answer.headers["WWW-Authenticate"] = f'Basic realm="{NAME}", charset="UTF-8"'
    return answer


def _signed_in(accounts: Mapping[str, str], authorization: str) -> str | None:
    kind, _, given = authorization.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    known = accounts.get(name, "")
    is_right = hmac.compare_digest(known.encode(), password.encode())
    return name if known and is_right else None


def _is_phone(scope: Any) -> bool:
    asked = Request(scope).query_params
    methods = ("GET", "HEAD", "POST")
    return scope["method"] in methods and is_front(scope) and set(asked) == A_PHONE


def _is_start(asks: HTTPConnection) -> bool:
    return asks.url.path == STARTS and is_this_machine(asks)
