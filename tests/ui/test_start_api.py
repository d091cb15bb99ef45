"""Before a run begins, for scripts through `gradio_client`: what it costs, and its settings."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from calm.config import PairsConfig, RunConfig, SamplingConfig, TrainConfig
from calm.runs import jobs
from calm.runs.folder import list_runs, open_run
from calm.runs.rates import Rate, Yield, keep_rate, keep_yield
from calm.training.schedule import schedule
from tests.recorded import recorded_settings
from tests.ui.visitors import script

LANGUAGES = ["en", "fr"]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str | None]]:
    """Return the runs whose alignment was started, and where each is to end; none runs."""
    found: list[tuple[str, str | None]] = []
    monkeypatch.setattr(jobs, "start", lambda run, until=None: found.append((run.name, until)))
    return found


@pytest.fixture
def client(calm_home: Path, started: list[Any]) -> Iterator[Client]:
    from ui.parts.models import Models

    with script(Models("fake")) as served:
        yield served


def start(client: Client, name: str, *values: Any, **settings: Any) -> Any:
    return client.predict(name, *values, **settings, api_name="/start_alignment")


def test_what_is_left_out_has_the_default_of_the_settings(client: Client, started: list[Any]):
    told = start(client, "mine", "built-in", LANGUAGES, 0)
    assert (told["stage"], told["state"]) == ("questions", "queued")
    assert open_run("mine").config == RunConfig(model="fake", languages=("en", "fr"))
    assert started == [("mine", None)]


def test_every_setting_of_the_page_can_be_given(client: Client, started: list[Any]):
    settings = {
        "pairs_source": "both",
        "stop_before_training": True,
        "max_held_out_questions": 5,
        "num_samples": 2,
        "temperature": 0.5,
        "max_new_tokens": 64,
        "min_vote_share": 0.6,
        "max_pairs_per_language": 3,
        "learning_rate": 1e-4,
        "num_train_epochs": 2.0,
        "lora_r": 8,
        "beta": 0.2,
        "seed": 7,
    }
    start(client, "mine", "built-in", LANGUAGES, 9, **settings)
    assert started == [("mine", "pairs")]
    assert open_run("mine").config == RunConfig(
        model="fake",
        languages=("en", "fr"),
        max_train_questions=9,
        max_held_out_questions=5,
        sampling=SamplingConfig(num_samples=2, temperature=0.5, max_new_tokens=64, seed=7),
        pairs=PairsConfig(min_vote_share=0.6, max_pairs_per_language=3, source="both"),
        train=TrainConfig(learning_rate=1e-4, num_train_epochs=2.0, lora_r=8, beta=0.2, seed=7),
    )


def test_another_model_and_another_rule_are_recorded(client: Client, tmp_path: Path):
    start(client, "mine", "built-in", LANGUAGES, 4, model="another/model", rule="dawid-skene")
    config = open_run("mine").config
    assert (config.model, config.voting.rule) == ("another/model", "dawid-skene")
    start(client, "theirs", "built-in", LANGUAGES, 4, rule="anchor", anchor="fr")
    anchored = open_run("theirs").config
    assert (anchored.model, anchored.voting.rule, anchored.voting.anchor) == (
        "fake",
        "anchor",
        "fr",
    )


def test_a_file_with_columns_of_its_own_is_read_by_them(client: Client, tmp_path: Path):
    file = tmp_path / "mine.csv"
    rows = "".join(f"Welches Metall ist {n}?;Eisen;Zinn\n" for n in range(6))
    file.write_text(f"Kopf;Erste;Zweite\n{rows}", encoding="utf-8")
    named = client.predict(handle_file(str(file)), api_name="/upload_questions")
    columns = "text=Kopf,choices=Erste|Zweite,language=de"
    asked = (named, ["de", "en"], 0)
    told = client.predict(*asked, columns=columns, api_name="/estimate_alignment")
    assert (told["amount"]["train"], told["amount"]["translations"]) == (4, 6)
    start(client, "mine", *asked, columns=columns)
    assert open_run("mine").config.columns == columns
    with pytest.raises(AppError, match="'text', 'choices' is not among"):
        start(client, "theirs", *asked)


def test_a_preset_sets_how_much_is_asked_and_learnt(client: Client):
    start(client, "mine", "built-in", LANGUAGES, 0, preset="quick", beta=0.2)
    config = open_run("mine").config
    assert (config.max_train_questions, config.max_held_out_questions) == (24, 16)
    assert (config.sampling.num_samples, config.train.beta) == (2, 0.2)


def test_a_question_file_is_uploaded_and_trained_on(client: Client, tmp_path: Path):
    file = recorded_settings(tmp_path).question_set
    named = client.predict(handle_file(file), api_name="/upload_questions")
    told = client.predict(named, ["en", "fr", "ar"], 0, api_name="/estimate_alignment")
    assert (told["amount"]["train"], told["amount"]["held_out"]) == (4, 3)
    start(client, "mine", named, ["en", "fr", "ar"], 0)
    assert Path(open_run("mine").config.question_set).read_bytes() == Path(file).read_bytes()


def test_a_question_file_that_is_not_right_starts_nothing(client: Client, tmp_path: Path):
    file = tmp_path / "mine.jsonl"
    file.write_text('{"id": "a", "language": "en", "text": "Which gas?"}\n', encoding="utf-8")
    named = client.predict(handle_file(str(file)), api_name="/upload_questions")
    with pytest.raises(AppError, match="row 1: field 'choices' is missing"):
        start(client, "mine", named, ["en", "fr"], 0)
    assert list_runs() == []


def test_what_it_costs_is_told_by_stage_as_far_as_the_machine_is_measured(client: Client):
    def cost(**settings: Any) -> Any:
        return client.predict("built-in", LANGUAGES, 10, **settings, api_name="/estimate_alignment")

    unknown = cost(max_held_out_questions=5)
    assert unknown["seconds"] is None
    assert {row["stage"]: row["units"] for row in unknown["parts"]} == {
        "sample": 10 * 2 * 4,
        "train": 10 * 2 * schedule(10 * 2, TrainConfig()).epochs,
        "evaluate": 2 * (5 + 10) * 2,
        "damage": 2 * ((5 + 5 + 8) * 2 + 8 * 6 + 10 * 2),
    }
    assert unknown["at_most"]
    for precision, stage in (("auto", "sample"), ("auto", "evaluate"), ("nf4", "train")):
        keep_rate("fake", precision, stage, Rate(10, 10, 0, 0))
    keep_yield("fake", 0.75, Yield(10, 10))
    known = cost(max_held_out_questions=5)
    assert known["seconds"] == sum(row["seconds"] for row in known["parts"]) > 0
    assert not known["at_most"]
    assert cost(preset="quick")["amount"]["train"] == 24
    assert known["smallest_change"] is None  # five questions show nothing
    shows = cost(preset="quick")["smallest_change"]
    assert (shows["questions"], shows["languages"], shows["measured"]) == (16, 2, False)
    assert 0 < shows["accuracy"] < shows["one_language"] < 1
    assert (shows["power"], shows["level"]) == (0.8, 0.05)
    assert list_runs() == []


def test_questions_that_are_not_here_yet_cost_nobody_knows_what(client: Client):
    told = client.predict("xcsqa", LANGUAGES, 0, api_name="/estimate_alignment")
    assert (told["amount"], told["seconds"], told["parts"]) == (None, None, [])


@pytest.mark.parametrize(
    ("values", "settings", "says"),
    [
        (("/etc/passwd", LANGUAGES, 0), {}, "no question set /etc/passwd"),
        (("file:0123456789abcdef.jsonl", LANGUAGES, 0), {}, "no question set file:"),
        (("built-in", LANGUAGES, 0), {"preset": "huge"}, "no preset huge"),
        (("built-in", LANGUAGES, -1), {}, "max_train_questions is -1"),
        (("built-in", LANGUAGES, 0), {"max_pairs_per_language": 0}, "max_pairs_per_language is 0"),
        (("built-in", LANGUAGES, 0), {"num_samples": 99}, "num_samples is 99"),
        (("built-in", ["en"], 0), {}, "at least two different"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_words(
    client: Client, values: tuple[Any, ...], settings: dict[str, Any], says: str
):
    with pytest.raises(AppError, match=says):
        client.predict(*values, **settings, api_name="/estimate_alignment")
    with pytest.raises(AppError, match=says):
        start(client, "mine", *values, **settings)
    assert list_runs() == []


def test_the_machine_is_measured_with_the_app_s_model(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    measured: list[str] = []
    monkeypatch.setattr(jobs, "measure_apart", measured.append)
    assert client.predict(api_name="/measure_machine") is True
    assert measured == ["fake"]


def test_who_may_only_look_starts_and_leaves_nothing(
    client: Client, tmp_path: Path, calm_home: Path, monkeypatch: pytest.MonkeyPatch
):
    file = recorded_settings(tmp_path).question_set
    monkeypatch.setenv("CALM_READ_ONLY", "1")
    for name, values in (
        ("/start_alignment", ("mine", "built-in", LANGUAGES, 4)),
        ("/upload_questions", (handle_file(file),)),
        ("/measure_machine", ()),
    ):
        with pytest.raises(AppError, match="for looking only"):
            client.predict(*values, api_name=name)
    assert not (calm_home / "uploads").exists()
    assert client.predict("built-in", LANGUAGES, 4, api_name="/estimate_alignment")["amount"]
