"""Pages beside Gradio's: whose turn they are, what they let in, and that they need nothing else."""

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from calm.errors import CalmError
from ui.parts.html import markup, own_file
from ui.parts.plain import MOST_BYTES, PlainPages, Sent, document, page
from ui.text.words import reader_language, say, spoken_in


def told(request: Request, sent: Sent) -> Response:
    if request.query_params["told"] == "wrong":
        raise CalmError("run.bad-name", name="<b>")
    return PlainTextResponse(f"{reader_language()} {dict(sent)}")


def beside(request: Request) -> Response:
    return PlainTextResponse("gradio")


@pytest.fixture
def app() -> Iterator[TestClient]:
    routes = [Route(path, beside, methods=["GET", "POST"]) for path in ("/", "/file")]
    middleware = [Middleware(PlainPages, pages={"told": told})]
    with TestClient(Starlette(routes=routes, middleware=middleware)) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/?other=1", "/?told=", "/file?told=1"])
def test_what_asks_for_no_plain_page_is_left_to_gradio(app: TestClient, path: str) -> None:
    assert app.get(path).text == "gradio"


def test_a_plain_page_is_known_by_its_parameter_and_speaks_its_readers_language(
    app: TestClient,
) -> None:
    assert app.get("/?told=1", headers={"accept-language": "fr-CH"}).text == "fr {}"
    assert app.get("/?told=1").text == "en {}"
    assert reader_language() == "en"


def test_behind_a_proxy_the_app_is_found_below_its_prefix() -> None:
    middleware = [Middleware(PlainPages, pages={"told": told})]
    app = Starlette(routes=[Route("/studio/", beside)], middleware=middleware)
    with TestClient(app, root_path="/studio") as client:
        assert client.get("/studio/?told=1").text == "en {}"


def test_a_form_is_read_and_one_that_is_none_of_ours_is_not(app: TestClient) -> None:
    assert app.post("/?told=1", data={"a": "b c"}).text == "en {'a': 'b c'}"
    assert app.post("/?told=1", content=b"a=" + b"b" * MOST_BYTES).text == "en {}"
    assert app.post("/?told=1", content=b"\xff=\xfe&a").status_code == 200


def test_a_problem_is_said_as_a_page_and_its_words_are_text(app: TestClient) -> None:
    answer = app.get("/?told=wrong")
    assert answer.status_code == 404
    assert "&lt;b&gt;" in answer.text
    assert "<b>" not in answer.text.partition("<body")[2]


def policy(shown: str) -> dict[str, str]:
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', shown)
    assert found is not None
    said = found[1].replace("&#x27;", "'")
    return dict(part.split(" ", 1) for part in said.split("; "))  # type: ignore[misc]


def test_a_page_without_a_script_runs_none() -> None:
    allowed = policy(document("<Bees>", markup("<p>{}</p>", "honey")))
    assert allowed["default-src"] == "'none'"
    assert "script-src" not in allowed


def test_a_page_runs_its_own_script_and_no_other() -> None:
    shown = document("Bees", markup("<p></p>"), script="stage/stage.js")
    (script,) = re.findall(r"<script>(.*?)</script>", shown, re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy(shown)["script-src"] == f"'sha256-{digest}'"


def test_a_page_says_its_language_and_direction_and_its_title_is_text() -> None:
    with spoken_in("ar"):
        shown = document("</title><script>", markup("<p></p>"))
    assert '<html lang="ar" dir="rtl">' in shown
    assert "<script" not in shown
    assert "@import" not in shown
    assert "url(" not in shown


def test_the_dark_colours_are_those_of_the_app() -> None:
    dark = document("Bees", markup("<p></p>")).partition("prefers-color-scheme: dark")[2]
    (accent,) = re.findall(r"\.dark \.gradio-container.*?--accent: (#\w+)", _style(), re.S)
    assert f"--accent: {accent}" in dark.partition("}")[0]


def _style() -> str:
    return str(own_file("style.css"))


def test_what_is_read_in_a_language_ends_with_its_block() -> None:
    with spoken_in("de"):
        assert say("tab.about") == "Über"
        with spoken_in("fr"):
            assert reader_language() == "fr"
        assert reader_language() == "de"
    assert reader_language() == "en"


def test_a_page_is_made_anew_for_each_request() -> None:
    answer: Any = page(markup("<p></p>"))
    assert answer.headers["cache-control"] == "no-store"
