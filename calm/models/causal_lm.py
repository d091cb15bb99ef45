"""A causal language model of transformers, loaded once, with adapters switched on and off."""

import dataclasses
import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import torch
from peft import LoraConfig
from peft.tuners.lora import LoraLayer

from calm.models.adapters import adapter_name, check_adapter, load_beside, train_beside
from calm.models.decode import Decoder, Encoded
from calm.models.encoding import Encoding, end_ids_of
from calm.models.interface import Draw, OnText, Prompt, TrlForm
from calm.models.packed_weights import unpack_weights
from calm.models.plain import PlainDecoder
from calm.models.rows_apart import rows_can_differ
from calm.models.scoring import score_choices
from calm.models.sources import Source
from calm.models.thoughts import open_thought
from calm.models.trust import examine
from calm.records import Faster, Precision


@dataclasses.dataclass(frozen=True)
class Origin:
    """Where a model was loaded from, and in which precision."""

    source: Source
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
        self.trust = examine(self.model)
        """Which ways this model goes, fast or plain, and why."""
        head = self.model.get_output_embeddings()
        if head is not None:
            head.register_forward_pre_hook(_contiguous_input)
        if "plain" in (self.trust.decode, self.trust.scores):
            unpack_weights(self.model)  # what differed may have been they
        decoder = Decoder if self.trust.decode == "fast" else PlainDecoder
        self._decoder: Decoder | PlainDecoder = decoder(self.model, self._weigh_rows)
        self._peft: Any = None
        self._in_use = ""
        self._row_layers: list[tuple[Any, dict[str, float]]] = []
        """LoRA layers and their scales, while every row has an adapter of its own."""
        self._side_by_side: dict[tuple[str, ...], bool] = {}
        """Whether rows with these adapters may go through the model together."""
        self._turn = threading.RLock()
        self.encoding = Encoding(tokenizer, name, end_ids_of(self.model.generation_config))
        self._ends_line = functools.cache(lambda token: "\n" in tokenizer.decode([token]))

    @property
    def path(self) -> Literal["fast", "plain"]:
        """Return "plain" where this model goes the plain way in anything; `trust` tells why."""
        return self.trust.path

    @functools.cached_property
    def _scorer(self) -> Decoder:
        """The decoder whose shared beginnings scores are read behind; the one that answers, if
        it goes the fast way."""
        if isinstance(self._decoder, Decoder):
            return self._decoder
        return Decoder(self.model, self._weigh_rows)

    @property
    def is_chat(self) -> bool:
        return self.encoding.is_chat

    @property
    def most_tokens(self) -> int | None:
        """How many positions the model has; `None` where it names no limit."""
        most = getattr(self.model.config.get_text_config(), "max_position_embeddings", None)
        return most if isinstance(most, int) and most > 0 else None

    def longest(self, prompts: Sequence[Prompt], draw: Draw) -> int:
        """Return the most tokens that a prompt and its answer can have (see `LanguageModel`)."""
        room = draw.max_new_tokens + draw.max_thinking_tokens
        rows = [self.encode(prompt) for prompt in prompts]
        return max(
            (
                len(row.shared)
                + len(row.rest)
                + min(room, max(map(len, row.choices), default=room))
                for row in rows
            ),
            default=0,
        )

    def chat_prompt(self, user: str, thinking: bool = False) -> str:
        return self.encoding.chat_prompt(user, thinking)

    def trl_settings(self, chat: bool) -> dict[TrlForm, dict[str, str | bool]]:
        return self.encoding.trl_settings(chat)

    def generate(
        self,
        prompts: Sequence[Prompt],
        draws: Sequence[Draw],
        on_text: OnText | None = None,
        should_stop: Callable[[], bool] = lambda: False,
        adapters: Sequence[Path | None] | None = None,
    ) -> list[str]:
        """Return one continuation a prompt (see `LanguageModel.generate`).

        In the chat template it ends with its turn. Outside it a model runs on after its answer, so
        it also ends at the end of the line.
        """
        rows = [_Row.of(self.encoding, *given) for given in zip(prompts, draws, strict=True)]

        def on_token(row: int, tokens: list[int]) -> bool:
            asked = rows[row]
            if on_text is not None:
                on_text(row, asked.text(tokens).rstrip("\ufffd"))
            ended = tokens[-1] in self.encoding.end_ids or asked.is_ended(tokens)
            return ended or (not asked.rendered and self._ends_line(tokens[-1]))

        if adapters and not self._answer_side_by_side(adapters):
            return self._one_adapter_after_the_other(prompts, draws, on_text, should_stop, adapters)
        with self._turn, self._rows_of_their_own(adapters) as names:
            encoded = [self.encode(prompt) for prompt in prompts]
            if names:
                encoded = [
                    dataclasses.replace(row, weights=name)
                    for row, name in zip(encoded, names, strict=True)
                ]
            for asked, given in zip(rows, encoded, strict=True):
                asked.begin(len(given.shared) + len(given.rest))
            most = [asked.most for asked in rows]
            tokens = self._decoder.run(encoded, most, on_token, should_stop)
        return [asked.text(new) for asked, new in zip(rows, tokens, strict=True)]

    def _answer_side_by_side(self, adapters: Sequence[Path | None]) -> bool:
        """Tell whether rows with these adapters may go through the model together."""
        folders = list(dict.fromkeys(folder for folder in adapters if folder))
        with self._turn:
            for folder in folders:
                self._load_adapter(folder)
            names = tuple(adapter_name(folder) for folder in folders)
            if names not in self._side_by_side:
                self._side_by_side[names] = not names or rows_can_differ(self._peft, names)
            return self._side_by_side[names]

    def _one_adapter_after_the_other(
        self,
        prompts: Sequence[Prompt],
        draws: Sequence[Draw],
        on_text: OnText | None,
        should_stop: Callable[[], bool],
        adapters: Sequence[Path | None],
    ) -> list[str]:
        """Return what `generate` returns, the rows of each adapter by themselves."""
        texts = [""] * len(prompts)
        for folder in dict.fromkeys(adapters):
            rows = [row for row, own in enumerate(adapters) if own == folder]
            tell = None if on_text is None else functools.partial(_tell_row, on_text, rows)
            with self.use(folder):
                found = self.generate(
                    [prompts[row] for row in rows], [draws[row] for row in rows], tell, should_stop
                )
            for row, text in zip(rows, found, strict=True):
                texts[row] = text
        return texts

    def score(
        self, prompts: Sequence[Prompt], choices: Sequence[Sequence[str]]
    ) -> list[list[float]]:
        """Return the mean log-probability a token of each choice (see `LanguageModel.score`)."""
        with self._turn:
            rows = zip(prompts, choices, strict=True)
            split = [self._split(prompt, texts) for prompt, texts in rows]
            encoded = [prompt for prompt, _ in split]
            continuations = [texts for _, texts in split]
            if self.trust.scores == "plain":
                return PlainDecoder(self.model).score(encoded, continuations)
            return score_choices(self._scorer, encoded, continuations)

    def encode(self, prompt: Prompt) -> Encoded:
        """Return the prompt's token ids, split where its shared beginning ends.

        Where a token straddles that border, the border moves back to the last common token.
        """
        encoded, choices = self._split(prompt, prompt.choices)
        return dataclasses.replace(encoded, choices=choices)

    def _split(
        self, prompt: Prompt, texts: Sequence[str]
    ) -> tuple[Encoded, tuple[tuple[int, ...], ...]]:
        """Return a prompt up to where the texts behind it begin, and these, as token ids."""
        whole, sides = self.encoding.answers(prompt.text, texts)
        shared = prompt.text[: prompt.shared]
        beginning = self.encoding.beginning_ids(shared) if shared else ()
        common = 0
        while common < min(len(beginning), len(whole) - 1) and beginning[common] == whole[common]:
            common += 1
        return Encoded(whole[:common], whole[common:], (), self._in_use), sides

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
    def trained_beside(self, settings: LoraConfig) -> Iterator[Any]:
        """Give the PEFT model with a new adapter, switched on to be trained, while the block runs.

        Nobody is answered meanwhile. Afterwards the adapter is gone, and the model as it was.
        """
        with self._turn, train_beside(self.model, self._peft, settings) as self._peft:
            yield self._peft

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


