"""Training on choices: the scores that gradients flow through, and the adapter it leaves."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from calm.config import TrainConfig
from calm.errors import CalmError
from calm.messages import Message
from calm.models.causal_lm import CausalLM
from calm.models.interface import Prompt
from calm.models.loading import load_model
from calm.models.shared_prefixes import shared_beginnings
from calm.questions.prompts import answer_text, prompt_for
from calm.records import PreferencePair, Question
from calm.training.choice_lessons import Lesson, lessons_of, questions_at_once
from calm.training.choice_rows import ChoiceRow, choice_log_probs, choice_row
from calm.training.choice_trainer import (
    Objective,
    drawn_choices,
    references,
    train_on_choices,
)

ASKED: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "q0": {"en": ("Is ice cold?", ("yes", "nay")), "de": ("Ist Eis kalt?", ("ja", "ne"))},
    "q1": {"en": ("Two plus two?", ("4", "5", "44")), "de": ("Zwei und zwei?", ("4", "5", "44"))},
    "q2": {"en": ("Do cows fly?", ("nay", "yes")), "de": ("Fliegen Kühe?", ("ne", "ja"))},
    "q3": {"en": ("Is fire hot?", ("yes", "nay")), "de": ("Ist Feuer heiß?", ("ja", "ne"))},
}
QUESTIONS = [
    Question(name, code, text, choices, None)
    for name, versions in ASKED.items()
    for code, (text, choices) in versions.items()
]
SETTINGS = TrainConfig(
    method="consensus",
    num_train_epochs=4,
    per_device_train_batch_size=2,
    min_steps=1,
    learning_rate=3e-2,
    lora_r=4,
    precision="fp32",
    beta=1.0,
    sft_weight=0.0,
)
PAIRS = [PreferencePair("q0", "en", "Question: Is ice cold?\nAnswer:", " yes", " nay", "en")]


@pytest.fixture(autouse=True)
def every_question_is_learnt_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """A random model is sure of nothing."""
    monkeypatch.setattr("calm.training.choice_trainer.CERTAIN", 0.0)


@pytest.fixture
def model(tiny_gemma: Path) -> CausalLM:
    return load_model(str(tiny_gemma), "fp32")


def rows_of(model: CausalLM) -> list[ChoiceRow]:
    return [choice_row(model, question, "auto", 0) for question in QUESTIONS]


def by_hand(model: CausalLM, row: ChoiceRow) -> list[float]:
    """Score every choice by itself, one text after the other."""
    found = []
    for choice in row.choices:
        logits = model.model(torch.tensor([row.prompt + choice])).logits[0].log_softmax(-1)
        at = range(len(row.prompt) - 1, len(row.prompt) + len(choice) - 1)
        found.append(sum(float(logits[p, token]) for p, token in zip(at, choice, strict=True)))
    return found


def test_a_choice_is_worth_its_log_probability_and_as_much_as_in_an_answer(model: CausalLM) -> None:
    rows = rows_of(model)
    with torch.no_grad():
        plain = choice_log_probs(model.model, rows)
        with shared_beginnings(model.model):
            merged = choice_log_probs(model.model, rows)
        for row, one, other in zip(rows, plain, merged, strict=True):
            assert one.tolist() == pytest.approx(by_hand(model, row), abs=1e-4)
            assert other.tolist() == pytest.approx(one.tolist(), abs=1e-4)
    prompts: list[Prompt] = [prompt_for(model, q, range(len(q.choices)), "auto") for q in QUESTIONS]
    texts = [[answer_text(q, index) + "\n" for index in range(len(q.choices))] for q in QUESTIONS]
    for row, sums, means in zip(rows, plain, model.score(prompts, texts), strict=True):
        lengths = torch.tensor([len(choice) for choice in row.choices])
        assert (sums / lengths).tolist() == pytest.approx(means, abs=1e-4)


def test_gradients_are_those_of_the_plain_way(model: CausalLM) -> None:
    rows = rows_of(model)[:4]
    model.model.requires_grad_(True)
    weights = [p for p in model.model.parameters() if p.ndim == 2]

    def gradients(scores: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        signed = [s * torch.arange(1, len(s) + 1) for s in scores]
        return list(torch.autograd.grad(torch.cat(signed).sum(), weights, allow_unused=True))

    plain = []
    for row in rows:
        sums = []
        for choice in row.choices:
            logits = model.model(torch.tensor([row.prompt + choice])).logits[0].log_softmax(-1)
            places = torch.arange(len(row.prompt) - 1, len(row.prompt) + len(choice) - 1)
            sums.append(logits[places, torch.tensor(choice)].sum())
        plain.append(torch.stack(sums))
    with shared_beginnings(model.model):
        ours = gradients(choice_log_probs(model.model, rows))
    for one, other in zip(ours, gradients(plain), strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            assert torch.allclose(one, other, atol=1e-3 * float(other.abs().max() + 1e-3))


def train(
    folder: Path, out: Path, config: TrainConfig, pairs: Sequence[PreferencePair] = ()
) -> list[float]:
    losses: list[float] = []
    torch.manual_seed(0)
    finished = train_on_choices(
        load_model(str(folder), config.precision),
        QUESTIONS,
        config,
        out,
        lambda logs, step, total: losses.append(logs["loss"]),
        pairs=pairs,
    )
    assert finished
    return losses


@pytest.mark.parametrize("method", ["consensus", "dco", "dpo+dco"])
def test_each_method_lowers_its_loss_and_leaves_an_adapter(
    method: str, tiny_gemma: Path, tmp_path: Path
) -> None:
    config = replace(SETTINGS, method=method, num_train_epochs=12)  # type: ignore[arg-type]
    out = tmp_path / "adapter"
    losses = train(tiny_gemma, out, config, PAIRS if method == "dpo+dco" else ())
    assert len(losses) == 24
    assert sum(losses[-6:]) < 0.9 * sum(losses[:6])
    assert sorted(file.name for file in out.iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
    ]


def test_after_the_consensus_the_languages_prefer_what_they_held_together(
    tiny_gemma: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A random model holds nothing, so it is told here what the languages are taken to hold."""

    def last_of_each(lessons: Sequence[Lesson], scores: object) -> list[torch.Tensor]:
        sizes = [len(lesson.choices[0].choices) for lesson in lessons]
        return [torch.eye(size)[size - 1] for size in sizes]

    monkeypatch.setattr("calm.training.choice_trainer.targets", last_of_each)
    train(tiny_gemma, tmp_path / "adapter", replace(SETTINGS, num_train_epochs=20))
    model = load_model(str(tiny_gemma), "fp32")
    lessons = lessons_of(model, QUESTIONS, (), SETTINGS)
    with torch.no_grad():
        before = references(model.model, lessons, 2)
        with model.use(tmp_path / "adapter"):
            after = references(model.model, lessons, 2)
    moved = [
        float((now - was)[-1] - (now - was)[:-1].mean())
        for old, new in zip(before, after, strict=True)
        for was, now in zip(old, new, strict=True)
    ]
    assert sum(moved) / len(moved) > 0.25, "nats"
    assert sum(value > 0 for value in moved) > len(moved) / 2


