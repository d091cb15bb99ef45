"""Whether the app is well, for whoever watches over it: `/healthz` says whether its model answers.

It is open to everybody, and says nothing of whom and what the app is for.
"""

from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse

from calm.exchange.keep import Keeper
from ui.parts.models import Models
from ui.parts.plain import below_prefix

PATH = "/healthz"


def health(models: Models) -> tuple[str, int]:
    """Return how the model is, and the HTTP status that tells a watcher the same.

    `answers` where it is loaded, `absent` where there is to be none, with 200; `loading`, `failed`,
    and `waiting` for one that nobody has begun to load, with 503.
    """
    if models.is_absent:
        return "absent", 200
    if models.has_failed:
        return "failed", 503
    if models.is_loaded:
        return "answers", 200
    return ("loading" if models.is_loading else "waiting"), 503


def kept(keeper: Keeper) -> str:
    """Return whether what is to be kept elsewhere is there: `yes`, `not yet`, or `failed`."""
    if keeper.problem:
        return "failed"
    return "yes" if keeper.kept_at else "not yet"


class Health:
    """Middleware (ASGI) that answers `/healthz`, and that alone."""

    def __init__(
        self, app: Callable[..., Any], models: Models, keeper: Keeper | None = None
    ) -> None:
        self._app, self._models, self._keeper = app, models, keeper

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        asked = scope["type"] == "http" and below_prefix(scope) == PATH
        if not asked or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        state, status = health(self._models)
        headers = {"Cache-Control": "no-store"}
        told = {"model": state}
        if self._keeper:
            told["kept"] = kept(self._keeper)
        await JSONResponse(told, status, headers)(scope, receive, send)
