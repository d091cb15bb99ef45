"""What the browser tests share: the app as it is served, and the hand that uses its pages."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from calm.config import SHIPPED_MODEL
from calm.pipeline.measure import MEASURED, is_measured
from calm.runs.rates import Rate, keep_rate
from tests.ui.visitors import launched

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "artefacts"
BROWSERS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
SECOND = 1000
SCREENS = {"desktop": (1440, 1000), "phone": (390, 844)}
LONG = 600 * SECOND
"""The machine may be busy."""


def home_that_was_measured(folder: Path, shipped_folder: Path) -> Path:
    """Make a folder a home that shares the prepared model and knows how fast the machine is.

    The app would measure it otherwise, beside the test.
    """
    (folder / "models").symlink_to(shipped_folder.parent)
    rate = Rate(units=100.0, seconds=100.0, around=1.0, measured_at=time.time())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALM_HOME", str(folder))
        for stage, precision in MEASURED:
            keep_rate(SHIPPED_MODEL, precision, stage, rate)
        assert is_measured(SHIPPED_MODEL)
    return folder


@contextmanager
def served(
    home: Path, log_name: str, **environment: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve the app over a home, and keep its log as an artefact; give its address and process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment |= {"CALM_HOME": str(home), "GRADIO_SERVER_PORT": str(port)}
    with (home / "app.log").open("wb") as log:
        app = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    where = f"http://127.0.0.1:{port}"
    try:
        wait_until_up(where, app)
        yield where, app
    finally:
        app.terminate()
        app.wait(30)
        shutil.copyfile(home / "app.log", artefact(log_name))


def wait_until_up(where: str, app: subprocess.Popen[bytes], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert app.poll() is None, "the app ended before its page was up"
        try:
            urllib.request.urlopen(where, timeout=5).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.3)
    raise AssertionError(f"the page was not up within {seconds} seconds")


@contextmanager
def served_here(model: Any) -> Iterator[str]:
    """Serve the app from this process over its home, with a model made for tests; give its address.

    What is patched here is patched there.
    """
    from ui.app import STYLE, build, middleware
    from ui.parts.models import Models
    from ui.parts.theme import theme
    from ui.text.words import interface

    models = Models(model.name)
    models._model, models._says = model, None
    with launched(
        build(models).queue(),
        run_history=False,
        theme=theme(),
        css_paths=[STYLE],
        i18n=interface(),
        footer_links=["api"],
        app_kwargs={"middleware": middleware()},
    ) as where:
        yield where


def visit(
    chromium: "Browser", address: str, screen: str, outside: list[str], **context: Any
) -> "Page":
    """Open the app in a window of a size, noting each request that goes anywhere else."""
    width, height = SCREENS[screen]
    return opened(chromium, address, (width, height), outside, **context)


def opened(
    chromium: "Browser", address: str, size: tuple[int, int], outside: list[str], **context: Any
) -> "Page":
    """Open an address of the app likewise, in a window of any size, scheme or locale."""
    page = chromium.new_page(viewport={"width": size[0], "height": size[1]}, **context)
    page.set_default_timeout(60 * SECOND)
    local = (address.split("/?", maxsplit=1)[0], "data:", "blob:")
    page.on("request", lambda r: None if r.url.startswith(local) else outside.append(r.url))
    page.goto(address)
    return page


def unfold(page: "Page", drawer: str) -> None:
    """Open what is folded away, if it is."""
    button = page.locator(f"{drawer} button.label-wrap").first
    if "open" not in (button.get_attribute("class") or "").split():
        button.click()


def choose_languages(page: "Page", group: str, names: Sequence[str]) -> None:
    for label in page.locator(f"{group} label").all():
        label.locator("input").set_checked(label.inner_text().strip() in names)


def choose(page: "Page", dropdown: str, option: str) -> None:
    """Choose from a list; where it closed because the page changed, open it again."""
    from playwright.sync_api import TimeoutError as NotThereError

    found = page.get_by_role("option", name=option).first
    for _ in range(5):
        page.locator(f"{dropdown} input").click()
        try:
            found.click(timeout=12 * SECOND)
            return
        except NotThereError:
            page.keyboard.press("Escape")
    raise AssertionError(f"{dropdown} never offered {option!r}")


def open_tab(page: "Page", name: str) -> None:
    """Go to a page; on a phone the last ones are behind the dots."""
    page.get_by_role("tab").first.wait_for()
    tab = page.get_by_role("tab", name=name, exact=True)
    dots = page.locator("#tabs .overflow-menu > button")
    tab.or_(dots).filter(visible=True).first.wait_for()
    if tab.filter(visible=True).count() == 0:
        dots.click()
        tab = page.locator("#tabs .overflow-dropdown button", has_text=name)
    tab.first.click()


def fits(page: "Page", name: str) -> None:
    """Keep a picture of the page, and see that it does not scroll sideways."""
    page.screenshot(path=artefact(name), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def artefact(name: str) -> Path:
    SCREENSHOTS.mkdir(exist_ok=True)
    return SCREENSHOTS / name
