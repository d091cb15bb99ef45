"""Who is let in, and what is said to those who are not; whether the app is well."""

import base64
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio_client import Client as ClientOfGradio
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from calm.asking.store import AskedStore
from calm.errors import CalmError
from tests.ui import honey
from ui.app import around
from ui.parts import machine
from ui.parts.models import NO_MODEL, Models
from ui.serving.door import Door, Entry, entry, is_this_machine, visitor
from ui.serving.health import health
from ui.text.words import INTERFACE_LANGUAGES

HERE = ("127.0.0.1", 50000)
NEIGHBOUR = ("192.168.1.30", 50000)
NOBODY = Entry({}, "", False)
ACCOUNTS = Entry({"ann": "secret:1"}, "", False)
PROXY = Entry({}, "X-Forwarded-User", False)


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CALM_AUTH", "CALM_AUTH_HEADER", "CALM_OPEN", "SPACE_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(machine.socket, "gethostname", lambda: "Box")


def asking(
    client: tuple[str, int] = HERE,
    host: str = "localhost:7860",
    server: str = "127.0.0.1",
    **more: str,
) -> HTTPConnection:
    headers = [(b"host", host.encode())]
    headers += [(k.replace("_", "-").encode(), v.encode()) for k, v in more.items()]
    at = {"client": client, "server": (server, 7860), "path": "/"}
    return HTTPConnection({"type": "http", "headers": headers, **at})


@pytest.mark.parametrize(
    ("asks", "here"),
    [
        (asking(), True),
        (asking(host="127.0.0.1:7860"), True),
        (asking(host="box:7860"), True),
        (asking(("::1", 1), "[::1]:7860", "::1"), True),
        (asking(("::ffff:127.0.0.1", 1)), True),
        (asking(("10.0.0.7", 1), "10.0.0.7:7860", "10.0.0.7"), True),
        (asking(NEIGHBOUR, server="192.168.1.20"), False),
        (asking(NEIGHBOUR, "192.168.1.20:7860", "192.168.1.20"), False),
        (asking(("testclient", 1)), False),
        (asking(x_forwarded_for="192.168.1.30"), False),
        (asking(forwarded="for=192.168.1.30"), False),
        (asking(host="elsewhere.example:7860"), False),
        (asking(host=""), False),
    ],
)
def test_a_request_of_this_machine_is_sent_by_it_to_a_name_of_its_own(
    asks: HTTPConnection, here: bool
) -> None:
    assert is_this_machine(asks) is here


def test_a_request_without_a_sender_is_not_of_this_machine() -> None:
    assert not is_this_machine(HTTPConnection({"type": "http", "headers": [], "client": None}))


@pytest.mark.parametrize(
    ("variables", "let_in"),
    [
        ({}, NOBODY),
        ({"CALM_OPEN": "0"}, NOBODY),
        ({"CALM_OPEN": "1"}, Entry({}, "", True)),
        ({"SPACE_ID": "ann/studio"}, Entry({}, "", True)),
        ({"CALM_AUTH": "ann:secret:1"}, ACCOUNTS),
        ({"CALM_AUTH": " ann:a  bob:b\n"}, Entry({"ann": "a", "bob": "b"}, "", False)),
        ({"CALM_AUTH_HEADER": "X-Forwarded-User"}, PROXY),
    ],
)
def test_variables_say_who_else_is_let_in(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], let_in: Entry
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert entry() == let_in


