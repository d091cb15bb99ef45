"""Who comes to the app in tests: a script, and a reader of a language."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from gradio.context import LocalContext
from gradio_client import Client

if TYPE_CHECKING:
    import gradio as gr

    from ui.parts.models import Models


PATIENT = {"timeout": 60}
"""What a script is told where other tests keep the machine busy: httpx gives up after 5 s."""


@contextmanager
def launched(demo: "gr.Blocks", **settings: Any) -> Iterator[str]:
    """Serve pages from this process while the block runs; give their address.

    Gradio does not first ask for its own page: on a busy machine it would give up.
    """
    demo.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False, _frontend=False, **settings)
    try:
        yield demo.local_url
    finally:
        demo.close()


@contextmanager
def script(models: "Models") -> Iterator[Client]:
    """Serve the app over CALM_HOME with these models, and give what calls its endpoints."""
    from ui.app import build

    with launched(build(models)) as where:
        yield Client(where, verbose=False, analytics_enabled=False, httpx_kwargs=PATIENT)


@contextmanager
def reader(accepted: str) -> Iterator[None]:
    """While the block runs, answer a request of a browser that accepts these languages."""
    request = SimpleNamespace(headers={"accept-language": accepted})
    token = LocalContext.request.set(request)  # type: ignore[arg-type]
    try:
        yield
    finally:
        LocalContext.request.reset(token)
