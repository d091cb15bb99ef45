"""Each method of pairs is the loss of its paper: numbers and gradients worked out by hand."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
import torch
from torch.nn.functional import logsigmoid

from calm.config import Method, RunConfig, TrainConfig
from calm.errors import CalmError
from calm.models.loading import load_model
from calm.records import PreferencePair, Question
from calm.training.dpo import make_trainer
from calm.training.methods import (
    METHODS,
    needs_votes,
    noise_rate,
    pair_weights,
    trains_on_choices,
    trains_on_pairs,
    trl_losses,
)
from calm.training.train import train

PAIRS = [
    PreferencePair("q0", "en", "Question: What is one plus one?\nAnswer:", " two", " three", "en"),
    PreferencePair(
        "q1", "en", "Question: Which is a fruit?\nAnswer:", " a red apple", " tin", "en"
    ),
    PreferencePair("q2", "fr", "Question : Quel est le mois ?\nRéponse :", " mai", " lundi", "fr"),
]
SHARES = (1.0, 0.5, 0.75)
BETA = 0.5
Losses = Callable[..., torch.Tensor]


def config_of(method: Method, **more: Any) -> TrainConfig:
    return TrainConfig(
        method=method,
        precision="fp32",
        lora_r=2,
        beta=BETA,
        min_steps=1,
        num_train_epochs=1,
        per_device_train_batch_size=len(PAIRS),
        **more,
    )


def robust(yes: torch.Tensor, no: torch.Tensor, **more: Any) -> torch.Tensor:
    """Chowdhury et al.; the shares are 0.75 on average, so one pair in four is wrong."""
    margin, wrong = BETA * (yes - no), 0.25
    return -((1 - wrong) * logsigmoid(margin) - wrong * logsigmoid(-margin)) / (1 - 2 * wrong)


def ipo(
    yes: torch.Tensor, no: torch.Tensor, lengths: Sequence[torch.Tensor], **more: Any
) -> torch.Tensor:
    return (yes / lengths[0] - no / lengths[1] - 1 / (2 * BETA)) ** 2


BY_HAND: dict[Method, Losses] = {
    "dpo": lambda yes, no, **more: -logsigmoid(BETA * (yes - no)),
    "robust": robust,
    "apo_zero": lambda yes, no, **more: 1 - (BETA * yes).sigmoid() + (BETA * no).sigmoid(),
    "ipo": ipo,
    "hinge": lambda yes, no, **more: (1 - BETA * (yes - no)).clamp(min=0),
    "sft": lambda yes, no, said, lengths, **more: -said * len(said) / lengths[0].sum(),
}
"""What each pair loses, from how much likelier its sides became, (pairs,), in nats.

The likelihood is a mean over all tokens of the batch: a pair's part of it is that of a mean over
pairs."""


def sides(trainer: Any, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the log-probabilities of both sides of the pairs, and their numbers of tokens."""
    logits = trainer.model(
        input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]
    ).logits
    single = logits[:, :-1].log_softmax(-1).gather(-1, batch["input_ids"][:, 1:, None])[..., 0]
    mask = batch["completion_mask"][:, 1:]
    return (single * mask).sum(-1), mask.sum(-1)


def lost_by_hand(trainer: Any, batch: dict[str, torch.Tensor], method: Method) -> torch.Tensor:
    policy, lengths = sides(trainer, batch)
    with torch.no_grad(), trainer.model.disable_adapter():
        reference, _ = sides(trainer, batch)
    yes, no = (policy - reference).chunk(2)
    return BY_HAND[method](yes, no, said=policy.chunk(2)[0], lengths=lengths.chunk(2))


def ready(folder: Path, out: Path, config: TrainConfig) -> tuple[Any, dict[str, torch.Tensor]]:
    """Return a trainer whose adapter was moved off zero, and the one batch of all pairs."""
    trainer = make_trainer(load_model(str(folder), "fp32"), PAIRS, config, out, shares=SHARES)
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in trained(trainer):
            parameter.add_(0.05 * torch.randn_like(parameter))
    return trainer, next(iter(trainer.get_train_dataloader()))


def trained(trainer: Any) -> list[torch.nn.Parameter]:
    return [p for p in trainer.model.parameters() if p.requires_grad]


def gradients(trainer: Any, loss: torch.Tensor) -> list[torch.Tensor]:
    found = torch.autograd.grad(loss, trained(trainer), retain_graph=True)
    assert any(gradient.abs().max() > 1e-4 for gradient in found)
    return list(found)


