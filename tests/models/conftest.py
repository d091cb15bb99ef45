"""Small random models with real architectures, and the shipped model in fp32."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    AutoTokenizer,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from calm.models.causal_lm import CausalLM
from calm.models.loading import load_model

SIZES = {
    "vocab_size": 1000,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "max_position_embeddings": 512,
    "pad_token_id": 0,
    "eos_token_id": 1,
    "bos_token_id": 2,
}


def _llama() -> Any:
    return LlamaForCausalLM(LlamaConfig(**SIZES))


def _qwen3() -> Any:
    return Qwen3ForCausalLM(Qwen3Config(**SIZES))


def _gemma3_with_a_short_window() -> Any:
    kinds = ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"]
    return Gemma3ForCausalLM(Gemma3TextConfig(**SIZES, sliding_window=12, layer_types=kinds))


def _llama_in_plain_torch() -> Any:
    """Its attention adds the mask to the scores itself."""
    model = _llama()
    model.set_attn_implementation("eager")
    return model


FAMILIES = {
    "llama": _llama,
    "llama-eager": _llama_in_plain_torch,
    "qwen3": _qwen3,
    "gemma3": _gemma3_with_a_short_window,
}


@pytest.fixture(params=FAMILIES)
def tiny_model(request: pytest.FixtureRequest) -> Any:
    """A random model in fp32, one of each family."""
    torch.manual_seed(0)
    return FAMILIES[request.param]().eval()


@pytest.fixture(scope="session")
def shipped_fp32(shipped_folder: Path) -> CausalLM:
    return load_model("gemma-3-270m", "fp32")


@pytest.fixture
def small_gemma(shipped_folder: Path, tmp_path: Path) -> Callable[[], Path]:
    """Makes a folder with a random two-layer model that has the shipped tokenizer."""

    def make() -> Path:
        folder = tmp_path / "small"
        torch.manual_seed(0)
        tokenizer = AutoTokenizer.from_pretrained(shipped_folder)
        sizes = SIZES | {"vocab_size": 262144, "num_hidden_layers": 2}
        kinds = ["sliding_attention", "full_attention"]
        model = Gemma3ForCausalLM(Gemma3TextConfig(**sizes, sliding_window=512, layer_types=kinds))
        model.to(torch.bfloat16).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return folder

    return make


def make_tiny_gemma(folder: Path) -> Path:
    """Fill a folder with a random two-layer model whose tokens are bytes, and return it."""
    torch.manual_seed(0)
    specials = ["<pad>", "<eos>", "<bos>"]
    alphabet = [*specials, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    tokenizer = Tokenizer(models.BPE({token: n for n, token in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>", bos_token="<bos>"
    ).save_pretrained(folder)
    kinds = ["sliding_attention", "full_attention"]
    sizes = SIZES | {"vocab_size": len(alphabet), "num_hidden_layers": 2}
    config = Gemma3TextConfig(**sizes, sliding_window=512, layer_types=kinds)
    Gemma3ForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture
def tiny_gemma(tmp_path: Path) -> Path:
    """A folder with a random two-layer model whose tokens are bytes."""
    return make_tiny_gemma(tmp_path / "tiny")
