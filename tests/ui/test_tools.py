"""What clients of the Model Context Protocol find and call, through the protocol's own client."""

import asyncio
import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes import FakeModel
from tests.recorded import finished_run
from tests.ui.visitors import launched
from ui.app import around, build
from ui.parts.models import Models
from ui.serving import tools
from ui.serving.door import Entry, visitor

mcp = pytest.importorskip("mcp", reason="the package mcp is not installed")
OPEN, ACCOUNTS = Entry({}, "", False), Entry({"ann": "a", "bob": "b"}, "", False)
ASKED = {"text": "What barks?", "choices": ["dog", "cat"], "language": "en"}
ASKED |= {"languages": ["en", "fr"], "num_samples": 2}


@contextmanager
def served_with_tools(let_in: Entry) -> Iterator[str]:
    """Serve the app as `serve` does, with a model made for tests; give its address."""
    models = Models("fake")
    models._model, models._says = FakeModel(), None  # type: ignore[assignment]
    demo = build(models).queue()
    with launched(
        demo,
        app_kwargs={"middleware": around(models, let_in)},
        auth_dependency=partial(visitor, let_in) if let_in.has_names else None,
        mcp_server=tools.can_serve_tools(),
    ) as where:
        tools.offer_tools(demo.mcp_server_obj, let_in)
        yield f"{where}gradio_api/mcp/"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the tools of an app of this machine, with a finished run, `mine`."""
    home = tmp_path_factory.mktemp("tools")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CALM_HOME", str(home))
        patched.delenv("SPACE_ID", raising=False)
        finished_run("mine", home)
        with served_with_tools(OPEN) as where:
            yield where


def spoken(where: str, act: Any, **headers: str) -> Any:
    """Return what comes of an act in a session of the protocol."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def talk() -> Any:
        async with (
            streamablehttp_client(where, headers=headers) as (reads, writes, _),
            ClientSession(reads, writes) as session,
        ):
            await session.initialize()
            return await act(session)

    with ThreadPoolExecutor(1) as apart:  # a browser's loop may go on in this thread
        return apart.submit(lambda: asyncio.run(talk())).result()


def call(where: str, name: str, given: dict[str, Any], **headers: str) -> Any:
    """Return what a tool gives, or the sentence that refuses."""
    result = spoken(where, lambda session: session.call_tool(name, given), **headers)
    (content,) = result.content
    return content.text if result.isError else json.loads(content.text)


def test_every_tool_and_all_that_it_takes_is_described(app: str) -> None:
    found = {tool.name: tool for tool in spoken(app, lambda s: s.list_tools()).tools}
    assert set(found) == set(tools.TOOLS)
    for name, tool in found.items():
        assert len(tool.description) > 20, name
        for given, schema in tool.inputSchema["properties"].items():
            assert schema.get("description", "").endswith("."), f"{name}: {given}"
            assert "type" in schema, f"{name}: {given}"
    asks = found["ask"].inputSchema
    assert asks["required"] == ["text", "choices", "language", "languages", "num_samples"]
    assert asks["properties"]["choices"]["items"] == {"type": "string"}
    assert "min_vote_share" in found["start_alignment"].inputSchema["properties"]


def test_a_client_asks_and_reads_the_vote(app: str) -> None:
    asked = call(app, "ask", ASKED)
    assert asked["phase"] == "done"
    assert {row["language"] for row in asked["responses"]} == {"en"}
    assert "fr" in asked["left_out"], "the fake model translates nothing"
    assert asked["vote"]["share"] > 0
    again = call(app, "asked_question", {"id": asked["id"]})
    assert again["vote"] == asked["vote"]


def test_a_long_call_tells_how_far_it_is(app: str) -> None:
    told: list[str | None] = []

    async def listen(done: float, total: float | None, message: str | None) -> None:
        told.append(message)

    def act(session: Any) -> Any:
        return session.call_tool("ask", ASKED, progress_callback=listen)

    assert not spoken(app, act).isError
    assert "Processing" in told


def test_a_client_lists_runs_and_compares(app: str) -> None:
    assert [row["name"] for row in call(app, "list_runs", {})] == ["mine"]
    compared = call(app, "compare_run", {"run": "mine"})
    assert compared["scores"] and compared["comparisons"]


def test_what_is_no_tool_cannot_be_called(app: str) -> None:
    assert "Unknown tool" in call(app, "delete_run", {"run": "mine", "typed_again": "mine"})
    assert "no run" in call(app, "alignment_status", {"run": "gone"})


def test_who_may_not_align_is_told_so(app: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"run": "new", "question_set": "built-in", "languages": ["en", "fr"]}
    given |= {"max_train_questions": 4}
    monkeypatch.setenv("CALM_READ_ONLY", "1")
    assert "for looking only" in call(app, "start_alignment", given)
    monkeypatch.delenv("CALM_READ_ONLY")
    monkeypatch.setenv("SPACE_ID", "ann/studio")
    assert "for looking only" in call(app, "start_alignment", given)
    assert [row["name"] for row in call(app, "list_runs", {})] == ["mine"]


def test_a_stranger_is_let_to_no_tool(app: str) -> None:
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accepts = {"accept": "application/json, text/event-stream"}
    assert httpx.post(app, json=asked, headers=accepts).status_code == 200
    for stranger in ({"host": "elsewhere.example"}, {"x-forwarded-for": "192.168.1.30"}):
        assert httpx.post(app, json=asked, headers=accepts | stranger).status_code == 403


def test_behind_a_password_a_tool_is_called_by_name(calm_home: Path) -> None:
    given = {"authorization": "Basic " + base64.b64encode(b"bob:b").decode()}
    with served_with_tools(ACCOUNTS) as where:
        assert httpx.post(where, json={}).status_code == 401
        assert call(where, "ask", ASKED, **given)["phase"] == "done"


def test_without_the_package_the_app_starts_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "mcp.server.lowlevel.helper_types", None)
    assert not tools.can_serve_tools()
    assert "pip install" in capsys.readouterr().err
