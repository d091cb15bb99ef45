"""The page as it is served: its reader's labels and the page of its address, before Gradio looks.

Gradio puts labels in (`ui.text.words.word`) for the languages that it speaks itself, and takes the
English ones for others, such as Italian. So a script of ours, which runs before Gradio's, puts the
reader's labels in the place of the English ones. It also has the page that an address names seen
at once (`ui.parts.addresses`): an event would show another one first.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

BEFORE = b"<script>window.gradio_api_info"
"""What follows Gradio's settings in its page."""
LABELS = b"""<script>(() => {
  const texts = window.gradio_config?.i18n_translations;
  const own = texts?.[navigator.language.toLowerCase().split('-')[0]];
  if (own) texts.en = own;
  const tab = new URLSearchParams(location.search).get('tab');
  const parts = window.gradio_config?.components ?? [];
  const tabs = parts.find(part => part.props?.elem_id === 'tabs');
  const known = parts.some(part => part.type === 'tabitem' && part.props.id === tab);
  if (tabs && known) tabs.props.selected = tab;
})();</script>"""

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


class OwnLabels:
    """Middleware (ASGI) that adds the script to the page and leaves all else alone."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Any, send: Send) -> None:
        """Answer a request."""
        is_page = scope["type"] == "http" and scope["path"].endswith("/")
        await self._app(scope, receive, _with_labels(send) if is_page else send)


def _with_labels(send: Send) -> Send:
    start: list[Message] = []
    parts: list[bytes] = []

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.append(message)
            return
        parts.append(message.get("body", b""))
        if message.get("more_body"):
            return
        body = b"".join(parts).replace(BEFORE, LABELS + BEFORE, 1)
        others = [(name, value) for name, value in start[0]["headers"] if name != b"content-length"]
        length = (b"content-length", str(len(body)).encode())
        await send({**start[0], "headers": [*others, length]})
        await send({"type": "http.response.body", "body": body})

    return sent
