"""A causal language model of transformers, loaded once, with adapters switched on and off."""

import dataclasses
import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from peft.tuners.lora import LoraLayer

from calm.backends.adapters import adapter_name, check_adapter, load_beside
from calm.backends.choice_scores import score_choices
from calm.backends.decode import Decoder, Encoded
from calm.model import Draw, OnText, Prompt
from calm.records import Faster, Precision


@dataclasses.dataclass(frozen=True)
class Origin:
    """Where a model was loaded from, and in which precision."""

    source: str
    """A folder, or a name of the Hub."""
    precision: Precision
    faster: Faster | None
    """The faster precision where it was told; `None` where it was measured."""


class CausalLM:
    """One model in memory. All methods may be called from any thread; they take turns."""

    origin: Origin | None = None
    """Where it was loaded from; `None` for a model that was made in memory."""

    def __init__(self, name: str, model: Any, tokenizer: Any) -> None:
        self.name = name
        self.model = model.eval()
        self.tokenizer = tokenizer
        self.model.get_output_embeddings().register_forward_pre_hook(_contiguous_input)
        self._decoder = Decoder(self.model, self._weigh_rows)
        self._peft: Any = None
        self._in_use = ""
        self._row_layers: list[tuple[Any, dict[str, float]]] = []
        """LoRA layers and their scales, while every row has an adapter of its own."""
        self._turn = threading.RLock()
        self._end_ids = _end_ids(self.model, tokenizer)
        self._ends_line = functools.cache(lambda token: "\n" in tokenizer.decode([token]))

    @property
    def is_chat(self) -> bool:
        return bool(self.tokenizer.chat_template)

    def chat_prompt(self, user: str) -> str:
        return self.tokenizer.apply_chat_template(  # type: ignore[no-any-return]
            [{"role": "user", "content": user}], tokenize=False, add_generation_prompt=True
        )

    def generate(
        self,
        prompts: Sequence[Prompt],
        draws: Sequence[Draw],
        on_text: OnText | None = None,
        should_stop: Callable[[], bool] = lambda: False,
        adapters: Sequence[Path | None] | None = None,
    ) -> list[str]:
        """Return one continuation a prompt (see `LanguageModel.generate`).

        A chat model ends at its end-of-turn token. A base model runs on after its answer, so it
        also ends at the end of the line.
        """
        ends_line = (lambda token: False) if self.is_chat else self._ends_line

        def on_token(row: int, tokens: list[int]) -> bool:
            if on_text is not None:
                on_text(row, self._text(tokens).rstrip("\ufffd"))
            return tokens[-1] in self._end_ids or ends_line(tokens[-1])

        with self._turn, self._rows_of_their_own(adapters) as names:
            encoded = [self.encode(prompt) for prompt in prompts]
            if names:
                encoded = [
                    dataclasses.replace(row, weights=name)
                    for row, name in zip(encoded, names, strict=True)
                ]
            tokens = self._decoder.run(encoded, draws, on_token, should_stop)
        return [self._text(row) for row in tokens]

    def score(
        self, prompts: Sequence[Prompt], choices: Sequence[Sequence[str]]
    ) -> list[list[float]]:
        """Return the mean log-probability a token of each choice (see `LanguageModel.score`)."""
        with self._turn:
            encoded = [self.encode(prompt) for prompt in prompts]
            continuations = [[self._ids(text) for text in row] for row in choices]
            return score_choices(self._decoder, encoded, continuations)

    def encode(self, prompt: Prompt) -> Encoded:
        """Return the prompt's token ids, split where its shared beginning ends.

        Where a token straddles that border, the border moves back to the last common token.
        """
        whole = self._whole_ids(prompt.text)
        shared = self._shared_ids(prompt.text[: prompt.shared]) if prompt.shared else ()
        common = 0
        while common < min(len(shared), len(whole) - 1) and shared[common] == whole[common]:
            common += 1
        choices = tuple(self._ids(choice) for choice in prompt.choices)
        return Encoded(whole[:common], whole[common:], choices, self._in_use)

    @contextmanager
    def use(self, folder: Path | None) -> Iterator[None]:
        """Answer with the LoRA adapter in `folder` while the block runs; `None` is the base model.

        The base weights stay as they are; the adapter is loaded beside them once.
        """
        with self._turn:
            if folder is not None:
                self._load_adapter(folder)
            before = self._in_use
            self._in_use = adapter_name(folder) if folder else ""
            try:
                with self._switched(folder):
                    yield
            finally:
                self._in_use = before

    def _load_adapter(self, folder: Path) -> None:
        name = adapter_name(folder)
        if name in getattr(self._peft, "peft_config", {}):
            return
        check_adapter(folder, self.model)
        self._peft = load_beside(self.model, self._peft, folder, name)
        for part, weights in self._peft.named_parameters():
            if "lora_" in part:  # in fp32 they are slower beside bf16
                weights.data = weights.data.to(self.model.dtype)

    @contextmanager
    def _switched(self, folder: Path | None) -> Iterator[None]:
        if folder is None:
            yield
            return
        self._peft.base_model.enable_adapter_layers()
        self._peft.set_adapter(adapter_name(folder), inference_mode=True)
        try:
            yield
        finally:
            self._peft.base_model.disable_adapter_layers()

    @contextmanager
    def _rows_of_their_own(self, adapters: Sequence[Path | None] | None) -> Iterator[list[str]]:
        """Let every row of a batch have its own adapter; yields the name of each, "" for the base.

        All adapters are switched on, and in each row all but its own are scaled to nothing.
        """
        if adapters and self._in_use:
            raise RuntimeError("an adapter is in use for all rows: name none row by row")
        folders = list(dict.fromkeys(folder for folder in adapters or () if folder))
        if not adapters or not folders:
            yield [""] * len(adapters or ())
            return
        for folder in folders:
            self._load_adapter(folder)
        active = [adapter_name(folder) for folder in folders]
        layers = [m for m in self._peft.modules() if isinstance(m, LoraLayer)]
        self._peft.base_model.enable_adapter_layers()
        self._peft.base_model.set_adapter(active, inference_mode=True)
        self._row_layers = [(layer, dict(layer.scaling)) for layer in layers]
        try:
            yield [adapter_name(folder) if folder else "" for folder in adapters]
        finally:
            for layer, scales in self._row_layers:
                layer.scaling.update(scales)
            self._row_layers = []
            self._peft.base_model.disable_adapter_layers()

    def _weigh_rows(self, weights: Sequence[str]) -> None:
        """Scale each adapter to nothing in the rows that it does not answer."""
        if not self._row_layers:
            return
        own = {
            name: torch.tensor([[[float(row == name)]] for row in weights]).to(
                self.model.device, self.model.dtype
            )
            for name in self._row_layers[0][1]
        }
        for layer, scales in self._row_layers:
            layer.scaling.update({name: own[name] * scale for name, scale in scales.items()})

    def _text(self, tokens: list[int]) -> str:
        return str(self.tokenizer.decode(tokens, skip_special_tokens=True))

    def _ids(self, text: str) -> tuple[int, ...]:
        return tuple(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def _whole_ids(self, text: str) -> tuple[int, ...]:
        return tuple(self.tokenizer(text, add_special_tokens=not self.is_chat)["input_ids"])

    @functools.lru_cache(maxsize=64)  # noqa: B019 - one model lives as long as its process
    def _shared_ids(self, text: str) -> tuple[int, ...]:
        return self._whole_ids(text)


def _contiguous_input(module: torch.nn.Module, args: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
    """Before the output head: make the last positions of a longer text one block of memory.

    Torch 2.13 multiplies a strided batch by frozen weights through `bmm` and copies the weights
    once a row for it: 340 MB a row for a vocabulary of 262,144.
    """
    return (args[0].contiguous(),)


def _end_ids(model: Any, tokenizer: Any) -> frozenset[int]:
    given = model.generation_config.eos_token_id
    listed = given if isinstance(given, list) else [given]
    return frozenset(i for i in [*listed, tokenizer.eos_token_id] if i is not None)
