"""Who may change what lies on the server: start, rename, delete, open an archive.

On a Hugging Face Space a visitor is who signed in there, by way of the session that Gradio keeps in
a signed cookie, and nobody else: a name that comes with a request otherwise counts for nothing.

Ballots and asked questions are open to every visitor, also where `CALM_READ_ONLY` is 1: an app for
looking only is what an audience has before it, whose questions and opinions it is there for. They
touch no run, a person has one ballot on a thing, old questions make room for new ones, and a run
takes ballots in only when somebody with rights starts it with them.
"""

import os
import time
from collections.abc import Mapping
from typing import Any

import gradio as gr
from gradio.utils import get_space

from calm.errors import CalmError

FROM_THE_SPACE = (
    *("OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPES"),
    "OPENID_PROVIDER_URL",
)
"""The variables that a Space with `hf_oauth: true` has (Hub documentation, Sign-In with HF)."""


def may_change(request: gr.Request | None) -> bool:
    """Tell whether this visitor may change anything.

    On one's own machine, yes. Nobody may where `CALM_READ_ONLY` is 1. On a Space (`SPACE_ID` is
    set) those who are signed in as its owner, as a member of the organisation that owns it, or
    under a name, of a person or an organisation, that `CALM_OWNERS` lists.
    """
    if os.environ.get("CALM_READ_ONLY") == "1":
        return False
    space = os.environ.get("SPACE_ID", "")
    if not space:
        return True
    visitor = signed_in(request)
    return visitor is not None and bool(_names(visitor) & _owners(space))


def check_rights(request: gr.Request | None) -> None:
    """Raise CalmError unless this visitor may change something; it says who may, and how."""
    if may_change(request):
        return
    if os.environ.get("CALM_READ_ONLY") == "1" or not can_sign_in():
        raise CalmError("page.looking-only")
    visitor = signed_in(request)
    if visitor is None:
        raise CalmError("page.not-signed-in")
    raise CalmError("page.not-an-owner", name=visitor.username)


def can_sign_in() -> bool:
    """Tell whether this is a Space that has sign-in with Hugging Face."""
    return bool(get_space()) and all(os.environ.get(name) for name in FROM_THE_SPACE)


def someone_may_change() -> bool:
    """Tell whether there may be anybody who may change things here."""
    return may_change(None) or (os.environ.get("CALM_READ_ONLY") != "1" and can_sign_in())


def signed_in(request: gr.Request | None) -> gr.OAuthProfile | None:
    """Return who the visitor is by the session; None for nobody, and once the sign-in ran out."""
    found = session_of(request).get("oauth_info") or {}
    user = found.get("userinfo")
    if not user or found.get("expires_at", 0) < time.time():
        return None
    return gr.OAuthProfile({"name": "", "profile": "", "picture": "", **user})


def session_of(request: gr.Request | None) -> Mapping[str, Any]:
    """Return what Gradio keeps of a visitor in a signed cookie; nothing where there is none."""
    scope = getattr(getattr(request, "request", None), "scope", None)
    return scope.get("session") or {} if isinstance(scope, dict) else {}


def _names(visitor: gr.OAuthProfile) -> set[str]:
    """Return a visitor's name and those of its organisations that let it in in full."""
    organisations = [
        organisation
        for organisation in visitor.get("orgs") or []
        if not organisation.get("securityRestrictions")
    ]
    names = [visitor.username, *(each.get("preferred_username") for each in organisations)]
    return {name for name in names if name}


def _owners(space: str) -> set[str]:
    listed = os.environ.get("CALM_OWNERS", "").split(",")
    return {name.strip() for name in (space.partition("/")[0], *listed)} - {""}
