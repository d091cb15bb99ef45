"""Signing in on a Space: through the app's own session, with a stand-in for the Hub's sign-in."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from starlette.requests import Request

from calm.runs.folder import list_runs
from tests.recorded import finished_run
from tests.ui.openid import Provider, as_a_space, provider, sign_in, told_by_the_hub
from tests.ui.visitors import launched, reader
from ui.parts.sign_in import who
from ui.parts.uploads import most_bytes


@pytest.fixture(scope="module")
def hub() -> Iterator[Provider]:
    with provider() as standing:
        yield standing


@pytest.fixture(scope="module")
def space(hub: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app as a Space of ann's serves it, with a finished run, `mine`."""
    home = tmp_path_factory.mktemp("space")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CALM_HOME", str(home))
        patched.setenv("GRADIO_TEMP_DIR", str(home / "temporary"))
        as_a_space(patched, hub)
        patched.setattr("ui.parts.uploads.MAX_FILE_BYTES", 1000)
        patched.setattr("ui.parts.uploads.FORM_BYTES", 1000)
        from ui.app import build, middleware
        from ui.parts.models import NO_MODEL, Models

        finished_run("mine", home)
        settings = {"max_file_size": most_bytes(), "app_kwargs": {"middleware": middleware()}}
        with launched(build(Models(NO_MODEL)), **settings) as where:
            yield where.rstrip("/")


def cookie_of(space: str, hub: Provider, name: str, *organisations: dict[str, Any]) -> str:
    hub.visitor = told_by_the_hub(name, *organisations)
    return sign_in(space)


def call(space: str, name: str, data: list[Any], cookie: str = "", **headers: str) -> str:
    """Call an endpoint over HTTP and return what it answers."""
    headers |= {"Cookie": cookie} if cookie else {}
    where = f"{space}/gradio_api/call/{name}"
    event = httpx.post(where, json={"data": data}, headers=headers, timeout=60).json()["event_id"]
    return httpx.get(f"{where}/{event}", headers=headers, timeout=60).text


def set_gate(space: str, cookie: str = "", **headers: str) -> str:
    """Call an endpoint that changes things, with a run that is not there, and return the answer."""
    return call(space, "set_gate", ["gone", 0.5], cookie, **headers)


NO_RUN = "no run"
"""What an endpoint says that went past its check of rights."""


def test_a_stranger_is_told_to_sign_in_and_a_claim_is_none(space: str):
    assert "sign in with Hugging Face" in set_gate(space)
    assert "sign in with Hugging Face" in set_gate(space, **{"X-Forwarded-User": "ann"})
    assert "sign in with Hugging Face" in set_gate(space, "session=eyJvYXV0aF9pbmZvIjp7fX0=.x.y")


def test_the_owner_who_signed_in_renames_a_run_and_a_stranger_does_not(space: str, hub: Provider):
    bob, ann = cookie_of(space, hub, "bob"), cookie_of(space, hub, "ann")
    refused = call(space, "rename_run", ["mine", "bobs"], bob)
    assert "signed in as bob, who does not own this Space" in refused
    assert [run.name for run in list_runs()] == ["mine"]
    assert '["anns"]' in call(space, "rename_run", ["mine", "anns"], ann)
    assert '["mine"]' in call(space, "rename_run", ["anns", "mine"], ann)
    assert set(hub.scopes) == {"openid profile contribute-repos"}


def test_who_signed_out_is_a_stranger_again(space: str, hub: Provider):
    cookie = cookie_of(space, hub, "ann")
    assert NO_RUN in set_gate(space, cookie)
    left = httpx.get(f"{space}/logout", headers={"Cookie": cookie}).headers["set-cookie"]
    assert "sign in with" in set_gate(space, left.split(";")[0])


def test_a_sign_in_ends(space: str, hub: Provider, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hub, "lasts", -10)
    assert "sign in with" in set_gate(space, cookie_of(space, hub, "ann"))


def test_members_and_named_ones_may_change_things(
    space: str, hub: Provider, monkeypatch: pytest.MonkeyPatch
):
    team, other = {"preferred_username": "team"}, {"preferred_username": "other"}
    locked = team | {"securityRestrictions": ["mfa"]}
    monkeypatch.setenv("SPACE_ID", "team/studio")
    assert NO_RUN in set_gate(space, cookie_of(space, hub, "eve", other, team))
    assert "does not own" in set_gate(space, cookie_of(space, hub, "eve", other))
    assert "does not own" in set_gate(space, cookie_of(space, hub, "eve", locked))
    monkeypatch.setenv("CALM_OWNERS", " zoe, eve ")
    assert NO_RUN in set_gate(space, cookie_of(space, hub, "eve"))
    monkeypatch.setenv("CALM_READ_ONLY", "1")
    assert "for looking only" in set_gate(space, cookie_of(space, hub, "eve"))


def upload(space: str, size: int, cookie: str = "") -> int:
    with tempfile.TemporaryFile() as file:
        file.truncate(size)
        headers = {"Cookie": cookie} if cookie else {}
        where = f"{space}/gradio_api/upload"
        return httpx.post(where, files={"files": ("a.zip", file)}, headers=headers).status_code


def test_who_may_change_nothing_uploads_no_large_file(space: str, hub: Provider):
    ann, bob = cookie_of(space, hub, "ann"), cookie_of(space, hub, "bob")
    assert (upload(space, 900), upload(space, 900, bob)) == (200, 200)
    assert (upload(space, 5000), upload(space, 5000, bob)) == (413, 413)
    assert upload(space, 5000, ann) == 200

    def unmeasured() -> Iterator[bytes]:
        yield b"x" * 5000

    sent = httpx.post(
        f"{space}/gradio_api/upload",
        content=unmeasured(),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert sent.status_code == 411


@pytest.mark.parametrize(
    ("name", "accepted", "said", "link"),
    [
        ("", "en", "Sign in with Hugging Face", "/login/huggingface?_target_url=/%3Frun%3Dmine"),
        ("ann", "en", "Signed in as ann: you may change what lies here.", "/logout?"),
        ("bob", "de", "Angemeldet als bob: Sie dürfen fragen und abstimmen.", "/logout?"),
        ("<b>", "en", "Signed in as &lt;b&gt;: you may ask and vote.", "/logout?"),
    ],
)
def test_the_page_says_who_is_signed_in(
    monkeypatch: pytest.MonkeyPatch, name: str, accepted: str, said: str, link: str
):
    monkeypatch.setenv("SPACE_ID", "ann/studio")
    user = {"oauth_info": {"userinfo": told_by_the_hub(name), "expires_at": 9e9}} if name else {}
    scope = {"type": "http", "query_string": b"run=mine", "headers": [], "session": user}
    with reader(accepted):
        shown = who(gr.Request(Request(scope)))
    assert said in shown
    (address,) = re.findall(r'href="([^"]+)" target="_blank"', shown)
    assert address.startswith(link)


def test_elsewhere_nobody_is_asked_to_sign_in(calm_home: Path, monkeypatch: pytest.MonkeyPatch):
    from ui.app import build
    from ui.parts.models import NO_MODEL, Models

    monkeypatch.delenv("SPACE_ID", raising=False)
    demo = build(Models(NO_MODEL))
    assert not demo.expects_oauth
    assert "signed-in" not in [block.elem_id for block in demo.blocks.values()]
