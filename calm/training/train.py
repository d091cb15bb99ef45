"""Stage `train`: preference pairs become an adapter, in a folder that appears when it is whole."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from calm.config import TrainConfig
from calm.errors import CalmError
from calm.messages import Message
from calm.records import Faster, PreferencePair
from calm.training.checkpoint import FOLDER, discard

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
) -> bool:
    """Train an adapter by DPO and put it in `adapter`; return whether it was finished.

    `plain_prompts` tells that the pairs' prompts are what a chat model is asked, those that are not
    in its template already to be put there. `report` is told of pairs that are too long and left
    out; `faster` is the precision that this run computes in where it may choose, `files` those of
    the model that it began with; `on_loaded` is given the model before it is trained. What was cut
    off before goes on where it was; `on_begin` is told behind which step, 0 for the beginning.
    Raises CalmError where there are no pairs to learn from.
    """
    if not pairs:
        raise CalmError("pairs.none")
    from calm.models.loading import load_model
    from calm.training.dpo import train_adapter

    for leftover in adapter.parent.glob(".training-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=".training-", dir=adapter.parent))
    try:
        model = load_model(model_name, config.precision, faster, files)
        on_loaded(model)
        if plain_prompts and model.is_chat:
            pairs = [replace(pair, prompt=in_template(model, pair.prompt)) for pair in pairs]
        kept = adapter.with_name(FOLDER)
        finished = train_adapter(
            model, pairs, config, work, on_log, should_stop, report, kept, on_begin
        )
        if finished:
            shutil.rmtree(adapter, ignore_errors=True)
            work.rename(adapter)
            discard(kept)
        return finished
    finally:
        shutil.rmtree(work, ignore_errors=True)
