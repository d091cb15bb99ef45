"""Who may change things: everyone at home, the owner on a Space, nobody where it is read only."""

from types import SimpleNamespace
from typing import Any

import pytest

from calm.errors import CalmError
from ui.parts.rights import check_rights, may_change


def visitor(name: str | None) -> Any:
    return SimpleNamespace(username=name)


@pytest.mark.parametrize(
    ("environment", "who", "may"),
    [
        ({}, None, True),
        ({}, "anyone", True),
        ({"CALM_READ_ONLY": "1"}, "anyone", False),
        ({"CALM_READ_ONLY": "0"}, None, True),
        ({"SPACE_ID": "ann/studio"}, None, False),
        ({"SPACE_ID": "ann/studio"}, "bob", False),
        ({"SPACE_ID": "ann/studio"}, "ann", True),
        ({"SPACE_ID": "ann/studio"}, "ann/studio", False),
        ({"SPACE_ID": "/studio"}, "", False),
        ({"SPACE_ID": "ann/studio", "CALM_READ_ONLY": "1"}, "ann", False),
    ],
)
def test_who_may_change_what_lies_on_the_server(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], who: str | None, may: bool
):
    for name in ("CALM_READ_ONLY", "SPACE_ID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert may_change(visitor(who)) is may


def test_nobody_is_no_owner(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SPACE_ID", "ann/studio")
    assert not may_change(None)
    with pytest.raises(CalmError, match="for looking only"):
        check_rights(None)
