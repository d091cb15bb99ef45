"""A language model that answers by arithmetic on its seeds, for tests of everything around it."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from calm.config import TrainConfig
from calm.models.interface import Draw, OnText, Prompt, TrlForm
from calm.records import PreferencePair
from calm.training.train import OnLog


class FakeModel:
    """Picks one of a prompt's choices; the same prompt and seed always give the same one.

    With an adapter in use it picks others. Asked to stop it breaks off its texts, as the real one
    does. `fails_at` makes one call of `generate` raise.
    """

    name = "fake"
    most_tokens: int | None = None

    def __init__(self, is_chat: bool = False, fails_at: int | None = None) -> None:
        self.is_chat = is_chat
        self.calls = 0
        self._fails_at = fails_at
        self._adapter: Path | None = None

    def longest(self, prompts: Sequence[Prompt], draw: Draw) -> int:
        return max(len(prompt.text) for prompt in prompts) + draw.max_new_tokens

    def chat_prompt(self, user: str, thinking: bool = False) -> str:
        return f"<user>{user}<model>" + ("<think>" if thinking else "")

    def trl_settings(self, chat: bool) -> dict[TrlForm, dict[str, str | bool]]:
        return {"trl": {"chat_template": "as it is"}, "trl-conversational": {"thinking": False}}

    def generate(
        self,
        prompts: Sequence[Prompt],
        draws: Sequence[Draw],
        on_text: OnText | None = None,
        should_stop: Callable[[], bool] = lambda: False,
        adapters: Sequence[Path | None] | None = None,
    ) -> list[str]:
        self.calls += 1
        if self.calls == self._fails_at:
            raise RuntimeError("the fake model fails, as it was told to")
        whose = adapters or [self._adapter] * len(prompts)
        texts = [self._answer(p, d, a) for p, d, a in zip(prompts, draws, whose, strict=True)]
        if should_stop():
            texts = [text[:1] for text in texts]
        for row, text in enumerate(texts):
            if on_text:
                on_text(row, text)
        return texts

    def score(
        self, prompts: Sequence[Prompt], choices: Sequence[Sequence[str]]
    ) -> list[list[float]]:
        return [
            [-self._number(self._adapter, prompt.text, choice) / 100 for choice in texts]
            for prompt, texts in zip(prompts, choices, strict=True)
        ]

    @contextmanager
    def use(self, folder: Path | None) -> Iterator[None]:
        before, self._adapter = self._adapter, folder
        try:
            yield
        finally:
            self._adapter = before

    def _answer(self, prompt: Prompt, draw: Draw, adapter: Path | None) -> str:
        number = self._number(adapter, prompt.text, repr(draw))
        if prompt.choices:
            return prompt.choices[number % len(prompt.choices)].rstrip("\n")
        return f"I have thought about it {number} times.\nAnswer: {'ABCD?'[number % 5]}"

    def _number(self, adapter: Path | None, *parts: str) -> int:
        return zlib.crc32("/".join((*parts, str(adapter is not None))).encode()) % 97


def make_adapter(folder: Path) -> None:
    """Write what a training would leave."""
    folder.mkdir()
    (folder / "adapter_config.json").write_text("{}")


def training_of_nothing(steps: int) -> Callable[..., bool]:
    """Return a training in so many steps that writes a folder and learns nothing."""

    def train(
        model_name: str,
        pairs: list[PreferencePair],
        config: TrainConfig,
        adapter: Path,
        on_log: OnLog,
        should_stop: Callable[[], bool] = lambda: False,
        plain_prompts: bool = False,
        on_begin: Callable[[int], None] = lambda step: None,
        **options: Any,
    ) -> bool:
        on_begin(0)
        for step in range(1, steps + 1):
            on_log({"loss": 0.7 / step}, step, steps)
            if should_stop():
                return False
        make_adapter(adapter)
        return True

    return train
