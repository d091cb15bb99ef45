"""The table of families: every kind of decoder that transformers has, tried in all that we do.

    python -m tests.models.families [NAME ...]    (make families)

Each family is a tiny random model in fp32. What is said of it is compared with transformers'
`generate`, with a plain forward, and with TRL's log-probabilities of plain rows.
"""

import sys
import time
import warnings
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
import transformers
from transformers import AutoModelForCausalLM, GenerationConfig
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from trl.trainer.utils import add_fused_lm_head

from calm.errors import CalmError
from calm.models.decode import Decoder, Encoded
from calm.models.interface import Draw
from calm.models.plain import PlainDecoder
from calm.models.scoring import score_choices
from calm.models.shared_prefixes import shared_beginnings
from calm.models.skeleton import small_config
from calm.models.trust import refuse_what_cannot_answer, tried
from calm.training.adapter import router_at_rest
from calm.training.dpo import completion_only_log_probs

TRICKY: dict[str, dict[str, Any]] = {
    "gemma2": {},
    "gpt_oss": {},
    "xglm": {},
    "gptj": {},
    "gpt_neo": {},
    "mpt": {},
    "mbart": {},
    "bloom": {},
    "mixtral": {},
    "mamba": {},
    "qwen3_next": {},
    "lfm2": {"full_attn_idxs": [1], "layer_types": ["conv", "full_attention"]},
    "deepseek_v3": {},
    "llama4_text": {},
    "bert": {},
}
"""One of each way to go wrong; these are tried on every day."""
ORDINARY = """
    vaultgemma granite_swa codegen openai-gpt gpt_bigcode llama mistral qwen2 qwen3 phi phi3
    gemma gemma3_text olmo olmo2 olmo3 cohere cohere2 starcoder2 stablelm gpt2 gpt_neox opt
    falcon persimmon smollm3 exaone4 glm glm4 ernie4_5 helium granite arcee apertus seed_oss
    bitnet biogpt diffllama modernbert-decoder minicpm3 ctrl qwen2_moe qwen3_moe olmoe
    granitemoe phimoe ernie4_5_moe glm4_moe minimax flex_olmo jetmoe mamba2 falcon_mamba rwkv
    nemotron_h olmo_hybrid internlm3 nanochat hyperclovax ministral3
"""
"""Families whose own defaults, made small, are tried."""
OTHERS: dict[str, dict[str, Any]] = {
    **{name: {} for name in ORDINARY.split()},
    "falcon-alibi": {"alibi": True},
    "nemotron": {"num_key_value_heads": 2},
    "hunyuan_v1_dense": {"head_dim": 16},
    "ministral": {"head_dim": 16},
    "deepseek_v2": {"num_experts_per_tok": 2, "n_routed_experts": 4, "q_lora_rank": None},
    "bamba": {"num_hidden_layers": 2, "attn_layer_indices": [1]},
    "jamba": {"attn_layer_period": 2, "attn_layer_offset": 1, "mamba_dt_rank": 8},
    "granitemoehybrid": {"layer_types": ["mamba", "attention"]},
    "falcon_h1": {"mamba_d_ssm": 128, "mamba_n_heads": 8, "mamba_d_head": 16},
    "recurrent_gemma": {"num_hidden_layers": 3},
    "gemma3n_text": {
        "num_hidden_layers": 4,
        "num_kv_shared_layers": 2,
        "layer_types": ["sliding_attention", "full_attention"] * 2,
        "activation_sparsity_pattern": [0.0] * 4,
    },
    "phi3-longrope": {
        "rope_parameters": {
            "rope_type": "longrope",
            "rope_theta": 10000.0,
            "short_factor": [1.0] * 8,
            "long_factor": [4.0] * 8,
            "original_max_position_embeddings": 20,
        },
        "original_max_position_embeddings": 20,
    },
    "roberta": {},
    "electra": {},
}
"""All the others, but for close relatives of these."""
CHANGES: dict[str, dict[str, Any]] = {
    "mamba2": {"num_heads": 8, "head_dim": 16, "n_groups": 1},
}
MODEL_TYPE = {"falcon-alibi": "falcon", "phi3-longrope": "phi3"}
FAMILIES: dict[str, dict[str, Any]] = {**TRICKY, **OTHERS}
EAGER_TOO = ("llama", "gemma3_text", "qwen2", "mixtral")
"""Families that are tried with attention in plain torch as well."""
CASES = [(name, "") for name in FAMILIES] + [(name, "eager") for name in EAGER_TOO]

