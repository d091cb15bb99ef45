"""How large a file may be that a visitor uploads: an archive from those who may change things."""

from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

import gradio as gr
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from calm.errors import CalmError
from calm.exchange.archive import MOST_BYTES
from calm.questions.files import MAX_FILE_BYTES
from ui.parts.rights import may_change, someone_may_change
from ui.text.problems import worded
from ui.text.words import preferred, spoken_in

FORM_BYTES = 64 << 10
"""What a form has around its file."""


def most_bytes() -> int:
    """Return the largest file that anybody may upload here."""
    return MOST_BYTES if someone_may_change() else MAX_FILE_BYTES


class UploadLimits:
    """Middleware (ASGI) that refuses a large file before it is read, unless its sender has rights.

    Stands within Gradio's session, so that it knows who the sender is.
    """

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Answer a request."""
        answer = _refusal(scope)
        await (answer or self._app)(scope, receive, send)


def _refusal(scope: MutableMapping[str, Any]) -> PlainTextResponse | None:
    if scope["type"] != "http" or scope["method"] != "POST":
        return None
    if not scope["path"].rstrip("/").endswith("/upload"):
        return None
    request = Request(scope)
    if may_change(gr.Request(request)):
        return None
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        return PlainTextResponse(HTTPStatus.LENGTH_REQUIRED.phrase, HTTPStatus.LENGTH_REQUIRED)
    if int(length) <= MAX_FILE_BYTES + FORM_BYTES:
        return None
    problem = CalmError("upload.too-large", megabytes=MAX_FILE_BYTES >> 20)
    with spoken_in(preferred(request.headers.get("accept-language", ""))):
        return PlainTextResponse(worded(problem), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
