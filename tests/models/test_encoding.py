"""A model is trained on the token ids that it is asked with, and so is whoever reads its files."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from datasets import load_dataset
from transformers import LlamaConfig, LlamaForCausalLM
from trl import DPOConfig, DPOTrainer

from calm.config import TrainConfig
from calm.errors import CalmError
from calm.exchange.export import write_pairs
from calm.models.causal_lm import CausalLM
from calm.models.encoding import Encoding, kind_by_name
from calm.models.interface import Draw, Prompt
from calm.questions.prompts import answer_text, base_prompt, chat_message
from calm.questions.sets import load_questions
from calm.records import PreferencePair, Question
from calm.training.dpo import make_trainer
from calm.training.dpo_rows import token_pairs
from tests.tokenizer_shapes import CHATML, CODES, MISTRAL, SHAPES, Shape, tokenizer_of

every_shape = pytest.mark.parametrize("name", SHAPES)
THINKS = "qwen 3, which thinks"
BEGINS_THOUGHT = "deepseek, which begins the thought"


def encoding_of(name: str) -> Encoding:
    shape = SHAPES[name]
    tokenizer = tokenizer_of(shape)
    ends = [tokenizer.convert_tokens_to_ids(mark) for mark in shape.ends]
    return Encoding(tokenizer, shape.name, ends)


def model_of(shape: Shape) -> CausalLM:
    torch.manual_seed(0)
    tokenizer = tokenizer_of(shape)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=4096,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CausalLM(shape.name, LlamaForCausalLM(config), tokenizer)


def questions() -> Iterator[Question]:
    for code in CODES:
        yield from load_questions("built-in", (code,))[:2]


def pairs_of(encoding: Encoding, chat: bool) -> list[PreferencePair]:
    """Pairs as a run makes them, in several languages; `text` stands for what was asked."""
    made = []
    for question in questions():
        order = range(len(question.choices))
        sides = [answer_text(question, choice) for choice in (0, 1)]
        prompt = base_prompt(question, order).text
        if chat:
            prompt = encoding.chat_prompt(chat_message(question, order))
            sides = [f"Because:\n{side.strip()}" for side in sides]
        code = question.language
        made.append(PreferencePair(question.id, code, prompt, sides[0], sides[1], code))
    return made


def asked_plainly(pairs: Sequence[PreferencePair]) -> list[PreferencePair]:
    asked = (chat_message(question, range(len(question.choices))) for question in questions())
    return [replace(pair, prompt=text) for pair, text in zip(pairs, asked, strict=True)]


IDS = ("prompt_ids", "chosen_ids", "rejected_ids")


@pytest.mark.parametrize("chat", [True, False], ids=["chat", "base"])
@every_shape
def test_asking_training_and_plain_trl_on_each_exported_file_use_the_same_ids(
    name: str, chat: bool, tmp_path: Path
) -> None:
    model = model_of(SHAPES[name])
    pairs = pairs_of(model.encoding, chat)
    config = TrainConfig(precision="fp32", min_steps=1, lora_r=2)
    trainer = make_trainer(model, pairs, config, tmp_path / "out")
    trained = [tuple(row[key] for key in IDS) for row in trainer.train_dataset]
    assert trained == [
        tuple(map(list, (row.prompt, row.chosen, row.rejected)))
        for row in token_pairs(model.encoding, pairs)
    ]
    for pair, (prompt, *_) in zip(pairs, trained, strict=True):
        asked = model.encode(Prompt(pair.prompt))
        assert [*asked.shared, *asked.rest] == prompt
    settings = model.trl_settings(chat)
    assert set(settings) == {"trl", "trl-conversational"}
    arguments = DPOConfig(str(tmp_path / "trl"), use_cpu=True, bf16=False, max_length=None)
    for form, told in settings.items():
        rows = asked_plainly(pairs) if chat and form == "trl-conversational" else pairs
        write_pairs(rows, form, tmp_path / f"{form}.jsonl", told)
        exported = load_dataset(
            "json",
            data_files=str(tmp_path / f"{form}.jsonl"),
            split="train",
            cache_dir=str(tmp_path),
        )
        plain = DPOTrainer._prepare_dataset(
            SimpleNamespace(_tokenizer=model.tokenizer),  # type: ignore[arg-type]
            exported,
            model.tokenizer,
            arguments,
            "train",
        )
        assert [tuple(row[key] for key in IDS) for row in plain] == trained, form


@pytest.mark.parametrize("chat", [True, False], ids=["chat", "base"])
@every_shape
def test_a_prompt_begins_once_or_never_and_does_not_end(name: str, chat: bool) -> None:
    shape, encoding = SHAPES[name], encoding_of(name)
    begins = shape.bos is not None and (
        shape.bos in shape.adds if not chat else "bos_token" in shape.template
    )
    for pair in pairs_of(encoding, chat):
        ids = encoding.ids(pair.prompt)
        assert ids.count(encoding.tokenizer.bos_token_id) == int(begins)
        assert ids[-1] not in encoding.end_ids
        if begins:
            again = encoding.ids(f"{shape.bos}{pair.prompt}") if not chat else ids
            assert again.count(encoding.tokenizer.bos_token_id) == 1


@every_shape
def test_an_answer_ends_as_the_template_ends_a_turn_and_generation_stops_there(name: str) -> None:
    encoding = encoding_of(name)
    (pair, *_) = pairs_of(encoding, True)
    said = encoding.tokenizer.apply_chat_template(
        [{"role": "user", "content": "x"}, {"role": "assistant", "content": pair.chosen}],
        tokenize=False,
        **({"date_string": "today"} if name == "llama 3" else {}),
    )
    _, chosen, _ = encoding.row(pair.prompt, pair.chosen, pair.rejected)
    written = encoding.tokenizer.decode(chosen)
    assert said.replace(" ", "").endswith(written.replace(" ", ""))
    assert encoding.end_ids & set(chosen) or encoding.end_text in written.split(pair.chosen)[1]
    assert encoding.end_ids >= {encoding.tokenizer.convert_tokens_to_ids(SHAPES[name].eos)}


def test_an_answer_outside_the_template_ends_with_its_line() -> None:
    encoding = encoding_of("gemma")
    _, chosen, _ = encoding.row("Question: Which?\nAnswer:", " this", " that")
    assert encoding.tokenizer.decode(chosen) == " this\n"


def test_a_choice_has_no_space_that_its_text_has_not() -> None:
    encoding = encoding_of("llama 2")
    prompt = "Question: 世界?\nAnswer:"
    context, (spaced, tight) = encoding.answers(prompt, [" the", "the"])
    pieces = encoding.tokenizer.convert_ids_to_tokens
    assert (pieces(list(spaced)), pieces(list(tight))) == (["▁the"], ["t", "he"])
    assert context == encoding.ids(prompt)


@pytest.mark.parametrize("name", ["llama 3", "llama 2", "gemma"])
def test_a_token_that_straddles_the_border_moves_it_back_for_all_choices(name: str) -> None:
    encoding = encoding_of(name)
    prompt, texts = "Question: What is th", ["e sea?", "xx?"]
    context, sides = encoding.answers(prompt, texts)
    assert len(context) < len(encoding.ids(prompt))
    for text, side in zip(texts, sides, strict=True):
        assert context + side == encoding.ids(prompt + text)


def test_the_border_that_was_moved_back_is_not_seen_in_what_was_said() -> None:
    model = model_of(SHAPES["llama 3"])
    prompt = Prompt("Question: What is th", 0, ("e sea\n", "xx\n"))
    (said,) = model.generate([prompt], [Draw(20)])
    assert said in prompt.choices
    ((first, second),) = model.score([prompt], [["e sea", "xx"]])
    assert first < 0 and second < 0


@pytest.mark.parametrize("code", ["en", "zh", "ar"])
def test_the_shipped_model_sees_prompt_and_choice_as_if_they_were_encoded_alone(
    code: str, shipped_folder: Path
) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(shipped_folder)
    encoding = Encoding(tokenizer, "gemma-3-270m", (1,))
    assert not encoding.is_chat
    for question in load_questions("built-in", (code,))[:40]:
        prompt = base_prompt(question, range(len(question.choices)))
        context, sides = encoding.answers(prompt.text, prompt.choices)
        assert context == tuple(tokenizer(prompt.text)["input_ids"])
        alone = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in prompt.choices]
        assert list(map(list, sides)) == alone


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Qwen/Qwen2.5-0.5B", None),
        ("Qwen/Qwen2.5-0.5B-Instruct", "chat"),
        ("Qwen/Qwen3-0.6B", None),
        ("Qwen/Qwen3-0.6B-Base", "base"),
        ("google/gemma-3-1b-it", "chat"),
        ("google/gemma-3-1b-pt", "base"),
        ("meta-llama/Llama-2-7b-chat-hf", "chat"),
        ("HuggingFaceTB/SmolLM2-135M", None),
        ("/home/it/base/models/mine", None),
        ("/models/gemma-3-1b-it/", "chat"),
        ("/hub/models--Qwen--Qwen3-0.6B-Base/snapshots/0123abcd", "base"),
        ("someone/base-chat", None),
    ],
)
def test_a_model_s_own_name_tells_whether_it_was_made_to_be_talked_to(
    name: str, kind: str | None
) -> None:
    assert kind_by_name(name) == kind


@pytest.mark.parametrize(
    ("name", "eos", "ends", "is_chat"),
    [
        ("Qwen/Qwen2.5-0.5B", "<|endoftext|>", (), False),
        ("Qwen/Qwen3-0.6B", "<|im_end|>", (), True),
        ("someone/mine", "<|endoftext|>", ("<|im_end|>",), True),
        ("someone/mine-instruct", "<|endoftext|>", (), True),
        ("Qwen/Qwen3-0.6B-Base", "<|im_end|>", (), False),
    ],
)
def test_a_template_alone_does_not_make_a_chat_model(
    name: str, eos: str, ends: tuple[str, ...], is_chat: bool
) -> None:
    marks = ("<|im_start|>", "<|im_end|>", "<|endoftext|>")
    tokenizer = tokenizer_of(Shape("bytes", marks, CHATML, None, eos))
    ids = [tokenizer.convert_tokens_to_ids(mark) for mark in ends]
    encoding = Encoding(tokenizer, name, ids)
    assert encoding.is_chat == is_chat
    asked = encoding.chat_prompt("Which?")
    assert encoding.is_rendered(asked), "it can be asked in its template all the same"
    assert tokenizer.convert_tokens_to_ids("<|im_end|>") in encoding.end_ids


def test_a_model_without_a_template_cannot_be_asked_as_a_chat() -> None:
    tokenizer = tokenizer_of(SHAPES["gemma"])
    tokenizer.chat_template = None
    encoding = Encoding(tokenizer, "someone/mine-it")
    assert not encoding.is_chat
    with pytest.raises(CalmError, match="no chat template"):
        encoding.chat_prompt("Which?")


BROKEN = {
    "always raises": "{{ raise_exception('Not for you') }}",
    "wants a system's turn": "{% if messages[0]['role'] != 'system' %}"
    "{{ raise_exception('A system prompt must come first') }}{% endif %}",
    "is no template": "{% for m in messages %}",
    "leaves the answer out": "{{ messages[0]['content'] }}",
    "says all twice": "{% for m in messages %}{{ m['content'] + m['content'] }}{% endfor %}",
}


@pytest.mark.parametrize("template", BROKEN.values(), ids=BROKEN)
def test_a_template_that_cannot_be_used_is_told_and_a_base_model_does_without(
    template: str,
) -> None:
    tokenizer = tokenizer_of(SHAPES["gemma"])
    tokenizer.chat_template = template
    with pytest.raises(CalmError, match="chat template of someone/mine cannot be used"):
        Encoding(tokenizer, "someone/mine")
    assert not Encoding(tokenizer, "someone/mine-base").is_chat


def test_a_template_without_a_system_s_turn_is_asked_without_one() -> None:
    shape = replace(SHAPES["gemma"], template=MISTRAL)
    assert "Which?" in Encoding(tokenizer_of(shape), "x-it").chat_prompt("Which?")


def test_llama_is_asked_on_the_same_date_on_every_day() -> None:
    assert "Today: 26 Jul 2024" in encoding_of("llama 3").chat_prompt("Which?")


@pytest.mark.parametrize(
    "name", [THINKS, BEGINS_THOUGHT, "qwen thinking, which begins the thought"]
)
def test_a_thought_is_an_empty_one_unless_thinking_is_wanted(name: str) -> None:
    encoding = encoding_of(name)
    assert encoding.chat_prompt("Which?").endswith("<think>\n\n</think>\n\n")
    thinks = encoding.chat_prompt("Which?", thinking=True)
    assert "</think>" not in thinks and encoding.is_rendered(thinks)


CHANNELS = "gpt-oss, which answers in a channel"


def test_a_model_that_answers_in_a_channel_is_asked_in_it_unless_it_is_to_think() -> None:
    encoding = encoding_of(CHANNELS)
    assert encoding.chat_prompt("Which?").endswith("assistant<|channel|>final<|message|>")
    assert encoding.chat_prompt("Which?", thinking=True).endswith("<|start|>assistant")
