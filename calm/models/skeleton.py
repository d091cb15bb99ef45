"""A model of the same kind as another, so small that everything can be tried on it in a moment.

Same code, same switches, same kinds of layers, the same attention; random weights, small sizes,
short windows, full precision: what goes wrong there by more than rounding goes wrong.
"""

from typing import Any

import torch
from transformers import AutoModelForCausalLM

HIDDEN, HEADS, WINDOW = 64, 4, 7
LEAST_LAYERS = 2
SPREAD = 0.15
"""Standard deviation of the weights: with the usual 0.02 hardly anything hangs on attention."""

SIZES = {
    **dict.fromkeys(("hidden_size", "n_embd", "d_model", "n_embed", "word_embed_proj_dim"), HIDDEN),
    **dict.fromkeys(("embedding_size", "attention_hidden_size", "lru_width", "dim"), HIDDEN),
    **dict.fromkeys(("intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size"), 96),
    **dict.fromkeys(("decoder_ffn_dim", "encoder_ffn_dim", "d_ff", "intermediate_size_mlp"), 96),
    **dict.fromkeys(("num_attention_heads", "n_head", "n_heads", "num_heads"), HEADS),
    **dict.fromkeys(("decoder_attention_heads", "encoder_attention_heads"), HEADS),
    **dict.fromkeys(("head_dim", "v_head_dim", "qk_rope_head_dim", "qk_nope_head_dim"), 16),
    **dict.fromkeys(("kv_lora_rank", "q_lora_rank", "hidden_size_per_layer_input"), 16),
    **dict.fromkeys(("global_head_dim", "rotary_dim", "laurel_rank"), 16),
    **dict.fromkeys(("moe_intermediate_size", "shared_expert_intermediate_size"), 32),
    **dict.fromkeys(("shared_intermediate_size", "moe_shared_expert_intermediate_size"), 32),
    **dict.fromkeys(("num_experts", "num_local_experts", "n_routed_experts"), 4),
    **dict.fromkeys(("moe_num_experts", "moe_num_primary_experts"), 4),
    **dict.fromkeys(("num_experts_per_tok", "moe_k", "moe_topk", "num_selected_experts"), 2),
    **dict.fromkeys(("n_group", "topk_group", "num_expert_group"), 1),
    **dict.fromkeys(("sliding_window", "attention_window_size", "window_size"), WINDOW),
    **dict.fromkeys(("attention_chunk_size",), 8),
    **dict.fromkeys(("vocab_size", "vocab_size_per_layer_input"), 256),
    **dict.fromkeys(("max_position_embeddings", "n_positions", "max_seq_len", "n_ctx"), 128),
    **dict.fromkeys(("mamba_d_state", "state_size", "ssm_state_size"), 8),
    **dict.fromkeys(("mamba_n_heads", "mamba_num_heads", "n_mamba_heads"), 8),
    **dict.fromkeys(("mamba_d_head", "mamba_head_dim"), 16),
    **dict.fromkeys(("mamba_dt_rank", "time_step_rank", "chunk_size", "mamba_chunk_size"), 8),
    **dict.fromkeys(("linear_num_key_heads", "linear_num_value_heads"), 2),
    **dict.fromkeys(("linear_key_head_dim", "linear_value_head_dim"), 16),
}
"""What a size becomes that is larger; other settings stay as they are."""
LAYER_COUNTS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "decoder_layers")
KEY_VALUE_HEADS = ("num_key_value_heads", "num_kv_heads", "n_head_kv", "num_key_value_groups")
TOKEN_IDS = {"pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2}
NOT_KEPT = ("quantization_config", "dtype", "torch_dtype", "architectures", "model_type")


def skeleton(model: Any, changes: dict[str, Any] | None = None) -> Any:
    """Return a small random model of `model`'s kind, in fp32 on the CPU, ready to answer.

    Raises whatever transformers raises where the sizes do not fit this kind.
    """
    config = small_config(model.config.get_text_config(), changes)
    own = type(model) if isinstance(config, type(model).config_class or ()) else None
    make = own._from_config if own else AutoModelForCausalLM.from_config
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = make(
            config,
            attn_implementation=model.config.get_text_config()._attn_implementation,
            dtype=torch.float32,
        )
        _spread_out(made)
    return made.eval()


def small_config(config: Any, changes: dict[str, Any] | None = None) -> Any:
    """Return the same kind of configuration with small sizes and a few layers, one of each kind."""
    given = {key: value for key, value in config.to_dict().items() if key not in NOT_KEPT}
    given = _fewer_layers(given)
    heads = _first(given, ("num_attention_heads", "n_head", "n_heads", "decoder_attention_heads"))
    small = {key: _small(key, value, heads) for key, value in given.items()}
    small.update({key: value for key, value in TOKEN_IDS.items() if key in small})
    return type(config)(**small | (changes or {}))


def _small(key: str, value: Any, heads: int | None) -> Any:
    if key in ("rope_parameters", "rope_scaling") and isinstance(value, dict):
        return {name: _small(name, inner, heads) for name, inner in value.items()}
    if key in ("short_factor", "long_factor"):
        return value[: SIZES["head_dim"] // 2]
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    if key in KEY_VALUE_HEADS:
        fewer = min(heads or HEADS, HEADS)
        return 1 if value == 1 else fewer if value == heads else max(1, fewer // 2)
    return min(value, SIZES.get(key, value))


def _fewer_layers(given: dict[str, Any]) -> dict[str, Any]:
    """Keep the first layer of each kind and enough others; lists about the layers follow."""
    count = _first(given, LAYER_COUNTS)
    if count is None:
        return given
    lists = {key: value for key, value in given.items() if isinstance(value, list) and value}
    numbers = {key: value for key, value in lists.items() if _are_numbers_of_layers(value, count)}
    by_layer = {k: v for k, v in lists.items() if len(v) == count and k not in numbers}
    kinds = [
        (*(str(v[layer]) for v in by_layer.values()), *(layer in v for v in numbers.values()))
        for layer in range(count)
    ]
    first = {kinds.index(kind) for kind in kinds}
    others = (layer for layer in range(count) if layer not in first)
    while len(first) < min(LEAST_LAYERS, count):
        first.add(next(others))
    kept = sorted(first)
    fewer = {key: [values[layer] for layer in kept] for key, values in by_layer.items()}
    fewer |= {
        key: [new for new, layer in enumerate(kept) if layer in values]
        for key, values in numbers.items()
    }
    counts = {key: len(kept) for key in LAYER_COUNTS if given.get(key) is not None}
    return given | fewer | counts


def _are_numbers_of_layers(values: list[Any], count: int) -> bool:
    """Tell whether a list names layers by their numbers, as [2, 5, 8] does."""
    whole = all(isinstance(v, int) and not isinstance(v, bool) for v in values)
    return whole and values == sorted(set(values)) and values[-1] < count and len(values) > 1


def _first(given: dict[str, Any], names: tuple[str, ...]) -> int | None:
    return next((given[name] for name in names if isinstance(given.get(name), int)), None)


@torch.no_grad()
def _spread_out(model: Any) -> None:
    for weights in model.parameters():
        if weights.dim() > 1 and 0 < float(weights.std()) < SPREAD:
            weights.mul_(SPREAD / weights.std())