START = tuple(range(3, 17))
PROMPTS = [
    Encoded(START, (20, 21, 22)),
    Encoded(START, (23,)),
    Encoded(START[:9], tuple(range(30, 43))),
    Encoded((), (50, 51)),
    Encoded(START, tuple(range(60, 66))),
]
CHOICES = [[(70, 71), (72,)], [(73, 74, 75), (76, 77), (78,)]] * 2 + [[(79,), (80, 81)]]
NEW = 5
NEAR = 1e-4


@dataclass(frozen=True)
class Verdict:
    """What became of one family: which way it goes, and whether its numbers are right."""

    family: str
    attention: str
    decode: str
    scores: str
    training: str
    wrong: tuple[str, ...] = ()
    """What was not equal; empty where all was."""
    why: str = ""


def build(name: str, attention: str = "") -> Any:
    """Return a tiny random model of the family."""
    config = CONFIG_MAPPING[MODEL_TYPE.get(name, name)]()
    changes = FAMILIES[name] | CHANGES.get(name, {})
    small = small_config(config.get_text_config(), changes)
    torch.manual_seed(1)
    chosen = {"attn_implementation": attention} if attention else {}
    model = AutoModelForCausalLM.from_config(small, dtype=torch.float32, **chosen)
    with torch.no_grad():
        for weights in model.parameters():
            if weights.dim() > 1 and 0 < float(weights.std()) < 0.12:
                weights.mul_(0.12 / weights.std())
    return model.eval()


def verdict(name: str, attention: str = "") -> Verdict:
    """Return what becomes of the family when it is loaded, asked, scored and trained on."""
    model = build(name, attention)
    used = str(model.config._attn_implementation)
    try:
        refuse_what_cannot_answer(model)
    except CalmError as error:
        return Verdict(name, used, "refused", "refused", "refused", why=str(error))
    trust = tried(model)
    decoder = Decoder(model) if trust.decode == "fast" else PlainDecoder(model)
    equal = {
        "decode": _tokens(decoder) == _own_tokens(model),
        "scores": _near(_scores(model, trust.scores), _own_scores(model)),
    }
    if trust.training != "none":
        ours, plain = _learnt(model, trust.training == "fast"), _learnt(model, False)
        equal["training"] = all(_near(*pair) for pair in zip(ours, plain, strict=True))
        equal["head"] = _near(_head_scores(model), _own_scores(model))
    wrong = tuple(path for path, right in equal.items() if not right)
    return Verdict(name, used, trust.decode, trust.scores, trust.training, wrong, trust.why)


def _tokens(decoder: Decoder | PlainDecoder) -> list[list[int]]:
    draws = [Draw(NEW)] * len(PROMPTS)
    return decoder.run(PROMPTS, draws, lambda row, tokens: False, lambda: False)


@torch.inference_mode()
def _own_tokens(model: Any) -> list[list[int]]:
    settings = GenerationConfig(
        max_new_tokens=NEW, do_sample=False, pad_token_id=0, eos_token_id=None
    )
    model.generation_config = settings
    found = []
    for prompt in PROMPTS:
        ids = torch.tensor([[*prompt.shared, *prompt.rest]])
        whole = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids))
        found.append(whole[0, ids.shape[1] :].tolist())
    return found


