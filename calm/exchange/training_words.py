"""What cards say of how an adapter was trained, and of what: English sentences of Markdown."""

from calm.config import Method, RunConfig
from calm.exchange.card_words import code_of, names_of, own_name
from calm.pipeline.run_questions import groups_of, split_of
from calm.questions.public_sets import public_set_of
from calm.runs.folder import Run
from calm.training.methods import METHODS, needs_votes, trains_on_pairs

CALM = "[CALM](https://arxiv.org/abs/2501.18457)"
BY: dict[Method, str] = {
    "dpo": "direct preference optimisation (DPO)",
    "dpo+sft": "direct preference optimisation (DPO)",
    "robust": "robust direct preference optimisation (DPO)",
    "apo_zero": "anchored preference optimisation (APO-zero)",
    "ipo": "identity preference optimisation (IPO)",
    "hinge": "sequence likelihood calibration (SLiC)",
    "sft": "fine-tuning on the preferred answers alone",
    "dco": "direct consistency optimisation (DCO)",
    "dpo+dco": "direct preference and direct consistency optimisation (DPO, DCO)",
    "consensus": "preferring, in every language, what all of them hold together",
}
"""What each method is called in a sentence."""


def what_taught_it(config: RunConfig) -> str:
    """Return how the model was trained, in a sentence or two."""
    by = BY[config.train.method]
    if not trains_on_pairs(config.train):
        return (
            f"It was trained without labels and without a vote, on the choices of questions: {by} "
            "teaches it to prefer in each language what it prefers in the others."
        )
    if config.pairs_given:
        return f"It was trained by {by} on preference pairs that came from a file."
    if config.pairs.source == "gold":
        return (
            f"It was trained **with labels**: {by} teaches it the questions' right answers. It is "
            f"what {CALM}, which needs no labels, is measured against."
        )
    return (
        f"It was trained without labels by {CALM}: the model answers every question several times "
        f"in every language, the answers vote across languages, and {by} teaches it what the vote "
        "says."
    )


def _licence(config: RunConfig) -> str:
    known = public_set_of(config.question_set)
    return f" (licence: {known.licence})" if known else ""


def how_made(run: Run) -> str:
    """Return what was asked and what was trained on, with its numbers."""
    config, groups = run.config, groups_of(run)
    train, held_out = (len(split_of(groups, split)) for split in ("train", "held-out"))
    said = (
        f"{train} questions to train on, {held_out} held out to measure with, from the set "
        f"{code_of(own_name(config.question_set))}{_licence(config)}, in "
        f"{names_of(config.languages)}. "
    )
    if needs_votes(config):
        said += f"{config.sampling.num_samples} answers to each question in each language; "
        if config.pairs.source == "gold":
            said += "the right answers of the set made pairs. "
        else:
            said += f"votes with a share of at least {config.pairs.min_vote_share:g} made pairs. "
    source = METHODS[config.train.method].source
    said += f"Method: {code_of(config.train.method)}{f' ({source})' if source else ''}. "
    return said + gold_used(config)


def what_told(config: RunConfig) -> str:
    """Return what told which answers are to be preferred, as a sentence goes on."""
    if needs_votes(config) and config.pairs.source == "gold":
        return "the right answers of the set, not the vote, told which are to be preferred."
    told = "and the vote told which answers are to be preferred."
    return f"{told} No gold answer was used to make a pair."


def gold_used(config: RunConfig) -> str:
    """Return whether right answers were looked at to train, in a sentence."""
    if config.pairs_given:
        return "What the pairs rest on is not known here."
    if needs_votes(config) and config.pairs.source == "gold":
        return "Gold answers were used to train."
    return "No gold answer was used to train."
