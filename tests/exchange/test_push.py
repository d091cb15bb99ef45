"""What a run has learnt is put on a Hub as one commit, looked at before, and fetched back."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from calm.cli.parser import main
from calm.config import BUILT_IN
from calm.errors import CalmError
from calm.exchange.adapter_base import adapter_base
from calm.exchange.archive import WEIGHTS as ARCHIVED_WEIGHTS
from calm.exchange.dataset_card import dataset_card
from calm.exchange.push import open_from_hub, parcel, push
from calm.runs.folder import Run, list_runs, with_settings
from tests.exchange.test_adapter_package import MakeRun, finished, run_of  # noqa: F401
from tests.hub import Hub

SHIPPED = "gemma-3-270m"
PACKAGE = [
    *("NOTICE", "README.md", "adapter_config.json"),
    *("adapter_model.safetensors", "prompt.txt", "trained_on.json"),
]
DATA = [
    *("README.md", "ballots.jsonl", "pairs.parquet"),
    *("questions.parquet", "responses.parquet", "run.zip"),
]
Output = pytest.CaptureFixture[str]


@pytest.fixture
def run(run_of: MakeRun) -> Run:  # noqa: F811
    return run_of(SHIPPED)


def uploads(hub: Hub) -> int:
    return sum(asked.startswith("PUT ") for asked in hub.asked)


def test_a_pushed_adapter_is_its_package_in_a_private_repository(
    run: Run, hub: Hub, calm_home: Path, capfd: Output
) -> None:
    (run.adapter / "training_args.bin").write_text("pickled")
    assert main(["push", "mine", "--to", "someone/x"]) == 0
    there = hub.root / "someone/x"
    assert sorted(file.name for file in there.iterdir()) == PACKAGE
    assert hub.writes.private == {"someone/x"}
    assert hub.writes.commits == [{"summary": "The adapter of mine", "paths": PACKAGE}]
    weights = (run.adapter / "adapter_model.safetensors").read_bytes()
    assert (there / "adapter_model.safetensors").read_bytes() == weights
    settings = json.loads((there / "adapter_config.json").read_text())
    assert settings["base_model_name_or_path"] == "google/gemma-3-270m"
    card = (there / "README.md").read_text()
    assert "`hf download someone/x --local-dir mine`" in card
    assert str(calm_home) not in card
    said = "".join(capfd.readouterr())
    assert f"{hub.url}/someone/x: private, commit " in said
    assert hub.writes.token not in said


def test_the_card_tells_the_hub_what_was_scored(run: Run) -> None:
    """`huggingface_hub` reads the metadata, and every score back out of `model-index`."""
    from huggingface_hub import ModelCard

    with parcel(run, "someone/x", "adapter") as made:
        card = ModelCard(str(made.content["README.md"], "utf-8"))  # type: ignore[arg-type]
    assert (card.data.base_model, card.data.license) == ("google/gemma-3-270m", "gemma")
    assert card.data.model_name == "mine"
    found = {
        (row.dataset_config, row.metric_type, row.metric_name.split(" (")[1][:6]): row.metric_value
        for row in card.data.eval_results
    }
    assert found == {
        (row.language, row.metric, {"response": "greedy", "likelihood": "choice"}[row.reading]): (
            round(row.value, 4)
        )
        for row in run.rows("scores")
        if row.model == "aligned" and row.metric in ("accuracy", "consistency")
        if "-" not in row.language
    }
    assert len(found) >= 2 * 4
    assert all("too few questions to tell, n = 3" in r.metric_name for r in card.data.eval_results)
    run.path("scores").unlink()
    with parcel(run, "someone/x", "adapter") as made:
        assert b"model-index" not in made.content["README.md"]  # type: ignore[operator]


def test_a_dry_run_shows_every_file_and_sends_nothing(run: Run, hub: Hub, capfd: Output) -> None:
    for flags, names in (([], PACKAGE), (["--dataset"], DATA)):
        assert main(["push", "mine", "--to", "someone/x", "--dry-run", *flags]) == 0
        said = capfd.readouterr().out
        listed = [line.split()[0] for line in said.splitlines() if line.endswith(" bytes")]
        assert listed == names
        assert "private" in said.splitlines()[0] and "Nothing was sent." in said
        assert "  ---\n" in said and "license" in said
    assert hub.asked == []
    assert [path.name for path in run.folder.parent.iterdir()] == ["mine"]


def test_what_broke_off_goes_on_and_large_files_are_sent_once(run: Run, hub: Hub) -> None:
    told: list[str] = []
    with parcel(run, "someone/x", "dataset") as made:
        hub.writes.broken = {"PK", "commit"}
        with pytest.raises(CalmError, match=r"broke off.*\(The reason given was: .*\)"):
            push(run, made, told=told.append)
        assert (uploads(hub), hub.writes.commits) == (4, [])
    assert sorted(told) == sorted(set(DATA) - {"README.md", "run.zip"})
    told.clear()
    for broken in (True, False, False):
        with parcel(run, "someone/x", "dataset") as made:
            if broken:
                with pytest.raises(CalmError, match="The same command goes on"):
                    push(run, made, told=told.append)
            else:
                push(run, made, told=told.append)
    assert uploads(hub) == 5
    assert sorted(told) == sorted(3 * DATA)
    assert [made["paths"] for made in hub.writes.commits] == [DATA]


def test_a_public_repository_is_written_only_where_that_is_said(run: Run, hub: Hub) -> None:
    with parcel(run, "someone/x", "adapter") as made:
        assert not push(run, made, is_public=True).is_private
        assert hub.writes.private == set()
        with pytest.raises(CalmError, match=r"public.*--public"):
            push(run, made)
    assert len(hub.writes.commits) == 1


@pytest.mark.parametrize(
    ("name", "token", "said"),
    [
        ("someone/x", "", "hf auth login"),
        ("someone/x", "hf_wrong", "does not let you write"),
        ("stranger/x", "hf_secret", "does not let you write stranger/x"),
        ("../x/y", "hf_secret", "no name of a repository"),
        ("x", "hf_secret", "no name of a repository"),
        ("someone/..", "hf_secret", "no name of a repository"),
    ],
)
def test_what_may_not_be_written_is_refused_in_a_sentence_without_the_token(
    name: str,
    token: str,
    said: str,
    run: Run,
    hub: Hub,
    monkeypatch: pytest.MonkeyPatch,
    capfd: Output,
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    assert main(["push", "mine", "--to", name]) == 2
    told = "".join(capfd.readouterr())
    assert said in told
    assert not token or token not in told
    assert hub.writes.commits == []


def test_a_pushed_data_set_is_read_by_its_card_and_replays(
    run: Run, hub: Hub, calm_home: Path, tmp_path: Path
) -> None:
    from huggingface_hub import DatasetCard
    from pandas import read_parquet

    assert main(["push", "mine", "--to", "someone/x", "--dataset"]) == 0
    there = hub.root / "datasets/someone/x"
    assert sorted(file.name for file in there.iterdir()) == DATA
    assert hub.writes.private == {"datasets/someone/x"}
    card = DatasetCard((there / "README.md").read_text())
    for config in card.data.configs:
        assert (there / config["data_files"]).is_file()
    pairs = read_parquet(there / "pairs.parquet")
    assert len(pairs) > 0 and f"| all | {len(pairs)} |" in card.text
    assert f"| `responses.parquet` | {len(run.rows('answers'))} |" in card.text
    with zipfile.ZipFile(there / "run.zip") as archive:
        assert ARCHIVED_WEIGHTS not in archive.namelist()
        assert not any(str(calm_home).encode() in archive.read(n) for n in archive.namelist())
    assert not any(str(calm_home).encode() in file.read_bytes() for file in there.iterdir())

    assert main(["open", "hf:someone/x", "theirs"]) == 0
    theirs = next(found for found in list_runs() if found.name == "theirs")
    assert theirs.is_opened
    for name in ("votes", "pairs", "comparisons", "scores", "ballots"):
        assert theirs.rows(name) == run.rows(name)


def test_a_run_of_the_hub_is_checked_before_it_is_kept(
    run: Run, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = hub.root / "datasets/other/bad"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "run.zip", "w") as archive:
        archive.writestr("../escaped.txt", "x")
    with pytest.raises(CalmError, match=r"run\.zip.*escaped"):
        open_from_hub("other/bad")
    with pytest.raises(CalmError, match="no data set other/none"):
        open_from_hub("other/none")
    with pytest.raises(CalmError, match="no name of a repository"):
        open_from_hub("other/bad/run")
    monkeypatch.setattr("calm.exchange.push.MOST_BYTES", 20)
    with pytest.raises(CalmError, match=r"run\.zip"):
        open_from_hub("other/bad")
    hub.is_down = True
    with pytest.raises(CalmError, match="cannot be fetched"):
        open_from_hub("other/bad")
    assert [found.name for found in list_runs()] == ["mine"]


def test_gemmas_terms_and_the_questions_licence_are_said(
    run: Run,
    run_of: Callable[..., Run],  # noqa: F811
) -> None:
    rows, names = {"pairs": 1500}, {"pairs": "pairs.parquet"}
    card = dataset_card(run, rows, names, "someone/x")
    assert adapter_base(run).licence.notice and "Gemma Terms of Use" in card
    assert "`questions.jsonl`, whose licence CALM Studio does not know" in card
    assert '["1K<n<10K"]' in card and "No person's ballot" in card
    others = with_settings(
        run, replace(run.config, model="smollm2-135m-instruct", question_set=BUILT_IN)
    )
    card = dataset_card(others, rows, names, "someone/x")
    assert "Gemma" not in card and "under its MIT licence" in card
