"""Who comes to the app in tests: a script, and a reader of a language."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING

from gradio.context import LocalContext
from gradio_client import Client

if TYPE_CHECKING:
    from ui.parts.models import Models


@contextmanager
def script(models: "Models") -> Iterator[Client]:
    """Serve the app over CALM_HOME with these models, and give what calls its endpoints."""
    from ui.app import build

    demo = build(models)
    demo.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False, _frontend=False)
    try:
        yield Client(demo.local_url, verbose=False, analytics_enabled=False)
    finally:
        demo.close()


@contextmanager
def reader(accepted: str) -> Iterator[None]:
    """While the block runs, answer a request of a browser that accepts these languages."""
    request = SimpleNamespace(headers={"accept-language": accepted})
    token = LocalContext.request.set(request)  # type: ignore[arg-type]
    try:
        yield
    finally:
        LocalContext.request.reset(token)