def test_after_dco_the_languages_prefer_more_alike(tiny_gemma: Path, tmp_path: Path) -> None:
    config = replace(SETTINGS, method="dco", num_train_epochs=20)
    train(tiny_gemma, tmp_path / "adapter", config)
    model = load_model(str(tiny_gemma), "fp32")
    lessons = lessons_of(model, QUESTIONS, (), SETTINGS)

    def apart() -> float:
        with torch.no_grad():
            found = references(model.model, lessons, 2)
        preferred = [[float(row[0] - row[1]) for row in rows] for rows in found]
        return sum(abs(one - other) for one, other in preferred)

    before = apart()
    with model.use(tmp_path / "adapter"):
        assert apart() < 0.7 * before


def test_the_same_seed_leaves_the_same_adapter_and_a_cut_training_too(
    tiny_gemma: Path, tmp_path: Path
) -> None:
    weights = "adapter_model.safetensors"
    train(tiny_gemma, tmp_path / "whole", SETTINGS)
    begun: list[int] = []
    for _ in range(9):
        seen: list[int] = []
        torch.manual_seed(0)
        if train_on_choices(
            load_model(str(tiny_gemma), "fp32"),
            QUESTIONS,
            SETTINGS,
            tmp_path / "cut",
            lambda logs, step, total, seen=seen: seen.append(step),  # type: ignore[misc]
            lambda seen=seen: len(seen) >= 3,  # type: ignore[misc]
            kept=tmp_path / "kept",
            on_begin=begun.append,
        ):
            break
    assert len(begun) > 1
    assert (tmp_path / "cut" / weights).read_bytes() == (tmp_path / "whole" / weights).read_bytes()


