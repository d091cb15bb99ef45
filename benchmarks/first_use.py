"""The first use in a browser: how soon the tabs can be used, how long a typed question takes.

`python -m benchmarks.first_use [--rounds N] [--write]`. Every round starts the app anew over an
empty home, off line, and looks at it in Chromium: the tabs while the model loads, and again once it
is there; then a typed question with choices and one without, each in six languages and new to the
app, so that the model translates it. Processor seconds are those of the app and its children.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from benchmarks.machine import machine
from benchmarks.rounds import save
from calm.config import SHIPPED_MODEL
from calm.models.shipped import prepare_model
from calm.pipeline.measure import MEASURED
from calm.runs.rates import Rate, keep_rate

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
LONG = 600_000
TABS = ("Align", "Votes", "Compare", "Duel", "Ballots", "Runs", "About", "Ask")
WITH_CHOICES = (
    ("Which animal carries its house on its back?", "snail\nhorse\ngoose\nshark"),
    ("What do bakers make their bread from?", "flour\nsand\niron\nmilk glass"),
    ("Which of these can be read?", "newspaper\nspoon\npillow\nstone"),
)
FREE = (
    "How many wheels does a tricycle have?",
    "What is the colour of fresh snow?",
    "Which month comes after June?",
)
MEASURES = {
    "tab_loading": "a tab is used after opening, while the model loads, s",
    "tab": "the same with the model loaded, s",
    "tabs_loading": "every tab was used once, while the model loads, s",
    "tabs": "the same with the model loaded, s",
    "choices_first": "typed question with choices, six languages: first card, s",
    "choices": "typed question with choices, six languages: vote, s",
    "choices_cpu": "the same, processor seconds",
    "free": "typed question without choices, six languages: vote, s",
    "free_cpu": "the same, processor seconds",
}


def main() -> None:
    """Measure round after round, print the table, and keep the numbers where that is wanted."""
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--write", action="store_true", help="keep the numbers")
    given = options.parse_args()
    result: dict[str, Any] = {"benchmark": "first_use", "machine": machine(), "rounds": []}
    for number in range(given.rounds):
        result["rounds"].append(one_round(number))
        print(result["rounds"][-1], flush=True)
        if given.write:
            save("first_use", result)
    print("\n".join(table(result)))


def table(result: Mapping[str, Any]) -> list[str]:
    """Return median and spread of everything measured, as lines of Markdown."""
    rounds: Sequence[Mapping[str, float]] = result["rounds"]
    lines = [f"| first use, {len(rounds)} rounds | median | lowest to highest |", "|---|---|---|"]
    for name, title in MEASURES.items():
        found = [row[name] for row in rounds]
        lines.append(
            f"| {title} | {statistics.median(found):.1f} | {min(found):.1f} to {max(found):.1f} |"
        )
    return lines


def one_round(number: int) -> dict[str, float]:
    """Return what one start of the app took, by the names of `MEASURES`."""
    from playwright.sync_api import sync_playwright

    places = [place for place in (os.environ.get("CHROMIUM"), *BROWSERS) if place]
    path = next(place for place in places if Path(place).exists())
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        with app(_home(Path(folder))) as (address, process):
            found: dict[str, float] = {}
            found["tab_loading"], found["tabs_loading"] = tabs_used(chromium, address)
            wait_for_model(address)
            found["tab"], found["tabs"] = tabs_used(chromium, address)
            page = chromium.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(LONG)
            page.goto(address)
            page.locator("#vote h2").first.wait_for()
            text, choices = WITH_CHOICES[number % len(WITH_CHOICES)]
            found |= asked(page, process, "choices", text, choices)
            found |= asked(page, process, "free", FREE[number % len(FREE)], "")
        chromium.close()
    return {name: round(found[name], 2) for name in MEASURES}


def _home(folder: Path) -> Path:
    """Make a folder a home with the prepared model, that knows how fast the machine is.

    The app would measure the machine otherwise, beside what is timed here.
    """
    (folder / "models").symlink_to(prepare_model().parent)
    before = os.environ.get("CALM_HOME")
    os.environ["CALM_HOME"] = str(folder)
    rate = Rate(units=100.0, seconds=100.0, around=1.0, measured_at=time.time())
    for stage, precision in MEASURED:
        keep_rate(SHIPPED_MODEL, precision, stage, rate)
    if before is None:
        del os.environ["CALM_HOME"]
    else:
        os.environ["CALM_HOME"] = before
    return folder


@contextmanager
def app(home: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Serve the app over a home; give its address and its process once a page comes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {"CALM_HOME": str(home), "GRADIO_SERVER_PORT": str(port), "HF_HUB_OFFLINE": "1"}
    child = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=os.environ | own,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                urllib.request.urlopen(address, timeout=5).close()
                break
            except OSError:
                time.sleep(0.05)
        yield address, psutil.Process(child.pid)
    finally:
        child.terminate()
        child.wait(30)


def tabs_used(chromium: "Browser", address: str) -> tuple[float, float]:
    """Open the page as somebody new and go to every tab; return the seconds to first and last."""
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(LONG)
    seconds, begun = list[float](), time.perf_counter()
    page.goto(address, wait_until="commit")
    for name in TABS:
        page.get_by_role("tab", name=name, exact=True).click()
        page.get_by_role("tab", name=name, exact=True, selected=True).wait_for()
        page.get_by_role("tabpanel").filter(visible=True).first.wait_for()
        seconds.append(time.perf_counter() - begun)
    page.close()
    return seconds[0], seconds[-1]


def wait_for_model(address: str) -> None:
    """Wait until the app says that its model answers."""
    while True:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)


def asked(
    page: "Page", process: psutil.Process, name: str, text: str, choices: str
) -> dict[str, float]:
    """Type a question and ask it; return the seconds to the first card and to the vote."""
    page.fill("#ask-text textarea", text)
    if choices:
        if not page.locator("#ask-choices").is_visible():
            page.click("#ask-with button.label-wrap")
        page.fill("#ask-choices textarea", choices)
    elif page.locator("#ask-choices").is_visible():
        page.fill("#ask-choices textarea", "")
    link = page.locator("#ask-link textarea, #ask-link input")
    known = link.input_value() if link.is_visible() else ""
    spent, begun = cpu_seconds(process), time.perf_counter()
    page.press("#ask-text textarea", "Enter")
    page.wait_for_function(FIRST_ANSWER, arg=text)
    first = time.perf_counter() - begun
    page.wait_for_function(LINK_IS_NEW, arg=known)
    return {
        f"{name}_first": first,
        name: time.perf_counter() - begun,
        f"{name}_cpu": cpu_seconds(process) - spent,
    }


FIRST_ANSWER = """text => [...document.querySelectorAll('#cards .card')].some(card =>
  card.querySelector('.question')?.textContent.includes(text)
  && [...card.querySelectorAll('.responses li')].some(row => row.textContent.trim()))"""
LINK_IS_NEW = """known => {
  const link = document.querySelector('#ask-link textarea, #ask-link input');
  return link && link.value && link.value !== known;
}"""


def cpu_seconds(process: psutil.Process) -> float:
    """Return the processor seconds of a process, its children's among them."""
    one = [process, *process.children(recursive=True)]
    return float(sum(p.cpu_times().user + p.cpu_times().system for p in one))


if __name__ == "__main__":
    main()
