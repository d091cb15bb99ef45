"""Stage `train`: pairs or choices become an adapter, in a folder that appears when it is whole."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from calm.config import PromptFormat, TrainConfig
from calm.errors import CalmError
from calm.messages import Message
from calm.records import Faster, PreferencePair, Question
from calm.training.checkpoint import FOLDER, discard
from calm.training.methods import trains_on_choices, trains_on_pairs

OnLog = Callable[[dict[str, float], int, int], None]
"""Told what TRL logs for a step, the step's number, and the number of all steps."""


PROBE = "What is asked?"


def in_template(model: Any, prompt: str) -> str:
    """Return a prompt in the chat template of a model; one that is in it already as it is."""
    before, _, after = model.chat_prompt(PROBE).partition(PROBE)
    if after and prompt.startswith(before) and prompt.endswith(after):
        return prompt
    return str(model.chat_prompt(prompt))


def train(
    model_name: str,
    pairs: Sequence[PreferencePair],
    config: TrainConfig,
    adapter: Path,
    on_log: OnLog,
    should_stop: Callable[[], bool] = lambda: False,
    plain_prompts: bool = False,
    report: Callable[[Message], None] = lambda said: None,
    faster: Faster | None = None,
    files: Mapping[str, str] | None = None,
    on_loaded: Callable[[Any], None] = lambda model: None,
    on_begin: Callable[[int], None] = lambda step: None,
    shares: Sequence[float] = (),
    questions: Sequence[Question] = (),
    prompt_format: PromptFormat = "auto",
    begin: Path | None = None,
) -> bool:
    """Train an adapter and put it in `adapter`; return whether it was finished.

    The method of `config` says what is learnt from: `pairs`, whose votes have these `shares` (1
    each without), or the choices of `questions`, asked in `prompt_format`, or both
    (`calm.training.methods`). `plain_prompts` tells that the pairs' prompts are what a chat model
    is asked, to be put in its template. `report` is told of pairs that are too long and left out;
    `faster` is the run's precision where it may choose, `files` those of the model that it began
    with; `on_loaded` is given the model before it is trained. What was cut off before goes on where
    it was; `on_begin` is told behind which step, 0 for the beginning. The adapter in the folder
    `begin` is trained on. Raises CalmError where there are no pairs, or no questions, to learn
    from.
    """
    learn = _learning(config, pairs, shares, questions, prompt_format, begin)
    from calm.models.loading import load_model

    with _folder_beside(adapter) as work:
        model = load_model(model_name, config.precision, faster, files)
        on_loaded(model)
        finished = learn(
            *(model, plain_prompts),
            folder=work,
            on_log=on_log,
            should_stop=should_stop,
            report=report,
            kept=adapter.with_name(FOLDER),
            on_begin=on_begin,
        )
        if finished:
            shutil.rmtree(adapter, ignore_errors=True)
            work.rename(adapter)
            discard(adapter.with_name(FOLDER))
        return finished


def _learning(
    config: TrainConfig,
    pairs: Sequence[PreferencePair],
    shares: Sequence[float],
    questions: Sequence[Question],
    prompt_format: PromptFormat,
    begin: Path | None,
) -> Callable[..., bool]:
    """Return how a model learns from these by its method.

    Raises CalmError where there is nothing to learn from.
    """
    if trains_on_pairs(config) and not pairs:
        raise CalmError("pairs.none")
    if trains_on_choices(config) and not questions:
        raise CalmError("choices.none")

    def learn(model: Any, plain_prompts: bool, **told: Any) -> bool:
        told["begin"] = begin
        own = pairs
        if plain_prompts and model.is_chat:
            own = [replace(pair, prompt=in_template(model, pair.prompt)) for pair in pairs]
        if trains_on_choices(config):
            from calm.training.choice_trainer import train_on_choices

            asked: dict[str, Any] = {"pairs": own, "prompt_format": prompt_format}
            return train_on_choices(model, questions, config, **asked, **told)
        from calm.training.dpo import train_adapter

        return train_adapter(model, own, config, shares=shares, **told)

    return learn


@contextmanager
def _folder_beside(adapter: Path) -> Iterator[Path]:
    """Give a folder to write an adapter in; what a training left there before goes, as it does."""
    for leftover in adapter.parent.glob(".training-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=".training-", dir=adapter.parent))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
