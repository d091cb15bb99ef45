"""Edits on a tiny real model: what is taught holds, what is rehearsed stays, so does the base."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from calm.config import TrainConfig
from calm.errors import CalmError
from calm.models.causal_lm import CausalLM
from calm.models.interface import Draw
from calm.models.loading import load_model
from calm.questions.prompts import answer_text, prompt_for
from calm.records import Question
from calm.training import choice_edits
from calm.training.choice_edits import EditSettings, Trained, divergence, train_edits


def question(name: str, code: str, text: str, *choices: str) -> Question:
    return Question(name, code, text, choices)


EDIT = (
    question("q", "en", "Is ice cold?", "yes", "nay", "so"),
    question("q", "de", "Ist Eis kalt?", "ja", "ne", "so"),
)
REHEARSED = [
    (
        question(f"r{n}", "en", f"Is {n} odd?", "yes", "nay"),
        question(f"r{n}", "de", f"Ist {n} krumm?", "ja", "ne"),
    )
    for n in range(4)
]
CONFIG = TrainConfig(learning_rate=3e-3, lora_r=4, precision="fp32")
SETTINGS = EditSettings(margin=0.6, most_passes=40, rehearsal_rows=4)


@pytest.fixture
def model(tiny_gemma: Path, calm_home: Path) -> CausalLM:
    return load_model(str(tiny_gemma), "fp32")


def preferred(model: CausalLM, questions: Sequence[Question]) -> list[int]:
    found = scored(model, questions)
    return [max(range(len(row)), key=row.__getitem__) for row in found]


def scored(model: CausalLM, questions: Sequence[Question]) -> list[list[float]]:
    prompts = [prompt_for(model, q, range(len(q.choices)), "auto") for q in questions]
    texts = [[answer_text(q, n) for n in range(len(q.choices))] for q in questions]
    return model.score(prompts, texts)


def train(
    model: CausalLM,
    folder: Path,
    answer: int = 0,
    settings: EditSettings = SETTINGS,
    stop_at: int = 1000,
    told: list[tuple[int, float]] | None = None,
) -> Trained | None:
    seen = [] if told is None else told
    folder.mkdir()
    return train_edits(
        model,
        [(EDIT, answer)],
        REHEARSED,
        CONFIG,
        folder,
        lambda step, most, loss, margin: seen.append((step, margin)),
        lambda: len(seen) >= stop_at,
        settings=settings,
    )


def rest(model: CausalLM) -> list[str]:
    prompts = [prompt_for(model, q, range(len(q.choices)), "auto") for q in EDIT]
    return model.generate(prompts, [Draw(12, temperature=1.0)] * len(prompts))


@pytest.mark.parametrize("answer", [0, 1, 2])
def test_every_language_prefers_what_it_was_taught(
    answer: int, model: CausalLM, tmp_path: Path
) -> None:
    told: list[tuple[int, float]] = []
    found = train(model, tmp_path / "adapter", answer, told=told)
    assert found is not None and found.held
    assert 0 < found.steps < 40, "it ends once all hold"
    assert [step for step, _ in told] == list(range(1, found.steps + 1))
    with model.use(tmp_path / "adapter"):
        assert preferred(model, EDIT) == [answer, answer]
    assert sorted(file.name for file in (tmp_path / "adapter").iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
    ]


def test_without_the_adapter_the_model_is_bit_identical(model: CausalLM, tmp_path: Path) -> None:
    everything = [*EDIT, *(q for versions in REHEARSED for q in versions)]
    before, texts = scored(model, everything), rest(model)
    weights = {name: p.clone() for name, p in model.model.named_parameters()}
    train(model, tmp_path / "adapter")
    with model.use(tmp_path / "adapter"):
        assert scored(model, everything) != before
    assert scored(model, everything) == before
    assert rest(model) == texts
    base = {n.replace(".base_layer", ""): p for n, p in model.model.named_parameters()}
    assert all(torch.equal(weights[name], base[name]) for name in weights)


def test_a_second_training_beside_an_adapter_in_use_leaves_that_one_alone(
    model: CausalLM, tmp_path: Path
) -> None:
    train(model, tmp_path / "one", 0)
    with model.use(tmp_path / "one"):
        before = scored(model, EDIT)
    train(model, tmp_path / "two", 1)
    with model.use(tmp_path / "one"):
        assert scored(model, EDIT) == before
    with model.use(tmp_path / "two"):
        assert preferred(model, EDIT) == [1, 1]


def test_the_same_edits_leave_the_same_adapter(model: CausalLM, tmp_path: Path) -> None:
    train(model, tmp_path / "one")
    train(model, tmp_path / "two")
    one, two = (tmp_path / name / "adapter_model.safetensors" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_what_is_rehearsed_moves_less_than_without(model: CausalLM, tmp_path: Path) -> None:
    questions = [q for versions in REHEARSED for q in versions]
    before = scored(model, questions)

    def moved(folder: Path) -> float:
        with model.use(folder):
            after = scored(model, questions)
        tables = [torch.tensor(rows).log_softmax(-1) for rows in (before, after)]
        return float(sum(divergence(a, b) for a, b in zip(*tables, strict=True)))

    train(model, tmp_path / "held", settings=replace(SETTINGS, rehearsal_weight=20.0))
    train(model, tmp_path / "free", settings=replace(SETTINGS, rehearsal_weight=0.0))
    assert moved(tmp_path / "held") < 0.5 * moved(tmp_path / "free")


def test_a_training_that_is_stopped_leaves_nothing(model: CausalLM, tmp_path: Path) -> None:
    assert train(model, tmp_path / "adapter", stop_at=2) is None
    assert list((tmp_path / "adapter").iterdir()) == []


def test_references_are_computed_once_for_a_model(
    model: CausalLM, calm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored_rows: list[int] = []
    real = choice_edits.choice_log_probs

    def count(model: object, rows: Sequence[object]) -> object:
        if not torch.is_grad_enabled():
            scored_rows.append(len(rows))
        return real(model, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(choice_edits, "choice_log_probs", count)
    train(model, tmp_path / "one")
    train(model, tmp_path / "two")
    assert scored_rows == [8]
    (file,) = (calm_home / "rehearsal").iterdir()
    known = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({name: ["x"] for name in known}), encoding="utf-8")
    train(model, tmp_path / "three")
    assert scored_rows == [8, 8], "what cannot be read is computed anew"


def test_a_question_that_is_too_long_is_told(model: CausalLM, tmp_path: Path) -> None:
    long = [replace(q, text="x" * 600) for q in EDIT]
    with pytest.raises(CalmError, match="longer than the model"):
        train_edits(model, [(long, 0)], [], CONFIG, tmp_path, lambda *told: None)
