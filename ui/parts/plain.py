"""Pages beside Gradio's: plain HTML that the server makes, for a stage, for phones, for reports.

They carry nothing of Gradio's, so that a phone in a hall shows one at once. Each lies at the app's
own address and is known by a parameter, such as `/?asked=ID&vote=1`.
"""

import base64
import functools
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from calm.errors import CalmError
from calm.languages.table import language
from ui.parts.html import concat, markup, own_file, warning
from ui.text.words import preferred, reader_language, spoken_in

Sent = Mapping[str, str]
"""The fields of a form."""
Answer = Callable[[Request, Sent], Response]
"""Answers a request, with what was sent along, in a thread; may raise CalmError."""
NAME = "CALM Studio"
GUEST = "calm.guest"
"""In the scope of a request: its sender may see the page on which people vote, and no other."""
MOST_BYTES = 1000
"""Of a form: a button that was pressed, and what for."""
DARK = re.compile(r"^\.dark \.gradio-container, \.gradio-container\.dark \{(.*?)\}", re.M | re.S)
STYLES = ("style.css", "parts/plain.css")


class PlainPages:
    """Middleware (ASGI) that answers what is asked with one of its parameters, and that alone.

    What a page says it says in the language that the request's browser asks for.
    """

    def __init__(self, app: Callable[..., Any], pages: Mapping[str, Answer]) -> None:
        self._app, self._pages = app, pages

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        answer = self._answer(scope)
        if answer is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        sent = await _form(request) if scope["method"] == "POST" else {}
        response = await run_in_threadpool(_answered, answer, request, sent)
        await response(scope, receive, send)

    def _answer(self, scope: Any) -> Answer | None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD", "POST"):
            return None
        if not is_front(scope):
            return None
        asked = Request(scope).query_params
        return next((page for name, page in self._pages.items() if asked.get(name)), None)


def below_prefix(scope: Any) -> str:
    """Return the path that a request asks for, without what a proxy puts before all of them."""
    return str(scope["path"]).removeprefix(scope.get("root_path", "").rstrip("/"))


def is_front(scope: Any) -> bool:
    """Tell whether a request asks for the app's own address."""
    return below_prefix(scope) in ("", "/")


async def _form(request: Request) -> Sent:
    """Return the fields of a form; nothing of one that is longer than any of ours."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return {}
    return dict(parse_qsl(body.decode("utf-8", "replace")))


def _answered(answer: Answer, request: Request, sent: Sent) -> Response:
    with spoken_in(preferred(request.headers.get("accept-language", ""))):
        try:
            return answer(request, sent)
        except CalmError as problem:
            body = markup('<main class="plain">{}</main>', warning(problem))
            return page(document(NAME, body), 404)


def page(text: Markup, status: int = 200) -> Response:
    """Return a document as the answer to a request; it is made anew for each."""
    return HTMLResponse(
        text, status, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    )


def document(
    title: str,
    body: Markup,
    styles: Sequence[str] = (),
    script: str | None = None,
    has_server: bool = True,
) -> Markup:
    """Return a whole page that needs nothing but itself, in the reader's language.

    `styles` and `script` are files of the house, by their paths in `ui`. Whatever else would be
    loaded or run is refused by the browser, which the page itself tells to; with no server behind
    it, so is all that would go back to one.
    """
    code = own_file(script) if script else Markup()
    style = concat([_palette(), *map(own_file, (*STYLES, *styles))], "\n")
    return markup(
        '<!doctype html><html lang="{}" dir="{}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="{}"><title>{}</title>'
        '<style>{}</style></head><body class="gradio-container">{}{}</body></html>',
        reader_language(),
        language(reader_language()).direction,
        _policy(code, has_server),
        title,
        style,
        body,
        markup("<script>{}</script>", code) if code else "",
    )


def _policy(script: str, has_server: bool) -> str:
    """Return what a page may load: its own style, one script if it has one, and its own address."""
    allowed = ["default-src 'none'", "style-src 'unsafe-inline'", "base-uri 'none'"]
    allowed.append("form-action 'self'" if has_server else "form-action 'none'")
    if script:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        allowed.append(f"script-src 'sha256-{digest}'")
        allowed += ["connect-src 'self'"] if has_server else []
    return "; ".join(allowed)


@functools.cache
def _palette() -> Markup:
    """Return the dark colours of the app's own style for a reader whose device is dark."""
    found = DARK.search(own_file("style.css"))
    if found is None:
        raise ValueError("style.css has no dark colours")
    return markup(
        "@media screen and (prefers-color-scheme: dark) {{"
        " .gradio-container.gradio-container {{ {} }} }}",
        found[1],
    )
