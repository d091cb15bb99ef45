"""The app as a server of tools (Model Context Protocol): what a client may call, and as whom.

Gradio makes a tool of every endpoint. A client gets those of `TOOLS`: what asks, votes, compares,
looks at runs and aligns. Left out is what deletes, renames, sends away or takes a file in.
"""

import functools
import json
import sys
from collections.abc import Sequence
from typing import Any

from gradio_client import Client

from calm.errors import CalmError
from ui.serving.door import Entry

TOOLS = (
    *("ask", "ask_freely", "ask_both", "asked_question", "list_models"),
    *("cast_ballot", "judge_vote", "choose_model", "ballot_tally", "ballot_disagreements"),
    *("list_runs", "list_recorded", "replay", "compare_run"),
    *("estimate_alignment", "start_alignment", "go_on_alignment", "stop_alignment"),
    "measure_damage",
    *("alignment_status", "alignment_metrics", "alignment_log"),
    *("run_votes", "set_gate", "run_pairs", "lint_run", "run_translations"),
)
"""Endpoints that are tools, by name."""
MOST_CLIENTS = 64


def can_serve_tools() -> bool:
    """Tell whether the library for tools is here, in a version that Gradio works with.

    Where it is not, that is said, in the server's log.
    """
    try:
        from mcp.server.lowlevel.helper_types import ReadResourceContents  # noqa: F401
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager  # noqa: F401
    except ImportError:
        print(f"calm: {CalmError('server.no-tools')}", file=sys.stderr)
        return False
    return True


def offer_tools(server: Any, let_in: Entry) -> None:
    """Narrow Gradio's server of tools, as it was launched, to ours; nothing where there is none.

    A tool's result is JSON, and what it calls within the app it calls as whoever called it: Gradio
    would give Python's notation, and come to a closed door without a name.
    """
    if server is None:
        return
    endpoints = server.tool_to_endpoint
    server.tool_to_endpoint = {
        tool: path for tool, path in endpoints.items() if path.removeprefix("/") in TOOLS
    }

    def as_json(results: Sequence[Any], root_url: str) -> list[Any]:
        return [
            server.types.TextContent(type="text", text=json.dumps(result, ensure_ascii=False))
            for result in results
        ]

    @functools.lru_cache(MOST_CLIENTS)
    def called_as(name: str, value: str) -> Client:
        return Client(
            server.local_url,
            download_files=False,
            verbose=False,
            analytics_enabled=False,
            headers={"x-gradio-user": "mcp"} | ({name: value} if value else {}),
        )

    def client() -> Client:
        request = server.mcp_server.request_context.request
        name = "authorization" if let_in.accounts else let_in.header.lower()
        return called_as(name, request.headers.get(name, "") if name else "")

    server.postprocess_output_data = as_json
    server._get_or_create_client = client