def test_what_the_reference_makes_of_dco_is_what_the_model_was_before(model: CausalLM) -> None:
    config = replace(SETTINGS, method="dco", anchor_gamma=2.0)
    lessons = lessons_of(model, QUESTIONS, (), config)
    with torch.no_grad():
        before = references(model.model, lessons, 1)
        scores = torch.stack(before[0])
        a, b = drawn_choices("0/q0/0", 2)
        o = (scores[:, a] - scores[:, b]).tolist()
        found = Objective(lessons, before, config).loss(0, before[0], 0)
    assert found.item() == pytest.approx(abs(o[1]) / 2 + 2 * abs(o[0]), rel=1e-5)


def test_the_consensus_is_learnt_from_where_it_is_sure_and_else_from_the_surer_half(
    model: CausalLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    lessons = lessons_of(model, QUESTIONS, (), SETTINGS)
    sure = [[torch.tensor([s, 0.0]), torch.tensor([s, 0.0])] for s in (0.1, 90.0, 40.0, 60.0)]
    assert len(lessons[1].choices[0].choices) == 3
    sure[1] = [torch.tensor([90.0, 0.0, 0.0])] * 2
    monkeypatch.setattr("calm.training.choice_trainer.CERTAIN", 0.95)
    assert Objective(lessons, sure, SETTINGS).learnt_from == [1, 2, 3]
    unsure = [[row / 100 for row in rows] for rows in sure]
    assert len(Objective(lessons, unsure, SETTINGS).learnt_from) == 2
    assert len(Objective(lessons, unsure, replace(SETTINGS, method="dco")).learnt_from) == 4


def test_a_step_hears_some_of_many_languages_and_all_in_time(model: CausalLM) -> None:
    row = choice_row(model, QUESTIONS[0], "auto", 0)
    lesson = Lesson("q", tuple(replace(row, language=f"l{n}") for n in range(8)), (row, row))
    objective = Objective([lesson], [[torch.zeros(2)] * 10], replace(SETTINGS, method="dpo+dco"))
    heard = [objective.heard(0, epoch) for epoch in range(20)]
    assert all(len(rows) == 6 and rows[-2:] == [8, 9] for rows in heard)
    assert {row for rows in heard for row in rows} == set(range(10))


def test_two_choices_are_drawn_the_same_for_a_seed_and_others_with_time() -> None:
    drawn = [drawn_choices(f"0/q/{epoch}", 4) for epoch in range(30)]
    assert drawn == [drawn_choices(f"0/q/{epoch}", 4) for epoch in range(30)]
    assert {a for a, _ in drawn} == {b for _, b in drawn} == set(range(4))
    assert all(a != b for a, b in drawn)


def test_what_is_too_long_is_left_out_and_told(model: CausalLM) -> None:
    told: list[Message] = []
    rows = sorted(rows_of(model), key=lambda row: row.length)
    config = replace(SETTINGS, max_length=rows[-1].length - 1)
    kept = lessons_of(model, QUESTIONS, (), config, told.append)
    assert len(kept) == len(ASKED) - 1 and len(told) == 1
    with pytest.raises(CalmError):
        lessons_of(model, QUESTIONS, (), replace(SETTINGS, max_length=3))


def test_how_far_the_scoring_is_is_told(model: CausalLM, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calm.training.choice_trainer.TELL_EVERY_SECONDS", 0.0)
    told: list[Message] = []
    references(model.model, lessons_of(model, QUESTIONS, (), SETTINGS), 2, told.append)
    assert [said.values["done"] for said in told] == [2, 4]
    assert told[-1].values["seconds"] == 0


def test_less_memory_takes_fewer_questions_at_once(
    model: CausalLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    lessons: list[Lesson] = lessons_of(model, QUESTIONS, (), SETTINGS)
    assert questions_at_once(model, lessons, 4) == 4
    monkeypatch.setattr("calm.training.adapter.CPU_BUDGET_BYTES", 1000)
    assert questions_at_once(model, lessons, 4) == 1
