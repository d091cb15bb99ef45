"""Between votes and training, for scripts through `gradio_client`; no model is loaded."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from calm.pipeline.align import align
from calm.pipeline.context import Context
from calm.runs import jobs
from calm.runs.folder import Run, create_run, open_run
from tests.fakes import FakeModel, make_adapter
from tests.recorded import recorded_settings
from tests.ui.visitors import script


@pytest.fixture
def run(calm_home: Path, tmp_path: Path) -> Run:
    run = create_run("mine", recorded_settings(tmp_path))
    align(Context(run, _model=FakeModel()), until="pairs")
    return run


@pytest.fixture
def client(run: Run) -> Iterator[Client]:
    from ui.parts.models import NO_MODEL, Models

    with script(Models(NO_MODEL)) as served:
        yield served


def test_a_gate_is_tried_on_the_votes_without_changing_anything(client: Client, run: Run):
    seen = client.predict("mine", 0.25, api_name="/run_votes")
    assert seen["gate"]["of"] == len(seen["votes"]) == 4
    assert seen["pairs"] == [len(run.rows("pairs"))] * 2
    assert client.predict("mine", 1.0, api_name="/run_votes")["gate"]["kept"] == 0
    assert open_run("mine").config.pairs.min_vote_share == 0.25


def test_a_pair_is_excluded_swapped_and_undone(client: Client, run: Run):
    first, second, *rest = client.predict("mine", api_name="/run_pairs")
    count = len(rest) + 2
    assert (first["change"], first["chosen"]) == (None, run.rows("pairs")[0].chosen)
    told = client.predict("mine", first["pair"], "exclude", api_name="/edit_pair")
    assert told == {"learnt": count - 1, "excluded": 1, "swapped": 0}
    told = client.predict("mine", second["pair"], "swap", api_name="/edit_pair")
    assert told == {"learnt": count - 1, "excluded": 1, "swapped": 1}
    changes = [row["change"] for row in client.predict("mine", api_name="/run_pairs")]
    assert changes[:2] == ["exclude", "swap"]
    told = client.predict("mine", first["pair"], "undo", api_name="/edit_pair")
    assert told == {"learnt": count, "excluded": 0, "swapped": 1}


def test_the_lint_tells_what_it_finds_in_the_pairs(client: Client, run: Run):
    run.write("pairs", [*run.rows("pairs"), run.rows("pairs")[0]])
    told = client.predict("mine", api_name="/lint_run")
    assert told["pairs"] == len(run.rows("pairs")) == sum(told["languages"].values())
    assert ("duplicate-pair", told["pairs"] - 1) in {
        (found["rule"], found["pair"]) for found in told["findings"]
    }
    create_run("new", run.config)
    with pytest.raises(AppError, match="has no pairs yet"):
        client.predict("new", api_name="/lint_run")


def test_a_run_is_watched_by_its_status_its_metrics_and_its_log(client: Client, run: Run):
    status = client.predict("mine", api_name="/alignment_status")
    assert (status["stage"], status["state"]) == ("pairs", "stopped")
    assert client.predict("mine", api_name="/alignment_metrics") == []
    assert client.predict("mine", api_name="/alignment_log") == ""
    run.append_json("metrics", {"step": 1, "loss": 0.7, "rewards/margins": 0.1})
    run.log.write_text("loading fake\npairs: 4 of 4\n", encoding="utf-8")
    (row,) = client.predict("mine", api_name="/alignment_metrics")
    assert row == {"step": 1, "loss": 0.7, "rewards/margins": 0.1}
    assert client.predict("mine", api_name="/alignment_log").endswith("pairs: 4 of 4")


def test_what_cannot_be_changed_is_refused_in_words(client: Client, run: Run):
    key = client.predict("mine", api_name="/run_pairs")[0]["pair"]
    with pytest.raises(AppError, match="excluded, swapped or undone, not 'delete'"):
        client.predict("mine", key, "delete", api_name="/edit_pair")
    with pytest.raises(AppError, match="has no pair 'nonsense'"):
        client.predict("mine", "nonsense", "exclude", api_name="/edit_pair")
    make_adapter(run.adapter)
    with pytest.raises(AppError, match="training of the run mine has begun"):
        client.predict("mine", key, "exclude", api_name="/edit_pair")
    with pytest.raises(AppError, match="training of the run mine has begun"):
        client.predict("mine", 0.5, api_name="/set_gate")
    with pytest.raises(AppError, match="no adapter that was measured"):
        client.predict("mine", api_name="/measure_damage")


def test_who_may_only_look_changes_nothing(
    client: Client, run: Run, monkeypatch: pytest.MonkeyPatch
):
    key = client.predict("mine", api_name="/run_pairs")[0]["pair"]
    monkeypatch.setenv("CALM_READ_ONLY", "1")
    for name, values in (
        ("/edit_pair", ("mine", key, "exclude")),
        ("/set_gate", ("mine", 0.5)),
        ("/go_on_alignment", ("mine",)),
        ("/stop_alignment", ("mine",)),
        ("/measure_damage", ("mine",)),
    ):
        with pytest.raises(AppError, match="for looking only"):
            client.predict(*values, api_name=name)
    assert not run.has("pair_edits") and run.has("pairs")


def test_another_gate_starts_making_the_pairs_again(
    client: Client, run: Run, monkeypatch: pytest.MonkeyPatch
):
    started: list[tuple[str, str | None]] = []
    monkeypatch.setattr(jobs, "start", lambda run, until=None: started.append((run.name, until)))
    client.predict("mine", 0.5, api_name="/set_gate")
    client.predict("mine", api_name="/go_on_alignment")
    assert started == [("mine", "pairs"), ("mine", None)]
    assert open_run("mine").config.pairs.min_vote_share == 0.5
    assert not run.has("pairs")
