"""The decode loop gives what `generate` gives, and draws from the distribution it should."""

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model

from calm.config import DEFAULT_LANGUAGES, SHIPPED_MODEL
from calm.models.causal_lm import CausalLM
from calm.models.decode import Decoder, Encoded
from calm.models.interface import Draw, Prompt
from calm.models.loading import load_model
from calm.models.sampler import pick, uniforms
from calm.questions.prompts import base_prompt, choice_order
from calm.questions.sets import load_questions


def never_finished(row: int, tokens: list[int]) -> bool:
    return False


def reference(model: Any, ids: list[int], new: int) -> list[int]:
    """Greedy continuation, one prompt at a time, without a cache or padding."""
    tokens = list(ids)
    for _ in range(new):
        logits = model(input_ids=torch.tensor([tokens]), use_cache=False).logits
        tokens.append(int(logits[0, -1].argmax()))
    return tokens[len(ids) :]


def test_greedy_equals_one_prompt_at_a_time_with_shared_beginnings_of_any_length(
    tiny_model: Any,
) -> None:
    beginnings = [tuple(range(5, 25)), tuple(range(100, 109)), ()]
    prompts = [
        Encoded(beginning, tuple(range(300 + 7 * n, 303 + 9 * n)))
        for n in range(1, 5)
        for beginning in beginnings
    ]
    draws = [Draw(20)] * len(prompts)
    got = Decoder(tiny_model).run(prompts, draws, never_finished, lambda: False)
    with torch.inference_mode():
        expected = [reference(tiny_model, [*p.shared, *p.rest], 20) for p in prompts]
    assert got == expected


def test_a_row_that_ends_early_leaves_the_others_as_they_are(tiny_model: Any) -> None:
    prompts = [Encoded((5, 6, 7), (n, n + 1)) for n in range(20, 28)]
    draws = [Draw(12)] * len(prompts)
    whole = Decoder(tiny_model).run(prompts, draws, never_finished, lambda: False)
    short = Decoder(tiny_model).run(
        prompts, draws, lambda row, tokens: row % 2 == 0 and len(tokens) == 3, lambda: False
    )
    assert short == [tokens[: 3 if row % 2 == 0 else 12] for row, tokens in enumerate(whole)]


def test_a_seeded_sample_does_not_depend_on_its_neighbours(tiny_model: Any) -> None:
    prompts = [Encoded((5, 6, 7), (n, n + 1)) for n in range(20, 26)]
    draws = [Draw(10, temperature=1.0, seed=(7, n)) for n in range(6)]
    together = Decoder(tiny_model).run(prompts, draws, never_finished, lambda: False)
    alone = [
        Decoder(tiny_model).run([p], [d], never_finished, lambda: False)[0]
        for p, d in zip(prompts, draws, strict=True)
    ]
    assert together == alone
    assert len({tuple(tokens) for tokens in together}) > 1


def test_several_samples_of_one_prompt_differ_by_their_seed_only(tiny_model: Any) -> None:
    prompt = Encoded((5, 6, 7), (20, 21))
    draws = [Draw(10, temperature=1.0, seed=(n,)) for n in (1, 2, 1)]
    first, second, third = Decoder(tiny_model).run(
        [prompt] * 3, draws, never_finished, lambda: False
    )
    assert first == third != second


def test_a_row_with_choices_continues_with_one_of_them(tiny_model: Any) -> None:
    choices = ((40, 41, 42), (40, 41, 43, 44), (50,))
    prompts = [Encoded((5, 6), (n,), choices) for n in range(60, 76)]
    draws = [Draw(10, temperature=2.0, seed=(n,)) for n in range(16)]
    got = Decoder(tiny_model).run(prompts, draws, never_finished, lambda: False)
    assert {tuple(tokens) for tokens in got} == set(choices)


def test_the_choice_is_the_one_that_the_scores_of_all_tokens_would_give(tiny_model: Any) -> None:
    choices = (*(tuple(range(n, n + 4)) for n in (40, 70, 300, 500)), (40, 41, 300, 9))
    prompts = [Encoded((5, 6), (n,), choices[n % 2 :]) for n in range(60, 72)]
    got = Decoder(tiny_model).run(prompts, [Draw(10)] * 12, never_finished, lambda: False)
    with torch.inference_mode():
        assert got == [constrained_reference(tiny_model, prompt) for prompt in prompts]


def constrained_reference(model: Any, prompt: Encoded) -> list[int]:
    tokens: list[int] = []
    while len(tokens) < 4:
        allowed = sorted({c[len(tokens)] for c in prompt.choices if c[: len(tokens)] == (*tokens,)})
        ids = [*prompt.shared, *prompt.rest, *tokens]
        logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, -1]
        tokens.append(max(allowed, key=lambda token: float(logits[token])))
    return tokens


