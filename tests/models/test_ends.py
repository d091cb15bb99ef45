"""Where an answer ends, and a thought before it: nothing is read from what comes after."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from calm.answers.choice import read_answer
from calm.models.encoding import Encoding
from calm.models.interface import Draw, Prompt
from calm.models.thoughts import open_thought
from calm.records import Question
from tests.models.test_encoding import BEGINS_THOUGHT, CHANNELS, THINKS, encoding_of, model_of
from tests.tokenizer_shapes import SHAPES, tokenizer_of


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[str, int]]:
    """Answers with the given text, token by token, until the answer is said to have ended."""

    def generate(name: str, text: str, draw: Draw, plain: bool = False) -> tuple[str, int]:
        model = model_of(SHAPES[name])
        tokens = list(model.tokenizer(text, add_special_tokens=False)["input_ids"])
        taken: list[int] = []

        def run(prompts: Any, draws: Sequence[Draw], on_token: Any, stop: Any) -> list[list[int]]:
            for token in tokens[: draws[0].max_new_tokens]:
                taken.append(token)
                if on_token(0, taken):
                    break
            return [taken]

        monkeypatch.setattr(model._decoder, "run", run)
        thinks = bool(draw.max_thinking_tokens)
        prompt = "Question: Which?\nAnswer:" if plain else model.chat_prompt("Which?", thinks)
        (said,) = model.generate([Prompt(prompt)], [draw])
        return said, len(taken)

    return generate


NEXT_TURN = {
    "gemma": "A<end_of_turn>\n<start_of_turn>user\nAnd?",
    "llama 3": "A<|eot_id|><|start_header_id|>user",
    "llama 2": " A </s><s>[INST] And?",
    THINKS: "A<|im_end|>\n<|im_start|>user",
    "chatml with another end of text": "A<|im_end|>\n<|im_start|>user",
    "one that adds its end of text": "A<|im_end|>\n<|im_start|>user",
    "turns that end in words": "A\n### end\n### user:\nAnd?",
}


@pytest.mark.parametrize(("name", "text"), NEXT_TURN.items(), ids=NEXT_TURN)
def test_no_invented_turn_follows_an_answer(
    name: str, text: str, scripted: Callable[..., tuple[str, int]]
) -> None:
    said, _ = scripted(name, text, Draw(100))
    assert said.strip() == "A"


def test_a_chat_model_outside_its_template_ends_with_its_line(
    scripted: Callable[..., tuple[str, int]],
) -> None:
    assert scripted("gemma", " A\nQuestion: B", Draw(50), plain=True)[0] == " A\n"
    assert scripted("gemma", " A\nBecause", Draw(50))[0] == " A\nBecause"


GRASS = Question("q", "en", "What colour is grass?", ("green", "red"))
THOUGHT = "Hmm, is it red? The answer is B. red"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (BEGINS_THOUGHT, THOUGHT * 9),
        (THINKS, f"<think>\n{THOUGHT * 9}"),
        (CHANNELS, f"<|channel|>analysis<|message|>{THOUGHT * 9}"),
    ],
)
def test_a_thought_that_is_longer_than_its_budget_is_cut_off_and_is_no_answer(
    name: str, text: str, scripted: Callable[..., tuple[str, int]]
) -> None:
    said, tokens = scripted(name, text, Draw(15, max_thinking_tokens=40))
    assert tokens == 40
    assert open_thought(said)
    stated = read_answer(said, GRASS, (0, 1))
    assert (stated.answer, stated.how) == (None, "thought cut off")


def test_a_thought_between_special_tokens_is_seen_as_one() -> None:
    marks = ("[THINK]", "[/THINK]", "[INST]", "[/INST]")
    shape = replace(SHAPES["mistral, without a system's turn"], specials=marks)
    tokenizer = tokenizer_of(shape)
    encoding = Encoding(tokenizer, "someone/mine-it")
    text = f"[THINK]{THOUGHT}[/THINK] Answer: A. green</s>"
    tokens = tokenizer(text, add_special_tokens=False)["input_ids"]
    said = encoding.text(tokens)
    assert said.startswith("[THINK]") and "[/THINK]" in said and "</s>" not in said
    assert read_answer(said.split("[/THINK]")[1], GRASS, (0, 1)).answer == 0
    assert open_thought(encoding.text(tokens[:20])) == "[THINK]"


@pytest.mark.parametrize("name", [BEGINS_THOUGHT, THINKS])
def test_an_answer_behind_a_thought_has_a_budget_of_its_own(
    name: str, scripted: Callable[..., tuple[str, int]]
) -> None:
    begun = "<think>\n" if name == THINKS else ""
    said, _ = scripted(
        name,
        f"{begun}{THOUGHT}\n</think>\n\nAnswer: A. green\nBecause {'So it is. ' * 99}",
        Draw(30, max_thinking_tokens=90),
    )
    behind = encoding_of(name).tokenizer(said.split("</think>")[1])["input_ids"]
    assert said.startswith("<think>\n") and 25 <= len(behind) <= 35
    assert read_answer(said, GRASS, (0, 1)).answer == 0


def test_a_model_that_does_not_think_though_it_may_has_no_more_room_than_for_its_answer(
    scripted: Callable[..., tuple[str, int]],
) -> None:
    assert scripted(THINKS, "B. red " * 50, Draw(20, max_thinking_tokens=60))[1] == 20
