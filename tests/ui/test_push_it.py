"""A run put on the Hub from the page and by a script: as who signed in, or as whoever sits here."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import httpx
import pytest
from starlette.requests import Request

from calm.runs.folder import open_run
from tests.exchange.conftest import hub
from tests.fakes import FakeModel
from tests.hub import Hub
from tests.hub_writes import OWNER
from tests.recorded import MODEL_RECORD, finished_run
from tests.ui.browser import artefact, served_here
from tests.ui.browser import opened as opened_page
from tests.ui.openid import Provider, as_a_space, provider, sign_in, told_by_the_hub
from tests.ui.visitors import launched
from ui.app import build, middleware
from ui.parts.models import NO_MODEL, Models
from ui.parts.push_it import looked, opened, sent, token_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["hub"]
"""Pytest finds the fixture by its name."""
ALLOWED = "hf_oauth_of_a_test"
"""The token that the stand-in for the sign-in gives."""
GIVEN = ("mine", f"{OWNER}/mine", "adapter", False)


@pytest.fixture
def mine(calm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finished run in an app of this machine alone."""
    for name in ("SPACE_ID", "CALM_READ_ONLY", "CALM_AUTH", "CALM_AUTH_HEADER", "CALM_OPEN"):
        monkeypatch.delenv(name, raising=False)
    finished_run("mine", tmp_path)
    open_run("mine").write_model_record(MODEL_RECORD)


def request(client: str = "127.0.0.1", host: str = "localhost:7860", **session: Any) -> gr.Request:
    """Return a request to the app as it comes from an address, with a session."""
    scope = {"type": "http", "headers": [(b"host", host.encode())], "client": (client, 50000)}
    return gr.Request(Request(scope | {"server": ("127.0.0.1", 7860), "session": session}))


def signed_in(
    name: str, token: str = ALLOWED, scope: str = "openid contribute-repos"
) -> gr.Request:
    info = {"userinfo": told_by_the_hub(name), "expires_at": 9e9, "access_token": token}
    return request("10.0.0.1", "ann-studio.hf.space", oauth_info=info | {"scope": scope})


def test_all_is_shown_before_anything_is_sent(mine: None, hub: Hub) -> None:
    who, _, *nothing = opened("mine", request())
    assert "own sign-in" in who and nothing[0] == ""
    seen, button, problem = looked(*GIVEN, request())
    assert problem == "" and button.visible is True
    assert f"To {OWNER}/mine, a private repository" in seen
    for name in ("README.md", "adapter_model.safetensors", "adapter_config.json"):
        assert f"<code>{name}</code>" in seen
    assert "everybody can see" in looked(*GIVEN[:3], True, request())[0]
    assert hub.asked == []


def test_whoever_sits_at_this_machine_sends_with_its_own_token(mine: None, hub: Hub) -> None:
    done, button, problem = sent(*GIVEN, request())
    assert problem == "" and button.visible == "hidden"
    assert f'<a href="{hub.url}/{OWNER}/mine"' in done and "private" in done
    assert hub.writes.private == {f"{OWNER}/mine"}
    assert (hub.root / OWNER / "mine" / "adapter_model.safetensors").is_file()


@pytest.mark.parametrize(
    ("variables", "asks"),
    [
        ({}, request("192.168.1.30")),
        ({}, request(host="elsewhere.example")),
        ({"CALM_OPEN": "1"}, request()),
        ({"CALM_AUTH": "ann:a"}, request()),
        ({"CALM_AUTH_HEADER": "X-User"}, request()),
        ({"CALM_READ_ONLY": "1"}, request()),
        ({"SPACE_ID": "ann/studio"}, request()),
    ],
)
def test_nobody_else_sends_with_it(
    mine: None,
    hub: Hub,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    asks: gr.Request,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    shown, button, problem = looked(*GIVEN, asks)
    assert shown == "" and button.visible == "hidden" and problem
    assert sent(*GIVEN, asks)[2]
    assert hub.asked == []
    assert hub.writes.token not in "".join(map(str, (*opened("mine", asks), problem)))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("mine", "no-owner", "adapter", False), "no name of a repository"),
        (("mine", "a/../b", "adapter", False), "no name of a repository"),
        (("mine", f"{OWNER}/x", "everything", False), "nothing that can be sent"),
        (("../mine", f"{OWNER}/x", "adapter", False), "cannot name a run"),
        (("mine", "stranger/x", "adapter", False), "does not let you write"),
    ],
)
def test_what_cannot_be_sent_is_said(mine: None, hub: Hub, given: Any, says: str) -> None:
    assert says in sent(*given, request())[2]
    assert hub.writes.commits == []


