"""A browser, and the requests that it sends anywhere but to the app."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.ui.browser import BROWSERS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PORTS_EACH = 100


@pytest.fixture(scope="session", autouse=True)
def ports_of_its_own() -> None:
    """Let no two of the processes that test side by side serve at the same port.

    Gradio looks for a free port and listens there a moment later: another may have taken it.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if worker:
        import gradio.http_server

        gradio.http_server.INITIAL_PORT_VALUE += PORTS_EACH * int(worker)


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    places = [place for place in (os.environ.get("CHROMIUM"), *BROWSERS) if place]
    path = next((place for place in places if Path(place).exists()), None)
    if path is None:
        pytest.skip(f"no Chromium in {', '.join(places)}; set CHROMIUM to one")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    playwright.expect.set_options(timeout=60_000)  # the machine may be busy
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def outside(chromium: "Browser") -> Iterator[list[str]]:
    """Give the requests that went anywhere but to the app; close the test's pages after it.

    A page that stays open would go on asking, and the next app may be served at the same address.
    """
    yield []
    for context in chromium.contexts:
        context.close()