def test_samples_of_one_text_read_it_once_however_their_choices_are_ordered(
    tiny_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    choices = ((40, 41), (50, 51), (60, 61))
    prompts = [Encoded((5, 6), (7,), choices[n:] + choices[:n]) for n in range(3)]
    read: list[int] = []
    decoder = Decoder(tiny_model)
    plain = decoder.read_rest
    monkeypatch.setattr(
        decoder, "read_rest", lambda p, *rest: read.append(len(p)) or plain(p, *rest)
    )
    first, *others = decoder.run(prompts, [Draw(4)] * 3, never_finished, lambda: False)
    assert read == [1]
    assert others == [first, first]


def test_it_stops_within_one_step_when_asked_to(tiny_model: Any) -> None:
    steps: list[int] = []

    def on_token(row: int, tokens: list[int]) -> bool:
        steps.append(len(tokens))
        return False

    Decoder(tiny_model).run([Encoded((), (5, 6))], [Draw(50)], on_token, lambda: len(steps) >= 3)
    assert steps == [1, 2, 3]


@pytest.mark.parametrize("top_p", [1.0, 0.7])
def test_sampled_frequencies_are_those_of_the_softmax(top_p: float) -> None:
    torch.manual_seed(0)
    logits = torch.randn(1, 3000) * 2
    draws = 8_000
    weights = (logits / 0.8).softmax(-1)[0].double()
    if top_p < 1:
        order = weights.argsort(descending=True)
        kept = order[: int((weights[order].cumsum(0) < top_p).sum()) + 1]
        weights = torch.zeros_like(weights).index_copy(0, kept, weights[kept])
        weights /= weights.sum()
    numbers = torch.tensor(uniforms((1,), draws)).split(1000)
    tokens = torch.cat(
        [
            pick(
                logits.expand(1000, -1),
                torch.full((1000,), 0.8),
                torch.full((1000,), top_p),
                part,
                [()] * 1000,
            )
            for part in numbers
        ]
    )
    counts = torch.bincount(tokens, minlength=3000).double()
    assert counts[weights == 0].sum() == 0
    common = weights * draws >= 20
    chi2 = ((counts - weights * draws) ** 2 / (weights * draws))[common].sum()
    degrees = int(common.sum())
    assert abs(float(chi2) - degrees) < 4 * (2 * degrees) ** 0.5


def test_extreme_uniforms_never_draw_an_impossible_token() -> None:
    logits = torch.full((4, 1300), -torch.inf)
    logits[:, 700] = 0.0
    logits[:, 1299] = -50.0
    uniform = torch.tensor([0.0, 0.5, 1 - 2**-53, 0.999999], dtype=torch.float64)
    tokens = pick(logits, torch.ones(4), torch.ones(4), uniform, [()] * 4)
    assert set(tokens.tolist()) <= {700, 1299}


def questions_in_eight_languages(number: int) -> list[Prompt]:
    questions = load_questions("built-in", DEFAULT_LANGUAGES)
    step = len(questions) // number
    return [base_prompt(q, choice_order(0, q, 0), listed=True) for q in questions[::step]][:number]


def assert_greedy_equals_generate(model: CausalLM, prompts: list[Prompt], new: int) -> None:
    encoded = [model.encode(prompt) for prompt in prompts]
    draws = [Draw(new)] * len(prompts)
    got = Decoder(model.model).run(encoded, draws, never_finished, lambda: False)
    for prompt, tokens in zip(prompts, got, strict=True):
        batch = model.tokenizer(prompt.text, return_tensors="pt")
        ids = model.model.generate(**batch, max_new_tokens=new, do_sample=False)
        expected = ids[0, batch["input_ids"].shape[1] :].tolist()
        assert tokens[: len(expected)] == expected, prompt.text


def test_greedy_equals_generate_on_the_shipped_model(shipped_fp32: CausalLM) -> None:
    assert_greedy_equals_generate(shipped_fp32, questions_in_eight_languages(8), new=8)


@pytest.mark.slow
def test_greedy_equals_generate_on_48_prompts_in_eight_languages(shipped_fp32: CausalLM) -> None:
    prompts = questions_in_eight_languages(48)
    assert_greedy_equals_generate(shipped_fp32, prompts, new=16)


@pytest.mark.slow
def test_greedy_equals_generate_with_an_adapter_too(shipped_fp32: CausalLM, tmp_path: Path) -> None:
    save_random_adapter(tmp_path)
    prompts = questions_in_eight_languages(48)
    encoded = [shipped_fp32.encode(prompt) for prompt in prompts]
    decoder, draws = Decoder(shipped_fp32.model), [Draw(4)] * len(prompts)
    base = decoder.run(encoded, draws, never_finished, lambda: False)
    with shipped_fp32.use(tmp_path):
        aligned = Decoder(shipped_fp32.model).run(encoded, draws, never_finished, lambda: False)
        assert_greedy_equals_generate(shipped_fp32, prompts, new=16)
    assert sum(one != other for one, other in zip(base, aligned, strict=True)) > 10


def save_random_adapter(folder: Path) -> None:
    """Write a LoRA adapter that is not zero and changes many answers, but not all sense."""
    model = load_model(SHIPPED_MODEL, "fp32").model
    torch.manual_seed(0)
    adapted = get_peft_model(model, LoraConfig(r=4, target_modules="all-linear"))
    for name, weights in adapted.named_parameters():
        if "lora_B" in name:
            weights.data = 0.02 * torch.randn_like(weights)
    adapted.save_pretrained(folder)


def test_choices_score_as_one_row_a_choice_does(shipped_fp32: CausalLM) -> None:
    texts = ["The sky is", "Two plus three is", "Le chat boit du"]
    choices = [[" blue", " very green today"], [" five", " four"], [" lait", " bois rouge"]]
    prompts = [Prompt(text, shared=3) for text in texts]
    got = shipped_fp32.score(prompts, choices)
    for text, row, values in zip(texts, choices, got, strict=True):
        for choice, value in zip(row, values, strict=True):
            assert value == pytest.approx(plain_score(shipped_fp32, text, choice), abs=1e-4)


def plain_score(model: CausalLM, text: str, choice: str) -> float:
    start = model.tokenizer(text)["input_ids"]
    end = model.tokenizer(choice, add_special_tokens=False)["input_ids"]
    with torch.inference_mode():
        logits = model.model(input_ids=torch.tensor([start + end])).logits[0].float()
    log_probs = logits.log_softmax(-1)[len(start) - 1 : -1]
    return float(log_probs.gather(1, torch.tensor(end)[:, None]).mean())
