"""What scripts may call, called through `gradio_client`; no model is loaded."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from tests.ui.visitors import script

THUMB = ("ann", "Which gas?", "en", "m", "oxygen")


@pytest.fixture
def client(calm_home: Path) -> Iterator[Client]:
    from ui.parts.models import Models

    with script(Models("no-model")) as served:
        yield served


def test_scripts_vote_count_and_read_ballots_without_seeing_who_voted(client: Client) -> None:
    def call(name: str, *values: Any) -> Any:
        return client.predict(*values, api_name=f"/{name}")

    assert call("cast_ballot", *THUMB, "up") == {"up": 1, "down": 0}
    assert call("judge_vote", *THUMB, "wrong") == {"right": 0, "wrong": 1, "not sure": 0}
    duel = ("ann", "Which gas?", "en", "n", "neon", "m", "oxygen")
    assert call("choose_model", *duel, "model")["model"] == 1
    assert {row["kind"] for row in call("ballot_tally")} == {"thumb", "consensus", "duel"}
    rows = call("ballots")
    assert [row["opinion"] for row in rows] == ["up", "wrong", "other"]
    assert "ann" not in {row["voter"] for row in rows}
    assert call("ballot_disagreements", "")[0]["vote"] == "oxygen"
    assert call("cast_ballot", *THUMB, "") == {"up": 0, "down": 0}
    assert call("choose_model", *duel, "")["model"] == 0
    assert [row["opinion"] for row in call("ballots")] == ["wrong"]


@pytest.mark.parametrize(
    ("name", "values", "says"),
    [
        ("cast_ballot", (*THUMB, "sideways"), "not 'sideways'"),
        ("cast_ballot", ("", *THUMB[1:], "up"), "needs voter"),
        ("cast_ballot", ("ann", "Which gas?", "xx", "m", "oxygen", "up"), "no language 'xx'"),
        ("judge_vote", (*THUMB, "up"), "not 'up'"),
        (
            "choose_model",
            ("ann", "Which gas?", "en", "n", "neon", "m", "Neon.", "both"),
            "say the same",
        ),
        ("ballot_disagreements", ("../x",), "cannot name a run"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    client: Client, name: str, values: tuple[str, ...], says: str
) -> None:
    with pytest.raises(AppError, match=says):
        client.predict(*values, api_name=f"/{name}")


def test_ballots_are_open_where_the_app_is_read_only(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALM_READ_ONLY", "1")
    assert client.predict(*THUMB, "up", api_name="/cast_ballot") == {"up": 1, "down": 0}


def test_a_script_may_not_train_where_the_app_is_read_only(
    client: Client, calm_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALM_READ_ONLY", "1")
    with pytest.raises(AppError, match="for looking only"):
        client.predict("mine", "built-in", ["en", "fr"], 4, "votes", api_name="/start_alignment")
    assert not (calm_home / "runs").exists()
