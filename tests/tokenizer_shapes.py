"""Small tokenizers and chat templates in the shapes of well-known models, for tests of encoding."""

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tokenizers import (
    AddedToken,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import PreTrainedTokenizerFast

from calm.questions.sets import load_questions

BYTES = [f"<0x{n:02X}>" for n in range(256)]
CODES = ("en", "fr", "ja", "ar")


@dataclass(frozen=True)
class Shape:
    """A tokenizer and its template, as a family of models has them."""

    kind: str
    """How text becomes tokens: `bytes`, `metaspace` (SentencePiece) or `spaces` (Gemma)."""
    specials: tuple[str, ...]
    template: str
    bos: str | None
    eos: str
    adds: str = "$A"
    """What the tokenizer puts around a text, in the words of `TemplateProcessing`."""
    name: str = "someone/model-instruct"
    ends: tuple[str, ...] = ()
    """What else the model's settings end a text with."""


GEMMA = (
    "{{ bos_token }}{% for m in messages %}"
    "{{ '<start_of_turn>' + ('model' if m['role'] == 'assistant' else m['role']) + '\n' }}"
    "{{ m['content'] | trim }}{{ '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)
LLAMA_3 = (
    "{% if not date_string is defined %}{% if strftime_now is defined %}"
    "{% set date_string = strftime_now('%d %b %Y') %}{% endif %}{% endif %}"
    "{{ bos_token + '<|start_header_id|>system<|end_header_id|>\n\nToday: ' + date_string }}"
    "{{ '<|eot_id|>' }}{% for m in messages %}"
    "{{ '<|start_header_id|>' + m['role'] + '<|end_header_id|>\n\n' + m['content'] | trim }}"
    "{{ '<|eot_id|>' }}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
INST = (
    "{% for m in messages %}{% if m['role'] == 'user' %}"
    "{{ bos_token + '[INST] ' + m['content'] | trim + ' [/INST]' }}"
    "{% elif m['role'] == 'assistant' %}{{ ' ' + m['content'] | trim + ' ' + eos_token }}"
    "{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}"
    "{% endif %}{% endfor %}"
)
MISTRAL = (
    "{{ bos_token }}{% for m in messages %}"
    "{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if m['role'] == 'user' %}{{ '[INST] ' + m['content'] + '[/INST]' }}"
    "{% else %}{{ ' ' + m['content'] + eos_token }}{% endif %}{% endfor %}"
)
CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] }}"
    "{{ '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