@pytest.mark.parametrize("told", ["ann", "ann:", ":secret", "ann:secret bob"])
def test_a_name_without_a_password_is_refused_and_no_password_is_repeated(
    monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setenv("CALM_AUTH", told)
    with pytest.raises(CalmError, match=r"CALM_AUTH has a part without") as raised:
        entry()
    assert "secret" not in str(raised.value)


Client = Callable[..., TestClient]


@pytest.fixture
def client() -> Iterator[Client]:
    """Make what asks an app behind a door, from an address, by a name of the app."""
    opened: list[TestClient] = []

    def made(let_in: Entry, who: tuple[str, int] = NEIGHBOUR, at: str = "box:7860") -> TestClient:
        def seen(request: Request) -> PlainTextResponse:
            return PlainTextResponse(f"seen {request.scope.get('calm.guest', False)}")

        routes = [
            Route(path, seen, methods=["GET", "POST", "PUT"])
            for path in ("/", "/gradio_api/info", "/gradio_api/startup-events")
        ]
        app = Starlette(routes=routes, middleware=[Middleware(Door, let_in=let_in)])
        opened.append(TestClient(app, base_url=f"http://{at}", client=who))
        return opened[-1].__enter__()

    yield made
    for one in opened:
        one.__exit__(None, None, None)


def basic(pair: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


@pytest.mark.parametrize("path", ["/", "/gradio_api/info", "/?report=mine", "/?asked=1&stage=1"])
def test_who_is_not_this_machine_is_refused_in_a_sentence(client: Client, path: str) -> None:
    answer = client(NOBODY).get(path)
    assert answer.status_code == 403
    assert answer.json()["detail"].startswith("This app is open to the machine that it runs on")
    assert client(NOBODY, HERE).get(path).text == "seen False"
    assert client(Entry({}, "", True)).get(path).text == "seen False"


@pytest.mark.parametrize("code", INTERFACE_LANGUAGES)
def test_a_browser_gets_a_page_in_its_readers_language(client: Client, code: str) -> None:
    headers = {"accept": "text/html,*/*", "accept-language": code}
    answer = client(NOBODY).get("/", headers=headers)
    assert answer.status_code == 403
    assert f'<html lang="{code}"' in answer.text
    assert "CALM_OPEN=1" in answer.text


def test_a_page_of_the_web_cannot_use_the_browser_of_this_machine(client: Client) -> None:
    assert client(NOBODY, HERE, "elsewhere.example:7860").get("/").status_code == 403


def test_an_audience_is_let_in_to_vote_and_for_nothing_else(client: Client) -> None:
    phone = client(NOBODY)
    assert phone.get("/?asked=1&vote=1").text == "seen True"
    assert phone.post("/?asked=1&vote=1", data={"opinion": "up"}).text == "seen True"
    assert phone.put("/?asked=1&vote=1").status_code == 403
    for more in ("&stage=1", "&report=mine", "&tab=runs"):
        assert phone.get(f"/?asked=1&vote=1{more}").status_code == 403
    assert phone.get("/gradio_api/info?asked=1&vote=1").status_code == 403


def test_with_names_everybody_gives_theirs_this_machine_too(client: Client) -> None:
    for who in (HERE, NEIGHBOUR):
        asks = client(ACCOUNTS, who)
        answer = asks.get("/")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic realm=")
        assert asks.get("/", headers=basic("ann:secret:1")).text == "seen False"


@pytest.mark.parametrize(
    "given",
    [
        basic("ann:secret"),
        basic("ann:"),
        basic("bob:secret:1"),
        basic(":"),
        {"authorization": "Basic ???"},
        {"authorization": "Basic /w=="},
        {"authorization": "Bearer " + base64.b64encode(b"ann:secret:1").decode()},
        {},
    ],
)
def test_a_wrong_password_is_none(client: Client, given: dict[str, str]) -> None:
    assert client(ACCOUNTS, HERE).get("/", headers=given).status_code == 401


def test_gradio_reaches_itself_when_it_starts_and_nobody_else_that_way(client: Client) -> None:
    path = "/gradio_api/startup-events"
    assert client(ACCOUNTS, HERE, "localhost:7860").get(path).status_code == 200
    assert client(ACCOUNTS).get(path).status_code == 401


def test_a_proxy_says_who_has_signed_in(client: Client) -> None:
    asks = client(PROXY, HERE)
    assert asks.get("/").status_code == 403
    assert "its site’s own sign-in" in asks.get("/").json()["detail"]
    assert asks.get("/", headers={"x-forwarded-user": "ann"}).status_code == 200


@pytest.mark.parametrize(
    ("let_in", "headers", "name"),
    [
        (ACCOUNTS, basic("ann:secret:1"), "ann"),
        (ACCOUNTS, {}, None),
        (PROXY, {"x-forwarded-user": "bob"}, "bob"),
        (PROXY, {"x-forwarded-user": " "}, None),
        (NOBODY, basic("ann:secret:1"), None),
    ],
)
def test_handlers_are_told_the_name(
    let_in: Entry, headers: dict[str, str], name: str | None
) -> None:
    sent = [(key.encode(), value.encode()) for key, value in headers.items()]
    assert visitor(let_in, HTTPConnection({"type": "http", "headers": sent})) == name


@pytest.fixture
def phone(calm_home: Any) -> Iterator[TestClient]:
    app = Starlette(middleware=around(Models(NO_MODEL), NOBODY))
    with TestClient(app, base_url="http://box:7860", client=NEIGHBOUR) as made:
        yield made


def test_a_phone_votes_and_is_shown_no_way_into_what_is_closed(phone: TestClient) -> None:
    link = f"/?asked={AskedStore().keep(honey.asked({'en': [0], 'fr': [0]}))}"
    shown = phone.get(f"{link}&vote=1")
    assert shown.status_code == 200
    assert f'href="{link}"'.replace("/?", "?") not in shown.text
    sent = {"language": "en", "opinion": "up"}
    assert 'aria-pressed="true"' in phone.post(f"{link}&vote=1", data=sent).text
    assert phone.get(f"{link}&stage=1").status_code == 403


def test_whoever_watches_is_told_whether_the_model_answers(phone: TestClient) -> None:
    answer = phone.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"model": "absent"})
    assert phone.head("/healthz").status_code == 200
    assert phone.post("/healthz").status_code == 403
    assert phone.get("/healthz/more").status_code == 403


@pytest.mark.parametrize(
    ("is_so", "told"),
    [
        ({"is_loaded": True}, ("answers", 200)),
        ({"is_loading": True}, ("loading", 503)),
        ({"has_failed": True}, ("failed", 503)),
        ({}, ("waiting", 503)),
        ({"is_absent": True}, ("absent", 200)),
    ],
)
def test_health_is_that_of_the_model(is_so: dict[str, bool], told: tuple[str, int]) -> None:
    states = dict.fromkeys(("is_absent", "has_failed", "is_loaded", "is_loading"), False)
    assert health(SimpleNamespace(**states | is_so)) == told  # type: ignore[arg-type]


def test_gradio_is_told_who_signs_in_and_serves_nobody_else() -> None:
    def who(request: gr.Request) -> str | None:
        return request.username

    with gr.Blocks() as demo:
        gr.Button().click(who, None, gr.Textbox(), api_name="who")
    demo.launch(
        prevent_thread_lock=True,
        _frontend=False,
        quiet=True,
        ssr_mode=False,
        auth_dependency=partial(visitor, ACCOUNTS),
        app_kwargs={"middleware": [Middleware(Door, let_in=ACCOUNTS)]},
    )
    try:
        for path in ("", "config", "gradio_api/info"):
            assert httpx.get(f"{demo.local_url}{path}").status_code == 401
        given = basic("ann:secret:1")
        assert httpx.get(demo.local_url, headers=given).status_code == 200
        client = ClientOfGradio(
            demo.local_url, headers=given, verbose=False, analytics_enabled=False
        )
        assert client.predict(api_name="/who") == "ann"
    finally:
        demo.close()
