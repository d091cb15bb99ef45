"""A run that asks with passages: they stand in every prompt, are kept, and travel with it."""

import dataclasses
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from calm.cli.parser import main
from calm.config import RunConfig
from calm.errors import CalmError
from calm.evaluation.baselines import ways_to_answers
from calm.exchange.archive import pack, unpack
from calm.exchange.check import check_run
from calm.models.interface import Draw, Prompt
from calm.pipeline.align import align, redo
from calm.pipeline.run_questions import golds_of, groups_of, split_of
from calm.pipeline.stages import STAGES
from calm.reading import WithPassages
from calm.runs.folder import Run, create_run
from calm.study.share import base_key, stage_key
from tests.fakes import FakeModel
from tests.pipeline.small_runs import HELD_OUT, LANGUAGES, TRAIN, context

pytestmark = pytest.mark.usefixtures("small_steps")
ABOUT = {"en": "en is written of ants.", "fr": "fr parle de fourmis."}
READ = {"en": "Passage: en is", "fr": "fr parle de fourmis.\nQuestion", "ja": "文章：en is"}
OWN = re.compile(r"(en|fr|ja) \d+\?")
"""A question of the run, not one of those that look for damage."""


class Reader(FakeModel):
    """Keeps what it was asked, and in which way."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.scored: list[str] = []

    def generate(self, prompts: Sequence[Prompt], draws: Sequence[Draw], *rest: Any) -> list[str]:
        self.asked += [prompt.text for prompt in prompts]
        return super().generate(prompts, draws, *rest)

    def score(self, prompts: Sequence[Prompt], *rest: Any) -> list[list[float]]:
        self.scored += [prompt.text for prompt in prompts]
        return super().score(prompts, *rest)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Texts in two of the run's three languages."""
    texts = tmp_path / "texts"
    texts.mkdir()
    for code, text in ABOUT.items():
        (texts / f"{code}.txt").write_text(text, encoding="utf-8")
    return texts


@pytest.fixture
def config(question_file: Path, new_run: Callable[[str], Run], folder: Path) -> RunConfig:
    made = new_run("plain").config
    return dataclasses.replace(made, translate_online=False, context=str(folder))


@pytest.fixture
def read(config: RunConfig, calm_home: Path) -> tuple[Run, Reader]:
    run, model = create_run("read", config), Reader()
    align(context(run, model))
    return run, model


def test_a_run_looks_up_every_question_once_in_every_language(read: tuple[Run, Reader]) -> None:
    run, _ = read
    rows = run.rows("passages")
    assert len(rows) == (TRAIN + HELD_OUT) * len(LANGUAGES)
    assert {(row.language, row.found_in, row.file) for row in rows} == {
        ("en", "en", "en.txt"),
        ("fr", "fr", "fr.txt"),
        ("ja", "en", "en.txt"),
    }
    events = map(json.loads, (run.folder / "events.jsonl").read_text("utf-8").splitlines())
    (told,) = [row["said"]["values"] for row in events if row["said"]["key"] == "log.passages"]
    assert told == {"count": 33, "total": 33, "folder": "texts", "own": 22}
    assert "passages" not in json.loads(run.path("questions").read_text().splitlines()[0])


def test_all_that_it_samples_and_trains_on_has_its_passage(read: tuple[Run, Reader]) -> None:
    run, model = read
    assert all(isinstance(q, WithPassages) for v in groups_of(run).values() for q in v.values())
    sampled = model.asked[: TRAIN * len(LANGUAGES) * 3]
    assert all(any(text in prompt for text in READ.values()) for prompt in sampled)
    assert run.rows("pairs")
    for pair in run.rows("pairs"):
        assert READ[pair.language] in pair.prompt


def test_the_base_model_is_measured_without_passages_as_well(read: tuple[Run, Reader]) -> None:
    run, model = read
    rows = run.rows("without_passages")
    assert len(rows) == HELD_OUT * len(LANGUAGES) * 2
    assert {row.model for row in rows} == {"base"}
    own = [prompt for prompt in model.scored if OWN.search(prompt)]
    assert len(own) == 3 * HELD_OUT * len(LANGUAGES)
    plain = [prompt for prompt in own if not any(text in prompt for text in READ.values())]
    assert len(plain) == HELD_OUT * len(LANGUAGES)
    golds = golds_of(split_of(groups_of(run), "held-out"))
    ways = ways_to_answers(run.rows("evaluations"), golds, LANGUAGES, [], "likelihood", rows)
    right = [row.answer == golds[row.question_id] for row in rows if row.reading == "likelihood"]
    (found,) = [row for row in ways.baselines if row.way == "without"]
    assert found.accuracy.value == pytest.approx(sum(right) / len(right))
    assert (found.calls, found.accuracy.n) == (1, HELD_OUT)
    others = ways_to_answers(run.rows("evaluations"), golds, LANGUAGES, [], "likelihood")
    assert "without" not in {row.way for row in others.baselines}


def test_what_was_looked_up_stays_when_the_texts_change(read: tuple[Run, Reader]) -> None:
    run, _ = read
    before = run.path("passages").read_bytes()
    (Path(run.config.context) / "en.txt").write_text("en has other ants.", encoding="utf-8")
    align(context(run))
    assert run.path("passages").read_bytes() == before
    redo("evaluate", run)
    assert run.has("passages") and not run.has("without_passages")
    redo("translate", run)
    assert not run.has("passages") and not STAGES["translate"].is_done(run)
    align(context(run))
    assert "other ants" in run.path("passages").read_text()


def test_an_archive_takes_the_passages_along_and_no_path(
    read: tuple[Run, Reader], tmp_path: Path
) -> None:
    run, _ = read
    pack(run, tmp_path / "run.calm")
    opened = unpack(tmp_path / "run.calm", "opened")
    assert opened.rows("passages") == run.rows("passages")
    assert groups_of(opened) == groups_of(run)
    assert opened.config.context == "texts"


def test_a_passage_that_cannot_be_is_refused(read: tuple[Run, Reader]) -> None:
    run, _ = read
    rows = run.rows("passages")
    run.write("passages", [*rows[:-1], dataclasses.replace(rows[-1], found_in="xx")])
    with pytest.raises(CalmError) as refused:
        check_run(run)
    assert "passages.jsonl, line 33" in str(refused.value)


def test_a_folder_that_is_none_or_has_nothing_on_it_is_told(
    config: RunConfig, tmp_path: Path, calm_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--questions", config.question_set, "--languages", "en,fr", "--model", "fake"]
    assert main(["align", "no", *words, "--context", str(tmp_path / "nowhere")]) == 2
    assert "There is no folder of texts" in capsys.readouterr().err
    assert not (calm_home / "runs" / "no").exists()
    (tmp_path / "texts" / "en.txt").write_text("Whales.", encoding="utf-8")
    (tmp_path / "texts" / "fr.txt").write_text("Baleines.", encoding="utf-8")
    with pytest.raises(CalmError) as refused:
        align(context(create_run("nothing", config)))
    assert refused.value.message.key == "context.nothing-found"


def test_runs_with_other_passages_share_no_answers(config: RunConfig) -> None:
    for change in ({"context": ""}, {"passages": 2}, {"passage_length": 200}):
        other = dataclasses.replace(config, **change)  # type: ignore[arg-type]
        assert stage_key(other, "questions") == stage_key(config, "questions")
        assert stage_key(other, "translate") != stage_key(config, "translate")
        assert base_key(other) != base_key(config)