def _scores(model: Any, way: str) -> torch.Tensor:
    if way == "fast":
        rows = score_choices(Decoder(model), PROMPTS, CHOICES)
    else:
        rows = PlainDecoder(model).score(PROMPTS, CHOICES)
    return torch.tensor([score for row in rows for score in row])


@torch.inference_mode()
def _own_scores(model: Any) -> torch.Tensor:
    found = []
    for prompt, choices in zip(PROMPTS, CHOICES, strict=True):
        start = [*prompt.shared, *prompt.rest]
        for choice in choices:
            logits = model(input_ids=torch.tensor([[*start, *choice]])).logits[0]
            log_probs = logits.log_softmax(-1)[len(start) - 1 : -1]
            found.append(float(log_probs.gather(1, torch.tensor(choice)[:, None]).mean()))
    return torch.tensor(found)


def _head_scores(model: Any) -> torch.Tensor:
    """Return the scores of the choices by TRL's log-probabilities, row by row."""
    found = []
    for prompt, choices in zip(PROMPTS, CHOICES, strict=True):
        start = [*prompt.shared, *prompt.rest]
        for choice in choices:
            ids = torch.tensor([[*start, *choice]])
            labels = ids.masked_fill(torch.arange(ids.shape[1]) < len(start), -100)
            given = {"input_ids": ids, "labels": labels, "fused_lm_head": True}
            with torch.no_grad(), router_at_rest(model):
                found.append(float(model(**given).log_probs.sum() / len(choice)))
    return torch.tensor(found)


def _learnt(model: Any, merged: bool) -> list[torch.Tensor]:
    """Return DPO's loss on pairs of the first two choices, and its gradients by TRL's head."""
    pairs = [
        [*prompt.shared, *prompt.rest, *choice]
        for side in (0, 1)
        for prompt, choice in zip(PROMPTS, (row[side] for row in CHOICES), strict=True)
    ]
    width = max(map(len, pairs))
    ids = torch.tensor([row + [0] * (width - len(row)) for row in pairs])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in pairs])
    starts = torch.tensor([len(p.shared) + len(p.rest) for p in PROMPTS] * 2)
    places = torch.arange(width)
    labels = ids.masked_fill((mask == 0) | (places < starts[:, None]), -100)
    if "fused_lm_head" not in getattr(model.forward, "__code__", _learnt.__code__).co_varnames:
        add_fused_lm_head(model)
    model.zero_grad()
    sharing = shared_beginnings(model) if merged else nullcontext()
    with completion_only_log_probs(), sharing, router_at_rest(model):
        found = model(
            input_ids=ids, attention_mask=mask, labels=labels, fused_lm_head=True
        ).log_probs
    chosen, rejected = found.sum(1).chunk(2)
    loss = -torch.nn.functional.logsigmoid(0.1 * (chosen - rejected)).mean()
    loss.backward()
    gradients = [p.grad.clone() for p in model.parameters() if p.grad is not None]
    return [loss.detach()[None], *gradients]


def _near(got: torch.Tensor, own: torch.Tensor) -> bool:
    return bool(torch.allclose(got, own, rtol=NEAR, atol=NEAR * max(1.0, float(own.abs().max()))))


def main(names: Sequence[str]) -> int:
    """Print the table; return 1 where anything is wrong."""
    warnings.filterwarnings("ignore")
    transformers.logging.set_verbosity_error()
    failed = 0
    print(f"{'family':20} {'attention':10} {'decode':8} {'scores':8} {'training':9} {'equal':6} s")
    for name, attention in CASES:
        if names and name not in names:
            continue
        begun = time.monotonic()
        found = verdict(name, attention)
        equal = "no: " + ", ".join(found.wrong) if found.wrong else "yes"
        failed += bool(found.wrong)
        seconds = time.monotonic() - begun
        print(
            f"{name:20} {found.attention:10} {found.decode:8} {found.scores:8} "
            f"{found.training:9} {equal:6} {seconds:.1f}",
            flush=True,
        )
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
