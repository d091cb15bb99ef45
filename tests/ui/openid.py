"""A stand-in for Hugging Face's sign-in (OpenID Connect), and what a browser does with it."""

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import gradio as gr
import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.requests import Request

CLIENT, SECRET = "calm-studio", "a secret of the Space"
SPACE_HOST = "ann-studio.hf.space"


class Provider:
    """Signs in whoever `visitor` says, as what the Hub would tell of them."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.visitor: dict[str, Any] = {}
        self.lasts = 3600
        self.scopes: list[str] = []
        self.allowed = "openid profile contribute-repos"
        self._key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self._asked: dict[str, dict[str, str]] = {}

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/oauth/authorize",
            "token_endpoint": f"{self.address}/oauth/token",
            "jwks_uri": f"{self.address}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def keys(self) -> dict[str, Any]:
        return {"keys": [self._key.as_dict(private=False)]}

    def authorized(self, asked: dict[str, str]) -> str:
        """Return the address that the browser is sent back to."""
        code = secrets.token_hex(8)
        self._asked[code] = asked
        self.scopes.append(asked["scope"])
        joint = "&" if "?" in asked["redirect_uri"] else "?"
        return asked["redirect_uri"] + joint + urlencode({"code": code, "state": asked["state"]})

    def token(self, code: str) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 3600,
            "nonce": self._asked.pop(code)["nonce"],
            **self.visitor,
        }
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self._key)
        return {
            "access_token": "hf_oauth_of_a_test",
            "token_type": "bearer",
            "expires_in": self.lasts,
            "scope": self.allowed,
            "id_token": signed,
        }


@contextmanager
def provider() -> Iterator[Provider]:
    """Serve a provider on this machine while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
            if self.path.startswith("/oauth/authorize"):
                self.send_response(302)
                self.send_header("Location", standing.authorized(asked))
                self.end_headers()
            else:
                self._say(standing.keys() if self.path == "/keys" else standing.metadata())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(standing.token(parse_qs(body)["code"][0]))

        def _say(self, answer: dict[str, Any]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    standing = Provider(f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield standing
    finally:
        server.shutdown()
        server.server_close()


def as_a_space(monkeypatch: pytest.MonkeyPatch, provider: Provider, host: str = SPACE_HOST) -> None:
    """Set what a Space with `hf_oauth: true` sets; Gradio reads some of it once, when imported."""
    import gradio.oauth

    set_by_it = {
        "OAUTH_CLIENT_ID": CLIENT,
        "OAUTH_CLIENT_SECRET": SECRET,
        "OAUTH_SCOPES": "openid profile contribute-repos",
        "OPENID_PROVIDER_URL": provider.address,
    }
    for name, value in set_by_it.items():
        monkeypatch.setenv(name, value)
        monkeypatch.setattr(gradio.oauth, name, value)
    monkeypatch.setenv("SYSTEM", "spaces")
    monkeypatch.setattr("gradio.http_server.watchfn_spaces", lambda reloader: None)
    monkeypatch.setenv("SPACE_ID", "ann/studio")
    for name in ("CALM_OWNERS", "CALM_READ_ONLY"):
        monkeypatch.delenv(name, raising=False)
    if host:
        monkeypatch.setenv("SPACE_HOST", host)


def told_by_the_hub(name: str, *organisations: dict[str, Any]) -> dict[str, Any]:
    """Return what the Hub says of a person who signs in."""
    return {
        "sub": f"id of {name}",
        "name": name.title(),
        "preferred_username": name,
        "profile": f"https://huggingface.co/{name}",
        "picture": "",
        "orgs": list(organisations),
    }


def visitor(name: str | None) -> gr.Request:
    """Return a request with the session of somebody who signed in; of nobody for None."""
    signed = {"oauth_info": {"userinfo": told_by_the_hub(name), "expires_at": 9e9}} if name else {}
    return gr.Request(Request({"type": "http", "session": signed}))


def sign_in(app: str, host: str = SPACE_HOST) -> str:
    """Go through the sign-in as a browser does and return the cookie that the app gave at its end.

    The cookie is for encrypted connections alone: here it is carried by hand.
    """
    where, cookie = f"{app}/login/huggingface?_target_url=/", ""
    for _ in range(8):
        where = where.replace(f"https://{host}/", f"{app}/")
        ours = where.startswith(app)
        answer = httpx.get(where, headers={"Cookie": cookie} if ours and cookie else {})
        given = answer.headers.get("set-cookie", "")
        if ours and given.startswith("session="):
            cookie = given.split(";")[0]
        if urlsplit(where).path == "/login/callback":
            assert answer.headers["location"] == "/"
            return cookie
        assert answer.is_redirect, (where, answer.text)
        where = urljoin(where, answer.headers["location"])
    raise AssertionError("the sign-in has no end")