@dataclasses.dataclass
class _Row:
    """A prompt that is being answered: when its answer ends, and what its tokens say."""

    encoding: Encoding
    prompt: str
    draw: Draw
    rendered: bool
    thought: str = ""
    """The mark of the thought that the prompt begins."""
    repeated: str = ""
    """The end of the prompt that the first tokens say again: the border was moved back."""
    thinking: int = 0
    """Tokens that are thoughts, so far."""

    @classmethod
    def of(cls, encoding: Encoding, prompt: Prompt, draw: Draw) -> "_Row":
        rendered = encoding.is_rendered(prompt.text)
        thought = open_thought(prompt.text) if rendered and draw.max_thinking_tokens else ""
        return cls(encoding, prompt.text, draw, rendered, thought)

    @property
    def most(self) -> Draw:
        """The draw with room for the thoughts."""
        room = self.draw.max_new_tokens + self.draw.max_thinking_tokens
        return dataclasses.replace(self.draw, max_new_tokens=room)

    def begin(self, border: int) -> None:
        """Take note of where the prompt was cut: behind so many tokens."""
        left = self.encoding.ids(self.prompt)[border:]
        self.repeated = self.encoding.text(left) if left else ""

    def text(self, tokens: Sequence[int]) -> str:
        """Return what was said, a thought that the prompt began with its mark before it."""
        said = self.encoding.text(tokens).removeprefix(self.repeated)
        return f"{self.thought}\n{said}" if self.thought else said

    def is_ended(self, tokens: Sequence[int]) -> bool:
        """Tell whether the thought or the answer is as long as may be, or ended by its words."""
        if self.draw.max_thinking_tokens:
            if open_thought(self.text(tokens)):
                self.thinking = len(tokens)
                return self.thinking >= self.draw.max_thinking_tokens
            if len(tokens) - self.thinking >= self.draw.max_new_tokens:
                return True
        return self.rendered and self.encoding.says_end(tokens)


def _tell_row(on_text: OnText, rows: Sequence[int], row: int, text: str) -> None:
    """Call `on_text` with the number that a row has among all, not among those under way."""
    on_text(rows[row], text)


def _contiguous_input(module: torch.nn.Module, args: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
    """Before the output head: make the last positions of a longer text one block of memory.

    Torch 2.13 multiplies a strided batch by frozen weights through `bmm` and copies the weights
    once a row for it: 340 MB a row for a vocabulary of 262,144.
    """
    return (args[0].contiguous(),)