def test_on_a_space_it_goes_with_what_the_visitor_allowed(
    mine: None, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPES", "OPENID_PROVIDER_URL"):
        monkeypatch.setenv(name, "set")
    monkeypatch.setenv("SYSTEM", "spaces")
    monkeypatch.setenv("SPACE_ID", "ann/studio")
    assert token_of(signed_in(OWNER)) == ALLOWED  # the Space's own, HF_TOKEN, is set, too
    who, named, *_ = opened("mine", signed_in(OWNER))
    assert OWNER in who and named == f"{OWNER}/mine"
    assert "Sign in with Hugging Face" in sent(*GIVEN, request())[2]
    assert "have not allowed" in sent(*GIVEN, signed_in(OWNER, scope="openid profile"))[2]
    problem = sent(*GIVEN, signed_in(OWNER))[2]
    assert "does not let you write" in problem and ALLOWED not in problem
    hub.writes.token = ALLOWED
    assert "private" in sent(*GIVEN, signed_in(OWNER))[0]


@pytest.fixture
def space(mine: None, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Provider]]:
    """The address of the app as a Space serves it, and who signs its visitors in."""
    hub.writes.token = ALLOWED
    with provider() as signs_in:
        as_a_space(monkeypatch, signs_in)
        settings = {"app_kwargs": {"middleware": middleware()}}
        with launched(build(Models(NO_MODEL)), **settings) as where:
            yield where.rstrip("/"), signs_in


def test_a_script_sends_as_who_signed_in_and_a_stranger_is_refused(
    space: tuple[str, Provider], hub: Hub, capfd: pytest.CaptureFixture[str]
) -> None:
    app, signs_in = space
    signs_in.visitor = told_by_the_hub(OWNER)
    cookie = sign_in(app)

    def push(cookie: str, **more: Any) -> str:
        call, headers = f"{app}/gradio_api/call", {"Cookie": cookie} if cookie else {}
        given = {"run": "mine", "repository": f"{OWNER}/mine"} | more
        asked = httpx.post(f"{call}/v2/push_run", json=given, headers=headers).json()
        return httpx.get(f"{call}/push_run/{asked['event_id']}", headers=headers, timeout=60).text

    def told(answer: str) -> Any:
        return json.loads(answer.split("data: ")[1])[0]

    assert "Sign in with Hugging Face" in push("")
    assert hub.writes.commits == []
    dry = told(push(cookie, dry_run=True))
    assert dry["url"] is None and dry["private"] is True
    assert "adapter_model.safetensors" in dry["files"]
    assert hub.writes.commits == []
    done = told(push(cookie))
    assert done["url"] == f"{hub.url}/{OWNER}/mine" and done["files"] == dry["files"]
    assert hub.writes.private == {f"{OWNER}/mine"}
    assert ALLOWED not in "".join(capfd.readouterr())
    assert not any(ALLOWED in path.read_text("utf-8", "ignore") for path in files(open_run("mine")))


def files(run: Any) -> list[Path]:
    return [path for path in run.folder.rglob("*") if path.is_file()]


def test_a_person_looks_and_sends_from_the_page(
    mine: None, hub: Hub, chromium: "Browser", outside: list[str]
) -> None:
    with served_here(FakeModel()) as where:
        page = opened_page(chromium, f"{where}?tab=compare&run=mine", (1100, 1000), outside)
        page.locator("#compare-push button.label-wrap").click()
        name, send = page.locator("#compare-push-name textarea"), page.locator("#compare-push-send")
        page.get_by_text("own sign-in to the Hub").wait_for()
        name.fill(f"{OWNER}/mine")
        page.locator("#compare-push-look").click()
        page.get_by_text(f"To {OWNER}/mine, a private repository").wait_for()
        page.locator("#compare-push").screenshot(path=artefact("push.png"))
        name.fill(f"{OWNER}/minex")
        send.wait_for(state="hidden", timeout=8000)
        page.locator("#compare-push-look").click()
        page.get_by_text(f"To {OWNER}/minex, a private repository").wait_for()
        assert hub.writes.commits == []
        send.click()
        page.get_by_role("link", name=f"{hub.url}/{OWNER}/minex").wait_for()
    assert hub.writes.private == {f"{OWNER}/minex"}
    assert outside == []