QWEN3 = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' }}"
    "{% if m['role'] == 'assistant' and loop.last %}{{ '<think>\n\n</think>\n\n' }}{% endif %}"
    "{{ m['content'].split('</think>')[-1].lstrip('\n') + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}"
    "{% if enable_thinking is defined and enable_thinking is false %}"
    "{{ '<think>\n\n</think>\n\n' }}{% endif %}{% endif %}"
)
R1 = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}"
    "{{ '<|User|>' + m['content'] }}{% else %}"
    "{{ '<|Assistant|>' + m['content'].split('</think>')[-1] + eos_token }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|Assistant|><think>\n' }}{% endif %}"
)
OPENS_ALWAYS = QWEN3.replace("{% if enable_thinking is defined", "{% if false").replace(
    "{{ '<|im_start|>assistant\n' }}", "{{ '<|im_start|>assistant\n<think>\n' }}"
)
WORDS_ONLY = (
    "{% for m in messages %}{{ '### ' + m['role'] + ':\n' + m['content'] + '\n### end\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '### assistant:\n' }}{% endif %}"
)
CHANNELS = (
    "{% for m in messages %}{{ '<|start|>' + m['role'] }}{% if m['role'] == 'assistant' %}"
    "{{ '<|channel|>final<|message|>' + m['content'] + '<|return|>' }}"
    "{% else %}{{ '<|message|>' + m['content'] + '<|end|>' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start|>assistant' }}{% endif %}"
)
LLAMA_3_MARKS = ("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
IM = ("<|im_start|>", "<|im_end|>")

SHAPES: dict[str, Shape] = {
    "gemma": Shape(
        "spaces",
        ("<start_of_turn>", "<end_of_turn>"),
        GEMMA,
        "<bos>",
        "<eos>",
        "<bos> $A",
        "google/gemma-3-1b-it",
        ("<end_of_turn>",),
    ),
    "llama 3": Shape(
        "bytes",
        LLAMA_3_MARKS,
        LLAMA_3,
        "<|begin_of_text|>",
        "<|eot_id|>",
        "<|begin_of_text|> $A",
        "meta-llama/Llama-3.2-1B-Instruct",
    ),
    "llama 2": Shape("metaspace", (), INST, "<s>", "</s>", "<s> $A", "meta/Llama-2-7b-chat-hf"),
    "mistral, without a system's turn": Shape(
        "metaspace-first", ("[INST]", "[/INST]"), MISTRAL, "<s>", "</s>", "<s> $A"
    ),
    "qwen 3, which thinks": Shape("bytes", IM, QWEN3, None, "<|im_end|>", name="Qwen/Qwen3-0.6B"),
    "deepseek, which begins the thought": Shape(
        "bytes",
        ("<|User|>", "<|Assistant|>"),
        R1,
        "<|begin|>",
        "<|end|>",
        "<|begin|> $A",
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B",
    ),
    "qwen thinking, which begins the thought": Shape(
        "bytes", IM, OPENS_ALWAYS, None, "<|im_end|>", name="Qwen/Qwen3-4B-Thinking-2507"
    ),
    "chatml with another end of text": Shape("bytes", IM, CHATML, None, "<|endoftext|>"),
    "one that adds its end of text": Shape("bytes", IM, CHATML, "<s>", "</s>", "<s> $A </s>"),
    "xglm, which adds it in front": Shape(
        "metaspace", IM, CHATML, "<s>", "</s>", "</s> $A", "someone/xglm-chat"
    ),
    "gpt-oss, which answers in a channel": Shape(
        "bytes",
        ("<|start|>", "<|end|>", "<|message|>", "<|channel|>"),
        CHANNELS,
        None,
        "<|return|>",
        name="openai/gpt-oss-20b",
    ),
    "turns that end in words": Shape("bytes", (), WORDS_ONLY, "<s>", "</s>", "<s> $A"),
}


def corpus() -> Sequence[str]:
    rows = load_questions("built-in", CODES)
    return [" ".join((row.text, *row.choices)) for row in rows]


@functools.cache
def _trained(kind: str) -> Tokenizer:
    """A tokenizer with a few hundred merges, without special tokens."""
    if kind == "bytes":
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(
            vocab_size=800, initial_alphabet=alphabet, show_progress=False
        )
        tokenizer.train_from_iterator(corpus(), trainer)
        return tokenizer
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    strip = [decoders.Strip(" ", 1, 0)]
    if kind == "metaspace":
        tokenizer.normalizer = normalizers.Sequence(
            [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
        )
    elif kind == "metaspace-first":
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    else:
        tokenizer.normalizer = normalizers.Replace(" ", "▁")
        strip = []
    given = tokenizer.pre_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=1800, special_tokens=["<unk>", *BYTES], show_progress=False
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.pre_tokenizer = given or pre_tokenizers.Sequence([])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), *strip]
    )
    plain = json.loads(tokenizer.to_str()) | {"added_tokens": []}  # bytes are none
    return Tokenizer.from_str(json.dumps(plain))


def tokenizer_of(shape: Shape) -> Any:
    """Return a shape's tokenizer, as transformers loads it."""
    inner = Tokenizer.from_str(_trained(shape.kind).to_str())
    marks = [mark for mark in (shape.bos, shape.eos, *shape.specials) if mark]
    inner.add_special_tokens([AddedToken(m, special=True) for m in dict.fromkeys(marks)])
    inner.add_tokens([AddedToken(m, special=False) for m in ("<think>", "</think>")])
    used = [m for m in dict.fromkeys(marks) if m in shape.adds.split()]
    inner.post_processor = processors.TemplateProcessing(
        single=shape.adds, special_tokens=[(m, inner.token_to_id(m)) for m in used]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token=shape.bos, eos_token=shape.eos, pad_token=shape.eos
    )
    tokenizer.chat_template = shape.template
    return tokenizer