@pytest.mark.parametrize("method", BY_HAND)
def test_loss_and_gradient_are_those_worked_out_by_hand(
    method: Method, tiny_gemma: Path, tmp_path: Path
) -> None:
    trainer, batch = ready(tiny_gemma, tmp_path, config_of(method))
    lost = lost_by_hand(trainer, batch, method)
    assert lost.shape == (len(PAIRS),)
    loss = trainer.compute_loss(trainer.model, batch)
    assert loss.item() == pytest.approx(lost.mean().item(), rel=1e-4)
    mine, theirs = gradients(trainer, lost.mean()), gradients(trainer, loss)
    for got, expected in zip(theirs, mine, strict=True):
        torch.testing.assert_close(got, expected, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("weights", ["none", "vote_share"])
def test_dpo_with_likelihood_learns_from_each_pair_by_the_share_of_its_vote(
    weights: Any, tiny_gemma: Path, tmp_path: Path
) -> None:
    config = config_of("dpo+sft", sft_weight=0.3, pair_weights=weights)
    trainer, batch = ready(tiny_gemma, tmp_path, config)
    order = [PAIRS.index(pair) for pair in in_batch(trainer, batch)]
    by_hand = torch.tensor([(4 / 3, 2 / 3, 1.0)[place] for place in order])
    lost = lost_by_hand(trainer, batch, "dpo") + 0.3 * lost_by_hand(trainer, batch, "sft")
    loss = trainer.compute_loss(trainer.model, batch)
    assert loss.item() == pytest.approx(lost.mean().item(), rel=1e-4), "it is logged as it is"
    weighed = (lost * by_hand if weights == "vote_share" else lost).mean()
    mine, theirs = gradients(trainer, weighed), gradients(trainer, loss)
    for got, expected in zip(theirs, mine, strict=True):
        torch.testing.assert_close(got, expected, rtol=1e-3, atol=1e-6)
    other = gradients(trainer, (lost if weights == "vote_share" else lost * by_hand).mean())
    assert not all(torch.allclose(a, b, rtol=1e-2) for a, b in zip(theirs, other, strict=True))


def in_batch(trainer: Any, batch: dict[str, torch.Tensor]) -> list[PreferencePair]:
    """Return the pairs in the order that the batch has them in."""
    texts = trainer.processing_class.batch_decode(batch["input_ids"][: len(PAIRS)])
    return [next(pair for pair in PAIRS if pair.prompt in text) for text in texts]


def test_weights_also_hold_where_the_reference_is_computed_once_before(
    tiny_gemma: Path, tmp_path: Path
) -> None:
    config = config_of("dpo", pair_weights="vote_share")
    several = TrainConfig(**{**vars(config), "num_train_epochs": 2.0})
    trainer, batch = ready(tiny_gemma, tmp_path, several)
    assert "ref_chosen_logps" in batch and "pair_weight" in batch
    assert sorted(batch["pair_weight"].tolist()) == pytest.approx([2 / 3, 1.0, 4 / 3])
    first = trainer.compute_loss(trainer.model, batch)
    assert first.item() == pytest.approx(
        lost_by_hand(trainer, batch, "dpo").mean().item(), rel=1e-4
    )


@pytest.mark.parametrize(
    ("shares", "rate"),
    [
        ((0.8, 0.9, 1.0), 0.1),
        ((0.75, 0.75), 0.25),
        ((1.0, 1.0), 0.01),
        ((0.3, 0.2), 0.45),
        ((), 0.01),
    ],
)
def test_the_noise_rate_is_what_the_shares_leave_to_one(
    shares: Sequence[float], rate: float
) -> None:
    assert noise_rate(shares) == pytest.approx(rate)
    told = trl_losses(TrainConfig(method="robust"), shares)
    assert told == {"loss_type": ["robust"], "label_smoothing": pytest.approx(rate)}
    assert trl_losses(TrainConfig(method="ipo"), shares)["label_smoothing"] == 0


def test_weights_are_shares_that_are_one_on_average() -> None:
    weighing = TrainConfig(pair_weights="vote_share")
    assert pair_weights(weighing, [0.75, 1.0]) == pytest.approx([6 / 7, 8 / 7])
    assert pair_weights(weighing, [0.0, 0.0]) == [1, 1]
    assert pair_weights(TrainConfig(), [0.75, 1.0]) == [1, 1]


def test_the_default_is_dpo_with_a_likelihood_term() -> None:
    told = trl_losses(TrainConfig(), SHARES)
    assert told["loss_type"] == ["sigmoid", "sft"] and told["loss_weights"] == [1.0, 0.3]
    assert trl_losses(TrainConfig(sft_weight=0), SHARES)["loss_type"] == ["sigmoid"]


def test_every_method_has_a_row_that_says_what_it_needs() -> None:
    assert tuple(METHODS) == get_args(Method)
    for method, row in METHODS.items():
        config = TrainConfig(method=method)
        assert trains_on_pairs(config) == bool(row.losses) == needs_votes(RunConfig(train=config))
        assert trains_on_choices(config) == (row.needs in ("choices", "both"))
        assert "arXiv 2" in row.source or method in ("dpo+dco", "consensus")
    assert math.isclose(sum(SHARES) / len(SHARES), 0.75)


QUESTIONS = [
    Question("q0", "en", "What is one plus one?", ("two", "three"), 0),
    Question("q0", "fr", "Combien font un et un ?", ("deux", "trois"), 0),
    Question("q1", "en", "Which is a fruit?", ("a pear", "tin"), 0),
    Question("q1", "fr", "Quel est le fruit ?", ("une poire", "le fer"), 0),
]


@pytest.mark.parametrize("method", ["dpo", "dco", "dpo+dco"])
def test_what_a_run_trains_by_its_method_becomes_an_adapter(
    method: Method, tiny_gemma: Path, tmp_path: Path
) -> None:
    logs: list[dict[str, float]] = []
    finished = train(
        str(tiny_gemma),
        PAIRS if trains_on_pairs(config_of(method)) else [],
        config_of(method),
        tmp_path / "adapter",
        lambda row, step, total: logs.append(row),
        questions=QUESTIONS,
        prompt_format="cloze",
    )
    assert finished and all(math.isfinite(row["loss"]) for row in logs) and logs
    left = sorted(file.name for file in (tmp_path / "adapter").iterdir())
    assert left == ["adapter_config.json", "adapter_model.safetensors"]


@pytest.mark.parametrize(
    ("method", "lacks"), [("dpo", "no preference pairs"), ("dco", "trains on the choices")]
)
def test_without_what_it_needs_a_method_trains_nothing(
    method: Method, lacks: str, tmp_path: Path
) -> None:
    with pytest.raises(CalmError, match=lacks):
        train("none", [], config_of(method), tmp_path / "adapter", lambda row, step, total: None)
    assert list(tmp_path.iterdir()) == []
