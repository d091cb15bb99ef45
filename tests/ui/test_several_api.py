"""Several runs at once, as a script asks for them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from calm.runs.folder import to_json
from calm.settings import config_of
from tests.recorded import finished_run
from tests.ui.visitors import launched


@pytest.fixture
def client(calm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A script beside two seeds of one method, `one` and `two`, and another method, `three`."""
    from ui.app import build
    from ui.parts.models import NO_MODEL, Models

    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    run = finished_run("one", tmp_path)
    for name, settings in (("two", {"seed": 7}), ("three", {"beta": 0.5})):
        folder = run.folder.with_name(name)
        shutil.copytree(run.folder, folder)
        config = config_of(settings, run.config)
        (folder / "config.json").write_text(to_json(config) + "\n", encoding="utf-8")
    with launched(build(Models(NO_MODEL))) as where:
        yield Client(where, verbose=False, analytics_enabled=False)


def test_seeds_and_methods_are_told_as_plain_data(client: Client):
    found = client.predict(["one", "two"], api_name="/compare_seeds")
    assert (found["runs"], found["languages"]) == (["one", "two"], ["en", "fr", "ar"])
    assert {row["seeds"] for row in found["scores"]} == {2}
    assert {"known_consistency", "language_gap", "rank_consistency", "fleiss_kappa"} <= {
        row["metric"] for row in found["scores"]
    }
    found = client.predict(["one", "two", "three"], api_name="/compare_methods")
    assert [row["settings"] for row in found["methods"]] == [[], ["beta (0.1, 0.5)"]]
    assert [(row["one"], row["other"], row["adjusted"]) for row in found["pairs"]] == [
        ("one", "three", 1)
    ]
    assert len(found["alone"]) == 2


REFUSED = [
    ("seeds", (["one", "three"],), r"beta \(0.1, 0.5\)"),
    ("seeds", (["one"],), "two runs or more"),
    ("seeds", (["one", "../two"],), "cannot name a run"),
    ("seeds", (["one", 5],), "two runs or more"),
    ("seeds", ("one",), "two runs or more"),
    ("seeds", (["one"] * 33,), "runs is 33"),
    ("methods", (["one", "two"],), "two methods or more"),
    ("methods", (["one", "three"], "luck"), "metric is luck"),
]


def test_what_cannot_be_compared_is_said(client: Client):
    for endpoint, given, says in REFUSED:
        with pytest.raises(AppError, match=says):
            client.predict(*given, api_name=f"/compare_{endpoint}")
