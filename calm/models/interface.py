"""What the stages need of a language model. `calm.models` has the real ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol


@dataclass(frozen=True)
class Prompt:
    """A text for the model to continue.

    `shared` characters at its beginning are the same for many prompts (worked examples), so that
    a backend can compute them once.
    """

    text: str
    shared: int = 0
    choices: tuple[str, ...] = ()
    """Where given, the continuation is one of these, each up to its end of line."""


@dataclass(frozen=True)
class Draw:
    """How one continuation is drawn: greedily at temperature 0, else from seeded chance."""

    max_new_tokens: int
    temperature: float = 0.0
    top_p: float = 1.0
    seed: tuple[int, ...] = (0,)
    """The same seed draws the same random numbers, whatever else is in the batch."""
    max_thinking_tokens: int = 0
    """Where it is asked to think first, a thought may have so many tokens more."""


TrlForm = Literal["trl", "trl-conversational"]
OnText = Callable[[int, str], None]
"""Called with a row's number and its text so far, as the text grows."""


class LanguageModel(Protocol):
    """A causal language model that continues and scores texts."""

    @property
    def name(self) -> str: ...

    @property
    def is_chat(self) -> bool:
        """Whether it was made to be talked to; if not, prompts hold worked examples."""
        ...

    @property
    def most_tokens(self) -> int | None:
        """How many tokens of a text it can tell apart by their place; `None` is no limit."""
        ...

    def longest(self, prompts: Sequence[Prompt], draw: Draw) -> int:
        """Return how many tokens the longest prompt has, with an answer as long as may be."""
        ...

    def chat_prompt(self, user: str, thinking: bool = False) -> str:
        """Return `user`'s message in the model's own chat template, ready for its answer.

        Unless `thinking`, the model is told not to think first.
        """
        ...

    def trl_settings(self, chat: bool) -> dict[TrlForm, dict[str, str | bool]]:
        """Return what TRL is told to train on the pairs as this model does, by form of the file.

        `chat` tells whether their prompts are in the chat template. See `calm.exchange.export`.
        """
        ...

    def generate(
        self,
        prompts: Sequence[Prompt],
        draws: Sequence[Draw],
        on_text: OnText | None = None,
        should_stop: Callable[[], bool] = lambda: False,
        adapters: Sequence[Path | None] | None = None,
    ) -> list[str]:
        """Return one continuation a prompt, each ended at its stop or at `max_new_tokens`.

        `adapters` names the folder of an adapter for every prompt, `None` for the base model: they
        answer in one batch. Without it all answer with the adapter in use.
        """
        ...

    def score(
        self, prompts: Sequence[Prompt], choices: Sequence[Sequence[str]]
    ) -> list[list[float]]:
        """Return, for each prompt and choice, the mean log-probability a token, in nats."""
        ...
